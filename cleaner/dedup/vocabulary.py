"""What one token of a text means: the kind of word it is, inside a sentence and at its beginning.

Tokens repeat (news in Vietnamese is some 10,000 different ones), so meanings are remembered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cleaner.dedup.fact_words import (
    CONTENT,
    HANGING,
    INITIAL,
    LIGHT,
    LINK,
    NAME,
    NO_ENTRY,
    NUMBER,
    NUMBER_WORD,
    OPENING,
    PAUSE,
    START,
    STOP,
    UNIT,
    UNIT_WORD,
    Lexicon,
    Phrase,
    Word,
)
from cleaner.dedup.numbers import NUMBER_PATTERN, canonical_number

# A word goes on to the next space, digit or punctuation, so that marks of Indic scripts stay in it.
_PUNCTUATION = r"!-/:-@\[-`{-~…“”„«»‘’–—°€£¥₫"
# The space after a token is taken with it: spaces are half of all places where a token could begin.
TOKEN = re.compile(
    rf"([^\s\d{_PUNCTUATION}]+|(?=[\d\u2212-])(?:{NUMBER_PATTERN})|(?<=\s)[-–—]\s|[^\w\s]|\n) ?"
)
_OPENINGS = frozenset('!?…:"“”„«»*•–—\n')
_UNIT_SYMBOLS = frozenset("%‰$€£¥₫°")
_NAMEABLE = frozenset([LIGHT, NUMBER_WORD, UNIT_WORD])  # inside a sentence their capital makes a name
_VOWELS = frozenset("aeiouy")
_LONGEST_INITIAL = 3  # letters: "Ngh" for "Nghĩa"
_NO_BEGINNING = 1000  # a number word this large counts what stands before it: capitalised, it is a name
_REMEMBERED = 50_000  # tokens


class Meaning(NamedTuple):
    """What a token is inside a sentence (its kind, the word) and where one begins, and the phrases it begins.

    A kind below 0 is punctuation, and then the words are never asked for.
    """

    kind: int
    inside: Word
    begins: Word
    phrases: Mapping[str, Sequence[Phrase]]


class Vocabulary(dict[str, Meaning | Word]):
    """Meanings by token, or just a word where it is the same everywhere; new ones come from the lexicon.

    `abbreviated` are the tokens met so far that stand for other words.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self.lexicon = lexicon
        self.abbreviated: set[str] = set()

    def __missing__(self, token: str) -> Meaning | Word:
        meaning = _meaning(token, self.lexicon)
        if token.casefold() in self.lexicon.abbreviations:
            self.abbreviated.add(token)  # however many, lest one be taken for a name
        if len(self) < _REMEMBERED:
            self[token] = meaning
        return meaning


def _meaning(token: str, lexicon: Lexicon) -> Meaning | Word:
    inside, begins, phrases = _words(token, lexicon)
    if inside == begins and inside.kind >= 0 and inside.kind not in HANGING and not phrases:
        return inside
    return Meaning(inside.kind, inside, begins, phrases)


def _words(token: str, lexicon: Lexicon) -> tuple[Word, Word, Mapping[str, Sequence[Phrase]]]:
    key = token.casefold()
    inside, begins = _plain_kinds(token)
    if (entry := lexicon.entries.get(key)) is None:
        key = canonical_number(token) if inside == NUMBER else key
        return Word(inside, key, token), Word(begins, key, token), {}
    if entry.kind == NO_ENTRY:
        return Word(inside, key, token), Word(begins, key, token), entry.phrases
    if not token[0].isupper() or (len(token) > 1 and entry.kind not in _NAMEABLE):
        return Word(entry.kind, entry.key, token), Word(entry.kind, entry.key, token), entry.phrases
    if entry.kind == NUMBER_WORD and int(entry.key) >= _NO_BEGINNING:  # "Triệu Văn Ba"
        return Word(inside, key, token), Word(begins, key, token), entry.phrases
    # "đồng chí Ba" is a name, "Ba người" a number; "chị T." is a name even where a sentence begins
    begins = begins if len(token) == 1 and entry.kind != LIGHT else entry.kind
    key = key if entry.kind == NUMBER_WORD else entry.key  # but "km/H" is "km/h"
    return Word(inside, key, token), Word(begins, entry.key, token), entry.phrases


def _plain_kinds(token: str) -> tuple[int, int]:
    """The kinds of a token that no lexicon knows, inside a sentence and at its beginning."""
    if token.isdecimal():
        return NUMBER, NUMBER
    letter = token[0] if token[0].isalpha() else next(filter(str.isalpha, token), "")  # after an emoji, say
    if letter:
        if not letter.isupper():
            return CONTENT, CONTENT
        return (INITIAL, INITIAL) if _is_initial(token) else (NAME, START)
    if token[-1].isnumeric():
        return NUMBER, NUMBER
    opens = token in _OPENINGS or token[1:].isspace()  # a dash between spaces
    kind = UNIT if token in _UNIT_SYMBOLS else OPENING if opens else PAUSE
    kind = {"/": LINK, ".": STOP}.get(token, kind)
    return kind, kind


def _is_initial(token: str) -> bool:
    """Whether `token` is how a name begins: "V" for "Việt", "Th" for "Thuỷ" (no vowel makes no syllable)."""
    consonants = token.isascii() and token.istitle() and _VOWELS.isdisjoint(token.lower())
    return len(token) == 1 or (len(token) <= _LONGEST_INITIAL and consonants)
