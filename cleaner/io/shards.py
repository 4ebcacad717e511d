"""Shards: some input files that one worker takes together. Where one ends depends on the inputs alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import BinaryIO

from cleaner.io.formats import FORMATS
from cleaner.io.formats.base import Record
from cleaner.io.inputs import InputFile, open_input
from cleaner.io.ledger import digest
from cleaner.settings import Settings

SHARD_BYTES = 8 << 20
_SHARD_FILES = 1000


@dataclass(frozen=True, slots=True)
class Shard:
    """Files, where their scan goes, and how many documents of each may be taken (None: all).

    `published` files are clean texts of earlier runs: compared with, never changed.
    """

    files: tuple[InputFile, ...]
    scratch: bytes
    limits: tuple[int | None, ...]
    published: bool = False


def make_shards(
    files: Sequence[InputFile],
    scratch: bytes,
    *,
    limits: dict[bytes, int],
    published: bool = False,
    shard_bytes: int = SHARD_BYTES,
) -> list[Shard]:
    """Cut `files` into shards, in order. `limits` gives the documents to take of some files."""
    groups: list[list[InputFile]] = []
    size = 0
    for file in files:
        if not groups or size + file.size > shard_bytes or len(groups[-1]) >= _SHARD_FILES:
            groups.append([])
            size = 0
        groups[-1].append(file)
        size += file.size
    kind = b"published" if published else b"input"
    return [
        Shard(
            tuple(group),
            os.path.join(scratch, kind + b"-%06d" % number),
            tuple(limits.get(file.path) for file in group),
            published,
        )
        for number, group in enumerate(groups)
    ]


class HashedStream:
    """A stream that hashes all that is read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = blake2b(digest_size=16)

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes."""
        return self._seen(self._stream.read(size))

    def readline(self, size: int = -1) -> bytes:
        """Read a line, up to `size` bytes of it."""
        return self._seen(self._stream.readline(size))

    def hexdigest(self) -> str:
        """Read what is left, and return the digest of the whole stream."""
        while self.read(1 << 20):
            pass
        return self._hash.hexdigest()

    def _seen(self, data: bytes) -> bytes:
        self._hash.update(data)
        return data


@contextmanager
def open_records(
    file: InputFile, settings: Settings, limit: int | None
) -> Iterator[tuple[Iterator[Record], HashedStream]]:
    """Open the records of a file, up to `limit` documents, and the stream that hashes it.

    Raises InputError when it cannot be read, or changes while it is.
    """
    with open_input(file) as raw:
        stream = HashedStream(raw)
        yield _limited(FORMATS[file.format].records(stream, settings), limit), stream


def _limited(records: Iterator[Record], limit: int | None) -> Iterator[Record]:
    left = limit
    for record in records:
        if left == 0:
            return
        yield record
        if left is not None and record.source is not None:
            left -= 1


def document_place(file: InputFile, record: Record) -> tuple[str, int, str]:
    """Return path, record number and id of a document: its id field, else path and content hash."""
    path = os.fsdecode(file.path)
    identity = record.source.id if record.source else None
    return path, record.number, identity or (f"{path}#{digest(record.raw)[:16]}" if record.number else path)
