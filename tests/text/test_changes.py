"""What the ledger says of a change: small edits, and undoing some of several."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.text.changes import Change, Step, edits, undo
from cleaner.text.edit import Patch, splice

derandomized = settings(derandomize=True, deadline=None, max_examples=300)
alike = st.text("ab cđ", max_size=20)


@derandomized
@given(alike, alike)
def test_edits_lead_from_one_text_to_the_other(before: str, after: str) -> None:
    assert splice(before, edits(before, after))[0] == after


@derandomized
@given(alike, alike)
def test_edits_stand_apart_and_each_changes_something(before: str, after: str) -> None:
    found = edits(before, after)
    for edit in found:
        assert before[edit.start : edit.end] != edit.text
    for one, next_one in pairwise(found):
        assert one.end < next_one.start


def test_a_long_paragraph_gets_one_edit() -> None:
    before = "a b " * 3_000
    assert len(edits(before, before.replace(" ", ""))) == 1
    assert splice(before, edits(before, before.replace(" ", "")))[0] == before.replace(" ", "")


@derandomized
@given(st.lists(alike, min_size=1, max_size=5))
def test_undoing_nothing_is_the_last_text_and_undoing_all_the_first(texts: list[str]) -> None:
    assert undo(texts, [False] * (len(texts) - 1)) == texts[-1]
    assert undo(texts, [True] * (len(texts) - 1)) == texts[0]


@derandomized
@given(st.lists(st.booleans(), min_size=3, max_size=3))
def test_edits_at_different_places_are_undone_one_by_one(selected: list[bool]) -> None:
    texts = ["<1> one <2> two <3>", "one <2> two <3>", "one two <3>", "one two"]
    marks = [("<1> ", selected[0]), ("<2> ", selected[1]), (" <3>", selected[2])]
    left = ["" if not kept else mark for mark, kept in marks]
    assert undo(texts, selected) == f"{left[0]}one {left[1]}two{left[2]}"


@pytest.mark.parametrize(
    ("texts", "selected", "result"),
    [
        (["a b  c", "b  c", "b c"], [True, False], "a b c"),
        (["a b  c", "b  c", "b c"], [False, True], "b  c"),
        (["x1y", "x2y", "x3y"], [True, False], "x1y"),  # the second edit wrote over the first
        (["x1y", "x2y", "x3y"], [False, True], "x2y"),
        (["ab", "b", "b"], [True, False], "ab"),
        (["ab", "b", ""], [True, False], "ab"),  # the second edit touches the first
    ],
)
def test_an_edit_of_what_another_wrote_goes_with_it(
    texts: Sequence[str], selected: Sequence[bool], result: str
) -> None:
    assert undo(texts, selected) == result


def test_a_change_tells_what_was_removed_without_its_separators() -> None:
    steps = (Step("whitespace", "trim", ()), Step("repeats", "exact"))
    change = Change(1, 3, 5, 0, "\n\ntext\n", True, steps, 2, 1)
    assert change.paragraph_source == "text"
    assert change.patch == Patch(5, 0, "\n\ntext\n")
    assert change.is_by(lambda stage, _: stage == "repeats")
    assert not change.is_by(lambda _, rule: rule == "prefix")
