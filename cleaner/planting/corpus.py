"""A corpus of made documents, any of which can be made by itself: document k depends on the source, the seed
and k alone, whatever the size of the corpus.

Each paragraph has a role, which follows from its place: it is fresh, or a kind of noise is planted there.
What is planted is made of a fresh paragraph of the same document, or of the one in the same place of the
document so many before. How many is told by the numbers of document and paragraph, in such a way that no two
plantings have the same original, although nothing is remembered.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from msgspec import Struct
from rapidfuzz.fuzz import ratio

from cleaner.planting.dice import Dice, mixed
from cleaner.planting.fresh import DISTANCES, FreshTexts, Outline
from cleaner.planting.kinds import KINDS, Expected, Kind
from cleaner.planting.pool import Pool, Shape
from cleaner.text.normalize import matching_forms

_ORIGINAL = 60  # characters of a paragraph of which a variant is made
_SAME = 100.0  # ratio
_DRAWS = 4  # kinds tried where the first finds nothing to do


class _Table:
    """The kinds that can be planted in some places, to be drawn by weight."""

    def __init__(self, *where: str) -> None:
        self._kinds = [kind for kind in KINDS if kind.where in where]
        self._tops = list(accumulate(kind.weight for kind in self._kinds))

    def drawn(self, dice: Dice) -> Kind:
        return self._kinds[bisect_right(self._tops, dice.below(self._tops[-1]))]


_WITHIN, _ACROSS = _Table("within", "alone"), _Table("across", "alone")


class Spot(Struct, frozen=True):
    """A paragraph of a made document (0-based), or the whole (None), and its first line (1-based)."""

    document: int
    paragraph: int | None
    line: int


class Planting(Struct, frozen=True):
    """One row of the truth: what was planted at `b`, made of what stands at `a` (None: of nothing).

    `ratio` is that of the matching forms, of texts as they were before they were broken.
    """

    kind: str
    expected: Expected
    how: tuple[str, ...]
    ratio: float | None
    a: Spot | None
    b: Spot
    texts: tuple[str, str]


class Made(Struct, frozen=True):
    """A made document: its paragraphs, how many line ends follow each, and what was planted in it."""

    number: int
    paragraphs: tuple[str, ...]
    ends: tuple[int, ...]
    plantings: tuple[Planting, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(text + "\n" * end for text, end in zip(self.paragraphs, self.ends, strict=True))


class Corpus:
    """The documents that a pool and a seed give; in `share` of the paragraphs something is to be planted."""

    def __init__(self, pool: Pool, seed: int, share: float) -> None:
        self._pool = pool
        self._fresh = FreshTexts(pool, seed, share)

    def document(self, number: int) -> Made:
        """Return document `number`, from 0 on."""
        outline = self._fresh.outline(number)
        if outline.copy_of is not None:
            copied = self.document(outline.copy_of)
            spots = Spot(outline.copy_of, None, 1), Spot(number, None, 1)
            row = Planting("document", "either", (), _SAME, *spots, ("", ""))
            return Made(number, copied.paragraphs, copied.ends, (row,))
        texts: list[str] = []
        plantings: list[Planting] = []
        own: list[int] = []  # fresh paragraphs of which a variant may follow
        for place, (length, _) in enumerate(outline.shape):
            fresh = self._fresh.is_fresh(outline, place)
            planted = None if fresh else self._planting(outline, place, own, texts)
            if planted is not None:
                plantings.append(planted)
                texts.append(planted.texts[1])
                continue
            texts.append(self._fresh.text(outline, place))
            if fresh and length >= _ORIGINAL and _distance(number, place) == 0:
                own.append(place)
        return Made(number, tuple(texts), tuple([end for _, end in outline.shape]), tuple(plantings))

    def _planting(self, outline: Outline, place: int, own: list[int], texts: list[str]) -> Planting | None:
        """Return what is planted in a paragraph, None if nothing can be."""
        dice = Dice(mixed(outline.seed + place))
        distance = _distance(outline.number, place)
        found = self._other(outline.number - distance, place) if distance else _own(outline, own, texts, dice)
        for _ in range(_DRAWS):
            kind = (_ACROSS if distance else _WITHIN).drawn(dice)
            original, text = (None, "") if kind.where == "alone" else found or (None, "")
            if original is None and kind.where != "alone":
                return None
            variant = kind.make(text, dice, self._pool)
            if variant is None:
                continue
            if not distance and original is not None and original.paragraph is not None:
                own.remove(original.paragraph)
            score = _ratio(text, variant.readable or variant.text) if original else None
            expected = variant.expected
            if kind.where == "within" and score == _SAME and not _is_caption(outline.shape, place):
                expected = "free"  # a text may say a sentence twice, in two places
            spot = _spot(outline, place)
            return Planting(kind.name, expected, variant.how, score, original, spot, (text, variant.text))
        return None

    def _other(self, number: int, place: int) -> tuple[Spot, str] | None:
        """Return the paragraph in a place of another document, if there is a fresh one."""
        if number < 0:
            return None
        outline = self._fresh.outline(number)
        if outline.copy_of is not None or place >= len(outline.shape) or outline.shape[place][0] < _ORIGINAL:
            return None
        if not self._fresh.is_fresh(outline, place):
            return None
        return _spot(outline, place), self._fresh.text(outline, place)


def _own(outline: Outline, own: list[int], texts: list[str], dice: Dice) -> tuple[Spot, str] | None:
    """Return a fresh paragraph of the same document of which no variant was made yet."""
    if not own:
        return None
    place = dice.one(own)
    return _spot(outline, place), texts[place]


def _is_caption(shape: Shape, place: int) -> bool:
    """Tell whether a paragraph stands in a block of its own behind title, perhaps lead, and body."""
    blanks = [at for at, (_, end) in enumerate(shape[:-1]) if end > 1]
    return len(blanks) >= 2 and blanks[-1] - blanks[0] >= 3 and place > blanks[-1]


def _spot(outline: Outline, place: int) -> Spot:
    return Spot(outline.number, place, 1 + sum([end for _, end in outline.shape[:place]]))


def _distance(number: int, place: int) -> int:
    """Return how many documents before a paragraph its original stands, or its variant after it."""
    return DISTANCES[(number + place) % len(DISTANCES)]


def _ratio(one: str, other: str) -> float:
    return round(ratio(*matching_forms((one, other))), 2)
