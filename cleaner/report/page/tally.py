"""What the outlines of all documents add up to, and which changes of theirs are worth showing."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field

from cleaner.io.outlines import ChangeOutline, Outline, SurvivorOutline, SuspectOutline
from cleaner.report.page.largest import Largest
from cleaner.report.page.picks import Picks
from cleaner.report.selection import Selection
from cleaner.report.stat import acts_of, paragraphs_of

_ALL = Selection()
_SAME = 100.0  # the ratio of equal paragraphs
_FLOOR = 80.0  # of stored pairs
_LINE = 300  # characters; a longer paragraph is no line that repeats

SurvivorKey = tuple[str, int, int, bool]


class Cluster(Struct):
    """Paragraphs that went for the sake of one: how many, and the one that was the least like it."""

    went: int = 0
    ratio: float = _SAME + 1
    path: str = ""
    record: int = 0
    paragraph: int = 0

    def add(self, change: ChangeOutline, outline: Outline) -> None:
        """Count one more."""
        self.went += 1
        ratio = _SAME if change.score is None else change.score
        if ratio < self.ratio:
            self.ratio, self.path, self.record = ratio, outline.path, outline.record
            self.paragraph = change.paragraph


class Tally(Struct):
    """Counts over all documents that were added; `rules` by "stage.rule", `sources` by name, `lines` by text
    and then by the rule that removed them, `clusters` by the paragraph that stays. Memory is bounded by the
    number of rules and of `picks`.
    """

    picks: Picks
    total: Counter[str] = field(default_factory=Counter)
    rules: dict[str, Counter[str]] = field(default_factory=dict)
    sources: Largest[str, Counter[str]] = field(default_factory=lambda: Largest(Counter, _paragraphs))
    lines: Largest[str, Counter[str]] = field(default_factory=lambda: Largest(Counter, Counter.total))
    clusters: Largest[SurvivorKey, Cluster] = field(
        default_factory=lambda: Largest(Cluster, lambda cluster: cluster.went)
    )

    def add(self, outline: Outline) -> None:
        """Count one document in."""
        counts: Counter[str] = Counter(documents=1, paragraphs=paragraphs_of(outline))
        for act in acts_of(outline, _ALL):
            counts["changed"] |= act.group != "suspects"
            counts["characters"] += act.characters
            counts[act.group] += act.paragraphs
            for name in act.names:
                self.rules.setdefault(".".join(name), Counter())[act.group] += act.paragraphs
        counts["held_back"] = sum(suspect.paired for suspect in outline.suspects)
        self.total.update(counts)
        self.sources[outline.source].update(counts)
        for change in outline.changes:
            self._note(change, outline)
        for number, suspect in enumerate(outline.suspects):
            self.picks.offer(
                f"{suspect.stage}.{suspect.rule} suspect", _doubt_of(suspect), 0, outline.path,
                outline.record, "suspect", number,
            )  # fmt: skip
        recoded = outline.recoded
        if recoded and recoded.paragraphs:
            first = recoded.steps[0]
            self.picks.offer(
                f"{first.stage}.{first.rule} whole", 0.0, recoded.paragraphs, outline.path, outline.record,
                "recoding", 0,
            )  # fmt: skip

    def _note(self, change: ChangeOutline, outline: Outline) -> None:
        step = change.steps[-1] if change.dropped else change.steps[0]
        rule = f"{step.stage}.{step.rule}"
        doubt = 0.0 if change.score is None else _SAME - change.score
        self.picks.offer(
            rule,
            doubt,
            len(change.text),
            outline.path,
            outline.record,
            "change",
            change.paragraph,
            change.text,
        )
        if change.dropped and len(change.text) <= _LINE:
            self.lines[change.text][rule] += 1
        if change.survivor:
            self.clusters[_key(change.survivor)].add(change, outline)


def _paragraphs(counts: Counter[str]) -> int:
    return counts["paragraphs"]


def _doubt_of(suspect: SuspectOutline) -> float:
    """Return how doubtful it is that a paragraph stayed: the more, the more it is like the other one.

    It is half of what a removal at the same distance from the other end counts.
    """
    return max(0.0, (suspect.score or _FLOOR) - _FLOOR) / 2


def _key(survivor: SurvivorOutline) -> SurvivorKey:
    return survivor.path, survivor.record, survivor.paragraph, survivor.published
