"""Edits and their inverse."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.text.edit import Edit, Patch, change, restore, splice

derandomized = settings(derandomize=True, deadline=None, max_examples=300)
texts = st.text(st.characters(), max_size=30)
alike = st.text("ab ", max_size=12)


@st.composite
def edited_texts(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    source = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(source)), max_size=8)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return source, [Edit(start, end, draw(texts)) for start, end in pairs]


@derandomized
@given(edited_texts())
def test_splicing_is_undone_by_its_patches(case: tuple[str, list[Edit]]) -> None:
    source, edits = case
    edited, patches = splice(source, edits)
    assert restore(edited, patches) == source


@derandomized
@given(edited_texts())
def test_a_patch_names_the_result_and_what_stood_there(case: tuple[str, list[Edit]]) -> None:
    source, edits = case
    edited, patches = splice(source, edits)
    for edit, patch in zip(edits, patches, strict=True):
        assert edited[patch.at : patch.at + patch.length] == edit.text
        assert patch.source == source[edit.start : edit.end]


@derandomized
@given(edited_texts())
def test_what_no_edit_names_stays(case: tuple[str, list[Edit]]) -> None:
    source, edits = case
    bounds = [0, *(bound for edit in edits for bound in (edit.start, edit.end)), len(source)]
    kept = [source[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True)]
    texts = [*(edit.text for edit in edits), ""]
    assert splice(source, edits)[0] == "".join(a + b for a, b in zip(kept, texts, strict=True))


@derandomized
@given(st.tuples(alike, alike) | st.tuples(texts, texts))
def test_a_change_leads_from_one_text_to_the_other(pair: tuple[str, str]) -> None:
    before, after = pair
    edit = change(before, after)
    assert splice(before, [edit])[0] == after
    shifted = change(before, after, 5)
    assert (shifted.start, shifted.end, shifted.text) == (edit.start + 5, edit.end + 5, edit.text)


@derandomized
@given(alike, alike)
def test_a_change_is_as_small_as_can_be(before: str, after: str) -> None:
    edit = change(before, after)
    gone = before[edit.start : edit.end]
    assert not (gone and edit.text and (gone[0] == edit.text[0] or gone[-1] == edit.text[-1]))


@derandomized
@given(texts)
def test_a_change_of_nothing_is_empty(text: str) -> None:
    edit = change(text, text)
    assert (edit.start, edit.text) == (edit.end, "")


@pytest.mark.parametrize("edits", [[Edit(0, 2, ""), Edit(1, 3, "")], [Edit(2, 3, ""), Edit(0, 1, "")]])
def test_overlapping_edits_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlap"):
        splice("abcd", edits)


def test_touching_edits_are_none_that_overlap() -> None:
    assert splice("abcd", [Edit(0, 2, "x"), Edit(2, 2, "y"), Edit(2, 4, "")])[0] == "xy"


@pytest.mark.parametrize(
    "patches", [[Patch(3, 2, "")], [Patch(5, 0, "")], [Patch(2, 1, ""), Patch(1, 0, "")], [Patch(-1, 0, "")]]
)
def test_a_patch_outside_the_text_is_refused(patches: list[Patch]) -> None:
    with pytest.raises(ValueError, match="outside"):
        restore("abcd", patches)
