"""Grouping the rows of a run by key, a band and a range of keys at a time: copies, and pairs to compare."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import pairwise

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from cleaner.dedup.candidates import (
    HIGH,
    LOW,
    Pairing,
    agreeing,
    copies,
    each_once,
    few_partners,
    packed,
    ranked,
    shared,
    unpacked,
    unranked,
)
from cleaner.dedup.signatures import BANDS, U32, U64, Ints
from cleaner.dedup.verify import FLOOR
from cleaner.engine.base import Engine
from cleaner.io.scans import COMPARED, EXACT, OWN
from cleaner.io.scratch import (
    Column,
    new_files,
    read_array,
    read_value,
    remove,
    write_array,
    write_at,
    write_to,
    write_value,
)
from cleaner.judging.judged import COPIES, spanned
from cleaner.judging.keys import Entries, Keys, Part
from cleaner.rows import Rows

_ENTRY = 100  # bytes that a task needs for each (key, row) that it groups
_PAIRS_A_FILE = 1 << 21
_BLOCKS = 8  # of rows, at least, once there are enough of them
_BLOCK = (1 << 15, 1 << 19)  # rows of a block: 4 to 69 MB of sketches
_COMPARED = 1 << 18  # pairs compared at a time
_MOST_RANGES = 1 << 16
# Partners that a row keeps of those before it in a block: of the first, and of the likeliest; fewer where
# there are many blocks, so that what is compared grows with the rows alone. On 400,000 real paragraphs,
# templates of 200 among them, the same go as where all are kept.
PARTNERS = 16, 16
_FEWEST = 2
_CROWDED = 64  # pairs of a row, found once or often, in a block of next to nothing but one template
_OF_A_CROWD = 1, 2


class Grouping(Struct, frozen=True):
    """What tasks are told: the rows, where results go, into how many ranges keys are cut, and how many rows
    are a block.
    """

    rows: Rows
    folder: bytes
    ranges: int
    block: int
    cap: int

    @property
    def blocks(self) -> int:
        """How many blocks of rows there are."""
        return -(-len(self.rows) // self.block)


class Likely(Struct, frozen=True):
    """Likely pairs between some blocks, in a file of their own, and how many more of them there are."""

    name: bytes
    pairs: int
    left_out: int


def grouping(rows: Rows, folder: bytes, cap: int, memory: int) -> Grouping:
    """Return how rows are grouped where a task may hold `memory` bytes of them."""
    ranges = 1
    while ranges < _MOST_RANGES and len(rows) * _ENTRY > memory * ranges:
        ranges *= 2
    return Grouping(rows, folder, ranges, rows_of_block(len(rows)), cap)


def rows_of_block(rows: int) -> int:
    """Return how many rows are a block, of so many in all."""
    return min(max(-(-rows // _BLOCKS), _BLOCK[0]), _BLOCK[1])


def find_copies(told: Grouping, engine: Engine) -> None:
    """Leave which rows have the text of another one, in row order. They take no part in what follows."""
    rows = told.rows
    names = list(engine.group(partial(_copies_of_part, told=told), _keys(told, [EXACT], OWN)))
    found = [Column(told.folder, name, np.uint64) for name in names]
    with new_files(told.folder, COPIES) as (stream,):
        for number in range(rows.segments):
            start, stop = rows.bounds(number)
            across = [column.array[slice(*spanned(column.array, start, stop))] for column in found]
            copied = np.sort(np.concatenate(across))
            own = read_array(rows.folder_of(number), b"copies", np.uint32, 2).astype(np.int64) + start
            first, place = np.unique(own[:, 1], return_inverse=True)
            at = np.searchsorted(copied, packed(first, np.zeros_like(first)))
            known = at < len(copied)
            known[known] = unpacked(copied[at[known]])[:, 0] == first[known]
            first[known] = unpacked(copied[at[known]])[:, 1]
            write_to(stream, np.sort(np.concatenate((copied, packed(own[:, 0], first[place])))))
            if len(copied):
                flags = rows.flags.between(start, stop)
                flags[unpacked(copied)[:, 0] - start] &= ~np.uint8(OWN)
                write_at(os.path.join(rows.folder, b"flags"), start, flags)


def _keys(told: Grouping, keys: Iterable[int], wanted: int) -> Keys:
    return Keys(told.rows, told.folder, told.ranges, tuple(keys), wanted)


def _copies_of_part(part: Part, ranges: Iterable[Entries], told: Grouping) -> bytes:
    found = [np.empty(0, np.uint64)]
    for entries in ranges:
        alike = np.sort(shared(entries.both))
        both = copies(alike, told.rows.exact.take(alike), told.rows.order(alike))
        found.append(packed(both[:, 0], both[:, 1]))
    name = b"copies-%05d" % part.low
    write_array(told.folder, name, np.sort(np.concatenate(found)))
    return name


def find_pairs(told: Grouping, engine: Engine) -> tuple[list[Likely], int]:
    """Return the pairs of rows that are worth comparing, and how often one was left out for want of room."""
    names: list[bytes] = []
    left_out = 0
    counts: Counter[int] = Counter()
    keys = replace(_keys(told, range(BANDS), OWN | COMPARED), settled=told.rows.settled, beside=True)
    for paired in engine.group(partial(_pair, told=told), keys):
        names += paired.names
        counts.update(paired.counts)
        left_out += paired.left_out
    write_value(told.folder, b"pair-files", names)
    remove(told.rows.folder, b"words")
    likely = list(engine.map(partial(_compare, told=told), _comparisons(counts, told)))
    remove(told.folder, *names, *(name + b".blocks" for name in names))
    left_out += sum(each.left_out for each in likely)
    return [each for each in likely if each.pairs], left_out


class _Comparison(Struct, frozen=True):
    """A block, the blocks from `low` to `high` that its rows are compared with, and how many partners a row
    of these keeps.
    """

    block: int
    low: int
    high: int
    partners: tuple[int, int]


def _comparisons(counts: Counter[int], told: Grouping) -> list[_Comparison]:
    share = max(1, told.blocks / _BLOCKS)
    first, alike = (max(_FEWEST, int(most / share)) for most in PARTNERS)
    tasks: list[_Comparison] = []
    room = 0
    of_block: Counter[int] = Counter()
    for number, count in counts.items():
        of_block[number % told.blocks] += count
    for number in sorted(counts):
        block, second = divmod(number, told.blocks)
        partners = (first, alike) if of_block[second] <= _CROWDED * told.block else _OF_A_CROWD
        last = tasks[-1] if tasks else None
        if last and (last.block, last.partners) == (block, partners) and counts[number] <= room:
            tasks[-1] = replace(last, high=second + 1)
        else:
            tasks.append(_Comparison(block, second, second + 1, partners))
            room = _PAIRS_A_FILE
        room -= counts[number]
    return tasks


class _Paired(Struct, frozen=True):
    names: list[bytes]
    counts: dict[int, int]
    left_out: int


def _pair(part: Part, ranges: Iterable[Entries], told: Grouping) -> _Paired:
    """Leave the pairs of some ranges of the keys of a band, in the order of their blocks."""
    left_out: list[int] = []

    def paired() -> Iterator[U64]:
        for entries in ranges:
            pairing = Pairing(entries.both, entries.beside, cap=told.cap, settled=told.rows.settled)
            yield from pairing
            left_out.append(pairing.left_out)

    names: list[bytes] = []
    counts: Counter[int] = Counter()
    for pairs in _gathered(paired()):
        blocks = unpacked(pairs) // told.block
        names.append(b"pairs-%02d-%05d-%d" % (part.key, part.low, len(names)))
        write_array(told.folder, names[-1], pairs)
        starts = np.searchsorted(blocks[:, 0], np.arange(told.blocks + 1))
        write_array(told.folder, names[-1] + b".blocks", starts.astype(np.int64))
        for block, (start, stop) in enumerate(pairwise(starts.tolist())):
            count = np.bincount(blocks[start:stop, 1])
            counts.update(
                {block * told.blocks + other: int(count[other]) for other in np.flatnonzero(count).tolist()}
            )
    return _Paired(names, counts, sum(left_out))


def _gathered(parts: Iterable[U64]) -> Iterator[U64]:
    """Yield the pairs, each once, as many at a time as go into a file."""
    found: list[U64] = []
    for pairs in parts:
        found.append(pairs)
        if sum(map(len, found)) >= _PAIRS_A_FILE:
            yield each_once(np.concatenate(found))
            found = []
    if any(map(len, found)):
        yield each_once(np.concatenate(found))


def _compare(task: _Comparison, told: Grouping) -> Likely:
    """Leave the pairs between a block of rows and some others that are likely to be alike."""
    names: Sequence[bytes] = read_value(told.folder, b"pair-files")
    keys = each_once(np.concatenate([_of_blocks(told, name, task) for name in names]))
    bits = _bits(told)
    blocks = np.arange(task.low, task.high + 1, dtype=np.uint64)
    bounds = np.searchsorted(keys, blocks << np.uint64(2 * bits)).tolist()
    with _sketches(told, task.block) as mapped:
        sketches = mapped.copy()
    kept = [np.empty((0, 2), np.int64)]
    likely = 0
    for other, (start, stop) in enumerate(pairwise(bounds), task.low):
        if start == stop:
            continue
        found = np.empty(0, np.uint64)
        with _sketches(told, other) as others:
            for at in range(start, stop, _COMPARED):
                pairs = _within(keys[at : min(at + _COMPARED, stop)], bits)
                agreed = agreeing(pairs, sketches, others, FLOOR)
                chosen = np.flatnonzero(agreed)
                likely += len(chosen)
                more = ranked(pairs[chosen], agreed[chosen])
                found = few_partners(np.concatenate((found, more)), *task.partners)
        kept.append(unranked(found) + np.array((task.block, other)) * told.block)
    both = np.concatenate(kept)
    name = b"likely-%05d-%05d" % (task.block, task.low)
    write_array(told.folder, name, packed(both[:, 0], both[:, 1]))
    return Likely(name, len(both), likely - len(both))


def _bits(told: Grouping) -> int:
    """Return how many bits the place of a row in its block takes."""
    return (told.block - 1).bit_length()


def _within(keys: U64, bits: int) -> Ints:
    """Return the places of pairs in their blocks (n x 2)."""
    place = np.uint64((1 << bits) - 1)
    both = np.empty((len(keys), 2), np.int64)
    both[:, 0], both[:, 1] = (keys >> np.uint64(bits)) & place, keys & place
    return both


def _sketches(told: Grouping, block: int) -> AbstractContextManager[U32]:
    start = block * told.block
    return told.rows.sketch.mapped(start, min(start + told.block, len(told.rows)))


def _of_blocks(told: Grouping, name: bytes, task: _Comparison) -> U64:
    """Return the pairs of a file whose first row is in a block, and the second in some others, as one number
    each: the block of the second row, the place of the first row in its block, and that of the second.
    """
    at = task.block
    start, stop = read_array(told.folder, name + b".blocks", np.int64, 0, at, at + 2).tolist()
    pairs: U64 = read_array(told.folder, name, np.uint64, 0, start, stop)
    second = pairs & LOW
    wanted = (second >= task.low * told.block) & (second < task.high * told.block)
    first, second = (pairs[wanted] >> HIGH) - np.uint64(at * told.block), second[wanted]
    block = np.uint64(told.block)
    other = second // block
    bits = np.uint64(_bits(told))
    keys: U64 = (other << bits | first) << bits | (second - other * block)
    return keys
