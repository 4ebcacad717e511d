"""VIQR: which texts are it, and what they spell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import SENTENCES, letters

from cleaner.vietnamese.syllables import is_syllable
from cleaner.vietnamese.viqr import Evidence, Spelling, evidence, is_viqr, spelling

CASES = json.loads((Path(__file__).parents[1] / "cases" / "viqr.json").read_text(encoding="utf-8"))
TABLE = {letter: code.decode() for letter, code in letters("viqr").items()}
derandomized = settings(derandomize=True, deadline=None, max_examples=300)


def spelled(text: str) -> str:
    """Return a text in VIQR; signs that would be marks behind a vowel are told so by a backslash."""
    pieces: list[str] = []
    for sign in text:
        is_mark = sign in ".?'(" and pieces and pieces[-1][0].lower() in "aeiouy"
        pieces.append(TABLE.get(sign, f"\\{sign}" if is_mark else sign))
    return "".join(pieces)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert is_viqr(case["before"]) == (case["after"] is not None)
    if case["after"] is not None:
        found = spelling(case["before"], evidence([case["before"]]))
        assert list(found.doubts) == case.get("doubts", [])
        assert found.doubts or found.text == case["after"]


def test_more_cases_are_none_than_are() -> None:
    assert sum(case["after"] is None for case in CASES) > len(CASES) / 2


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences_come_back(text: str) -> None:
    assert is_viqr(spelled(text))
    assert spelling(spelled(text), Evidence(escaped=True)).text == text


@pytest.mark.parametrize("letter", list(TABLE))
def test_every_letter_inside_a_word(letter: str) -> None:
    frames = ("b{}ng", "b{}t", "b{}nh", "qu{}nh", "qu{}t", "{}i")
    frame = next(frame for frame in frames if is_syllable(frame.format(letter)))
    for code in (TABLE[letter], TABLE[letter].replace("+", "*")):
        assert spelling(frame.format(code)).text == frame.format(letter)


@derandomized
@given(st.text(st.characters(codec="ascii", exclude_characters="^+*("), max_size=60))
def test_ascii_without_shapes_is_none(text: str) -> None:
    assert not is_viqr(text)


@derandomized
@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3), st.text(max_size=10))
def test_text_with_a_letter_beyond_ascii_is_none(lines: list[str], extra: str) -> None:
    assert is_viqr(spelled(" ".join(lines)) + extra) <= extra.isascii()


@derandomized
@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_lines_stay_lines(text: str) -> None:
    assert [sign for sign in spelling(text).text if sign in "\r\n"] == [
        sign for sign in text if sign in "\r\n"
    ]


def test_a_document_with_backslashes_has_no_doubts() -> None:
    line = "Ba`n ve^` vie^.c mo+? ba'n ddu'ng gia?"
    assert spelling(line).doubts
    known = evidence([line, "Ho. dde^'n tu+` Ha` No^.i va` ve^` que^\\."])
    assert known.escaped
    assert spelling(line, known) == Spelling("Bàn về việc mở bán đúng giả")


@pytest.mark.parametrize("evidence_", [Evidence(sentences=1000), Evidence(sentences=1000, stops=1000)])
@pytest.mark.parametrize("text", SENTENCES)
def test_what_a_document_tells_turns_no_reading_into_another(text: str, evidence_: Evidence) -> None:
    alone, beside = (
        spelling(spelled(text).replace("\\", "")),
        spelling(spelled(text).replace("\\", ""), evidence_),
    )
    if not alone.doubts:
        assert beside == alone
