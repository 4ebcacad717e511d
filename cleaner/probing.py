"""What earlier runs published and new rows may be alike: the rows of an index that share a key with them.

An index is not searched but read, some rows at a time, through filters made of the new keys: a row that has
none of these costs some nanoseconds a band, and is not heard of again. What is left becomes a segment of the
run, as if it had been scanned.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from cleaner.dedup.candidates import slots
from cleaner.dedup.columns import Columns
from cleaner.dedup.documents import documents_of
from cleaner.dedup.signatures import U32, U64, Ints
from cleaner.engine.base import Engine
from cleaner.io.index import IndexSegment, alive_ranges, keys_of, read_columns, row_starts
from cleaner.io.index_texts import IndexNames, IndexTexts
from cleaner.io.scans import COMPARED, EXACT, KEYS, OWN, load_documents, save_columns, words_of
from cleaner.io.scratch import make_folder, read_array, write_array
from cleaner.rows import Segment

_ROWS_A_TASK = 1 << 17  # 20 MB of columns
_FILTER_BITS = 22  # of a key; half a megabyte of bits a band
_MOST_SOUGHT = 1 << 22  # new rows from which a filter lets through too much to be of use
_ONE = np.uint8(1)


class Published(Struct, frozen=True):
    """An index segment, and which of its files are alive: not withdrawn, nor cleaned again by this run."""

    segment: IndexSegment
    alive: tuple[bool, ...]


class _Probe(Struct, frozen=True):
    """Documents from `start` to `stop` of an index segment, with rows from `first` to `last`; those in
    `ranges` are alive.
    """

    folder: bytes
    target: bytes
    start: int
    stop: int
    first: int
    last: int
    ranges: tuple[tuple[int, int], ...]


def probe(
    published: Sequence[Published],
    new: Sequence[Segment],
    scratch: bytes,
    limits: tuple[int, int],
    window_days: int | None,
    engine: Engine,
) -> list[Segment]:
    """Return the published rows that share a key with new ones, or stand in a document that may be equal to
    a new one. Documents that are dated more than `window_days` before all new ones are left out.
    """
    if not any(each.segment.rows for each in published) or not any(each.rows for each in new):
        return []
    since = None
    if window_days is not None:
        dates = [read_array(each.folder, b"dates", np.int64) for each in new]
        since = int(min(each.min() for each in dates if len(each))) - window_days * 86_400
    sought = make_folder(os.path.join(scratch, b"sought"))
    filtered = sum(each.rows for each in new) <= _MOST_SOUGHT
    sources = [(each.folder, each.rows) for each in new]
    for _ in engine.map(partial(_seek, sources=sources, sought=sought), range(KEYS) if filtered else ()):
        pass
    keys = [load_documents(each.folder).key for each in new]
    write_array(sought, b"documents", np.unique(np.concatenate(keys)))
    tasks: list[_Probe] = []
    for each in published:
        tasks += _probes(each, scratch, len(tasks))
    look = partial(_look, sought=sought if filtered else None, documents=sought, limits=limits, since=since)
    return [
        Segment(
            task.target, rows, task.stop - task.start,
            IndexTexts(task.folder, (task.target, b"chosen")), IndexNames(task.folder, task.start),
        )
        for task, rows in zip(tasks, engine.map(look, tasks), strict=True)
        if rows
    ]  # fmt: skip


def _seek(key: int, sources: Sequence[tuple[bytes, int]], sought: bytes) -> None:
    """Leave the words of one band of all new rows, sorted, and a filter of them."""
    wanted = OWN if key == EXACT else OWN | COMPARED
    words = [np.empty(0, np.uint32)]
    for folder, rows in sources:
        chosen = (read_array(folder, b"flags", np.uint8) & wanted) == wanted
        words.append(read_array(folder, b"words", np.uint32, 0, key * rows, (key + 1) * rows)[chosen])
    found = np.unique(np.concatenate(words))
    bits = np.zeros(1 << _FILTER_BITS, np.bool_)
    bits[slots(found, _FILTER_BITS)] = True
    write_array(sought, b"keys-%02d" % key, found)
    write_array(sought, b"bits-%02d" % key, np.packbits(bits, bitorder="little"))


def _probes(published: Published, scratch: bytes, number: int) -> list[_Probe]:
    """Cut a segment at borders of documents."""
    segment, starts = published.segment, row_starts(published.segment)
    ranges = alive_ranges(segment, published.alive)
    tasks: list[_Probe] = []
    at = 0
    while at < segment.documents:
        stop = int(np.searchsorted(starts, starts[at] + _ROWS_A_TASK, "right")) - 1
        stop = min(max(stop, at + 1), segment.documents)
        inside = tuple((max(a, at), min(b, stop)) for a, b in ranges if a < stop and b > at)
        if inside and starts[stop] > starts[at]:
            target = os.path.join(scratch, b"probed-%06d" % (number + len(tasks)))
            tasks.append(_Probe(segment.folder, target, at, stop, int(starts[at]), int(starts[stop]), inside))
        at = stop
    return tasks


def _look(
    task: _Probe, sought: bytes | None, documents: bytes, limits: tuple[int, int], since: int | None
) -> int:
    """Leave the rows that are wanted, as a scan does; return how many there are."""
    columns = read_columns(task.folder, task.first, task.last)
    columns.place[:, 0] -= np.uint32(task.start)
    alive = np.zeros(task.stop - task.start, np.bool_)
    for start, stop in task.ranges:
        alive[start - task.start : stop - task.start] = True
    if since is not None:
        alive &= read_array(task.folder, b"dates", np.int64, 0, task.start, task.stop) >= since
    rows = np.flatnonzero(alive[columns.document])
    columns = _chosen(columns, rows)
    keys = keys_of(task.folder, task.start, task.stop, columns)
    wanted = _among(keys, read_array(documents, b"documents", np.uint64))[columns.document]
    wanted |= _wanted(columns, sought) if sought is not None else True
    make_folder(task.target)
    write_array(task.target, b"chosen", (rows[wanted] + task.first).astype(np.uint32))
    chosen = _chosen(columns, np.flatnonzero(wanted))
    ranks = np.empty((task.stop - task.start, 0), np.int64)
    found = documents_of(chosen)
    save_columns(task.target, chosen, replace(found, key=keys[found.number]), ranks, limits)
    return len(chosen)


def _chosen(columns: Columns, rows: Ints) -> Columns:
    return Columns(columns.place[rows], columns.exact[rows], columns.sketch[rows])


def _wanted(columns: Columns, sought: bytes) -> NDArray[np.bool_]:
    """Tell which rows share a key with a new one."""
    wanted = np.zeros(len(columns), np.bool_)
    for key, words in enumerate(words_of(columns)):
        bits = read_array(sought, b"bits-%02d" % key, np.uint8)
        place = slots(words, _FILTER_BITS)
        near = np.flatnonzero((bits[place >> np.uint32(3)] >> (place & np.uint32(7)).astype(np.uint8)) & _ONE)
        near = near[~wanted[near]]
        wanted[near[_among(words[near], read_array(sought, b"keys-%02d" % key, np.uint32))]] = True
    return wanted


def _among(values: U32 | U64, known: NDArray[np.unsignedinteger]) -> NDArray[np.bool_]:
    """Tell which values are among those `known`, which are sorted."""
    at = np.searchsorted(known, values)
    found = at < len(known)
    found[found] = known[at[found]] == values[found]
    return found
