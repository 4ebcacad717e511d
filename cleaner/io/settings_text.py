"""Settings as text: YAML read with the place of every value.

The dialect is the part of YAML 1.2 that holds no surprise: one document of maps, lists and scalars,
without aliases, tags and merge keys, and where `no`, `012` and `12:30:45` are text. Whatever breaks
this becomes a `Fault` with its place. What a key takes is said from the JSON schema of its model.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

import yaml
from msgspec import Struct, field

from cleaner.text.show import show

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
Keys: TypeAlias = tuple[str | int, ...]
Spot: TypeAlias = tuple[int, int]  # line and column, from 1

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the fast one, where PyYAML was built with it
_EMPTY = "holds no settings; remove the file to use the defaults"
_KEYS = "keys with values, such as 'output: out'"
_DEEPEST = 10  # settings need 5
_TOO_DEEP = f"nested deeper than {_DEEPEST} levels"
_MOST_VALUES = 20_000  # the largest rule pack has 1,200
_WORDS: dict[str, bool | None] = {"": None, "~": None}
for _word, _value in (("null", None), ("true", True), ("false", False)):
    _WORDS |= {_word: _value, _word.title(): _value, _word.upper(): _value}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,30})")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,30}|(0|[1-9][0-9]{0,30})(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,3})?")
_NOT_YAML = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # what an escape can make


class Fault(Struct, frozen=True):
    """One thing that is wrong, and where; `keys` lead to the value, () is the whole file."""

    spot: Spot
    text: str
    keys: Keys = ()


class Document(Struct):
    """What was read: `values` is None when there is nothing to check further.

    `places` has where each key and its value begin. `unread` has the values that the dialect
    refuses: what else could be said about them is not worth a line.
    """

    values: dict[str, Value] | None = None
    places: dict[Keys, tuple[Spot, Spot]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unread: set[Keys] = field(default_factory=set)


class _StopReading(Exception):
    def __init__(self, spot: Spot, text: str) -> None:
        self.fault = Fault(spot, text)


def read(data: bytes, list_of: str = "") -> Document:
    """Return the values of a YAML file with their places and all faults of its form; never raises.

    Where it is to be a `list_of` something, that list is its only value, under this key; an empty file is an
    empty list.

    >>> document = read(b"output: no")
    >>> document.values, document.places["output",]
    ({'output': 'no'}, ((1, 1), (1, 9)))
    """
    document = Document()
    try:
        text = _decoded(data)
        try:
            _Reader(text, document, list_of).run()
        except yaml.MarkedYAMLError as error:
            raise _StopReading(_spot(error.problem_mark), _cause(error, text)) from None
        except (ValueError, OverflowError):  # the slow loader lets chr() fail
            raise _StopReading((1, 1), "not valid YAML: an escape is not a character") from None
    except _StopReading as stop:
        document.faults.append(stop.fault)
        document.values = None
    return document


def _decoded(data: bytes) -> str:
    data = data.removeprefix(codecs.BOM_UTF8)  # some editors write one, and it does no harm
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        spot = _end(data[: error.start].decode())
        raise _StopReading(spot, f"not UTF-8 (byte 0x{data[error.start]:02x}); save it as UTF-8") from None
    if odd := _NOT_YAML.search(text):
        raise _StopReading(_end(text[: odd.start()]), f"the character {show(odd[0])} is not allowed")
    return text


def _end(text: str) -> Spot:
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _spot(mark: object) -> Spot:
    return getattr(mark, "line", 0) + 1, getattr(mark, "column", 0) + 1


def _cause(error: yaml.MarkedYAMLError, text: str) -> str:
    line = dict(enumerate(text.split("\n"), 1)).get(_spot(error.problem_mark)[0], "")
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "a tab in the indentation; use spaces"
    if "nesting depth" in str(error.problem):  # libyaml has a limit of its own, which it may see first
        return _TOO_DEEP
    return f"not valid YAML: {error.problem}; text with special characters needs quotes"


def _plain(text: str) -> Value:
    """Return the value of an unquoted scalar; what is no null, boolean or finite number is text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


