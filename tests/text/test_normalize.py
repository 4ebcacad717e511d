"""The matching form: what it folds, what it must keep apart."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.text.normalize import matching_form, matching_forms

CASES = json.loads((Path(__file__).parents[1] / "cases" / "normalize.json").read_text(encoding="utf-8"))
derandomized = settings(derandomize=True, deadline=None, max_examples=500)
VIETNAMESE = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
words = st.text(st.sampled_from(VIETNAMESE + VIETNAMESE.upper()), min_size=1, max_size=7)
sentences = st.lists(words, min_size=1, max_size=12).map(" ".join)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_only_what_an_editor_calls_the_same_is_folded(case: dict[str, Any]) -> None:
    assert (matching_form(case["a"]) == matching_form(case["b"])) == case["same"]


def test_cases_hold_as_many_differences_as_likenesses() -> None:
    assert abs(sum(1 if case["same"] else -1 for case in CASES)) <= 2


@derandomized
@given(st.text(max_size=60) | sentences)
def test_the_form_of_a_form_is_itself(text: str) -> None:
    assert matching_form(matching_form(text)) == matching_form(text)


def test_the_form_of_every_character_is_a_fixed_point() -> None:
    characters = [chr(code) for code in (*range(0x3400), *range(0xF900, 0x12000), *range(0x1D100, 0x1D800))]
    for frame in ("{}", "à{}\u0301"):
        forms = [matching_form(frame.format(character)) for character in characters]
        assert [form for form in forms if matching_form(form) != form] == []


def test_a_vowel_with_two_shapes_is_a_fixed_point() -> None:
    form = matching_form("oà\u0302")
    assert matching_form(form) == form


@derandomized
@given(sentences)
def test_composition_and_case_never_matter(text: str) -> None:
    form = matching_form(text)
    assert matching_form(unicodedata.normalize("NFD", text)) == form
    assert matching_form(text.upper()) == form
    assert matching_form(f"\xa0 {text}\t") == form


@derandomized
@given(sentences, st.data())
def test_another_letter_always_matters(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from(VIETNAMESE))
    other = text[:at] + letter + text[at + 1 :]
    if text[at].lower() != letter:
        if matching_form(other) == matching_form(text):  # tones may move between o, u and a, e, y only
            assert {text[at].lower(), letter} <= set("oòóỏõọuùúủũụaàáảãạeèéẻẽẹyỳýỷỹỵ")
            assert stripped(other) == stripped(text)
    else:
        assert matching_form(other) == matching_form(text)


def stripped(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))


@derandomized
@given(st.text(st.sampled_from("0123456789,.-+%/ a"), max_size=20))
def test_digits_and_signs_are_kept_in_order(text: str) -> None:
    assert matching_form(text).replace(" ", "") == text.replace(" ", "")


@derandomized
@given(st.text(max_size=60))
def test_the_form_holds_single_spaces_and_none_outside(text: str) -> None:
    form = matching_form(text)
    assert form == " ".join(form.split())


SPACES = [space for space in map(chr, range(sys.maxunicode)) if space.isspace()]
PIECES = [
    *SPACES, "\u200b", "\ufeff", "\xad", "`", "´", "\u1fef", "“", "–", "…", "a", "Q", "u", "o", "à", "ỷ",
    "\u0300", "\u0302", "İ", "ß", "ŉ", "ﬁ", "Σ", "ΐ", "\u0344", "\u1161", "ᄀ", "가", "کی", "😀", "\udc80",
    "1.5", "\x00",
]  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@derandomized
@given(st.lists(pieces | sentences | st.text(max_size=20), max_size=6))
def test_forms_made_together_are_those_made_one_by_one(texts: list[str]) -> None:
    assert matching_forms(texts) == [matching_form(text) for text in texts]
    many = texts * 400  # more than are made at once
    assert matching_forms(many) == [matching_form(text) for text in texts] * 400


@derandomized
@given(st.lists(st.sampled_from(["Hoà", "hòa ", "“a”", "b\nc", "", "\u0301", "É"]), max_size=6), st.data())
def test_forms_asked_for_again_are_the_same(texts: list[str], data: st.DataObject) -> None:
    for _ in range(3):
        some = data.draw(st.lists(st.sampled_from(texts), max_size=4)) if texts else []
        assert matching_forms(some) == [matching_form(text) for text in some]
        assert matching_forms(texts) == [matching_form(text) for text in texts]


@pytest.mark.parametrize("space", SPACES, ids=lambda space: f"U+{ord(space):04X}")
def test_every_space_parts_words_as_one_space(space: str) -> None:
    assert matching_form(f"{space}a{space}{space}b{space}") == "a b"
    assert matching_forms([f"a{space}b", "c", f"{space}d", f"e{space}"]) == ["a b", "c", "d", "e"]


def test_folding_case_twice_folds_no_more() -> None:  # else a neighbour that needs composing would matter
    characters = map(chr, range(sys.maxunicode + 1))
    assert [c for c in characters if c.casefold().casefold() != c.casefold()] == []


TONES = {"a": "àáảãạ", "e": "èéẻẽẹ", "y": "ỳýỷỹỵ", "o": "òóỏõọ", "u": "ùúủũụ"}


@pytest.mark.parametrize("pair", ["oa", "oe", "uy"])
@pytest.mark.parametrize("tone", range(5))
def test_open_syllables_have_one_tone_style(pair: str, tone: int) -> None:
    old = TONES[pair[0]][tone] + pair[1]
    new = pair[0] + TONES[pair[1]][tone]
    for before, after in (("", ""), ("h", " "), ("th", "."), ("ng", "\n"), ("q ", "-")):
        assert matching_form(before + new + after) == matching_form(before + old + after)
    for before, after in (("h", "n"), ("", "ch"), ("q", ""), ("h", "1"), ("h", "_")):
        assert matching_form(before + new + after) != matching_form(before + old + after)


@pytest.mark.parametrize("pair", ["ua", "ue", "oy", "ia", "ao", "eo"])
def test_other_vowels_have_no_tone_style(pair: str) -> None:
    for first, second in zip(TONES.get(pair[0], "ìíỉĩị"), TONES[pair[1]], strict=True):
        assert matching_form(f"h{first}{pair[1]}") != matching_form(f"h{pair[0]}{second}")
