"""What every match of a pattern contains: texts so quick to look for that most patterns need not run.

The pattern is read item by item, without a full grammar of `regex`: where that is not certain,
nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from math import log
from typing import NamedTuple

import regex

# Signs that stand in two of five Vietnamese news articles or more, the most common first (2,000 articles).
_COMMON = (
    "cnràhưguoyái mđ.kbT,tvapệạlôếêềịNờợsCụóãảơqộốâxdậấHớ1eểĐì/2ủ"
    "ồă)(ựứởầBVSổPúL0ùừữỉắí3ửKM95òọ8Dặý476éễQõũỏA:Gẩ"
)
_MOST = 12  # texts of which one must be there; more cost as much as the pattern
_SET = 4  # characters of a set that is spelled out: [Tt]

# One item of a pattern: escape, set, quantifier, group with its kind, other sign, or literal: a character, or
# letters and spaces in a row to none of which a quantifier belongs.
_ITEM = regex.compile(
    r"(?<escape>\\(?:[pP]\{[^}]*\}|.))|(?<set>\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\])"
    r"|(?<quantifier>(?:[?*+]|\{[^}]*\})[?+]?)|(?<open>\((?:\?(?::|=|!|<=|<!|>))?)|(?<close>\))"
    r"|(?<either>\|)|(?<sign>[.^$])|(?<literal>[\p{L} ]+(?![?*+{])|.)",
    regex.DOTALL,
)
_ONCE_AT_LEAST = regex.compile(r"\+|\{0*[1-9]\d*[,}]")  # quantifiers; {e<=1} is none, but a fuzzy match
_PLAIN_SET = regex.compile(r"\[(-?(?:[^\\^\[\]&|~-]|([&|~])(?!\2))+-?)\]")
_CLASSES = "pPsSdDwWbBAZ"
_AROUND = ("(?=", "(?!", "(?<=", "(?<!")


class _UnknownError(Exception):
    """The pattern has something of which this module cannot tell what it matches."""


class _Item(NamedTuple):
    text: str
    kind: str


class _Part(NamedTuple):
    """What a part of a pattern matches: exactly one of `texts`, if known; one of each of `needs` at least."""

    texts: tuple[str, ...] | None
    needs: tuple[tuple[str, ...], ...]


def literals_of(pattern: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return texts that all stand in every match of the pattern, and texts of which one does.

    Both are empty where that is not certain. The most telling of the first comes first: the longest,
    and of single signs those that are rarest in news.
    """
    items = [_Item(found[0], found.lastgroup or "") for found in _ITEM.finditer(pattern)]
    try:
        part, at = _alternatives(items, 0)
    except (_UnknownError, RecursionError):
        return (), ()
    if at < len(items):
        return (), ()
    needs = part.needs if part.texts is None else _telling(part.texts)
    alone = sorted({need[0] for need in needs if len(need) == 1}, key=lambda t: (-len(t), t in "().", t))
    several = [need for need in needs if len(need) > 1 and not any(map(_slight, need))]
    return tuple(alone), max(several, key=_weight, default=())


def common_part(texts: Sequence[str]) -> str:
    """Return the longest text that stands in all of `texts`, the first of those."""
    shortest = min(texts, key=len, default="")
    for size in range(len(shortest), 0, -1):
        for at in range(len(shortest) - size + 1):
            part = shortest[at : at + size]
            if all(part in text for text in texts):
                return part
    return ""


def rarest_run(text: str, size: int) -> str:
    """Return the run of `size` characters of `text` that stands in the fewest articles, by their rarity; of a
    shorter text all of it.
    """
    return max((text[at : at + size] for at in range(max(len(text) - size, 0) + 1)), key=rarity)


def rarity(text: str) -> float:
    """Return how rare the characters of `text` are together."""
    return sum(log(_COMMON.find(sign) % (len(_COMMON) + 1) + 2) for sign in text)


