"""The rows of a run: all paragraphs of its segments under one numbering, and where each of them stands.

A segment is a scanned shard, or what an index gave of earlier runs. Its columns are copied into files that
every process maps: keys band by band, because rows are grouped a band at a time, and sketches row by row,
because two rows are compared as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import repeat
from typing import Any, Protocol

import numpy as np
from msgspec import Struct

from cleaner.dedup.columns import LENGTH, WORDS, Columns
from cleaner.dedup.documents import Documents, joined_documents
from cleaner.dedup.signatures import Ints
from cleaner.dedup.survivors import document_order
from cleaner.engine.base import Engine
from cleaner.errors import OutputError
from cleaner.io.document_names import DocumentName, read_name
from cleaner.io.scans import KEYS, TEXTS, load_columns, load_documents
from cleaner.io.scratch import (
    Blob,
    Column,
    make_folder,
    make_room,
    read_array,
    read_value,
    remove,
    write_array,
    write_at,
    write_value,
)
from cleaner.io.shards import numbered
from cleaner.text.changes import Place

_WIDTHS = {
    b"place": (np.uint32, 3),
    b"exact": (np.uint64, 2),
    b"sketch": (np.uint32, WORDS),
    b"flags": (np.uint8, 1),
}

MOST_ROWS = (1 << 32) - 1  # a row and its key are 64 bits
_OPEN = 64  # segments whose texts a process holds open


class Store(Protocol):
    """Texts, or names of documents, by number."""

    def some(self, numbers: Ints) -> list[bytes]:
        """Return some of them; the numbers ascend."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


class Segment(Struct, frozen=True):
    """Rows that stand together: where their columns are; the texts of rows, the names of documents; how many
    of both; and how many records of the file come before the first of the segment.
    """

    folder: bytes
    rows: int
    documents: int
    texts: Store
    names: Store
    base: int = 0


def scanned_segment(folder: bytes, rows: int, documents: int, base: int) -> Segment:
    """Return a scanned shard as a segment."""
    return Segment(folder, rows, documents, Blob(folder, TEXTS), Blob(folder, b"names"), base)


class Rows:
    """The rows of all segments, of which the first `published` hold what earlier runs published. Pickles as a
    path, and is read once a process.
    """

    def __init__(self, folder: bytes, segments: Sequence[Segment], published: int) -> None:
        self.folder = folder
        self._segments = segments
        self._first_rows = np.cumsum([0, *(each.rows for each in segments)]).tolist()
        self._first_documents = np.cumsum([0, *(each.documents for each in segments)]).tolist()
        self.settled: int = self._first_rows[published]
        self.settled_documents: int = self._first_documents[published]
        self.place, self.exact, self.sketch, self.flags = (
            Column(folder, name, kind, width if width > 1 else 0) for name, (kind, width) in _WIDTHS.items()
        )
        self._open: dict[int, None] = {}
        ordered = os.path.exists(os.path.join(folder, b"order"))
        self._order = Column(folder, b"order", np.int64) if ordered else None

    def __len__(self) -> int:
        return int(self._first_rows[-1])

    def __reduce__(self) -> tuple[Any, ...]:
        return _load_rows, (self.folder,)

    def words(self, key: int) -> Column:
        """Return the words of one band."""
        return Column(self.folder, b"words", np.uint32, 0, key * len(self))

    def order(self, rows: Ints) -> Ints:
        """Return the places of rows in the order in which equals stay."""
        if self._order is None:
            return rows
        return (self._order.take(self.place.take(rows)[:, 0].astype(np.int64)) << 32) + rows

    def coarse_order(self, rows: Ints) -> Ints:
        """Return the same in 32 bits; rows of one document may then be equal."""
        return rows if self._order is None else self._order.take(self.place.take(rows)[:, 0])

    def document_order(self) -> Ints:
        """Return the place of each document in that order."""
        if self._order is None:
            return np.arange(self._first_documents[-1])
        return self._order.between(0, self._first_documents[-1])

    @property
    def segments(self) -> int:
        """How many segments there are."""
        return len(self._segments)

    def folder_of(self, segment: int) -> bytes:
        """Return the scratch folder of a segment."""
        return self._segments[segment].folder

    def bounds(self, segment: int) -> tuple[int, int]:
        """Return the first row of a segment, and the first after it."""
        return self._first_rows[segment], self._first_rows[segment + 1]

    def first_document(self, segment: int) -> int:
        """Return the number of the first document of a segment."""
        return int(self._first_documents[segment])

    def length(self, start: int, stop: int) -> Ints:
        """Return how many characters rows have in matching form."""
        return self.sketch.between(start, stop)[:, LENGTH].astype(np.int64)

    def columns(self, segment: int) -> Columns:
        """Return the columns of a segment; documents count from its start."""
        start, stop = self.bounds(segment)
        place = self.place.between(start, stop)
        place[:, 0] -= np.uint32(self.first_document(segment))
        return Columns(place, self.exact.between(start, stop), self.sketch.between(start, stop))

    def texts(self, rows: Ints) -> list[str]:
        """Return the texts of rows, which ascend."""
        found: list[bytes] = []
        for segment, numbers in self._by_segment(rows, self._first_rows):
            found += segment.texts.some(numbers)
        return [text.decode("utf-8", "surrogatepass") for text in found]

    def names(self, documents: Ints) -> dict[int, DocumentName]:
        """Return path, record and id of documents, by their numbers."""
        documents = np.unique(documents)
        found: list[DocumentName] = []
        for segment, numbers in self._by_segment(documents, self._first_documents):
            for path, record, identity in map(read_name, segment.names.some(numbers)):
                found.append((path, numbered(segment.base, record), identity))
        return dict(zip(documents.tolist(), found, strict=True))

    def _by_segment(self, numbers: Ints, firsts: Sequence[int]) -> Iterator[tuple[Segment, Ints]]:
        """Yield the segments of rows or documents, which ascend, each with the numbers that those have there;
        `firsts` are the numbers with which segments begin.
        """
        segments = np.searchsorted(firsts, numbers, side="right") - 1
        for segment in np.unique(segments).tolist():
            start, stop = np.searchsorted(segments, (segment, segment + 1)).tolist()
            yield self._used(segment), numbers[start:stop] - firsts[segment]

    def _used(self, number: int) -> Segment:
        """Return a segment, and let another go that was not used for long."""
        self._open.pop(number, None)
        self._open[number] = None
        if len(self._open) > _OPEN:
            longest = next(iter(self._open))
            del self._open[longest]
            self._segments[longest].texts.close()
            self._segments[longest].names.close()
        return self._segments[number]

    def placed(self, rows: Ints, *, text: bool = True) -> dict[int, Place]:
        """Name the paragraphs of rows, each once, and give their texts if these are wanted."""
        rows = np.unique(rows)
        texts: Iterable[str | None] = self.texts(rows) if text else repeat(None)
        places = self.place.take(rows)
        names = self.names(places[:, 0].astype(np.int64))
        return {
            row: Place(*names[document], paragraph, line, own, row < self.settled)
            for row, (document, paragraph, line), own in zip(
                rows.tolist(), places.tolist(), texts, strict=False
            )
        }


