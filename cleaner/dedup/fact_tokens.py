"""Reading a text as facts: its words in order, each with what kind of statement it is.

The guard compares readings and weighs them, so both always see the same facts. No word of any
language stands here: without a lexicon there are still numbers, capitalised names and symbols.
"""

from __future__ import annotations

import re

from cleaner.dedup.fact_words import (
    ABBREVIATION,
    CONTENT,
    DIRECTION,
    INITIAL,
    LINK,
    NAME,
    NUMBER,
    NUMBER_WORD,
    OPENING,
    STOP,
    TURNING,
    UNIT,
    UNIT_WORD,
    Phrase,
    Reading,
)
from cleaner.dedup.numbers import merge_numbers
from cleaner.dedup.vocabulary import TOKEN, Vocabulary

_AREA = re.compile(r"(?<=[\d\s])([cdk]?m)([23])(?!\w)")  # "m2" is one word, no word and a number
_RAISED = {"2": "²", "3": "³"}
_SHORT = 4  # letters: a stop after an all-capital word no longer than this ends no sentence
_OPEN = frozenset([DIRECTION, NUMBER, NUMBER_WORD, UNIT_WORD])  # what hangs on the neighbours


def read(text: str, vocabulary: Vocabulary) -> Reading:
    """Return the facts of an NFC text as an editor sees it (original case)."""
    if "m2" in text or "m3" in text:
        text = _AREA.sub(lambda found: found[1] + _RAISED[found[2]], text)
    reading = _read_words(TOKEN.findall(text), vocabulary)
    if _OPEN.isdisjoint(reading.kinds):
        return reading
    _settle_neighbours(reading)
    return merge_numbers(reading, vocabulary.lexicon.joiners)


def _read_words(tokens: list[str], vocabulary: Vocabulary) -> Reading:
    """One word or phrase after the other; only the beginning of a sentence is looked at."""
    reading = Reading([], [], [], [])
    keys, kinds, words, joined = reading.keys, reading.kinds, reading.words, reading.joined
    start, touching, skip = True, False, 0
    for index, meaning in enumerate(map(vocabulary.__getitem__, tokens)):
        inside, key, begins, begins_key, phrases = meaning
        if inside < 0:
            if inside != LINK:
                touching = False
                start = start or inside == OPENING or (inside == STOP and not _is_short(words))
            continue
        if index < skip:
            continue
        word = tokens[index]
        kind, key = (begins, begins_key) if start else (inside, key)
        if phrases and (phrase := _phrase_at(tokens, index, phrases)):
            skip, kind, key = index + 1 + len(phrase.rest), phrase.kind, phrase.key
            word = " ".join(tokens[index:skip])
        if kind == ABBREVIATION:
            return _read_words(_written_out(tokens, vocabulary), vocabulary)
        keys.append(key)
        kinds.append(kind)
        words.append(word)
        joined.append(touching)
        start, touching = False, True
    return reading


def _phrase_at(tokens: list[str], index: int, phrases: tuple[Phrase, ...]) -> Phrase | None:
    for phrase in phrases:
        rest = tokens[index + 1 : index + 1 + len(phrase.rest)]
        if tuple(map(str.casefold, rest)) == phrase.rest:
            return phrase
    return None


def _written_out(tokens: list[str], vocabulary: Vocabulary) -> list[str]:
    """The tokens with known abbreviations, and the stops that end them, replaced by their full forms."""
    full = vocabulary.lexicon.abbreviations
    written: list[str] = []
    short = False
    for token in tokens:
        if not (short and token == "."):
            written += full.get(token.casefold(), (token,))
        short = token.casefold() in full
    return written


def _is_short(words: list[str]) -> bool:
    """Whether the last word looks abbreviated: the stop of "TP. HCM" or "V. Dũng" ends no sentence."""
    return bool(words) and len(words[-1]) <= _SHORT and words[-1].isupper()


def _settle_neighbours(reading: Reading) -> None:
    """A unit stands beside a number; a direction beside a name belongs to it ("Quảng Nam")."""
    kinds, joined = reading.kinds, reading.joined
    kinds.append(CONTENT)
    joined.append(False)
    for index, kind in enumerate(kinds):
        if kind == UNIT_WORD:
            before = kinds[index - 1] if joined[index] else CONTENT
            after = kinds[index + 1] if joined[index + 1] else CONTENT
            counts = before in (NUMBER, NUMBER_WORD, UNIT) or after in (NUMBER, NUMBER_WORD)
            kinds[index] = UNIT if counts else CONTENT
        elif kind == DIRECTION:
            before = kinds[index - 1] if joined[index] else CONTENT
            after = kinds[index + 1] if joined[index + 1] else CONTENT
            named = reading.words[index][0].isupper() and (before == NAME or after in (NAME, INITIAL))
            kinds[index] = NAME if named else TURNING
    kinds.pop()
    joined.pop()
