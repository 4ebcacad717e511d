"""VIQR: whether a dot or a question mark at the end of a word is its tone, or ends a sentence.

"Ta. Van" is "Tạ Van" or "Ta. Van". It is told by how often the word stands with that tone, and how often at
the end of a sentence: there, behind such a word, before such a word, in a line as long. The counts are
`data/viqr_ends.tsv`, made of one half of a corpus of news (`benchmarks/viqr_counts.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from math import log
from typing import NamedTuple

from cleaner.vietnamese.syllables import is_syllable
from cleaner.vietnamese.tables import rows
from cleaner.vietnamese.tone_style import tone_placement
from cleaner.vietnamese.viqr_letters import spelled
from cleaner.vietnamese.words import LETTERS

PLACES = ("end", "capital", "digit", "sign", "small", "comma")
SURE = 30.0
# What a full stop, or a question mark, hardly stands before.
_PUNCTUATED = {".": re.compile("[\"')\\]]*[.,;:!?]"), "?": re.compile(r"[)\]]*[.,;:!?]")}
_FIRST = re.compile(r"[^A-Za-z0-9]*+([A-Za-z0-9])")
_LEADING = re.compile(r"[^A-Za-z]*+([A-Za-z\^(+*'`?~.]*)")
_PART_ENDS = re.compile(r"[,;:!)\"'-]$|[^aeiouyAEIOUY^(+*][.?]$|[.?]['\")]+$")
_CLASS, _LONGEST = 5, 40  # words: lines of 0 to 4, 5 to 9 ... 40 and more are counted together
_BACKED = 2.0  # times that a key is taken to have been seen by a word as often as by all words
_HALF, _UNSEEN = 0.5, 0.02  # for what was never counted
_AT_END, _INSIDE = 0.002, 0.01  # of a word's tones in all places, how many are to be expected in one
_STOPS = {"digit": 0.02, "sign": 0.02}  # of all stops, how many may stand there; otherwise all
_UNTOLD = -6.0  # neither, whatever the document tells
_NO_SYLLABLE = -9.0  # before a capital, of a word that is none with the tone
_FEW, _MANY = 2, {"small": 1000, "comma": 100}  # tones, and these for one stop, leave no doubt
_MISPLACED = -4.0  # tones on a wrong vowel are slips
_LIKELY = 4.0


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
    def behind(self) -> tuple[str, str]:
        """The word before in small letters, and its class."""
        if not self.before or _PART_ENDS.search(self.before):
            return "", "<none>"
        if any(map(str.isdigit, self.before)):
            return "", "<number>"
        is_name = self.before.lstrip("\"'([")[:1].isupper()
        return first_word(self.before).lower(), "<name>" if is_name else "<word>"

    @property
    def size(self) -> str:
        """The class of the length of the line."""
        return str(min(self.length // _CLASS * _CLASS, _LONGEST))


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


def log_odds(ending: Ending) -> float:
    """Return how much likelier the sign is a tone than a stop (log; below 0: a stop)."""
    place = ending.place
    after = _ratio("next", "", first_word(ending.after), "<word>") if place == "capital" else 0.0
    toned = last_word(ending.toned)
    tone, stop = _counts().get((place, ending.word, ""), (0, 0))
    tones, stops = _totals().get(("place", ending.word, None), (0, 0))
    is_misplaced = tone_placement(toned) != toned
    if not is_syllable(toned) or (is_misplaced and not tones):
        before_capital = -SURE if ending.closers else _NO_SYLLABLE + after
        return {"capital": before_capital, "small": _UNTOLD, "comma": _UNTOLD}.get(place, -SURE)
    if is_misplaced:
        after += _MISPLACED
    if place in ("small", "comma"):
        if tone > max(_FEW, _MANY[place] * stop):
            return SURE
        return _UNTOLD if stop or after or ending.closers[:1] == "." else _LIKELY
    elsewhere = (tones - tone) * (_AT_END if place == "end" else _INSIDE)
    score = log((tone + elsewhere + _UNSEEN) / (stops + _UNSEEN) / _STOPS.get(place, 1.0))
    if place == "end":
        after = _ratio("length", "", ending.size, ending.size)
    return score + after + _ratio("behind", ending.word.lower(), *ending.behind)


def _ratio(kind: str, word: str, key: str, others: str) -> float:
    """Return how much likelier `key` stands by a tone than by a stop (log), or where it was counted with the
    `others` of its class, one of these. What is known of all words fills up what is known of this one.
    """
    if (kind, word, None) not in _totals():
        return 0.0
    row = key if (kind, word, key) in _counts() else others
    found = _counts().get((kind, word, row), (0, 0))
    of_word, of_key, of_all = (
        _totals().get(about, (0, 0)) for about in ((kind, word, None), (kind, None, row), (kind, None, None))
    )
    tone, stop = (
        (found[each] + _BACKED * (of_key[each] + _HALF) / (of_all[each] + 1)) / (of_word[each] + _BACKED)
        for each in (0, 1)
    )
    return log(tone / stop)


@cache
def _counts() -> Mapping[tuple[str, str, str], tuple[int, int]]:
    return {
        (row["kind"], row["word"], row["key"]): (int(row["tones"]), int(row["stops"]))
        for row in rows("viqr_ends")
    }


@cache
def _totals() -> Mapping[tuple[str, str | None, str | None], tuple[int, int]]:
    """Return the sums of what was counted of one kind: about a word, about a key, of all; "place" is the kind
    of all places.
    """
    tones, stops = (
        Counter[tuple[str, str | None, str | None]](),
        Counter[tuple[str, str | None, str | None]](),
    )
    for (kind, word, key), (tone, stop) in _counts().items():
        sort = "place" if kind in PLACES else kind
        for about in ((sort, word, None), (sort, None, key), (sort, None, None)):
            tones[about] += tone
            stops[about] += stop
    return {about: (tones[about], stops[about]) for about in tones}
