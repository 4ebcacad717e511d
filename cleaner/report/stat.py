"""Counts of what was done, by stage and rule: the short form of the diff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cleaner.io.output import OutputDocument
from cleaner.report.lines import Line
from cleaner.report.selection import GROUPS, Selection
from cleaner.text.show import show


@dataclass(slots=True)
class Stat:
    """Counts of what is selected. A paragraph that two rules edited counts for both, once in the total."""

    selection: Selection
    rules: dict[str, Counter[str]] = field(default_factory=dict)
    total: Counter[str] = field(default_factory=Counter)

    def add(self, document: OutputDocument) -> None:
        """Count one document."""
        changes = [change for change in document.changes if self.selection.change(change)]
        suspects = [suspect for suspect in document.suspects if self.selection.suspect(suspect)]
        self.total.update(documents=1, touched=bool(changes), characters=len(document.source))
        for change in changes:
            if change.dropped:
                last = change.steps[-1]
                self._count("removed", {f"{last.stage}.{last.rule}"})
                self.total["gone"] += len(change.paragraph_source)
            else:
                self._count("edited", {f"{step.stage}.{step.rule}" for step in change.steps})
        for suspect in suspects:
            self._count("suspects", {f"{suspect.stage}.{suspect.rule}"})

    def _count(self, group: str, names: set[str]) -> None:
        self.total[group] += 1
        for name in names:
            self.rules.setdefault(name, Counter())[group] += 1

    def lines(self) -> Iterator[Line]:
        """Yield the table, rules that did most first, and the totals; nothing if nothing was counted."""
        if not self.rules:
            return
        yield Line((("note", "".join(f"{group:>10}" for group in GROUPS) + "  rule"),))
        for name, counts in sorted(self.rules.items(), key=lambda each: (-each[1].total(), each[0])):
            yield Line((("same", _row(counts)), ("rule", show(name, limit=None))))
        yield Line((("same", _row(self.total)), ("path", "all")))
        total = self.total
        share = 100 * total["gone"] / max(1, total["characters"])
        changed = f"{total['touched']:,} of {total['documents']:,} documents changed"
        gone = f"{total['gone']:,} of {total['characters']:,} characters ({share:.1f} %)"
        yield Line()
        yield Line((("same", f"{changed}; removed paragraphs are {gone}"),))


def _row(counts: Counter[str]) -> str:
    return "".join(f"{counts[group]:>10,}" if counts[group] else f"{'-':>10}" for group in GROUPS) + "  "
