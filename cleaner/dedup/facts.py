"""The fact guard: may one of two near-duplicates go without a fact being lost?

A ratio cannot tell: one changed digit leaves 99. So the guard aligns the words of both texts and
looks only at what differs: numbers, names, polarity, direction, and which side says more. A side
may go only if everything it states is stated by the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct

from cleaner.dedup.credit import credit_pattern, without_credit
from cleaner.dedup.fact_differences import Said, differences
from cleaner.dedup.fact_tokens import read
from cleaner.dedup.fact_words import Reading, build_lexicon
from cleaner.dedup.vocabulary import Vocabulary
from cleaner.sending import sent_once
from cleaner.settings import FactWords

Level = Literal["strict", "default", "off"]

_QUOTATION = re.compile(r"[“\"„«]([^“”\"„«»]{80,})[”\"»]")
_OPENING_MARKS = '“"„«'
_QUOTED_SHARE = 0.8  # of both texts, in characters
_REMEMBERED = 1_200_000  # words of all readings: 68 MB where texts are short and have their own numbers
_SHOWN = 40  # characters of a fact in a reason


class Answer(Struct, frozen=True):
    """Which of two near-duplicates may go, and why (or why not), in one phrase for a person."""

    drop_a: bool
    drop_b: bool
    reason: str


class FactGuard:
    """Compares two near-duplicates by the facts they state, with the fact words of some languages."""

    def __init__(self, words: Sequence[FactWords], level: Level) -> None:
        self._made_of = words, level
        lexicon = build_lexicon(words)
        self._vocabulary = Vocabulary(lexicon)
        self._level = level
        self._credit = credit_pattern(lexicon.credits)
        self._readings: dict[str, Reading] = {}
        self._remembered = 0

    def __reduce__(self) -> Any:
        return sent_once(FactGuard, *self._made_of)

    def weight(self, text: str) -> int:
        """Return how much `text` states: 2 a word that says something, 1 an initial or a plural.

        If only one of two texts may go, it is the one with the smaller weight: in all but 8 of 2,261 such
        real pairs, where one text abbreviates what the other writes out.
        """
        return self._read(text).weight

    def compare(self, a: str, b: str) -> Answer:
        """Return which of two NFC texts (ratio 80 or more, original case) may go.

        The answer for (b, a) is the mirror of the answer for (a, b).
        """
        if self._level == "off":
            return Answer(True, True, "facts not compared")
        if a == b:
            return Answer(True, True, "same text")
        only_a, only_b = self._differences(a, b)
        if reason := _contradiction(only_a, only_b):
            return Answer(False, False, reason)
        if self._level == "default" and not (only_a.numbers or only_b.numbers) and _same_quotation(a, b):
            return Answer(True, True, "same quotation")
        answer = _who_says_more(only_a, only_b)
        if answer.drop_a == answer.drop_b:
            return answer
        return self._one_sided(answer, only_a if answer.drop_b else only_b, b if answer.drop_b else a)

    def _one_sided(self, answer: Answer, said: Said, rest: str) -> Answer:
        """The answer where only one text says something of its own, and the other says just `rest`.

        A general sentence ("the suspect has confessed") goes for the sake of one with a name or number
        only if it shares another with it: of some 120 real pairs without one, nearly all told of two events.
        """
        if self._level == "strict":
            return Answer(False, False, answer.reason)
        if said.specific and self._read(rest).is_general():
            return Answer(False, False, f"{answer.reason}; nothing shows it is the same event")
        return answer

    def _differences(self, a: str, b: str) -> tuple[Said, Said]:
        """What only `a` and only `b` says; in one fixed order, for alignments may depend on it."""
        if a > b:
            only_b, only_a = self._differences(b, a)
            return only_a, only_b
        return differences(self._read(a), self._read(b), self._vocabulary.lexicon)

    def _read(self, text: str) -> Reading:
        """The facts of a text; a photographer's name at its end is none, unless the level is strict."""
        if (reading := self._readings.get(text)) is None:
            shown = text if self._level == "strict" else without_credit(text, self._credit, self._vocabulary)
            reading = read(shown, self._vocabulary)
            self._remembered += len(reading.keys)
            if self._remembered > _REMEMBERED:
                self._readings.clear()
                self._remembered = len(reading.keys)
            self._readings[text] = reading
        return reading


def _contradiction(only_a: Said, only_b: Said) -> str:
    """Why both must stay, even where one quotation makes up most of both; empty if nothing says so."""
    if only_a.turning or only_b.turning:
        return f"meaning differs: {_shown(only_a.turning)} | {_shown(only_b.turning)}"
    if only_a.numbers and only_b.numbers:
        return f"numbers differ: {_shown(only_a.numbers)} | {_shown(only_b.numbers)}"
    return ""


def _who_says_more(only_a: Said, only_b: Said) -> Answer:
    """The side that says more stays; both stay if each says something of its own.

    Synonyms are held back with the rest: of some 30 real pairs at ratio 90 or more that differed in
    plain words on both sides, at least 4 told of different things (one procession carried cakes, one fruit).
    """
    said_a, said_b = only_a.all(), only_b.all()
    if not said_a and not said_b:
        return Answer(True, True, "same facts")
    if sorted(said_a) == sorted(said_b):
        return Answer(False, False, f"order differs: {_shown(said_a)}")
    if said_a and said_b:
        kind = "names" if only_a.names and only_b.names else "words"
        return Answer(False, False, f"{kind} differ: {_shown(said_a)} | {_shown(said_b)}")
    side, said = ("a", said_a) if said_a else ("b", said_b)
    return Answer(side == "b", side == "a", f"only {side} says: {_shown(said)}")


def _same_quotation(a: str, b: str) -> bool:
    """Whether one quotation of 80 or more characters makes up most of both texts."""
    if not any(mark in a for mark in _OPENING_MARKS):
        return False
    quotations = {_bare(found) for found in _QUOTATION.findall(a)}
    shared = [found for found in map(_bare, _QUOTATION.findall(b)) if found in quotations]
    return max(map(len, shared), default=0) >= _QUOTED_SHARE * max(len(a), len(b))


def _bare(quotation: str) -> str:
    return " ".join(quotation.casefold().split()).rstrip(" .,;!?…")


def _shown(words: list[str]) -> str:
    text = " ".join(words)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
