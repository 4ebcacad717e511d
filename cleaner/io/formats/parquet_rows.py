"""Rows of record batches: their texts, and batches made of some of them with other texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

TEXT_TYPES = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view,
    pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view,
)  # fmt: skip


def is_text(kind: pa.DataType) -> bool:
    """Tell whether the values of a column are strings, or bytes that may be."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return any(is_kind(kind) for is_kind in TEXT_TYPES)


def texts_of(column: pa.Array) -> list[bytes | None]:
    """Return the values of a text column as bytes."""
    if pa.types.is_dictionary(column.type):
        values = texts_of(column.dictionary)
        return [None if index is None else values[index] for index in column.indices.to_pylist()]
    found: list[bytes | None] = pc.cast(column, pa.large_binary()).to_pylist()
    return found


def as_column(texts: list[bytes | None], kind: pa.DataType) -> pa.Array:
    """Return texts as a column of a type for which `is_text` holds, whether they are UTF-8 or not."""
    if pa.types.is_dictionary(kind):
        return _coded(as_column(texts, kind.value_type), kind)
    options = pc.CastOptions(target_type=kind, allow_invalid_utf8=True)
    return pc.cast(pa.array(texts, pa.large_binary()), options=options)


def _coded(values: pa.Array, kind: pa.DictionaryType) -> pa.Array:
    """Return values by a dictionary that has no others."""
    coded = values.dictionary_encode()
    indices = pc.cast(coded.indices, kind.index_type)
    return pa.DictionaryArray.from_arrays(indices, coded.dictionary, ordered=kind.ordered)


class Rows:
    """Takes rows one by one, with their texts, and gives them on as batches; column `text` is that."""

    def __init__(self, give: Callable[[pa.RecordBatch], None], text: int) -> None:
        self._give, self._text = give, text
        self._batch: pa.RecordBatch | None = None
        self._indices: list[int] = []
        self._texts: list[bytes | None] = []
        self._changed = False

    def add(self, batch: pa.RecordBatch, index: int, text: bytes | None, *, changed: bool) -> None:
        """Append a row of a batch, with `text` as its text."""
        if batch is not self._batch:
            self.flush()
            self._batch = batch
        self._indices.append(index)
        self._texts.append(text)
        self._changed |= changed

    def flush(self) -> None:
        """Give on what was added."""
        if self._batch is not None and self._indices:
            batch = _taken(self._batch, self._indices)
            self._give(_with_texts(batch, self._text, self._texts) if self._changed else batch)
        self._batch, self._indices, self._texts, self._changed = None, [], [], False


def _taken(batch: pa.RecordBatch, indices: list[int]) -> pa.RecordBatch:
    """Return some rows of a batch, in order. Arrow can join slices of any type, but not take from any."""
    starts = [at for at, index in enumerate(indices) if not at or index != indices[at - 1] + 1]
    runs = [(indices[start], end - start) for start, end in pairwise([*starts, len(indices)])]
    if len(runs) == 1:
        return batch.slice(*runs[0])
    columns = [pa.concat_arrays([column.slice(*run) for run in runs]) for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _with_texts(batch: pa.RecordBatch, text: int, texts: list[bytes | None]) -> pa.RecordBatch:
    columns = list(batch.columns)
    columns[text] = as_column(texts, batch.schema.field(text).type)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def pack(batch: pa.RecordBatch, index: int, without: int | None = None) -> bytes:
    """Return one row of a batch as an Arrow stream, with no text in column `without`."""
    row = batch.slice(index, 1)
    schema = batch.schema.remove_metadata()
    if without is not None:
        field = schema.field(without).with_nullable(True)
        schema = schema.set(without, field)
    columns = [
        pa.nulls(1, field.type) if number == without else _alone(column)
        for number, (column, field) in enumerate(zip(row.columns, schema, strict=True))
    ]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _alone(column: pa.Array) -> pa.Array:
    """Return a value without the rest of its dictionary."""
    if pa.types.is_dictionary(column.type):
        return _coded(column.dictionary_decode(), column.type)
    return column


def unpack(data: bytes, schema: pa.Schema) -> pa.RecordBatch:
    """Return the row that `pack` packed. Raises ValueError where it is none of this schema."""
    with pa.ipc.open_stream(data) as stream:
        batch = stream.read_next_batch()
    return pa.RecordBatch.from_arrays(batch.columns, schema=schema)


class Row(bytes):
    """The text of a row (b"" for none), which knows where it is from."""

    batch: pa.RecordBatch
    place: int
    text: bytes | None


def rows_of(batch: pa.RecordBatch, text: int) -> Iterator[Row]:
    """Yield the rows of a batch."""
    for index, value in enumerate(texts_of(batch.column(text))):
        row = Row(value or b"")
        row.batch, row.place, row.text = batch, index, value
        yield row
