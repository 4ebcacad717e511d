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
from functools import cache
from typing import Any, TypeAlias
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from cleaner.text.kinds import CharacterTable

COLUMNS = 128
ROWS_A_BAND = 4
BANDS = COLUMNS // ROWS_A_BAND  # 32 x 4 finds .997 of real pairs at ratio >= 90, .992 at >= 85
SHINGLE = 5  # characters
CHUNK = 512  # paragraphs densified at a time
_STEP = 256  # paragraphs hashed at a time: fewer cost more calls, more fall out of the cache of a core
SIGNATURE_VERSION = 1

U64: TypeAlias = NDArray[np.uint64]
U32: TypeAlias = NDArray[np.uint32]
U8: TypeAlias = NDArray[np.uint8]
Ints: TypeAlias = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_EMPTY = np.uint32(0xFFFFFFFF)
_NOWHERE = np.uint16(0xFFFF)


def mixed(values: NDArray[Any]) -> U64:
    """The splitmix64 finaliser: every bit of the input moves half the bits of the result."""
    result = values.astype(np.uint64)
    _mix(result, np.empty_like(result))
    return result


def _mix(values: U64, spare: U64) -> None:
    """Put `mixed` values in the place of `values`; what stands in `spare` is lost."""
    np.right_shift(values, np.uint64(30), out=spare)
    values ^= spare
    values *= np.uint64(0xBF58476D1CE4E5B9)
    np.right_shift(values, np.uint64(27), out=spare)
    values ^= spare
    values *= np.uint64(0x94D049BB133111EB)
    np.right_shift(values, np.uint64(31), out=spare)
    values ^= spare


_BASE = np.uint64(0x5851F42D4C957F2D)
_BASE_SQUARED = np.uint64(0x5851F42D4C957F2D**2 & 0xFFFFFFFFFFFFFFFF)
_SLOTS = 64  # hops of densification; a text of 40 characters needs more once in 10^7 bins
_HOPS: NDArray[np.int32] = (
    (mixed(np.arange(_SLOTS * COLUMNS, dtype=np.uint64) + _GOLDEN) % np.uint64(COLUMNS))
    .astype(np.int32)
    .reshape(_SLOTS, COLUMNS)
)


def _letter(character: str) -> int:
    """Return a 64-bit code, odd, or 0 for what is neither letter, digit nor mark."""
    if not (character.isalnum() or category(character).startswith("M")):
        return 0
    return int(mixed(np.array([ord(character)], np.uint64) + _GOLDEN)[0] | np.uint64(1))


_LETTERS = CharacterTable(_letter, np.uint64)


def signatures(forms: Sequence[str]) -> U32:
    """Return one row of 128 values for each matching form; equal values estimate the Jaccard index."""
    rows = [_densify(_filled(forms[i : i + CHUNK])) for i in range(0, len(forms), CHUNK)]
    return np.concatenate(rows) if rows else np.empty((0, COLUMNS), np.uint32)


def _filled(forms: Sequence[str]) -> U32:
    """Return a row of 128 bins for each form: the least hash of a shingle in each of them, or empty."""
    filled: U32 = np.full(len(forms) * COLUMNS, _EMPTY, np.uint32)
    for first in range(0, len(forms), _STEP):
        bins, values = _bins(forms[first : first + _STEP])
        np.minimum.at(filled[first * COLUMNS :], bins, values)
    return filled.reshape(-1, COLUMNS)


def _bins(forms: Sequence[str]) -> tuple[Ints, U32]:
    """Return for each shingle of all forms its bin (128 a form, from the first on) and its value there."""
    hashes, spare, starts = _shingles(forms)
    bins: Ints = np.repeat(np.arange(len(forms), dtype=np.int64) * COLUMNS, np.diff(starts))
    np.right_shift(hashes, np.uint64(57), out=spare)  # the top 7 bits choose one of 128
    bins += spare.view(np.int64)
    np.right_shift(hashes, np.uint64(25), out=spare)
    values = spare.astype(np.uint32)
    for back in range(1, SHINGLE):  # a shingle may not run into the next text
        last = starts[1:] - back
        values[last[last > starts[:-1]]] = _EMPTY
    return bins, values


