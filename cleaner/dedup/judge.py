"""The judge: from the columns of a whole run to who goes, for whose sake, and who was held back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from cleaner.dedup.candidates import agreeing, key_rows, pairs_of_buckets, representatives, unique_pairs
from cleaner.dedup.columns import Columns
from cleaner.dedup.facts import FactGuard
from cleaner.dedup.signatures import Ints
from cleaner.dedup.survivors import decide, direct
from cleaner.dedup.verify import FLOOR, Edges, join_edges, verify
from cleaner.engine.base import Engine
from cleaner.settings import FactWords, NearDuplicateSettings

_PAIRS_A_TASK = 20_000


@dataclass(frozen=True, slots=True)
class Fate:
    """Row `row` goes for the sake of row `survivor`, which stays."""

    row: int
    survivor: int
    rule: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Row `row` is alike enough to the earlier row `other`, but the guard kept both."""

    row: int
    other: int
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a whole run means for its paragraphs, in row order; the edges behind it; how many pairs
    were compared, and how many rows full buckets left out.
    """

    fates: tuple[Fate, ...]
    held_back: tuple[HeldBack, ...]
    edges: Edges
    compared: int
    left_out: int


NOTHING_TO_JUDGE = Judgement((), (), join_edges([]), 0, 0)


def judge(
    columns: Columns,
    text: Callable[[int], str],
    *,
    settled: int,
    settings: NearDuplicateSettings,
    facts: Sequence[FactWords],
    engine: Engine,
) -> Judgement:
    """Decide which near-duplicate paragraphs go. Rows below `settled` are published and stay.

    `text` gives the text of a row, and pickles: verification may run in another process.
    """
    if not settings.enabled or not len(columns):
        return NOTHING_TO_JUDGE
    long_enough = columns.length >= settings.min_characters
    first = representatives(columns.exact, long_enough)
    distinct = first == np.arange(len(columns))
    compared = np.flatnonzero(distinct & long_enough & (columns.length <= settings.max_characters))
    buckets = partial(pairs_of_buckets, cap=settings.bucket_cap)
    found = list(engine.group(buckets, [key_rows(columns.keys, compared)]))
    pairs = unique_pairs(np.concatenate([part.rows for part in found]))
    pairs = agreeing(pairs[pairs[:, 1] >= settled], columns.signature, columns.length, FLOOR)
    tasks = (pairs[start : start + _PAIRS_A_TASK] for start in range(0, len(pairs), _PAIRS_A_TASK))
    guard = FactGuard(facts, settings.facts)
    edges = join_edges(list(engine.map(partial(verify, text=text, guard=guard), tasks)))
    fates, held_back = _decided(first, edges, settled, settings.threshold)
    return Judgement(fates, held_back, edges, len(pairs), sum(part.left_out for part in found))


def _decided(
    first: Ints, edges: Edges, settled: int, threshold: float
) -> tuple[tuple[Fate, ...], tuple[HeldBack, ...]]:
    goes, stays, usable = direct(edges, threshold=threshold, settled=settled)
    verdicts = decide(goes, stays, edges.score, usable)
    fates = {
        row: Fate(row, survivor, "near", float(edges.score[edge]), edges.reason[edge])
        for row, survivor, edge in np.stack((verdicts.row, verdicts.survivor, verdicts.edge), axis=1).tolist()
    }
    rows = np.arange(len(first))
    doubles = np.flatnonzero((first != rows) & (rows >= settled)).tolist()
    same = {row: Fate(row, int(first[row]), "exact", 100.0, "same text") for row in doubles}
    for row, fate in same.items():
        twin = fates.get(fate.survivor)  # where the first copy goes, the others go for the same sake
        fates[row] = Fate(row, twin.survivor, twin.rule, twin.score, twin.reason) if twin else fate
    held = [
        HeldBack(int(edges.b[i]), int(edges.a[i]), float(edges.score[i]), edges.reason[i])
        for i in np.flatnonzero(~usable & (edges.score >= threshold)).tolist()
    ]
    stay = tuple(each for each in held if each.row not in fates and each.other not in fates)
    return tuple(fates[row] for row in sorted(fates)), stay
