"""Which words are well-formed Vietnamese syllables: onset + rime + tone, from two tables.

Of the words with a letter beyond ASCII in Vietnamese newspapers, 99.8 % are; in French 11 %, in Italian
41 % (è, più), in German, Spanish, Czech and Turkish next to none. So a reading of doubtful letters that
gives syllables is the right one, and one that does not is left alone.

Sources of the inventory: the tables name them row by row. A rime is in if two sources give it, or one and
both counts (a word list and a corpus of 468,000 words). Where the tone stands is free (hoà and hòa).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from math import log
from typing import NamedTuple
from unicodedata import normalize

from cleaner.vietnamese.tables import rows

TONES = "\u0300\u0301\u0309\u0303\u0323"  # huyền sắc hỏi ngã nặng
_ENTERING = frozenset("\u0301\u0323")  # a rime that ends in c, ch, p, t takes sắc or nặng
_SPLIT_TONES = str.maketrans(dict.fromkeys(map(ord, TONES)))
_FRONT = "ieêy"  # vowels before which one writes k, gh, ngh
_REMEMBERED = 100_000
_LONGEST = 20  # characters; no syllable has more, even with its marks apart


class Syllable(NamedTuple):
    """A syllable without its tone: whether its coda is a stop, and how rare it is (-log of its share)."""

    stop: bool
    rarity: float


def untoned(word: str) -> tuple[str, str]:
    """Return a word (any form, any case) in lower-case NFC without its tone marks, and these.

    >>> untoned("Thuỷ") == ("thuy", "\\u0309")
    True
    """
    decomposed = normalize("NFD", word.lower())
    tones = "".join(character for character in decomposed if character in TONES)
    return normalize("NFC", decomposed.translate(_SPLIT_TONES)), tones


def is_syllable(word: str) -> bool:
    """Tell whether a word is one well-formed syllable, whatever its case and wherever its tone stands.

    >>> [is_syllable(word) for word in ("Nghiêng", "qúy", "gìn", "ta", "được", "đợc", "cât", "ngà nghé")]
    [True, True, True, True, True, False, False, False]
    """
    return len(word) <= _LONGEST and _is_syllable(word)


@lru_cache(maxsize=_REMEMBERED)
def _is_syllable(word: str) -> bool:
    base, tones = untoned(word)
    found = syllables().get(base)
    return found is not None and len(tones) <= 1 and (not found.stop or (tones in _ENTERING and tones != ""))


def is_marked_syllable(word: str) -> bool:
    """Tell whether a word is a well-formed syllable with a letter beyond ASCII."""
    return not word.isascii() and is_syllable(word)


def rarity(word: str) -> float:
    """Return how rare a syllable is (-log of its share among syllables); 18 for what is none."""
    return syllables()[untoned(word)[0]].rarity if is_syllable(word) else UNHEARD


UNHEARD = 18.0  # rarer than any syllable that the tables hold


@cache
def syllables() -> dict[str, Syllable]:
    """Return every syllable without its tone."""
    onsets = {row["onset"]: int(row["n_corpus"]) + 1 for row in rows("onsets")}
    rimes = [
        (row["rime"], row["onset_class"], row["coda"] == "stop", int(row["n_corpus"]) + 1)
        for row in rows("rimes")
    ]
    all_onsets = sum(onsets.values())
    all_rimes = sum(count for *_, count in rimes)
    found: dict[str, Syllable] = {}
    for rime, kind, stop, count in rimes:
        for onset in _onsets_of(rime, kind, onsets):
            rare = -log(onsets[onset] / all_onsets) - log(count / all_rimes)
            spelled = _joined(onset, rime)
            if spelled not in found or found[spelled].rarity > rare:
                found[spelled] = Syllable(stop, rare)
    return found


def _onsets_of(rime: str, kind: str, onsets: dict[str, int]) -> Iterator[str]:
    """Yield the onsets that a rime can follow, by the spelling rules of c/k, g/gh, ng/ngh, gi, qu."""
    if kind in ("gi", "qu"):
        yield kind
        return
    front = rime[0] in _FRONT
    for onset in onsets:
        if onset == "qu" or (onset in ("c", "ng") and front) or (onset in ("gh", "ngh") and not front):
            continue
        if onset == "g" and front and rime[0] != "i":  # gì is g + i
            continue
        yield onset


def _joined(onset: str, rime: str) -> str:
    return onset + rime[1:] if onset == "gi" and rime[0] == "i" else onset + rime