class _Reader:
    """Builds plain values from the parser's events: these do not recurse, so depth is ours to limit."""

    def __init__(self, text: str, document: Document, list_of: str) -> None:
        self.events = yaml.parse(text, Loader=_LOADER)
        self.document = document
        self.list_of = list_of

    def run(self) -> None:
        next(self.events)  # the stream starts
        if isinstance(next(self.events), yaml.StreamEndEvent):
            self._empty()
            return
        event = next(self.events)
        values = self._value(event, (self.list_of,) if self.list_of else (), _spot(event.start_mark))
        if isinstance(values, list if self.list_of else dict):
            self.document.values = {self.list_of: values} if isinstance(values, list) else values
        elif values is None and not self.document.faults:
            self._empty()
        else:
            wanted = f"a list of {self.list_of}, each beginning with '- '" if self.list_of else _KEYS
            self._refuse(event, (), f"the top level must be {wanted}")
        next(self.events)  # the document ends
        if not isinstance(event := next(self.events), yaml.StreamEndEvent):
            raise _StopReading(_spot(event.start_mark), "a second document begins here; only one is allowed")

    def _empty(self) -> None:
        if not self.list_of:
            raise _StopReading((1, 1), _EMPTY)
        self.document.values = {self.list_of: []}
        self.document.places.setdefault((self.list_of,), ((1, 1), (1, 1)))

    def _refuse(self, event: yaml.Event, keys: Keys, text: str) -> None:
        if not any(keys[:depth] in self.document.unread for depth in range(len(keys))):
            self.document.faults.append(Fault(_spot(event.start_mark), text, keys))
        self.document.unread.add(keys)

    def _value(self, event: yaml.Event, keys: Keys, key: Spot) -> Value:
        spot = _spot(event.start_mark)
        # what is empty stands at its key, as parsers differ; of a doubled key the first counts
        empty = isinstance(event, yaml.ScalarEvent) and not event.value and not event.style
        self.document.places.setdefault(keys, (key, key if empty else spot))
        if len(keys) > _DEEPEST:
            raise _StopReading(spot, _TOO_DEEP)
        if len(self.document.places) > _MOST_VALUES:
            raise _StopReading(spot, f"more than {_MOST_VALUES:,} values")
        if getattr(event, "anchor", None):
            self._refuse(event, keys, "anchors and aliases (& and *) are not allowed")
        elif tag := getattr(event, "tag", None):
            self._refuse(event, keys, f"tags are not allowed: {show(tag, limit=40)}")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(keys)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(keys)
        return self._scalar(event, keys) if isinstance(event, yaml.ScalarEvent) else None

    def _mapping(self, keys: Keys) -> dict[str, Value]:
        mapping: dict[str, Value] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            spot = _spot(event.start_mark)
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                raise _StopReading(spot, "a key must be a plain word")
            path = (*keys, event.value)
            value = self._value(next(self.events), path, spot)
            if event.value == "<<" or _CONTROL.search(event.value):
                self._refuse(event, path, "this key is not allowed")
            elif event.value in mapping:
                first = self.document.places[path][0][0]
                self.document.faults.append(Fault(spot, f"given twice; first in line {first}", path))
            else:
                mapping[event.value] = value
        return mapping

    def _sequence(self, keys: Keys) -> list[Value]:
        items: list[Value] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*keys, len(items)), _spot(event.start_mark)))
        return items

    def _scalar(self, event: yaml.ScalarEvent, keys: Keys) -> Value:
        if odd := _CONTROL.search(event.value):
            self._refuse(event, keys, f"the character {show(odd[0])} is not allowed")
        return event.value if event.style else _plain(event.value)


def expected(schema: Mapping[str, Any]) -> str:
    """Return in words what a JSON schema takes.

    >>> expected({"type": "number", "minimum": 80.0, "maximum": 100.0})
    'a number from 80 to 100'
    """
    low, high = schema.get("minimum"), schema.get("maximum")
    match schema:
        case {"anyOf": choices}:
            return ", or ".join(map(expected, choices))
        case {"enum": choices}:
            return "one of " + ", ".join(choices)
        case {"const": only}:
            return str(only)
        case {"pattern": pattern}:
            return f"text like {pattern}"
        case {"type": "integer" | "number" as kind}:
            bounds = f", {low:g} or more" if high is None else f" from {low:g} to {high:g}"
            return ("a whole number" if kind == "integer" else "a number") + ("" if low is None else bounds)
        case {"type": "array", "items": items}:
            kind = "a list of texts" if items.get("type") == "string" else "a list of sections"
            return kind + (", not empty" if "minItems" in schema else "")
        case {"minLength": _}:
            return "text, not empty"
    kinds = {"boolean": "true or false", "string": "text", "null": "nothing"}
    return kinds.get(schema.get("type", ""), "a section of keys")
