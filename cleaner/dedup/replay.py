"""Another threshold, from pairs that were stored: who would go, and who would be held back.

Everything else of a run stays as it is: which pairs are compared at all does not depend on the threshold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from cleaner.dedup.signatures import Ints
from cleaner.dedup.survivors import decide, direct
from cleaner.dedup.verify import Edges


class Answer(Struct, frozen=True):
    """What the fact guard said of a pair: which side may go, how much each states, and why."""

    drop_a: bool
    drop_b: bool
    facts: tuple[int, int]
    reason: str


class Pairs(Struct, frozen=True):
    """m pairs of rows (m x 2, a before b) with their ratio, and whether a is ranked first; `answers` are
    those of the guard by the number of the pair, as far as it was asked. Rows below `settled` stood before
    the run. Of pairs that are `titles`, a is the first paragraph of the document in which b stands, too;
    `kept` (m x 2) are the sides that a person's decision keeps, whatever the guard says.
    """

    rows: Ints
    score: NDArray[np.float64]
    a_first: NDArray[np.bool_]
    answers: Mapping[int, Answer]
    settled: int
    titles: NDArray[np.bool_]
    kept: NDArray[np.bool_]


class Decided(Struct, frozen=True):
    """What a threshold decides: for each row that goes the number of the pair and the row that stays; what
    the guard says of these pairs; and the numbers of the pairs held back, of which neither goes.
    """

    gone: Mapping[int, tuple[int, int]]
    reasons: Mapping[int, str]
    held: Ints


def replay(pairs: Pairs, threshold: float, ask: Callable[[int], Answer]) -> Decided:
    """Return what a run would have decided at a threshold; `ask` answers for pairs without an answer."""
    chosen = np.flatnonzero(pairs.score >= threshold)
    answers = [pairs.answers.get(number) or ask(number) for number in chosen.tolist()]
    facts = np.array([answer.facts for answer in answers], np.int64).reshape(-1, 2)
    rows, kept = pairs.rows[chosen], pairs.kept[chosen]
    edges = Edges(
        rows[:, 0], rows[:, 1], pairs.score[chosen],
        np.array([answer.drop_a for answer in answers], np.bool_) & ~pairs.titles[chosen] & ~kept[:, 0],
        np.array([answer.drop_b for answer in answers], np.bool_) & ~kept[:, 1],
        facts[:, 0], facts[:, 1], (), rows[:0], pairs.score[:0],
    )  # fmt: skip
    goes, stays, usable = direct(edges, settled=pairs.settled, a_first=pairs.a_first[chosen])
    used = np.flatnonzero(usable)
    verdicts = decide(goes[used], stays[used], edges.score[used])
    used = used[verdicts.edge]
    gone = dict(
        zip(
            verdicts.row.tolist(),
            zip(chosen[used].tolist(), verdicts.survivor.tolist(), strict=True),
            strict=True,
        )
    )
    reasons = {int(chosen[place]): answers[place].reason for place in used.tolist()}
    held = ~usable & ~np.isin(goes, verdicts.row) & ~np.isin(stays, verdicts.row)
    return Decided(gone, reasons, chosen[held])
