"""The matching form: what two paragraphs are compared by, never what is written.

It folds what an editor would not call a difference: case, composition, tone style, kinds of quotes,
dashes and spaces. It keeps everything that can be a fact: letters, tones, digits, order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from unicodedata import is_normalized, normalize

import numpy as np
from numpy.typing import NDArray

from cleaner.text.kinds import CharacterTable, CodePoints, Lines, always_composed, lines_of
from cleaner.vietnamese.tone_style import AFTER, OLD_STYLE, fold_tone_style

_FOLDED = {
    **dict.fromkeys("“”„‟«»″〝〞＂", '"'),
    **dict.fromkeys("‘’‚‛′`´\u1fef\u1ffd", "'"),  # the last two compose to ` and ´
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...",
    "\xad": "",  # soft hyphen
    "\u200b": " ",
    "\ufeff": "",
}
_REMEMBERED = 20_000  # texts, some 10 MB with their forms
_AT_ONCE = 1_000  # texts of which arrays are made: more of them fall out of the processor's cache
_WORTH_ARRAYS = 10_000  # characters
_known: dict[str, str] = {}
# Kinds of characters, by what they are folded to.
_TO_ASK, _SPACE, _IN_WORD, _O, _U, _AFTER_O, _AFTER_U, _COMPOSES = (1 << bit for bit in range(8))
# Two letters each: of the new style the second tells the first, and so both of the old one.
_SECOND_OF_NEW, _FIRST_OF_OLD, _SECOND_OF_OLD = np.array(
    sorted((ord(new[1]), *map(ord, old)) for new, old in OLD_STYLE.items()), np.uint32
).T
_LETTER_OR_MARK = re.compile(r"[\w\u0300-\u036f]")


def matching_form(text: str) -> str:
    """Return `text` as it is compared: NFC, case-folded, quotes, dashes, tone style and spaces folded.

    Two texts with the same matching form state the same. The form is idempotent.

    >>> matching_form("Uỷ  ban “Hoà Bình” –\xa02025…")
    'ủy ban "hòa bình" - 2025...'
    """
    return _forms([text])[0]


def matching_forms(texts: Sequence[str]) -> list[str]:
    """Return the matching form of each text: of many together in a fraction of the time.

    While a document is scanned its paragraphs are asked for again, with some of them gone: so forms are
    remembered for a while.
    """
    try:
        return list(map(_known.__getitem__, texts))
    except KeyError:
        new = [text for text in texts if text not in _known]
    if len(_known) + len(new) > _REMEMBERED:
        _known.clear()
        new = list(texts)
    for first in range(0, len(new), _AT_ONCE):
        _learn(new[first : first + _AT_ONCE])
    return [_known[text] for text in texts]


def _learn(texts: Sequence[str]) -> None:
    """Make the forms of texts: by arrays, where there are enough of them for that."""
    lines = lines_of(texts) if sum(map(len, texts)) >= _WORTH_ARRAYS else None
    if lines:
        _learn_lines(lines)
        texts = [text for text in texts if text not in _known]
    if texts:
        _known.update(zip(texts, _forms(texts), strict=True))


def expect_forms(lines: Lines) -> None:
    """Make the forms of lines that will be asked for, and forget all others.

    Not of lines that may need to be composed: that is done before anybody asks for their forms.
    """
    _known.clear()
    _learn_lines(lines)


def _learn_lines(lines: Lines) -> None:
    """Make the forms of lines by arrays: of most by a table; not of those that may need to be composed."""
    kinds = _kinds().of(lines.asked)
    spaces, asking = kinds & _SPACE != 0, kinds & _TO_ASK != 0
    composed = lines.having(kinds & _COMPOSES != 0)
    others = lines.chosen((lines.having(asking) | lines.badly_spaced(spaces)) & ~composed)
    points = _folded().of(lines.asked)
    _fold_tone_style(points, kinds)
    folded = points.tobytes().decode("utf-32-le", "surrogatepass").split("\n")
    _known.update(zip(lines.texts, folded, strict=False))
    _known.update(zip(others, _forms(others) if others else (), strict=True))
    for text in lines.chosen(composed):
        _known.pop(text, None)


def _fold_tone_style(points: CodePoints, kinds: NDArray[np.uint8]) -> None:
    """Put every open oa, oe, uy of folded lines in the old style: `fold_tone_style` for arrays."""
    pairs = kinds[:-2] & (kinds[1:-1] >> 2) & (_O | _U)  # the bits of what may follow stand two above
    places = np.flatnonzero(np.logical_and(pairs, kinds[2:] & _IN_WORD == 0))
    places = places[points[places - 1] != ord("q")]  # before the first place stands the last line end
    styles = np.searchsorted(_SECOND_OF_NEW, points[places + 1])
    points[places], points[places + 1] = _FIRST_OF_OLD[styles], _SECOND_OF_OLD[styles]


@cache
def _kinds() -> CharacterTable:
    return CharacterTable(_kind)


@cache
def _folded() -> CharacterTable:
    def folded(character: str) -> int:
        form = _fold(character)
        return ord(form if len(form) == 1 else character)

    return CharacterTable(folded, np.uint32)


def _kind(character: str) -> int:
    form = _fold(character)
    if form in (" ", "\n"):
        return _SPACE
    if not always_composed(form):
        return _COMPOSES
    if len(form) != 1 or not form.isprintable():
        return _TO_ASK
    bits = {
        _IN_WORD: _LETTER_OR_MARK.match(form), _O: form == "o", _U: form == "u",
        _AFTER_O: form in AFTER["o"], _AFTER_U: form in AFTER["u"],
    }  # fmt: skip
    return sum(bit for bit, holds in bits.items() if holds)


def _fold(character: str) -> str:
    return "".join(_FOLDED.get(folded, folded) for folded in character.casefold())


def _forms(texts: Sequence[str]) -> list[str]:
    """Fold the texts as the lines of one text: no step looks across a line end."""
    lines = "\n".join(texts)
    if lines.count("\n") >= len(texts):  # a line end inside a text is a space to its form
        lines = "\n".join([text.replace("\n", " ") for text in texts])
    folded = lines.casefold()
    for sign, plain in _FOLDED.items():  # half the time of one pass with a pattern, a tenth of translate
        if sign in folded:
            folded = folded.replace(sign, plain)
    if not is_normalized("NFC", folded):
        folded = normalize("NFC", normalize("NFC", folded).casefold())
    if not _spaced_singly(folded):
        folded = "\n".join([" ".join(line.split()) for line in folded.split("\n")])
    return fold_tone_style(folded).split("\n")


def _spaced_singly(lines: str) -> bool:
    """Tell whether single spaces stand inside the lines and none outside; never yes where it is not so."""
    words = f" {lines} ".replace("\n", " ")
    return "  " not in words and words.isprintable()  # the one space that is printable is U+0020
