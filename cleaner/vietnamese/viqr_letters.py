"""VIQR (RFC 1456), sign by sign: a vowel, its shape, its tone; a backslash before what is no mark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from cleaner.vietnamese.tables import rows

_ESCAPED = re.compile(r"\\(?=[(+*^'`?~.dD\\])")
_WITH_BOTH = 3  # characters of a vowel with its shape and its tone, in any order


def spelled(text: str) -> str:
    """Return what a text spells if every sign that can be a mark is one.

    >>> spelled("Vie^.t Nam o+? dda^y"), spelled("ta. va` ta\\\\.")
    ('Việt Nam ở đây', 'tạ và ta.')
    """
    return "".join(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    done = 0
    for found in _pattern().finditer(text):
        yield text[done : found.start()]
        yield found[0][1:] if found[0][0] == "\\" else _table()[found[0]]
        done = found.end()
    yield text[done:]


@cache
def _table() -> dict[str, str]:
    table = {row["viqr"]: row["unicode"] for row in rows("viqr")} | {"Dd": "Đ"}
    table |= {code.replace("+", "*"): letter for code, letter in table.items()}
    both = {code: letter for code, letter in table.items() if len(code) == _WITH_BOTH}
    return table | {code[0] + code[2] + code[1]: letter for code, letter in both.items()}


@cache
def _pattern() -> re.Pattern[str]:
    codes = sorted(_table(), key=lambda each: (-len(each), each))
    return re.compile(rf"{_ESCAPED.pattern}.|{'|'.join(map(re.escape, codes))}")
