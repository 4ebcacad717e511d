"""What was done to a document, as lines for a person who reviews: removed text whole, below it what
stays in its place; of an edit the words that changed; last, set back, what nearly happened.

Every piece of data goes through `show` here. Layout is not a change and is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from itertools import groupby
from unicodedata import normalize

from msgspec.structs import replace

from cleaner.io.outlines import record_name
from cleaner.io.output import OutputDocument
from cleaner.report.lines import Line, Piece
from cleaner.report.marks import added_cut, marked, match_marks, paragraph_lines, sample
from cleaner.report.reasons import ReasonOf
from cleaner.report.selection import Selection
from cleaner.report.told import Teller, Told
from cleaner.text.changes import Change, Suspect
from cleaner.text.history import Story
from cleaner.text.show import show

Body = Callable[[Told], Iterator[Line]]


def document_lines(
    document: OutputDocument, selection: Selection, reason_of: ReasonOf, body: Body | None = None
) -> Iterator[Line]:
    """Yield the lines of one document, none if it has nothing that is selected.

    `reason_of` tells why (stage, rule) acts, where the ledger has no reason of its own; `body` gives the
    lines of the texts of each change, else one below the other.
    """
    teller = Teller(document, reason_of)
    changes = [story for story in teller.stories if teller.read.selected(story.change, selection)]
    suspects = [suspect for suspect in document.suspects if selection.suspect(suspect)]
    recoded = teller.read.kept if selection.acts(teller.read.chain) else frozenset()
    body = body or unified
    if not changes and not suspects and not recoded:
        return
    yield _title(document, [story.change for story in changes], recoded, suspects)
    if recoded:
        yield Line()
        yield from _told_lines(teller.recoding(), body)
    for alike, group in groupby(changes, _looks_the_same):
        first, *more = group
        for story in [first] if alike else [first, *more]:
            yield Line()
            yield from _told_lines(teller.change(story), body)
        if alike and more:
            yield Line((("note", f"and {len(more):,} more like it, to line {more[-1].change.line}"),), "    ")
    if suspects:
        yield Line()
        yield _suspects_heading(suspects)
    for suspect in suspects:
        yield Line()
        for line in _told_lines(teller.suspect(suspect), body):
            yield replace(line, dim=True)
    yield Line()


def unified(told: Told) -> Iterator[Line]:
    """Yield the texts of a change one below the other, words that differ marked in one of them."""
    if told.kind == "edited":
        pieces = marked(told.text, told.other or "")
        yield from paragraph_lines("  ~ ", "note", sample(pieces) if told.paragraphs > 1 else pieces)
    elif told.kind == "removed":
        yield from paragraph_lines("  - ", "gone", [("gone", told.text)])
        if told.place:
            kept: list[Piece] = [("same", "kept: "), ("where", told.place)]
            if told.other is None:
                kept.append(("same", ", the same text"))
            else:
                kept += [("same", ": "), *added_cut(marked(told.text, told.other))]
            yield from paragraph_lines("  = ", "new", kept)
    else:
        yield from paragraph_lines("  ? ", "note", _in_question(told))
        if told.place:
            yield compared_with(told)


def compared_with(told: Told) -> Line:
    """Return the line that says with what a suspect was compared."""
    return Line((("same", "compared with "), ("where", told.place)), "    ")


def _in_question(told: Told) -> list[Piece]:
    if not told.place:
        return match_marks(told.text, told.match)
    return [("same", told.text)] if told.other is None else marked(told.other, told.text)


def _told_lines(told: Told, body: Body) -> Iterator[Line]:
    """Yield place, rules and reasons, then the texts."""
    lead = f"{told.where}  "
    for number, row in enumerate(told.why):
        yield Line(row, " " * len(lead) if number else lead, "where")
    yield from body(told)


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


def _suspects_heading(suspects: Sequence[Suspect]) -> Line:
    """Say what follows, and whose words are marked where paragraphs were compared."""
    pieces: list[Piece] = [("note", "suspects: nothing below was changed")]
    if any(suspect.other and suspect.other.text is not None for suspect in suspects):
        pieces += (("note", "; "), ("removed", "there"), ("note", " in the other paragraph, "))
        pieces += (("added", "here"), ("note", " in this one"))
    return Line(tuple(pieces))


def _shown(data: str) -> str:
    return show(data, limit=None)
