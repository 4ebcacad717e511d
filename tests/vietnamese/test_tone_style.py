"""Where tones stand: two styles of open oa, oe, uy, and wrong places; all else stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import SENTENCES

from cleaner.vietnamese.syllables import untoned
from cleaner.vietnamese.tone_style import ToneStyle, fold_tone_style, styled, tone_placement

CASES = json.loads((Path(__file__).parents[1] / "cases" / "tone_style.json").read_text(encoding="utf-8"))
STYLES = get_args(ToneStyle)
derandomized = settings(derandomize=True, deadline=None, max_examples=300)
OPEN = [
    "hòa",
    "hoà",
    "khỏe",
    "khoẻ",
    "thủy",
    "thuỷ",
    "Ủy",
    "Uỷ",
    "ỦY",
    "UỶ",
    "quý",
    "qúy",
    "gìơ",
    "tòan",
    "đừơng",
    "señor",
]
texts = st.lists(st.sampled_from([*OPEN, *SENTENCES, "été", "João", "a\u0301"]), max_size=6).map(
    " ".join
) | st.text(max_size=30)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    rule = case["rule"]
    made = tone_placement(case["before"]) if rule == "placement" else styled(case["before"], rule)
    assert made == case["after"]


def test_more_cases_must_not_change_than_must() -> None:
    assert sum(case["before"] == case["after"] for case in CASES) > len(CASES) / 2


@derandomized
@given(texts, st.sampled_from(STYLES))
def test_a_style_is_one_style(text: str, style: Literal["keep", "old", "new"]) -> None:
    once = styled(text, style)
    assert styled(once, style) == once
    assert style != "keep" or once == text


@derandomized
@given(texts)
def test_there_and_back_is_the_same_style(text: str) -> None:
    assert styled(styled(text, "new"), "old") == styled(text, "old")
    assert styled(styled(text, "old"), "new") == styled(text, "new")


@derandomized
@given(texts)
def test_placement_is_done_once(text: str) -> None:
    once = tone_placement(text)
    assert tone_placement(once) == once


@derandomized
@given(st.lists(st.sampled_from(OPEN), max_size=6).map(" ".join), st.sampled_from(["old", "new"]))
def test_no_tone_is_lost(text: str, style: Literal["old", "new"]) -> None:
    for made in (styled(text, style), tone_placement(text)):
        assert [untoned(word) for word in made.split()] == [untoned(word) for word in text.split()]


@pytest.mark.parametrize("text", SENTENCES)
def test_the_fold_is_the_old_style(text: str) -> None:
    assert fold_tone_style(text.lower()) == styled(text.lower(), "old")


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences_have_no_tone_in_a_wrong_place(text: str) -> None:
    assert tone_placement(text) == text
