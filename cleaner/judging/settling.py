"""Edges become verdicts: fixed-priority rounds, and what follows from them, by rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.candidates import packed
from cleaner.dedup.signatures import U64, Ints
from cleaner.engine.base import Engine
from cleaner.engine.local import LocalEngine
from cleaner.io.scratch import append_file, new_files, write_array
from cleaner.judging.judged import COLUMNS, GONE, HELD, NEAR, Judged, Pairs, save_pairs
from cleaner.judging.rounds import decide_in_rounds
from cleaner.judging.spreading import Found, Spread, all_of
from cleaner.judging.verifying import Verified
from cleaner.rows import Rows

_EDGE_BYTES = 160  # that deciding needs for each edge
_HERE = 10_000_000  # edges up to which one process does
_HELD = np.dtype([("pair", "<u8"), ("edge", "<i8"), ("score", "<f8")])

_Part = tuple[int, int, int]  # of the rows: its number, its first row, the first one after it


def settle(rows: Rows, verified: Verified, twins: Ints, folder: bytes, memory: int, engine: Engine) -> Judged:
    """Decide who goes, and leave it in `folder`. `memory` bytes of edges may be held at a time. The engine is
    asked where there are more of them than this process should decide.
    """
    most = max(1, memory // _EDGE_BYTES)
    usable, blocked = verified.counts["usable"], verified.counts["blocked"]
    runs = engine if usable + blocked > _HERE else LocalEngine(1)
    borders = _borders(verified.sample, -(-usable // most))
    names = decide_in_rounds(verified.edges, folder, borders, runs)
    parts = list(_parts(rows, most))
    near = runs.map(partial(_join_verdicts, names=names, folder=folder), parts)
    _join(folder, NEAR, COLUMNS, near)
    judged = Judged(rows, verified.edges, twins, folder)
    _join(folder, GONE, [b""], runs.map(partial(_mark_gone, judged=judged), parts))
    _join(folder, HELD, COLUMNS, _hold_back(judged, max(1, -(-blocked // most)), runs))
    return judged


def _borders(sample: U64, parts: int) -> U64:
    """Return the first priority of each part but the first, so that about as many edges belong to each."""
    places = [len(sample) * number // parts for number in range(1, parts)]
    return np.unique(sample[places])


def _parts(rows: Rows, most: int) -> Iterator[_Part]:
    """Yield some whole segments each time, of so many rows or little more."""
    number = first = 0
    for segment in range(rows.segments):
        _, stop = rows.bounds(segment)
        if stop - first >= most or segment == rows.segments - 1:
            yield number, first, stop
            number, first = number + 1, stop


def _join(folder: bytes, name: bytes, kinds: Iterable[bytes], parts: Iterable[bytes]) -> None:
    """Join what tasks leave, in their order, to one file of each kind."""
    kinds = list(kinds)
    with new_files(folder, *(name + kind for kind in kinds)) as streams:
        for part in parts:
            for stream, kind in zip(streams, kinds, strict=True):
                append_file(stream, folder, part + kind)


def _join_verdicts(part: _Part, names: Iterable[bytes], folder: bytes) -> bytes:
    """Leave the verdicts on some rows, from all files, in row order."""
    number, start, stop = part
    found = [Pairs(folder, name).columns(start, stop) for name in names]
    pairs, edges, scores = (np.concatenate(columns) for columns in zip(*found, strict=True))
    order = np.argsort(pairs)
    return save_pairs(folder, b"near-%05d" % number, pairs[order], edges[order], scores[order])


def _mark_gone(part: _Part, judged: Judged) -> bytes:
    """Leave which of some rows go."""
    number, start, stop = part
    gone = np.zeros(stop - start, np.uint8)
    copied = judged.going_copies(start, stop)
    for found in (judged.near.pairs(start, stop), copied, judged.going_twins(start, stop)):
        gone[found[:, 0] - start] = 1
    name = b"gone-%05d" % number
    write_array(judged.folder, name, gone)
    return name


def _hold_back(judged: Judged, parts: int, engine: Engine) -> Iterator[bytes]:
    """Leave the pairs that the guard kept and of which neither goes, in the order of the later row."""
    borders = np.array([len(judged.rows) * number // parts for number in range(1, parts)], np.int64)
    found = partial(_held, judged=judged, borders=borders)
    spread = Spread(parts, judged.edges.spans, _HELD, found)
    return engine.group(partial(_in_order, folder=judged.folder), spread)


def _held(files: Iterable[int], judged: Judged, borders: Ints) -> Found:
    """Return the pairs held back among the edges of some files, and which part of the rows each is in."""
    found, parts = [all_of(_HELD, ())], [np.empty(0, np.int64)]
    for edges, numbers in judged.edges.some(files):
        goes, stays = edges["goes"].astype(np.int64), edges["stays"].astype(np.int64)
        later, other = np.maximum(goes, stays), np.minimum(goes, stays)
        kept = np.flatnonzero(~edges["usable"])
        kept = kept[(judged.gone.take(later[kept]) | judged.gone.take(other[kept])) == 0]
        held = np.empty(len(kept), _HELD)
        held["pair"] = packed(later[kept], other[kept])
        held["edge"], held["score"] = numbers[kept], edges["score"][kept]
        found.append(held)
        parts.append(np.searchsorted(borders, later[kept], side="right"))
    return np.concatenate(found), np.concatenate(parts)


def _in_order(part: int, found: Iterable[NDArray[np.void]], folder: bytes) -> bytes:
    held = all_of(_HELD, found)
    held = held[np.argsort(held["pair"])]
    return save_pairs(folder, b"held-%05d" % part, held["pair"], held["edge"], held["score"])
