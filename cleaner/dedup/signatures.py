"""Signatures of paragraphs, in columns: one-permutation MinHash over character 5-grams, and its bands.

Character 5-grams of the folded text find a changed word or two where word shingles lose the pair
(news pairs share 30 % of their word 3-grams, arXiv 2210.04261). One-permutation hashing (Li, Owen,
Zhang 2012) with optimal densification (Shrivastava 2017) gives 128 values for one hash a shingle.

All arithmetic is on unsigned integers that wrap, and every constant comes from splitmix64: the same
text has the same signature on every machine and with every numpy. Only which characters count as
letters follows the Unicode tables of the Python that runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

COLUMNS = 128
ROWS_A_BAND = 4
BANDS = COLUMNS // ROWS_A_BAND  # 32 x 4 finds .997 of real pairs at ratio >= 90, .992 at >= 85
SHINGLE = 5  # characters
CHUNK = 512  # paragraphs hashed at a time; 2048 is 1.3 to 2.5 times slower (page faults)
SIGNATURE_VERSION = 1

U64: TypeAlias = NDArray[np.uint64]
U32: TypeAlias = NDArray[np.uint32]
U8: TypeAlias = NDArray[np.uint8]
Ints: TypeAlias = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_EMPTY = np.uint32(0xFFFFFFFF)


def mixed(values: NDArray[Any]) -> U64:
    """The splitmix64 finaliser: every bit of the input moves half the bits of the result."""
    result = values.astype(np.uint64)
    result ^= result >> np.uint64(30)
    result *= np.uint64(0xBF58476D1CE4E5B9)
    result ^= result >> np.uint64(27)
    result *= np.uint64(0x94D049BB133111EB)
    result ^= result >> np.uint64(31)
    return result


_BASE = np.uint64(0x5851F42D4C957F2D)
_SLOTS = 64  # hops of densification; a text of 40 characters needs more once in 10^7 bins
_HOPS: NDArray[np.int32] = (
    (mixed(np.arange(_SLOTS * COLUMNS, dtype=np.uint64) + _GOLDEN) % np.uint64(COLUMNS))
    .astype(np.int32)
    .reshape(_SLOTS, COLUMNS)
)


class _Letters:
    """Code point -> 64-bit code, 0 for what is neither letter, digit nor mark; filled as met."""

    def __init__(self) -> None:
        self._codes: U64 = np.zeros(0x110000, np.uint64)
        self._known = np.zeros(0x110000, np.bool_)

    def codes(self, points: U32) -> U64:
        if not self._known[points].all():
            for point in np.unique(points[~self._known[points]]).tolist():
                character = chr(point)
                if character.isalnum() or category(character).startswith("M"):
                    self._codes[point] = mixed(np.array([point], np.uint64) + _GOLDEN)[0] | np.uint64(1)
                self._known[point] = True
        return self._codes[points]


_LETTERS = _Letters()


def _shingles(forms: Sequence[str]) -> tuple[U64, Ints]:
    """Return the hashes of all character 5-grams, and where those of each text begin (n + 1 offsets).

    Runs of spaces and signs count as one space. A text shorter than a shingle gets one hash.
    """
    joined = "\n".join(forms) + "\n"
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = _LETTERS.codes(points)
    ends = np.cumsum(np.fromiter(map(len, forms), np.int64, len(forms)) + 1)
    gap = codes == 0
    keep = np.ones(len(codes), np.bool_)
    keep[0] = not gap[0]
    keep[1:] = ~(gap[1:] & gap[:-1])  # the newline before a text makes its leading signs go, too
    keep[ends - 1] = True  # that newline itself stays, so that no text is empty
    kept_before = np.concatenate(([0], np.cumsum(keep)))
    starts: Ints = np.concatenate(([0], kept_before[ends]))
    codes = np.concatenate((codes[keep], np.zeros(SHINGLE - 1, np.uint64)))
    hashes = codes[: 1 - SHINGLE].copy()
    for step in range(1, SHINGLE):
        hashes *= _BASE
        hashes += codes[step : len(codes) - SHINGLE + 1 + step]
    inside = np.ones(len(hashes), np.bool_)  # a shingle may not run into the next text
    for back in range(1, SHINGLE):
        last = starts[1:] - back
        inside[last[last > starts[:-1]]] = False
    _hash_short_texts(hashes, codes, starts)
    counted = np.concatenate(([0], np.cumsum(inside)))
    return mixed(hashes[inside]), counted[starts]


def _hash_short_texts(hashes: U64, codes: U64, starts: Ints) -> None:
    """Give each text shorter than a shingle a hash of its own letters only."""
    for index in np.flatnonzero(np.diff(starts) < SHINGLE).tolist():
        own = codes[starts[index] : starts[index + 1]]
        hashes[starts[index]] = mixed(np.cumsum(mixed(own) * _BASE)[-1:])[0]


def signatures(forms: Sequence[str]) -> U32:
    """Return one row of 128 values for each matching form; equal values estimate the Jaccard index."""
    rows = [_signatures_of_chunk(forms[i : i + CHUNK]) for i in range(0, len(forms), CHUNK)]
    return np.concatenate(rows) if rows else np.empty((0, COLUMNS), np.uint32)


def _signatures_of_chunk(forms: Sequence[str]) -> U32:
    hashes, starts = _shingles(forms)
    rows = np.repeat(np.arange(len(forms), dtype=np.int64) * COLUMNS, np.diff(starts))
    bins = rows + (hashes >> np.uint64(57)).astype(np.int64)  # the top 7 bits choose one of 128
    values = (hashes >> np.uint64(25)).astype(np.uint32)
    filled: U32 = np.full(len(forms) * COLUMNS, _EMPTY, np.uint32)
    np.minimum.at(filled, bins, values)
    return _densify(filled.reshape(-1, COLUMNS))


def _densify(filled: U32) -> U32:
    """Fill empty bins from filled ones, at places that depend on the bin alone."""
    source = filled.ravel()
    dense = source.copy()
    empty = np.flatnonzero(source == _EMPTY).astype(np.int32)
    for hop in range(_SLOTS):
        if not len(empty):
            break
        value = source.take((empty & -COLUMNS) + _HOPS[hop].take(empty & (COLUMNS - 1)))
        still = value == _EMPTY
        dense[empty] = value + np.uint32((hop + 1) * 0x9E3779B1 & 0xFFFFFFFF)
        empty = empty[still]
    dense[empty] = _EMPTY
    rows = dense.reshape(-1, COLUMNS)
    dense[empty] = rows.min(axis=1)[empty // COLUMNS]
    return rows


def short_signatures(rows: U32) -> U8:
    """Return signatures 8 bits a value, as they are stored: chance makes 1 in 256 values equal. The four
    values of a band, side by side, are its key: texts with a key in common are candidates.
    """
    return rows.astype(np.uint8)
