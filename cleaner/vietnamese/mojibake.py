"""Vietnamese whose UTF-8 was read as another encoding, word by word inside a line that may be right.

ftfy undoes whole lines; a single word in a good line, and letters that lost a byte on the way, need to
know what a Vietnamese word is. A word is only changed into syllables, and only if it was none before.
Of damage that loses bytes, the one reading that is a syllable is taken; where there are two, none is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import prod

from cleaner.vietnamese.legacy import LATIN_1, WINDOWS_1252
from cleaner.vietnamese.syllables import is_syllable
from cleaner.vietnamese.words import (
    LETTERS,
    LONGEST,
    MODERN,
    ONLY_VIETNAMESE,
    WITH_TWO_MARKS,
    is_ordinary,
    is_vietnamese,
)

ROUNDS = 3  # mojibake is at most triple in the wild

_SHOWN = re.escape("".join(shown for shown in WINDOWS_1252.values() if shown > "\xff"))
# What begins a character of UTF-8 (Ă where Windows-1258 has Ã), and what goes on with it.
HINT = re.compile(  # it opens with a set, for which `re` looks ten times as fast as for alternatives
    f"[ÃĂÂÄÅÆº»€](?:(?<=á[º»])|(?<=â€)|(?<=[ÃĂÂÄÅÆ])(?=[{_SHOWN}\x80-\xbf])|(?<=[a-z]Ã)|(?<=Ä)(?='[a-zÃ]))"
)
# What no word has that is right: á» is no end of one; behind Ã stands no sign but one that closes.
CERTAIN = re.compile(
    f"á[º»][{_SHOWN}\x80-\xbf]|Ã(?:[‘’“”](?=[A-Z])|\xa0(?=[a-zà-ỹ]))|[ÃĂÂÄÅÆ](?![‘’“”–—…•«»‹›\xa0])[{_SHOWN}\x80-\xbf]"
)
_AS_WINDOWS = re.compile(f"[ÃĂÂÄÅÆ][{_SHOWN}]|á[º»][{_SHOWN}]")
_NO_OTHER = re.compile(f"[{WITH_TWO_MARKS}]")
_FOREIGN = re.compile(f"[^\x00-\x7f‐-―‘-‟•…°À-ÃÈ-ÊÌÍÐÒ-ÕÙÚÝà-ãè-êìíò-õùúý{ONLY_VIETNAMESE}]")
_GAP = re.compile("([ \t\r\n]+)")
# Letters cut short: their last byte is gone, or is a quotation mark or an ellipsis made straight.
# A quotation mark before a sign closes a quotation.
_CUT = re.compile("(á[º»]|[ÃÄÆ])(\\.\\.\\.|['\"](?![,;:)\\]}])|(?![\x80-\xbf]))")
_SURELY_CUT = re.compile("á[º»](?=\\w)|(?<=[a-z])Ã(?!\\w)|Æ°|Ä‘")
_STRAIGHTENED = {"'": "\x91\x92", '"': "\x93\x94", "...": "\x85"}
_NOT_IN_WINDOWS = "\x81\x8d\x8f\x90\x9d"  # the five bytes that Windows-1252 drops
_CONTROLS = "".join(map(chr, range(0x80, 0xA0)))
_NBSP, _SOFT_HYPHEN = "\xa0", "\xad"
_HYPHEN_ALIVE = re.compile("[Ãº»]\xad")
_HYPHEN_GONE = re.compile("[A-Za-z]Ã(?=[a-z])|áº(?=[a-z ,.;)]|$)", re.M)
# Onsets before which í is more frequent than à, its last byte the soft hyphen: counted in 20,000 articles.
_BEFORE_I = frozenset(["ch", "d", "k", "kh", "ph", "th", "tr", "x"])
_A_ALIVE = re.compile("[a-z]Ã[ \xa0]")
_CLOSING = ",.;:!?)]}»”’…"
_FEWEST_GUESSES = 2  # words that must be mended where all have lost bytes
_MOST_READINGS = 1_000
_REMEMBERED = 50_000


def mojibake_words(text: str, lost: str = "") -> str:
    """Return `text` with the words mended that are Vietnamese once their bytes are read as UTF-8. `lost` are
    the bytes that its document may have lost, by `lost_bytes`.

    >>> mojibake_words("Họp tại Há»™i An, thá»'ng nháº¥t cá»§a hoÃ  bÃ¬nh")
    'Họp tại Hội An, thống nhất của hoà bình'
    """
    if not HINT.search(text):
        return text
    parts = _GAP.split(text)
    mended = [
        part if number % 2 or len(part) > LONGEST else _whole(part) for number, part in enumerate(parts)
    ]
    mended = _with_a(mended)
    whole = {number for number, part in enumerate(parts) if mended[number] != part}
    mixed = _has_right_words(parts)
    if not whole or (not mixed and 2 * len(whole) < sum(map(_is_undamaged, parts))):
        return text  # of another language, then; ftfy needs the line whole
    right = {number for number, part in enumerate(mended) if mixed and is_vietnamese(part)}
    return "".join(_completed(mended, lost or lost_bytes([text]), frozenset(whole | right)))


def mojibake_cuts(text: str, lost: str = "") -> str:
    """Mend a text in which every word has lost bytes, if these are several. To be asked when the text is in
    no old code page: "thÃy" is a word in VPS, too.

    >>> mojibake_cuts("hÃ ng hoÃ "), mojibake_cuts("CÃ  Mau")
    ('hàng hoà', 'CÃ  Mau')
    """
    if not HINT.search(text):
        return text
    parts = _GAP.split(text)
    if _has_right_words(parts) or any(map(_is_undamaged, parts)):
        return text
    completed = "".join(_completed(parts, lost or lost_bytes([text]), frozenset()))
    return completed if len({*completed.split()} - {*text.split()}) >= _FEWEST_GUESSES else text


def _has_right_words(parts: Sequence[str]) -> bool:
    return any(is_vietnamese(part) and MODERN.search(part) for part in parts[::2])


def lost_bytes(texts: Iterable[str]) -> str:
    """Return the bytes that a document may have lost on the way: those that its view has not, the soft
    hyphen where letters lack one, the no-break space where none is there, nor a space in its place.
    """
    windows = alive = hyphens = gone = False
    for text in texts:
        windows = windows or _AS_WINDOWS.search(text) is not None
        alive = alive or _A_ALIVE.search(text) is not None
        hyphens = hyphens or _HYPHEN_ALIVE.search(text) is not None
        gone = gone or _HYPHEN_GONE.search(text) is not None
    return (
        (_NOT_IN_WINDOWS if windows else _CONTROLS)
        + (_SOFT_HYPHEN if gone and not hyphens else "")
        + ("" if alive else _NBSP)
    )


def _with_a(parts: Sequence[str]) -> list[str]:
    """Mend words that end in à, "HÃ" with a no-break space; between words of capitals that is XÃ."""
    words = [number for number, part in enumerate(parts) if number % 2 == 0 and LETTERS.search(part)]
    mended = list(parts)
    for before, number, after in zip([-1, *words], words, [*words[1:], -1], strict=False):
        if parts[number].endswith(f"Ã{_NBSP}"):
            beside = "".join(parts[each] for each in (before, after) if each >= 0)
            read = _read(parts[number].translate(LATIN_1))
            if is_vietnamese(read) and not beside.isupper():
                mended[number] = read
    return mended


def _is_undamaged(word: str) -> bool:
    """Tell whether a word is mojibake that has lost nothing."""
    return HINT.search(word) is not None and not _CUT.search(word.translate(LATIN_1))


def cut_words(text: str, *, mended: bool) -> list[str]:
    """Return the words that lost bytes, and can be more than one word or none; of a text that was not
    `mended` only those that can be nothing else.

    >>> cut_words("Ngày mai trá»i trong, «está»", mended=False), cut_words("«está»", mended=False)
    (['trá»i', '«está»'], [])
    """
    if not mended and not _SURELY_CUT.search(text):
        return []
    return [
        word
        for word in text.split()
        if _CUT.search(word.translate(LATIN_1)) and (not is_vietnamese(word) or word.endswith(("á»", "áº")))
    ]


@lru_cache(maxsize=_REMEMBERED)
def _whole(word: str) -> str:
    """Return a word that has lost nothing, mended if that makes it Vietnamese."""
    if not HINT.search(word) or (is_vietnamese(word) and not CERTAIN.search(word)):
        return word
    read = word
    for _ in range(ROUNDS):
        try:
            read = read.translate(LATIN_1).encode("latin-1").decode("utf-8")
        except UnicodeError:
            break
        if not CERTAIN.search(read) and (is_vietnamese(read) or _has_only_such_letters(read)):
            return read
    return word


def _has_only_such_letters(word: str) -> bool:
    """Tell whether a word is one of letters that only Vietnamese has: no syllable, but a name (Lắk, NSƯT)."""
    return _NO_OTHER.search(word) is not None and is_ordinary(word) and not _FOREIGN.search(word)


def _completed(parts: Sequence[str], lost: str, right: frozenset[int]) -> Iterator[str]:
    """Mend words that have lost bytes; `parts` are words and the gaps between them, in turn. Those of which
    the numbers are `right` are so: they were mended, or stand among good ones ("XÃ HỘI").
    """
    number = 0
    while number < len(parts):
        word, gap, following, after = (*parts[number : number + 4], "", "", "")[:4]
        number += 2
        if number - 2 in right or len(word) > LONGEST or not _CUT.search(word.translate(LATIN_1)):
            yield word + gap
            continue
        if gap.startswith(" ") and len(following) <= LONGEST:  # the no-break space that ends à, maybe
            if _SOFT_HYPHEN in lost and word[:-1].lower() in _BEFORE_I:
                yield (_guess(f"{word}{_SOFT_HYPHEN}", lost) or word) + gap
                continue
            joined = _guess(f"{word}{_NBSP}{following}", lost)
            if gap == " " and joined and not _stands_alone(following):
                yield joined + after
                number += 2
                continue
            if alone := _guess(f"{word}{_NBSP}", lost):
                spaced = len(gap) > 1 or following[:1] in _CLOSING  # "" is in it
                yield alone + (gap[1:] if spaced else gap)
                continue
        yield (_guess(word, lost) or word) + gap


def _stands_alone(word: str) -> bool:
    """Tell whether what follows a cut is a word of its own, or none: a syllable, and more than a vowel."""
    first = LETTERS.match(word)
    return first is None or (len(first[0]) > 1 and is_syllable(first[0]))


@lru_cache(maxsize=_REMEMBERED)
def _guess(word: str, lost: str) -> str:
    """Return the one Vietnamese word that a cut one can have been; nothing where there are two or none."""
    if word[0] in "'\"" and word.count(word[0]) > 1:
        return ""  # a quotation of one word
    pieces = _CUT.split(word.translate(LATIN_1))
    choices = [[piece] for piece in pieces]
    for number in range(1, len(pieces), 3):
        lead, rest = pieces[number : number + 2]
        choices[number : number + 2] = [[""], [lead + byte for byte in _STRAIGHTENED.get(rest, lost)]]
    if prod(map(len, choices)) > _MOST_READINGS:
        return ""
    found = {read for spelled in product(*choices) if _is_likely(read := _read("".join(spelled)))}
    return found.pop() if len(found) == 1 else ""


def _is_likely(read: str) -> bool:
    """Tell whether a guess is Vietnamese, and not two capitals of which one was guessed ("BỠ")."""
    return is_vietnamese(read) and (not read.isupper() or sum(map(str.isascii, read)) > 1)


def _read(seen: str) -> str:
    try:
        return seen.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return ""
