"""What was done to a paragraph, and why, as a reviewer is told: lines of a terminal, columns and the page
are made of it. Its rows hold only text that `show` has made safe; its texts are raw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal
from unicodedata import normalize

from msgspec import Struct

from cleaner.io.outlines import record_name
from cleaner.io.output import OutputDocument
from cleaner.report.lines import Piece
from cleaner.report.reasons import ReasonOf
from cleaner.report.selection import Selection
from cleaner.report.summary import counted
from cleaner.text.changes import Change, Place, Step, Suspect
from cleaner.text.document import Paragraphs, split
from cleaner.text.history import Story, stories
from cleaner.text.recoded import Reading, Recoded
from cleaner.text.show import show

Kind = Literal["removed", "edited", "held back", "reported"]
Row = tuple[Piece, ...]

_ONLY = ("only a says", "only b says")  # of a pair, the fact guard calls the earlier one a
_DIFFER = re.compile(r"([^:]* differs?): (.*?) \| (.*)", re.S)  # likewise: what a says, what b says instead


class Told(Struct, frozen=True):
    """A change or suspect: its rules, first the one that counts, and rows that say why.

    `text` is the paragraph as it came in, of a suspect as it stands. `other` is what became of an edited one,
    what stays in the place of a removed one, or what a suspect was compared with (None: nothing, or where
    `place` names one, the same text); `place` is where that stands. `match` is what a rule that only reports
    has found. It may stand for `paragraphs`, of which this is one.
    """

    kind: Kind
    where: str
    rules: tuple[str, ...]
    why: tuple[Row, ...]
    text: str
    other: str | None = None
    place: str = ""
    match: str = ""
    score: float | None = None
    paragraphs: int = 1


class ReadParagraphs:
    """The recoded paragraphs of a document, none where it was not recoded. `kept` are those that stayed."""

    def __init__(self, recoded: Recoded | None, changes: Sequence[Change]) -> None:
        self.recoded = recoded
        self.chain = recoded.chain if recoded else ()
        self.numbers = list(recoded.numbers()) if recoded else []
        gone = {change.paragraph for change in changes if change.dropped} if recoded else set()
        self.kept = frozenset(self.numbers) - gone
        self._removed = gone.intersection(self.numbers)

    def before(self, change: Change) -> Sequence[Reading]:
        """Return what read a removed paragraph before it went."""
        return self.chain if change.paragraph in self._removed else ()

    def selected(self, change: Change, selection: Selection) -> bool:
        """Tell whether a change is to be shown: of those that went, also by what read them before."""
        return selection.acts((*self.before(change), *change.steps), dropped=change.dropped)


class Teller:
    """Tells the changes and suspects of one document. `reason_of` tells why (stage, rule) acts, where the
    ledger has no reason of its own. What was recoded is told once; all else is told of the recoded text.
    """

    def __init__(self, document: OutputDocument, reason_of: ReasonOf) -> None:
        self._document, self._reason_of = document, reason_of
        self._paragraphs = split(document.recoded, document.mode)
        self.stories = tuple(stories(self._paragraphs, document.edited, document.changes))
        self.read = ReadParagraphs(document.header.recoded, document.changes)
        self._became = {story.change.paragraph: story.texts[-1] for story in self.stories}

    def change(self, story: Story) -> Told:
        """Tell one change."""
        return _told_change(story, self._document, self.read.before(story.change), self._reason_of)

    def suspect(self, suspect: Suspect) -> Told:
        """Tell what nearly happened to a paragraph."""
        text = self._became.get(suspect.paragraph)
        text = self._paragraphs.texts[suspect.paragraph] if text is None else text
        return _told_suspect(suspect, text, self._document)

    def recoding(self) -> Told:
        """Tell the chain that read a document, with the first paragraph in which it can be seen."""
        return _told_recoding(self.read, self._paragraphs, self._reason_of)


def _told_change(
    story: Story, document: OutputDocument, before: Sequence[Reading], reason_of: ReasonOf
) -> Told:
    change, survivor = story.change, story.change.survivor
    source, became = story.texts[0], story.texts[-1]
    names = _names_of(change, before)
    where, rules = f"line {change.line}", tuple(map(_rule, names))
    why = tuple(_rows_of(change, names, reason_of))
    if not change.dropped:
        return Told("edited", where, rules, why, source, became)
    place, other = "", None
    if survivor:
        place = _where(survivor, document)
        stays = became if survivor.text is None else survivor.text
        other = None if stays == source else stays
    return Told("removed", where, rules, why, source, other, place, score=change.score)


def _told_suspect(suspect: Suspect, text: str, document: OutputDocument) -> Told:
    rule = _rule((suspect.stage, suspect.rule))
    row: list[Piece] = [("rule", rule)]
    if suspect.score is not None:
        row.append(("same", f", ratio {suspect.score:.4g}"))
    if suspect.reason:
        row.append(("same", f": {_shown(held_back(suspect.reason))}"))
    line = f"line {suspect.line}"
    if (other := suspect.other) is None:
        return Told("reported", line, (rule,), (tuple(row),), text, match=suspect.match, score=suspect.score)
    place = _where(other, document)
    return Told("held back", line, (rule,), (tuple(row),), text, other.text, place, score=suspect.score)


def _told_recoding(read: ReadParagraphs, paragraphs: Paragraphs, reason_of: ReasonOf) -> Told:
    lines = paragraphs.lines
    first, last = lines[read.numbers[0]], lines[read.numbers[-1]]
    told: dict[tuple[str, str], str] = {}
    for reading in read.chain:
        told.setdefault((reading.stage, reading.rule), reading.reason)
    rows: list[list[Piece]] = []
    for name, own in told.items():
        reason = own or reason_of(*name)
        rows.append([("rule", _rule(name))])
        rows[-1] += [("same", f": {_shown(reason)}")] if reason else []
    if len(read.numbers) > 1:
        removed = len(read.numbers) - len(read.kept)
        also = f", {removed:,} of them removed" if removed else ""
        rows[-1].append(("same", f"; {counted(len(read.numbers), 'paragraph')}{also}, as here:"))
    before, after = _example(read, paragraphs)
    return Told(
        "edited", f"lines {first}-{last}" if first < last else f"line {first}",
        tuple(map(_rule, told)), tuple(map(tuple, rows)), before, after,
        paragraphs=len(read.numbers),
    )  # fmt: skip


def _example(read: ReadParagraphs, paragraphs: Paragraphs) -> tuple[str, str]:
    """Return the first recoded paragraph whose change can be seen, before and after; else the first one."""
    recoded = read.recoded
    if recoded is None:
        raise ValueError("nothing was recoded")
    texts = [(number, paragraphs.texts[number]) for number in read.numbers]
    pairs = ((recoded.source(number, text), text) for number, text in texts)
    seen = (pair for pair in pairs if normalize("NFC", pair[0]) != normalize("NFC", pair[1]))
    return next(seen, (recoded.source(*texts[0]), texts[0][1]))


def _names_of(change: Change, before: Sequence[Reading]) -> list[tuple[str, str]]:
    """Return the rules of a change, each once; of a removed paragraph first the one that removed it."""
    steps: tuple[Reading | Step, ...] = (*before, *change.steps)
    names = list(dict.fromkeys((step.stage, step.rule) for step in steps))
    if change.dropped:
        names.remove(last := (steps[-1].stage, steps[-1].rule))
        names.insert(0, last)
    return names


def _rows_of(change: Change, names: Sequence[tuple[str, str]], reason_of: ReasonOf) -> Iterator[Row]:
    """Yield rule and reason of each rule of a change."""
    for number, (stage, rule) in enumerate(names):
        pieces: list[Piece] = [("rule", _rule((stage, rule)))]
        if change.dropped and number:
            pieces.insert(0, ("note", "before that "))
        own = [step for step in change.steps if (step.stage, step.rule) == (stage, rule)]
        reason = next((step.reason for step in own if step.reason), "") or reason_of(stage, rule)
        if number == 0 and change.score is not None:
            pieces.append(("same", f", ratio {change.score:.4g}"))
        if number == 0 and change.reason:
            reason = worded(change.reason, "the kept one", "the kept one")
        if reason:
            pieces.append(("same", f": {_shown(reason)}"))
        pieces += [("same", f"; kept as {_shown(step.metadata[0])}") for step in own if step.metadata]
        yield tuple(pieces)


def held_back(reason: str) -> str:
    """Say of a pair what stands where.

    >>> held_back("numbers differ: 14 | 19"), held_back("meaning differs:  | không")
    ('numbers differ: "14" there, "19" here', 'meaning differs: "không" only here')
    """
    found = _DIFFER.fullmatch(reason)
    if not found:
        return worded(reason, "the other", "this one")
    what, there, here = found.groups()
    if there and here:
        return f'{what}: "{there}" there, "{here}" here'
    return f'{what}: "{there}" only there' if there else f'{what}: "{here}" only here'


def worded(reason: str, a: str, b: str) -> str:
    """Name the sides of a pair as the reader sees them."""
    return reason.replace(_ONLY[0], f"only {a} says").replace(_ONLY[1], f"only {b} says")


def _where(place: Place, document: OutputDocument) -> str:
    """Name a place; without its file where that is the document itself."""
    if (place.path, place.record) == (document.path, document.record) and not place.published:
        return f"line {place.line}"
    return where(place)


def where(place: Place) -> str:
    """Name a place with its file."""
    published = " of its clean text, from an earlier run" if place.published else ""
    return f"{_shown(record_name(place.path, place.record))} line {place.line}{published}"


def _rule(name: tuple[str, str]) -> str:
    return _shown(".".join(name))


def _shown(data: str) -> str:
    return show(data, limit=None)
