"""What a reviewer sees of a recoded document: the chain that read it and one paragraph, for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import normalize

from cleaner.report.lines import Line, Piece
from cleaner.report.marks import marked, paragraph_lines, sample
from cleaner.report.reasons import ReasonOf
from cleaner.report.selection import Selection
from cleaner.report.summary import counted
from cleaner.text.changes import Change
from cleaner.text.document import Paragraphs
from cleaner.text.recoded import Reading, Recoded
from cleaner.text.show import show


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


def recoded_lines(read: ReadParagraphs, paragraphs: Paragraphs, reason_of: ReasonOf) -> Iterator[Line]:
    """Yield the rules of the chain with their reasons, and the first paragraph in which it can be seen."""
    lines = paragraphs.lines()
    first, last = lines[read.numbers[0]], lines[read.numbers[-1]]
    lead = f"lines {first}-{last}  " if first < last else f"line {first}  "
    told = {(reading.stage, reading.rule): reading.reason for reading in reversed(read.chain)}
    rows: list[list[Piece]] = []
    for stage, rule in dict.fromkeys((reading.stage, reading.rule) for reading in read.chain):
        reason = told[stage, rule] or reason_of(stage, rule)
        rows.append([("rule", _shown(f"{stage}.{rule}"))])
        rows[-1] += [("same", f": {_shown(reason)}")] if reason else []
    pieces = marked(*_example(read, paragraphs))
    if len(read.numbers) > 1:
        removed = len(read.numbers) - len(read.kept)
        also = f", {removed:,} of them removed" if removed else ""
        rows[-1].append(("same", f"; {counted(len(read.numbers), 'paragraph')}{also}, as here:"))
        pieces = sample(pieces)
    for number, row in enumerate(rows):
        yield Line(tuple(row), " " * len(lead) if number else lead, "where")
    yield from paragraph_lines("  ~ ", "note", pieces)


def _example(read: ReadParagraphs, paragraphs: Paragraphs) -> tuple[str, str]:
    """Return the first recoded paragraph whose change can be seen, before and after; else the first one."""
    recoded = read.recoded
    if recoded is None:
        raise ValueError("nothing was recoded")
    texts = [(number, paragraphs.texts[number]) for number in read.numbers]
    pairs = ((recoded.source(number, text), text) for number, text in texts)
    seen = (pair for pair in pairs if normalize("NFC", pair[0]) != normalize("NFC", pair[1]))
    return next(seen, (recoded.source(*texts[0]), texts[0][1]))


def _shown(data: str) -> str:
    return show(data, limit=None)
