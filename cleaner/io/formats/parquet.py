"""Parquet: one string column is cleaned, everything else of the table stays value for value.

A record is a row, its bytes are the UTF-8 of its text; null texts pass through. What is cleaned waits as
Arrow streams, one a group of rows, and becomes the file once all is there: so a large group is never in
memory whole, and groups have the rows that they came with. pyarrow is imported where a file is met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, BinaryIO, cast

from cleaner.errors import InputError
from cleaner.io.formats.base import WHOLE, Checked, Reader, Restorer, Sink, Source, Span, Writer
from cleaner.text.codec import decode_clean, encode_clean

if TYPE_CHECKING:
    from cleaner.settings import Settings


class Parquet:
    """The format of .parquet files."""

    blank_line_layout = False
    divisible = True
    columnar = True
    density = 4

    def reader(self, file: BinaryIO, settings: Settings, span: Span = WHOLE) -> Reader:
        """Return a reader of the groups of rows that begin in a span."""
        _need_pyarrow()
        from cleaner.io.formats.parquet_reader import TableReader

        return TableReader(file, settings, span)

    def writer(self, reader: Reader, create: Callable[[], Sink], checked: Checked) -> Writer:
        """Return a writer of a part: rows as Arrow streams."""
        from cleaner.io.formats.parquet_reader import TableReader, TableWriter

        return TableWriter(cast(TableReader, reader), create(), checked)

    def join(self, parts: Iterable[bytes], sink: Sink) -> None:
        """Write the rows of some parts as one Parquet file."""
        from cleaner.io.formats.parquet_parts import join

        join(parts, sink)

    def restorer(self, clean: bytes, column: str, sink: Sink | None) -> Restorer:
        """Return what puts the rows of the input together again."""
        _need_pyarrow()
        from cleaner.io.formats.parquet_restorer import TableRestorer

        return TableRestorer(clean, column, sink)

    def with_text(self, raw: bytes, source: Source, text: str) -> bytes:
        """Return `text` as UTF-8."""
        return encode_clean(text)

    def text_of(self, raw: bytes, source: Source) -> str:
        """Return the text of a row."""
        return decode_clean(raw)

    def odd_escapes(self, raw: bytes, source: Source) -> tuple[tuple[int, str], ...]:
        """Return nothing: texts have no escapes."""
        return ()

    def with_source(self, raw: bytes, source: Source) -> bytes:
        """Return source.text as UTF-8."""
        return encode_clean(source.text)

    def split_clean(self, file: BinaryIO, column: str) -> Iterator[bytes]:
        """Yield the text of each row, which knows its row."""
        _need_pyarrow()
        from cleaner.io.formats.parquet_restorer import clean_rows

        return clean_rows(file, column)


def _need_pyarrow() -> None:
    if find_spec("pyarrow") is None:
        raise InputError("Parquet is read by pyarrow, which is not here: pip install 'cleaner[parquet]'")
