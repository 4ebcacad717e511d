"""From word marks to what a reviewer sees: long unchanged stretches cut out, invisible changes visible.

Pieces are raw text until `spelled`, which is the only way from data to a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from unicodedata import is_normalized, normalize

import regex

from cleaner.report.lines import Kind, Line, Piece
from cleaner.report.words import word_marks
from cleaner.text.show import show

_GAP: Piece = ("note", "[…]")
_COMPOSED: Piece = ("note", " [letters and marks composed, which looks the same]")
_NEAR = 50  # characters of unchanged text left beside a change
_OPENING = 40  # likewise at the start of a paragraph, so that it is recognised
_SAVED = 30  # a shorter stretch is not worth a gap
_SAMPLE = 160  # characters of one piece of a sample; of the whole, three times as many

# Spaces that look like the plain one; the ideographic space is seen as one.
_ODD_SPACE = regex.compile(r"[^\S \n\u3000]")
_UNSEEN = regex.compile(r"[^\S \n\u3000]|\p{Default_Ignorable_Code_Point}")
_SPACES = regex.compile(r"[ \n]+")
_DAMAGE = regex.compile("[\ufffd\udc80-\udcff]+")


def spelled(piece: Piece) -> str:
    r"""Return the text of a piece as it may be printed, whatever it holds.

    What changed is spelled out where it could not be seen: spaces as "·" if there is nothing else, line
    ends as "↵", all that has no shape by its code. Odd spaces are spelled out everywhere.

    >>> spelled(("removed", " \n")), spelled(("added", "a b")), spelled(("same", "a\xa0b\x1b[31m"))
    ('·↵', 'a b', 'a[U+00A0]b[U+001B][31m')
    """
    kind, text = piece
    if kind in ("removed", "added", "match"):
        if _SPACES.fullmatch(text):
            text = text.replace(" ", "·")
        text = _UNSEEN.sub(_code, text).replace("\n", "↵")
    else:
        text = _ODD_SPACE.sub(_code, text)
    return show(text, limit=None)


def _code(found: regex.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"


def marked(before: str, after: str) -> list[Piece]:
    """Return what two texts share and what only one has; long shared stretches are cut.

    Letters whose marks were composed look the same, so that is only said.
    """
    pieces = cut(word_marks(normalize("NFC", before), normalize("NFC", after)))
    if is_normalized("NFC", before) != is_normalized("NFC", after):
        pieces.append(_COMPOSED)
    return pieces


def cut(pieces: Sequence[Piece]) -> list[Piece]:
    """Cut long stretches of "same", but for what stands next to other pieces and how the text begins."""
    found: list[Piece] = []
    for number, (kind, text) in enumerate(pieces):
        head = _NEAR if number else _OPENING
        tail = _NEAR if number + 1 < len(pieces) else 0
        found += _cut((kind, text), head, tail) if kind == "same" else [(kind, text)]
    return found


def added_cut(pieces: Iterable[Piece]) -> list[Piece]:
    """Cut also what only the paragraph that stays says, where it is long: nothing of it was touched."""
    return [
        part
        for piece in pieces
        for part in (_cut(piece, 2 * _NEAR, _NEAR) if piece[0] == "added" else [piece])
    ]


def _cut(piece: Piece, head: int, tail: int) -> list[Piece]:
    """Leave about `head` and `tail` characters of a piece, at spaces where there are any near."""
    kind, text = piece
    if len(text) <= head + tail + _SAVED:
        return [piece]
    first = text.rfind(" ", head // 2, head) + 1 or head
    last = len(text) - tail
    if tail and (space := text.find(" ", last, last + tail // 2)) >= 0:
        last = space
    return [(kind, text[:first]), _GAP, (kind, text[last:])] if tail else [(kind, text[:first]), _GAP]


def sample(pieces: Iterable[Piece]) -> list[Piece]:
    """Cut pieces to what shows what was done: the start of each, and not all of them."""
    found: list[Piece] = []
    room = 3 * _SAMPLE
    for piece in pieces:
        if room <= 0:
            return [*found, _GAP]
        part = _cut(piece, _SAMPLE, 0) if piece != _GAP else [piece]
        found += part
        room -= sum(len(text) for _, text in part)
    return found


def match_marks(text: str, match: str) -> list[Piece]:
    """Return a paragraph with what a rule that only reports found in it: `match`, or damaged letters."""
    spans = [found.span() for found in _DAMAGE.finditer(text)] if _DAMAGE.search(match) else []
    if not spans and match and match.strip() != text.strip() and (at := text.find(match)) >= 0:
        spans = [(at, at + len(match))]
    if not spans:
        return [("same", match or text)]
    pieces: list[Piece] = []
    done = 0
    for start, end in spans:
        pieces += (("same", text[done:start]), ("match", text[start:end]))
        done = end
    return cut([*pieces, ("same", text[done:])])


def paragraph_lines(gutter: str, kind: Kind, pieces: Iterable[Piece]) -> Iterator[Line]:
    """Yield the lines of a paragraph: its own line ends never put data before the gutter."""
    row: list[Piece] = []
    for each, text in pieces:
        first, *more = text.split("\n") if each in ("same", "gone") else [text]
        row.append((each, spelled((each, first))))
        for part in more:
            yield Line(tuple(row), gutter, kind)
            row = [(each, spelled((each, part)))]
    yield Line(tuple(row), gutter, kind)
