"""The code pages in which Vietnamese was written before Unicode, as their letters are seen today.

Such a text comes in one of four forms: as bytes that are no UTF-8, as the characters that Windows-1252
has in the places of these bytes, as those of Latin-1 (then 80 to 9F are controls), or as those of
Windows-1254, which detectors of charsets take them for. The tables in `data/` name the sources of each
letter; where sources disagree, the majority holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from unicodedata import normalize

from msgspec import Struct

from cleaner.vietnamese.syllables import TONES
from cleaner.vietnamese.tables import rows

FORMS = ("windows-1252", "latin-1", "bytes", "windows-1254")
# Signs that Word and PDF put in the place of a letter: minus, bullets, Greek mu.
_TCVN3_VARIANTS = {"\u2212": "\xad", "\u2022": "\xb7", "\u2219": "\xb7", "\u03bc": "\xb5"}
# Letters of Windows-1252 as Windows-1254 shows them, which detectors of charsets take old files for.
_TURKISH = {0xD0: "Ğ", 0xDD: "İ", 0xDE: "Ş", 0xF0: "ğ", 0xFD: "ı", 0xFE: "ş"}
_LETTERS_FROM, _LETTERS_TO = 0xC0, 0x1F00
_HIDDEN = 0xF0000  # private use
_HIDDEN_LETTER = re.compile(f"[{chr(_HIDDEN + _LETTERS_FROM)}-{chr(_HIDDEN + _LETTERS_TO)}]")
_ENTITY = re.compile(r"&#(?:0*(\d{3,4})|[xX]0*([0-9a-fA-F]{2,4}));")


def shown_by(codec: str, stop: int = 0x100) -> dict[int, str]:
    """Return how a code page shows the bytes from 80 to `stop`; those that it has not are as in Latin-1."""
    pairs = ((byte, bytes([byte]).decode(codec, "replace")) for byte in range(0x80, stop))
    return {byte: chr(byte) if seen == "\ufffd" else seen for byte, seen in pairs}


WINDOWS_1252 = shown_by("windows-1252", 0xA0)  # from there on it is Latin-1
LATIN_1 = {ord(shown): chr(byte) for byte, shown in WINDOWS_1252.items()}


class CodePage(Struct, frozen=True, eq=False, dict=True):
    """A code page: `letters` maps what Latin-1 shows, one or two characters, to a letter."""

    name: str
    title: str
    letters: Mapping[str, str]
    variants: Mapping[str, str]
    capitals: bool = True  # has capitals with tone; otherwise a font for capitals shows small ones so

    def read(self, seen: str) -> str:
        """Return the text of what is seen as Windows-1252 or Latin-1, or a mixture of both.

        >>> page("vni").read("Boä tröôûng"), page("tcvn3").read("Bé tr\\xadëng")
        ('Bộ trưởng', 'Bộ trưởng')
        """
        text = shown(self._substituted(seen)).translate(WINDOWS_1252)
        return text if text.isascii() else normalize("NFC", text)

    def written(self, text: str, form: str) -> str:
        """Return `text` as it is seen in one of `FORMS`: the inverse of reading, where there is one."""
        seen = text.translate(self._written)
        if form == "latin-1":
            return seen.translate(LATIN_1)
        shown = seen.translate(WINDOWS_1252)
        if form == "windows-1252":
            return shown
        if form == "windows-1254":
            return shown.translate(_TURKISH)
        data = shown.translate(LATIN_1).encode("latin-1")
        return data.decode("utf-8", "surrogateescape")

    @cached_property
    def _singles(self) -> dict[int, str]:
        singles = {ord(seen): letter for seen, letter in self.letters.items() if len(seen) == 1}
        shown = {ord(WINDOWS_1252[seen]): letter for seen, letter in singles.items() if seen in WINDOWS_1252}
        variants = {ord(sign): self.letters[seen] for sign, seen in self.variants.items()}
        turkish = {ord(_TURKISH[seen]): letter for seen, letter in singles.items() if seen in _TURKISH}
        return turkish | shown | variants | singles

    @cached_property
    def _substituted(self) -> Callable[[str], str]:
        """Return what reads all letters at once; the mark of one with two characters may be of any case."""
        singles = self._singles
        pairs = {seen: letter for seen, letter in self.letters.items() if len(seen) == 2}
        if not pairs:
            return lambda text: text.translate(singles)
        read = {seen[0] + seen[1].swapcase(): letter for seen, letter in pairs.items()} | pairs
        read |= {chr(seen): letter for seen, letter in singles.items()}
        longest_first = sorted(read, key=lambda seen: (-len(seen), seen))
        pattern = re.compile("|".join(map(re.escape, longest_first)))
        return lambda text: pattern.sub(lambda found: read[found[0]], text)

    @cached_property
    def _written(self) -> dict[int, str]:
        """Return what is seen where a letter was written."""
        letters = {letter: seen for seen, letter in self.letters.items()}
        if not self.capitals:
            small = {letter.upper(): seen for letter, seen in letters.items() if letter.islower()}
            letters = small | letters
        return {ord(letter): seen for letter, seen in letters.items()}


class _Capitals(CodePage, frozen=True):
    """A code page without capitals in a font that shows its small letters as such."""

    @cached_property
    def _written(self) -> dict[int, str]:
        small = {
            ord(letter.upper()): seen
            for seen, letter in self.letters.items()
            if letter.islower() and len(letter.upper()) == 1
        }
        return super()._written | small


class _Windows1258(CodePage, frozen=True):
    """Windows-1258: letters with their shape, tones as combining marks behind them."""

    composed = False  # whether à, é and the like, which the code page has as one letter, are written as one

    @cached_property
    def _written(self) -> dict[int, str]:
        own = {letter: seen for seen, letter in self.letters.items()}
        return {ord(letter): self._spelled(letter, own) for letter in {*own, *every_letter()}}

    def _spelled(self, letter: str, own: Mapping[str, str]) -> str:
        parts = normalize("NFD", letter)
        tone = "".join(mark for mark in parts if mark in TONES)
        if not tone or letter in TONES or (self.composed and letter in own):
            return own.get(letter, letter)
        shaped = normalize("NFC", "".join(mark for mark in parts if mark not in TONES))
        return "".join(own.get(part, part) for part in shaped + tone)


class _Windows1258Composed(_Windows1258, frozen=True):
    """The same with letters of one piece where there are such."""

    composed = True


@cache
def every_letter() -> frozenset[str]:
    """Return the letters of Vietnamese beyond ASCII, capitals and small ones: 134."""
    return frozenset(_letters_of("viscii").values())


def hidden(text: str) -> str:
    """Return `text` with the letters that stand as numeric entities in places that no code page reads.

    A form on a page in Windows-1258 sent what the code page lacks as entities: beside them ý is ư, as an
    entity it is ý.
    """
    return _ENTITY.sub(_hidden_letter, text)


def _hidden_letter(found: re.Match[str]) -> str:
    code = int(found[1]) if found[1] else int(found[2], 16)
    return chr(_HIDDEN + code) if _LETTERS_FROM <= code < _LETTERS_TO else found[0]


def shown(text: str) -> str:
    """Return `text` with what `hidden` has hidden as letters."""
    if text.isascii():
        return text
    return _HIDDEN_LETTER.sub(lambda found: chr(ord(found[0]) - _HIDDEN), text)


def as_latin_1(text: str) -> str:
    """Return the bytes of a text that was read as UTF-8 as far as it is, one character each."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


