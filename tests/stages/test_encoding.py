"""Broken encodings: what is mended, and the text of every language that must not change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from ftfy.badness import BADNESS_RE
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.settings import EncodingSettings
from cleaner.stages.base import Outcome
from cleaner.stages.encoding import Encoding

CASES = json.loads((Path(__file__).parents[1] / "cases" / "encoding.json").read_text(encoding="utf-8"))
STAGE = Encoding(EncodingSettings())
NOTHING = Outcome()
LINE_ENDS = "\n\r"
derandomized = settings(derandomize=True, deadline=None, max_examples=400)

PIECES = [
    "&amp;", "amp;", "&", "#38;", "&lt;", "&#8203;", "&nbsp;", "&#10;", "&#1;", "<", "a", "Đ", "é", "\u0301",
    "\u0302", "\u0323", "\u200b", "\u200c", "\u200d", "\u00ad", "\ufeff", "\x00", "\x1b", "\x1b[31m", "[31m",
    "\x85", "\x93", "\x81", "\udced\udca0\udcbd", "\udced\udcb8\udc80", "\ufffd", "Ã", "¡", "Â", "Ä", "á»",
    "™", "Ç", "¶", "Ð", "¸", "nh", "ខ្ញុំ", "می", "👩", " ", "trÆ°á»Ÿng", "tr\xadêng", "®", "\u3000",
]  # fmt: skip
mixtures = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)
damaged = st.text(max_size=25).map(lambda text: text.encode().decode("latin-1"))
texts = mixtures | damaged | st.text(st.characters(), max_size=40)


def outcome(text: str) -> Outcome:
    return STAGE([text]).get(0, NOTHING)


def cleaned(text: str) -> str:
    steps = outcome(text).steps
    return (steps[-1].text or "") if steps else text


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_damage_is_mended_and_the_rest_left_alone(case: dict[str, Any]) -> None:
    found = outcome(case["before"])
    assert cleaned(case["before"]) == case["after"]
    assert [step.rule for step in found.steps] == case["rules"]
    assert [miss.rule for miss in found.near_misses] == case.get("reports", [])


def test_more_cases_must_not_change_than_must() -> None:
    assert sum(not case["rules"] for case in CASES) > len(CASES) / 2


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_mended_is_left_alone(case: dict[str, Any]) -> None:
    assert outcome(case["after"]).steps == ()


@derandomized
@given(texts)
def test_a_second_time_changes_nothing(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once


@derandomized
@given(texts)
def test_no_line_end_is_made_or_lost(text: str) -> None:
    before = [character for character in text if character in LINE_ENDS]
    assert [character for character in cleaned(text) if character in LINE_ENDS] == before


@derandomized
@given(texts)
def test_each_step_changes_the_text_before_it(text: str) -> None:
    before = text
    for step in outcome(text).steps:
        assert step.text != before
        before = step.text or ""


@derandomized
@given(st.lists(texts, max_size=5))
def test_paragraphs_are_mended_one_by_one(paragraphs: list[str]) -> None:
    together = STAGE(paragraphs)
    for index, text in enumerate(paragraphs):
        assert together.get(index, NOTHING) == outcome(text)


@derandomized
@given(st.text(st.characters(codec="ascii", exclude_characters="&", exclude_categories=["Cc"]), max_size=60))
def test_plain_ascii_never_changes(text: str) -> None:
    assert outcome(text) == NOTHING


@derandomized
@given(texts)
def test_damage_beyond_repair_is_reported_and_never_grows(text: str) -> None:
    after = cleaned(text)
    assert after.count("\ufffd") <= text.count("\ufffd")
    assert ("\ufffd" in after) == any(miss.rule == "lost_letters" for miss in outcome(text).near_misses)


@pytest.mark.parametrize(
    ("off", "text"),
    [("mojibake", "trÆ°á»Ÿng lÃ ng"), ("entities", "R&amp;D"), ("zero_width", "a\u200bb\u00adc")],
)
def test_a_rule_that_is_off_changes_nothing(off: str, text: str) -> None:
    assert outcome(text).steps
    assert not Encoding(EncodingSettings(**{off: False}))([text]).get(0, NOTHING).steps


@derandomized
@given(texts | mixtures.map(lambda text: f"{text}\nÃ {text}"))
def test_the_faster_search_for_mojibake_changes_no_outcome(text: str) -> None:
    with patch("cleaner.stages.encoding._badness", lambda: BADNESS_RE):
        slowly = outcome(text)
    assert outcome(text) == slowly


def test_hostile_nesting_ends() -> None:
    assert cleaned("&" + "amp;" * 20 + "lt;") == "<"
    assert "&" in cleaned("&" + "amp;" * 2_000 + "lt;")
