"""JSON lines: the text literal is spliced, every other byte of a record stays as it is.

A record is never rebuilt from parsed values: 1.10, 1e999, NaN, integers of 5,000 digits, the order of
keys and the spaces between them would not survive. The literal of a changed text is written as its
record writes text (raw UTF-8 or escapes), and restored with the very escapes it came with.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from json.decoder import JSONDecodeError, JSONDecoder
from json.decoder import scanstring as _scan_string  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from cleaner.io.formats.base import Record, Source, Span, Stream
from cleaner.io.formats.json_strings import SPELLINGS, literal_length, spelled
from cleaner.io.formats.streams import Lines, StreamFormat, go_to_line
from cleaner.text.codec import decode_clean, encode_clean, looks_binary
from cleaner.text.show import show

if TYPE_CHECKING:
    from cleaner.settings import Settings

_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.S
)
_ESCAPED_STRAY = re.compile(r"\\u[dD][cC][89a-fA-F][0-9a-fA-F]")
_ANY_KEY = re.compile(rb'"[ \t\r\n]*:')  # finds the end of each key, at least
_ODD_ESCAPE = re.compile(rb'\\(?!["\\nrtbf])')
_BEYOND_ASCII = re.compile(rb"[^\x00-\x7f]")
_STRING = msgspec.json.Decoder(str)
_PLAIN = msgspec.json.Decoder(dict[str, str | int | float | bool | None])
_PIECE = 1 << 20
_KINDS = {"null": "null", "true": "true", "false": "false", "[": "a list", "{": "an object", '"': "a string"}

# Numbers stay as written: Python refuses integers of more than 4,300 digits.
_VALUES = JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


class _Fields(msgspec.Struct, frozen=True):
    """The values of a record that matter: where the text literal is, and the id."""

    start: int
    end: int
    text: str
    id: str | None
    origin: str
    date: str


class _Unreadable(Exception):
    """Says why a line is no record."""


class Jsonl(StreamFormat):
    """The format of .jsonl files."""

    blank_line_layout = False
    divisible = True

    def opening_problem(self, line: bytes) -> str | None:
        """Say why the whole file is not JSON lines, where its first line shows it."""
        if line.startswith((b"\xff\xfe", b"\xfe\xff")) or (b"\0" in line[:4] and line[:4].isascii()):
            return "the file is UTF-16; JSON lines are UTF-8"
        if line.strip() == b"[":
            return (
                "the file looks like one JSON array; one record a line is expected (jq -c '.[]' makes that)"
            )
        return looks_binary(line, "utf-8")

    def stream(self, file: BinaryIO, settings: Settings, span: Span) -> Stream:
        """Return the lines that begin in a span; of a file that is no such file, all in the first one."""
        if span.whole:
            return file
        refused = self.opening_problem(file.readline(settings.record_limit + 1))
        file.seek(0)
        if refused:
            return file if span.start == 0 else Lines(file, 0, 0)
        at = go_to_line(file, span.start)
        return Lines(file, at, sys.maxsize if span.end is None else span.end)

    def records(self, file: Stream, settings: Settings, *, opening: bool) -> Iterator[Record]:
        """Yield the lines of the file; what cannot be read is a problem and passes by whole."""
        number = 0
        while raw := file.readline(settings.record_limit + 1):
            number += 1
            if opening and number == 1 and (problem := self.opening_problem(raw)):
                yield Record(number, raw, problem=problem, more=_rest_of_file(file))
            elif len(raw) > settings.record_limit and not raw.endswith(b"\n"):
                problem = f"record over the limit of {settings.record_limit:,} bytes (record_limit)"
                yield Record(number, raw, problem=problem, more=_rest_of_line(file))
            elif not raw.strip():
                yield Record(number, raw)
            else:
                yield _record(number, raw, settings)

    def with_text(self, raw: bytes, source: Source, text: str) -> bytes:
        """Return the record with the literal of `text`."""
        end = source.at + (source.length or literal_length(raw, source.at))
        return _spliced(raw, source.at, end, spelled(text, source.codec[0]))

    def text_of(self, raw: bytes, source: Source) -> str:
        """Return the text of the literal."""
        literal = memoryview(raw)[source.at : source.at + literal_length(raw, source.at)]
        try:
            return _STRING.decode(literal)
        except (msgspec.DecodeError, UnicodeDecodeError):  # half characters, or bytes that are no UTF-8
            return _string_at(decode_clean(bytes(literal)), 1)[0]

    def odd_escapes(self, raw: bytes, source: Source) -> tuple[tuple[int, str], ...]:
        """Return the characters of the text that the literal spells in another way than we would."""
        end = source.at + (source.length or literal_length(raw, source.at))
        if source.codec[0] == "json" and not _ODD_ESCAPE.search(raw, source.at, end):
            return ()
        written = raw[source.at : end]
        if written == spelled(source.text, source.codec[0]):
            return ()
        literal, spell = decode_clean(written), SPELLINGS[source.codec[0]]
        pairs = zip(_TOKEN.findall(literal[1:-1]), source.text, strict=True)
        return tuple((index, token) for index, (token, one) in enumerate(pairs) if spell(one)[1:-1] != token)

    def with_source(self, raw: bytes, source: Source) -> bytes:
        """Return the record with the literal it came with."""
        spelling = source.codec[0]
        if source.escapes:
            pieces = [b'"']
            done = 0
            for index, escape in source.escapes:
                pieces += (spelled(source.text[done:index], spelling)[1:-1], encode_clean(escape))
                done = index + 1
            literal = b"".join((*pieces, spelled(source.text[done:], spelling)[1:-1], b'"'))
        else:
            literal = spelled(source.text, spelling)
        return _spliced(raw, source.at, source.at + literal_length(raw, source.at), literal)

    def split_clean(self, file: BinaryIO, column: str = "") -> Iterator[bytes]:
        """Yield the lines."""
        yield from file


def _spliced(raw: bytes, start: int, end: int, literal: bytes) -> bytes:
    return b"".join((raw[:start], literal, raw[end:]))


def _rest_of_file(file: Stream) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _string_at(line: str, at: int) -> tuple[str, int]:
    """Return the string whose first character, after the quote, is at `at`, and where it ends."""
    text, end = _scan_string(line, at, True)
    return str(text), int(end)


def _rest_of_line(file: Stream) -> Iterator[bytes]:
    while piece := file.readline(_PIECE):
        yield piece
        if piece.endswith(b"\n"):
            return


def _record(number: int, raw: bytes, settings: Settings) -> Record:
    if source := _plain_source(raw, settings):
        return Record(number, raw, source)
    try:
        line, stray = raw.decode(), False
    except UnicodeDecodeError:
        line, stray = decode_clean(raw), True
    try:
        fields = _fields(line, settings)
        codec = _spelling(line[fields.start : fields.end], stray=stray) if fields else ""
    except _Unreadable as error:
        return Record(number, raw, problem=str(error))
    except JSONDecodeError as error:
        return Record(number, raw, problem=_no_json(line, error))
    except RecursionError:
        return Record(number, raw, problem="JSON nested too deeply")
    if fields is None:
        return Record(number, raw)
    at = len(encode_clean(line[: fields.start]))
    length = len(raw) - at - len(encode_clean(line[fields.end :]))
    source = Source(fields.id, fields.text, (codec,), at, (), fields.origin, fields.date, length)
    return Record(number, raw, source)


def _plain_source(raw: bytes, settings: Settings) -> Source | None:
    """Read a record of nothing but strings, numbers and the like in UTF-8, as most are, in a third of the
    time; None for any other.
    """
    try:
        told = _PLAIN.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    text = told.get(settings.text_field)
    key = _text_key(settings.text_field).search(raw)
    if not (key and isinstance(text, str)):
        return None
    at = key.end() - 1
    length = literal_length(raw, at)
    keys = len(_ANY_KEY.findall(raw, 0, at)) + len(_ANY_KEY.findall(raw, at + length))
    if keys != len(told):  # one may stand twice
        return None
    is_ascii = raw.isascii() or not _BEYOND_ASCII.search(raw, at, at + length)
    codec = "json-ascii" if is_ascii and raw.find(b"\\u", at, at + length) > 0 else "json"
    named = []
    for name in (settings.id_field, settings.source_field, settings.priority.date_field):
        value = told.get(name) if name else ""
        if isinstance(value, (int, float)):  # counts as it is written
            return None
        named.append(value or "")
    identity, origin, date = named
    return Source(identity or None, text, (codec,), at, (), origin, date, length)


@lru_cache(maxsize=8)
def _text_key(field: str) -> re.Pattern[bytes]:
    """Return what finds, in a record that holds no list or object, where the text begins.

    It finds no other place: in a string each quote is escaped, and none that ends a string stands before a
    letter. Of a field that begins otherwise it finds nothing.
    """
    key = re.escape(spelled(field, "json")) if field[:1].isalpha() else rb"(?!)"
    return re.compile(rb"[{,][ \t\r\n]*" + key + rb'[ \t\r\n]*:[ \t\r\n]*"')


def _no_json(line: str, error: JSONDecodeError) -> str:
    if error.msg.startswith("Invalid control") and error.pos >= len(line.rstrip("\r\n")):
        return "no JSON: a string is not closed"  # what was found in it is the end of the line
    return f"no JSON: {error.msg.removesuffix(' at')} at column {error.pos + 1}"


def _spelling(literal: str, *, stray: bool) -> str:
    """Return how a literal is spelled; `stray` tells of bytes in its record that are no UTF-8."""
    if stray:
        if _ESCAPED_STRAY.search(literal):
            raise _Unreadable("bytes that are not UTF-8 beside escapes of half characters")
        return "json-bytes"
    return "json-ascii" if literal.isascii() and "\\u" in literal else "json"


def _fields(line: str, settings: Settings) -> _Fields | None:
    """Walk over the keys of one record. None: its text is null, there is nothing to clean."""
    at = _after_space(line, 1 if line.startswith("\ufeff") else 0)
    if line[at : at + 1] != "{":
        raise _Unreadable(f"{_kind(line, at)} instead of an object")
    found: tuple[int, int, str] | None = None
    names = (settings.id_field, settings.source_field, settings.priority.date_field)
    told: dict[str, str] = {}
    seen: set[str] = set()
    at = _after_space(line, at + 1)
    while line[at : at + 1] != "}":
        key, start, end, value = _member(line, at)
        if key in seen:
            raise _Unreadable(f"the key '{show(key)}' stands twice")
        seen.add(key)
        if key == settings.text_field:
            found = start, end, value if isinstance(value, str) else ""
        if key in names and isinstance(value, str):
            told[key] = value
        at = _after_space(line, end)
        if line[at : at + 1] == ",":
            at = _after_space(line, at + 1)
            if line[at : at + 1] != '"':
                raise JSONDecodeError("Expecting a key in quotes", line, at)
        elif line[at : at + 1] != "}":
            raise JSONDecodeError("Expecting , or }", line, at)
    if _after_space(line, at + 1) != len(line):
        raise _Unreadable("more than one value on the line")
    if found is None:
        raise _Unreadable(f"no field {settings.text_field!r} (text_field)")
    if line.startswith('"', found[0]):
        identity, origin, date = (told.get(name, "") if name else "" for name in names)
        return _Fields(*found, identity or None, origin, date)
    if line.startswith("n", found[0]):
        return None
    raise _Unreadable(f"{settings.text_field!r} is {_kind(line, found[0])} instead of a string")


def _member(line: str, at: int) -> tuple[str, int, int, object]:
    """Read `"key": value` at `at`; return key, start and end of the value, and the value."""
    if line[at : at + 1] != '"':
        raise JSONDecodeError("Expecting a key in quotes", line, at)
    key, at = _string_at(line, at + 1)
    at = _after_space(line, at)
    if line[at : at + 1] != ":":
        raise JSONDecodeError("Expecting :", line, at)
    start = _after_space(line, at + 1)
    value, end = _VALUES.raw_decode(line, start)
    return key, start, end, value


def _after_space(line: str, at: int) -> int:
    found = _SPACE.match(line, at)
    return found.end() if found else at


def _kind(line: str, at: int) -> str:
    for start, kind in _KINDS.items():
        if line.startswith(start, at):
            return kind
    return "a number" if line[at : at + 1] in "-0123456789" else "something else"
