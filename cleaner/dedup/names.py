"""Spellings of one name: what an editor reads as the same word although the letters differ.

Each rule knows letters and marks, no language: composition and place of a tone mark, initials for a
full name, an abbreviation for the words it abbreviates, a slip of one letter in a long name.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from unicodedata import category, combining, normalize

from rapidfuzz.distance import Levenshtein

from cleaner.dedup.fact_words import INITIAL, NAME, NUMBER, Word

# A slip of one letter is a typo only in a name this long: no Vietnamese syllable is, and "Trương" and
# "Trường" are two families, "Michael" and "Michaela" two people.
LONG_NAME = 8
# Vietnamese syllables whose only vowel is written y or i, as house style has it ("bác sỹ", "bác sĩ").
_ENDS_IN_Y = frozenset(["hy", "ky", "ly", "my", "sy", "ty", "quy"])
_TONES = 200  # combining class from which on a mark floats above or below its letter


@lru_cache(maxsize=4096)
def shape(word: str) -> str:
    """Return base letters and marks of `word` apart, so that the place of a mark does not count.

    >>> shape("hoà") == shape("Hòa"), shape("hoa") == shape("hoà"), shape("nghĩa") == shape("nghiã")
    (True, False, True)
    >>> shape("kỹ") == shape("kĩ"), shape("quy") == shape("qui"), shape("tay") == shape("tai")
    (True, True, False)
    """
    parts = [part for part in normalize("NFD", word.casefold()) if part.isalnum() or category(part)[0] == "M"]
    base = "".join(part for part in parts if combining(part) < _TONES)
    base = base[:-1] + "i" if base in _ENDS_IN_Y else base
    return base + "".join(sorted(part for part in parts if combining(part) >= _TONES))


def is_slip(left: Word, right: Word) -> bool:
    """Whether two long names differ by one letter; among plain words it may be another ("resigned")."""
    if left[0] != NAME or right[0] != NAME or min(len(left.key), len(right.key)) < LONG_NAME:
        return False
    return Levenshtein.distance(left.key, right.key, score_cutoff=1) <= 1


def abbreviated_run(short: str, words: Sequence[str]) -> range:
    """Return where in `words` (or phrases) the run stands whose initials spell `short`; empty if nowhere.

    Only all-capital words of two or more letters abbreviate.

    >>> abbreviated_run("CSGT", ["một", "cảnh sát", "giao", "thông"])
    range(1, 4)
    """
    wanted = short.casefold()
    if len(short) < 2 or not short.isupper():
        return range(0)
    for start in range(len(words)):
        initials = ""
        for end in range(start, len(words)):
            initials += "".join(part[0] for part in words[end].casefold().split())
            if not wanted.startswith(initials):
                break
            if initials == wanted:
                return range(start, end + 1)
    return range(0)


def is_initial_of(short: Word, word: Word) -> bool:
    """Whether the initial `short` begins the name `word`: "V." for "Việt", "Th." for "Thuỷ"."""
    longer = len(word.word) > len(short.word) and word.word[0].isupper()
    return longer and word.word.casefold().startswith(short.word.casefold())


def without_same(left: Sequence[Word], right: Sequence[Word]) -> tuple[Sequence[Word], Sequence[Word]]:
    """Return what remains of two differing passages when words that mean the same are taken out.

    An initial goes where the other side has the full name, which remains: that side says more.
    """
    if not left or not right:
        return left, right
    spelled, other = ("".join([word[1] for word in side]).replace(" ", "") for side in (left, right))
    if spelled == other:  # "ô tô" and "ôtô"
        return [], []
    left, right = _without_spellings(left, right)
    if not left or not right:
        return left, right
    if any(word[2].isupper() for word in (*left, *right)):
        left, right = _without_abbreviated(left, right)
        right, left = _without_abbreviated(right, left)
    return _without_initials(left, right), _without_initials(right, left)


def _without_spellings(left: Sequence[Word], right: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """Take out words that differ only in the place of a mark, or by a slip in a long name."""
    kept, rest = [], list(right)
    forms = [shape(word[1]) for word in right]
    for word in left:
        form = shape(word[1])
        for at, other in enumerate(rest):
            if other[0] != NUMBER and (forms[at] == form or is_slip(word, other)):
                del rest[at], forms[at]
                break
        else:
            kept.append(word)
    return kept, rest


def _without_abbreviated(left: Sequence[Word], right: Sequence[Word]) -> tuple[list[Word], list[Word]]:
    """Take out abbreviations on the left together with the full form on the right."""
    kept, rest = [], list(right)
    for word in left:
        run = abbreviated_run(word.word, [other.word for other in rest])
        if run:
            del rest[run.start : run.stop]
        else:
            kept.append(word)
    return kept, rest


def _without_initials(left: Sequence[Word], right: Sequence[Word]) -> list[Word]:
    return [
        word for word in left if word[0] != INITIAL or not any(is_initial_of(word, other) for other in right)
    ]
