"""The paragraphs of a corpus in which nothing is planted, each of which can be made by itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from msgspec import Struct

from cleaner.planting.dice import Dice, drawn, mixed
from cleaner.planting.pool import SHORT, Pool, Shape

DISTANCES = (0, 5, 40, 2_000, 20_000)  # documents from an original to its variant; multiples of their number
_CAPTION = 40  # characters; shorter lines are headings or labels, and open no sentence
_PIECES = 3  # in a sentence, and in a paragraph of a sentence or more at least
_COPIES = 200  # one of so many documents is another once more
_BITS = 32  # of a drawn number
_REMEMBERED = 4096  # outlines


class Outline(Struct, frozen=True):
    """A document before its texts: its shape, what it is a copy of, and the numbers drawn for it.

    The first numbers tell what is fresh, one a paragraph; those from starts[k] to starts[k + 1] choose the
    pieces of paragraph k.
    """

    number: int
    seed: int
    shape: Shape
    copy_of: int | None
    starts: Sequence[int]
    drawn: Sequence[int]


class FreshTexts:
    """Outlines and texts by a pool and a seed; `share` of the paragraphs are not fresh."""

    def __init__(self, pool: Pool, seed: int, share: float) -> None:
        self._pool, self._seed = pool, seed
        self._planted = int(share * (1 << _BITS))
        self._means = _mean(pool.short), _mean(pool.long)
        self._starts = [self._starts_of(shape) for shape in pool.shapes]
        self.outline = lru_cache(maxsize=_REMEMBERED)(self._outline)

    def _outline(self, number: int) -> Outline:
        """Return the outline of document `number`. No document is the copy of a copy."""
        seed = mixed(self._seed, number)
        dice = Dice(seed)
        chosen = dice.below(len(self._pool.shapes))
        copy_of = None
        if dice.below(_COPIES) == 0:
            other = number - dice.one(DISTANCES[1:])
            copy_of = other if other >= 0 and self.outline(other).copy_of is None else None
        starts = self._starts[chosen]
        return Outline(number, seed, self._pool.shapes[chosen], copy_of, starts, drawn(seed, starts[-1]))

    def is_fresh(self, outline: Outline, place: int) -> bool:
        """Tell whether nothing is to be planted in a paragraph; titles are always fresh."""
        return outline.drawn[place] >= self._planted or not place

    def text(self, outline: Outline, place: int) -> str:
        """Return a paragraph of about the length that the shape has there."""
        length = outline.shape[place][0]
        pieces = self._pool.short if _is_short(length) else self._pool.long
        limit = len(pieces)
        numbers = outline.drawn[outline.starts[place] : outline.starts[place + 1]]
        found = [pieces[number * limit >> _BITS] for number in numbers]
        if length < _CAPTION:
            return _opened(" ".join(found))
        sentences = [_opened(", ".join(found[at : at + _PIECES])) for at in range(0, len(found), _PIECES)]
        return ". ".join(sentences) + "."

    def _starts_of(self, shape: Shape) -> tuple[int, ...]:
        return tuple(accumulate((self._count(length) for length, _ in shape), initial=len(shape)))

    def _count(self, length: int) -> int:
        short, long = self._means
        fewest = 1 if length < _CAPTION else _PIECES
        return max(fewest, round(length / (short if _is_short(length) else long)))


def _is_short(length: int) -> bool:
    """Tell whether a paragraph is made of short pieces, so that none makes up half of it."""
    return length < _PIECES * SHORT


def _mean(pieces: Sequence[str]) -> float:
    return sum(map(len, pieces)) / len(pieces) + 2


def _opened(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
