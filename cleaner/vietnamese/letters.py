"""Letters that only look like the Vietnamese ones, and capitals of fonts that had no small letters.

A look-alike is replaced where that makes a syllable of a word that was none: no word of Icelandic with ð
becomes one, and none of Croatian with đ is touched. Words of one script stay what they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, pairwise

from cleaner.vietnamese.syllables import is_marked_syllable, is_syllable
from cleaner.vietnamese.words import LETTERS, LONGEST, MODERN, is_abbreviation, is_vietnamese

# Icelandic eth, African d, the sign of the đồng, the caron of pinyin in the place of the breve.
STRANGE = "ÐðƉɖ₫Ǎǎ"
_STRANGE = str.maketrans(STRANGE, "ĐđĐđđĂă")
_CYRILLIC = "АВЕЅІЈКМНОРСТУХасеіјорухѕԁһ"
_LIKE_CYRILLIC = "ABESIJKMHOPCTYXaceijopyxsdh"
_GREEK = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορ"
_LIKE_GREEK = "ABEZHIKMNOPTYXavop"
_ALIKE = str.maketrans(_CYRILLIC + _GREEK, _LIKE_CYRILLIC + _LIKE_GREEK)
_WITHOUT_U = re.compile("(?<!ư)[ơờởỡớợ](?=ng|c|u)", re.I)  # no rime begins so
_HAS_STRANGE = re.compile(f"[{STRANGE}]")
_WORD = re.compile(r"(?:[^\W\d_]|₫|[\u0300-\u036f])+")
_OTHER_SCRIPT = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")


def strange_letters(text: str) -> str:
    """Return `text` with Ð, ǎ and the like as Đ, ă, in the words that so become Vietnamese.

    >>> strange_letters("Ðoàn ðại biểu Nǎm 2001, HÐND; Guðjohnsen, Ð")
    'Đoàn đại biểu Năm 2001, HĐND; Guðjohnsen, Ð'
    """
    if not _HAS_STRANGE.search(text) or not _is_vietnamese_line(text):
        return text
    return _WORD.sub(lambda found: _with_vietnamese(found[0]) if len(found[0]) <= LONGEST else found[0], text)


def _is_vietnamese_line(text: str) -> bool:
    """Tell whether a text has other letters that only Vietnamese has, in a syllable."""
    return any(
        MODERN.search(word) and is_marked_syllable(word.translate(_STRANGE)) for word in LETTERS.findall(text)
    )


@lru_cache(maxsize=50_000)
def _with_vietnamese(word: str) -> str:
    replaced = word.translate(_STRANGE)
    if replaced == word:
        return word
    return replaced if is_vietnamese(replaced) or (len(word) > 1 and is_abbreviation(replaced)) else word


def look_alikes(text: str) -> str:
    """Return `text` with Cyrillic and Greek letters as the Latin ones they look like, in mixed words.

    Only words that so become ASCII or a syllable, in a text that is mostly Latin.

    >>> look_alikes("T\u0430m Quang, да, T\u0434м").encode("ascii", "replace")
    b'Tam Quang, ??, T??'
    """
    others = len(_OTHER_SCRIPT.findall(text))
    if not others or others > len(_LATIN.findall(text)):
        return text
    return _WORD.sub(lambda found: _with_latin(found[0]) if len(found[0]) <= LONGEST else found[0], text)


@lru_cache(maxsize=50_000)
def _with_latin(word: str) -> str:
    if not _OTHER_SCRIPT.search(word) or not _LATIN.search(word):
        return word
    replaced = word.translate(_ALIKE)
    return replaced if replaced.isascii() or is_syllable(replaced) else word


def with_lost_u(word: str) -> str:
    """Return a word with the ư that TCVN3 lost with its soft hyphen, where it is no syllable without.

    >>> with_lost_u("đợc"), with_lost_u("Trờng"), with_lost_u("ngời"), with_lost_u("cơm")
    ('được', 'Trường', 'ngời', 'cơm')
    """
    if is_syllable(word):
        return word
    whole = _WITHOUT_U.sub(lambda vowel: ("Ư" if vowel[0].isupper() else "ư") + vowel[0], word)
    return whole if is_syllable(whole) else word


def in_capitals(lines: Iterable[str]) -> bool:
    """Tell whether a document that was read is in a font of capitals for the most part."""
    kinds = Counter(_kind(word[0][:LONGEST]) for line in lines for word in LETTERS.finditer(line))
    return kinds["shown"] > kinds["small"]


def capitals(text: str, *, by_default: bool = False) -> str:
    """Return `text` read of a font of capitals: small letters with marks between capitals become capital.

    Words of several capitals show that it is one; a word of one letter, or with one capital, follows the
    words beside it; a line of such words what holds `by_default`.

    >>> capitals("CộNG HòA Xã HộI"), capitals("Bộ CộNG AN"), capitals("UBND xã Hà")
    ('CỘNG HÒA XÃ HỘI', 'BỘ CỘNG AN', 'UBND xã Hà')
    """
    words = list(LETTERS.finditer(text))
    kinds = [_kind(word[0][:LONGEST]) for word in words]
    if "shown" not in kinds and not (by_default and "small" not in kinds):
        return text
    pieces: list[str] = []
    done = 0
    for word, capital in zip(words, _of_capitals(kinds), strict=True):
        if capital:
            pieces += (text[done : word.start()], word[0].upper())
            done = word.end()
    return "".join((*pieces, text[done:]))


@lru_cache(maxsize=50_000)
def _kind(word: str) -> str:
    """Say what a word tells of its font: "shown" by several capitals with a small letter beyond ASCII."""
    ascii_letters = [letter for letter in word if letter.isascii()]
    if any(letter.islower() for letter in ascii_letters):
        return "small"
    if any(first.islower() and second.isupper() for first, second in pairwise(word)):
        return "shown"
    if len(ascii_letters) < 2:
        return "either"
    return "capitals" if word.isupper() else "shown"


def _of_capitals(kinds: list[str]) -> Iterator[bool]:
    """Yield for each word whether it is one of capitals."""
    before = list(accumulate(kinds, _decided))
    after = list(accumulate(reversed(kinds), _decided))[::-1]
    for kind, neighbours in zip(kinds, zip(before, after, strict=True), strict=True):
        yield "small" not in neighbours if kind == "either" else kind == "shown"


def _decided(nearest: str, kind: str) -> str:
    return nearest if kind == "either" else kind
