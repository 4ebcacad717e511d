"""Which paragraphs are worth comparing: equal ones collapse first, then buckets, then column agreement.

A bucket holds the rows that share a key. In a large corpus unrelated rows share keys by chance, and the
more of them there are the larger the buckets: pairs would grow with the square of the corpus. So the rows
of a crowded bucket are paired only where they agree in some of the next columns, too, which near-duplicates
do and strangers do not. Of a bucket that is larger still only the first rows are: it is either a text in
thousands of variants, or so common a key that rows which are alike meet in other buckets, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.columns import LENGTH
from cleaner.dedup.signatures import COLUMNS, U32, U64, Ints

# Of 128 columns, 41 % must agree: on 400,000 real paragraphs this leaves 0.18 of 0.79 candidates a
# paragraph, and loses one in 1,400 of the likely pairs at ratio >= 85, none at >= 88.
_AGREEING = int(0.41 * COLUMNS)
_CHUNK = 1 << 11  # pairs whose sketches are compared at a time: what they need stays in the cache
_PAIRS = 1 << 20  # pairs that are made at a time: 16 MB
CROWDED = 2  # rows beyond which a bucket is cut up
_HUBS = 2  # first rows of an overfull bucket, with which each of its other rows is compared
# Odd multipliers that spread keys over the highest bits: what one gathers the other spreads.
_SPREADING, _SPREADING_RANGES = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)
_FEW_BY_CHANCE = 3  # bits of a filter beyond one slot a key: it lets one in eight others through at most
LOW = np.uint64(0xFFFFFFFF)  # the lower one of two packed numbers
HIGH = np.uint64(32)  # bits below the higher one
# Of a ranked pair: bits of its last part, a number of columns; bits below its second row; what is masked.
_APART, _SECOND = np.uint64(8), np.uint64(36)
_ROW_BITS = _SECOND - _APART
_ROW, _COLUMNS = np.uint64((1 << 28) - 1), np.uint64(255)

Numbers = TypeVar("Numbers", U64, Ints)


def starts_of_runs(*columns: U64 | U32 | Ints) -> Ints:
    """Return where, in sorted columns of one length, a new value begins."""
    new = _begins(columns[0])
    for column in columns[1:]:
        new |= _begins(column)
    return np.flatnonzero(new)


def _begins(column: U64 | U32 | Ints) -> NDArray[np.bool_]:
    """Tell where, in a sorted column, a new value begins."""
    new = np.ones(len(column), np.bool_)
    np.not_equal(column[1:], column[:-1], out=new[1:])
    return new


def _runs(values: U32 | Ints) -> tuple[Ints, Ints]:
    """Return for each of sorted values where the run of its equals begins, and how many there are."""
    start = starts_of_runs(values)
    size = np.diff(np.append(start, len(values)))
    return np.repeat(start, size), np.repeat(size, size)


def each_once(found: Numbers) -> Numbers:
    """Return numbers in order, each once: in a fifth of the time that `np.unique` takes. What is given is
    sorted itself: there may be so many of them that a copy takes as long.
    """
    found.sort()
    return found[_begins(found)]


def range_of(keys: U32, ranges: int) -> NDArray[np.uint16]:
    """Return for each key in which of so many ranges it falls (a power of 2, from 2 to 2^16). Keys are four
    least values, which are small more often than large; so they are spread first.
    """
    spread = keys * _SPREADING_RANGES
    return (spread >> np.uint32(33 - ranges.bit_length())).astype(np.uint16)


def slots(keys: U32, bits: int) -> U32:
    """Return for each key one of 2^`bits` slots, by multiplicative hashing (Knuth). The first bits of keys
    themselves would not do: far more begin alike than chance would have it.
    """
    spread: U32 = keys * _SPREADING
    spread >>= np.uint32(32 - bits)
    return spread


def may_repeat(keys: U32) -> NDArray[np.bool_]:
    """Tell of each key whether it may stand there again: never no where it does. Next to all keys of a corpus
    are the only ones of their kind, and need not be sorted.
    """
    bits = min(32, 1 + len(keys).bit_length())
    slot = slots(keys, bits)
    place = np.arange(len(keys), dtype=np.uint32)
    last = np.zeros(1 << bits, np.uint32)
    last[slot] = place
    repeats = np.zeros(1 << bits, np.bool_)
    repeats[slot[last[slot] != place]] = True
    found: NDArray[np.bool_] = repeats[slot]
    return found


def may_equal(keys: U32, some: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell of each key whether it may be that of one of `some`: never no where it is."""
    bits = min(32, _FEW_BY_CHANCE + int(some.sum()).bit_length())
    slot = slots(keys, bits)
    known = np.zeros(1 << bits, np.bool_)
    known[slot[some]] = True
    found: NDArray[np.bool_] = known[slot]
    return found


