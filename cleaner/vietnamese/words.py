"""What a word looks like that is Vietnamese as it stands."""

from __future__ import annotations

import re
from functools import lru_cache

from cleaner.vietnamese.syllables import is_syllable

_LETTER = r"[^\W\d_¹²³¼½¾]"  # these are digits that Python takes for letters
LETTERS = re.compile(rf"{_LETTER}+(?:[\u0300-\u036f]+{_LETTER}*)*")
_IN_WORD = r"(?:[^\W¹²³¼½¾]|[\u0300-\u036f])"
_AT_ENDS = r"‐-―‘-‟«»•…\u00a0!-/:-@\[-`{-~"
# A word as it is written today: signs at its ends; inside it quotation marks, dashes, ASCII signs.
_ORDINARY = re.compile(
    rf"[{_AT_ENDS}]*+{_IN_WORD}*+(?:[’‐-―…\u00a0!-/:-@\[-`{{-~]++{_IN_WORD}++)*[{_AT_ENDS}°²³¼½¾€™]*+"
)
# Letters that only Vietnamese has, or hardly another language; and those of them with a horn or two marks.
WITH_TWO_MARKS = "ƠơƯư\u1ea0-\u1ef9"
ONLY_VIETNAMESE = f"ĂăĐđĨĩŨũ{WITH_TWO_MARKS}"
MODERN = re.compile(f"[{ONLY_VIETNAMESE}]")
LONGEST = 200  # characters of what is looked at as a word; longer ones are none
_LONG_ABBREVIATION = 3  # letters: from then on one of them may be a vowel
_VOWEL = re.compile("[aeiouyà-ăĩũơưạ-ỹ]", re.I)  # đ stands among them and is none


def is_ordinary(token: str) -> bool:
    """Tell whether a token has signs only where words have them.

    >>> [is_ordinary(token) for token in ("“Đại", "km²,", "Niu-tơn", "Chi«u", "B¶")]
    [True, True, True, False, False]
    """
    return _ORDINARY.fullmatch(token) is not None


def is_abbreviation(piece: str) -> bool:
    """Tell whether letters are an abbreviation, which is no syllable in any reading.

    >>> [is_abbreviation(piece) for piece in ("HĐND", "QĐ", "NSƯT", "NGHỊ", "XÉT", "Đỗ")]
    [True, True, True, False, False, False]
    """
    if not piece.isupper():
        return False
    vowels = len(_VOWEL.findall(piece))
    return not vowels or (vowels == 1 and len(piece) > _LONG_ABBREVIATION and not is_syllable(piece))


def is_vietnamese(token: str) -> bool:
    """Tell whether a token has letters beyond ASCII, and all words that have are syllables.

    >>> [is_vietnamese(token) for token in ("“Đại”", "XÃ", "xÃ", "café", "Hà-nội")]
    [True, True, False, False, True]
    """
    return len(token) <= LONGEST and not token.isascii() and _is_vietnamese(token)


@lru_cache(maxsize=100_000)
def _is_vietnamese(token: str) -> bool:
    marked = [piece for piece in LETTERS.findall(token) if not piece.isascii()]
    return (
        bool(marked)
        and is_ordinary(token)
        and all(is_syllable(piece) and is_of_one_case(piece) for piece in marked)
    )


def is_of_one_case(piece: str) -> bool:
    """Tell whether letters are all small, all capital, or small behind one capital."""
    return piece.islower() or piece.isupper() or (piece[0].isupper() and piece[1:].islower())
