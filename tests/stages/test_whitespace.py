"""Whitespace: which spaces become one space, and which belong to the text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.stages.whitespace import Whitespace

CASES = json.loads((Path(__file__).parents[1] / "cases" / "whitespace.json").read_text(encoding="utf-8"))
STAGE = Whitespace()
SPACES = " \n\t\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2009\u2028\u2029\u202f\u205f"
derandomized = settings(derandomize=True, deadline=None, max_examples=400)
texts = st.text(st.sampled_from(f"{SPACES}\u3000\u200bab"), max_size=15) | st.text(
    st.characters(), max_size=40
)


def cleaned(text: str) -> str:
    found = STAGE([text])
    return (found[0].steps[-1].text or "") if found else text


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_spaces_are_cleaned_as_told(case: dict[str, Any]) -> None:
    assert cleaned(case["before"]) == case["after"]
    assert [step.rule for found in STAGE([case["before"]]).values() for step in found.steps] == case["rules"]


def test_no_fewer_cases_must_stay_than_change() -> None:
    assert sum(not case["rules"] for case in CASES) >= len(CASES) / 2


@derandomized
@given(texts)
def test_a_second_time_changes_nothing(text: str) -> None:
    assert STAGE([cleaned(text)]) == {}


@derandomized
@given(texts)
def test_nothing_but_spaces_changes(text: str) -> None:
    kept = [character for character in text if character not in SPACES]
    assert [character for character in cleaned(text) if character not in SPACES] == kept


@derandomized
@given(texts)
def test_single_spaces_stand_inside_and_none_outside(text: str) -> None:
    clean = cleaned(text)
    assert clean == clean.strip(SPACES)
    assert not set(clean) & (set(SPACES) - {" ", "\n"})
    for doubled in ("  ", " \n", "\n ", "\n\n"):
        assert doubled not in clean


@derandomized
@given(texts)
def test_words_stay_apart(text: str) -> None:
    parted = text.translate(dict.fromkeys(map(ord, SPACES), " ")).split(" ")
    assert cleaned(text).replace("\n", " ").split(" ") == ([word for word in parted if word] or [""])


@derandomized
@given(st.lists(texts, max_size=4))
def test_only_what_changes_has_an_outcome_and_each_step_changes_something(paragraphs: list[str]) -> None:
    found = STAGE(paragraphs)
    for index, text in enumerate(paragraphs):
        assert (index in found) == (cleaned(text) != text)
        for step in found[index].steps if index in found else ():
            assert step.text != text
            text = step.text or ""