def _alternatives(items: Sequence[_Item], at: int) -> tuple[_Part, int]:
    """Read alternatives from `at` on; return them as one part, and where they end."""
    parts = []
    while True:
        part, at = _sequence(items, at)
        parts.append(part)
        if at >= len(items) or items[at].kind != "either":
            break
        at += 1
    if len(parts) == 1:
        return parts[0], at
    texts = [part.texts for part in parts if part.texts is not None]
    if len(texts) == len(parts):
        return _part_of([text for known in texts for text in known]), at
    best = [
        max(part.needs if part.texts is None else _telling(part.texts), key=_weight, default=())
        for part in parts
    ]
    return _Part(None, _telling([text for need in best for text in need]) if all(best) else ()), at


def _sequence(items: Sequence[_Item], at: int) -> tuple[_Part, int]:
    """Read items in a row from `at` on; return them as one part, and where they end."""
    run: tuple[str, ...] = ("",)
    needs: list[tuple[str, ...]] = []
    exact = True
    while at < len(items) and items[at].kind not in ("either", "close"):
        part, at = _piece(items, at)
        joined = None if part.texts is None else {a + b for a, b in product(run, part.texts)}
        if joined is not None and len(joined) <= _MOST:
            run = tuple(sorted(joined))
            continue
        exact = False
        needs += [*_telling(run), *part.needs]
        run = ("",) if part.texts is None else part.texts
    if exact:
        return _Part(run, ()), at
    return _Part(None, (*needs, *_telling(run))), at


def _piece(items: Sequence[_Item], at: int) -> tuple[_Part, int]:
    """Read one item or group and its quantifier; return it as one part, and where it ends."""
    item = items[at]
    if item.kind == "open":
        part, at = _group(items, at)
    else:
        part, at = _single(item), at + 1
    if at < len(items) and items[at].kind == "quantifier":
        often = items[at].text
        at += 1
        if often.startswith("?"):
            return _Part(None if part.texts is None else ("", *part.texts), ()), at
        if not _ONCE_AT_LEAST.match(often):
            return _Part(None, ()), at
        return _Part(None, part.needs if part.texts is None else _telling(part.texts)), at
    return part, at


def _group(items: Sequence[_Item], at: int) -> tuple[_Part, int]:
    if items[at].text in _AROUND:
        return _Part(("",), ()), _closed(items, at)
    part, end = _alternatives(items, at + 1)
    if end >= len(items):
        raise _UnknownError
    return part, end + 1


def _closed(items: Sequence[_Item], at: int) -> int:
    """Return where the group that opens at `at` has ended."""
    depth = 0
    for end in range(at, len(items)):
        depth += (items[end].kind == "open") - (items[end].kind == "close")
        if not depth:
            return end + 1
    raise _UnknownError


def _single(item: _Item) -> _Part:
    if item.kind == "literal":
        return _Part((item.text,), ())
    if item.kind == "escape":
        if not item.text[1].isalnum():
            return _Part((item.text[1:],), ())
        if item.text[1] not in _CLASSES or item.text in ("\\p", "\\P"):
            raise _UnknownError  # such as \x41, \1 and \pL, of which more belongs to the escape
    if item.kind == "set" and (plain := _PLAIN_SET.fullmatch(item.text)) and len(plain[1]) <= _SET:
        return _part_of(plain[1])
    if item.kind == "quantifier":
        raise _UnknownError  # of a group such as (?i, (?P and (?#
    # \b, ^ and $ match nothing, which is a text as well; that they end a run only claims less.
    return _Part(None, ())


def _part_of(texts: Iterable[str]) -> _Part:
    return _Part(tuple(dict.fromkeys(texts)), ())


def _telling(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the need of one of `texts`, if that tells something; of two, the one in the other is enough."""
    known = sorted({*texts}, key=lambda text: (len(text), text))
    if not known or not known[0].strip():
        return ()
    for size in range(max(len(known[-1]), 3), 2, -1):
        least: list[str] = []
        for text in dict.fromkeys(text[:size] for text in known):
            if not any(shorter in text for shorter in least):
                least.append(text)
        if len(least) <= _MOST:
            return (tuple(least),)
    return ()


def _slight(text: str) -> bool:
    return len(text) == 1 and text.isalnum()


def _weight(need: Sequence[str]) -> tuple[int, int]:
    return min(map(len, need)), -len(need)
