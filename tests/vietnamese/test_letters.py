"""Letters that look like others: replaced where that makes a syllable, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import SENTENCES

from cleaner.vietnamese.letters import STRANGE, capitals, look_alikes, strange_letters

FOLDER = Path(__file__).parents[1] / "cases"
RULES: dict[str, Callable[[str], str]] = {
    "strange": strange_letters,
    "alike": look_alikes,
    "capitals": capitals,
}
CASES = [
    (rule, case["name"], case["before"], case["after"])
    for rule in RULES
    for case in json.loads((FOLDER / f"letters_{rule}.json").read_text(encoding="utf-8"))
]
WORDS = sorted({word for line in SENTENCES for word in line.split()})
derandomized = settings(derandomize=True, deadline=None, max_examples=300)
sentences = st.sampled_from(SENTENCES)
texts = st.text(max_size=40) | st.lists(
    st.sampled_from([*WORDS, *STRANGE, "Ðà", "T\u0430m", "Москва", "IV"]), max_size=8
).map(" ".join)


@pytest.mark.parametrize(
    ("rule", "name", "before", "after"), CASES, ids=[f"{rule}: {name}" for rule, name, *_ in CASES]
)
def test_case(rule: str, name: str, before: str, after: str) -> None:
    assert RULES[rule](before) == after


@pytest.mark.parametrize("rule", list(RULES))
def test_more_cases_must_not_change_than_must(rule: str) -> None:
    own = [before == after for each, _, before, after in CASES if each == rule]
    assert sum(own) >= len(own) / 2


@derandomized
@given(sentences, st.sampled_from("ÐƉ"), st.sampled_from("ðɖ"))
def test_strange_letters_in_sentences_come_back(text: str, capital: str, small: str) -> None:
    broken = text.replace("Đ", capital).replace("đ", small)
    kept = any(letter in broken for letter in "ăâêôơưĂÂÊÔƠƯạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")
    if kept:
        assert strange_letters(broken) == text


@derandomized
@given(sentences)
def test_look_alikes_in_sentences_come_back(text: str) -> None:
    broken = " ".join(
        word.replace("o", "\u043e").replace("a", "\u0430") if len(word) > 3 else word
        for word in text.split(" ")
    )
    assert look_alikes(broken) == text


@derandomized
@given(sentences)
def test_a_head_of_capitals_comes_back(text: str) -> None:
    """As a font of capitals is read: ASCII letters are capital, letters with marks small."""
    shown = "".join(letter.upper() if letter.isascii() or letter in "ăâđêôơư" else letter for letter in text)
    assert capitals(shown) == text.upper()


@derandomized
@given(sentences, st.sampled_from(list(RULES)))
def test_right_text_stays(text: str, rule: str) -> None:
    assert RULES[rule](text) == text
    assert RULES[rule](text.upper()) == text.upper()


@derandomized
@given(texts, st.sampled_from(["strange", "alike"]))
def test_length_never_changes_and_a_second_time_does_nothing(text: str, rule: str) -> None:
    once = RULES[rule](text)
    assert len(once) == len(text)
    assert RULES[rule](once) == once


@pytest.mark.parametrize(
    ("others", "latin"),
    [
        ("АВЕЅІЈКМНОРСТУХ", "ABESIJKMHOPCTYX"),  # Cyrillic
        ("асеіјорухѕԁһ", "aceijopyxsdh"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),  # Greek
        ("ανορ", "avop"),
    ],
)
def test_every_letter_that_looks_like_a_latin_one(others: str, latin: str) -> None:
    assert not any(other.isascii() for other in others)
    for other, letter in zip(others, latin, strict=True):
        assert look_alikes(f"q{other}w Q{other}") == f"q{letter}w Q{letter}"


@pytest.mark.parametrize("other", "БГДЖЗИЛПФЦЧШЩЪЫЬЭЮЯбвгджзийклмнптфцчшщъыьэюяΓΔΘΛΞΠΣΦΨΩβγδεζηθικλμξπσςτφψω")
def test_letters_that_look_like_none_stay(other: str) -> None:
    assert look_alikes(f"q{other}w Q{other}") == f"q{other}w Q{other}"
