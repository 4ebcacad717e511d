"""Whole documents: those that say the same line by line, and those of which almost all stands elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from msgspec import Struct

from cleaner.dedup.candidates import starts_of_runs
from cleaner.dedup.columns import Columns
from cleaner.dedup.signatures import U32, U64, Ints, mixed

_ALMOST_ALL = 0.9  # of the characters of a document, gone because they stand elsewhere
_MOST = 0.5  # of them, in one other document


class Documents(Struct, frozen=True):
    """n documents that have rows: a hash of the matching forms of the paragraphs that were judged, their
    number, first row, rows, and characters in matching form.
    """

    key: U64
    number: U32
    first: U32
    rows: U32
    characters: U32

    def __len__(self) -> int:
        return len(self.key)


def documents_of(columns: Columns) -> Documents:
    """Return the documents of some rows."""
    start = starts_of_runs(columns.document.astype(np.uint64))
    rows = np.diff(np.append(start, len(columns)))
    place = np.arange(len(columns)) - np.repeat(start, rows)
    placed = mixed(columns.exact[:, 0] ^ mixed(place.astype(np.uint64)))
    if not len(columns):
        return Documents(placed, *np.empty((4, 0), np.uint32))
    characters = np.add.reduceat(columns.length, start, dtype=np.uint32)
    return Documents(
        np.add.reduceat(placed, start), columns.document[start],
        start.astype(np.uint32), rows.astype(np.uint32), characters,
    )  # fmt: skip


def document_keys(documents: Documents, count: int) -> U64:
    """Return the key of each of `count` documents; 0 for those without rows."""
    keys = np.zeros(count, np.uint64)
    keys[documents.number] = documents.key
    return keys


def joined_documents(parts: list[Documents]) -> Documents:
    """Return the documents of several parts, in order."""
    columns = ([getattr(part, name) for part in parts] for name in Documents.__struct_fields__)
    return Documents(*map(np.concatenate, columns))


def same_documents(
    documents: Documents, exact: Callable[[Ints], U64], order: Ints, *, settled: int, min_characters: int
) -> Ints:
    """Return (row, twin, n) for runs of rows (m x 3) of documents whose paragraphs are, one by one, those of
    another: the first row of a run, the row that is equal to it in the other, and the length of the run.

    Of equal documents the one lowest in `order` is the other; documents that begin below row `settled`
    have no twin, nor do those of fewer than `min_characters`. Equal means equal in matching form, short
    lines included, in the same order. A published document may have lost rows since it was judged: what it
    lost has no twin. `exact` gives the hashes of rows.
    """
    found: list[tuple[int, int, int]] = []
    alike = np.argsort(documents.key, kind="stable")
    start = starts_of_runs(documents.key[alike])
    size = np.diff(np.append(start, len(alike)))
    for begin, count in np.stack((start, size), axis=1)[size > 1].tolist():
        group = alike[begin : begin + count]
        first = group[np.argmin(order[group])]
        for other in np.sort(group[group != first]).tolist():
            own, twin = int(documents.first[other]), int(documents.first[first])
            if own < settled or documents.characters[other] < max(1, min_characters):
                continue
            rows, most = int(documents.rows[other]), int(documents.rows[first])
            equal = _equal_runs(exact(np.arange(own, own + rows)), exact(np.arange(twin, twin + most)))
            found += ((own + at, twin + other_at, count) for at, other_at, count in equal)
    return np.array(sorted(found), np.int64).reshape(-1, 3)


def _equal_runs(rows: U64, others: U64) -> list[tuple[int, int, int]]:
    """Return (place in `rows`, place in `others`, length) of the runs in which all of `others` stand, in
    their order, in `rows`; nothing where they do not.

    >>> _equal_runs(np.array([5, 6, 7, 8], np.uint64), np.array([5, 7, 8], np.uint64))
    [(0, 0, 1), (2, 1, 2)]
    >>> _equal_runs(np.array([5, 6], np.uint64), np.array([6, 5], np.uint64))
    []
    """
    if np.array_equal(rows, others):
        return [(0, 0, len(rows))]
    runs: list[tuple[int, int, int]] = []
    waiting = others.tolist()
    at = 0
    for place, row in enumerate(rows.tolist()):
        if at == len(waiting) or row != waiting[at]:
            continue
        if runs and runs[-1][0] + runs[-1][2] == place:
            runs[-1] = runs[-1][0], runs[-1][1], runs[-1][2] + 1
        else:
            runs.append((place, at, 1))
        at += 1
    return runs if at == len(waiting) else []


def duplicates_of(whole: Ints, own: Ints, other: Ints, length: Ints) -> dict[int, int]:
    """Return document -> other document, for those of which almost all goes and of which the other holds
    most. `whole` are the characters of each document; length[i] of document own[i], which do not count
    from the same number, stand in document other[i], not in itself.
    """
    found: dict[int, int] = {}
    gone = np.bincount(own, length, len(whole))
    by_pair = np.lexsort((other, own))
    start = starts_of_runs(own[by_pair], other[by_pair])
    shared = np.add.reduceat(length[by_pair], start) if len(start) else length[:0]
    for number in np.argsort(-shared, kind="stable").tolist():
        document, holder = int(own[by_pair[start[number]]]), int(other[by_pair[start[number]]])
        if gone[document] >= _ALMOST_ALL * whole[document] and shared[number] >= _MOST * whole[document]:
            found.setdefault(document, holder)
    return found
