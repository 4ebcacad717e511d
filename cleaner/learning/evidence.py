"""What is known of a key that recurs: how often, where, in which sources, with which names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import regex
from msgspec import Struct, field

from cleaner.learning.shapes import HIDDEN, Reading, parts, readings, without_end
from cleaner.stages.boilerplate import BODY, CAPTION, CAPTIONS, SENTENCE, stops

PLACES = ("last", "last_three", "first", "first_three", "above_captions")  # as rules name them
_END = 3  # paragraphs at either end
_KEPT = 8  # examples
_INITIAL = 2  # characters
_SPELLINGS, _VALUES, _SOURCES = 40, 200, 50
_NAMED = 2  # words at the end of a name, without a title before them
_SPOKEN = regex.compile(r"[!?][\"'”’»)]*\Z|\A[\"'“‘«]|\A[-–—]\s*\p{L}")


class Article(Struct, frozen=True):
    """A document as the rules left it: its living paragraphs, its source, and how a person names it."""

    texts: tuple[str, ...]
    source: str
    name: str


class Occurrence(Struct, frozen=True):
    """A paragraph, or a part of one, that may recur; and the places of its paragraph that rules know."""

    paragraph: int
    text: str
    reading: Reading
    places: tuple[str, ...]


class Evidence(Struct):
    """All that is counted of one key: occurrences and documents; occurrences at a place, behind a sentence,
    ending as a sentence does, as speech does, with names of which the document speaks elsewhere.
    """

    reading: Reading
    documents: int = 0
    occurrences: int = 0
    after_sentence: int = 0
    stopped: int = 0
    speech: int = 0
    spoken_of: Counter[str] = field(default_factory=Counter)  # by place; "" for all
    last_document: int = -1
    places: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    spellings: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    open_places: list[set[str]] = field(default_factory=list)
    examples: dict[str, str] = field(default_factory=dict)  # text -> the paragraph before it

    def add(self, document: int, article: Article, found: Occurrence, *, spoken_of: bool) -> None:
        """Take in an occurrence in a document."""
        self.documents += document != self.last_document
        self.last_document = document
        self.occurrences += 1
        before = article.texts[found.paragraph - 1] if found.paragraph else ""
        self.after_sentence += stops(before) and len(before) >= SENTENCE
        self.stopped += stops(found.text)
        self.speech += bool(_SPOKEN.search(found.text.strip()))
        if spoken_of:
            self.spoken_of.update(("", *found.places))
        self.places.update(found.places)
        _bounded(self.sources, article.source, _SOURCES)
        _bounded(self.spellings, found.reading.spelling, _SPELLINGS)
        _bounded(self.values, " | ".join(found.reading.values), _VALUES)
        if not self.open_places:
            self.open_places = [set() for _ in found.reading.values]
        for known, value in zip(self.open_places, found.reading.values, strict=True):
            if len(known) < _VALUES:
                known.add(value)
        whole = article.texts[found.paragraph]
        if len(self.examples) < _KEPT and not HIDDEN.search(whole):
            self.examples.setdefault(whole, "" if HIDDEN.search(before) else before)

    def spoken(self, place: str = "") -> float:
        """Return in which part of the occurrences, at a place or all, the document speaks of the names."""
        seen = self.places[place] if place else self.occurrences
        return self.spoken_of[place] / seen if seen else 0.0

    def share(self, place: str) -> float:
        """Return which part of the occurrences stands at a place."""
        return self.places[place] / self.occurrences if self.occurrences else 0.0


def _bounded(counter: Counter[str], key: str, most: int) -> None:
    if key in counter or len(counter) < most:
        counter[key] += 1


def occurrences(article: Article) -> Iterator[Occurrence]:
    """Yield what may recur of a document; its first paragraph, a title, is none of it if there are others."""
    count = len(article.texts)
    above = _above_captions(article.texts)
    for index, text in enumerate(article.texts):
        if index == 0 and count > 1:
            continue
        places = tuple(
            place
            for place, there in (
                ("last", index == count - 1),
                ("last_three", index >= count - _END),
                ("first", index == 0),
                ("first_three", index < _END),
                ("above_captions", index == above),
            )
            if there
        )
        for reading in readings(text):
            yield Occurrence(index, text, reading, places)
        for part, reading in parts(text):
            yield Occurrence(index, part, reading, places)


def _above_captions(texts: Sequence[str]) -> int:
    """Return the paragraph above the captions that close a document, -1 if there are none to tell."""
    count = len(texts)
    for rank in range(count - 2, max(count - 1 - CAPTIONS, count // 2, BODY) - 1, -1):
        if len(texts[rank + 1]) > CAPTION:
            return -1
        if not texts[rank].endswith(".") and len(texts[rank]) < SENTENCE and stops(texts[rank + 1]):
            return rank
    return -1


def speaks_of(article: Article, found: Occurrence) -> bool:
    """Tell whether the document speaks elsewhere of the names in the open places of an occurrence, or of the
    name that it is.
    """
    values = found.reading.values or ((found.text.strip(" .,;:"),) if found.reading.names_only else ())
    wanted = [" ".join(value.split()[-_NAMED:]).casefold() for value in values if len(value) > _INITIAL]
    if not wanted:
        return False
    sentences = (
        without_end(text)
        for index, text in enumerate(article.texts)
        if index != found.paragraph and len(text) >= SENTENCE
    )
    rest = "\n".join(sentences).casefold()
    return any(value in rest for value in wanted)
