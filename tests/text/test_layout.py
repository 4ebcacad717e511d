"""The layout of clean text and its inverse."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.text.document import ParagraphMode, split
from cleaner.text.layout import Layout, lay_out, restore_layout

derandomized = settings(derandomize=True, deadline=None, max_examples=300)
ends = st.sampled_from(["\n", "\n\n", "\r\n", "\r\n\r\n", "\n \n\n", "\r"])
words = st.sampled_from(["a", "b c", "Đọc thêm.", " x", "d\u2028e", "\xa0"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    pieces = [draw(st.sampled_from(["", "\n", " \n", "\ufeff"]))]
    for word in draw(st.lists(words, max_size=8)):
        pieces += [word, draw(ends)]
    return "".join(pieces)


@pytest.mark.parametrize("mode", ["line", "blank_line"])
@derandomized
@given(text=texts())
def test_a_layout_is_undone(mode: ParagraphMode, text: str) -> None:
    paragraphs = split(text, mode)
    laid, layout = lay_out(paragraphs.lead, paragraphs.texts, paragraphs.separators)
    assert restore_layout(laid, layout) == text


@derandomized
@given(texts())
def test_one_blank_line_stands_between_paragraphs_and_one_newline_at_the_end(text: str) -> None:
    paragraphs = split(text, "line")
    laid, _ = lay_out(paragraphs.lead, paragraphs.texts, paragraphs.separators)
    assert laid == "".join(f"{each}\n\n" for each in paragraphs.texts).removesuffix("\n")


@pytest.mark.parametrize("mode", ["line", "blank_line"])
@derandomized
@given(text=texts())
def test_what_is_laid_out_is_left_alone(mode: ParagraphMode, text: str) -> None:
    paragraphs = split(text.replace("\r", "\n"), mode)
    laid, _ = lay_out(paragraphs.lead, paragraphs.texts, paragraphs.separators)
    again = split(laid, mode)
    assert again.texts == paragraphs.texts
    assert lay_out(again.lead, again.texts, again.separators) == (laid, None)


@pytest.mark.parametrize("odd", ["a\n\nb", "\na", "a\n"])
def test_a_paragraph_that_holds_a_blank_line_keeps_the_layout(odd: str) -> None:
    assert lay_out(" ", ["x", odd], ["\n", ""]) == (f" x\n{odd}", None)


def test_equal_separators_are_one_entry() -> None:
    _, layout = lay_out("", ["a"] * 10_000, ["\n"] * 9_999 + [""])
    assert layout == Layout("", (("\n", 9_999), ("", 1)))


def test_a_document_with_nothing_left_keeps_its_lead() -> None:
    laid, layout = lay_out("\n \n", [], [])
    assert (laid, restore_layout(laid, layout)) == ("", "\n \n")


@pytest.mark.parametrize("text", ["", "a\n", "a\n\nb\n\nc\n"])
def test_a_layout_of_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="paragraphs"):
        restore_layout(text, Layout("", (("\n", 2),)))
