"""Every way in which Vietnamese text breaks, as functions that break a text: for measuring repairs.

Written apart from the package, of whose code only the reading of bytes is used, so that a fault of its
codecs cannot hide in its tests. The tables are files of tab-separated values, with the columns `bytes_hex`
(or `viqr`) and `unicode`. A breakage can write a text if a reader of the same table gets that very text
back, longest letter first: "ta." is no VIQR, because it reads "tạ", and "Ấ" no TCVN3, which has no capitals
with tone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from unicodedata import normalize

import cleaner
from cleaner.text.codec import decode

TABLES = Path(cleaner.__file__).parent / "vietnamese" / "data"

_ASCII = {chr(code): bytes([code]) for code in (0x09, 0x0A, *range(0x20, 0x7F))}
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_WORD = re.compile(r"[^\W\d_]+")
_Write = Callable[[str], bytes | None]  # None for a text that cannot be written


@dataclass(frozen=True, slots=True)
class Breakage:
    """One breakage. `broken` gives the text that arrives, None where the breakage cannot write the text.

    `meant` makes of a text the one that is broken and must come back: itself, or all in capitals.
    """

    name: str
    form: str
    broken: Callable[[str], str | None]
    meant: Callable[[str], str] = str


def breakages(tables: Path) -> Iterator[Breakage]:
    """Yield all breakages, with the tables of a folder."""
    letters = {name: _letters(tables / f"{name}.tsv") for name in ("tcvn3", "vni", "viscii", "vps", "viqr")}
    vietnamese = frozenset(letters["viscii"])
    for name, write in _legacy(letters, vietnamese).items():
        for form, see in _VIEWS.items():
            yield Breakage(name, form, _then(write, see), _MEANT.get(name, str))
    yield Breakage("viqr", "ascii", _then(_writer(_ASCII | letters["viqr"]), _latin1))
    yield Breakage("nfd", "decomposed", lambda text: normalize("NFD", text))
    yield Breakage("composite", "composite", _by_letter({each: _composite(each) for each in vietnamese}))
    for form, see in (("windows-1252", _windows1252), ("latin-1", _latin1)):
        for times in (1, 2, 3):
            yield Breakage(f"mojibake-x{times}", form, _mojibake(see, times))
        yield Breakage("mojibake-word", form, _one_word(_mojibake(see, 1)))


def _legacy(letters: Mapping[str, Mapping[str, bytes]], vietnamese: frozenset[str]) -> dict[str, _Write]:
    """Return what writes each old encoding."""
    tcvn3, capitals = _writer(_with_cp1252(letters["tcvn3"])), _writer(_capitals(letters["tcvn3"]))
    return {
        "tcvn3": tcvn3,
        "tcvn3-capitals": capitals,
        "tcvn3-headline": _first_line(capitals, tcvn3),
        "vni": _writer(_with_cp1252(letters["vni"])),
        "viscii": _writer({**_ASCII, **letters["viscii"]}),
        "vps": _writer({**_ASCII, **letters["vps"]}),
        "cp1258": _writer(_cp1258(vietnamese, short=False)),
        "cp1258-short": _writer(_cp1258(vietnamese, short=True)),
    }


def _first_line(write_first: _Write, write_rest: _Write) -> _Write:
    """Return what writes the first line in one way and the rest in another."""

    def write(text: str) -> bytes | None:
        first, rest = (
            each(part) for each, part in zip((write_first, write_rest), _headline(text), strict=True)
        )
        return None if first is None or rest is None else first + rest

    return write


def _headline(text: str) -> tuple[str, str]:
    first, newline, rest = text.partition("\n")
    return first, newline + rest


def _headline_in_capitals(text: str) -> str:
    first, rest = _headline(text)
    return first.upper() + rest


_MEANT = {"tcvn3-capitals": str.upper, "tcvn3-headline": _headline_in_capitals}


def _letters(path: Path) -> dict[str, bytes]:
    """Read a table: the bytes of each letter. Rows of another `kind` are left out."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line]
    heads, *rows = (row for row in rows if not row[0].startswith("#"))
    records = [dict(zip(heads, row, strict=True)) for row in rows]
    return {
        row["unicode"]: bytes.fromhex(row["bytes_hex"]) if "bytes_hex" in row else row["viqr"].encode("ascii")
        for row in records
        if row.get("kind", "letter") == "letter"
    }


