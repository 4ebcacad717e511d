"""What a run made of a planted corpus: each planting of the truth beside what the ledger says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import astuple

from cleaner.io.output import read_documents
from cleaner.text.normalize import matching_form

SHORT = 40  # characters in matching form: shorter paragraphs are never near-duplicates
NO_RATIO = -1.0
BANDS = (100.0, 97.0, 95.0, 92.5, 90.0, 85.0, 80.0, 0.0)  # lowest ratio of each
_LIKELY = 90.0  # ratio from which one edit alone is looked at
_SHOWN = 160

Key = tuple[str, int]  # document, paragraph


class Drop(msgspec.Struct, frozen=True):
    """A paragraph that went: by what, and what stays in its place."""

    stage: str
    rule: str
    survivor: Key | None
    score: float | None
    text: str
    short: bool


class Output(msgspec.Struct):
    """All that went in a run: paragraphs, and documents that equal another."""

    drops: dict[Key, Drop] = msgspec.field(default_factory=dict)
    documents: dict[str, str] = msgspec.field(default_factory=dict)


class Tally(msgspec.Struct):
    """How often something was planted, went, went rightly and went wrongly."""

    planted: int = 0
    dropped: int = 0
    right: int = 0
    wrong: int = 0

    def add(self, outcome: str) -> None:
        """Count one planting: its outcome is right, wrong, free (dropped, not judged) or stayed."""
        self.planted += 1
        self.dropped += outcome != "stayed"
        self.right += outcome == "right"
        self.wrong += outcome == "wrong"

    def __add__(self, other: Tally) -> Tally:
        """Return both together."""
        return Tally(*(sum(pair) for pair in zip(astuple(self), astuple(other), strict=True)))


class Verdicts(msgspec.Struct):
    """The plantings counted by kind, expectation and band of the ratio (NO_RATIO where there is none), those
    of one safe edit by edit; the rows that went wrong or were missed; what else went.
    """

    tallies: dict[tuple[str, str, float], Tally] = msgspec.field(default_factory=dict)
    edits: dict[str, Tally] = msgspec.field(default_factory=dict)
    wrong: list[dict[str, Any]] = msgspec.field(default_factory=list)
    missed: list[dict[str, Any]] = msgspec.field(default_factory=list)
    others: list[tuple[Key, Drop]] = msgspec.field(default_factory=list)

    def kinds(self) -> list[tuple[str, str]]:
        """Return the kinds and expectations that were planted."""
        return sorted({(kind, expected) for kind, expected, _ in self.tallies})

    def total(self, expected: Sequence[str], *, kind: str = "", bands: Sequence[float] = ()) -> Tally:
        """Return the sum of all plantings, or of one kind, or of some bands, with these expectations."""
        found = (
            tally
            for (own, expectation, band), tally in self.tallies.items()
            if expectation in expected and kind in ("", own) and (not bands or band in bands)
        )
        return sum(found, Tally())


def output_of(out: Path) -> Output:
    """Read what went from the ledgers of a run."""
    found = Output()
    for document in read_documents(str(out)):
        for change in document.changes:
            if change.dropped:
                last, place = change.steps[-1], change.survivor
                survivor = None if place is None else (place.document, place.paragraph)
                text = change.paragraph_source
                short = len(text) < 2 * SHORT and len(matching_form(text)) < SHORT
                drop = Drop(last.stage, last.rule, survivor, change.score, text[:_SHOWN], short)
                found.drops[document.id, change.paragraph] = drop
        if document.header.duplicate_of:
            found.documents[document.id] = document.header.duplicate_of[2]
    return found


def rows_of(truth: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a truth.jsonl."""
    with truth.open("rb") as lines:
        yield from map(msgspec.json.decode, lines)


def judged(truth: Callable[[], Iterable[dict[str, Any]]], output: Output) -> Verdicts:
    """Return what became of all that was planted, of which `truth` gives the rows, twice. The copy of a
    document stands for the document itself.
    """
    copies = {row["b"]["document"]: row["a"]["document"] for row in truth() if row["kind"] == "document"}
    verdicts = Verdicts()
    explained: set[Key] = set()
    for row in truth():
        outcome = _outcome(row, output, copies, explained)
        near = row["a"] and row["kind"] != "document"
        band = next(band for band in BANDS if row["ratio"] >= band) if near else NO_RATIO
        verdicts.tallies.setdefault((row["kind"], row["expected"], band), Tally()).add(outcome)
        if row["kind"] == "near" and row["edits"] == 1 and row["ratio"] >= _LIKELY:
            verdicts.edits.setdefault(row["how"][0], Tally()).add(outcome)
        if outcome == "wrong":
            verdicts.wrong.append(row)
        elif outcome == "stayed" and row["expected"] in ("either", "a", "b"):
            verdicts.missed.append(row)
    for key, drop in output.drops.items():
        if key not in explained and key[0] not in copies and key[0] not in output.documents:
            verdicts.others.append((key, drop))
    return verdicts


def _outcome(row: Mapping[str, Any], output: Output, copies: Mapping[str, str], explained: set[Key]) -> str:
    """Return right, wrong, free or stayed, and enter which drops this planting explains."""
    a, b, expected = row["a"], row["b"], row["expected"]
    if row["kind"] == "document":
        same = output.documents
        found = same.get(b["document"]) == a["document"] or same.get(a["document"]) == b["document"]
        return "right" if found else "stayed"
    keys = {side: (row[side]["document"], row[side]["paragraph"]) for side in ("a", "b") if row[side]}
    gone = ""
    for side, key in keys.items():
        drop = output.drops.get(key)
        if drop is None:
            continue
        survivor = drop.survivor and (copies.get(drop.survivor[0], drop.survivor[0]), drop.survivor[1])
        if survivor == (keys["b" if side == "a" else "a"] if a else None):
            gone = side
            explained.add(key)
    if not gone:
        return "stayed"
    if expected == "free":
        return "free"
    return "right" if expected in ("either", gone) else "wrong"
