"""Kinds of characters, looked up in arrays for the lines of many documents at once.

A search tries every character of a text, and so does each further one. An array of kinds tells in a tenth of
that time which lines have nothing in them that could matter; only the others are looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import compress
from typing import Any, TypeAlias
from unicodedata import is_normalized

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

CodePoints: TypeAlias = NDArray[np.uint32]
Mask: TypeAlias = NDArray[np.bool_]
_FIRST_POINTS = 1 << 14  # letters of most scripts, and signs; not Chinese, Korean and emoji
_FEW = 1_000  # code points


class CharacterTable:
    """Code point -> a number below the greatest that its type holds; `value_of` is asked once a character.

    The table is as long as what was met needs, since most texts need a hundredth of all characters, and
    memory that is asked for is slow to come.
    """

    def __init__(
        self, value_of: Callable[[str], int], kind: type[np.unsignedinteger[Any]] = np.uint8
    ) -> None:
        self._value_of = value_of
        self._unknown = kind(np.iinfo(kind).max)
        self._values: NDArray[Any] = np.full(_FIRST_POINTS, self._unknown)

    def of(self, points: CodePoints | NDArray[np.intp]) -> NDArray[Any]:
        """Return the value of each code point; numpy makes all others to `intp` first."""
        try:
            values = self._values.take(points)
        except IndexError:
            self._grow(int(points.max()))
            values = self._values.take(points)
        if values.max(initial=0) == self._unknown:
            self._learn(points[values == self._unknown])
            values = self._values.take(points)
        return values

    def _grow(self, last: int) -> None:
        known = self._values
        self._values = np.full(min(1 << last.bit_length(), 0x110000), self._unknown)
        self._values[: len(known)] = known

    def _learn(self, points: CodePoints | NDArray[np.intp]) -> None:
        """Ask for the values of code points. The first few of a text are most of those that it has."""
        few = _FEW
        while len(points):
            for point in np.unique(points[:few]).tolist():
                self._values[point] = self._value_of(chr(point))
            points = points[self._values.take(points) == self._unknown]
            few *= few


# Blocks without a character that composes with the one before it, or changes places with it.
_NEVER_SECOND = re.compile("[\x00-\u02ff\u1e00-\u1eff\u2000-\u206f]*")


def always_composed(text: str) -> bool:
    """Tell whether a text is in NFC beside any others of which this is told; never yes where it is not.

    >>> always_composed("ế"), always_composed("e\u0302"), always_composed("\u0301")
    (True, False, False)
    """
    return _NEVER_SECOND.fullmatch(text) is not None and is_normalized("NFC", text)


class Lines(Struct, frozen=True):
    """Texts without line ends; all of them `joined`, each with a line end behind it; the code points, and the
    same as numbers that tables are asked for.
    """

    texts: Sequence[str]
    joined: str
    points: CodePoints
    asked: NDArray[np.intp]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def counts(self, mask: Mask) -> NDArray[np.int64]:
        """Return how many characters of each text are in `mask`."""
        return np.add.reduceat(mask, self.starts, dtype=np.int64)

    def having(self, mask: Mask) -> Mask:
        """Tell of each text whether a character of it, or its line end, is in `mask`; that should be rare."""
        return self.at(np.flatnonzero(mask))

    def badly_spaced(self, spaces: Mask) -> Mask:
        """Tell which texts begin or end with one of the `spaces`, among which line ends are, or hold two in
        a row; never no where one does.
        """
        twice = np.flatnonzero(spaces[1:] & spaces[:-1])
        found = self.at(twice) | self.at(twice + 1)
        found[0] |= spaces[0]
        return found

    def numbers(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the text in which each character stands, or of which it is the line end."""
        return np.searchsorted(self.starts, places, side="right") - 1

    def at(self, places: NDArray[np.int64]) -> Mask:
        """Tell of each text whether it, or its line end, stands at one of `places`."""
        found = np.zeros(len(self.texts), np.bool_)
        found[self.numbers(places)] = True
        return found

    def chosen(self, which: Mask) -> list[str]:
        """Return the texts that are in `which`."""
        return list(compress(self.texts, which.tolist()))


def lines_of(texts: Sequence[str]) -> Lines | None:
    """Return texts as lines; None for no text, and where one holds a line end."""
    joined = "\n".join((*texts, ""))
    if not texts or joined.count("\n") > len(texts):
        return None
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.cumsum(lengths + 1) - lengths - 1
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    return Lines(texts, joined, points, points.astype(np.intp), starts, lengths)
