"""Broken encodings: what is mended, and the text of every language that must not change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize
from unittest.mock import patch

import pytest
from ftfy.badness import BADNESS_RE
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import FORMS, SENTENCES, WRITERS, shown, written

from cleaner.settings import EncodingSettings
from cleaner.stages.base import Outcome
from cleaner.stages.code_pages import has_stray_bytes, may_be_old
from cleaner.stages.encoding import Encoding
from cleaner.text.recoding import encoded

CASES = json.loads((Path(__file__).parents[1] / "cases" / "encoding.json").read_text(encoding="utf-8"))
STAGE = Encoding(EncodingSettings())
SLOW = Encoding(EncodingSettings(), fast=False)
NOTHING = Outcome()
LINE_ENDS = "\n\r"
derandomized = settings(derandomize=True, deadline=None, max_examples=400)
fewer = settings(derandomized, max_examples=150)

PIECES = [
    "&amp;", "amp;", "&", "#38;", "&lt;", "&#8203;", "&nbsp;", "&#10;", "&#1;", "<", "a", "Đ", "é", "\u0301",
    "\u0302", "\u0323", "\u200b", "\u200c", "\u200d", "\u00ad", "\ufeff", "\x00", "\x1b", "\x1b[31m", "[31m",
    "\x85", "\x93", "\x81", "\udced\udca0\udcbd", "\udced\udcb8\udc80", "\ufffd", "Ã", "¡", "Â", "Ä", "á»",
    "™", "Ç", "¶", "Ð", "¸", "nh", "ខ្ញុំ", "می", "👩", " ", "trÆ°á»Ÿng", "tr\xadêng", "®", "\u3000",
    "\u0306", "\u0300", "\u031b", "\u0309", "\u030c", "Ｖ", "１", "ǎ", "ð", "₫", "T\u0430m", "\u0391nh", "ß",
    "ñaõ", "&#7899;", "ý", "\x02", "\x19", "\udce1\udcba", "\udcb6", "•", "−", "á»'", "Ã ", "Ä", "''", "...",
    "Vie^.t", "tru*o+`ng", "a^", "^", "(", "DD", "я", "の", "\u2028", "\x1c", "\x85", "½", "²", "½", "fin",
]  # fmt: skip
CLEAN = [
    "L’élève a été reçu à l’examen.", "Perché è così? Più caffè.", "Não há avião à noite.",
    "Größe, süß, müßig.",
    "Það er gott veður í dag.", "Árvíztűrő tükörfúrógép.", "Ёжик в тумане.", "今天下雨。", "สวัสดี", "R2 = a^2",
    "½ cup, ¼ tsp", "à â ê î ô û", "5.000₫", "/ðə/ μm", "Hà Nội", "cà phê, bò kho, bánh mì",
]  # fmt: skip

sentences = st.sampled_from(SENTENCES)
old = st.builds(
    lambda text, page, form: written(text, page, form) or text,
    sentences | sentences.map(lambda text: " ".join(text.split()[:3])) | sentences.map(str.upper),
    st.sampled_from(list(WRITERS)),
    st.sampled_from(FORMS),
)
misread = st.builds(lambda text, form: shown(text.encode(), form), sentences, st.sampled_from(FORMS[:2]))
forms = st.builds(normalize, st.sampled_from(["NFC", "NFD", "NFKD"]), sentences)
mixtures = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)
damaged = st.text(max_size=25).map(lambda text: text.encode().decode("latin-1"))
lines = (
    mixtures
    | damaged
    | st.text(st.characters(), max_size=40)
    | old
    | misread
    | forms
    | st.sampled_from(CLEAN)
)
texts = (
    lines
    | st.lists(lines, max_size=3).map(" ".join)
    | st.lists(lines, max_size=3).map("\n".join)
    | st.builds(lambda text, piece, at: text[:at] + piece + text[at:], old | misread, st.sampled_from(PIECES),
                st.integers(0, 30))
)  # fmt: skip
documents = st.lists(texts, max_size=5)
decomposed = st.lists(st.builds(normalize, st.just("NFD"), texts | sentences) | texts, max_size=5)


def outcome(text: str) -> Outcome:
    return STAGE([text]).get(0, NOTHING)


def cleaned(text: str) -> str:
    steps = outcome(text).steps
    return (steps[-1].text or "") if steps else text


def all_cleaned(paragraphs: Sequence[str]) -> list[str]:
    found = STAGE(paragraphs)
    return [
        (found[number].steps[-1].text or "") if number in found and found[number].steps else text
        for number, text in enumerate(paragraphs)
    ]


def is_of_no_old_page(text: str, *, in_bytes: bool) -> bool:
    return not has_stray_bytes(text) and not may_be_old(text, in_bytes=in_bytes)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_damage_is_mended_and_the_rest_left_alone(case: dict[str, Any]) -> None:
    found = outcome(case["before"])
    assert cleaned(case["before"]) == case["after"]
    assert [step.rule for step in found.steps] == case["rules"]
    assert [miss.rule for miss in found.near_misses] == case.get("reports", [])
    if "codecs" in case:
        assert [step.codec for step in found.steps] == case["codecs"]


def test_more_cases_must_not_change_than_must() -> None:
    assert sum(not case["rules"] for case in CASES) > len(CASES) / 2


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_mended_is_left_alone(case: dict[str, Any]) -> None:
    assert outcome(case["after"]).steps == ()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_no_case_needs_that_nothing_is_passed_over(case: dict[str, Any]) -> None:
    assert SLOW([case["before"]]) == STAGE([case["before"]])


def test_all_cases_as_one_document_need_not_either() -> None:
    document = [case["before"] for case in CASES]
    assert SLOW(document) == STAGE(document)


@pytest.mark.parametrize(
    "text",
    [
        "Tiếng í‚—ˆ\u0102\u0303Ã rừng",
        "Tiếng ˆ\u00c2\u0323šúúÃ rừng",
        normalize("NFD", "Tiếng Việt &amp; tiếng Anh"),
        normalize("NFD", "Tiếng Việt"),
        normalize("NFD", "Lê Anh"),
        "Tie\u0301\u0302ng Vie\u0323\u0302t",
        "\u212b và \u2126",
    ],
)
def test_marks_hide_nothing_that_composition_would_take_away(text: str) -> None:
    assert STAGE([text]) == SLOW([text])
    assert STAGE([text, "Bộ trưởng họp sáng nay."]) == SLOW([text, "Bộ trưởng họp sáng nay."])


@derandomized
@given(documents | decomposed)
def test_nothing_is_passed_over_that_would_change(paragraphs: list[str]) -> None:
    assert STAGE(paragraphs) == SLOW(paragraphs)


@fewer
@given(documents)
def test_nothing_is_passed_over_when_tones_are_moved(paragraphs: list[str]) -> None:
    chosen = EncodingSettings(tone_style="new", tone_placement=True)
    assert Encoding(chosen)(paragraphs) == Encoding(chosen, fast=False)(paragraphs)


@derandomized
@given(documents)
def test_a_second_time_changes_nothing(paragraphs: list[str]) -> None:
    once = all_cleaned(paragraphs)
    assert all_cleaned(once) == once


@derandomized
@given(documents)
def test_no_line_end_is_made_or_lost(paragraphs: list[str]) -> None:
    for before, after in zip(paragraphs, all_cleaned(paragraphs), strict=True):
        assert [sign for sign in after if sign in LINE_ENDS] == [sign for sign in before if sign in LINE_ENDS]


@derandomized
@given(documents)
def test_each_step_changes_the_text_before_it(paragraphs: list[str]) -> None:
    for number, found in STAGE(paragraphs).items():
        before = paragraphs[number]
        for step in found.steps:
            assert step.text != before
            before = step.text or ""


@derandomized
@given(documents)
def test_every_step_with_a_codec_is_undone_by_it(paragraphs: list[str]) -> None:
    for number, found in STAGE(paragraphs).items():
        before = paragraphs[number]
        for step in found.steps:
            assert step.text is not None
            assert not step.codec or encoded(step.text, step.codec) == before
            before = step.text


@fewer
@given(documents)
def test_paragraphs_without_signs_of_old_code_pages_are_mended_one_by_one(paragraphs: list[str]) -> None:
    """Others are read as one document, in one code page: `test_code_pages.py`."""
    in_bytes = any(map(has_stray_bytes, paragraphs))
    together = STAGE(paragraphs)
    for index, text in enumerate(paragraphs):
        if is_of_no_old_page(text, in_bytes=in_bytes):
            assert together.get(index, NOTHING) == outcome(text)


@derandomized
@given(st.text(st.characters(codec="ascii", exclude_characters="&", exclude_categories=["Cc"]), max_size=60))
def test_plain_ascii_never_changes(text: str) -> None:
    assert outcome(text) == NOTHING


@derandomized
@given(st.lists(st.sampled_from(sorted({word for line in SENTENCES for word in line.split()})), max_size=30))
def test_vietnamese_words_in_any_order_never_change(words: list[str]) -> None:
    assert outcome(" ".join(words)) == NOTHING
    assert outcome("\n".join(words)) == NOTHING
    assert outcome(" ".join(words).upper()) == NOTHING


@derandomized
@given(documents)
def test_damage_beyond_repair_is_reported_and_never_grows(paragraphs: list[str]) -> None:
    found = STAGE(paragraphs)
    for number, (before, after) in enumerate(zip(paragraphs, all_cleaned(paragraphs), strict=True)):
        misses = found.get(number, NOTHING).near_misses
        assert after.count("\ufffd") <= before.count("\ufffd")
        assert "\ufffd" not in after or any(miss.rule == "lost_letters" for miss in misses)
        assert has_stray_bytes(after) == any(miss.rule == "stray_bytes" for miss in misses)


@pytest.mark.parametrize(
    ("off", "text"),
    [
        ("mojibake", "trÆ°á»Ÿng lÃ ng"),
        ("mojibake", "Họp tại Há»™i An"),
        ("entities", "R&amp;D"),
        ("zero_width", "a\u200bb\u00adc"),
        ("code_pages", "Boä tröôûng Löông Tam Quang hoäi kieán"),
        ("code_pages", "Bo^. tru+o+?ng Lu+o+ng Tam Quang ho^.i kie^'n"),
        ("letters", "Ðoàn đại biểu"),
        ("letters", "Ｂộ　ｔｒưởｎｇ"),
        ("letters", "T\u0430m Quang"),
    ],
)
def test_a_rule_that_is_off_changes_nothing(off: str, text: str) -> None:
    assert outcome(text).steps
    assert not Encoding(EncodingSettings(**{off: False}))([text]).get(0, NOTHING).steps


@derandomized
@given(texts | mixtures.map(lambda text: f"{text}\nÃ {text}"))
def test_the_faster_search_for_mojibake_changes_no_outcome(text: str) -> None:
    with patch("cleaner.stages.mojibake.badness", lambda: BADNESS_RE):
        slowly = SLOW([text])
    assert SLOW([text]) == slowly


def test_hostile_nesting_ends() -> None:
    assert cleaned("&" + "amp;" * 20 + "lt;") == "<"
    assert "&" in cleaned("&" + "amp;" * 2_000 + "lt;")
