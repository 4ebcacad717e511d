"""Plain text: the file is one record, in whatever encoding."""

from __future__ import annotations

import codecs
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.io.formats.txt import Txt
from cleaner.settings import Settings

TEXT = "Thủ tướng họp báo.\r\nĐọc thêm\n"


def record(data: bytes, **settings):
    (only,) = Txt().records(io.BytesIO(data), Settings.model_validate(settings), opening=True)
    assert only.raw == data and only.number == 0
    return only


@pytest.mark.parametrize(
    ("data", "codec"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-bom"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16-le-bom"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be-bom"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32-le-bom"),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "utf-32-be-bom"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_the_encoding_is_seen_and_remembered(data, codec):
    source = record(data).source
    assert (source.text, source.codec) == (TEXT, (codec,))


@given(st.binary(max_size=300))
def test_any_bytes_come_back_from_their_text(data):
    source = record(data).source
    if source:
        assert Txt().with_source(b"", source) == data


@given(st.text(max_size=100))
def test_clean_text_is_utf_8_and_reads_back(text):
    source = record(TEXT.encode("utf-16")).source
    written = Txt().with_text(b"", source, text)
    assert written == text.encode()
    assert Txt().text_of(written, source) == text
    assert list(Txt().split_clean(io.BytesIO(written))) == [written]


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"%PDF-1.7 text",
        b"PK\x03\x04zip",
        b"\0" * 5000,
        bytes(range(32)) * 9,
    ],
)
def test_a_binary_file_is_no_text(data):
    assert record(data).source is None
    assert record(data).problem


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_line_over_the_limit_is_named(end):
    data = end.join([b"short", b"x" * 1000, b"y" * 1001, b"short"])
    assert record(data, record_limit=1000).problem == (
        "line 3 has 1,001 bytes, over the record limit of 1,000 (record_limit)"
    )


def test_many_short_lines_are_no_line_over_the_limit():
    assert record(b"short\n" * 1000, record_limit=1000).source
