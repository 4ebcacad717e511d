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

from cleaner.dedup.signatures import U32, Ints
from cleaner.dedup.verify import Edges

_UNDECIDED, _STAYS, _GOES = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Row `row[i]` goes because row `survivor[i]` stays; `edge[i]` is the edge between them."""

    row: Ints
    survivor: Ints
    edge: Ints


def direct(
    edges: Edges, *, threshold: float, settled: int, order: Ints
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return for each edge the side that would go, the side that would stay, and whether it may.

    Rows below `settled` were published by earlier runs; of others that state equally much the one
    lower in `order` stays. The order of priority is total, so that rounds always end; an edge whose
    guard allows only the other way round cannot be used.
    """
    more = edges.weight_a > edges.weight_b
    first = (edges.weight_a == edges.weight_b) & (order[edges.a] < order[edges.b])
    a_stays = (edges.a < settled) | more | first
    goes = np.where(a_stays, edges.b, edges.a)
    stays = np.where(a_stays, edges.a, edges.b)
    allowed = np.where(a_stays, edges.drop_b, edges.drop_a)
    return goes, stays, allowed & (edges.score >= threshold) & (goes >= settled)


def row_order(document: U32, rank: Ints, settled: int) -> Ints:
    """Return the place of each row in the order in which equals stay: what is published, then by the
    ranks of its document (documents x k, lowest first, the first column counts most), then as the
    rows are numbered.
    """
    published = np.arange(len(document)) >= settled
    of_rows = (rank[document, column] for column in reversed(range(rank.shape[1])))
    order: Ints = np.empty(len(document), np.int64)
    order[np.lexsort((np.arange(len(document)), *of_rows, published))] = np.arange(len(document))
    return order


def decide(goes: Ints, stays: Ints, score: NDArray[np.float64], usable: NDArray[np.bool_]) -> Verdicts:
    """Return who goes, by the usable edges, in row order; of several survivors the most alike.

    `goes` -> `stays` must have no cycle, as `direct` ensures.
    """
    edge = np.flatnonzero(usable)
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