def _shingles(forms: Sequence[str]) -> tuple[U64, U64, Ints]:
    """Return the hashes of all character 5-grams, as much room again, and where those of each text begin
    (n + 1 offsets). The last four of a text run into the next one.

    Runs of spaces and signs count as one space. A text shorter than a shingle gets one hash.
    """
    joined = "\n".join(forms) + "\n"
    codes = _LETTERS.of(np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32))
    ends = np.cumsum(np.fromiter(map(len, forms), np.int64, len(forms)) + 1)
    gap = codes == 0
    drop = np.empty(len(codes), np.bool_)
    drop[0] = gap[0]
    np.logical_and(
        gap[1:], gap[:-1], out=drop[1:]
    )  # the newline before a text makes its leading signs go, too
    drop[ends - 1] = False  # that newline itself stays, so that no text is empty
    dropped = np.flatnonzero(drop)
    starts: Ints = np.concatenate(([0], ends - np.searchsorted(dropped, ends)))
    size = len(codes) - len(dropped)
    kept = np.zeros(size + SHINGLE - 1, np.uint64)
    kept[:size] = codes[~drop]
    two = kept[:-1] * _BASE  # a polynomial in _BASE, first two letters, then four, then five
    two += kept[1:]
    hashes = two[:-2] * _BASE_SQUARED
    hashes += two[2:]
    hashes = hashes[:-1]
    hashes *= _BASE
    hashes += kept[SHINGLE - 1 :]
    _hash_short_texts(hashes, kept, starts)
    spare = two[:size]
    _mix(hashes, spare)
    return hashes, spare, starts


def _hash_short_texts(hashes: U64, codes: U64, starts: Ints) -> None:
    """Give each text shorter than a shingle a hash of its own letters only."""
    for index in np.flatnonzero(np.diff(starts) < SHINGLE).tolist():
        own = codes[starts[index] : starts[index + 1]]
        hashes[starts[index]] = mixed(np.cumsum(mixed(own) * _BASE)[-1:])[0]


@cache
def _nearest() -> NDArray[np.uint16]:
    """Return for eight bins (16 times), and which of them are filled (256 ways), what each of 128 bins is
    filled from: the hops to it and its number, 128 * hops + bin. Of several it is the least: bins are filled
    from the first filled one on a path of hops that depends on the bin alone.
    """
    bins = np.arange(COLUMNS)
    codes = np.full((COLUMNS, COLUMNS), _NOWHERE, np.uint16)  # from a bin, to a bin
    for hop in reversed(range(_SLOTS)):
        codes[_HOPS[hop], bins] = COLUMNS * (hop + 1) + _HOPS[hop]
    codes[bins, bins] = bins
    nearest = np.full((COLUMNS // 8, 256, COLUMNS), _NOWHERE, np.uint16)
    for bit in range(8):
        filled = np.arange(256) >> bit & 1 == 1
        nearest[:, filled] = np.minimum(nearest[:, filled], codes[bit::8, None])
    return nearest


def _densify(filled: U32) -> U32:
    """Fill empty bins from filled ones, at places that depend on the bin alone."""
    bits = np.packbits(filled != _EMPTY, axis=1, bitorder="little").T.astype(np.intp)
    nearest = _nearest()
    codes = nearest[0].take(bits[0], axis=0)
    others = np.empty_like(codes)
    for eight in range(1, len(bits)):
        nearest[eight].take(bits[eight], axis=0, out=others, mode="clip")  # "raise" would copy
        np.minimum(codes, others, out=codes)
    places = np.arange(len(filled))[:, None] * COLUMNS + (codes & np.uint16(COLUMNS - 1))
    dense: U32 = filled.ravel().take(places)
    dense += (codes >> np.uint16(7)).astype(np.uint32) * np.uint32(0x9E3779B1)
    lost = codes == _NOWHERE
    if lost.any():
        dense[lost] = _EMPTY
        dense = np.where(lost, dense.min(axis=1, keepdims=True), dense)
    return dense


def short_signatures(rows: U32) -> U8:
    """Return signatures 8 bits a value, as they are stored: chance makes 1 in 256 values equal. The four
    values of a band, side by side, are its key: texts with a key in common are candidates.
    """
    return rows.astype(np.uint8)