def _with_cp1252(letters: Mapping[str, bytes]) -> dict[str, bytes]:
    """Add ASCII and what Windows has in the places that the letters leave: quotes, dashes, signs."""
    taken = {byte for code in letters.values() for byte in code}
    free = (bytes([byte]) for byte in range(0x80, 0x100) if byte not in taken)
    signs = {code.decode("cp1252"): code for code in free if code not in _UNDEFINED}
    return signs | _ASCII | dict(letters)


def _capitals(letters: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return TCVN3 as capital fonts (.VnTimeH) show it: the bytes of small letters are capitals."""
    units = {char: code for char, code in _with_cp1252(letters).items() if char.upper() == char.lower()}
    ascii_capitals = {char: code for char, code in _ASCII.items() if char.isupper()}
    return units | ascii_capitals | {char.upper(): code for char, code in letters.items() if char.islower()}


def _cp1258(vietnamese: frozenset[str], *, short: bool) -> dict[str, bytes]:
    """Return cp1258: tones as marks behind their letter; `short`: save where it has the letter whole.

    Keyboards write the long form, converters (iconv, Windows) the short one.
    """
    units: dict[str, bytes] = {}
    for byte in range(0x80, 0x100):
        if char := bytes([byte]).decode("cp1258", "ignore"):
            units[char] = bytes([byte])
    for char in sorted(vietnamese):
        if not short or char not in units:
            units[char] = _composite(char).encode("cp1258")
    return {char: code for char, code in units.items() if char not in _TONES} | _ASCII


def _composite(text: str) -> str:
    """Return a letter with its shape in one character and its tone behind it."""
    parts = normalize("NFD", text)
    base = "".join(part for part in parts if part not in _TONES)
    return normalize("NFC", base) + "".join(part for part in parts if part in _TONES)


def _by_letter(units: Mapping[str, str]) -> Callable[[str], str]:
    table = str.maketrans(dict(units))
    return lambda text: text.translate(table)


def _writer(units: Mapping[str, bytes]) -> _Write:
    """Return what writes a text by a table: the bytes, None for a text that does not come back."""
    read = {code: char for char, code in units.items()}
    longest_first = sorted(read, key=len, reverse=True)
    unit = re.compile(b"|".join(map(re.escape, longest_first)), re.DOTALL)

    def write(text: str) -> bytes | None:
        if not units.keys() >= set(text):
            return None
        data = b"".join([units[char] for char in text])
        back = "".join([read[found] for found in unit.findall(data)])
        return data if back == text else None

    return write


def naive_viqr(text: str) -> str | None:
    """Return a text in VIQR as people type it, who tell no dot or question mark from a mark; None where it
    has other letters or signs.
    """
    units = _viqr(TABLES)
    return b"".join([units[char] for char in text]).decode() if units.keys() >= set(text) else None


@cache
def _viqr(tables: Path) -> dict[str, bytes]:
    return _ASCII | _letters(tables / "viqr.tsv")


def _then(write: _Write, see: Callable[[bytes], str]) -> Callable[[str], str | None]:
    def broken(text: str) -> str | None:
        data = write(text)
        return None if data is None else see(data)

    return broken


_UNDEFINED = frozenset([b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"])  # in cp1252
_FROM_C1 = {
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if bytes([byte]) not in _UNDEFINED
}


def _latin1(data: bytes) -> str:
    return data.decode("latin-1")


def _windows1252(data: bytes) -> str:
    """Read cp1252 as browsers do: the five undefined bytes become C1 controls."""
    return data.decode("latin-1").translate(_FROM_C1)


def _arrived(data: bytes) -> str:
    """Read bytes as the package reads a file."""
    return decode(data).text


_VIEWS: dict[str, Callable[[bytes], str]] = {
    "bytes": _arrived,
    "windows-1252": _windows1252,
    "latin-1": _latin1,
}


def mojibake_windows1252(text: str) -> str:
    """Return UTF-8 read as cp1252, once."""
    return _windows1252(text.encode("utf-8"))


def _mojibake(see: Callable[[bytes], str], times: int) -> Callable[[str], str]:
    def broken(text: str) -> str:
        for _ in range(times):
            text = see(text.encode("utf-8"))
        return text

    return broken


def _one_word(breaks: Callable[[str], str]) -> Callable[[str], str]:
    """Return what breaks one word of each line, drawn by the line itself."""

    def broken_line(line: str) -> str:
        words = [found.span() for found in _WORD.finditer(line) if not found[0].isascii()]
        if not words:
            return line
        start, end = Random(line).choice(words)
        return line[:start] + breaks(line[start:end]) + line[end:]

    return lambda text: "\n".join(map(broken_line, text.split("\n")))
