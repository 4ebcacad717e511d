"""Putting the rows of a Parquet input together again, from its clean file and what the ledger holds."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa

from cleaner.errors import InputError
from cleaner.io.formats.base import Sink
from cleaner.io.formats.parquet_file import Table, told
from cleaner.io.formats.parquet_parts import PartWriter, join
from cleaner.io.formats.parquet_rows import Row, Rows, rows_of, unpack
from cleaner.io.formats.parquet_values import ValuesDigest


def clean_rows(file: BinaryIO, column: str) -> Iterator[Row]:
    """Yield the rows of a clean file. Raises InputError where it cannot be read."""
    table = Table(file)
    text = table.text_column(column)
    for part in table.slices():
        for batch in table.batches(part):
            yield from rows_of(batch, text)


class TableRestorer:
    """Puts rows together, in a temporary file until all are there. Without `sink` it only hashes them."""

    def __init__(self, clean: bytes, column: str, sink: Sink | None) -> None:
        self._sink = sink
        self._part: PartWriter | None = None
        self._rows: Rows | None = None
        self._problem = ""
        try:
            with told(), open(clean, "rb") as file:
                table = Table(file)
                self._text = table.text_column(column)
        except InputError as error:
            self._problem = f"the clean file cannot be read: {error.message}"
            return
        self._schema = table.schema
        self._rows = Rows(self._take, self._text)
        self._values = ValuesDigest(self._schema)
        self._open = False  # whether a group has begun
        if sink:
            self._waiting = tempfile.NamedTemporaryFile(prefix="cleaner-", buffering=1 << 20)
            self._part = PartWriter(self._waiting, self._schema, table.options)

    def put(self, raw: bytes, clean: bytes | None, rest: bytes) -> None:
        """Append a row: that of the clean file, or the one that the ledger holds, with `raw` as its text."""
        if self._rows is None:
            return
        if isinstance(clean, Row):
            changed = raw != clean
            self._rows.add(clean.batch, clean.place, raw if changed else clean.text, changed=changed)
        elif rest:
            try:
                row = unpack(rest, self._schema)
            except (pa.ArrowException, ValueError):
                self._problem = "a row of the ledger does not fit the clean file"
                return
            whole = raw == rest
            self._rows.add(row, 0, None if whole else raw, changed=not whole)

    def end_rows(self, values: str, *, ends: bool) -> str:
        """End some rows; return what is wrong where their values are not those that came in."""
        if self._rows:
            self._rows.flush()
            same, self._values = self._values.hexdigest() == values, ValuesDigest(self._schema)
            if self._part and ends:
                self._part.end_group()
            self._open = not ends
            if not same and not self._problem:
                return "the values of the rows up to this one are not those of the input"
        return self._problem

    def close(self) -> None:
        """Write the file."""
        if self._rows and self._part and self._sink:
            self._rows.flush()
            if self._open:
                self._part.end_group()
            with self._waiting:
                self._waiting.flush()
                join([os.fsencode(self._waiting.name)], self._sink)

    def _take(self, batch: pa.RecordBatch) -> None:
        self._values.update(batch)
        self._open = True
        if self._part:
            self._part.add(batch)
