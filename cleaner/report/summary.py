"""The summary of a run: one line for a person, one JSON object for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from cleaner.io.figures import Figures, time_of

TOTALS = (
    "documents", "empty", "emptied_by_rules", "skipped", "paragraphs", "kept", "dropped", "edited",
    "held_back", "reported", "bytes_in", "bytes_out", "compared", "left_out", "richer",
)  # fmt: skip


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "file"), counted(2000, "file")
    ('1 file', '2,000 files')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class Summary(Struct, frozen=True):
    """What a run did. `problems` are (path, line, reason), ready to show; `known` are those of earlier runs
    that it met again; `seconds` is wall time.
    """

    run: int
    dry: bool
    counts: Counter[str]
    unchanged: int
    problems: Sequence[tuple[str, int, str]]
    passed_over: int
    seconds: float
    withdrawn: int = 0
    known: Sequence[tuple[str, int, str]] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the summary as plain values."""
        return {
            "run": self.run,
            "dry_run": self.dry,
            "unchanged_inputs": self.unchanged,
            "files_passed_over": self.passed_over,
            "withdrawn_inputs": self.withdrawn,
            **self._totals(),
            "by_rule": {
                kind.replace(" ", "_"): self.by_rule(kind)
                for kind in ("dropped", "edited", "held back", "reported")
            },
            **{
                name: [{"path": path, "line": line, "reason": reason} for path, line, reason in problems]
                for name, problems in (("problems", self.problems), ("known_problems", self.known))
            },
            "seconds": round(self.seconds, 3),
        }

    def figures(self, began: float) -> Figures:
        """Return what is to be remembered of a run that `began` so many seconds after 1970; nothing was
        withdrawn, so far as is known here.
        """
        return Figures(
            time_of(began), round(self.seconds, 3), self.unchanged, len(self.problems), self._totals(),
            self.by_rule("dropped"), known=len(self.known),
        )  # fmt: skip

    def _totals(self) -> dict[str, int]:
        return {name: self.counts[name] for name in TOTALS}

    def by_rule(self, kind: str) -> dict[str, int]:
        """Return stage.rule -> count of one kind, most frequent first."""
        found = [
            (name.removeprefix(f"{kind} "), n)
            for name, n in self.counts.items()
            if name.startswith(f"{kind} ")
        ]
        return dict(sorted(found, key=lambda each: (-each[1], each[0])))

    def line(self, out: str) -> str:
        """Return the one line that a run prints.

        >>> counts = Counter(documents=5, paragraphs=99, dropped=29)
        >>> Summary(1, False, counts, 0, (), 0, 1.0).line("o")
        'run 1: 5 documents, 99 paragraphs: 29 removed (29.3 %), 0 edited, 0 held back; 0 skipped; 1.0 s -> o'
        """
        counts = self.counts
        share = 100 * counts["dropped"] / max(1, counts["paragraphs"])
        done = [counted(counts["documents"], "document")]
        if self.unchanged:
            done.append(f"{counted(self.unchanged, 'input')} unchanged")
        if self.withdrawn:
            done.append(f"{counted(self.withdrawn, 'input')} withdrawn")
        if counts["empty"]:
            done.append(f"{counts['empty']:,} empty")
        known = f" ({len(self.known):,} known)" if self.known else ""
        what = "dry run, nothing written" if self.dry else f"run {self.run}"
        done.append(counted(counts["paragraphs"], "paragraph"))
        return (
            f"{what}: {', '.join(done)}: {counts['dropped']:,} removed"
            f" ({share:.1f} %), {counts['edited']:,} edited, {counts['held_back']:,} held back;"
            f" {len(self.problems):,} skipped{known}; {self.seconds:.1f} s"
            + ("" if self.dry else f" -> {out}")
        )
