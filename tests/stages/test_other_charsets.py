"""Documents in other charsets: which paragraphs are read, and that it can be taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.settings import EncodingSettings
from cleaner.stages.charsets import read_charset
from cleaner.stages.encoding import Encoding
from cleaner.text.codec import decode_clean
from cleaner.text.recoding import encoded
from cleaner.vietnamese.legacy import page

CASES = json.loads((Path(__file__).parents[1] / "cases" / "charsets.json").read_text(encoding="utf-8"))
READ = [(case["lines"], charset) for case in CASES["read"] for charset in case["charsets"]]
RUSSIAN = next(case["lines"] for case in CASES["read"] if case["language"] == "Russian")
STAGE = Encoding(EncodingSettings())
derandomized = settings(derandomize=True, deadline=None, max_examples=100)


def arrived(line: str, charset: str) -> str:
    """Return a line of another charset as the program sees it."""
    return decode_clean(line.encode(charset))


def cleaned(paragraphs: list[str], stage: Encoding = STAGE) -> list[str]:
    outcomes = stage(paragraphs)
    return [
        (outcomes[number].steps[-1].text or "") if number in outcomes and outcomes[number].steps else text
        for number, text in enumerate(paragraphs)
    ]


@pytest.mark.parametrize(("lines", "charset"), READ, ids=[f"{lines[0][:12]} {name}" for lines, name in READ])
def test_documents_are_read_and_can_be_taken_back(lines: list[str], charset: str) -> None:
    before = [arrived(line, charset) for line in lines]
    steps = read_charset(before)
    assert [steps[number].text for number in range(len(lines))] == lines
    for number, step in steps.items():
        assert step.rule == "charset" and step.codec.startswith("charset/")
        assert "common" in step.reason
        assert encoded(step.text or "", step.codec) == before[number]


@pytest.mark.parametrize(("lines", "charset"), READ, ids=[f"{lines[0][:12]} {name}" for lines, name in READ])
def test_a_second_time_changes_nothing(lines: list[str], charset: str) -> None:
    once = cleaned([arrived(line, charset) for line in lines])
    assert once == lines
    assert cleaned(once) == once


@pytest.mark.parametrize("case", CASES["left"], ids=[case["name"] for case in CASES["left"]])
def test_other_documents_are_left(case: dict[str, object]) -> None:
    lines = [arrived(line, str(case["charset"])) for line in case["lines"]]  # type: ignore[attr-defined]
    assert not read_charset(lines)


@pytest.mark.parametrize("case", CASES["left_bytes"], ids=[case["name"] for case in CASES["left_bytes"]])
def test_bytes_are_left(case: dict[str, str]) -> None:
    assert not read_charset([decode_clean(case["latin_1"].encode("latin-1"))])


@pytest.mark.parametrize("name", ["tcvn3", "vni", "viscii", "vps"])
@pytest.mark.parametrize("line", CASES["vietnamese"])
def test_vietnamese_lines_are_never_read_as_another_language(line: str, name: str) -> None:
    text = page(name).written(line.lower(), "bytes")
    for lines in ([text], [text, "https://example.com/a"], [text] * 3):
        steps = [step for outcome in STAGE(lines).values() for step in outcome.steps]
        assert "charset" not in {step.rule for step in steps}


def test_only_stray_paragraphs_of_a_mixed_document_are_read() -> None:
    utf_8 = ["Утром было холодно.", "Это написал кто-то другой, é, ü."]
    stray = [arrived(line, "windows-1251") for line in RUSSIAN]
    mixed = [utf_8[0], *stray, utf_8[1]]
    assert cleaned(mixed) == [utf_8[0], *RUSSIAN, utf_8[1]]


def test_utf_8_that_lost_a_byte_is_left() -> None:
    stray = [arrived(line, "windows-1251") for line in RUSSIAN]
    damaged = decode_clean("Это было давно, и никто не знал, что будет".encode()[:-1])
    assert cleaned([*stray, damaged]) == [*RUSSIAN, damaged]


def test_a_paragraph_that_the_charset_cannot_read_is_left() -> None:
    stray = [arrived(line, "windows-1251") for line in RUSSIAN * 5]
    strange = "\udc98\udc98 \udce0\udce1"  # windows-1251 has no 98
    found = cleaned([*stray, strange])
    assert found[:-1] == RUSSIAN * 5
    assert found[-1] == strange


def test_a_heading_is_read_with_its_document() -> None:
    lines = ["Новости", *RUSSIAN]
    assert cleaned([arrived(line, "koi8-r") for line in lines]) == lines
    assert cleaned([arrived(lines[0], "koi8-r")]) == [arrived(lines[0], "koi8-r")]


def test_the_setting_turns_it_off() -> None:
    stray = [arrived(line, "windows-1251") for line in RUSSIAN]
    assert cleaned(stray, Encoding(EncodingSettings(charsets=False))) == stray


@pytest.mark.parametrize("case", CASES["expected"], ids=[case["name"] for case in CASES["expected"]])
def test_where_words_prove_none_the_likeliest_of_those_expected_is_read(case: dict[str, object]) -> None:
    lines, expected = list(map(str, case["lines"])), tuple(map(str, case["expected"]))
    before = [arrived(line, str(case["charset"])) for line in lines]
    assert cleaned(before) == before
    stage = Encoding(EncodingSettings(charsets_expected=expected))
    assert cleaned(before, stage) == (lines if case["read"] else before)
    for outcome in stage(before).values():
        for step in outcome.steps:
            assert "likeliest of those expected" in step.reason
            assert encoded(step.text or "", step.codec) in before


def test_what_words_prove_counts_more_than_what_is_expected() -> None:
    stray = [arrived(line, "windows-1251") for line in RUSSIAN]
    assert cleaned(stray, Encoding(EncodingSettings(charsets_expected=("koi8-r",)))) == RUSSIAN


@derandomized
@given(
    st.lists(
        st.sampled_from([arrived(line, charset) for lines, charset in READ for line in lines]), max_size=6
    )
)
def test_mixtures_come_to_an_end_and_each_step_can_be_taken_back(paragraphs: list[str]) -> None:
    outcomes = STAGE(paragraphs)
    for number, outcome in outcomes.items():
        before = paragraphs[number]
        for step in outcome.steps:
            if step.codec:
                assert encoded(step.text or "", step.codec) == before
            before = step.text or ""
    once = cleaned(paragraphs)
    assert cleaned(once) == once
