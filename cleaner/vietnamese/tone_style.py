"""Where tones stand. The two spellings of open oa, oe, uy (hòa or hoà, thủy or thuỷ) are both right.

Both styles are in use side by side (law texts: 1,298 old, 1,940 new; one newspaper mixes them in one
article), so text keeps what its author wrote unless the settings say otherwise (`styled`), and matching must
not see the difference (`fold_tone_style`). Tones on a wrong vowel (`tone_placement`) are slips. After q the
u belongs to the onset (quý), so qu- is left alone; with a coda (hoàn) there is only one spelling.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal
from unicodedata import normalize

from cleaner.vietnamese.syllables import TONES, is_syllable
from cleaner.vietnamese.words import LETTERS

ToneStyle = Literal["keep", "old", "new"]

_VOWELS = "aăâeêioôơuưy"
_SHAPED = "ăâêôơư"
_OPEN = ("oa", "oe", "uy")
OLD_STYLE = {
    normalize("NFC", pair + tone): normalize("NFC", pair[0] + tone + pair[1])
    for pair in _OPEN
    for tone in TONES
}
AFTER = {first: "".join(pair[1] for pair in OLD_STYLE if pair[0] == first) for first in "ou"}
# AFTER holds the vowels with a tone that is in the new style behind o or u at the end of a word.
# It opens with a set, which `re` looks for ten times as fast as for fifteen alternatives.
_NEW_STYLE = re.compile(rf"[ou](?:(?<=o)[{AFTER['o']}]|(?<=u)[{AFTER['u']}])(?<!q..)(?![\w\u0300-\u036f])")


def fold_tone_style(text: str) -> str:
    """Return lower-case NFC `text` with every open oa, oe, uy in the old style.

    >>> fold_tone_style("hoà bình, uỷ ban, quý, hoàn")
    'hòa bình, ủy ban, quý, hoàn'
    """
    return _NEW_STYLE.sub(lambda found: OLD_STYLE[found[0]], text)


def styled(text: str, style: ToneStyle) -> str:
    """Return NFC `text` with the tones of open oa, oe, uy where `style` wants them, all others as they are.

    >>> styled("hòa bình, Uỷ ban, quý, hoàn, señor", "new"), styled("hoà bình, UỶ BAN", "old")
    ('hoà bình, Uỷ ban, quý, hoàn, señor', 'hòa bình, ỦY BAN')
    """
    if style == "keep":
        return text
    return LETTERS.sub(lambda found: _of_syllable(found[0], style, only_open=True), text)


def tone_placement(text: str) -> str:
    """Return NFC `text` with tones that stand on a wrong vowel on the right one; both styles are right.

    >>> tone_placement("gìơ đừơng tòan qúy hòa hoà")
    'giờ đường toàn quý hòa hoà'
    """
    return LETTERS.sub(lambda found: _of_syllable(found[0], "keep", only_open=False), text)


def _of_syllable(word: str, style: ToneStyle, *, only_open: bool) -> str:
    if word.isascii() or not is_syllable(word):
        return word
    return _moved(word, style, only_open=only_open)


@lru_cache(maxsize=50_000)
def _moved(word: str, style: ToneStyle, *, only_open: bool) -> str:
    """Return a syllable with its tone moved."""
    letters = [normalize("NFD", letter) for letter in word]
    at = next((i for i, letter in enumerate(letters) if any(tone in letter for tone in TONES)), None)
    if at is None:
        return word
    plain = ["".join(mark for mark in letter if mark not in TONES) for letter in letters]
    base = normalize("NFC", "".join(plain).lower())
    vowels = _vowels(base)
    is_open = base[vowels[0] :] in _OPEN if vowels else False
    if is_open:
        goal = {"old": vowels[0], "new": vowels[1], "keep": at}[style]
    else:
        goal = at if only_open else _bearer(base, vowels)
    tone = "".join(mark for mark in letters[at] if mark in TONES)
    plain[goal] += tone
    return normalize("NFC", "".join(plain))


def _vowels(base: str) -> list[int]:
    """Return where the vowels of the rime stand: not the u of qu, not the i of gi before another."""
    first = 2 if base.startswith("qu") or (base.startswith("gi") and base[2:3] in set(_VOWELS)) else 0
    return [at for at in range(first, len(base)) if base[at] in _VOWELS]


def _bearer(base: str, vowels: Sequence[int]) -> int:
    """Return where the tone of a syllable belongs: on ê or ơ, else on another shaped vowel; with a coda on
    the last vowel, of three on the middle one, of two on the first.
    """
    shaped = [at for at in vowels if base[at] in _SHAPED]
    if shaped:
        return next((at for at in shaped if base[at] in "êơ"), shaped[-1])
    if len(vowels) < 3 and base[-1] in _VOWELS:
        return vowels[0]
    return vowels[1] if base[-1] in _VOWELS else vowels[-1]
