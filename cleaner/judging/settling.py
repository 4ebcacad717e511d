"""Edges become verdicts: fixed-priority rounds, some million edges at a time, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.candidates import packed
from cleaner.dedup.signatures import U64, Ints
from cleaner.dedup.survivors import decide
from cleaner.io.scratch import Column, new_files, write_array, write_to
from cleaner.judging.judged import EDGE, GONE, HELD, NEAR, SCORE, Judged, spanned
from cleaner.judging.verifying import Verified
from cleaner.rows import Rows

_EDGE_BYTES = 80  # that deciding needs for each edge
_AFTER_ALL = np.uint64(2**64 - 1)


def settle(rows: Rows, verified: Verified, twins: Ints, folder: bytes, memory: int) -> Judged:
    """Decide who goes, and leave it in `folder`. `memory` bytes of edges may be held at a time."""
    most = max(1, memory // _EDGE_BYTES)
    _join_verdicts(rows, folder, _decide(rows, verified, folder, most))
    judged = Judged(rows, verified.edges, twins, folder)
    with new_files(folder, GONE) as (stream,):
        for segment in range(rows.segments):
            start, stop = rows.bounds(segment)
            gone = np.zeros(stop - start, np.uint8)
            copied = judged.going_copies(start, stop)
            for found in (judged.near.pairs(start, stop), copied, judged.going_twins(start, stop)):
                gone[found[:, 0] - start] = 1
            write_to(stream, gone)
    _hold_back(judged, verified, most)
    return judged


def _decide(rows: Rows, verified: Verified, folder: bytes, most: int) -> list[bytes]:
    """Leave the verdicts, so many edges at a time; return the names of the files.

    Edges are taken in the order of priority of what would go: whatever would stay for it has been decided
    before, or is decided with it.
    """
    lost = _Lost(len(rows))
    names: list[bytes] = []
    for low, high in _shares(verified.sample, verified.counts["usable"], most):
        parts = []
        for edges, numbers in verified.edges:
            chosen = edges["usable"] & (edges["priority"] >= low) & (edges["priority"] < high)
            parts.append((edges[chosen], numbers[chosen]))
        edges = np.concatenate([edges for edges, _ in parts])
        goes, stays = edges["goes"].astype(np.int64), edges["stays"].astype(np.int64)
        score = np.ascontiguousarray(edges["score"])
        verdicts = decide(goes, stays, score, lost.among(stays))
        lost.add(verdicts.row)
        names.append(b"verdicts-%05d" % len(names))
        write_array(folder, names[-1], packed(verdicts.row, verdicts.survivor))
        write_array(folder, names[-1] + EDGE, np.concatenate([each for _, each in parts])[verdicts.edge])
        write_array(folder, names[-1] + SCORE, score[verdicts.edge])
    return names


def _shares(sample: U64, edges: int, most: int) -> Iterator[tuple[np.uint64, np.uint64]]:
    """Yield ranges of priority, in order, that hold about `most` of the edges each."""
    count = max(1, -(-edges // most)) if edges else 0
    borders = [
        np.uint64(0),
        *(sample[len(sample) * number // count] for number in range(1, count)),
        _AFTER_ALL,
    ]
    for low, high in pairwise(borders) if count else ():
        if low < high:
            yield low, high


class _Lost:
    """The rows that go, a bit each."""

    def __init__(self, rows: int) -> None:
        self._bits = np.zeros(-(-rows // 8), np.uint8)

    def add(self, rows: Ints) -> None:
        np.bitwise_or.at(self._bits, rows >> 3, (1 << (rows & 7)).astype(np.uint8))

    def among(self, rows: Ints) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (self._bits[rows >> 3] >> (rows & 7).astype(np.uint8) & 1) == 1
        return found


def _join_verdicts(rows: Rows, folder: bytes, names: list[bytes]) -> None:
    """Bring the verdicts of all files into row order, a segment at a time."""
    found = [
        (
            Column(folder, name, np.uint64),
            Column(folder, name + EDGE, np.int64),
            Column(folder, name + SCORE, np.float64),
        )
        for name in names
    ]
    with new_files(folder, NEAR, NEAR + EDGE, NEAR + SCORE) as streams:
        for segment in range(rows.segments):
            spans = [slice(*spanned(pairs.array, *rows.bounds(segment))) for pairs, _, _ in found]
            columns = [
                np.concatenate([each[kind].array[span] for each, span in zip(found, spans, strict=True)])
                for kind in range(3) if found
            ]  # fmt: skip
            order = np.argsort(columns[0]) if columns else None
            for stream, column in zip(streams, columns, strict=False):
                write_to(stream, column[order])


def _hold_back(judged: Judged, verified: Verified, most: int) -> None:
    """Leave the pairs that the guard kept and of which neither goes, in the order of the later row."""
    rows = judged.rows
    shares = max(1, -(-verified.counts["blocked"] // most))
    borders = [len(rows) * number // shares for number in range(shares + 1)]
    with new_files(judged.folder, HELD, HELD + EDGE, HELD + SCORE) as streams:
        for start, stop in pairwise(borders):
            held = [_NONE_HELD, *(_held(judged, *each, start, stop) for each in verified.edges)]
            columns = [np.concatenate(parts) for parts in zip(*held, strict=True)]
            order = np.argsort(columns[0])
            for stream, column in zip(streams, columns, strict=True):
                write_to(stream, column[order])


_Held = tuple[U64, Ints, NDArray[np.float64]]
_NONE_HELD: _Held = np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.float64)


def _held(judged: Judged, edges: NDArray[np.void], numbers: Ints, start: int, stop: int) -> _Held:
    """Return, packed, the pairs held back of which the later row is from `start` to `stop`; with the numbers
    of their edges, and scores.
    """
    goes, stays = edges["goes"].astype(np.int64), edges["stays"].astype(np.int64)
    later, other = np.maximum(goes, stays), np.minimum(goes, stays)
    kept = np.flatnonzero(~edges["usable"] & (later >= start) & (later < stop))
    kept = kept[(judged.gone.take(later[kept]) | judged.gone.take(other[kept])) == 0]
    return packed(later[kept], other[kept]), numbers[kept], edges["score"][kept]
