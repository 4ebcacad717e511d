"""VIQR: Vietnamese in ASCII, as RFC 1456 spells it: a vowel, its shape, its tone (Vie^.t Nam).

The marks are punctuation, too. A dot or a question mark behind a vowel is one at the end of a line, and
before a capital where the word with a full stop is the more frequent one; everywhere else it is a tone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from cleaner.vietnamese.syllables import is_syllable
from cleaner.vietnamese.tables import rows
from cleaner.vietnamese.words import LETTERS, LONGEST, is_vietnamese

# Text that has none of these is no VIQR: a vowel with a shape, as no other writing has it.
HINT = re.compile(r"(?<=[aeouAEOU])[\^(+*]")
_WORD = re.compile(r"[^ \t\r\n]+")
_CORE = re.compile(r"[A-Za-z][A-Za-z\^(+*'`?~.\\]*")
_NEXT = re.compile(r"[^A-Za-z0-9\r\n]{0,40}+([A-Za-z0-9])")
_ONLY_DD = re.compile("[A-Za-z]*[a-z]dd?[a-z]*|[a-z]*dd[a-z]*")  # Teddy
_WITH_BOTH = 3  # characters of a vowel with its shape and its tone, in any order
_INITIAL = re.compile(r"[A-Z]\.")
_ADDRESS = re.compile(r"[A-Za-z]+(?:\.[A-Za-z]+)+\.?")  # edu.vn
_D_DASH = re.compile(r"(?<![A-Za-z])([dD])-([aeiouyAEIOUY].*)")
_ESCAPED = re.compile(r"\\(?=[(+*^'`?~.dD\\])")
_FEWEST = 4  # words with marks, as many different ones
_SHARE_MARKED, _SHARE_VALID = 0.3, 0.85  # of all words; of those with marks
_SHARE_OF_WORDS = 0.6  # that must be syllables once read, of all words
# Syllables that end a sentence more often than, with a dot below, they stand before a capital: counted in
# 20,000 news articles.
_DOT_ENDS = """
a ba bay ca cao cha cho chơi chưa coi con duy e em ga gia giao giây hay i khai khuya kia la ly ma mưa mưu
nay ngay nha nhau nơi o phi qua quay quê ra rơi sao sau ta tay thai theo tra tây tô xa xao xe y yêu âu ô
đi đâu đây ơ
"""
# Likewise those that end a question more often than, with hỏi, they stand before a capital or at an end.
_ASKING = "ai chưa hay kia lai lâu nhau nhiêu ra sai sao sau ta tôi xưa yêu đi đây đâu à ơi ư"
_ENDS = {".": frozenset(_DOT_ENDS.split()), "?": frozenset(_ASKING.split())}
# Syllables that with a dot below end a line without a full stop more often than they end it with one.
_DOT_TONES = """
bai bô chay chiu chơ day di doa dôi hiêu ho hoai hui huê hâu hôi liêu loai lây lô lơi mao me ngai nghê
ngoai nhe nhâu nhưa nôi nơ rui rô rơ rươu sây tao thoai triêu tro trê trơ tuê tê vu vê vơ đao đia
"""
_ENDS_WITH_DOT = frozenset(_DOT_TONES.split())
_CLOSING = "\")'»”"


def read(text: str) -> str:
    """Return the text that VIQR spells.

    >>> read("Bo^. tru+o+?ng ddi ra. DDo'ng vai."), read("A^'y la` ba.n!")
    ('Bộ trưởng đi ra. Đóng vai.', 'Ấy là bạn!')
    """
    return _WORD.sub(
        lambda found: (
            found[0] if len(found[0]) > LONGEST else _read_word(found[0], _what_follows(text, found.end()))
        ),
        text,
    )


def is_mostly_viqr(lines: Iterable[str]) -> bool:
    """Tell whether most of the text of some lines is VIQR by itself."""
    lengths = Counter[bool]()
    for line in lines:
        lengths[is_viqr(line)] += len(line)
    return lengths[True] > lengths[False]


def is_viqr(text: str, *, beside_others: bool = False) -> bool:
    """Tell whether a text is VIQR: enough words with marks, and nearly all of them syllables. Half of
    those with marks are enough `beside_others`.

    >>> is_viqr("Bo^. tru+o+?ng Lu+o+ng Tam Quang ho^.i kie^'n"), is_viqr("f(x) = a^2 + b^2, or so?")
    (True, False)
    """
    if not text.isascii() or not (beside_others or HINT.search(text)):
        return False
    words = [found[0] for found in _WORD.finditer(text) if len(found[0]) <= LONGEST]
    read_words = [LETTERS.findall(word) for word in read(text).split()]
    pieces = [piece for found in read_words for piece in found]
    marked = [word for word in words if (core := _CORE.search(word)) and not core[0].rstrip(".?'").isalpha()]
    valid = {word for word in marked if is_vietnamese(_read_word(word, "a"))}
    if beside_others:
        return 2 * sum(word in valid for word in marked) > len(marked)
    return (
        len(valid) >= _FEWEST
        and len(marked) >= _SHARE_MARKED * len(words)
        and sum(word in valid for word in marked) >= _SHARE_VALID * len(marked)
        and sum(map(is_syllable, pieces)) >= _SHARE_OF_WORDS * len(pieces)
    )


def _what_follows(text: str, end: int) -> str:
    """Return the first letter or digit after a word, on the same line; nothing at its end."""
    found = _NEXT.match(text, end)
    return found[1] if found else ""


@lru_cache(maxsize=50_000)
def _read_word(word: str, following: str) -> str:
    """Return what stands between two spaces, read; `following` is the next letter of the line."""
    word = _D_DASH.sub(_with_dd, word)
    pieces: list[str] = []
    done = 0
    for core in _CORE.finditer(word):
        pieces += (word[done : core.start()], _read_core(core[0], word[core.end() :], following))
        done = core.end()
    return "".join((*pieces, word[done:]))


def _with_dd(found: re.Match[str]) -> str:
    """Return D- or -D as DD where a syllable follows: another way to spell Đ."""
    core = _CORE.match(found[2])
    return found[1] * 2 + found[2] if core and is_syllable("đ" + _letters(core[0])) else found[0]


def _read_core(spelled: str, after: str, following: str) -> str:
    """Return letters and marks read, with the sign at their end as punctuation where it is that."""
    if (
        spelled != "dd"
        and _ONLY_DD.fullmatch(spelled.rstrip(".?"))
        and not is_syllable(_letters(spelled.rstrip(".?")))
    ):
        return spelled
    if spelled.endswith("...."):
        return _letters(spelled[:-3]) + "..."
    stem = spelled.rstrip(".") if spelled.endswith("...") else spelled[:-1]
    toned, plain = _letters(spelled), _letters(stem) + spelled[len(stem) :]
    if _ADDRESS.fullmatch(spelled) and not (is_syllable(toned) or is_syllable(plain.rstrip("."))):
        return spelled
    if spelled[-1] not in ".?" or toned == plain or spelled[-2:] == "..":
        return plain if spelled.endswith("...") else toned
    if not is_syllable(toned.rstrip(".?")) or _INITIAL.fullmatch(spelled):
        return plain
    return plain if is_syllable(_letters(stem)) and _ends(stem, spelled[-1], after, following) else toned


def _ends(stem: str, sign: str, after: str, following: str) -> bool:
    """Tell whether a sign behind a syllable ends a sentence; `after` are the signs between it and a space."""
    if after.strip(_CLOSING):
        return False
    syllable = _letters(stem).lower()
    if sign == "?" or following:
        return (not following or following.isupper()) and syllable in _ENDS[sign]
    return syllable not in _ENDS_WITH_DOT


def _letters(spelled: str) -> str:
    return "".join(_pieces(spelled))


def _pieces(spelled: str) -> Iterator[str]:
    done = 0
    for found in _pattern().finditer(spelled):
        yield spelled[done : found.start()]
        yield found[0][1:] if found[0][0] == "\\" else _table()[found[0]]
        done = found.end()
    yield spelled[done:]


@cache
def _table() -> dict[str, str]:
    table = {row["viqr"]: row["unicode"] for row in rows("viqr")} | {"Dd": "Đ"}
    table |= {spelled.replace("+", "*"): letter for spelled, letter in table.items()}
    both = {spelled: letter for spelled, letter in table.items() if len(spelled) == _WITH_BOTH}
    return table | {spelled[0] + spelled[2] + spelled[1]: letter for spelled, letter in both.items()}


@cache
def _pattern() -> re.Pattern[str]:
    spelled = sorted(_table(), key=lambda each: (-len(each), each))
    return re.compile(rf"{_ESCAPED.pattern}.|{'|'.join(map(re.escape, spelled))}")
