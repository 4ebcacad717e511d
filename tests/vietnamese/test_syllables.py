"""What is a syllable: spelling rules, codas and tones, in every form and case."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import SENTENCES

from cleaner.vietnamese.syllables import UNHEARD, is_marked_syllable, is_syllable, rarity, syllables, untoned

CASES = json.loads((Path(__file__).parents[1] / "cases" / "syllables.json").read_text(encoding="utf-8"))
VALID = [word for case in CASES for word in case["valid"]]
INVALID = [word for case in CASES for word in case["invalid"]]
TONES = ("\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
WORDS = sorted({word.strip(".,:;?!") for line in SENTENCES for word in line.split() if not word[0].isdigit()})
derandomized = settings(derandomize=True, deadline=None, max_examples=400)
words = st.sampled_from(VALID + INVALID + WORDS)


def untoned_rows() -> list[tuple[str, bool]]:
    return [(word, syllable.stop) for word, syllable in syllables().items()]


@pytest.mark.parametrize("word", VALID)
def test_a_syllable(word: str) -> None:
    assert is_syllable(word)
    assert is_marked_syllable(word) != word.isascii()
    assert 0 < rarity(word) < UNHEARD


@pytest.mark.parametrize("word", INVALID)
def test_no_syllable(word: str) -> None:
    assert not is_syllable(word)
    assert not is_marked_syllable(word)
    assert rarity(word) == UNHEARD


def test_more_words_are_none_than_are() -> None:
    assert len(INVALID) > len(VALID)


@pytest.mark.parametrize("word", [word for word in WORDS if word not in ("đô", "bíp") and "-" not in word])
def test_words_of_sentences_are_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize(("word", "base", "tones"), [
    ("Thuỷ", "thuy", "\u0309"), ("ĐƯỜNG", "đương", "\u0300"), ("Vie\u0323\u0302t", "viêt", "\u0323"),
    ("hoa", "hoa", ""), ("máù", "mau", "\u0301\u0300"),
    ("é̂", "ê", "\u0301"), ("ñ", "n", "\u0303"), ("", "", ""),
])  # fmt: skip
def test_tones_are_taken_off(word: str, base: str, tones: str) -> None:
    assert untoned(word) == (base, tones)


@derandomized
@given(
    words, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]), st.sampled_from([str.lower, str.upper, str.title])
)
def test_form_and_case_make_no_difference(word: str, form: str, cased: Callable[[str], str]) -> None:
    assert is_syllable(normalize(form, cased(word))) == is_syllable(word)


def test_a_stop_takes_two_tones_and_other_syllables_six() -> None:
    """`stop` is that of the rime as it is written: in c, ch, p or t."""
    for base, stop in untoned_rows():
        assert stop == base.endswith(("c", "ch", "p", "t")), base
        allowed = {tone for tone in ("", *TONES) if is_syllable(normalize("NFC", base + tone))}
        if base[-1] in "aeiouyăâêôơư":
            assert len(allowed) == 6, base
    assert {tone for tone in ("", *TONES) if is_syllable("ca" + tone + "t")} == {"\u0301", "\u0323"}


def test_no_syllable_breaks_the_rules_of_spelling() -> None:
    """But k, which stands before every vowel in names (Kông, Kon)."""
    front = tuple("ieêy")
    for base, _ in untoned_rows():
        for onset, other in (("c", "ch"), ("ng", "ngh")):
            if base.startswith(onset) and not base.startswith(other):
                assert not base[len(onset) :].startswith(front), base
        if base.startswith(("gh", "ngh")):
            assert base.partition("gh")[2].startswith(front), base
        elif base.startswith("g") and not base.startswith("gi"):
            assert not base[1:].startswith(front), base
        assert "qu" in base or "q" not in base
        assert not set(base) & set("fjwz")


@derandomized
@given(st.text(max_size=8))
def test_any_text_has_an_answer(text: str) -> None:
    assert is_syllable(text) == (rarity(text) < UNHEARD)
