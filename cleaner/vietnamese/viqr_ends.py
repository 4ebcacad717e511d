"""VIQR: whether a dot or a question mark at the end of a word is its tone, or ends a sentence.

"Ta. Van" is "Tạ Van" or "Ta. Van". It is told by how often the word stands with that tone and without one,
behind the word before it and anywhere; how often at the end of a sentence; what follows, or how long the line
is. What each of these is worth was fitted by logistic regression, on other texts than were counted. Counts
and weights are `data/viqr_ends.tsv` and `data/viqr_weights.tsv` (`benchmarks/viqr_counts.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache, lru_cache
from math import log
from typing import NamedTuple

from cleaner.vietnamese.syllables import is_syllable
from cleaner.vietnamese.tables import rows
from cleaner.vietnamese.tone_style import styled, tone_placement
from cleaner.vietnamese.viqr_letters import spelled
from cleaner.vietnamese.words import LETTERS

PLACES = ("end", "capital", "digit", "sign", "small", "comma")
START, NUMBER, OTHER = "<start>", "<number>", "<other>"  # what stands before a word that is none itself
# What a full stop, or a question mark, hardly stands before.
_PUNCTUATED = {".": re.compile("[\"')\\]]*[.,;:!?]"), "?": re.compile(r"[)\]]*[.,;:!?]")}
_FIRST = re.compile(r"[^A-Za-z0-9]*+([A-Za-z0-9])")
_LEADING = re.compile(r"[^A-Za-z]*+([A-Za-z\^(+*'`?~.]*)")
_SENTENCE_ENDS = re.compile(r"[.?!][\"')]*$")
_TONE_ENDS = re.compile(r"[aeiouyAEIOUY^(+*][.?]$")
_CLASS, _LONGEST = 5, 40  # words: lines of 0 to 4, 5 to 9 ... 40 and more are counted together
_HALF, _UNSEEN, _RARE = 0.5, 0.02, 0.05  # for what was never counted
_AT_END, _INSIDE = 0.002, 0.01  # of a word's tones in all places, how many are to be expected in one
_OF_WORD = 2e-5  # of the times that a word was seen, how many are to be expected behind a certain other


class Ending(NamedTuple):
    """A word whose last sign is its tone, then it is `toned`, or is not, then it is `plain` and the sign.
    `closers` are what stands between it and the next space; `before` and `after` the words around it in the
    line, in VIQR; `length` the words of the line.
    """

    plain: str
    toned: str
    sign: str
    closers: str
    before: str
    after: str
    length: int

    @property
    def word(self) -> str:
        """What is counted: the word with its sign."""
        return f"{last_word(self.plain)}{self.sign}"

    @property
    def place(self) -> str:
        """What follows: punctuation, the end of the line, a capital, a digit, a small letter, a sign."""
        if _PUNCTUATED[self.sign].match(self.closers):
            return "comma"
        if not self.after:
            return "end"
        found = _FIRST.match(self.after)
        if not found or (found[1].islower() and self.closers and self.sign == "?"):
            return "sign"
        return "digit" if found[1].isdigit() else "capital" if found[1].isupper() else "small"

    @property
    def behind(self) -> str:
        """The last word of what stands before, in small letters."""
        if not self.before or (_SENTENCE_ENDS.search(self.before) and not _TONE_ENDS.search(self.before)):
            return START
        return last_of(spelled(self.before.rstrip(',;:!")')))

    @property
    def size(self) -> str:
        """The class of the length of the line."""
        return str(min(self.length // _CLASS * _CLASS, _LONGEST))


class Signs(NamedTuple):
    """What an ending tells, each as log-odds of a tone, or 0 and 1: the word in such a place; the word
    anywhere; the word behind the one before it; the capitalised word after it, or the length of its line;
    whether the sign is a question mark; whether punctuation stands behind it; whether the word is a syllable
    with, and without the tone.
    """

    there: float
    word: float
    pair: float
    context: float
    question: float
    closed: float
    toned: float
    plain: float


def first_word(token: str) -> str:
    """Return the first word of what stands between two spaces, read.

    >>> first_word('"DDa.i-ho.c",')
    'Đại'
    """
    found = _LEADING.match(token)
    return spelled(found[1]).rstrip(".?") if found else ""


def last_word(text: str) -> str:
    """Return the last word of a text."""
    return str((LETTERS.findall(text) or [""])[-1])


def last_of(token: str) -> str:
    """Return the last word of what stands between two spaces, in small letters, or the kind of what is none.

    >>> last_of("Đại-học"), last_of("1998"), last_of("-")
    ('học', '<number>', '<other>')
    """
    return styled(last_word(token).lower(), "new") or (NUMBER if any(map(str.isdigit, token)) else OTHER)


def log_odds(ending: Ending) -> float:
    """Return how much likelier the sign is a tone than a stop (log; below 0: a stop)."""
    bias, weights = _weights()[ending.place]
    return bias + sum(weight * sign for weight, sign in zip(weights, signs(ending), strict=True))


@lru_cache(maxsize=10_000)
def signs(ending: Ending) -> Signs:
    """Return what an ending tells."""
    place, toned, plain = ending.place, last_word(ending.toned), last_word(ending.plain)
    tone, _ = _counts().get((place, ending.word, ""), (0, 0))
    tones, stops = _totals().get(("place", ending.word), (0, 0))
    elsewhere = (tones - tone) * (_AT_END if place == "end" else _INSIDE)
    word = f"{plain.lower()}{ending.sign}"
    with_tone, without = _counts().get(("word", word, ""), (0, 0))
    pair_toned, pair_plain = _counts().get(("pair", word, ending.behind), (0, 0))
    of_word = log((with_tone + _RARE) / (without + _RARE))
    of_pair = log((pair_toned + _OF_WORD * (with_tone + _RARE)) / (pair_plain + _OF_WORD * (without + _RARE)))
    context = 0.0
    if place == "capital":
        context = _ratio("next", first_word(ending.after), "<word>")
    elif place == "end":
        context = _ratio("length", ending.size, ending.size)
    return Signs(
        there=log((tone + elsewhere + _UNSEEN) / (stops + _UNSEEN)),
        word=of_word,
        pair=of_pair - of_word,
        context=context,
        question=float(ending.sign == "?"),
        closed=float(bool(ending.closers)),
        toned=float(is_syllable(toned) and tone_placement(toned) == toned),
        plain=float(is_syllable(plain)),
    )


def _ratio(kind: str, key: str, others: str) -> float:
    """Return how much likelier `key` stands by a tone than by a stop (log), or where it was not counted the
    `others` of its class.
    """
    tone, stop = _counts().get((kind, "", key)) or _counts().get((kind, "", others), (0, 0))
    tones, stops = _totals().get((kind, ""), (0, 0))
    return log((tone + _HALF) / (tones + 1) * (stops + 1) / (stop + _HALF))


@cache
def _weights() -> Mapping[str, tuple[float, tuple[float, ...]]]:
    """Return for each place what is added, and what is multiplied with each sign."""
    return {
        row["place"]: (float(row["bias"]), tuple(float(row[name]) for name in Signs._fields))
        for row in rows("viqr_weights")
    }


@cache
def _counts() -> Mapping[tuple[str, str, str], tuple[int, int]]:
    return {
        (row["kind"], row["word"], row["key"]): (int(row["tones"]), int(row["stops"]))
        for row in rows("viqr_ends")
    }


@cache
def _totals() -> Mapping[tuple[str, str], tuple[int, int]]:
    """Return the sums of what was counted about a word in one kind; "place" is the kind of all places."""
    tones, stops = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for (kind, word, _), (tone, stop) in _counts().items():
        about = ("place" if kind in PLACES else kind, word)
        tones[about] += tone
        stops[about] += stop
    return {about: (tones[about], stops[about]) for about in tones}
