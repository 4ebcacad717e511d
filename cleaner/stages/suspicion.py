"""Which paragraphs need no repair: next to all, so that must be told fast, and never of one that needs it.

Mojibake, entities, controls and the like are found by one search; composition is asked apart. Of many lines
at once it is told by their characters that most need not be asked at all.
"""

from __future__ import annotations

import re
from functools import cache
from unicodedata import is_normalized

import numpy as np
from ftfy.badness import BADNESS_RE

from cleaner.stages.code_pages import FEW, NEVER_SHOWN
from cleaner.text.anchored import Row, opening, rows_at, rows_of, searched
from cleaner.text.kinds import CharacterTable, Lines, always_composed
from cleaner.vietnamese.letters import STRANGE
from cleaner.vietnamese.mojibake import HINT

# What no text needs that every rule leaves alone; mojibake, composition and code pages are asked apart.
_SUSPICIOUS = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x9f\u00ad\u0300-\u036f\u200b-\u200d\u2060\ufeff\ufffd\udc80-\udcff"
    f"\u3000\uff01-\uff5e{STRANGE}]"
)
_MIXED_SCRIPTS = re.compile(
    "[\u0370-\u03ff\u0400-\u052f](?:(?<=[A-Za-z\u00c0-\u024f\u1e00-\u1eff].)|(?=[A-Za-z\u00c0-\u024f\u1e00-\u1eff]))"
)
_MAY_BE_ASKED = re.compile(r"[?](?<=[\w?].)(?=\w)")
_MAY_BE_ENTITY = re.compile("[&](?=#?[0-9A-Za-z]{1,32};)")
_PATTERNS = (_SUSPICIOUS, _MIXED_SCRIPTS, _MAY_BE_ASKED, _MAY_BE_ENTITY, HINT, BADNESS_RE)
_MARKS = frozenset(map(chr, range(0x300, 0x370)))
_TO_ASK, _COMPOSES, _NEVER_OLD = 1, 2, 4  # kinds of characters


@cache  # made when first needed: it takes 20 ms
def _suspicious() -> re.Pattern[str]:
    """Return what is found in all texts that a rule may change, but for composition and code pages."""
    if rows := _rows():
        return searched(rows)
    return re.compile("|".join(f"(?{'x' * bool(p.flags & re.X)}:{p.pattern})" for p in _PATTERNS))


@cache
def _rows() -> tuple[Row, ...]:
    return rows_of(*_PATTERNS)


@cache
def _suspicious_at(character: str) -> re.Pattern[str]:
    """Return what is found in a line among others wherever a character stands that `_suspicious` finds in
    that line alone: none of its conditions fails because a line end stands beside.
    """
    return searched(rows_at(_rows(), character), re.M)


def is_clean(text: str) -> bool:
    """Tell fast that no rule but those for code pages and tone styles changes a text; never yes where one
    does.
    """
    if "\n" in text:  # what stands at the beginning of a line counts
        return all(map(is_clean, text.split("\n")))
    return not _suspicious().search(text) and is_normalized("NFC", text)


def is_clean_but_for_marks(text: str) -> bool:
    """Tell of a text that is not composed whether it is clean beside its combining marks."""
    return all(found[0] in _MARKS for line in text.split("\n") for found in _suspicious().finditer(line))


def unquestioned(lines: Lines) -> frozenset[str]:
    """Return most of the texts that are clean, and in no old code page if no bytes that are no UTF-8 stand in
    their document.
    """
    table = _table()
    if table is None:
        return frozenset()
    kinds = table.of(lines.asked)
    modern = lines.counts(kinds & _NEVER_OLD != 0) > lines.lengths // FEW
    joined = lines.joined
    suspicious = [
        place
        for place in np.flatnonzero(kinds & _TO_ASK != 0).tolist()
        if _suspicious_at(joined[place]).match(joined, place)
    ]
    asked = lines.having(kinds & _COMPOSES != 0) | lines.at(np.array(suspicious, np.int64))
    return frozenset(lines.chosen(modern & ~asked))


@cache
def _table() -> CharacterTable | None:
    if not _rows():
        return None
    first = opening(_rows())

    def kind_of(character: str) -> int:
        if not always_composed(character):
            return _COMPOSES
        return _TO_ASK * bool(first.match(character)) + _NEVER_OLD * bool(NEVER_SHOWN.match(character))

    return CharacterTable(kind_of)
