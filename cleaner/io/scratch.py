"""What a scan leaves on disk for the judge and for writing: columns, texts, drafts. Disposable.

One folder a shard. The columns of all shards are then joined into files that every process maps into
memory. Paragraph texts are read at random by the few rows that become candidates, so they stand in one
file with an offset each; drafts are read once, in order.
"""

from __future__ import annotations

import json
import mmap
import os
import pickle
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from cleaner.dedup.columns import Columns
from cleaner.dedup.signatures import Ints
from cleaner.text.draft import Act, Draft, Miss

_COLUMNS = tuple(field.name for field in fields(Columns))


@dataclass(frozen=True, slots=True)
class ScannedDocument:
    """A document of a shard: its path, its record there (counted from the start of the piece that was
    scanned), its id, and its ranks: what decides, lowest first, which of two equals stays.
    """

    path: str
    record: int
    id: str
    rank: tuple[int, ...]


def save_scan(
    folder: bytes,
    columns: Columns,
    texts: Sequence[str],
    documents: Sequence[ScannedDocument],
    drafts: Sequence[Draft],
) -> None:
    """Write the scan of one shard; `texts` are one a row."""
    os.makedirs(folder)
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    for name in _COLUMNS:
        np.save(_array(folder, name), getattr(columns, name))
    lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
    np.save(_array(folder, "ends"), np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths))))
    width = len(documents[0].rank) if documents else 0
    ranks = np.array([document.rank for document in documents], np.int64).reshape(len(documents), width)
    np.save(_array(folder, "rank"), ranks)
    _write(folder, b"texts", b"".join(encoded))
    places = [(document.path, document.record, document.id) for document in documents]
    _write(folder, b"documents", json.dumps(places).encode())
    _write(folder, b"drafts", pickle.dumps([_plain(draft) for draft in drafts]))


def _array(folder: bytes, name: str) -> str:
    return os.path.join(os.fsdecode(folder), f"{name}.npy")


def _write(folder: bytes, name: bytes, data: bytes) -> None:
    with open(os.path.join(folder, name), "wb") as stream:
        stream.write(data)


_PlainDraft = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]


def _plain(draft: Draft) -> _PlainDraft:
    """Return a draft as tuples, which pickle ten times as fast."""
    acts = [
        (number, act.stage, act.rule, act.text, act.survivor, act.metadata, act.codec, act.reason)
        for number, found in draft.acts.items()
        for act in found
    ]
    misses = [
        (number, miss.stage, miss.rule, miss.match, miss.reason)
        for number, found in draft.misses.items()
        for miss in found
    ]
    return acts, misses


def load_drafts(folder: bytes) -> Iterator[Draft]:
    """Yield the drafts of a shard, in order."""
    with open(os.path.join(folder, b"drafts"), "rb") as stream:
        drafts: list[_PlainDraft] = pickle.load(stream)
    for acts, misses in drafts:
        draft = Draft()
        for number, *act in acts:
            draft.acts.setdefault(number, []).append(Act(*act))
        for number, *miss in misses:
            draft.misses.setdefault(number, []).append(Miss(*miss))
        yield draft


def load_documents(folder: bytes) -> list[tuple[str, int, str]]:
    """Return (path, record, id) of each document of a shard."""
    with open(os.path.join(folder, b"documents"), "rb") as stream:
        return [tuple(each) for each in json.load(stream)]


def load_ranks(folders: Sequence[bytes]) -> Ints:
    """Return the ranks of all documents of some shards (documents x k)."""
    ranks = [np.load(_array(folder, "rank")) for folder in folders]
    return np.concatenate([rank for rank in ranks if len(rank)] or [np.empty((0, 0), np.int64)])


def join_columns(
    target: bytes, folders: Sequence[bytes], rows: Sequence[int], documents: Sequence[int]
) -> JoinedColumns:
    """Join the columns of shards with so many rows and documents each; there is one row at least.

    Documents get one numbering. The columns of the shards are removed, they are not needed again.
    """
    os.makedirs(target)
    for name in _COLUMNS:
        joined: NDArray[np.uint64] | None = None
        at = first = 0
        for folder, count, own in zip(folders, rows, documents, strict=True):
            part = np.load(_array(folder, name), mmap_mode="r")
            if joined is None:
                shape = (len(part), sum(rows)) if name == "keys" else (sum(rows), *part.shape[1:])
                joined = open_memmap(_array(target, name), "w+", part.dtype, shape)
            if name == "keys":
                joined[:, at : at + count] = part
            else:
                joined[at : at + count] = part + np.uint32(first) if name == "document" else part
            at, first = at + count, first + own
            os.unlink(_array(folder, name))
    return JoinedColumns(target)


class JoinedColumns:
    """The columns of a whole run, mapped from disk where they are asked for; pickles as a path."""

    def __init__(self, folder: bytes) -> None:
        self._folder = folder
        self._columns: Columns | None = None

    def __getstate__(self) -> bytes:
        return self._folder

    def __setstate__(self, folder: bytes) -> None:
        self._folder, self._columns = folder, None

    def __call__(self) -> Columns:
        """Return the columns."""
        if self._columns is None:
            self._columns = Columns(
                *(np.load(_array(self._folder, name), mmap_mode="r") for name in _COLUMNS)
            )
        return self._columns


class Texts:
    """The text of a row of a whole run. Opens what it needs when it needs it; pickles as paths."""

    def __init__(self, folders: Sequence[bytes], counts: Sequence[int]) -> None:
        self._folders = list(folders)
        self._bases = np.cumsum([0, *counts]).tolist()
        self._open: dict[int, tuple[mmap.mmap, Ints]] = {}

    def __getstate__(self) -> tuple[list[bytes], list[int]]:
        return self._folders, self._bases

    def __setstate__(self, state: tuple[list[bytes], list[int]]) -> None:
        self._folders, self._bases = state
        self._open = {}

    def __call__(self, row: int) -> str:
        """Return the text of `row`."""
        shard = bisect_right(self._bases, row) - 1
        data, ends = self._opened(shard)
        at = row - self._bases[shard]
        return data[ends[at] : ends[at + 1]].decode("utf-8", "surrogatepass")

    def _opened(self, shard: int) -> tuple[mmap.mmap, Ints]:
        if shard not in self._open:
            folder = self._folders[shard]
            with open(os.path.join(folder, b"texts"), "rb") as stream:
                data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            self._open[shard] = data, np.load(_array(folder, "ends"))
        return self._open[shard]
