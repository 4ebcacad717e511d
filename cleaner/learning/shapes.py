"""What a line may share with others: its own words, or its words with names, dates and numbers left open.

Each way to read a line is a key; keys of several lines that are the same make one rule. A line of an old
newspaper page reads as "ảnh: {NAME}" as well as "{NAME}: {NAME}"; which of them is a rule is told by what
recurs (`evidence.py`), not by a list of words.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import msgspec
import regex

from cleaner.text.normalize import matching_form

Kind = Literal["line", "end", "start"]

HIDDEN = regex.compile(r"\p{C}")  # controls, marks without a shape, stray bytes: no rule holds them
LONGEST = 120  # characters of a line, or of a part, that may recur
_WORDS = 16
_OPEN_WORDS = 12  # of a line with open places
_REST = 20  # characters that stand beside a part, at least
_TOKEN = regex.compile(
    r"(?P<DATE>\d{1,2}[/.-]\d{1,2}[/.-]\d{4})(?!\d)|(?P<TIME>\d{1,2}[:hg]\d{2}(?::\d{2})?)(?!\w)"
    r"|(?P<LINK>(?:https?://|www\.)\S+)|(?P<NUMBER>\d+(?:[.,]\d+)*)"
    r"|(?P<NAME>\p{Lu}[\w.’'-]*(?<![.-])\.?(?:[ ]\p{Lu}[\w.’'-]*(?<![.-])){0,4})|(?P<word>[\w\p{M}]+)"
    r"|(?P<space>\s+)|(?P<sign>.)"
)
_PATTERNS = {
    "NAME": "{NAME}",
    "DATE": "{DATE}",
    "TIME": "{TIME}",
    "NUMBER": r"\d+(?:[.,]\d+)*",
    "LINK": r"(?:https?://|www\.)\S+",
}
_MARKS = {name: chr(0xFDD0 + number) for number, name in enumerate(_PATTERNS)}  # no characters of any text
_SIGNS = {mark: name for name, mark in _MARKS.items()}
_OPENED = regex.compile("([\ufdd0-\ufddf])")
_TAIL = " .!…:;,"  # signs at the end, with which and without a line is the same
_BRACKET_END = regex.compile(r"\s*[(\[][^()\[\]]{3,60}[)\]][.!]?\Z")
_DASH_END = regex.compile(r"\s+[-–—|]\s+[^-–—|]{3,50}\Z")
_COLON_END = regex.compile(r"(?<=[.!?…”\"])\s+\p{L}+(?: \p{L}+){0,2}:\s*[^:.!?]{2,45}\.?\Z")
_BRACKET_START = regex.compile(r"[(\[][^()\[\]]{2,40}[)\]]\s*[-–—:]?\s+")
_DASH_START = regex.compile(r"\p{Lu}[\w.]{1,14}(?: [\w.]{1,14}){0,2}\s[-–—]\s+")


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One way to read a line or a part of one. `key` tells it from others; `spelling` is this text with signs
    of their own in open places, `values` the names that stand there. `names_only`: nothing but names and
    signs make it up, be they open or not; `of_names`: nor is there more in the text, of which it may take
    a name as a word.
    """

    kind: Kind
    key: str
    spelling: str
    values: tuple[str, ...]
    names_only: bool
    of_names: bool

    @property
    def literal(self) -> bool:
        """Whether all names are its own words."""
        return not self.values


def bare(key: str) -> str:
    """Return a key without its open places.

    >>> bare("ảnh: {NAME}")
    'ảnh: '
    """
    return _OPEN.sub("", key)


_OPEN = regex.compile(r"\{[A-Z]+\}")


def readings(text: str) -> Iterator[Reading]:
    """Yield the ways to read a whole paragraph as a line that may recur, none if it is too long."""
    if len(text) <= LONGEST and text.count(" ") < _WORDS and not HIDDEN.search(text):
        yield from _readings(text, "line")


def parts(text: str) -> Iterator[tuple[str, Reading]]:
    """Yield the parts with which a paragraph ends or begins and that may recur, and ways to read them."""
    for kind, pattern in _PARTS:
        found = pattern.search(text) if kind == "end" else pattern.match(text)
        if found and len(text) - len(found[0]) >= _REST and not HIDDEN.search(found[0]):
            for reading in _readings(found[0], kind):
                yield found[0], reading


