"""Whole documents: those that say the same line by line, and those of which almost all stands elsewhere."""

from __future__ import annotations

import numpy as np

from cleaner.dedup.candidates import repeated, starts_of_runs
from cleaner.dedup.columns import Columns
from cleaner.dedup.signatures import U64, Ints, mixed

_ALMOST_ALL = 0.9  # of the characters of a document, gone because they stand elsewhere
_MOST = 0.5  # of them, in one other document


def same_documents(columns: Columns, order: Ints, *, settled: int, min_characters: int) -> Ints:
    """Return (row, twin) for each row (m x 2) of a document whose paragraphs are, one by one, those of
    another: `twin` is the paragraph in its place there.

    Of equal documents the one whose rows are lowest in `order` is the other; rows below `settled` have
    no twin, nor do documents of fewer than `min_characters`. Equal means equal in matching form, short
    lines included, in the same order.
    """
    if not len(columns):
        return np.empty((0, 2), np.int64)
    start = starts_of_runs(columns.document.astype(np.uint64))
    end = np.append(start[1:], len(columns))
    key = _keys(columns.exact, start)
    long_enough = np.add.reduceat(columns.length, start, dtype=np.int64) >= min_characters
    found = [np.empty((0, 2), np.int64)]
    alike = np.flatnonzero(long_enough)
    alike = alike[repeated(key[alike])]
    for group in np.split(alike, starts_of_runs(key[alike])[1:]) if len(alike) else ():
        first = group[np.argmin(order[start[group]])]
        for other in group[group != first].tolist():
            rows, twins = np.arange(start[other], end[other]), np.arange(start[first], end[first])
            equal = len(rows) == len(twins) and bool((columns.exact[rows] == columns.exact[twins]).all())
            if equal and rows[0] >= settled:
                found.append(np.stack((rows, twins), axis=1))
    return np.concatenate(found)


def _keys(exact: U64, start: Ints) -> U64:
    """Return a hash of each document: of the hashes of its paragraphs and their order."""
    place = np.arange(len(exact)) - np.repeat(start, np.diff(np.append(start, len(exact))))
    placed = mixed(exact[:, 0] ^ mixed(place.astype(np.uint64)))
    return np.add.reduceat(placed, start)


def duplicates_of(columns: Columns, twins: Ints, goes: Ints, stays: Ints) -> dict[int, int]:
    """Return document -> other document: those that are equal, by the `twins` of `same_documents`, and
    those of which almost all goes and of which the other holds most.

    Row goes[i] goes for the sake of row stays[i]. Shares are of characters in matching form.
    """
    found = dict(columns.document[twins].tolist())
    if not len(goes):
        return found
    count = int(columns.document[-1]) + 1
    whole = np.bincount(columns.document, columns.length, count)
    own, other = columns.document[goes].astype(np.int64), columns.document[stays].astype(np.int64)
    gone = np.bincount(own, columns.length[goes], count)
    pair, at = np.unique(own * count + other, return_inverse=True)
    shared = np.bincount(at, columns.length[goes])
    for number in np.argsort(-shared, kind="stable").tolist():
        document, holder = divmod(int(pair[number]), count)
        if (
            document != holder
            and gone[document] >= _ALMOST_ALL * whole[document]
            and shared[number] >= _MOST * whole[document]
        ):
            found.setdefault(document, holder)
    return found
