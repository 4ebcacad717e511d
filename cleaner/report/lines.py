"""Lines of a report and how they reach a person: as plain text, or wrapped and coloured for a terminal.

A line holds only text that `show` has made safe. Its gutter is repeated, as blanks, where a terminal
needs more rows, so that no text of a document can stand where our own words stand. rich is imported
for the terminal only, and never sees markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import zip_longest
from typing import Literal

from msgspec import Struct

Kind = Literal["same", "gone", "removed", "added", "match", "new", "path", "where", "rule", "note"]
Piece = tuple[Kind, str]

_MARKS: dict[Kind, tuple[str, str]] = {"removed": ("[-", "-]"), "added": ("{+", "+}"), "match": ("[?", "?]")}
_STYLES: dict[Kind, str] = {
    "gone": "red",
    "removed": "red strike",
    "added": "green underline",
    "match": "magenta underline",
    "new": "green",
    "path": "bold reverse",
    "where": "bold cyan",
    "rule": "yellow",
    "note": "dim",
}
BETWEEN = " │ "  # two columns
_NARROWEST = 2  # cells for text beside the gutter: one wide character
_WORD = re.compile(r"\A\s*\S+|\S+")
_NARROW = re.compile("[ -~\u00a1-\u02ff\u1e00-\u1eff\u2010-\u2027]*")  # one cell each, as far as news need


class Line(Struct, frozen=True):
    """One line: pieces behind a gutter of some kind. `dim` sets the line back as a whole."""

    pieces: tuple[Piece, ...] = ()
    gutter: str = ""
    kind: Kind = "same"
    dim: bool = False


def plain(line: Line) -> str:
    """Return a line as text, removed and added words in brackets.

    >>> plain(Line((("same", "a "), ("removed", "b"), ("added", "c")), "~ "))
    '~ a [-b-]{+c+}'
    """
    return (line.gutter + "".join(_bracketed(piece) for piece in line.pieces)).rstrip()


def for_terminal(width: int | None, *, colour: bool) -> Callable[[Line], str]:
    """Return what spells a line for a terminal of `width` cells (None: do not wrap)."""
    from rich.color import ColorSystem
    from rich.style import Style

    @cache
    def around(kind: Kind, dim: bool) -> tuple[str, str]:
        """Return what stands before and behind a text of some kind."""
        wanted = f"{_STYLES.get(kind, '')} {'dim' if dim else ''}".strip() if colour else ""
        before, _, behind = Style.parse(wanted).render("x", color_system=ColorSystem.STANDARD).partition("x")
        return before, behind

    def styled(kind: Kind, text: str, dim: bool) -> str:
        before, behind = around(kind, dim)
        return f"{before}{text}{behind}" if text else ""

    def spell(line: Line) -> str:
        lead = styled(line.kind, line.gutter, False)
        spelled = []
        for row in rows_of(line, width, colour=colour):
            spelled.append((lead + "".join(styled(kind, text, line.dim) for kind, text in row)).rstrip())
            lead = " " * len(line.gutter)
        return "\n".join(spelled)

    return spell


def beside(left: Iterable[Line], right: Iterable[Line], room: int, *, colour: bool) -> Iterator[Line]:
    """Yield lines that have others side by side, of `room` cells each; they need not be broken any more."""
    from rich.cells import cell_len

    def rows(lines: Iterable[Line]) -> Iterator[list[Piece]]:
        for line in lines:
            lead: Piece = (line.kind, line.gutter)
            for row in rows_of(line, room, colour=colour):
                yield [lead, *(row if colour else (("same", text) for _, text in row))]
                lead = (line.kind, " " * len(line.gutter))

    for old, new in zip_longest(rows(left), rows(right), fillvalue=()):
        blanks = room - sum(cell_len(text) for _, text in old)
        yield Line((*old, ("note", " " * blanks + BETWEEN), *new))


def rows_of(line: Line, width: int | None, *, colour: bool) -> Sequence[Sequence[Piece]]:
    """Return the rows that a line takes beside its gutter, all in `width` cells (None: it is not broken).

    Without colours its marks are brackets.
    """
    pieces = line.pieces if colour else tuple((kind, _bracketed((kind, text))) for kind, text in line.pieces)
    return _rows(pieces, max(_NARROWEST, width - len(line.gutter))) if width else [pieces]


def _rows(pieces: Sequence[Piece], room: int) -> list[list[Piece]]:
    """Return the rows of `room` cells that pieces take, at least one, broken at spaces if there are any.

    Spaces at the end of a row are left out.
    """
    text = "".join(content for _, content in pieces)
    ends = [*_starts_of_rows(text, room), len(text)]
    rows: list[list[Piece]] = []
    number = at = 0  # the piece that a row begins in, and where that piece begins
    start = 0
    for end in ends:
        seen = len(text[start:end].rstrip()) + start
        row: list[Piece] = []
        while number < len(pieces) and at < end:
            kind, content = pieces[number]
            row.append((kind, text[max(at, start) : min(at + len(content), seen)]))
            if at + len(content) > end:
                break
            number, at = number + 1, at + len(content)
        rows.append(row)
        start = end
    return rows


def _starts_of_rows(text: str, room: int) -> Iterator[int]:
    """Yield where all rows but the first begin; a word too long for a row is cut."""
    from rich.cells import cell_len, chop_cells

    cells: Callable[[str], int] = len if _NARROW.fullmatch(text) else cell_len
    if cells(text) <= room:
        return
    start = 0
    for word in _WORD.finditer(text):
        if cells(text[start : word.end()]) <= room:
            continue
        if word.start():
            yield (start := word.start())
        for part in chop_cells(word[0], room)[:-1] if cells(word[0]) > room else ():
            yield (start := start + len(part))


def _bracketed(piece: Piece) -> str:
    before, after = _MARKS.get(piece[0], ("", ""))
    return before + piece[1] + after
