"""Lines of a report and how they reach a person: as plain text, or wrapped and coloured for a terminal.

A line holds only text that `show` has made safe. Its gutter is repeated, as blanks, where a terminal
needs more rows, so that no text of a document can stand where our own words stand. rich is imported
for the terminal only, and never sees markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

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
_NARROWEST = 2  # cells for text beside the gutter: one wide character


@dataclass(frozen=True, slots=True)
class Line:
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
    from rich.console import Console

    console = Console(color_system=None, legacy_windows=False)

    def spell(line: Line) -> str:
        spelled = []
        for row in _rows(line, width, console, colour=colour):
            cells = (
                each.style.render(each.text, color_system=ColorSystem.STANDARD) if each.style else each.text
                for each in row.render(console)
            )
            spelled.append("".join(cells).rstrip())
        return "\n".join(spelled)

    return spell


def _rows(line: Line, width: int | None, console: Console, *, colour: bool) -> Iterator[Text]:
    """Yield the rows that a line takes; all but the first begin with blanks as wide as the gutter."""
    from rich.text import Text

    text = Text()
    for kind, content in line.pieces:
        if colour:
            text.append(content, _STYLES.get(kind))
        else:
            text.append(_bracketed((kind, content)))
    if colour and line.dim:
        text.stylize("dim")
    room = max(_NARROWEST, (width or 0) - len(line.gutter))
    rows = list(text.wrap(console, room, overflow="fold")) if width else []
    lead = Text().append(line.gutter, _STYLES.get(line.kind) if colour else None)
    for row in rows or [text]:
        yield lead.append_text(row)
        lead = Text(" " * len(line.gutter))


def _bracketed(piece: Piece) -> str:
    before, after = _MARKS.get(piece[0], ("", ""))
    return before + piece[1] + after
