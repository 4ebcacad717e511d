"""Which paragraphs are worth comparing: equal ones collapse first, then bands, then column agreement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.signatures import BANDS, COLUMNS, U8, U64, Ints

KEY_ROW = np.dtype([("key", np.uint64), ("row", np.int64)])

# Of 128 columns, 35 % must agree: on 400,000 real paragraphs this leaves 0.13 of 1.03 candidates a
# paragraph and loses no pair at ratio >= 85.
_AGREEING = int(0.35 * COLUMNS)
_CHUNK = 1 << 16  # pairs whose signatures are compared at a time: 16 MB


@dataclass(frozen=True, slots=True)
class Pairs:
    """m pairs of rows (m x 2, first < second) and how often a full bucket left
    a row out."""

    rows: Ints
    left_out: int


def representatives(exact: U64, counted: NDArray[np.bool_]) -> Ints:
    """Return for each row the first row with the same matching form; itself where not `counted`."""
    first = np.arange(len(exact), dtype=np.int64)
    rows = np.flatnonzero(counted)
    if len(rows):
        order = rows[np.lexsort((rows, exact[rows, 1], exact[rows, 0]))]
        new = np.ones(len(order), np.bool_)
        new[1:] = (exact[order[1:]] != exact[order[:-1]]).any(axis=1)
        first[order] = order[np.flatnonzero(new)][np.cumsum(new) - 1]
    return first


def key_rows(keys: U64, rows: Ints) -> NDArray[np.void]:
    """Return one (key, row) for each band of each of `rows`: what is grouped by key."""
    table = np.empty(len(rows) * BANDS, KEY_ROW)
    table["key"] = keys[rows].ravel()
    table["row"] = np.repeat(rows, BANDS)
    return table


def pairs_of_buckets(table: NDArray[np.void], cap: int) -> Pairs:
    """Return all pairs of rows that share a key, each once, in order.

    Of a bucket only its first `cap` rows are paired, so that a template seen 50,000 times costs no
    50,000 x 50,000 comparisons. `table` holds all rows of its keys, in any order.
    """
    order = np.lexsort((table["row"], table["key"]))
    key, row = table["key"][order], table["row"][order]
    new = np.ones(len(key), np.bool_)
    new[1:] = key[1:] != key[:-1]
    start = np.flatnonzero(new)
    size = np.diff(np.append(start, len(key)))
    place = np.arange(len(key)) - np.repeat(start, size)
    kept = place < cap
    after = np.where(kept, np.repeat(np.minimum(size, cap), size) - place - 1, 0)
    first = np.repeat(np.arange(len(key)), after)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(after) - after, after)
    return Pairs(unique_pairs(np.stack((row[first], row[second]), axis=1)), int((~kept).sum()))


def unique_pairs(pairs: Ints) -> Ints:
    """Return the distinct rows of `pairs`, sorted."""
    if not len(pairs):
        return pairs.reshape(0, 2)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    new = np.ones(len(pairs), np.bool_)
    new[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    return pairs[new]


def agreeing(pairs: Ints, signature: U8, length: NDArray[np.uint32], floor: float) -> Ints:
    """Return the pairs that can reach a ratio of `floor`: by their lengths, and by their columns."""
    a, b = length[pairs[:, 0]].astype(np.float64), length[pairs[:, 1]].astype(np.float64)
    pairs = pairs[200.0 * np.minimum(a, b) >= floor * (a + b)]
    kept = [
        (signature[chunk[:, 0]] == signature[chunk[:, 1]]).sum(axis=1) >= _AGREEING
        for chunk in (pairs[i : i + _CHUNK] for i in range(0, len(pairs), _CHUNK))
    ]
    return pairs[np.concatenate(kept)] if kept else pairs
