"""Words as they are written today, and words with signs in the places of letters."""

from __future__ import annotations

import pytest
from old_writing import SENTENCES

from cleaner.vietnamese.words import LETTERS, is_abbreviation, is_ordinary, is_vietnamese


@pytest.mark.parametrize("token", [
    "Đại", "“Đại”", "(Đại)", "Hà-nội", "Niu-tơn", "km²,", "20°", "5%", "…", "2024.", "10€",
    "d’être", "và/hoặc", "“‘Ồ’”", "a.b@c.vn", "—", "", "e\u0301", "3–5", "Windows™",
])  # fmt: skip
def test_ordinary(token: str) -> None:
    assert is_ordinary(token)


@pytest.mark.parametrize("token", [
    "B¶", "Chi«u", "®¹i", "x•y", "trß·ng", "«Đại»®", "¸", "¶Bộ", "a§b", "x¦", "ñ¤", "T±ng", "a©b",
    "n\x90ng", "a\u200bb", "ư\xad", "h¶i", "c¯", "¬i", "÷i", "b×",
])  # fmt: skip
def test_with_signs_in_the_places_of_letters(token: str) -> None:
    assert not is_ordinary(token)


@pytest.mark.parametrize("token", ["HĐND", "QĐ", "Đ", "ĐKKD", "TP", "UBND", "NSƯT"])
def test_abbreviations(token: str) -> None:
    assert is_abbreviation(token)


@pytest.mark.parametrize("token", ["đ", "hđnd", "Hđ", "ĐÀ", "Ý", "BỘ", "NGHỊ", "ubnd", "TRƯỜNG", "ĐI", "ĐY"])
def test_no_abbreviations(token: str) -> None:
    assert not is_abbreviation(token)


@pytest.mark.parametrize(
    "token", ["Đại", "“Đại”,", "ĐẠI", "Hà-nội", "XÃ", "đ".replace("đ", "ở"), "(và)", "Đường/Phố", "l\u00e0"]
)
def test_vietnamese(token: str) -> None:
    assert is_vietnamese(token)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "Ha",
        "2024",
        "café",
        "xÃ",
        "ĐạI",
        "đẠI",
        "trường®",
        "Chi«u",
        "Hà-été",
        "Größe",
        "así",
        "perché",
        "nǎm",
        "HĐND",
        "Ðại",
        "Viêòt",
        "đ5",
        "ớt\u0301",
    ],
)
def test_not_vietnamese(token: str) -> None:
    assert not is_vietnamese(token)


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences(text: str) -> None:
    for token in text.split():
        assert is_ordinary(token)
        assert token.isascii() or is_vietnamese(token), token


@pytest.mark.parametrize(("text", "words"), [
    ("Hà Nội, 5/3", ["Hà", "Nội"]), ("e\u0301a", ["e\u0301a"]), ("a_b", ["a", "b"]), ("x2y", ["x",
    "y"]), ("", []), ("½ ² ¹", []), ("\u0301", []), ("ª º µ", ["ª", "º", "µ"]),
])  # fmt: skip
def test_letters_are_found(text: str, words: list[str]) -> None:
    assert LETTERS.findall(text) == words
