"""Literal repeats in one document: which copies go, for whose sake, and which lines may repeat."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.settings import RepeatSettings
from cleaner.stages.base import Outcome
from cleaner.stages.repeats import Repeats
from cleaner.text.normalize import matching_form

CASES = json.loads((Path(__file__).parents[1] / "cases" / "repeats.json").read_text(encoding="utf-8"))
SHORT_LIMITS = RepeatSettings(min_characters=3, min_words=1, prefix_min_characters=3, prefix_min_words=1)
TOKEN = re.compile(r"\d+(?:[.,:/ -]\d+)*|\w+")
derandomized = settings(derandomize=True, deadline=None, max_examples=300)

WORDS = ["mưa", "Mưa", "lũ", "1", "1.5", "-", "2", "to,", "to.", "…", "lớn"]
lines = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
glued = st.lists(st.sampled_from([*WORDS, " "]), min_size=1, max_size=6).map("".join)
documents = st.lists(lines | glued, max_size=8)


def dropped(found: Mapping[int, Outcome]) -> dict[int, int]:
    """Return what is dropped and its survivors."""
    steps = {index: outcome.steps[-1] for index, outcome in found.items() if outcome.steps}
    return {index: step.survivor for index, step in steps.items() if step.survivor is not None}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_repeats_go_as_told(case: dict[str, Any]) -> None:
    found = Repeats(RepeatSettings(**case.get("settings", {})))(
        case["paragraphs"], lambda: case.get("blocks", ())
    )
    steps = [(index, step) for index, outcome in found.items() for step in outcome.steps]
    assert [[index, step.rule, step.survivor] for index, step in steps] == case["dropped"]
    assert [index for index, outcome in found.items() if outcome.near_misses] == case.get("listed", [])


def test_no_fewer_cases_must_stay_than_go() -> None:
    assert sum(not case["dropped"] for case in CASES) >= len(CASES) / 2


@derandomized
@given(documents)
def test_every_survivor_stays(paragraphs: list[str]) -> None:
    gone = dropped(Repeats(SHORT_LIMITS)(paragraphs))
    assert not set(gone.values()) & set(gone)


@derandomized
@given(documents)
def test_a_survivor_holds_all_that_went(paragraphs: list[str]) -> None:
    for index, survivor in dropped(Repeats(SHORT_LIMITS)(paragraphs)).items():
        kept, lost = matching_form(paragraphs[survivor]), matching_form(paragraphs[index])
        assert kept.startswith(lost.rstrip(" .…!;,:"))


@derandomized
@given(documents)
def test_every_word_and_number_that_went_is_said_by_the_survivor(paragraphs: list[str]) -> None:
    for index, survivor in dropped(Repeats(SHORT_LIMITS)(paragraphs)).items():
        kept, lost = (TOKEN.findall(matching_form(paragraphs[row])) for row in (survivor, index))
        assert kept[: len(lost)] == lost


@derandomized
@given(documents)
def test_the_first_paragraph_stays(paragraphs: list[str]) -> None:
    assert 0 not in dropped(Repeats(SHORT_LIMITS)(paragraphs))


@derandomized
@given(documents)
def test_what_is_left_holds_no_repeats(paragraphs: list[str]) -> None:
    stage = Repeats(SHORT_LIMITS)
    gone = dropped(stage(paragraphs))
    kept = [text for index, text in enumerate(paragraphs) if index not in gone]
    assert dropped(stage(kept)) == {}


@derandomized
@given(documents)
def test_every_step_drops_and_names_its_survivor(paragraphs: list[str]) -> None:
    for index, outcome in Repeats(SHORT_LIMITS)(paragraphs).items():
        for step in outcome.steps:
            assert step.text is None
            assert step.survivor is not None and step.survivor != index


@derandomized
@given(documents)
def test_different_lines_stay_without_prefixes(paragraphs: list[str]) -> None:
    forms = {matching_form(text): text for text in paragraphs}
    stage = Repeats(SHORT_LIMITS.model_copy(update={"prefix": False}))
    assert stage(list(forms.values())) == {}


@derandomized
@given(documents)
def test_no_copy_and_no_start_is_overlooked(paragraphs: list[str]) -> None:
    """Every copy is dropped or listed; a start goes when some fuller paragraph goes on with a new word."""
    found = Repeats(SHORT_LIMITS)(paragraphs)
    forms = [matching_form(text) for text in paragraphs]
    for index, form in enumerate(forms):
        if form in forms[:index]:
            assert index in found
        start = form.rstrip(" .!;,:")
        fuller = [other for other in forms if other.startswith(f"{start} mưa") and len(other) > len(form)]
        if fuller and form != forms[0] and len(start) >= 3:
            assert index in found


def test_many_lines_with_one_start_take_their_turn() -> None:
    start = "Bà con trong bản cùng nhau sửa lại con đường dẫn ra chợ huyện"
    paragraphs = ["Tin", *(f"{start}, đoạn thứ {number}" for number in range(20_000))]
    assert Repeats(RepeatSettings())(paragraphs) == {}
