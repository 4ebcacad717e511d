"""Reading a text as facts: its words in order, each with what kind of statement it is.

The guard compares readings and weighs them, so both always see the same facts. No word of any
language stands here: without a lexicon there are still numbers, capitalised names and symbols.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

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
    Word,
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
    words, gaps = _read_words(TOKEN.findall(text), vocabulary)
    if not _OPEN.isdisjoint([word[0] for word in words]):
        _settle_neighbours(words, gaps)
        words = merge_numbers(words, gaps, vocabulary.lexicon)
    return Reading(words, [word[1] for word in words])


def _read_words(tokens: list[str], vocabulary: Vocabulary) -> tuple[list[Word], set[int]]:
    """The words and phrases, and before which of them anything but space (or a slash) stands.

    Every word of a corpus comes through this loop: only the beginning of a sentence is looked at.
    """
    words: list[Word] = []
    gaps = {0}
    start, skip = True, 0
    for index, (kind, inside, begins, phrases) in enumerate(map(vocabulary.__getitem__, tokens)):
        if kind < 0:
            if kind != LINK:
                gaps.add(len(words))
                start = start or kind == OPENING or (kind == STOP and not _is_short(words))
        elif index >= skip:
            if phrases and (phrase := _phrase_at(tokens, index, phrases)):
                skip = index + 1 + len(phrase.rest)
                words.append(Word(phrase.kind, phrase.key, " ".join(tokens[index:skip])))
            elif kind == ABBREVIATION:
                return _read_words(_written_out(tokens, vocabulary), vocabulary)
            else:
                words.append(begins if start else inside)
            start = False
    return words, gaps


def _phrase_at(tokens: list[str], index: int, phrases: Mapping[str, Sequence[Phrase]]) -> Phrase | None:
    second = tokens[index + 1].casefold() if index + 1 < len(tokens) else ""
    for phrase in phrases.get(second, ()):
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


def _is_short(words: list[Word]) -> bool:
    """Whether the last word looks abbreviated: the stop of "TP. HCM" or "V. Dũng" ends no sentence."""
    return bool(words) and len(words[-1].word) <= _SHORT and words[-1].word.isupper()


def _settle_neighbours(words: list[Word], gaps: set[int]) -> None:
    """A unit stands beside a number; a direction beside a name belongs to it ("Quảng Nam")."""
    for index, (kind, key, written) in enumerate(words):
        if kind != UNIT_WORD and kind != DIRECTION:
            continue
        before = CONTENT if index in gaps else words[index - 1].kind
        after = CONTENT if index + 1 in gaps or index + 1 == len(words) else words[index + 1].kind
        if kind == UNIT_WORD:
            counts = before in (NUMBER, NUMBER_WORD, UNIT) or after in (NUMBER, NUMBER_WORD)
            words[index] = Word(UNIT if counts else CONTENT, key, written)
        else:
            named = written[0].isupper() and (before == NAME or after in (NAME, INITIAL))
            words[index] = Word(NAME if named else TURNING, key, written)
