"""Lines of a report and how they reach a person: as plain text, or wrapped and coloured for a terminal.

A line holds only text that `show` has made safe. Its gutter is repeated, as blanks, where a terminal
needs more rows, so that no text of a document can stand where our own words stand. rich is imported
for the terminal only, and never sees markup.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

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
    from rich.style import Style
    from rich.text import Text

    console = Console(width=width or 80, color_system=None, legacy_windows=False)
    styles = {kind: Style.parse(style) for kind, style in _STYLES.items()} if colour else {}
    faint = Style(dim=True)

    def styled(line: Line) -> Text:
        text = Text()
        for kind, content in line.pieces:
            text.append(content if colour else _bracketed((kind, content)), styles.get(kind))
        if colour and line.dim:
            text.stylize(faint)
        return text

    def spelled(line: Line) -> str:
        text = styled(line)
        room = max(_NARROWEST, (width or 0) - len(line.gutter))
        rows = list(text.wrap(console, room, overflow="fold")) if width else [text]
        lead = Text().append(line.gutter, styles.get(line.kind))
        parts = []
        for row in rows or [text]:
            segments = lead.append_text(row).render(console)
            parts.append("".join(escaped(segment.text, segment.style) for segment in segments).rstrip())
            lead = Text(" " * len(line.gutter))
        return "\n".join(parts)

    def escaped(text: str, style: Style | None) -> str:
        return style.render(text, color_system=ColorSystem.STANDARD) if style else text

    return spelled


def _bracketed(piece: Piece) -> str:
    before, after = _MARKS.get(piece[0], ("", ""))
    return before + piece[1] + after
