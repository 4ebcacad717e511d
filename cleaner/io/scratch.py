"""What a scan leaves on disk for the judge and for writing: columns, texts, drafts. Disposable.

One folder a shard. Paragraph texts are read at random by the few rows that become candidates, so they
stand in one file with an offset each; drafts are read once, in order.
"""

from __future__ import annotations

import json
import mmap
import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.columns import Columns
from cleaner.text.draft import Act, Draft, Miss

_NO_OFFSET: NDArray[np.int64] = np.zeros(1, np.int64)


def save_scan(
    folder: bytes,
    columns: Columns,
    texts: Sequence[str],
    documents: Sequence[tuple[str, int, str]],
    drafts: Sequence[Draft],
) -> None:
    """Write the scan of one shard. `documents` are (path, record, id), `texts` one a row."""
    os.makedirs(folder)
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    ends = np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)))
    named = {field.name: getattr(columns, field.name) for field in fields(columns)}
    np.savez(os.path.join(os.fsdecode(folder), "columns.npz"), ends=ends, **named)
    _write(folder, b"texts", b"".join(encoded))
    _write(folder, b"documents", json.dumps(documents).encode())
    _write(folder, b"drafts", b"".join(_packed(draft) for draft in drafts))


def _write(folder: bytes, name: bytes, data: bytes) -> None:
    with open(os.path.join(folder, name), "wb") as stream:
        stream.write(data)


def _packed(draft: Draft) -> bytes:
    acts = [(number, [astuple(act) for act in acts]) for number, acts in draft.acts.items()]
    misses = [(number, [astuple(miss) for miss in misses]) for number, misses in draft.misses.items()]
    return json.dumps((acts, misses)).encode() + b"\n"


def load_drafts(folder: bytes) -> Iterator[Draft]:
    """Yield the drafts of a shard, in order."""
    with open(os.path.join(folder, b"drafts"), "rb") as stream:
        for line in stream:
            acts, misses = json.loads(line)
            yield Draft(
                {number: [_act(*act) for act in found] for number, found in acts},
                {number: [Miss(*miss) for miss in found] for number, found in misses},
            )


def _act(stage: str, rule: str, text: str | None, survivor: int | None, metadata: list[str] | None) -> Act:
    return Act(stage, rule, text, survivor, (metadata[0], metadata[1]) if metadata else None)


def load_columns(folder: bytes) -> Columns:
    """Return the columns of a shard."""
    with np.load(os.path.join(os.fsdecode(folder), "columns.npz")) as saved:
        return Columns(*(saved[field.name] for field in fields(Columns)))


def load_documents(folder: bytes) -> list[tuple[str, int, str]]:
    """Return (path, record, id) of each document of a shard."""
    with open(os.path.join(folder, b"documents"), "rb") as stream:
        return [tuple(each) for each in json.load(stream)]


class Texts:
    """The text of a row of a whole run. Opens what it needs when it needs it; pickles as paths."""

    def __init__(self, folders: Sequence[bytes], counts: Sequence[int]) -> None:
        self._folders = list(folders)
        self._bases = np.cumsum([0, *counts]).tolist()
        self._open: dict[int, tuple[mmap.mmap, NDArray[np.int64]]] = {}

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

    def _opened(self, shard: int) -> tuple[mmap.mmap, NDArray[np.int64]]:
        if shard not in self._open:
            folder = self._folders[shard]
            with np.load(os.path.join(os.fsdecode(folder), "columns.npz")) as saved:
                ends = np.concatenate((_NO_OFFSET, saved["ends"]))
            with open(os.path.join(folder, b"texts"), "rb") as stream:
                self._open[shard] = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ), ends
        return self._open[shard]
