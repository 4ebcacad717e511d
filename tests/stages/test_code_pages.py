"""Documents in old code pages, as the stage reads them: exact or untouched, and never a third thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import FORMS, SENTENCES, WRITERS, written

from cleaner.settings import EncodingSettings
from cleaner.stages.code_pages import has_stray_bytes, may_be_old, read_code_pages
from cleaner.stages.encoding import Encoding

CASES = json.loads((Path(__file__).parents[1] / "cases" / "code_pages.json").read_text(encoding="utf-8"))
STAGE = Encoding(EncodingSettings())
derandomized = settings(derandomize=True, deadline=None, max_examples=200)
sentences = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6)
pages = st.sampled_from(list(WRITERS))
forms = st.sampled_from(FORMS)
PAGES = {name: name.partition("-")[0] for name in WRITERS}


def cleaned(paragraphs: list[str]) -> list[str]:
    found = STAGE(paragraphs)
    return [
        (found[number].steps[-1].text or "") if number in found and found[number].steps else text
        for number, text in enumerate(paragraphs)
    ]


def old(text: str, page: str, form: str) -> str:
    """Return a text in a code page, and the text itself where that page has not all its letters."""
    return written(text, page, form) or text


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    found = STAGE(case["before"])
    assert cleaned(case["before"]) == case["after"]
    assert [
        [step.rule for step in found[n].steps] if n in found else [] for n in range(len(case["before"]))
    ] == case["rules"]
    reports = {
        str(n): [miss.rule for miss in each.near_misses] for n, each in found.items() if each.near_misses
    }
    assert reports == case.get("reports", {})


@derandomized
@given(sentences, pages, forms)
def test_a_document_of_lines_comes_back_exactly(lines: list[str], page: str, form: str) -> None:
    text = "\n".join(lines)
    seen = written(text, page, form)
    if seen is not None:
        assert cleaned([seen]) == [text]
        assert cleaned(seen.split("\n")) == lines


@derandomized
@given(sentences, pages, forms)
def test_capitals_come_back_exactly_or_stay(lines: list[str], page: str, form: str) -> None:
    text = "\n".join(lines).upper()
    seen = written(text, page, form)
    if seen is not None:
        assert cleaned([seen]) in ([text], [seen])


@derandomized
@given(sentences, sentences, pages, forms)
def test_lines_of_unicode_among_them_stay(
    old_lines: list[str], new_lines: list[str], page: str, form: str
) -> None:
    pairs = list(zip(old_lines, new_lines, strict=False))
    before = [line for first, second in pairs for line in (old(first, page, form), second)]
    wanted = [line for pair in pairs for line in pair]
    assert cleaned(before) == wanted
    assert cleaned(["\n".join(before)]) == ["\n".join(wanted)]


@derandomized
@given(sentences, sentences, pages, pages, st.sampled_from(FORMS[:2]))
def test_two_code_pages_in_one_document(
    first: list[str], second: list[str], one: str, other: str, form: str
) -> None:
    before = [old(text, one, form) for text in first] + [old(text, other, form) for text in second]
    for seen, after, text in zip(before, cleaned(before), first + second, strict=True):
        assert after in (seen, text)


@derandomized
@given(sentences, pages, forms, st.data())
def test_lines_cut_anywhere_are_exact_or_stay(
    lines: list[str], page: str, form: str, data: st.DataObject
) -> None:
    """But that a soft hyphen of TCVN3 in a word by itself ("M\u00ada") cannot be told from any other."""
    cut = [" ".join(line.split()[: data.draw(st.integers(1, 6))]) for line in lines]
    before = [old(text, page, form) for text in cut]
    for seen, after, text in zip(before, cleaned(before), cut, strict=True):
        assert after in (seen, text, seen.replace("\u00ad", ""))


@derandomized
@given(sentences, pages, forms)
def test_what_was_read_has_a_codec(lines: list[str], page: str, form: str) -> None:
    before = [old(text, page, form) for text in lines]
    for number, outcome in STAGE(before).items():
        (step,) = outcome.steps
        assert step.rule == PAGES[page]
        assert step.codec.partition("/")[0] in (step.rule, f"{step.rule}-composed")
        assert (step.codec.endswith("/bytes")) == has_stray_bytes(before[number])
        assert step.reason


@pytest.mark.parametrize("text", [
    "Đoàn đại biểu", "Vi\u1ec7t", "今天", "дождь", "x + y", "", "(a) f(x)", "a + b",
    "“so”\u3000", "e\u0301", "ǎ",
])  # fmt: skip
def test_texts_that_no_old_code_page_shows(text: str) -> None:
    assert not may_be_old(text, in_bytes=False)


@pytest.mark.parametrize(
    "text", ["Boä", "été", "B\xb6", "“Ç¶ng”", "tr\xadêng", "o^", "x−y", "Bo\udce4", "a\nB\xb6\nđ"]
)
def test_texts_that_may_be_of_an_old_code_page(text: str) -> None:
    assert may_be_old(text, in_bytes=False)


def test_one_letter_in_a_hundred_may_be_another() -> None:
    assert may_be_old("é" * 99 + "đ", in_bytes=False)
    assert not may_be_old("é" * 98 + "đ", in_bytes=False)
    assert not may_be_old("é" * 198 + "đĐđ", in_bytes=False)


@derandomized
@given(st.lists(st.text(max_size=30), max_size=4))
def test_steps_and_doubts_of_any_text(paragraphs: list[str]) -> None:
    found = read_code_pages(paragraphs, entities=True)
    assert set(found.steps) | set(found.misses) <= set(range(len(paragraphs)))
    assert found.doubtful <= set(found.misses)
    for number, steps in found.steps.items():
        for step in steps:
            assert (step.text or "").count("\n") == paragraphs[number].count("\n")


@derandomized
@given(
    st.lists(
        st.sampled_from(["Hµ Néi h«m nay", "bà", "cùng", "trêi ®Ñp", "fin", "Bo^. tru+o+?ng"]), max_size=8
    )
)
def test_a_line_that_repeats_is_read_the_same_each_time(paragraphs: list[str]) -> None:
    found = read_code_pages(paragraphs, entities=True)
    for number, text in enumerate(paragraphs):
        first = paragraphs.index(text)
        assert found.steps.get(number) == found.steps.get(first)
        assert (number in found.doubtful) == (first in found.doubtful)