@lru_cache(maxsize=1)
def _load_rows(folder: bytes) -> Rows:
    return Rows(folder, *read_value(folder, b"segments"))


def join_rows(
    folder: bytes, segments: Sequence[Segment], published: int, engine: Engine
) -> tuple[Rows, Documents]:
    """Join the columns of segments, of which the first `published` are of earlier runs; there is one row at
    least. Documents get one numbering. The columns of the segments are removed. Raises OutputError where
    there are more rows than can be numbered.
    """
    if sum(each.rows for each in segments) > MOST_ROWS:
        raise OutputError(
            f"more than {MOST_ROWS:,} paragraphs to be compared",
            hint="nothing was published; clean them in parts, into outputs of their own",
        )
    make_folder(folder)
    write_value(folder, b"segments", (segments, published))
    rows = Rows(folder, segments, published)
    for name, (kind, width) in (*_WIDTHS.items(), (b"words", (np.uint32, KEYS))):
        make_room(folder, name, len(rows) * width * np.dtype(kind).itemsize)
    if (ranks := _ranks(segments)).size:
        write_array(folder, b"order", document_order(ranks, rows.settled_documents))
        rows = Rows(folder, segments, published)
    parts = []
    for number, segment in enumerate(segments):
        found = load_documents(segment.folder)
        first_row, _ = rows.bounds(number)
        found.number[:] += rows.first_document(number)
        found.first[:] += first_row
        parts.append(found)
    tasks = [
        (each.folder, *rows.bounds(number), rows.first_document(number))
        for number, each in enumerate(segments)
    ]
    copied = engine.map(partial(_copy_columns, folder=folder, count=len(rows)), tasks)
    for (source, *_), _ in zip(tasks, copied, strict=True):
        remove(source, b"place", b"exact", b"length", b"words", b"flags")
    return rows, joined_documents(parts)


def _ranks(segments: Sequence[Segment]) -> Ints:
    """Return the ranks of all documents (documents x k); what is published has none, and needs none."""
    ranks = [read_array(each.folder, b"ranks", np.int64) for each in segments]
    width = max(len(rank) // max(1, each.documents) for rank, each in zip(ranks, segments, strict=True))
    return np.concatenate([
        rank.reshape(-1, width) if len(rank) else np.zeros((each.documents, width), np.int64)
        for rank, each in zip(ranks, segments, strict=True)
    ])  # fmt: skip


def _copy_columns(task: tuple[bytes, int, int, int], folder: bytes, count: int) -> None:
    """Copy the columns of a segment to their place among those of all."""
    source, first, _, document = task
    write_at(os.path.join(folder, b"flags"), first, read_array(source, b"flags", np.uint8))
    for columns, words in load_columns(source):
        columns.place[:, 0] += np.uint32(document)
        for name, array in (
            (b"place", columns.place),
            (b"exact", columns.exact),
            (b"sketch", columns.sketch),
        ):
            write_at(os.path.join(folder, name), array.strides[0] * first, array)
        for key in range(KEYS):
            write_at(os.path.join(folder, b"words"), (key * count + first) * 4, words[key])
        first += len(columns)
