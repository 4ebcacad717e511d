"""The digest of the values of a table: the same however they are stored.

Neither encoding, compression, pages, batches nor dictionaries count, and no version of Arrow does. Each
column, and each level of a nested one, is hashed as three streams: which values are there, how long they
are, and what they are. So it does not matter where one batch ends and the next begins.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_map)
_STRINGS = (
    pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view,
    pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view,
)  # fmt: skip


class ValuesDigest:
    """Hashes record batches of one schema."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._streams: dict[str, Any] = {}

    def update(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch."""
        for number, column in enumerate(batch.columns):
            self._add(str(number), column)

    def hexdigest(self) -> str:
        """Return the digest of schema, metadata and all values so far."""
        whole = blake2b(digest_size=16)
        for line in schema_lines(self._schema):
            whole.update(repr(line).encode())
        for name, stream in sorted(self._streams.items()):
            whole.update(name.encode() + stream.digest())
        return whole.hexdigest()

    def _add(self, name: str, array: pa.Array) -> None:
        if isinstance(array, pa.ExtensionArray):
            array = array.storage
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if any(is_kind(array.type) for is_kind in _STRINGS):
            array = pc.cast(array, pa.large_binary())  # nulls are not dropped from all of them
        self._feed(f"{name} there", array.is_valid().cast(pa.uint8()))
        if pa.types.is_null(array.type):
            return
        array = array.drop_null()
        kind = array.type
        if any(is_kind(kind) for is_kind in _LISTS):
            offsets = array.offsets.to_numpy()
            self._hash(f"{name} length", np.diff(offsets).astype("<i8").tobytes())
            for number, values in enumerate(_children(array)):
                self._add(f"{name}.{number}", values.slice(offsets[0], offsets[-1] - offsets[0]))
        elif pa.types.is_fixed_size_list(kind):
            self._add(f"{name}.0", array.flatten())
        elif pa.types.is_struct(kind):
            for number, values in enumerate(array.flatten()):
                self._add(f"{name}.{number}", values)
        elif pa.types.is_large_binary(kind):
            _, ends, data = array.buffers()
            offsets = np.frombuffer(ends, "<i8")[array.offset :][: len(array) + 1]
            self._hash(f"{name} length", np.diff(offsets).tobytes())
            if data is not None and len(array):
                self._hash(name, memoryview(data)[offsets[0] : offsets[-1]])
        else:
            self._feed(name, array.cast(pa.uint8()) if pa.types.is_boolean(kind) else array)

    def _feed(self, name: str, array: pa.Array) -> None:
        """Hash the values of an array of values of one width."""
        width = array.type.bit_width // 8
        data = array.buffers()[1]
        start, end = array.offset * width, (array.offset + len(array)) * width
        self._hash(name, b"" if data is None else memoryview(data)[start:end])

    def _hash(self, name: str, data: bytes | memoryview) -> None:
        self._streams.setdefault(name, blake2b(digest_size=16)).update(data)


def schema_lines(schema: pa.Schema) -> list[tuple[Any, ...]]:
    """Return the fields of a schema and its metadata as plain values."""
    fields = [(field.name, str(field.type), field.nullable, _pairs(field.metadata)) for field in schema]
    return [*fields, _pairs(schema.metadata)]


def _pairs(metadata: dict[bytes, bytes] | None) -> tuple[tuple[bytes, bytes], ...]:
    return tuple(sorted((metadata or {}).items()))


def _children(array: pa.Array) -> list[pa.Array]:
    return [array.keys, array.items] if pa.types.is_map(array.type) else [array.values]
