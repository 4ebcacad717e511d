"""Grouping the rows of a run by key, a band and a range of keys at a time: copies, and pairs to compare."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.candidates import Pairing, agreeing, copies, packed, shared, unpacked
from cleaner.dedup.signatures import BANDS, U64
from cleaner.dedup.verify import FLOOR
from cleaner.engine.base import Engine
from cleaner.io.scans import COMPARED, EXACT, OWN
from cleaner.io.scratch import (
    Column,
    new_files,
    read_array,
    read_value,
    write_array,
    write_at,
    write_to,
    write_value,
)
from cleaner.judging.judged import COPIES, spanned
from cleaner.rows import Rows

_KEYS_AT_ONCE = 1 << 20
_ENTRY = 40  # bytes that a task needs for each (key, row) that it groups
_PAIRS_A_FILE = 1 << 21
_BLOCKS = 8  # of rows, at least, once there are enough of them
_BLOCK = (1 << 15, 1 << 19)  # rows of a block: 4 to 69 MB of sketches
_MOST_RANGES = 1 << 16


@dataclass(frozen=True, slots=True)
class Grouping:
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


@dataclass(frozen=True, slots=True)
class Likely:
    """The likely pairs of two blocks, in a file of their own."""

    name: bytes
    pairs: int


def grouping(rows: Rows, folder: bytes, cap: int, memory: int) -> Grouping:
    """Return how rows are grouped where a task may hold `memory` bytes of them."""
    ranges = 1
    while ranges < _MOST_RANGES and len(rows) * _ENTRY > memory * ranges:
        ranges *= 2
    block = min(max(-(-len(rows) // _BLOCKS), _BLOCK[0]), _BLOCK[1])
    return Grouping(rows, folder, ranges, block, cap)


def find_copies(told: Grouping, engine: Engine) -> None:
    """Leave which rows have the text of another one, in row order. They take no part in what follows."""
    rows = told.rows
    names = list(engine.map(partial(_copies_of_range, told=told), range(told.ranges)))
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


def _copies_of_range(number: int, told: Grouping) -> bytes:
    alike = np.sort(shared(_entries(told, EXACT, number, OWN)))
    found = copies(alike, told.rows.exact.take(alike), told.rows.order(alike))
    name = b"copies-%05d" % number
    write_array(told.folder, name, packed(found[:, 0], found[:, 1]))
    return name


def _entries(told: Grouping, key: int, number: int, wanted: int) -> U64:
    """Return (key, row), packed and sorted, for rows whose key is in a range and whose flags are `wanted`."""
    shift = np.uint32(33 - told.ranges.bit_length())
    found = [np.empty(0, np.uint64)]
    for at, keys in told.rows.key_chunks(key, _KEYS_AT_ONCE):
        chosen = (told.rows.flags.between(at, at + len(keys)) & wanted) == wanted
        if told.ranges > 1:
            chosen &= (keys >> shift) == number
        place = np.flatnonzero(chosen)
        found.append(packed(keys[place], place + at))
    whole = np.concatenate(found)
    whole.sort()
    return whole


def find_pairs(told: Grouping, engine: Engine) -> tuple[list[Likely], int]:
    """Return the pairs of rows that are worth comparing, and how many rows full buckets kept from some."""
    tasks = [(band, number) for band in range(BANDS) for number in range(told.ranges)]
    names: list[bytes] = []
    left_out = 0
    counts: Counter[int] = Counter()
    for paired in engine.map(partial(_pair, told=told), tasks):
        names += paired.names
        counts.update(paired.counts)
        left_out += paired.left_out
    write_value(told.folder, b"pair-files", names)
    likely = list(engine.map(partial(_compare, told=told), sorted(counts)))
    return [each for each in likely if each.pairs], left_out


@dataclass(frozen=True, slots=True)
class _Paired:
    names: list[bytes]
    counts: dict[int, int]
    left_out: int


def _pair(task: tuple[int, int], told: Grouping) -> _Paired:
    """Leave the pairs of one band and one range of keys, in the order of their blocks."""
    band, number = task
    other = told.rows.words((band + 1) % BANDS)
    entries = _entries(told, band, number, OWN | COMPARED)
    pairing = Pairing(entries, other.take, cap=told.cap, settled=told.rows.settled)
    names: list[bytes] = []
    counts: Counter[int] = Counter()
    for pairs in _gathered(pairing):
        rows = unpacked(pairs) // told.block
        blocks = rows[:, 0] * told.blocks + rows[:, 1]
        order = np.lexsort((pairs, blocks))
        names.append(b"pairs-%02d-%05d-%d" % (band, number, len(names)))
        write_array(told.folder, names[-1], pairs[order])
        own, start = np.unique(blocks[order], return_index=True)
        index = np.stack((own, start, np.append(start[1:], len(pairs))), axis=1)
        write_array(told.folder, names[-1] + b".blocks", index)
        counts.update(dict(zip(own.tolist(), (index[:, 2] - start).tolist(), strict=True)))
    return _Paired(names, counts, pairing.left_out)


def _gathered(pairing: Pairing) -> Iterator[U64]:
    """Yield the pairs, each once, as many at a time as go into a file."""
    found: list[U64] = []
    for pairs in pairing:
        found.append(pairs)
        if sum(map(len, found)) >= _PAIRS_A_FILE:
            yield np.unique(np.concatenate(found))
            found = []
    if any(map(len, found)):
        yield np.unique(np.concatenate(found))


def _compare(blocks: int, told: Grouping) -> Likely:
    """Leave the pairs between two blocks that are likely to be alike."""
    names: Sequence[bytes] = read_value(told.folder, b"pair-files")
    parts = [_of_blocks(told.folder, name, blocks) for name in names]
    pairs = unpacked(np.unique(np.concatenate(parts)))
    first, second = (block * told.block for block in divmod(blocks, told.blocks))
    sketches = told.rows.sketch.between(first, min(first + told.block, len(told.rows)))
    others = sketches
    if second != first:
        others = told.rows.sketch.between(second, min(second + told.block, len(told.rows)))
    pairs = pairs[agreeing(pairs - np.array([first, second]), sketches, others, FLOOR)]
    name = b"likely-%08d" % blocks
    write_array(told.folder, name, packed(pairs[:, 0], pairs[:, 1]))
    return Likely(name, len(pairs))


def _of_blocks(folder: bytes, name: bytes, blocks: int) -> U64:
    index: NDArray[np.int64] = read_array(folder, name + b".blocks", np.int64, 3)
    at = int(np.searchsorted(index[:, 0], blocks))
    if at == len(index) or index[at, 0] != blocks:
        return np.empty(0, np.uint64)
    found: U64 = read_array(folder, name, np.uint64, 0, int(index[at, 1]), int(index[at, 2]))
    return found
