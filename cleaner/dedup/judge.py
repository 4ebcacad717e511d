"""The judge: from the columns of a whole run to who goes, for whose sake, and who was held back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.candidates import Pairs, agreeing, pairs_of_buckets, representatives, unique_pairs
from cleaner.dedup.columns import Columns
from cleaner.dedup.documents import duplicates_of, same_documents
from cleaner.dedup.facts import FactGuard
from cleaner.dedup.signatures import BANDS, U8, U32, Ints
from cleaner.dedup.survivors import decide, direct
from cleaner.dedup.verify import FLOOR, Edges, join_edges, verify
from cleaner.engine.base import Engine
from cleaner.settings import FactWords, NearDuplicateSettings

_PAIRS_A_TASK = 8_000


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
    """What a whole run means for its paragraphs, in row order; documents of which almost all stands in
    another one; the edges behind it; how many pairs were compared, and how many rows full buckets
    left out.
    """

    fates: tuple[Fate, ...]
    held_back: tuple[HeldBack, ...]
    edges: Edges
    compared: int
    left_out: int
    duplicates: dict[int, int] = field(default_factory=dict)


NOTHING_TO_JUDGE = Judgement((), (), join_edges([]), 0, 0)


def judge(
    source: Callable[[], Columns],
    text: Callable[[int], str],
    order: Ints,
    *,
    settled: int,
    settings: NearDuplicateSettings,
    facts: Sequence[FactWords],
    engine: Engine,
) -> Judgement:
    """Decide which near-duplicate paragraphs go. Rows below `settled` are published and stay; of
    others that state equally much, the one lower in `order` stays.

    `source` gives the columns, `text` the text of a row; both pickle: the work may be done in other
    processes.
    """
    columns = source()
    if not settings.enabled or not len(columns):
        return NOTHING_TO_JUDGE
    long_enough = columns.length >= settings.min_characters
    first = representatives(columns.exact, long_enough, order)
    compared = (first == np.arange(len(columns))) & long_enough & (columns.length <= settings.max_characters)
    found = partial(
        _candidates, source=source, compared=np.packbits(compared), settled=settled, cap=settings.bucket_cap
    )
    parts = list(engine.map(found, range(BANDS)))
    pairs = unique_pairs(np.concatenate([part.rows for part in parts]))
    tasks = (pairs[start : start + _PAIRS_A_TASK] for start in range(0, len(pairs), _PAIRS_A_TASK))
    guard = FactGuard(facts, settings.facts)
    edges = join_edges(list(engine.map(partial(verify, text=text, guard=guard), tasks)))
    edges = _titles_stay(edges, columns)
    goes, stays, usable = direct(edges, threshold=settings.threshold, settled=settled, order=order)
    verdicts = decide(goes, stays, edges.score, usable)
    near = {
        row: Fate(row, survivor, "near", float(edges.score[edge]), edges.reason[edge])
        for row, survivor, edge in np.stack((verdicts.row, verdicts.survivor, verdicts.edge), axis=1).tolist()
    }
    twins = (
        same_documents(columns, order, settled=settled, min_characters=settings.min_characters)
        if settings.whole_documents
        else np.empty((0, 2), np.int64)
    )
    fates = _with_copies(near, first, twins, columns.document, settled)
    held = _held_back(edges, ~usable & (edges.score >= settings.threshold), fates)
    gone = np.array([(fate.row, fate.survivor) for fate in fates.values()], np.int64).reshape(-1, 2)
    return Judgement(
        tuple(fates[row] for row in sorted(fates)), tuple(held), edges, len(pairs),
        sum(part.left_out for part in parts), duplicates_of(columns, twins, gone[:, 0], gone[:, 1]),
    )  # fmt: skip


def _candidates(band: int, source: Callable[[], Columns], compared: U8, settled: int, cap: int) -> Pairs:
    """Return the pairs of one band that are worth comparing; `compared` are bits, one a row."""
    columns = source()
    rows = np.flatnonzero(np.unpackbits(compared, count=len(columns)))
    pairs = pairs_of_buckets(columns.keys[band][rows], rows, cap)
    new = pairs.rows[pairs.rows[:, 1] >= settled]
    return Pairs(agreeing(new, columns.signature, columns.length, FLOOR), pairs.left_out)


def _titles_stay(edges: Edges, columns: Columns) -> Edges:
    """Let no first paragraph, which is a title or a lead, go for the sake of its own document."""
    same = columns.document[edges.a] == columns.document[edges.b]
    title = same & (columns.paragraph[edges.a] == 0)
    return replace(edges, drop_a=edges.drop_a & ~title)


def _with_copies(
    near: dict[int, Fate], first: Ints, twins: Ints, document: U32, settled: int
) -> dict[int, Fate]:
    """Add to the near-duplicates the rows that have the text of another, and those of equal documents.

    Where the first copy goes, the others go for the same sake. Copies in one document stay with it: the
    stage of literal repeats has seen them, and let them stand.
    """
    fates = dict(near)
    rows = np.arange(len(first))
    for row in np.flatnonzero((first != rows) & (rows >= settled)).tolist():
        copy = int(first[row])
        if copy in near or document[row] != document[copy]:
            fates[row] = _following(Fate(row, copy, "exact", 100.0, "same text"), near)
    copied = dict(fates)
    for row, twin in twins.tolist():
        fates[row] = _following(Fate(row, twin, "document", 100.0, "same document"), copied)
    return fates


def _following(fate: Fate, others: dict[int, Fate]) -> Fate:
    """Return `fate`, or where its survivor goes, too: that one's."""
    other = others.get(fate.survivor)
    return Fate(fate.row, other.survivor, other.rule, other.score, other.reason) if other else fate


def _held_back(edges: Edges, blocked: NDArray[np.bool_], fates: dict[int, Fate]) -> Iterator[HeldBack]:
    """Yield the pairs that the guard kept, where both are still there."""
    for edge in np.flatnonzero(blocked).tolist():
        row, other = int(edges.b[edge]), int(edges.a[edge])
        if row not in fates and other not in fates:
            yield HeldBack(row, other, float(edges.score[edge]), edges.reason[edge])
