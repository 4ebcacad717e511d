"""Bytes to text and back: which codec reads them, that its inverse gives them back, what is binary."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.text.codec import CODECS, decode, decode_clean, encode, encode_clean, looks_binary

CASES_FOLDER = Path(__file__).parents[1] / "cases"
CASES = json.loads((CASES_FOLDER / "codec.json").read_text(encoding="utf-8"))
BINARY = json.loads((CASES_FOLDER / "binary.json").read_text(encoding="utf-8"))
derandomized = settings(derandomize=True, deadline=None, max_examples=400)

PIECES = [
    codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, b"\0", b"\n", b"\r\n",
    b"\xed\xa0\xbd\xed\xb8\x80", b"\xed\xa0\xbd", b"\xc0\x80", b"\xf4\x90\x80\x80", "Đọc thêm".encode(),
    "Đọc thêm".encode("utf-16-le"), "Đọc thêm".encode("utf-16-be"), "Đọc".encode("utf-32-le"),
    b"\xd0\xb8nh", b"tr\xdc\xaang", b"plain", b"\x1c", b"\x85",
]  # fmt: skip
mixtures = st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_bytes_are_read_by_the_codec_that_fits(case: dict[str, str]) -> None:
    data = bytes.fromhex(case["bytes"])
    decoded = decode(data)
    assert (decoded.codec, decoded.text) == (case["codec"], case["text"])
    assert encode(decoded.text, decoded.codec) == data


def test_every_codec_has_a_case() -> None:
    assert {case["codec"] for case in CASES} == set(CODECS)


@derandomized
@given(st.binary(max_size=200) | mixtures)
@example(codecs.BOM_UTF32_LE + b"a")
@example(codecs.BOM_UTF16_LE + codecs.BOM_UTF16_LE)
@example("\ufeffabcdefgh".encode("utf-16-le"))
def test_any_bytes_come_back(data: bytes) -> None:
    decoded = decode(data)
    assert encode(decoded.text, decoded.codec) == data


@derandomized
@given(st.text(max_size=60), st.sampled_from(sorted(CODECS)))
def test_a_text_in_any_codec_comes_back(text: str, codec: str) -> None:
    data = encode(text, codec)
    decoded = decode(data)
    assert encode(decoded.text, decoded.codec) == data
    if CODECS[codec][0] and not text.startswith(("\0", "\ufeff")):
        assert decoded == type(decoded)(text, codec)


@derandomized
@given(st.text(max_size=60))
def test_utf8_is_read_as_utf8(text: str) -> None:
    decoded = decode(text.encode())
    if "\0" not in text and not text.startswith("\ufeff"):
        assert (decoded.text, decoded.codec) == (text, "utf-8")


@derandomized
@given(st.binary(max_size=200) | mixtures)
def test_clean_files_hold_stray_bytes_as_they_came(data: bytes) -> None:
    assert encode_clean(decode_clean(data)) == data


@pytest.mark.parametrize("case", BINARY, ids=[case["name"] for case in BINARY])
def test_binary_files_are_told_from_text(case: dict[str, Any]) -> None:
    assert bool(looks_binary(bytes.fromhex(case["bytes"]), case["codec"])) == case["binary"]


@derandomized
@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Z"]), max_size=60))
def test_text_without_controls_is_never_binary(text: str) -> None:
    data = ("Tin " + text).encode()
    assert looks_binary(data, decode(data).codec) is None
