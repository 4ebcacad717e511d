"""Word marks between two texts: which words, spaces and signs only one of them has.

A word or a number is marked whole, because a reader compares 1.250 with 1.280 and not 5 with 8. A
space or a sign between two marked words is marked with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from operator import eq
from typing import TYPE_CHECKING, Literal

import regex
from msgspec import Struct

if TYPE_CHECKING:
    from rapidfuzz.distance import Opcode

Tag = Literal["same", "removed", "added"]
Run = tuple[Tag, str]
_Stretch = tuple[bool, Sequence[str], Sequence[str]]  # whether they are equal; tokens of either text

_ALIGNED = 200_000_000  # pairs of words (25 MB of bits, 0.2 s); beyond, all that differs is one mark
_BETWEEN = 3  # characters between two marked words that are marked with them
# Scripts written without spaces are marked letter by letter.
_TOKEN = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*"
    r"|\d+(?:[.,:/]\d+)*[\w\p{M}]*|[\w\p{M}]+|(?s:.)"
)
_WORD = regex.compile(r"\w")


class _Part(Struct, frozen=True):
    """`same` stands in both texts; what follows it was `removed` and `added`."""

    same: str
    removed: str = ""
    added: str = ""


def word_marks(before: str, after: str) -> tuple[Run, ...]:
    """Return both texts as runs: "same" and "removed" join to `before`, "same" and "added" to `after`.

    Where they differ, what was removed comes first. No two neighbours have the same tag.

    >>> word_marks("ngày 7-9/9", "ngày 8-9/9.")
    (('same', 'ngày '), ('removed', '7'), ('added', '8'), ('same', '-9/9'), ('added', '.'))
    """
    runs: list[Run] = []
    for part in _absorbed(_parts(_TOKEN.findall(before), _TOKEN.findall(after))):
        runs += (("same", part.same), ("removed", part.removed), ("added", part.added))
    return tuple(run for run in runs if run[1])


def _parts(a: Sequence[str], b: Sequence[str]) -> Iterator[_Part]:
    """Yield the texts in parts; each but the last ends in a difference."""
    same = removed = added = ""
    for equal, tokens_a, tokens_b in _stretches(a, b):
        if not equal:
            removed += "".join(tokens_a)
            added += "".join(tokens_b)
            continue
        if removed or added:
            yield _Part(same, removed, added)
            same = removed = added = ""
        same += "".join(tokens_a)
    yield _Part(same, removed, added)


def _stretches(a: Sequence[str], b: Sequence[str]) -> Iterator[_Stretch]:
    """Yield equal and differing stretches of tokens.

    Words are aligned before spaces and signs: a few more common spaces are not worth a common word.
    """
    words_a, words_b = ([n for n, token in enumerate(tokens) if _WORD.match(token)] for tokens in (a, b))
    i = j = 0
    for code in _aligned([a[n] for n in words_a], [b[n] for n in words_b]):
        if code.tag != "equal":
            continue
        source, target = range(code.src_start, code.src_end), range(code.dest_start, code.dest_end)
        for x, y in zip((words_a[n] for n in source), (words_b[n] for n in target), strict=True):
            yield from _between(a[i:x], b[j:y])
            yield True, a[x : x + 1], b[y : y + 1]
            i, j = x + 1, y + 1
    yield from _between(a[i:], b[j:])


def _between(a: Sequence[str], b: Sequence[str]) -> Iterator[_Stretch]:
    """Yield the stretches of what stands between two common words."""
    if a == b:
        yield True, a, b
        return
    for code in _aligned(a, b):
        yield code.tag == "equal", a[code.src_start : code.src_end], b[code.dest_start : code.dest_end]


def _aligned(a: Sequence[str], b: Sequence[str]) -> list[Opcode]:
    """Align two sequences of tokens; what differs of very long ones is one replacement."""
    from rapidfuzz.distance import Indel, Opcode

    if len(a) * len(b) > _ALIGNED:
        head = _common(a, b)
        tail = _common(a[head:][::-1], b[head:][::-1])
        end_a, end_b = len(a) - tail, len(b) - tail
        if (end_a - head) * (end_b - head) > _ALIGNED:
            ends = ((0, head, 0, head), (head, end_a, head, end_b), (end_a, len(a), end_b, len(b)))
            return [Opcode(tag, *end) for tag, end in zip(("equal", "replace", "equal"), ends, strict=True)]
    numbers: dict[str, int] = {}
    first, second = ([numbers.setdefault(token, len(numbers)) for token in tokens] for tokens in (a, b))
    return list(Indel.opcodes(first, second))


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Count the tokens with which both begin."""
    return sum(1 for _ in takewhile(bool, map(eq, a, b)))


def _absorbed(parts: Iterator[_Part]) -> Iterator[_Part]:
    """Join two differences that only a space or a sign parts: "[-ba bốn-]", not "[-ba-] [-bốn-]"."""
    held = next(parts)
    for part in parts:
        between = len(part.same) <= _BETWEEN and not _WORD.search(part.same)
        if between and all(_WORD.search(each.removed + each.added) for each in (held, part)):
            removed, added = held.removed + part.same + part.removed, held.added + part.same + part.added
            held = _Part(held.same, removed, added)
            continue
        yield held
        held = part
    yield held
