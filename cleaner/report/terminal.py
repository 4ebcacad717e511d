"""What was done to a document, as lines for a person who reviews: removed text whole, below it what
stays in its place; of an edit the words that changed; last, set back, what nearly happened.

Every piece of data goes through `show` here. Layout is not a change and is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from itertools import groupby
from unicodedata import normalize

from cleaner.io.outlines import record_name
from cleaner.io.output import OutputDocument
from cleaner.report.lines import Line, Piece
from cleaner.report.marks import added_cut, marked, match_marks, paragraph_lines
from cleaner.report.reasons import ReasonOf
from cleaner.report.recoded import ReadParagraphs, recoded_lines
from cleaner.report.selection import Selection
from cleaner.text.changes import Change, Place, Step, Suspect
from cleaner.text.document import split
from cleaner.text.history import Story, stories
from cleaner.text.recoded import Reading
from cleaner.text.show import show

_ONLY = ("only a says", "only b says")  # of a pair, the fact guard calls the earlier one a
_DIFFER = re.compile(r"([^:]* differs?): (.*?) \| (.*)", re.S)  # likewise: what a says, what b says instead


def document_lines(document: OutputDocument, selection: Selection, reason_of: ReasonOf) -> Iterator[Line]:
    """Yield the lines of one document, none if it has nothing that is selected.

    `reason_of` tells why (stage, rule) acts, where the ledger has no reason of its own. What was recoded
    is shown once; all that follows is told of the recoded text.
    """
    paragraphs = split(document.recoded, document.mode)
    told = list(stories(paragraphs, document.edited, document.changes))
    read = ReadParagraphs(document.header.recoded, document.changes)
    changes = [story for story in told if read.selected(story.change, selection)]
    suspects = [suspect for suspect in document.suspects if selection.suspect(suspect)]
    recoded = read.kept if selection.acts(read.chain) else frozenset()
    if not changes and not suspects and not recoded:
        return
    yield _title(document, [story.change for story in changes], recoded, suspects)
    if recoded:
        yield Line()
        yield from recoded_lines(read, paragraphs, reason_of)
    for alike, group in groupby(changes, _looks_the_same):
        first, *more = group
        for story in [first] if alike else [first, *more]:
            yield Line()
            yield from _change_lines(story, document, read.before(story.change), reason_of)
        if alike and more:
            yield Line((("note", f"and {len(more):,} more like it, to line {more[-1].change.line}"),), "    ")
    texts = {story.change.paragraph: story.texts[-1] for story in told}
    if suspects:
        yield Line()
        yield _suspects_heading(suspects)
    for suspect in suspects:
        yield Line()
        text = texts.get(suspect.paragraph, paragraphs.texts[suspect.paragraph])
        for line in _suspect_lines(suspect, text, document):
            yield replace(line, dim=True)
    yield Line()


def _title(
    document: OutputDocument, changes: Sequence[Change], recoded: Set[int], suspects: Sequence[Suspect]
) -> Line:
    removed = sum(change.dropped for change in changes)
    edited = recoded | {change.paragraph for change in changes if not change.dropped}
    held_back = sum(suspect.other is not None for suspect in suspects)
    counted = {
        "removed": removed,
        "edited": len(edited),
        "held back": held_back,
        "reported": len(suspects) - held_back,
    }
    counts = ", ".join(f"{count:,} {word}" for word, count in counted.items() if count)
    name = _shown(record_name(document.path, document.record))
    pieces: list[Piece] = [("path", name), ("same", f"  {counts}")]
    if not document.id.startswith(document.path):
        pieces.append(("note", f"  id {_shown(document.id)}"))
    if other := document.header.duplicate_of:
        pieces += (("note", "  almost all of it is in "), ("where", _shown(record_name(*other[:2]))))
    if not document.header.kept:
        pieces.append(("note", "  nothing is left of it"))
    return Line(tuple(pieces), "=== ", "path")


def _looks_the_same(story: Story) -> tuple[tuple[str, str], ...]:
    """Return the rules of an edit that cannot be seen (letters and marks composed); else nothing."""
    source, became = story.texts[0], story.texts[-1]
    if story.change.dropped or normalize("NFC", source) != normalize("NFC", became):
        return ()
    return tuple((step.stage, step.rule) for step in story.change.steps)


def _change_lines(
    story: Story, document: OutputDocument, before: Sequence[Reading], reason_of: ReasonOf
) -> Iterator[Line]:
    """Yield the lines of one change. `before` tells by what a removed paragraph had been recoded."""
    change = story.change
    yield from _headings(change, before, reason_of)
    source, became = story.texts[0], story.texts[-1]
    if not change.dropped:
        yield from paragraph_lines("  ~ ", "note", marked(source, became))
        return
    yield from paragraph_lines("  - ", "gone", [("gone", source)])
    if change.survivor:
        text = became if change.survivor.text is None else change.survivor.text
        kept: list[Piece] = [("same", "kept: "), ("where", _where(change.survivor, document))]
        kept += (
            [("same", ", the same text")]
            if text == source
            else [("same", ": "), *added_cut(marked(source, text))]
        )
        yield from paragraph_lines("  = ", "new", kept)


def _headings(change: Change, before: Sequence[Reading], reason_of: ReasonOf) -> Iterator[Line]:
    """Yield line, rule and reason; of a removed paragraph first the rule that removed it."""
    steps: tuple[Reading | Step, ...] = (*before, *change.steps)
    names = list(dict.fromkeys((step.stage, step.rule) for step in steps))
    if change.dropped:
        names.remove(last := (steps[-1].stage, steps[-1].rule))
        names.insert(0, last)
    lead = f"line {change.line}  "
    for number, (stage, rule) in enumerate(names):
        pieces: list[Piece] = [("rule", _shown(f"{stage}.{rule}"))]
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
        yield Line(tuple(pieces), " " * len(lead) if number else lead, "where")


def _suspects_heading(suspects: Sequence[Suspect]) -> Line:
    """Say what follows, and whose words are marked where paragraphs were compared."""
    pieces: list[Piece] = [("note", "suspects: nothing below was changed")]
    if any(suspect.other and suspect.other.text is not None for suspect in suspects):
        pieces += (("note", "; "), ("removed", "there"), ("note", " in the other paragraph, "))
        pieces += (("added", "here"), ("note", " in this one"))
    return Line(tuple(pieces))


def _suspect_lines(suspect: Suspect, text: str, document: OutputDocument) -> Iterator[Line]:
    pieces: list[Piece] = [("rule", _shown(f"{suspect.stage}.{suspect.rule}"))]
    if suspect.score is not None:
        pieces.append(("same", f", ratio {suspect.score:.4g}"))
    if suspect.reason:
        pieces.append(("same", f": {_shown(held_back(suspect.reason))}"))
    yield Line(tuple(pieces), f"line {suspect.line}  ", "where")
    other = suspect.other
    if other is None:
        yield from paragraph_lines("  ? ", "note", match_marks(text, suspect.match))
    elif other.text is None:
        yield from paragraph_lines("  ? ", "note", [("same", text)])
    else:
        yield from paragraph_lines("  ? ", "note", marked(other.text, text))
    if other:
        where: Piece = ("where", _where(other, document))
        yield Line((("same", "compared with "), where), "    ")


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
    name = record_name(place.path, place.record)
    published = " of its clean text, from an earlier run" if place.published else ""
    return f"{_shown(name)} line {place.line}{published}"


def _shown(data: str) -> str:
    return show(data, limit=None)
