"""All that the page shows, drawn from ledgers, stored pairs and manifests; nothing else is in the page.

Outlines are read once for what they add up to; then the texts of the documents that have something to
show. Memory is bounded by how much is shown.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable

import msgspec

from cleaner import __version__
from cleaner.io.ledger_records import names_of
from cleaner.io.output import output_folders, read_documents, read_outlines
from cleaner.io.pairs import stored_scores
from cleaner.io.state import Folders, last_run, read_manifest
from cleaner.report.page.picks import Picks
from cleaner.report.page.shown import Key, RuleNumber, Shown, ShownCluster, shown_cluster, shown_of
from cleaner.report.page.tally import Cluster, Tally
from cleaner.report.reasons import ReasonOf
from cleaner.report.selection import GROUPS
from cleaner.text.show import show

# What the ledger says of each pair, in general.
_REASONS = {
    "near_duplicate.exact": "the same text stays elsewhere",
    "near_duplicate.near": "almost the same text stays, with all its facts",
    "near_duplicate.document": "another document has all of it",
    "near_duplicate.facts": "alike, but what they state differs: both stay",
}
_SOURCES = 20
_CLUSTERS = 12
_LINES = 20
_LOWEST = 80  # ratio of the first bar of the histogram
_BARS_A_POINT = 2


class About(msgspec.Struct, frozen=True):
    """The output and its last run that cleaned something; `began` is in UTC. No other clock, and no path."""

    name: str
    version: str
    run: int
    began: str = ""
    seconds: float = 0.0
    bytes_in: int = 0
    bytes_out: int = 0
    documents: int = 0
    skipped: int = 0


class RuleRow(msgspec.Struct, frozen=True):
    """How many paragraphs a rule removed, edited, and nearly touched."""

    name: str
    reason: str
    removed: int
    edited: int
    suspects: int


class SourceRow(msgspec.Struct, frozen=True):
    """What was done to a source."""

    name: str
    documents: int
    paragraphs: int
    removed: int
    edited: int
    suspects: int


class LineRow(msgspec.Struct, frozen=True):
    """A line that was removed again and again, and by which rules (numbers)."""

    text: str
    count: int
    rules: list[int]


class ClusterRow(msgspec.Struct, frozen=True):
    """A paragraph and how many went for its sake; the lowest of their ratios."""

    went: int
    ratio: float
    stays: ShownCluster


class Scores(msgspec.Struct, frozen=True):
    """Stored pairs by ratio: bars from `lowest` on, `a_point` to a point; the last one is ratio 100. Of each
    pairs below the threshold, pairs of which both stay, pairs of which one may go.
    """

    lowest: int
    a_point: int
    threshold: float | None
    bars: list[tuple[int, int, int]]


class PageData(msgspec.Struct, frozen=True):
    """Everything on the page. Rules are known by their number in `rules`."""

    about: About
    total: dict[str, int]
    rules: list[RuleRow]
    sources: list[SourceRow]
    more_sources: int
    scores: Scores
    clusters: list[ClusterRow]
    lines: list[LineRow]
    exact: bool
    changes: list[Shown]
    changes_of: int


_TOTALS = ("documents", "changed", "paragraphs", "removed", "edited", "held_back", "suspects", "characters")


def page_data(out: str, most: int, reason_of: ReasonOf) -> PageData:
    """Return what the page of an output shows, up to `most` changes.

    The output is not locked. Where a run has published meanwhile, everything is read again.

    Raises UsageError when there is no output, StateError where it is damaged.
    """
    folders = output_folders(out)
    while True:
        run = last_run(folders)
        data = _read(folders, out, run, most, reason_of)
        if last_run(folders) == run:
            return data


def _read(folders: Folders, out: str, run: int, most: int, reason_of: ReasonOf) -> PageData:
    tally = Tally(Picks(most))
    for outline in read_outlines(out):
        tally.add(outline)
    rules = _Rules(tally.rules)
    keys: list[Key] = [(pick.path, pick.record, pick.what, pick.number) for pick in tally.picks.chosen()]
    largest = [each for _, each in tally.clusters.largest(_CLUSTERS) if each.went > 1]
    changes, stays = _texts(out, keys, {_key_of(each) for each in largest}, reason_of, rules.number)
    sources = tally.sources.largest(_SOURCES)
    lines = [_line_row(*line, rules.number) for line in tally.lines.largest(_LINES) if line[1].total() > 1]
    return PageData(
        about=_about(folders, run),
        total={name: tally.total[name] for name in _TOTALS},
        rules=[_rule_row(name, tally.rules.get(name, Counter()), reason_of) for name in rules.names],
        sources=[_source_row(*source) for source in sources],
        more_sources=len(tally.sources) - len(sources),
        scores=_scores(folders),
        clusters=[
            ClusterRow(each.went, each.ratio, stays[_key_of(each)])
            for each in largest
            if _key_of(each) in stays
        ],
        lines=lines,
        exact=tally.lines.exact and tally.clusters.exact and tally.sources.exact,
        changes=[changes[key] for key in keys if key in changes],
        changes_of=tally.picks.offered,
    )


class _Rules:
    """Numbers of rules, by name."""

    def __init__(self, counted: Iterable[str]) -> None:
        self.names = sorted(counted)
        self._numbers = {_shown(name): number for number, name in enumerate(self.names)}

    def number(self, name: str) -> int:
        """Return the number of a rule; one that counts nowhere, because all it read went, gets the next."""
        if name not in self._numbers:
            self._numbers[name] = len(self.names)
            self.names.append(name)
        return self._numbers[name]


def _texts(
    out: str, changes: Collection[Key], least: Collection[Key], reason_of: ReasonOf, number_of: RuleNumber
) -> tuple[dict[Key, Shown], dict[Key, ShownCluster]]:
    """Read the texts of changes, and for those that are the `least` alike of a cluster what stays."""
    shown: dict[Key, Shown] = {}
    stays: dict[Key, ShownCluster] = {}
    keys = {*changes, *least}
    documents = {(path, record) for path, record, _, _ in keys}
    if not keys:
        return shown, stays
    paths = sorted({path for path, _ in documents})
    for document in read_documents(out, paths, lambda each: (each.path, each.record) in documents):
        for key, change, told, survivor in shown_of(document, keys.__contains__, reason_of, number_of):
            shown[key] = change
            if survivor and key in least:
                stays[key] = shown_cluster(change, told, survivor)
    return shown, stays


def _key_of(cluster: Cluster) -> Key:
    return cluster.path, cluster.record, "change", cluster.paragraph


def _about(folders: Folders, last: int) -> About:
    """Return what is known of the last run that cleaned something."""
    name = _shown(os.path.basename(os.path.abspath(folders.out)))
    for run in range(last, 0, -1):
        manifest = read_manifest(folders, run)
        figures = manifest.figures
        if manifest.settings and figures:
            counts = {each: figures.counts.get(each, 0) for each in ("bytes_in", "bytes_out", "documents")}
            skipped = figures.skipped + figures.known
            return About(name, __version__, run, figures.at, figures.seconds, skipped=skipped, **counts)
        if manifest.settings:
            return About(name, __version__, run)
    return About(name, __version__, last)


def _scores(folders: Folders) -> Scores:
    """Count pairs by ratio and by what the fact guard said; the threshold is that of the last run."""
    bars = [[0, 0, 0] for _ in range((100 - _LOWEST) * _BARS_A_POINT + 1)]
    threshold = None
    for threshold_then, pairs in stored_scores(folders):
        threshold = threshold_then
        for pair in pairs:
            bar = min(len(bars) - 1, max(0, int((pair.ratio - _LOWEST) * _BARS_A_POINT)))
            bars[bar][0 if pair.may_go is None else 1 + pair.may_go] += 1
    return Scores(_LOWEST, _BARS_A_POINT, threshold, [(one, two, three) for one, two, three in bars])


def _rule_row(name: str, counts: Counter[str], reason_of: ReasonOf) -> RuleRow:
    reason = reason_of(*names_of(name)) or _REASONS.get(name, "")
    groups = (counts[group] for group in GROUPS)
    return RuleRow(_shown(name), _shown(reason), *groups)


def _source_row(name: str, counts: Counter[str]) -> SourceRow:
    groups = (counts[group] for group in GROUPS)
    return SourceRow(_shown(name), counts["documents"], counts["paragraphs"], *groups)


def _line_row(text: str, counts: Counter[str], number_of: RuleNumber) -> LineRow:
    return LineRow(_shown(text), counts.total(), [number_of(_shown(rule)) for rule in sorted(counts)])


def _shown(data: str | bytes) -> str:
    return show(data, limit=None)
