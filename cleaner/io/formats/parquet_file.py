"""Opening a Parquet file: is it one, has it the column, can its values be held, can it be written back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import Struct

from cleaner.errors import InputError
from cleaner.io.formats.base import WHOLE, Span
from cleaner.io.formats.parquet_parts import comes_back, write_options
from cleaner.io.formats.parquet_rows import is_text, pack, unpack
from cleaner.io.formats.parquet_values import ValuesDigest
from cleaner.text.show import show

_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
_BUFFER = 1 << 20  # bytes read ahead, a column
_BATCH_BYTES = 8 << 20
_UNIT = 256  # rows: files are cut at multiples of it in a group, and so is what a digest is of
_SWOLLEN_BYTES = 32 << 20  # of a batch, at most, if each row had the longest value there can be
_FEW_ROWS = 16
_FREE = 100_000_000  # bytes of values that any file may give
_RATIO = 250  # bytes out for one in, beyond these; news gives 3 to 6


class Slice(Struct, frozen=True):
    """Rows `first` up to `last` of the `rows` of a group, counted from 0."""

    group: int
    first: int
    last: int
    rows: int

    def ends(self, at: int) -> bool:
        """Whether the rows up to `at` end a unit, or the group."""
        return at % _UNIT == 0 or at == self.rows


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
        self._given = 0
        with told():
            self._file = pq.ParquetFile(file, buffer_size=_BUFFER, pre_buffer=False)
            self.metadata = self._file.metadata
            self.schema = self._file.schema_arrow
            self.options = write_options(self.metadata)
            self._longest = [
                _longest(file, self.metadata.row_group(n)) for n in range(self.metadata.num_row_groups)
            ]
        said = (self.metadata.row_group(n).total_byte_size for n in range(self.metadata.num_row_groups))
        self._give(sum(max(0, size) for size in said))
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

    def slices(self, span: Span = WHOLE) -> list[Slice]:
        """Return the rows that begin in a span, those of each group apart.

        Nothing says where in a file a row begins, so units of rows count as spread evenly over their group.
        """
        starts = [*map(self._start, range(self.metadata.num_row_groups)), self._bytes]
        found = []
        for group, (start, end) in enumerate(pairwise(starts)):
            rows, size = self.metadata.row_group(group).num_rows, max(1, end - start)
            first = _units_before(span.start - start, rows, size)
            last = rows if span.end is None else _units_before(span.end - start, rows, size)
            begins = span.start <= start and (span.end is None or start < span.end)
            if first < last or (not rows and begins):
                found.append(Slice(group, first, last, rows))
        return found

    def batches(self, part: Slice) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a slice; no batch has rows of two units."""
        before = 0
        for batch in self._batches(part.group):
            at, end = max(before, part.first), min(before + len(batch), part.last)
            if at < end:
                self._give(batch.nbytes + sum(map(_told_often, batch.columns)))
            while at < end:
                size = min(end, at - at % _UNIT + _UNIT) - at
                yield batch.slice(at - before, size)
                at += size
            before += len(batch)
            if before >= part.last:
                return

    def _batches(self, group: int) -> Iterator[pa.RecordBatch]:
        with told():
            found = self._file.iter_batches(self._batch_rows(group), row_groups=[group], use_threads=False)
        while True:
            with told():
                batch = next(found, None)
            if batch is None:
                return
            yield pa.RecordBatch.from_arrays(batch.columns, schema=self.schema)

    def _give(self, size: int) -> None:
        """Count bytes of values. Raises InputError where they are too many for a file of this size."""
        self._given += size
        if self._too_much(self._given):
            raise InputError(
                f"{self._bytes:,} bytes of Parquet give more than {self._given:,}, over {_RATIO} for one, as"
                " archive bombs do; if it is none, write it anew without dictionaries"
            )

    def check_values(self, part: Slice) -> None:
        """Raise InputError where the values of a slice are too many, before any of them is used."""
        if self._too_much(self._longest[part.group] * (part.last - part.first)):
            before = self._given
            for _ in self.batches(part):
                pass
            self._given = before

    def _too_much(self, size: int) -> bool:
        return size > _FREE and size > self._bytes * _RATIO

    def _start(self, group: int) -> int:
        column = self.metadata.row_group(group).column(0)
        first = column.dictionary_page_offset
        return int(max(0, column.data_page_offset if first is None else first))

    def _batch_rows(self, group: int) -> int:
        """Return how many rows to read at once, by what the group says, and by what it may not say: a value
        of a dictionary can be told often.
        """
        told_of = self.metadata.row_group(group)
        width: int = max(1, told_of.total_byte_size // max(1, told_of.num_rows))
        most = max(_FEW_ROWS, _SWOLLEN_BYTES // max(1, self._longest[group]))
        wanted = max(1, min(_UNIT, most, _BATCH_BYTES // width))
        return 1 << (wanted.bit_length() - 1)  # a power of two, so that units are made of whole batches


def _units_before(offset: int, rows: int, size: int) -> int:
    """Return how many rows, in whole units, begin before a byte of a group of so many rows and bytes."""
    before = -(-max(0, offset) * rows // size)
    return min(rows, -(-before // _UNIT) * _UNIT)


def _told_often(column: pa.Array) -> int:
    """Return how many bytes the strings of a column have, if it names them by a dictionary; else 0."""
    if pa.types.is_dictionary(column.type) and is_text(column.type):
        return pc.sum(pc.take(pc.binary_length(column.dictionary), column.indices)).as_py() or 0
    return 0


def _longest(file: BinaryIO, group: pq.RowGroupMetaData) -> int:
    """Return how many bytes the largest dictionary of a group has; no value of one can be longer."""
    columns = (group.column(number) for number in range(group.num_columns))
    return max(
        (
            _dictionary_size(file, column.dictionary_page_offset) or column.total_uncompressed_size
            for column in columns
            if column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page
        ),
        default=0,
    )


def _dictionary_size(file: BinaryIO, offset: int) -> int:
    """Return how large the dictionary page at `offset` says it is when decompressed; 0 where it is none.

    A page begins with its header in Thrift's compact protocol: field 1 is its kind (2 for a dictionary),
    field 2 its size, both as zigzag varints.
    """
    file.seek(offset)
    header = file.read(16)
    if header[:3] != b"\x15\x04\x15":
        return 0
    size = shift = 0
    for byte in header[3:]:
        size |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return size >> 1
    return 0


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
    if start != _MAGIC:
        raise InputError(
            "named as Parquet but holds something else" if size else "named as Parquet but empty"
        )
    if end != _MAGIC or size < 12:
        raise InputError(f"Parquet, cut off after {size:,} bytes; copy the file again")
    return size


def _listed(names: list[str], most: int = 12) -> str:
    shown = ", ".join(show(name, limit=40) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown or "none"
