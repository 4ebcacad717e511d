"""Reading a text as facts: its words in order, each with what kind of statement it is.

The guard compares readings and weighs them, so both always see the same facts. No word of any
language stands here: without a lexicon there are still numbers, capitalised names and symbols.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cleaner.dedup.fact_words import (
    CONTENT,
    DIRECTION,
    HANGING,
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
    reading_of,
)
from cleaner.dedup.numbers import merge_numbers
from cleaner.dedup.vocabulary import TOKEN, Meaning, Vocabulary

_AREA = re.compile(r"(?<=[\d\s])([cdk]?m)([23])(?!\w)")  # "m2" is one word, no word and a number
_RAISED = {"2": "²", "3": "³"}
_SHORT = 4  # letters: a stop after an all-capital word no longer than this ends no sentence


def read(text: str, vocabulary: Vocabulary) -> Reading:
    """Return the facts of an NFC text as an editor sees it (original case)."""
    if "m2" in text or "m3" in text:
        text = _AREA.sub(lambda found: found[1] + _RAISED[found[2]], text)
    tokens = TOKEN.findall(text)
    meanings = [*map(vocabulary.__getitem__, tokens)]
    if not vocabulary.abbreviated.isdisjoint(tokens):
        tokens = _written_out(tokens, vocabulary)
        meanings = [*map(vocabulary.__getitem__, tokens)]
    words, hanging, gaps = _read_words(tokens, meanings)
    if hanging:
        _settle_neighbours(words, hanging, gaps)
        words = merge_numbers(words, hanging, gaps, vocabulary.lexicon)
    return reading_of(words)


def _written_out(tokens: list[str], vocabulary: Vocabulary) -> list[str]:
    """The tokens with known abbreviations, and the stops that end them, replaced by their full forms."""
    written: list[str] = []
    short = False
    for token in tokens:
        if token in vocabulary.abbreviated:
            written += vocabulary.lexicon.abbreviations[token.casefold()]
            short = True
        elif short and token == ".":
            short = False
        else:
            written.append(token)
            short = False
    return written


def _read_words(tokens: list[str], meanings: list[Meaning | Word]) -> tuple[list[Word], list[int], set[int]]:
    """The words and phrases, which of them hang on their neighbours, and before which of them anything
    but space (or a slash) stands.

    Every word of a corpus comes through this loop: more than half mean the same wherever they stand, only
    the beginning of a sentence is looked at, and a phrase only where its second word follows.
    """
    words: list[Word] = []
    hanging: list[int] = []
    gaps = {0}
    start, skip, last = True, 0, len(tokens) - 1
    for index, meaning in enumerate(meanings):
        if isinstance(meaning, Word):
            if index >= skip:
                words.append(meaning)
                start = False
            continue
        kind, inside, begins, phrases = meaning
        if kind < 0:
            if kind != LINK:
                gaps.add(len(words))
                start = start or kind == OPENING or (kind == STOP and not _is_short(words))
        elif index >= skip:
            word = begins if start else inside
            found = phrases.get(tokens[index + 1].casefold()) if phrases and index < last else None
            if found and (phrase := _phrase_at(tokens, index, found)):
                skip = index + 1 + len(phrase.rest)
                word = Word(phrase.kind, phrase.key, " ".join(tokens[index:skip]))
            if word[0] in HANGING:
                hanging.append(len(words))
            words.append(word)
            start = False
    return words, hanging, gaps


def _phrase_at(tokens: list[str], index: int, phrases: Sequence[Phrase]) -> Phrase | None:
    for phrase in phrases:
        rest = tokens[index + 1 : index + 1 + len(phrase.rest)]
        if tuple(map(str.casefold, rest)) == phrase.rest:
            return phrase
    return None


def _is_short(words: list[Word]) -> bool:
    """Whether the last word looks abbreviated: the stop of "TP. HCM" or "V. Dũng" ends no sentence."""
    return bool(words) and len(words[-1].word) <= _SHORT and words[-1].word.isupper()


def _settle_neighbours(words: list[Word], hanging: Sequence[int], gaps: set[int]) -> None:
    """A unit stands beside a number; a direction beside a name belongs to it ("Quảng Nam")."""
    for index in hanging:
        kind, key, written = words[index]
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
