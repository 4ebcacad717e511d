"""What becomes of a table waits in parts: Arrow streams, whose rows are a group up to one that says so.

The first stream of a part has no rows, and the options to write the table with; those without rows end a
group.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.io.formats.base import Sink

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_OPTIONS = b"cleaner.options"  # in the metadata of the first stream of a part


class PartWriter:
    """Writes a part of a table: its schema, the options to write it as Parquet with, and groups of rows."""

    def __init__(self, sink: Sink, schema: pa.Schema, options: dict[str, Any]) -> None:
        self._file = _SinkFile(sink)
        self._schema = schema
        told = schema.with_metadata({**(schema.metadata or {}), _OPTIONS: json.dumps(options).encode()})
        pa.ipc.new_stream(self._file, told).close()
        self._rows: Any = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        if self._rows is None:
            self._rows = pa.ipc.new_stream(self._file, self._schema)
        self._rows.write_batch(batch)

    def end_group(self) -> None:
        """End a group, which may have no rows."""
        self.close()
        pa.ipc.new_stream(self._file, self._schema).close()

    def close(self) -> None:
        """End what is written, be it in the middle of a group."""
        if self._rows is not None:
            self._rows.close()
            self._rows = None


def join(parts: Iterable[bytes], sink: Sink) -> None:
    """Write the groups of some parts as one Parquet file. Rows are mapped into memory, not read."""
    with ExitStack() as stack:
        writer: pq.ParquetWriter | None = None
        group: list[pa.Table] = []
        for part in parts:
            mapped = stack.enter_context(pa.memory_map(part))
            schema = pa.ipc.open_stream(mapped).read_all().schema
            if writer is None:
                metadata = dict(schema.metadata)
                options = json.loads(metadata.pop(_OPTIONS))
                schema = schema.with_metadata(metadata or None)
                writer = stack.enter_context(pq.ParquetWriter(_SinkFile(sink), schema, **options))
            while mapped.tell() < mapped.size():
                rows = pa.ipc.open_stream(mapped).read_all()
                group.append(rows)
                if not rows.num_rows:
                    table = pa.concat_tables(group).unify_dictionaries()
                    writer.write_table(table, row_group_size=max(1, table.num_rows))
                    group = []


def write_options(metadata: pq.FileMetaData) -> dict[str, Any]:
    """Return the options with which a file of this metadata is written in the same way.

    Of a file without groups of rows nothing is known.
    """
    options: dict[str, Any] = {"version": "2.6", "store_schema": True}
    if not metadata.num_row_groups:
        return options
    first = metadata.row_group(0)
    columns = [first.column(number) for number in range(metadata.num_columns)]
    codecs = {column.path_in_schema: _CODECS.get(column.compression, "SNAPPY") for column in columns}
    same = set(codecs.values())
    dictionaries = sorted({column.path_in_schema for column in columns if column.has_dictionary_page})
    return options | {
        "compression": same.pop() if len(same) == 1 else codecs,
        "use_dictionary": dictionaries or False,
        "write_statistics": any(column.is_stats_set for column in columns),
        "write_page_index": any(column.has_offset_index for column in columns),
        "use_deprecated_int96_timestamps": any(column.physical_type == "INT96" for column in columns),
    }


_CODECS = {
    "UNCOMPRESSED": "NONE", "SNAPPY": "SNAPPY", "GZIP": "GZIP", "BROTLI": "BROTLI", "LZ4": "LZ4",
    "LZ4_RAW": "LZ4", "ZSTD": "ZSTD",
}  # fmt: skip


def comes_back(schema: pa.Schema, options: dict[str, Any]) -> bool:
    """Tell whether a Parquet file written with these options has this very schema."""
    stream = io.BytesIO()
    with suppress(pa.ArrowException, ValueError):
        with pq.ParquetWriter(stream, schema, **options):
            pass
        return bool(pq.read_schema(stream).equals(schema, check_metadata=True))
    return False


class _SinkFile(io.RawIOBase):
    """A sink as Arrow wants it."""

    def __init__(self, sink: Sink) -> None:
        self._sink, self._at = sink, 0

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        view = memoryview(data)
        self._sink.write(bytes(view))
        self._at += view.nbytes
        return view.nbytes

    def tell(self) -> int:
        return self._at
