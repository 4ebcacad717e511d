"""The two texts of a change apart: what was, and what stands; each with its own words marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from unicodedata import normalize

from cleaner.report.lines import BETWEEN, Line, Piece, beside
from cleaner.report.lines import Kind as LineKind
from cleaner.report.marks import added_cut, marked, match_marks, paragraph_lines, sample
from cleaner.report.terminal import Body, compared_with
from cleaner.report.told import Kind, Told
from cleaner.report.words import word_marks

Gutter = tuple[str, LineKind]

_LEAST = 40  # cells, for whoever wants columns on a narrow terminal
_GUTTERS: dict[Kind, tuple[Gutter, Gutter]] = {
    "removed": (("  - ", "gone"), ("  = ", "new")),
    "edited": (("  ~ ", "note"), ("  ~ ", "note")),
    "held back": (("  ? ", "note"), ("  ? ", "note")),
    "reported": (("  ? ", "note"), ("  ? ", "note")),
}


def sides(told: Told) -> tuple[list[Piece], list[Piece]]:
    """Return what was and what stands in its place, none if nothing does.

    Of an edit long stretches that both have are cut; what was removed is whole. Of a pair that was held
    back the left side is the other paragraph.
    """
    if told.kind == "edited":
        pieces = marked(told.text, told.other or "")
        return _apart(sample(pieces) if told.paragraphs > 1 else pieces)
    if told.kind == "removed":
        if told.other is None:
            return [("gone", told.text)], []
        pieces = list(word_marks(normalize("NFC", told.text), normalize("NFC", told.other)))
        return _apart(pieces)[0], _apart(added_cut(pieces))[1]
    if not told.place:
        return match_marks(told.text, told.match), []
    if told.other is None:
        return [("same", told.text)], []
    return _apart(marked(told.other, told.text))


def _apart(pieces: Iterable[Piece]) -> tuple[list[Piece], list[Piece]]:
    both = list(pieces)
    return [each for each in both if each[0] != "added"], [each for each in both if each[0] != "removed"]


def in_columns(width: int, *, colour: bool) -> Body:
    """Return what gives the texts of a change side by side, in lines of up to `width` cells."""
    room = (max(_LEAST, width) - len(BETWEEN)) // 2

    def body(told: Told) -> Iterator[Line]:
        left, right = sides(told)
        if told.kind == "removed" and told.place:
            right = [("same", "kept: "), ("where", told.place), *_stays(right)]
        old, new = (
            paragraph_lines(*gutter, pieces) if pieces else ()
            for gutter, pieces in zip(_GUTTERS[told.kind], (left, right), strict=True)
        )
        yield from beside(old, new, room, colour=colour)
        if told.kind == "held back":
            yield compared_with(told)

    return body


def _stays(text: list[Piece]) -> list[Piece]:
    return [("same", ": "), *text] if text else [("same", ", the same text")]
