"""Charsets of other languages: what proves one, and what proves none."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.text.charsets import Language, detect, languages
from cleaner.text.recoding import encoded
from cleaner.vietnamese.legacy import page

CASES = json.loads((Path(__file__).parents[1] / "cases" / "charsets.json").read_text(encoding="utf-8"))
READ = [(case["lines"], charset) for case in CASES["read"] for charset in case["charsets"]]
LEFT = [
    *(("\n".join(case["lines"]).encode(case["charset"]), case["name"]) for case in CASES["left"]),
    *((case["latin_1"].encode("latin-1"), case["name"]) for case in CASES["left_bytes"]),
]
CHARSETS = sorted({charset for language in languages() for charset in language.charsets})
derandomized = settings(derandomize=True, deadline=None, max_examples=300)


@pytest.mark.parametrize(("lines", "charset"), READ, ids=[f"{lines[0][:12]} {name}" for lines, name in READ])
def test_words_of_a_language_prove_a_charset(lines: list[str], charset: str) -> None:
    text = "\n".join(lines)
    reading = detect(text.encode(charset))
    assert reading is not None
    assert reading.text == text


@pytest.mark.parametrize(("data", "name"), LEFT, ids=[name for _, name in LEFT])
def test_bytes_that_prove_nothing_are_left(data: bytes, name: str) -> None:
    assert detect(data) is None


@pytest.mark.parametrize("name", ["tcvn3", "vni", "viscii", "vps"])
@pytest.mark.parametrize("line", CASES["vietnamese"])
def test_vietnamese_is_never_taken_for_another_language(line: str, name: str) -> None:
    small = line.lower()  # TCVN3 has no capitals with tone
    assert detect(page(name).written(small, "bytes").encode("utf-8", "surrogateescape")) is None


def test_more_languages_are_read_than_a_dozen() -> None:
    assert len({case["language"] for case in CASES["read"]}) > 12


@pytest.mark.parametrize(("lines", "charset"), READ, ids=[f"{lines[0][:12]} {name}" for lines, name in READ])
def test_of_a_long_text_a_sample_is_enough(lines: list[str], charset: str) -> None:
    long = "\n".join(lines * 900)
    reading = detect(long.encode(charset))
    assert reading is not None and reading.charset == detect("\n".join(lines).encode(charset)).charset
    assert len(reading.text) < len(long)


@derandomized
@given(st.binary(max_size=200), st.sampled_from(CHARSETS))
@example(b"\x5c\x7e\x80\xa0\xff", "cp932")
def test_a_codec_takes_back_what_it_reads_or_says_that_it_cannot(data: bytes, charset: str) -> None:
    try:
        text = data.decode(charset)
        back = encoded(text, f"charset/{charset}")
    except UnicodeError:
        return
    assert back.encode("utf-8", "surrogateescape") == text.encode(charset)


@derandomized
@given(st.binary(max_size=400))
def test_random_bytes_are_no_text(data: bytes) -> None:
    assert detect(data) is None


@pytest.mark.parametrize("language", languages(), ids=lambda language: language.name)
def test_the_table_is_sound(language: Language) -> None:
    """Charsets are known to Python, and common words are in letters of the language."""
    for charset in (*language.charsets, *language.rivals):
        codecs.lookup(charset)
    assert not set(language.charsets) & set(language.rivals)
    assert all(word == word.lower() for word in language.common)
    for word in language.common:
        assert not [letter for letter in word if not letter.isascii() and not language.letter.match(letter)]
