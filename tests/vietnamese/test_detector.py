"""Which code page lines are in: each page, several in one file, doubt, and all that is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import SENTENCES, WRITERS, written

from cleaner.vietnamese.detector import Doubt, Reading, detect, is_possible

CASES = json.loads((Path(__file__).parents[1] / "cases" / "detector.json").read_text(encoding="utf-8"))
FOREIGN = [
    line
    for case in CASES
    if not any(case["pages"]) and "Vietnamese" not in case["name"]
    for line in case["lines"]
]
NAMES = {name: name.partition("-")[0] for name in WRITERS}
derandomized = settings(derandomize=True, deadline=None, max_examples=150)
pages = st.sampled_from(list(WRITERS))


def told(found: Reading | Doubt | None) -> str | None:
    """Return the code page, with a question mark if it is in doubt."""
    if isinstance(found, Doubt):
        return f"{found.likeliest.name}?"
    return found.page.name if found else None


def old_lines(sentences: list[str], name: str) -> list[str]:
    return [seen for text in sentences if (seen := written(text, name, "windows-1252")) is not None]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert [told(found) for found in detect(case["lines"])] == case["pages"]


def test_more_cases_are_of_no_code_page_than_of_one() -> None:
    assert sum(not any(case["pages"]) for case in CASES) > len(CASES) / 2


@pytest.mark.parametrize("name", list(WRITERS))
@pytest.mark.parametrize("form", ["windows-1252", "latin-1"])
def test_every_sentence_by_itself(name: str, form: str) -> None:
    for text in SENTENCES:
        seen = written(text, name, form)
        if seen is not None:
            assert [told(found) for found in detect([seen])] == [NAMES[name]], text


@pytest.mark.parametrize("line", FOREIGN)
def test_a_foreign_line_in_a_file_of_an_old_code_page_is_never_read(line: str) -> None:
    """Where its signs could be letters, it may be in doubt or follow the rest, but in no page of its own."""
    for name in WRITERS:
        around = old_lines(SENTENCES[:8], name)
        *_, found = detect([*around, line])
        assert told(found) in (None, NAMES[name], f"{NAMES[name]}?"), name


@derandomized
@given(st.lists(st.sampled_from(FOREIGN), max_size=12))
def test_foreign_lines_in_any_order_are_never_read(lines: list[str]) -> None:
    assert all(not isinstance(found, Reading) for found in detect(lines))


@derandomized
@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6), pages)
def test_a_whole_document_is_in_one_code_page(sentences: list[str], name: str) -> None:
    lines = old_lines(sentences, name)
    assert {told(found) for found in detect(lines)} <= {NAMES[name]}


@derandomized
@given(st.lists(st.sampled_from(SENTENCES), min_size=2, max_size=6), pages, st.data())
def test_pieces_of_lines_are_in_that_code_page_or_in_none(
    sentences: list[str], name: str, data: st.DataObject
) -> None:
    """Wherever lines are cut: shorter ones may be left or in doubt, and never are in another page."""
    lines = old_lines(sentences, name)
    cut = [line[: data.draw(st.integers(0, len(line)))] for line in lines]
    for found in detect([*lines[:1], *cut]):
        assert not isinstance(found, Reading) or found.page.name == NAMES[name]


@derandomized
@given(st.lists(st.text(max_size=30) | st.sampled_from(FOREIGN), max_size=5))
def test_any_lines_have_an_answer_each(lines: list[str]) -> None:
    found = detect(lines)
    assert len(found) == len(lines)
    assert is_possible(lines) or not any(found)
    assert all(each.syllables <= each.words for each in found if each)


@derandomized
@given(st.permutations(SENTENCES[:6]), pages)
def test_the_order_of_lines_makes_no_difference(sentences: list[str], name: str) -> None:
    lines = [*old_lines(sentences, name), FOREIGN[0]]
    answers = dict(zip(lines, map(told, detect(lines)), strict=True))
    lines.reverse()
    assert dict(zip(lines, map(told, detect(lines)), strict=True)) == answers
