"""Splitting a text into paragraphs: nothing is lost, and only LF, CRLF and CR end lines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cleaner.text.document import ParagraphMode, Paragraphs, first_lines, split

CASES = json.loads((Path(__file__).parents[1] / "cases" / "document.json").read_text(encoding="utf-8"))
MODES: tuple[ParagraphMode, ...] = ("line", "blank_line")
ENDS = ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", " \n", "\n\t\n", "  "]
NO_ENDS = ["\u2028", "\u2029", "\x85", "\x1c", "\x1d", "\x1e", "\v", "\f", "\xa0", "\u3000", "\0"]
derandomized = settings(derandomize=True, deadline=None, max_examples=400)
texts = st.lists(st.sampled_from([*ENDS, *NO_ENDS, "a", "Đọc thêm.", "b c"]), max_size=14).map("".join)


def joined(paragraphs: Paragraphs) -> str:
    pairs = zip(paragraphs.texts, paragraphs.separators, strict=True)
    return paragraphs.lead + "".join(text + separator for text, separator in pairs)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_text_is_split_as_told(case: dict[str, Any], mode: ParagraphMode) -> None:
    lead, pairs = case[mode]
    paragraphs = split(case["text"], mode)
    found = [list(pair) for pair in zip(paragraphs.texts, paragraphs.separators, strict=True)]
    assert (paragraphs.lead, found) == (lead, pairs)


@pytest.mark.parametrize("mode", MODES)
@derandomized
@given(text=texts | st.text(st.characters(), max_size=60))
def test_nothing_is_lost(mode: ParagraphMode, text: str) -> None:
    assert joined(split(text, mode)) == text


@pytest.mark.parametrize("mode", MODES)
@derandomized
@given(text=texts)
def test_what_is_known_of_a_split_text_is_what_its_parts_tell(mode: ParagraphMode, text: str) -> None:
    known = split(text, mode)
    told = Paragraphs(known.lead, known.texts, known.separators)
    assert (known.text, known.lines) == (told.text, told.lines)
    other = replace(known, texts=tuple("b" + text for text in known.texts))
    assert other.text == joined(other)


@pytest.mark.parametrize("mode", MODES)
@derandomized
@given(text=texts)
def test_separators_hold_nothing_but_line_ends_and_blanks(mode: ParagraphMode, text: str) -> None:
    paragraphs = split(text, mode)
    assert not (paragraphs.lead + "".join(paragraphs.separators)).strip(" \t\r\n")
    for separator in paragraphs.separators[:-1]:
        assert "\n" in separator or "\r" in separator


@derandomized
@given(texts)
def test_a_line_is_not_blank_and_holds_no_line_end(text: str) -> None:
    end = "\n" if "\n" in text else "\r"
    for paragraph in split(text, "line").texts:
        assert paragraph.strip(" \t")
        assert end not in paragraph


@derandomized
@given(texts)
def test_a_block_is_not_blank_and_holds_no_blank_line(text: str) -> None:
    end = r"\r?\n" if "\n" in text else r"\r"
    for paragraph in split(text, "blank_line").texts:
        assert paragraph.strip(" \t")
        assert not re.search(rf"{end}[ \t]*{end}", paragraph)


@pytest.mark.parametrize("mode", MODES)
@derandomized
@given(text=texts)
def test_a_paragraph_alone_is_one_paragraph_again(mode: ParagraphMode, text: str) -> None:
    for paragraph in split(text, mode).texts:
        if "\r" not in paragraph:
            assert joined(split(paragraph, mode)) == paragraph
            assert len(split(paragraph, mode).texts) == 1


@pytest.mark.parametrize("mode", MODES)
@derandomized
@given(text=texts)
def test_starts_and_lines_lead_to_the_paragraph(mode: ParagraphMode, text: str) -> None:
    paragraphs = split(text, mode)
    end = "\n" if "\n" in text else "\r"
    starts = paragraphs.starts()
    assert starts[-1] == len(text)
    for start, line, paragraph in zip(starts, paragraphs.lines, paragraphs.texts, strict=False):
        assert text.startswith(paragraph, start)
        assert line == 1 + text.count(end, 0, start)
    assert first_lines(text, mode) == paragraphs.lines


@pytest.mark.parametrize("mode", MODES)
def test_a_million_blank_lines_are_one_separator(mode: ParagraphMode) -> None:
    ends = "\n" * 1_000_000
    paragraphs = split(f"a{ends}b", mode)
    assert paragraphs == Paragraphs("", ("a", "b"), (ends, ""))
    assert paragraphs.lines == [1, 1_000_001]
    assert split(ends, mode) == Paragraphs(ends, (), ())


@pytest.mark.parametrize("mode", MODES)
def test_a_million_spaces_are_no_paragraph(mode: ParagraphMode) -> None:
    spaces = " " * 1_000_000
    assert split(f"a\n{spaces}", mode) == Paragraphs("", ("a",), (f"\n{spaces}",))


def test_a_million_lines_are_a_million_paragraphs() -> None:
    paragraphs = split("a\n" * 1_000_000, "line")
    assert len(paragraphs.texts) == 1_000_000
    assert paragraphs.lines[-1] == 1_000_000
