"""`cleaner preview`: what another threshold would decide, from the pairs that a run has stored.

Of each run that has texts standing its own pairs are decided anew: what earlier runs had published then
counts as it stood, and what later ones replaced is not told. Of one run that is what it would have done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from msgspec import Struct

from cleaner.dedup.facts import FactGuard
from cleaner.dedup.replay import Answer, Decided, replay
from cleaner.errors import UsageError
from cleaner.io.cleaned import CleanedBy, cleaned_by
from cleaner.io.output import output_folders
from cleaner.io.pairs import StoredPairs, read_pairs
from cleaner.io.paragraph_texts import paragraph_texts
from cleaner.job import load_recipe
from cleaner.settings import Settings
from cleaner.text.changes import Place
from cleaner.text.show import show

_HINT = (
    "`cleaner run --reprocess` stores them, with near_duplicate on; keep_pairs may have let go of them since"
)
_UNKNOWN = Answer(False, False, (0, 0), "its text stands no more")


class Moved(Struct, frozen=True):
    """A paragraph that another threshold would decide otherwise: it goes for `other` now, or would then."""

    place: Place
    other: Place
    score: float
    reason: str


class Counted(Struct, frozen=True):
    """How many paragraphs go as near-duplicates, and how many pairs the guard holds back."""

    gone: int
    held_back: int


class Preview(Struct, frozen=True):
    """What `threshold` would do to what runs decided with `thresholds`: who would go, who would come back,
    those nearest to the threshold first. Of `unknown` pairs a text stands no more. Of the `runs` that were
    looked at, `other` were made with other settings than these, the threshold aside; of `without` no pairs
    are stored.
    """

    threshold: float
    thresholds: tuple[float, ...]
    goes: tuple[Moved, ...]
    returns: tuple[Moved, ...]
    now: Counted
    then: Counted
    unknown: int
    runs: int
    other: tuple[int, ...]
    without: tuple[int, ...]


class _Run(Struct, frozen=True):
    """What one run decided, and would decide."""

    threshold: float
    goes: list[Moved]
    returns: list[Moved]
    now: Counted
    then: Counted
    unknown: int


def preview(out: str, threshold: float, settings: Settings) -> Preview:
    """Decide the pairs of an output anew, with the guard of these settings.

    Raises UsageError if no pairs are stored, StateError where something is damaged.
    """
    folders = output_folders(out)
    cleaned = cleaned_by(folders)
    made_with = {each.run: each.settings for each in sorted(cleaned.values())}
    stored = {run: read_pairs(folders, run) for run in made_with}
    found = {run: pairs for run, pairs in stored.items() if pairs is not None}
    if not found:
        raise UsageError("no pairs are stored here", where=show(out), hint=_HINT)
    digests = {each: _digest(settings, each) for each in {pairs.threshold for pairs in found.values()}}
    told = [_previewed(out, run, pairs, threshold, settings, cleaned) for run, pairs in found.items()]

    def nearest(moved: Moved) -> tuple[float, str, int, int]:
        place = moved.place
        return abs(moved.score - threshold), place.path, place.record, place.paragraph

    return Preview(
        threshold,
        tuple(sorted({each.threshold for each in told})),
        tuple(sorted((moved for each in told for moved in each.goes), key=nearest)),
        tuple(sorted((moved for each in told for moved in each.returns), key=nearest)),
        _sum([each.now for each in told]),
        _sum([each.then for each in told]),
        sum(each.unknown for each in told),
        len(told),
        tuple(run for run, pairs in found.items() if digests[pairs.threshold] != made_with[run]),
        tuple(run for run, pairs in stored.items() if pairs is None),
    )


def _digest(settings: Settings, threshold: float) -> str:
    """Return what tells these settings from others, with a threshold in the place of theirs."""
    near = settings.near_duplicate.model_copy(update={"threshold": threshold})
    return load_recipe(settings.model_copy(update={"near_duplicate": near})).digest


def _sum(counts: Sequence[Counted]) -> Counted:
    return Counted(sum(each.gone for each in counts), sum(each.held_back for each in counts))


def _previewed(
    out: str,
    run: int,
    stored: StoredPairs,
    threshold: float,
    settings: Settings,
    cleaned: Mapping[str, CleanedBy],
) -> _Run:
    """Return what becomes of the paragraphs of one run that still stand as it left them."""
    guard = _Guard(out, run, stored, threshold, settings, cleaned)
    now = _Fates(stored, replay(stored.pairs, stored.threshold, guard.ask))
    then = _Fates(stored, replay(stored.pairs, threshold, guard.ask))
    own = [not place.published and _run_of(place, cleaned) == run for place in stored.places]
    goes = [then.told(row) for row in sorted(then.gone.keys() - now.gone.keys()) if own[row]]
    returns = [now.told(row) for row in sorted(now.gone.keys() - then.gone.keys()) if own[row]]
    return _Run(stored.threshold, goes, returns, now.counted(own), then.counted(own), len(guard.unknown))


class _Fates:
    """Who goes: by a pair, or as a copy in the document of what goes by one."""

    def __init__(self, stored: StoredPairs, decided: Decided) -> None:
        self._stored, self._held = stored, decided.held
        self.gone = dict(decided.gone)
        self._reasons = decided.reasons
        for row, other in stored.copies.tolist():
            if other in decided.gone:
                self.gone[row] = decided.gone[other]

    def told(self, row: int) -> Moved:
        """Tell of a row that goes."""
        number, other = self.gone[row]
        places = self._stored.places
        return Moved(
            places[row], places[other], float(self._stored.pairs.score[number]), self._reasons[number]
        )

    def counted(self, own: Sequence[bool]) -> Counted:
        """Count the rows that are among the own ones, and the pairs of which one is."""
        held = self._stored.pairs.rows[self._held].tolist()
        return Counted(sum(own[row] for row in self.gone), sum(own[a] or own[b] for a, b in held))


class _Guard:
    """Answers for pairs below the threshold of their run, of which the guard was not asked then."""

    def __init__(
        self, out: str, run: int, stored: StoredPairs, threshold: float, settings: Settings,
        cleaned: Mapping[str, CleanedBy],
    ) -> None:  # fmt: skip
        self._out, self._run, self._stored, self._threshold = out, run, stored, threshold
        self._settings, self._cleaned = settings, cleaned
        self.unknown: set[int] = set()

    def ask(self, number: int) -> Answer:
        """Answer for a pair; both stay where the text of one stands no more."""
        a, b = (self._texts.get(self._stored.places[row]) for row in self._stored.pairs.rows[number].tolist())
        if a is None or b is None:
            self.unknown.add(number)
            return _UNKNOWN
        answer, guard = self._guard.compare(a, b), self._guard
        return Answer(answer.drop_a, answer.drop_b, (guard.weight(a), guard.weight(b)), answer.reason)

    @cached_property
    def _guard(self) -> FactGuard:
        return FactGuard(load_recipe(self._settings).rules.facts, self._settings.near_duplicate.facts)

    @cached_property
    def _texts(self) -> dict[Place, str]:
        """The texts of all pairs that may be asked for, as far as they stand as they did."""
        pairs = self._stored.pairs
        wanted = np.flatnonzero((pairs.score >= self._threshold) & (pairs.score < self._stored.threshold))
        places = (self._stored.places[row] for row in np.unique(pairs.rows[wanted]).tolist())
        return paragraph_texts(self._out, filter(self._stands, places))

    def _stands(self, place: Place) -> bool:
        run = _run_of(place, self._cleaned)
        return 0 < run < self._run if place.published else run == self._run


def _run_of(place: Place, cleaned: Mapping[str, CleanedBy]) -> int:
    """Return which run cleaned the input of a place last, 0 where it counts no more."""
    return cleaned[place.path].run if place.path in cleaned else 0
