"""Opening a Parquet file: is it one, has it the column, can its values be held, can it be written back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner.errors import InputError
from cleaner.io.formats.base import Span
from cleaner.io.formats.parquet_parts import comes_back, write_options
from cleaner.io.formats.parquet_rows import is_text, pack, unpack
from cleaner.io.formats.parquet_values import ValuesDigest
from cleaner.text.show import show

_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
_BUFFER = 1 << 20  # bytes read ahead, a column
_BATCH_BYTES = 8 << 20
_BATCH_ROWS = 4096
_NESTED_ROWS = 16  # at once, where a nested column may swell
_FREE = 100_000_000  # bytes of values that any file may give
_RATIO = 250  # bytes out for one in, beyond these; news gives 3 to 6


@contextmanager
def told() -> Iterator[None]:
    """Turn what Arrow says of a file that it cannot read into InputError."""
    try:
        yield
    except NotImplementedError as error:
        raise InputError(f"Parquet of a kind that is not read here ({_first_line(error)})") from None
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise InputError(f"damaged Parquet file ({_first_line(error)}); copy the file again") from None


def _first_line(error: Exception) -> str:
    return show(str(error).strip().partition("\n")[0])


class Table:
    """An open Parquet file. What it holds is read a batch of rows at a time."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises InputError for what is no Parquet file, or gives more than it should."""
        self._bytes = _check_frame(file)
        with told():
            metadata = pq.read_metadata(file)
            self._swelling = self._check_size(metadata)
            self._file = pq.ParquetFile(
                file, buffer_size=_BUFFER, pre_buffer=False, read_dictionary=sorted(self._swelling)
            )
            read = self._file.schema_arrow
            self.schema = pq.ParquetFile(file).schema_arrow if self._swelling else read
            self.options = write_options(metadata)
        self.metadata = metadata
        self._given = 0

    def check_written_back(self) -> None:
        """Raise InputError where there is a column that cannot be checked, moved or written again."""
        with told():
            nulls = [pa.nulls(1, field.type) for field in self.schema]
            row = pa.RecordBatch.from_arrays(nulls, schema=self.schema)
            ValuesDigest(self.schema).update(unpack(pack(row, 0), self.schema))
        if not comes_back(self.schema, self.options):
            raise InputError("Parquet with column types that cannot be written again as they are")

    def text_column(self, name: str) -> int:
        """Return the number of the column that is cleaned. Raises InputError where there is none."""
        found = [number for number, each in enumerate(self.schema.names) if each == name]
        if not found:
            raise InputError(f"no column {name!r} (text_field); it has {_listed(self.schema.names)}")
        if len(found) > 1:
            raise InputError(f"two columns {name!r} (text_field)")
        kind = self.schema.field(found[0]).type
        if not is_text(kind):
            raise InputError(f"column {name!r} (text_field) is {show(str(kind))} instead of string")
        return found[0]

    def groups(self, span: Span) -> list[int]:
        """Return the groups of rows that begin in a span."""
        numbers = range(self.metadata.num_row_groups)
        if span.whole:
            return list(numbers)
        return [
            number
            for number in numbers
            if span.start <= self._start(number) and (span.end is None or self._start(number) < span.end)
        ]

    def batches(self, group: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a group."""
        with told():
            found = self._file.iter_batches(self._batch_rows(group), row_groups=[group], use_threads=False)
        while True:
            with told():
                batch = next(found, None)
            if batch is None:
                return
            with told():
                batch = self._in_schema(batch)
            yield batch

    def _start(self, group: int) -> int:
        column = self.metadata.row_group(group).column(0)
        first = column.dictionary_page_offset
        return int(max(0, column.data_page_offset if first is None else first))

    def _batch_rows(self, group: int) -> int:
        told_of = self.metadata.row_group(group)
        width: int = max(1, told_of.total_byte_size // max(1, told_of.num_rows))
        nested = any("." in name for name in self._swelling)
        return max(1, min(_NESTED_ROWS if nested else _BATCH_ROWS, _BATCH_BYTES // width))

    def _check_size(self, metadata: pq.FileMetaData) -> set[str]:
        """Return the columns that may hold far more than they say: values of a dictionary, told often.

        Raises InputError where already what they say is too much.
        """
        swelling: set[str] = set()
        said = 0
        for group in range(metadata.num_row_groups):
            told_of = metadata.row_group(group)
            for number in range(told_of.num_columns):
                column = told_of.column(number)
                size = max(0, column.total_uncompressed_size)
                said += size
                is_bytes = column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page
                if is_bytes and self._too_much(size * column.num_values):
                    swelling.add(column.path_in_schema)
        self._check_given(said)
        return swelling

    def _too_much(self, size: int) -> bool:
        return size > _FREE and size > self._bytes * _RATIO

    def _check_given(self, size: int) -> None:
        if self._too_much(size):
            raise InputError(
                f"{self._bytes:,} bytes of Parquet give {size:,} or more, over {_RATIO} for one, as archive"
                " bombs do; if it is none, write it anew without dictionaries"
            )

    def _in_schema(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch as the schema says, once it is known that its values can be held."""
        columns: list[Any] = list(batch.columns)
        for number, field in enumerate(self.schema):
            if field.name in self._swelling and pa.types.is_dictionary(columns[number].type):
                coded = columns[number]
                lengths = pc.take(pc.binary_length(coded.dictionary), coded.indices)
                self._given += pc.sum(lengths).as_py() or 0
                self._check_given(self._given)
                if not pa.types.is_dictionary(field.type):
                    columns[number] = coded.dictionary_decode().cast(field.type)
        if any("." in name for name in self._swelling):
            self._given += batch.nbytes
            self._check_given(self._given)
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


def _check_frame(file: BinaryIO) -> int:
    """Return how many bytes a file has that begins and ends as Parquet does."""
    if not file.seekable():
        raise InputError("Parquet inside another compression is not read, it is compressed itself; unpack it")
    file.seek(0)
    start = file.read(4)
    size = file.seek(0, 2)
    file.seek(max(0, size - 4))
    end = file.read(4)
    file.seek(0)
    if _ENCRYPTED in (start, end):
        raise InputError("encrypted Parquet; write it anew in plain")
    if start != _MAGIC or size < 12:
        raise InputError(
            "named as Parquet but holds something else" if size else "named as Parquet but empty"
        )
    if end != _MAGIC:
        raise InputError(f"Parquet, cut off after {size:,} bytes; copy the file again")
    return size


def _listed(names: list[str], most: int = 12) -> str:
    shown = ", ".join(show(name, limit=40) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown or "none"
