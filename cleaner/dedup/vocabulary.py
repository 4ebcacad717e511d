"""What one token of a text means: the kind of word it is, inside a sentence and at its beginning.

Tokens repeat (news in Vietnamese is some 10,000 different ones), so meanings are remembered.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cleaner.dedup.fact_words import (
    ABBREVIATION,
    CONTENT,
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
_REMEMBERED = 50_000  # tokens


class Meaning(NamedTuple):
    """The kind and key of a token inside a sentence and where one begins, and the phrases it begins."""

    inside: int
    key: str
    begins: int
    begins_key: str
    phrases: tuple[Phrase, ...] = ()


class Vocabulary(dict[str, Meaning]):
    """Meanings by token; asked for a new one, it works it out from the lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self.lexicon = lexicon

    def __missing__(self, token: str) -> Meaning:
        meaning = _meaning(token, self.lexicon)
        if len(self) < _REMEMBERED:
            self[token] = meaning
        return meaning


def _meaning(token: str, lexicon: Lexicon) -> Meaning:
    key = token.casefold()
    if key in lexicon.abbreviations:
        return Meaning(ABBREVIATION, key, ABBREVIATION, key)
    inside, begins = _plain_kinds(token)
    if (entry := lexicon.entries.get(key)) is None:
        key = canonical_number(token) if inside == NUMBER else key
        return Meaning(inside, key, begins, key)
    if entry.kind == NO_ENTRY:
        return Meaning(inside, key, begins, key, entry.phrases)
    if not token[0].isupper() or (len(token) > 1 and entry.kind not in _NAMEABLE):
        return Meaning(entry.kind, entry.key, entry.kind, entry.key, entry.phrases)
    # "đồng chí Ba" is a name, "Ba người" a number; "chị T." is a name even where a sentence begins
    begins = begins if len(token) == 1 and entry.kind != LIGHT else entry.kind
    key = key if entry.kind == NUMBER_WORD else entry.key  # but "km/H" is "km/h"
    return Meaning(inside, key, begins, entry.key, entry.phrases)


def _plain_kinds(token: str) -> tuple[int, int]:
    """The kinds of a token that no lexicon knows, inside a sentence and at its beginning."""
    letters = [character for character in token if character.isalpha()]
    if letters:  # the first character may be an emoji
        if not letters[0].isupper():
            return CONTENT, CONTENT
        return (INITIAL, INITIAL) if len(token) == 1 else (NAME, START)
    if token[-1].isnumeric():
        return NUMBER, NUMBER
    opens = token in _OPENINGS or token[1:].isspace()  # a dash between spaces
    kind = UNIT if token in _UNIT_SYMBOLS else OPENING if opens else PAUSE
    kind = {"/": LINK, ".": STOP}.get(token, kind)
    return kind, kind
