"""Shards: what one worker takes at a time, some whole files or one piece of a large one.

Where a shard ends depends on the inputs alone. A piece of a file of records is a range of bytes: its
are the records that begin in it, so no reader has to know where another one stopped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from cleaner.errors import InputError
from cleaner.io.formats import FORMATS
from cleaner.io.formats.base import WHOLE, Reader, Record, Span
from cleaner.io.formats.streams import HashedStream
from cleaner.io.inputs import InputFile, open_input
from cleaner.io.ledger import digest
from cleaner.io.ledger_headers import own_id
from cleaner.settings import Settings

SHARD_BYTES = 4 << 20
_SHARD_FILES = 1000
_SHARDS = 32  # of a small corpus, at least, so that no worker waits long for the last one
_LEAST = 1 << 20  # bytes of a shard that are worth a task


class Piece(msgspec.Struct, frozen=True):
    """A file, or the records in a span of `source`.

    `source` is the file that is read: `file` itself, or what was unpacked of it. `limit` is how many
    documents may be taken (None: all). Records that are `left_out` (number, reason) count as such that cannot
    be read; if only some are `tried`, by their numbers, all other documents are passed over.
    """

    file: InputFile
    source: InputFile
    span: Span = WHOLE
    limit: int | None = None
    left_out: Mapping[int, str] = msgspec.field(default_factory=dict)
    tried: range | None = None


class Shard(msgspec.Struct, frozen=True):
    """Some whole files or one piece of a file, and where their scan goes.

    `published` files are clean texts of earlier runs: compared with, never changed.
    """

    pieces: tuple[Piece, ...]
    scratch: bytes
    published: bool = False

    @property
    def cut(self) -> bool:
        """Whether this is a piece of a larger file."""
        return not self.pieces[0].span.whole


def make_shards(
    files: Sequence[tuple[InputFile, InputFile]],
    scratch: bytes,
    *,
    limits: dict[bytes, int],
    published: bool = False,
    shard_bytes: int = SHARD_BYTES,
) -> list[Shard]:
    """Cut (file, source) pairs into shards of up to `shard_bytes`, in order. `limits` gives the documents to
    take of some.
    """
    groups: list[list[Piece]] = []
    size = 0
    whole = sum(source.size * FORMATS[source.format].density for _, source in files)
    shard_bytes = min(shard_bytes, max(_LEAST, -(-whole // _SHARDS)))
    for file, source in files:
        limit = limits.get(file.path)
        density = FORMATS[source.format].density
        if _can_be_cut(source) and source.size * density > shard_bytes and limit is None:
            starts = range(0, source.size, max(1, shard_bytes // density))
            ends = [*starts[1:], None]
            groups += (
                [Piece(file, source, Span(start, end))] for start, end in zip(starts, ends, strict=True)
            )
            size = shard_bytes
        else:
            if not groups or size + source.size * density > shard_bytes or len(groups[-1]) >= _SHARD_FILES:
                groups.append([])
                size = 0
            groups[-1].append(Piece(file, source, limit=limit))
            size += source.size * density
    kind = b"published" if published else b"input"
    return [
        Shard(tuple(group), os.path.join(scratch, kind + b"-%06d" % number), published)
        for number, group in enumerate(groups)
    ]


def _can_be_cut(source: InputFile) -> bool:
    return FORMATS[source.format].divisible and not source.compression


def file_digest(file: InputFile) -> str:
    """Return the digest of the content of a file; empty when it is no longer what it was."""
    try:
        with open_input(file) as stream:
            return HashedStream(stream).hexdigest()
    except InputError:
        return ""


@contextmanager
def open_records(piece: Piece, settings: Settings) -> Iterator[tuple[Iterator[Record], Reader]]:
    """Open the records of a piece, numbered from its start, and their reader.

    Raises InputError when it cannot be read, or changes while it is.
    """
    with open_input(piece.source) as file:
        reader = FORMATS[piece.file.format].reader(file, settings, piece.span)
        records = _limited(reader.records(), piece.limit)
        if piece.left_out or piece.tried is not None:
            records = _chosen(records, piece)
        yield records, reader


def _limited(records: Iterator[Record], limit: int | None) -> Iterator[Record]:
    left = limit
    for record in records:
        if left == 0:
            return
        yield record
        if left is not None and record.source is not None:
            left -= 1


def _chosen(records: Iterator[Record], piece: Piece) -> Iterator[Record]:
    for record in records:
        if record.number in piece.left_out:
            yield msgspec.structs.replace(record, source=None, problem=piece.left_out[record.number])
        elif record.source and piece.tried is not None and record.number not in piece.tried:
            yield msgspec.structs.replace(record, source=None)
        else:
            yield record


def numbered(base: int, number: int) -> int:
    """Return the number in its file of record `number` of a piece; 0 stays, it stands for a whole file.

    `base` records of the file come before those of the piece.
    """
    return base + number if number else 0


def document_place(file: InputFile, record: Record, base: int) -> tuple[str, int, str]:
    """Return path, record number (see `numbered`) and id of a document: its id field, else path and
    content hash.
    """
    path = os.fsdecode(file.path)
    identity = record.source.id if record.source else None
    if not identity:
        identity = own_id(path, record.number, digest(record.raw) if record.number else "")
    return path, numbered(base, record.number), identity
