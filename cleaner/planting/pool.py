"""What made text is made of: pieces of the paragraphs of a source, its names and places, the shapes of its
documents.

A piece is a run of words between two commas or stops, 8 to 60 characters long; longer runs are cut. Pieces
hold nothing but words and numbers, so that what is made of them has no credits, no quotations half open.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Generic, TypeVar
from unicodedata import normalize

import regex
from msgspec import Struct

from cleaner.planting.words import LANGUAGES, Language, Phrasing, phrasing
from cleaner.text.document import split

SHORT = 24  # characters; a shorter piece goes into short paragraphs, so that none makes up half of one
_SHORTEST, _LONGEST = 8, 60
_MOST_PARAGRAPHS = 100_000  # some 200,000 pieces: of 60 million paragraphs of 3, one in 500 shares two
_MOST_SHAPES = 20_000
_SPOKEN = 0.002  # of all words are particles of a language, at least
_FEWEST = 10  # pieces, names and common words
_BEFORE = 20  # characters in which the word before a name stands
_COMMON = 3  # pieces a word stands in
_BREAK = re.compile(r"[,;:.!?…()\[\]\"“”„«»'‘’–—]+(?:\s+|$)|\s*[()\[\]\"“”„«»–—]\s*|\s-\s|\s{2,}")
_PIECE = re.compile(r"[^\W_][\w %/.,-]*")
_NO_TEXT = re.compile(
    r"[Ảả]nh|[Vv]ideo|[Cc]lip|[Nn]guồn|[Tt]heo |[Xx]em |[Đđ]ọc |www|\.(?:vn|com|net)|[Pp]hoto|[Ss]ource"
)
_NAMES_ALONE = regex.compile(r"\S+(?: \p{Lu}\S*)*")  # opened with a capital they look like bylines
NAME = regex.compile(r"(?<=\p{Ll} )\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)+(?!\w)")  # of two or more words

_Item = TypeVar("_Item")
Shape = tuple[tuple[int, int], ...]  # of each paragraph: its characters, the line ends behind it


class Pool(Struct, frozen=True):
    """What a source gives. `words` are its small words, `common` those that stand in several pieces."""

    short: tuple[str, ...]
    long: tuple[str, ...]
    names: tuple[str, ...]
    places: tuple[str, ...]
    words: frozenset[str]
    common: tuple[str, ...]
    shapes: tuple[Shape, ...]
    languages: tuple[Language, ...]
    phrasing: Phrasing


def pool_of(texts: Iterable[str]) -> Pool:
    """Return the pool of the texts of some documents; the same texts give the same pool.

    Raises ValueError if there are too few of anything.
    """
    paragraphs, shapes = _Kept[str](_MOST_PARAGRAPHS), _Kept[Shape](_MOST_SHAPES)
    for text in texts:
        found = split(text, "line")
        if len(found.texts) > 2:
            ends = [separator.count("\n") or 1 for separator in found.separators]
            shapes.add(tuple(zip(map(len, found.texts), ends, strict=True)))
        for paragraph in found.texts:
            paragraphs.add(paragraph)
    pieces = tuple(dict.fromkeys(_pieces(paragraphs.items)))
    counts = Counter(chain.from_iterable(piece.split(" ") for piece in pieces))
    names, places = _names(pieces)
    small = {word: count for word, count in counts.items() if word.isalpha() and word.islower()}
    languages = tuple(language for language in LANGUAGES if _spoken(language, counts))
    pool = Pool(
        tuple(piece for piece in pieces if len(piece) < SHORT),
        tuple(piece for piece in pieces if len(piece) >= SHORT),
        names,
        places,
        frozenset(small),
        tuple(sorted(word for word, count in small.items() if count >= _COMMON and len(word) > 2)),
        tuple(shapes.items),
        languages,
        phrasing(languages),
    )
    if min(map(len, (pool.short, pool.long, pool.names, pool.common))) < _FEWEST or not pool.shapes:
        raise ValueError("too little text: some hundred paragraphs with names are needed")
    return pool


def _names(pieces: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names in some pieces: of anything, and of places."""
    names: dict[str, None] = {}
    places: dict[str, None] = {}
    for piece in pieces:
        for found in NAME.finditer(piece):
            (places if behind_place_word(piece, found.start()) else names)[found[0]] = None
    return tuple(names), tuple(places)


def behind_place_word(text: str, at: int) -> bool:
    """Tell whether the word before a name is one for places: huyện, near."""
    return text[max(0, at - _BEFORE) : at].rstrip(" .").rpartition(" ")[2] in _PLACE_WORDS


def _spoken(language: Language, counts: Counter[str]) -> bool:
    return sum(counts[word] for word in language.particles) > _SPOKEN * counts.total()


_PLACE_WORDS = frozenset(word for language in LANGUAGES for word in language.place_words)


class _Kept(Generic[_Item]):
    """Of all that is added every k-th, so that no more than twice a given number is held."""

    def __init__(self, most: int) -> None:
        self.items: list[_Item] = []
        self._most, self._step, self._seen = most, 1, 0

    def add(self, item: _Item) -> None:
        if self._seen % self._step == 0:
            self.items.append(item)
            if len(self.items) > 2 * self._most:
                self.items = self.items[::2]
                self._step *= 2
        self._seen += 1


def _pieces(paragraphs: Iterable[str]) -> Iterator[str]:
    """Yield the pieces of some paragraphs; runs that are too long are cut into even parts."""
    for paragraph in paragraphs:
        for run in _BREAK.split(normalize("NFC", paragraph)):
            if len(run) < _SHORTEST or not _PIECE.fullmatch(run) or _NO_TEXT.search(run):
                continue
            words = run.split()
            parts = -(-len(run) // _LONGEST)
            for part in range(parts):
                piece = " ".join(words[part * len(words) // parts : (part + 1) * len(words) // parts])
                if _SHORTEST <= len(piece) <= _LONGEST and not _NAMES_ALONE.fullmatch(piece):
                    yield piece
