"""Who stays: fixed-priority rounds over the edges. No chains, no dependence on order of arrival.

Priority is facts first (the side that states more), then run, then source or date where a person
ranks these, then path and place. A paragraph is decided once all its neighbours of higher priority
are; it goes only against one that stays, and the verdict names that final survivor. A ~ B ~ C
therefore never drops A for C's sake, as a union of all near pairs would. What an earlier run
published is settled and always stays.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from cleaner.dedup.candidates import each_once
from cleaner.dedup.signatures import Ints
from cleaner.dedup.verify import Edges

_UNDECIDED, _STAYS, _GOES, _ELSEWHERE = 0, 1, 2, 3


class Verdicts(Struct, frozen=True):
    """Row `row[i]` goes because row `survivor[i]` stays; `edge[i]` is the edge between them."""

    row: Ints
    survivor: Ints
    edge: Ints


def direct(edges: Edges, *, settled: int, a_first: NDArray[np.bool_]) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return for each edge the side that would go, the side that would stay, and whether it may.

    Rows below `settled` were published by earlier runs; of others that state equally much, a stays where
    it comes `a_first`. The order of priority is total, so that rounds always end; an edge whose guard
    allows only the other way round cannot be used.
    """
    more = edges.weight_a > edges.weight_b
    first = (edges.weight_a == edges.weight_b) & a_first
    a_stays = (edges.a < settled) | more | first
    goes = np.where(a_stays, edges.b, edges.a)
    stays = np.where(a_stays, edges.a, edges.b)
    allowed = np.where(a_stays, edges.drop_b, edges.drop_a)
    return goes, stays, allowed & (goes >= settled)


def document_order(rank: Ints, settled: int) -> Ints:
    """Return the place of each document in the order in which equals stay: the first `settled`, which are
    published, then by rank (documents x k, lowest first, the first column counts most), then as numbered.
    """
    numbers = np.arange(len(rank))
    order: Ints = np.empty(len(rank), np.int64)
    ranks = (rank[:, column] for column in reversed(range(rank.shape[1])))
    order[np.lexsort((numbers, *ranks, numbers >= settled))] = numbers
    return order


def decide(goes: Ints, stays: Ints, score: NDArray[np.float64]) -> Verdicts:
    """Return who goes, by edges that may be used, in row order; of several survivors the most alike.

    `goes` -> `stays` must have no cycle, as `direct` ensures. Rows that are not among `goes` stay.
    """
    edge = follow(goes, stays, score, np.zeros(len(goes), np.bool_)).edge
    edge = edge[np.argsort(goes[edge])]
    return Verdicts(goes[edge], stays[edge], edge)


class Followed(Struct, frozen=True):
    """What follows from some edges. `edge`: those that still count, in order; of those to rows that stay only
    the best one of each row. `open` tells which of them are to rows that are not decided yet.
    """

    edge: Ints
    open: NDArray[np.bool_]
    _rows: Ints
    _state: NDArray[np.int8]

    def of(self, rows: Ints) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tell which rows stay, and which go. What no edge knows of stays."""
        at = np.searchsorted(self._rows, rows)
        known = at < len(self._rows)
        known[known] = self._rows[at[known]] == rows[known]
        state = np.full(len(rows), _STAYS, np.int8)
        state[known] = self._state[at[known]]
        return state == _STAYS, state == _GOES


def follow(goes: Ints, stays: Ints, score: NDArray[np.float64], waits: NDArray[np.bool_]) -> Followed:
    """Return what follows from edges that may be used. Of those that wait, `stays` is decided elsewhere, and
    is not among `goes`.
    """
    rows, numbers = np.unique(np.concatenate((goes, stays)), return_inverse=True)
    loser, winner = numbers[: len(goes)], numbers[len(goes) :]
    state = np.full(len(rows), _UNDECIDED, np.int8)
    state[winner[waits]] = _ELSEWHERE
    _propagate(loser, winner, state)
    final = np.flatnonzero(state[winner] == _STAYS)
    order = final[np.lexsort((winner[final], -score[final], loser[final]))]
    best = order[np.unique(loser[order], return_index=True)[1]]
    undecided = (state[winner] == _UNDECIDED) | (state[winner] == _ELSEWHERE)
    edge = np.sort(np.concatenate((best, np.flatnonzero(undecided))))
    return Followed(edge, undecided[edge], rows, state)


def _propagate(loser: Ints, winner: Ints, state: NDArray[np.int8]) -> None:
    """Decide whatever can be. Each edge is looked at once, when its winner is decided: a chain as long as the
    corpus takes as many rounds, but no more time than as many edges elsewhere.
    """
    loser = loser[np.argsort(winner, kind="stable")]
    count = np.bincount(winner, minlength=len(state))
    start = np.cumsum(count) - count
    waiting = np.bincount(loser, minlength=len(state))
    decided = np.flatnonzero((waiting == 0) & (state == _UNDECIDED))
    state[decided] = _STAYS
    while len(decided):
        size = count[decided]
        nth = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
        near = loser[np.repeat(start[decided], size) + nth]
        np.subtract.at(waiting, near, 1)
        beaten = near[np.repeat(state[decided] == _STAYS, size)]
        decided = each_once(near[state[near] == _UNDECIDED])
        state[decided[waiting[decided] == 0]] = _STAYS
        state[beaten] = _GOES
        decided = decided[state[decided] != _UNDECIDED]
