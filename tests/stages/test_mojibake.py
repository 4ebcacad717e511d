"""Whole texts of mojibake: read back strictly, with a codec; by ftfy where that repairs; never made worse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ftfy.badness import is_bad
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import SENTENCES, WRITERS, shown, written

from cleaner.stages.mojibake import badness, mojibake, unread
from cleaner.text.recoding import encoded

CASES = json.loads((Path(__file__).parents[1] / "cases" / "mojibake.json").read_text(encoding="utf-8"))
VIEWS = ("windows-1252", "latin-1")
derandomized = settings(derandomize=True, deadline=None, max_examples=300)
sentences = st.sampled_from(SENTENCES)
pieces = st.sampled_from(
    [
        *SENTENCES,
        "L’été à Besançon",
        "naïve",
        "Größe",
        "今天",
        "Ёж",
        "“ĐÃ”",
        "Ã",
        "Â ",
        "á»",
        "€",
        "™",
        "\xa0",
        "é",
    ]
)
texts = st.lists(pieces, max_size=4).map(" ".join) | st.text(max_size=30)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert mojibake(case["before"]) == case["after"]


def test_more_cases_must_not_change_than_must() -> None:
    assert sum(case["before"] == case["after"] for case in CASES) > len(CASES) / 2


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("text", SENTENCES)
def test_a_whole_sentence_has_the_codec_of_its_view(text: str, view: str) -> None:
    seen = shown(text.encode(), view)
    found = unread(seen)
    assert found is not None
    assert found[0] == text
    assert encoded(text, found[1]) == seen


def test_windows_1258_has_a_codec_too() -> None:
    text = SENTENCES[1]
    seen = encoded(text, "mojibake/windows-1258")
    assert unread(seen) == (text, "mojibake/windows-1258", "windows-1258")


@derandomized
@given(texts)
def test_what_is_read_is_undone_by_its_codec(text: str) -> None:
    found = unread(text)
    if found is not None and found[1]:
        assert encoded(found[0], found[1]) == text


@derandomized
@given(sentences, st.sampled_from([" rồi", " được", " ở đây"]))
def test_a_text_that_is_partly_right_is_not_read_whole(text: str, right: str) -> None:
    assert unread(shown(text.encode(), "windows-1252") + right) is None


@pytest.mark.parametrize("text", [
    *SENTENCES, "", "ASCII", "L’été à Besançon", "Größe, süß", "naïve café", "今天下雨", "Ёжик",
    "XÃ HỘI", "Ã", "“”", "½ ¼", "á º",
])  # fmt: skip
def test_right_text_is_not_read(text: str) -> None:
    assert unread(text) is None
    assert mojibake(text) == text


@derandomized
@given(sentences, st.sampled_from(list(WRITERS)), st.sampled_from(VIEWS))
def test_old_code_pages_are_no_mojibake(text: str, page: str, view: str) -> None:
    """ftfy alone corrupts a third of the lines in VPS, and some in VISCII."""
    seen = written(text, page, view)
    if seen is not None:
        assert unread(seen) is None


@derandomized
@given(texts)
def test_no_letter_is_lost_and_no_line(text: str) -> None:
    mended = mojibake(text)
    assert mended.count("\ufffd") <= text.count("\ufffd")
    assert [sign for sign in mended if sign in "\r\n"] == [sign for sign in text if sign in "\r\n"]


@derandomized
@given(texts | texts.map(lambda text: text.encode().decode("latin-1")))
def test_badness_is_that_of_ftfy(text: str) -> None:
    assert bool(badness().search(text)) == is_bad(text)
