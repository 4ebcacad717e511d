"""Counts of what was done, by rule, stage, source or document: the short form of the diff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

from msgspec import Struct, field

from cleaner.io.outlines import Outline
from cleaner.report.lines import Kind, Line
from cleaner.report.selection import GROUPS, Group, Selection
from cleaner.text.show import show

By = Literal["rule", "stage", "source", "document"]
BYS: tuple[By, ...] = get_args(By)

_Counts = Counter[str]
_Row = tuple[str, ...]  # the name of a row; before it that of the row that it stands under


class Act(Struct, frozen=True):
    """What was or was nearly done to some paragraphs, and by which rules: of those that went by the one that
    removed them. `characters` went.
    """

    group: Group
    names: Sequence[tuple[str, str]]
    paragraphs: int = 1
    characters: int = 0


def paragraphs_of(outline: Outline) -> int:
    """Return how many paragraphs a document had."""
    return outline.kept + sum(change.dropped for change in outline.changes)


def acts_of(outline: Outline, selection: Selection) -> Iterator[Act]:
    """Yield all that is selected of a document."""
    for change in outline.changes:
        if selection.change(change):
            steps = change.steps[-1:] if change.dropped else change.steps
            names = [(step.stage, step.rule) for step in steps]
            if change.dropped:
                yield Act("removed", names, characters=len(change.text))
            else:
                yield Act("edited", names)
    recoded = outline.recoded
    if recoded and recoded.paragraphs and selection.acts(recoded.steps):
        yield Act("edited", [(step.stage, step.rule) for step in recoded.steps], recoded.paragraphs)
    for suspect in outline.suspects:
        if selection.suspect(suspect):
            yield Act("suspects", [(suspect.stage, suspect.rule)])


class Stat(Struct):
    """Counts of what is selected. A paragraph that two rules edited counts for both, once in the total;
    one that was removed counts for the rule that removed it.
    """

    selection: Selection
    by: By = "rule"
    _rows: dict[_Row, _Counts] = field(default_factory=dict)
    _total: _Counts = field(default_factory=Counter)

    def lines(self, documents: Iterable[Outline]) -> Iterator[Line]:
        """Yield the table and the totals; nothing if nothing was counted.

        Rows that count most come first, but documents as they are read, because there is no end of them.
        """
        for outline in documents:
            shown = any(self._total[group] for group in GROUPS)
            counts = self._count(outline)
            self._total.update(counts)
            if self.by == "document" and any(counts[group] for group in GROUPS):
                if not shown:
                    yield self._head()
                yield self._line(counts, outline.name, "same")
        if not any(self._total[group] for group in GROUPS):
            return
        if self.by != "document":
            yield self._head()
            for row in sorted(self._rows, key=self._order):
                kind: Kind = "rule" if len(row) > 1 or self.by != "rule" else "where"
                yield self._line(self._rows[row], "  " * (len(row) - 1) + row[-1], kind)
        yield self._line(self._total, "all", "path")
        yield Line()
        yield Line((("same", self._summary()),))

    def _count(self, outline: Outline) -> _Counts:
        """Return the counts of one document, and add them to the rows."""
        counts: _Counts = Counter(documents=1, paragraphs=paragraphs_of(outline))
        for act in acts_of(outline, self.selection):
            counts["changed"] |= act.group != "suspects"
            counts["characters"] += act.characters
            counts[act.group] += act.paragraphs
            for row in self._rows_of(act):
                self._rows.setdefault(row, Counter())[act.group] += act.paragraphs
        if self.by == "source":
            self._rows.setdefault((outline.source,), Counter()).update(counts)
        return counts

    def _rows_of(self, act: Act) -> set[_Row]:
        if self.by not in ("rule", "stage"):
            return set()
        rows: set[_Row] = {(stage,) for stage, _ in act.names}
        if self.by == "rule":
            rows.update((stage, f"{stage}.{rule}") for stage, rule in act.names)
        return rows

    def _order(self, row: _Row) -> tuple[int, str, int, _Row]:
        """Sort rows by what they count, each below the one that it stands under."""
        top, own = (sum(self._rows[each][group] for group in GROUPS) for each in (row[:1], row))
        return -top, row[0], -own if len(row) > 1 else -top - 1, row

    def _head(self) -> Line:
        words = "".join(f"{group:>10}" for group in GROUPS)
        if self._of_paragraphs:
            words += f"{'paragraphs':>12}"
        return Line((("note", f"{words}  {self.by}"),))

    def _line(self, counts: _Counts, name: str, kind: Kind) -> Line:
        cells = "".join(f"{counts[group]:>10,}" if counts[group] else f"{'-':>10}" for group in GROUPS)
        if self._of_paragraphs:
            cells += f"{counts['paragraphs']:>12,}"
        return Line((("same", f"{cells}  "), (kind, show(name, limit=None))))

    @property
    def _of_paragraphs(self) -> bool:
        return self.by in ("source", "document")

    def _summary(self) -> str:
        total = self._total
        share = 100 * total["removed"] / max(1, total["paragraphs"])
        return (
            f"{total['changed']:,} of {total['documents']:,} documents changed;"
            f" {total['removed']:,} of {total['paragraphs']:,} paragraphs removed ({share:.1f} %),"
            f" {total['characters']:,} characters"
        )