@cache
def pages() -> tuple[CodePage, ...]:
    """Return every code page that the detector knows."""
    windows = _windows_1258()
    return (
        CodePage("tcvn3", "TCVN3 (ABC)", _letters_of("tcvn3"), _TCVN3_VARIANTS, capitals=False),
        CodePage("vni", "VNI", _letters_of("vni"), {}),
        CodePage("viscii", "VISCII", _letters_of("viscii"), {}),
        CodePage("vps", "VPS", _letters_of("vps"), {}),
        _Windows1258("cp1258", "Windows-1258", windows, {}),
    )


@cache
def page(name: str) -> CodePage:
    """Return a code page by name. Raises LookupError if there is none."""
    if name == "tcvn3-capitals":
        return _Capitals(name, "TCVN3 (ABC)", _letters_of("tcvn3"), _TCVN3_VARIANTS, capitals=False)
    if name == "cp1258-composed":
        return _Windows1258Composed(name, "Windows-1258", _windows_1258(), {})
    for each in pages():
        if each.name == name:
            return each
    raise LookupError(f"no code page {name!r}")


def _letters_of(name: str) -> dict[str, str]:
    return {
        bytes.fromhex(row["bytes_hex"]).decode("latin-1"): row["unicode"]
        for row in rows(name)
        if row["kind"] == "letter"
    }


def _windows_1258() -> dict[str, str]:
    """Return what is other than in Windows-1252."""
    found = {}
    for byte in range(0xC0, 0x100):
        letter = bytes([byte]).decode("windows-1258")
        found[chr(byte)] = letter
    return found
