"""The circuit breaker: what a run would remove or skip, against limits and against the last runs.

What rules remove is held against fixed limits, because a rule that suddenly takes a fifth of all text is
wrong whatever was before. Duplicates are not: a first corpus may be nothing but copies, and then that is
what has to be found. They are held against what the last runs found, once there are some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from cleaner.io.figures import Figures

if TYPE_CHECKING:
    from cleaner.settings import LimitSettings

LAST_RUNS = 10  # with so many a run is compared
_LEAST_RUNS = 3  # of these there must be, before what is relative to them counts
_RULES = "boilerplate."
_COPIES = ("near_duplicate.", "repeats.")  # stages that drop what stands elsewhere

_Count = Callable[[Figures], int]


class Excess(Struct, frozen=True):
    """A limit (its key), what goes beyond it, in words, and what can be done."""

    limit: str
    told: str
    way: str

    @property
    def advice(self) -> str:
        """What is beyond it, and the way out."""
        return f"{self.told}; if that is right, --force-publish; else {self.way}"


def named(excesses: Sequence[Excess]) -> tuple[str, ...]:
    """Return the keys of limits, each once."""
    return tuple(sorted({each.limit for each in excesses}))


class _Measure(Struct, frozen=True):
    """What is limited: `part` of `whole`, in runs of a `size`; `above` says that the limit counts from the
    highest of the last runs.
    """

    limit: str
    told: str
    of: str
    part: _Count
    whole: _Count
    size: _Count
    way: str = "change that limit"
    above: bool = False

    def share(self, run: Figures) -> float:
        """Return the share of one run, in per cent."""
        return 100 * self.part(run) / max(1, self.whole(run))


def beyond(limits: LimitSettings, run: Figures, earlier: Sequence[Figures]) -> tuple[Excess, ...]:
    """Return the limits that a run goes beyond; `earlier` are the figures of the runs before it, in order.
    Runs below the minimum size go beyond none, and are not compared with.
    """
    if not limits.enabled:
        return ()
    found = []
    for measure in _measures(run):
        if measure.size(run) < limits.min_documents:
            continue
        last = [each for each in earlier if measure.size(each) >= limits.min_documents][-LAST_RUNS:]
        highest = max(map(measure.share, last), default=0.0)
        allowed: float = getattr(limits, measure.limit)
        if measure.above:
            if len(last) < _LEAST_RUNS:
                continue
            allowed += highest
        if measure.share(run) > allowed:
            found.append(_excess(measure, run, allowed, highest, len(last)))
    return tuple(found)


def _excess(measure: _Measure, run: Figures, allowed: float, highest: float, runs: int) -> Excess:
    before = "no earlier run of that size"
    if runs:
        before = (
            f"{highest:.1f} % at most in the last {runs} runs" if runs > 1 else f"{highest:.1f} % last time"
        )
    told = (
        f"{measure.told} {measure.share(run):.1f} % of {measure.of}"
        f" ({measure.part(run):,} of {measure.whole(run):,}; {before}),"
        f" limits.{measure.limit} allows {allowed:.4g} %"
    )
    return Excess(f"limits.{measure.limit}", told, measure.way)


def _counted(name: str, run: Figures) -> int:
    return run.counts.get(name, 0)


_documents = partial(_counted, "documents")
_paragraphs = partial(_counted, "paragraphs")
_emptied = partial(_counted, "emptied_by_rules")
_skipped = attrgetter("skipped")
_withdrawn = attrgetter("withdrawn")
_standing = attrgetter("standing")


def _records(run: Figures) -> int:
    return _documents(run) + run.skipped


def _dropped(stages: str | tuple[str, ...], run: Figures) -> int:
    return sum(count for rule, count in run.dropped.items() if rule.startswith(stages))


def _dropped_by(rule: str, run: Figures) -> int:
    return run.dropped.get(rule, 0)


_MEASURES = (
    _Measure(
        "all_rules", "boilerplate rules would drop", "paragraphs", partial(_dropped, _RULES), _paragraphs,
        _documents,
    ),
    _Measure(
        "empty", "boilerplate rules would leave nothing of", "documents", _emptied, _documents, _documents
    ),
    _Measure(
        "skipped", "what cannot be read is", "records and files", _skipped, _records, _records,
        "mend them (--dry-run names each), or change that limit",
    ),
    _Measure(
        "duplicates", "duplicates would be", "paragraphs", partial(_dropped, _COPIES), _paragraphs,
        _documents, above=True,
    ),
    _Measure(
        "withdrawn", "inputs that are there no more have", "documents", _withdrawn, _standing, _withdrawn,
        "bring the inputs back, or change that limit",
    ),
)  # fmt: skip


def _measures(run: Figures) -> Iterator[_Measure]:
    """Yield what is limited: each boilerplate rule that dropped something, then the sums."""
    for rule in run.dropped:
        if rule.startswith(_RULES):
            name = rule.removeprefix(_RULES)
            yield _Measure(
                "one_rule", f"{name} would drop", "paragraphs", partial(_dropped_by, rule), _paragraphs,
                _documents,
                f"change that limit, or switch the rule off (boilerplate.actions: {{{name}: report}})",
            )  # fmt: skip
    yield from _MEASURES
