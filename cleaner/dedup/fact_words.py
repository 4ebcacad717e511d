"""The kinds of words, a text read as such words, and the fact words of all languages in use.

Kinds are plain integers and a reading is parallel lists, because every word of a corpus is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import Struct

from cleaner.settings import FactWords

LIGHT: Final = 0  # states nothing by itself: particles, connectors, forms of address
CONTENT: Final = 1
START: Final = 2  # capitalised where any word would be: a name or not
INITIAL: Final = 3  # one capital letter of a name
NAME: Final = 4
UNIT: Final = 5
NUMBER: Final = 6
STATING: Final = 7  # a fact as a number is: each, half, charged
TURNING: Final = 8  # changes what is said: not, down, deputy
PLURAL: Final = 12  # several, without saying how many

# Kinds of entries only; their neighbours decide what they become.
DIRECTION: Final = 9  # TURNING, unless it is part of a name
NUMBER_WORD: Final = 10
UNIT_WORD: Final = 11
HANGING: Final = frozenset([DIRECTION, NUMBER, NUMBER_WORD, UNIT_WORD])  # what hangs on the neighbours
NO_ENTRY: Final = -1  # begins a phrase, but is no entry by itself

# Punctuation: what it does to the words around it.
LINK: Final = -2  # nothing: the slash of km/h
PAUSE: Final = -3  # parts them
OPENING: Final = -4  # parts them, and the next capital need not be a name
STOP: Final = -5  # likewise, unless it only ends an abbreviation

JOINED: Final = "~"  # between the parts of a range, a date or a time in the key of a number

_TELLING: Final = 10  # so many plain words make a sentence that hardly tells of two events


class Word(NamedTuple):
    """One word of a reading: its kind of statement, the key to compare by, and how it is written."""

    kind: int
    key: str
    word: str


class Reading(Struct, frozen=True, gc=False):
    """The words of one text in order, their keys once more, as aligning wants them, and its weight."""

    words: Sequence[Word]
    keys: Sequence[str]
    weight: int

    def is_general(self) -> bool:
        """Whether a few words tell what could be told of many events: nobody named, nothing numbered."""
        if any(map(is_specific, self.words)):
            return False
        return sum(word.kind in (CONTENT, START) for word in self.words) < _TELLING


def reading_of(words: list[Word]) -> Reading:
    """Return words as a reading, with how much they state: each that says something weighs 2, so does each
    further part of a date; a vague one weighs 1.

    Names count no more than plain words, because the same word is either, as house style has it.
    """
    kinds, keys, _ = zip(*words, strict=True) if words else ((),) * 3
    vague = kinds.count(INITIAL) + kinds.count(PLURAL)
    saying = len(kinds) - kinds.count(LIGHT)
    if NUMBER in kinds:
        saying += "".join(keys).count(JOINED)  # no word holds one
    return Reading(tuple(words), keys, 2 * saying - vague)


def is_specific(word: Word) -> bool:
    """Whether `word` ties a text to one event: a name or a number ("one" is often an article)."""
    kind = word[0]
    return kind in (NAME, INITIAL) or (kind == NUMBER and word[1] != "1")


class Phrase(NamedTuple):
    """The further words of a phrase, case-folded, and what the whole phrase means."""

    rest: tuple[str, ...]
    kind: int
    key: str


class Entry(NamedTuple):
    """What one word means: its kind, the key to compare by, and the phrases that it begins."""

    kind: int
    key: str
    phrases: Mapping[str, Sequence[Phrase]] = MappingProxyType({})  # by second word, the longest first


class Lexicon(Struct, frozen=True):
    """Fact words by their first word, case-folded."""

    entries: Mapping[str, Entry]
    abbreviations: Mapping[str, Sequence[str]]  # short form -> words of the full form
    joiners: frozenset[str]  # between two numbers they make one: "12 to 24"
    days: frozenset[str]  # keys of units that say nothing before a date
    minutes: frozenset[str]  # keys of units that say nothing at the end of a time
    opposites: Mapping[str, tuple[int, int]]  # key -> set of opposites, side
    credits: tuple[str, ...]  # what a photographer's name follows


def build_lexicon(languages: Sequence[FactWords]) -> Lexicon:
    """Compile the fact words; where languages or lists disagree, the graver kind wins."""
    meanings: dict[tuple[str, ...], tuple[int, str]] = {}
    for kind, words in _meanings(languages):
        for spelling, key in words:
            meanings[tuple(spelling.casefold().split())] = (kind, key)
    for words in languages:
        for spelling, same in words.synonyms.items():
            kind = meanings.get(tuple(same.casefold().split()), (CONTENT, ""))[0]
            meanings[tuple(spelling.casefold().split())] = (kind, same.casefold())
    return Lexicon(
        entries=_by_first_word(meanings),
        abbreviations=_abbreviations(languages),
        joiners=_keys(words.joiners for words in languages),
        days=_keys(words.days for words in languages),
        minutes=_keys(words.minutes for words in languages),
        opposites=_opposites(languages),
        credits=tuple(credit for words in languages for credit in words.credits),
    )


def _keys(lists: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(word.casefold() for words in lists for word in words)


def _opposites(languages: Sequence[FactWords]) -> Mapping[str, tuple[int, int]]:
    sets = [sides for words in languages for sides in words.opposites]
    return {
        word.casefold(): (number, side)
        for number, sides in enumerate(sets)
        for side, words in enumerate(sides)
        for word in words
    }


def _abbreviations(languages: Sequence[FactWords]) -> Mapping[str, Sequence[str]]:
    """Short forms, save those whose full form is abbreviated itself: they are written out once only."""
    full = {
        short.casefold(): form.split() for words in languages for short, form in words.abbreviations.items()
    }
    return {short: form for short, form in full.items() if full.keys().isdisjoint(map(str.casefold, form))}


def _meanings(languages: Sequence[FactWords]) -> Iterable[tuple[int, Iterable[tuple[str, str]]]]:
    """Spellings and keys by kind, from the lightest to the gravest."""
    for words in languages:
        yield LIGHT, _as_they_are(words.light)
    for words in languages:
        yield UNIT_WORD, words.units.items()
        yield NUMBER_WORD, ((word, str(value)) for word, value in words.numbers.items())
    for words in languages:
        yield PLURAL, _as_they_are(words.plurals)
        yield STATING, _as_they_are(words.stating)
        yield DIRECTION, _as_they_are(words.directions)
        yield TURNING, _as_they_are(words.decisive)
        yield TURNING, _as_they_are(words.negators)


def _as_they_are(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((word, word.casefold()) for word in words)


def _by_first_word(meanings: Mapping[tuple[str, ...], tuple[int, str]]) -> Mapping[str, Entry]:
    phrases: dict[str, dict[str, list[Phrase]]] = {}
    for (first, *rest), meaning in sorted(meanings.items(), key=lambda item: -len(item[0])):
        found = phrases.setdefault(first, {})
        if rest:
            found.setdefault(rest[0], []).append(Phrase(tuple(rest), *meaning))
    return {
        first: Entry(*meanings.get((first,), (NO_ENTRY, first)), found) for first, found in phrases.items()
    }