def copies(rows: Ints, exact: U64, order: Ints) -> Ints:
    """Return (row, other) for each of `rows` that has the text of another, by their hashes (n x 2), in row
    order; the other is the one lowest in `order`, and is no copy itself.
    """
    alike = np.flatnonzero(may_repeat((exact[:, 0] >> HIGH).astype(np.uint32)))
    rows, exact = rows[alike], exact[alike]
    found = np.lexsort((order[alike], exact[:, 1], exact[:, 0]))
    rows, exact = rows[found], exact[found]
    start = starts_of_runs(exact[:, 0], exact[:, 1])
    first = np.repeat(rows[start], np.diff(np.append(start, len(rows))))
    both = np.stack((rows, first), axis=1)[rows != first]
    return sorted_rows(both)


def sorted_rows(pairs: Ints) -> Ints:
    """Return pairs in the order of their first rows."""
    ordered: Ints = pairs[np.argsort(pairs[:, 0])]
    return ordered


def packed(high: NDArray[np.integer], low: NDArray[np.integer]) -> U64:
    """Return two numbers below 2^32 as one: a key above its row, or a row above another one."""
    both: U64 = (high.astype(np.uint64) << HIGH) | low.astype(np.uint64)
    return both


def unpacked(both: U64) -> Ints:
    """Return packed numbers as they were (n x 2)."""
    return np.stack(((both >> HIGH).astype(np.int64), (both & LOW).astype(np.int64)), axis=1)


def shared(entries: U64) -> Ints:
    """Return the rows whose key another one has, too; entries are (key, row), packed and sorted."""
    same = (entries[1:] >> HIGH) == (entries[:-1] >> HIGH)
    member = np.zeros(len(entries), np.bool_)
    member[1:] = same
    member[:-1] |= same
    return (entries[member] & LOW).astype(np.int64)


class Pairing:
    """Pairs the rows that share a key: `entries` are (key, row), packed and sorted, of one band, and `words`
    those of another band of the same rows. A pair has a row that is not below `settled`. `left_out` counts
    the rows that full buckets kept from some pairs.

    Of a bucket its first `cap` rows are paired with each other, and what comes after with the first few
    only, so that a template seen 50,000 times costs no 50,000 x 50,000 comparisons. Where it holds more than
    `crowded` rows, those are paired that agree in further columns, too.
    """

    def __init__(self, entries: U64, words: U32, *, cap: int, settled: int, crowded: int = CROWDED) -> None:
        self._cap, self._settled, self._crowded = cap, settled, crowded
        self._group, self._rows, self._words = _buckets(entries, words, settled)
        self.left_out = 0

    def __iter__(self) -> Iterator[U64]:
        """Yield pairs, packed (the lower row above), some at a time; a pair may come more than once."""
        start, size = _runs(self._group)
        place = np.arange(len(size)) - start
        late = np.flatnonzero((place >= self._cap) & (self._rows >= self._settled))
        self.left_out += len(late)
        hubs = start[late]
        first = np.flatnonzero((place < self._cap) & (size > self._crowded))
        few = np.flatnonzero((place < self._cap) & (size <= self._crowded))
        del start, size, place  # a third of what a task holds
        yield from self._paired(self._group[few], self._rows[few])
        for group, rows in _cut_up(self._group[first], self._rows[first], self._words[first]):
            yield from self._paired(group, rows)
        for hub in range(_HUBS):
            yield packed(self._rows[hubs + hub], self._rows[late])

    def _paired(self, group: U32, rows: U32) -> Iterator[U64]:
        """Yield all pairs of rows of one group."""
        start, _ = _runs(group)
        before = np.arange(len(group)) - start
        before[rows < self._settled] = 0
        ends = np.cumsum(before)
        at = 0
        while at < len(rows):
            stop = max(at + 1, int(np.searchsorted(ends, (ends[at - 1] if at else 0) + _PAIRS, "right")))
            count = before[at:stop]
            second = np.repeat(np.arange(at, stop), count)
            nth = np.arange(len(second)) - np.repeat(np.cumsum(count) - count, count)
            yield packed(rows[start[second] + nth], rows[second])
            at = stop


