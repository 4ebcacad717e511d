"""Reading the rows of a Parquet file as records, and writing what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa

from cleaner.io.formats.base import Checked, Record, Sink, Source, Span
from cleaner.io.formats.parquet_file import Table
from cleaner.io.formats.parquet_parts import PartWriter
from cleaner.io.formats.parquet_rows import Rows, pack, texts_of
from cleaner.io.formats.parquet_values import ValuesDigest

if TYPE_CHECKING:
    from cleaner.settings import Settings

_BLOCK = 1 << 20


class TableReader:
    """Reads the rows that begin in a span; a `writer` is told where batches, and slices of groups, end."""

    def __init__(self, file: BinaryIO, settings: Settings, span: Span) -> None:
        self._file, self._settings, self._span = file, settings, span
        self.table = Table(file)
        self.text = self.table.text_column(settings.text_field)
        if span.start == 0:
            self.table.check_written_back()
        self.writer: TableWriter | None = None
        self.current: bytes | None = None  # the text of the row that was read last

    def records(self) -> Iterator[Record]:
        """Yield the rows, numbered from 1."""
        number = 0  # of the rows of the span
        for part in self.table.slices(self._span):
            self.table.check_values(part)
            at = part.first
            if self.writer and not part.rows:
                self.writer.end_rows(number, ends=True)
            for batch in self.table.batches(part):
                if self.writer:
                    self.writer.begin_batch(batch)
                for record in self._records(batch, number):
                    number += 1
                    yield record
                at += len(batch)
                if self.writer:
                    self.writer.end_batch()
                    if part.ends(at):
                        self.writer.end_rows(number, ends=at == part.rows)

    def hexdigest(self) -> str:
        """Return the digest of the bytes of the span."""
        found = blake2b(digest_size=16)
        self._file.seek(self._span.start)
        left = None if self._span.end is None else self._span.end - self._span.start
        while data := self._file.read(_BLOCK if left is None else min(_BLOCK, left)):
            found.update(data)
            left = None if left is None else left - len(data)
        return found.hexdigest()

    def _records(self, batch: pa.RecordBatch, before: int) -> Iterator[Record]:
        settings = self._settings
        names = (settings.id_field, settings.source_field, settings.priority.date_field)
        columns = [_told(batch, name) for name in names]
        for index, raw in enumerate(texts_of(batch.column(self.text))):
            number = before + index + 1
            self.current = raw
            if raw is None:
                yield Record(number, b"")
            elif len(raw) > settings.record_limit:
                limit = f"{settings.record_limit:,} bytes (record_limit)"
                yield Record(number, raw, problem=f"a text over the limit of {limit}")
            else:
                try:
                    text = raw.decode()
                except UnicodeDecodeError as error:
                    problem = f"the text is not UTF-8 (byte 0x{raw[error.start]:02x} at {error.start:,})"
                    yield Record(number, raw, problem=problem)
                    continue
                identity, origin, date = (column[index] if column else "" for column in columns)
                yield Record(number, raw, Source(identity or None, text, ("utf-8",), 0, (), origin, date))


def _told(batch: pa.RecordBatch, name: str) -> list[str] | None:
    """Return a column as it is written; None where there is no such column, or one that names nothing."""
    found = [number for number, each in enumerate(batch.schema.names) if name and each == name]
    if len(found) != 1:
        return None
    try:
        return [each or "" for each in batch.column(found[0]).cast(pa.string()).to_pylist()]
    except (pa.ArrowException, ValueError):  # lists, structures, bytes
        return None


class TableWriter:
    """Writes the rows of a reader as a part, group by group."""

    def __init__(self, reader: TableReader, sink: Sink, checked: Checked) -> None:
        self._reader = reader
        self._schema, self._text = reader.table.schema, reader.text
        self._part = PartWriter(sink, self._schema, reader.table.options)
        self._rows = Rows(self._part.add, reader.text)
        self._checked = checked
        self._batch: pa.RecordBatch | None = None
        self._done = self._last = 0  # rows of this batch, and of all
        self._values: ValuesDigest | None = None  # of the group, once it has begun
        reader.writer = self

    def put(self, raw: bytes) -> None:
        """Append the row just read with another text, or the same."""
        self._rows.add(*self._next(), raw, changed=raw != self._reader.current)

    def keep(self, record: Record) -> None:
        """Append the row just read."""
        self._rows.add(*self._next(), self._reader.current, changed=False)

    def drop(self) -> bytes:
        """Leave out the row just read; return it without its text."""
        return pack(*self._next(), without=self._text)

    def skip(self, record: Record) -> Iterable[bytes]:
        """Leave out the row just read; return it."""
        yield pack(*self._next())

    def begin_batch(self, batch: pa.RecordBatch) -> None:
        """Go on with the rows of a batch."""
        self._batch, self._done = batch, 0

    def end_batch(self) -> None:
        """End a batch, of which all rows or only the first may have been read."""
        self._rows.flush()
        if self._batch is not None and self._done:
            self._values = self._values or ValuesDigest(self._schema)
            self._values.update(self._batch.slice(0, self._done))
        self._batch = None

    def end_rows(self, last: int, *, ends: bool) -> None:
        """End some rows whose last one has this number, and their group if it ends there."""
        if ends:
            self._part.end_group()
        self._checked(last, (self._values or ValuesDigest(self._schema)).hexdigest(), ends)
        self._values = None

    def close(self) -> None:
        """End what is written; and the group of which only the first rows were wanted."""
        self.end_batch()
        if self._values:
            self.end_rows(self._last, ends=True)
        self._part.close()

    def _next(self) -> tuple[pa.RecordBatch, int]:
        if self._batch is None:
            raise ValueError("no row was read")
        self._done += 1
        self._last += 1
        return self._batch, self._done - 1