def without_end(text: str) -> str:
    """Return a paragraph without the part with which it ends, which may be a credit.

    >>> without_end("The bridge is closed (Photo: Ann Lee).")
    'The bridge is closed'
    """
    for kind, pattern in _PARTS:
        if kind == "end" and (found := pattern.search(text)):
            return text[: found.start()]
    return text


_PARTS: tuple[tuple[Kind, regex.Pattern[str]], ...] = (
    ("end", _BRACKET_END),
    ("end", _DASH_END),
    ("end", _COLON_END),
    ("start", _BRACKET_START),
    ("start", _DASH_START),
)


def pattern_of(kind: Kind, spelling: str) -> str:
    """Return a regular expression that matches the texts of a spelling.

    >>> pattern_of("line", "Ảnh: \\ufdd0.")
    'Ảnh: {NAME}\\\\.'
    """
    pieces = _OPENED.split(spelling.strip())
    pattern = "".join(
        _PATTERNS[_SIGNS[piece]]
        if piece in _SIGNS
        else regex.escape(piece, special_only=True, literal_spaces=True)
        for piece in pieces
    ).replace(r"\-", "-")
    return (r"\s*" if kind == "end" else "") + pattern + (r"\s*" if kind == "start" else "")


@lru_cache(maxsize=1 << 14)
def _readings(text: str, kind: Kind) -> tuple[Reading, ...]:
    tokens = [(found.lastgroup or "", found[0]) for found in _TOKEN.finditer(text.strip())]
    names = [at for at, (name, _) in enumerate(tokens) if name == "NAME"]
    words = any(name == "word" for name, _ in tokens)
    if not (words or names):
        return ()
    made = _Maker(kind, tokens, names_only=not words)
    found = {made.reading(frozenset(names), frozenset())}
    if names and len(tokens) < 2 * _OPEN_WORDS:
        first = next(at for at, (name, _) in enumerate(tokens) if name not in ("space", "sign"))
        opened = frozenset({first}) if first == names[0] else frozenset[int]()
        inside = frozenset(at for at in names if _in_brackets(tokens, at))
        last = frozenset(names[-1:]) if len(names) > 1 else frozenset[int]()
        for whole, heads in (
            (_NONE, _NONE),
            (_NONE, opened),
            (inside, _NONE),
            (last, _NONE),
            (inside, opened),
        ):
            found.add(made.reading(whole, heads - whole))
    return tuple(sorted((each for each in found if each.key), key=lambda each: each.key))


_NONE: frozenset[int] = frozenset()


class _Maker:
    """Makes the readings of one text."""

    def __init__(self, kind: Kind, tokens: list[tuple[str, str]], *, names_only: bool) -> None:
        self._kind, self._tokens, self._names_only = kind, tokens, names_only

    def reading(self, whole: frozenset[int], heads: frozenset[int]) -> Reading:
        """Return the reading that takes some names as words: the `whole` run, or just the head of it."""
        key: list[str] = []
        spelling: list[str] = []
        values: list[str] = []
        for at, (name, content) in enumerate(self._tokens):
            if name in ("word", "sign", "space") or (name == "NAME" and at in whole):
                key.append(" " if name == "space" else _folded(content))
                spelling.append(content)
            elif name == "NAME" and at in heads:
                head, space, rest = content.partition(" ")
                key.append(_folded(head) + (" {NAME}" if space else ""))
                spelling.append(head + (f" {_MARKS['NAME']}" if space else ""))
                values += [rest] if space else []
            else:
                key.append(f"{{{name}}}")
                spelling.append(_MARKS[name])
                values += [content] if name == "NAME" else []
        joined = "".join(key)
        told = joined if self._names_only else joined.rstrip(_TAIL)
        names_only = self._names_only and (not values or not (whole or heads))
        return Reading(self._kind, told, "".join(spelling), tuple(values), names_only, self._names_only)


@lru_cache(maxsize=1 << 16)
def _folded(word: str) -> str:
    return matching_form(word)


def _in_brackets(tokens: list[tuple[str, str]], at: int) -> bool:
    before = "".join(content for name, content in tokens[:at] if name == "sign")
    return before.rfind("(") > before.rfind(")") or before.rfind("[") > before.rfind("]")