def _buckets(entries: U64, words: U32, settled: int) -> tuple[U32, U32, U32]:
    """Return the rows of two or more that share a key, if the last of them is not settled: the number of
    the bucket, ascending, the row, ascending in it, and its word.
    """
    start = starts_of_runs(entries >> HIGH)
    size = np.diff(np.append(start, len(entries)))
    wanted = (size > 1) & ((entries[start + size - 1] & LOW) >= np.uint64(settled))
    members = np.repeat(wanted, size)
    group = np.repeat(np.arange(int(wanted.sum()), dtype=np.uint32), size[wanted])
    return group, entries[members].astype(np.uint32), words[members]


def _cut_up(group: U32, rows: U32, word: U32) -> Iterator[tuple[U32, U32]]:
    """Yield crowded buckets as smaller ones, four times, each time by two of four further columns: of rows
    that are alike at 0.8, nine in ten agree in one of these.
    """
    if not len(rows):
        return
    turned = (word << np.uint32(8)) | (word >> np.uint32(24))
    for half in (word, word >> np.uint32(16), turned, turned >> np.uint32(16)):
        key = packed(group, half & np.uint32(0xFFFF))
        order = np.argsort(key, kind="stable")
        start = starts_of_runs(key[order])
        size = np.diff(np.append(start, len(order)))
        wanted = size > 1
        members = rows[order[np.repeat(wanted, size)]]
        yield np.repeat(np.arange(int(wanted.sum()), dtype=np.uint32), size[wanted]), members


def agreeing(pairs: Ints, first: U32, second: U32, floor: float) -> NDArray[np.uint8]:
    """Return in how many columns pairs agree that can reach a ratio of `floor`, by their lengths and by their
    columns, 0 for others: pair i is of the sketches first[pairs[i, 0]] and second[pairs[i, 1]].
    """
    likely = np.zeros(len(pairs), np.uint8)
    for start in range(0, len(pairs), _CHUNK):
        chunk = pairs[start : start + _CHUNK]
        a, b = first.take(chunk[:, 0], axis=0), second.take(chunk[:, 1], axis=0)
        lengths = a[:, LENGTH].astype(np.float64), b[:, LENGTH].astype(np.float64)
        near = 200.0 * np.minimum(*lengths) >= floor * (lengths[0] + lengths[1])
        same = a[:, :LENGTH].view(np.uint8) == b[:, :LENGTH].view(np.uint8)
        halves = np.bitwise_count(np.packbits(same).view(np.uint64))  # 64 columns each
        agreed = halves[0::2] + halves[1::2]
        likely[start : start + _CHUNK] = np.where(near & (agreed >= _AGREEING), agreed, 0)
    return likely


def ranked(pairs: Ints, agreed: NDArray[np.uint8]) -> U64:
    """Return pairs that agree in so many columns as one number each, for `few_partners`: the second row, the
    first row, and in how many columns they do not agree. Rows are below 2^28.
    """
    found = pairs[:, 1].astype(np.uint64) << _ROW_BITS
    found |= pairs[:, 0].astype(np.uint64)
    found <<= _APART
    found |= np.uint8(255) - agreed
    return found


def few_partners(found: U64, first: int, alike: int) -> U64:
    """Return those of ranked pairs that are worth comparing where a row is likely to be alike to very many,
    in order: of those before it a row keeps the `first` few, which are the likeliest to stay, and of the
    others the few it agrees with most. Thousands of variants of one text would all be compared otherwise.
    Those of some pairs together with others are those of what is kept of the some with the others.
    """
    found = np.sort(found)
    early = _among_first(found >> _SECOND, first)
    others = found[~early]
    likeliest = others >> _SECOND << _SECOND  # the same with the first row at last
    likeliest |= (others & _COLUMNS) << _ROW_BITS
    likeliest |= others >> _APART & _ROW
    likeliest.sort()
    likeliest = likeliest[_among_first(likeliest >> _SECOND, alike)]
    second = likeliest >> _SECOND << _SECOND
    others = second | ((likeliest & _ROW) << _APART) | (likeliest >> _ROW_BITS & _COLUMNS)
    return np.sort(np.concatenate((found[early], others)))


def unranked(found: U64) -> Ints:
    """Return ranked pairs as they were (n x 2)."""
    return np.stack((found >> _APART & _ROW, found >> _SECOND), axis=1).astype(np.int64)


def _among_first(values: U64, count: int) -> NDArray[np.bool_]:
    """Tell which of sorted values are among the first so many of their equals."""
    among = np.ones(len(values), np.bool_)
    among[count:] = values[count:] != values[: max(0, len(values) - count)]
    return among
