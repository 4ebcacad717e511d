"""VIQR: what stands between two spaces, read as far as it can be without the words around it."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple
from unicodedata import normalize

from cleaner.vietnamese.syllables import is_syllable, syllables
from cleaner.vietnamese.viqr_letters import spelled
from cleaner.vietnamese.words import LETTERS, LONGEST, is_of_one_case

CORE = re.compile(r"[A-Za-z][A-Za-z\^(+*'`?~.\\]*")
_URL = re.compile(r"://|@|\bwww\.", re.I)
_DOMAIN = re.compile(
    r"(?:[A-Za-z]+\.)+(?:vn|com|net|org|edu|gov|info|biz|tv|me|io|co|eu|uk|us|fr|de|jp|cn|kr|asia)\.?", re.I
)
_ESCAPE = re.compile(r"\\(?=[.?'(*+])")
_D_DASH = re.compile(r"(?<![A-Za-z])([dD])-([aeiouyAEIOUY].*)")
# Signs that may end what stands before them: those of tones, with a letter behind, and behind a shape with
# more than the end of a syllable (ngie^.p); others before a capital.
_CODA = r"(?:[cnp]|[cn]h|ng|[mt])(?![A-Za-z\d.])"
_MAY_END = re.compile(
    rf"(?<=[aeiouyAEIOUY])[.?](?=[A-Za-z])|(?<=[\^(+*])[.?](?=[A-Za-z])(?!{_CODA})|(?<=[aeiouy])[('](?=[A-Z])"
)
_INITIALS = re.compile(r"(?:(?:DD|[A-Z])\.)+(?=DD$|[A-Z])")
_LAST_INITIAL = re.compile(r"(?:(?:DD|[A-Z])\.)+[AEIOUY]\.|[AEIOY]\.")
_ONLY_INITIALS = re.compile(r"(?:(?:DD|[A-Z])\.)+(?:DD|[A-Z])\.?")
_POSSESSIVE = re.compile(r"[A-Za-z]{3,}'s")
_IRISH = re.compile(r"O'[A-Z][a-z]+")
# Where dd may be no đ: Teddy, HDD, DDoS; and where it is not clear which two are.
_MAY_BE_DD = re.compile(r"DDD|^HDD\b|^DDR\b|^DDo?S\b|[A-Za-z]dd|[a-z][A-Z]*DD")
_MARKED_DD = re.compile(r"[a-zA-Z]đ[ăâêôơưà-ýạ-ỹ]")  # Kđăm: another mark tells that it is one
_OMISSION = "..."


class Word(NamedTuple):
    """A word read, with signs around it. Where its last letter and sign may be a letter with a tone, `sign`
    is that sign, `toned` the word with and `plain` without the tone, `closers` what stands behind; else
    `plain` is all. Not `sure`: it may be read in another way than this.
    """

    plain: str
    toned: str = ""
    sign: str = ""
    closers: str = ""
    sure: bool = True


@lru_cache(maxsize=50_000)
def read_word(word: str) -> Word:
    """Return what stands between two spaces, read.

    >>> read_word('"ta.",')
    Word(plain='"ta', toned='"tạ', sign='.', closers='",', sure=True)
    >>> read_word("DDa('k"), read_word("edu.vn").plain, read_word("vie.c").plain, read_word("qua.Theo").sure
    (Word(plain='Đắk', toned='', sign='', closers='', sure=True), 'edu.vn', 'viẹc', False)
    """
    if len(word) > LONGEST or _URL.search(word):
        return Word(_ESCAPE.sub("", word))
    word = _D_DASH.sub(_with_dd, word)
    text, sure, done = "", True, 0
    cores = list(CORE.finditer(word))
    for core in cores[:-1]:
        inner, is_sure = _inside(core[0])
        text, sure, done = f"{text}{word[done : core.start()]}{inner}", sure and is_sure, core.end()
    if not cores:
        return Word(word)
    head, closers = text + word[done : cores[-1].start()], word[cores[-1].end() :]
    last = _last(cores[-1][0], closers)
    toned = head + last.toned if last.toned else ""
    return Word(head + last.plain, toned, last.sign, last.closers, sure and last.sure)


def _with_dd(found: re.Match[str]) -> str:
    """Return D- or -D as DD where a syllable follows: another way to spell Đ."""
    core = CORE.match(found[2])
    return found[1] * 2 + found[2] if core and is_syllable("đ" + spelled(core[0])) else found[0]


def _last(core: str, closers: str) -> Word:
    """Return letters and marks that end a word, read."""
    body = core.rstrip(".?'")
    signs = core[len(body) :]
    if body.endswith("\\"):
        return _whole(core, closers)
    is_omission = signs.startswith(_OMISSION) and not signs.startswith(f".{_OMISSION}")  # a tone and one
    if not signs or is_omission or _LAST_INITIAL.fullmatch(body + signs[:1]):
        return _whole(body, signs + closers)
    return _ended(body + signs[0], signs[1:] + closers)


def _whole(core: str, closers: str) -> Word:
    text, sure = _inside(core)
    return Word(text + closers, sure=sure)


def _ended(core: str, closers: str) -> Word:
    """Return letters and marks whose last sign may be a tone, read."""
    stem, sign = core[:-1], core[-1]
    (plain, plain_is_sure), (toned, toned_is_sure) = _inside(stem), _inside(core)
    if toned.endswith(sign):
        return Word(plain + sign + closers, sure=plain_is_sure)
    return Word(plain, toned, sign, closers, plain_is_sure or toned_is_sure)


def _inside(core: str) -> tuple[str, bool]:
    """Return letters and marks read, and whether they have no other reading."""
    text = spelled(core)
    pieces = LETTERS.findall(text)
    if _MAY_BE_DD.search(core) and not all(map(_is_right, pieces)) and not _MARKED_DD.search(text):
        return text, False
    if _ONLY_INITIALS.fullmatch(core):
        return core.replace("DD", "Đ"), True
    if not _MAY_END.search(core) or all(map(_is_right, pieces)):
        return text, True
    if found := _INITIALS.match(core):
        rest, sure = _inside(core[found.end() :])
        return found[0].replace("DD", "Đ") + rest, sure
    if _DOMAIN.fullmatch(core):
        return core, True
    if _POSSESSIVE.fullmatch(core) or _IRISH.fullmatch(core):
        return core, True
    return text, all(_is_right(piece) or _is_misspelled(piece) for piece in pieces)


def _is_right(piece: str) -> bool:
    return piece.isascii() or (is_syllable(piece) and is_of_one_case(piece))


def _is_misspelled(piece: str) -> bool:
    """Tell whether a word lacks a shape (viẹc), or is two words without a space, the first without its tone
    at the end, where the sign would be a full stop without a space.
    """
    if _bare(piece) in _bare_syllables():
        return is_of_one_case(piece)
    parts = [(piece[:at], piece[at:]) for at in range(1, len(piece))]
    return any(
        _bare(one[-1]) == one[-1].lower()
        and all(is_syllable(part) and is_of_one_case(part) for part in (one, two))
        for one, two in parts
    )


def _bare(word: str) -> str:
    """Return a word without its marks, in small letters."""
    letters = normalize("NFD", word.lower().replace("đ", "d"))
    return "".join(letter for letter in letters if letter.isascii())


@cache
def _bare_syllables() -> frozenset[str]:
    return frozenset(map(_bare, syllables()))
