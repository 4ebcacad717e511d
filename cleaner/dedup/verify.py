"""Candidates become edges: the exact ratio of each pair, and the fact guard's answer on it.

The ratio is rapidfuzz's `ratio` (Indel), always with a cut-off. Never `partial_*` or `token_set`: in
the seed articles they score 100 on pairs of captions that must both stay, and need minutes on long
texts. Pairs are kept from a floor below the threshold, so that another threshold can be previewed; the
guard is asked from the threshold on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cpdist

from cleaner.dedup.facts import FactGuard
from cleaner.dedup.signatures import Ints
from cleaner.text.normalize import matching_forms

FLOOR = 80.0  # the lowest ratio of a stored edge


class Edges(Struct, frozen=True):
    """m near-duplicate pairs: rows a < b, their ratio (0 to 100), which side the guard lets go, how
    many facts each states, and the guard's reason. `weaker`: pairs (k x 2) that reach the floor, but not
    the threshold, and `weaker_score` their ratio; they are three in four, and the guard was not asked.
    """

    a: Ints
    b: Ints
    score: NDArray[np.float64]
    drop_a: NDArray[np.bool_]
    drop_b: NDArray[np.bool_]
    weight_a: Ints
    weight_b: Ints
    reason: tuple[str, ...]
    weaker: Ints
    weaker_score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.a)


def verify(
    pairs: Ints, texts_of: Callable[[Ints], Sequence[str]], guard: FactGuard, threshold: float
) -> Edges:
    """Return the pairs (m x 2) whose texts reach the floor, in the order of `pairs`.

    `texts_of` gives the texts of rows, which ascend, as an editor sees them.
    """
    rows, places = np.unique(pairs, return_inverse=True)
    texts = texts_of(rows)
    forms = matching_forms(texts)
    sides = places.reshape(-1, 2).tolist()
    scores = cpdist(
        [forms[a] for a, _ in sides], [forms[b] for _, b in sides],
        scorer=ratio, score_cutoff=FLOOR, dtype=np.float64,
    ).round(4)  # fmt: skip
    alike = np.flatnonzero(scores >= threshold)
    answers = [_asked(guard, *(texts[side] for side in sides[number])) for number in alike.tolist()]
    drop_a, drop_b, weight_a, weight_b, reason = zip(*answers, strict=True) if answers else ((),) * 5
    weaker = np.flatnonzero((scores >= FLOOR) & (scores < threshold))
    return Edges(
        pairs[alike, 0], pairs[alike, 1], scores[alike],
        np.array(drop_a, np.bool_), np.array(drop_b, np.bool_),
        np.array(weight_a, np.int64), np.array(weight_b, np.int64),
        tuple(reason), pairs[weaker], scores[weaker],
    )  # fmt: skip


def _asked(guard: FactGuard, a: str, b: str) -> tuple[bool, bool, int, int, str]:
    answer = guard.compare(a, b)
    return answer.drop_a, answer.drop_b, guard.weight(a), guard.weight(b), answer.reason
