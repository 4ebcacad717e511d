"""Single Vietnamese words of mojibake: mended in a line that may be right, and never made of right words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import SENTENCES, letters, shown

from cleaner.vietnamese.mojibake import mojibake_words
from cleaner.vietnamese.syllables import is_syllable

CASES = json.loads((Path(__file__).parents[1] / "cases" / "mojibake_words.json").read_text(encoding="utf-8"))
WORDS = sorted({word.strip(".,:;?!") for line in SENTENCES for word in line.split()})
# But Bà and the like: "BÃ" and a no-break space are right, too.
MARKED = [
    word for word in WORDS if not word.isascii() and is_syllable(word) and not re.fullmatch("[A-Z]à", word)
]
VIEWS = ("windows-1252", "latin-1")
derandomized = settings(derandomize=True, deadline=None, max_examples=400)


def misread(text: str, view: str, times: int = 1) -> str:
    for _ in range(times):
        text = shown(text.encode(), view)
    return text


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert mojibake_words(case["before"]) == case["after"]


def test_more_cases_must_not_change_than_must() -> None:
    assert sum(case["before"] == case["after"] for case in CASES) > len(CASES) / 2


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("view", VIEWS)
def test_every_word_is_mended_in_a_good_line(view: str, times: int) -> None:
    for word in MARKED:
        line = f"Họ bảo {misread(word, view, times)} được rồi"
        assert mojibake_words(line) == f"Họ bảo {word} được rồi"


@pytest.mark.parametrize("letter", sorted(letters("viscii")))
@pytest.mark.parametrize("view", VIEWS)
def test_every_letter_is_mended_that_stands_in_a_syllable(letter: str, view: str) -> None:
    """ftfy leaves 24 of them broken beside right letters."""
    frames = ("b{}ng", "b{}t", "b{}nh", "qu{}nh", "qu{}t", "{}i")
    words = [frame.upper().format(letter) if letter.isupper() else frame.format(letter) for frame in frames]
    word = next(word for word in words if is_syllable(word))
    assert mojibake_words(f"Họ được {misread(word, view)} rồi") == f"Họ được {word} rồi"


@derandomized
@given(
    st.lists(st.tuples(st.sampled_from(MARKED), st.sampled_from([0, 1])), min_size=1, max_size=8),
    st.sampled_from(VIEWS),
)
def test_right_and_misread_words_in_any_order(words: list[tuple[str, int]], view: str) -> None:
    line = " ".join(misread(word, view, times) for word, times in [*words, ("được", 0)])
    assert mojibake_words(line) == " ".join([word for word, _ in words] + ["được"])


@derandomized
@given(st.lists(st.sampled_from([*WORDS, "Müller", "élève", "não", "L’été", "5", "–", "“Ồ”"]), max_size=12))
def test_right_words_stay(words: list[str]) -> None:
    for line in (" ".join(words), " ".join(words).upper()):
        assert mojibake_words(line) == line


@derandomized
@given(
    st.text(max_size=30)
    | st.lists(st.sampled_from(["Ã", "á»", "Ä", "'", " ", '"', "\x90", "n", "\xa0", "…", "được"])).map(
        "".join
    )
)
def test_any_text_keeps_its_lines(text: str) -> None:
    mended = mojibake_words(text)
    assert [sign for sign in mended if sign in "\r\n"] == [sign for sign in text if sign in "\r\n"]
