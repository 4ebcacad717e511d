"""Who stays: fixed-priority rounds over the edges. No chains, no dependence on order of arrival.

Priority is facts first (the side that states more), then run, then source or date where a person
ranks these, then path and place. A paragraph is decided once all its neighbours of higher priority
are; it goes only against one that stays, and the verdict names that final survivor. A ~ B ~ C
therefore never drops A for C's sake, as a union of all near pairs would. What an earlier run
published is settled and always stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.signatures import Ints
from cleaner.dedup.verify import Edges

_UNDECIDED, _STAYS, _GOES = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Verdicts:
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


def decide(goes: Ints, stays: Ints, score: NDArray[np.float64], lost: NDArray[np.bool_]) -> Verdicts:
    """Return who goes, by edges that may be used, in row order; of several survivors the most alike.

    `goes` -> `stays` must have no cycle, as `direct` ensures. Rows that are not among `goes` stay, unless
    they are `lost`: decided before.
    """
    edge = np.flatnonzero(~lost)
    rows, numbers = np.unique(np.concatenate((goes[edge], stays[edge])), return_inverse=True)
    loser, winner = numbers[: len(edge)], numbers[len(edge) :]
    state = np.full(len(rows), _UNDECIDED, np.int8)
    while (undecided := state == _UNDECIDED).any():
        beaten = np.zeros(len(rows), np.bool_)
        beaten[loser[state[winner] == _STAYS]] = True
        waiting = np.zeros(len(rows), np.bool_)
        waiting[loser[state[winner] == _UNDECIDED]] = True
        state[undecided & beaten] = _GOES
        state[undecided & ~beaten & ~waiting] = _STAYS
    final = (state[loser] == _GOES) & (state[winner] == _STAYS)
    edge, loser, winner = edge[final], loser[final], winner[final]
    order = np.lexsort((winner, -score[edge], loser))
    best = order[np.unique(loser[order], return_index=True)[1]]
    return Verdicts(rows[loser[best]], rows[winner[best]], edge[best])
