"""The kinds of words, a text read as such words, and the fact words of all languages in use.

Kinds are plain integers and a reading is parallel lists, because every word of a corpus is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

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

# Kinds of entries only; their neighbours decide what they become.
DIRECTION: Final = 9  # TURNING, unless it is part of a name
NUMBER_WORD: Final = 10
UNIT_WORD: Final = 11
NO_ENTRY: Final = -1  # begins a phrase, but is no entry by itself
ABBREVIATION: Final = 12

# Punctuation: what it does to the words around it.
LINK: Final = -2  # nothing: the slash of km/h
PAUSE: Final = -3  # parts them
OPENING: Final = -4  # parts them, and the next capital need not be a name
STOP: Final = -5  # likewise, unless it only ends an abbreviation

JOINED: Final = "~"  # between the parts of a range, a date or a time in the key of a number

_FACT: Final = 100
_WEIGHTS: Final = {LIGHT: 0, CONTENT: 1, START: 1, INITIAL: 50}


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of one text: `keys` to compare by, `kinds` of statement, `words` as written.

    The lists are parallel; `joined[i]` says that nothing but space (or a slash) stands before word i.
    """

    keys: list[str]
    kinds: list[int]
    words: list[str]
    joined: list[bool]

    def weight(self) -> int:
        """A fact counts 100 (each part of a date one), the initial of a name 50, any other word 1."""
        parts = sum(key.count(JOINED) for key in self.keys)
        return parts * _FACT + sum(_WEIGHTS.get(kind, _FACT) for kind in self.kinds)


class Word(NamedTuple):
    """One word of a reading, where it differs from the other text."""

    kind: int
    key: str
    word: str


class Phrase(NamedTuple):
    """The further words of a phrase, case-folded, and what the whole phrase means."""

    rest: tuple[str, ...]
    kind: int
    key: str


class Entry(NamedTuple):
    """What one word means: its kind, the key to compare by, and the phrases that it begins."""

    kind: int
    key: str
    phrases: tuple[Phrase, ...] = ()  # the longest first


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Fact words by their first word, case-folded."""

    entries: Mapping[str, Entry]
    abbreviations: Mapping[str, Sequence[str]]  # short form -> words of the full form
    joiners: frozenset[str]  # between two numbers they make one: "12 to 24"
    credits: tuple[str, ...]  # what a photographer's name follows


def build_lexicon(languages: Sequence[FactWords]) -> Lexicon:
    """Compile the fact words; where languages or lists disagree, the graver kind wins."""
    meanings: dict[tuple[str, ...], tuple[int, str]] = {}
    for kind, words in _meanings(languages):
        for spelling, key in words:
            meanings[tuple(spelling.casefold().split())] = (kind, key)
    return Lexicon(
        entries=_by_first_word(meanings),
        abbreviations=_abbreviations(languages),
        joiners=frozenset(joiner.casefold() for words in languages for joiner in words.joiners),
        credits=tuple(credit for words in languages for credit in words.credits),
    )


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
        yield STATING, _as_they_are(words.stating)
        yield DIRECTION, _as_they_are(words.directions)
        yield TURNING, _as_they_are(words.decisive)
        yield TURNING, _as_they_are(words.negators)


def _as_they_are(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((word, word.casefold()) for word in words)


def _by_first_word(meanings: Mapping[tuple[str, ...], tuple[int, str]]) -> Mapping[str, Entry]:
    phrases: dict[str, list[Phrase]] = {}
    for (first, *rest), meaning in meanings.items():
        phrases.setdefault(first, []).extend([Phrase(tuple(rest), *meaning)] if rest else [])
    entries = {}
    for first, found in phrases.items():
        alone = meanings.get((first,), (NO_ENTRY, first))
        entries[first] = Entry(*alone, tuple(sorted(found, key=lambda phrase: -len(phrase.rest))))
    return entries
