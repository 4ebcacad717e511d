"""A unified diff, as git writes it, between the bytes of a file and of its clean text.

It is bytes throughout, because it must apply: `git apply -R` or `patch -R -p1` over the clean files
gives the inputs back. Lines end at LF only, so a CR, a NUL or a byte that is no UTF-8 is one of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from os.path import commonprefix
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from rapidfuzz.distance import Opcode

_CONTEXT = 3  # lines around a change
_WINDOW = 2_000  # lines aligned at once: the cost of an alignment grows with the product of its sides
_NO_NEWLINE = b"\n\\ No newline at end of file"
_UNSAFE = re.compile(rb'[\x00-\x1f"\\\x7f-\xff]')
_ESCAPES = {
    b"\a": b"\\a", b"\b": b"\\b", b"\t": b"\\t", b"\n": b"\\n", b"\v": b"\\v", b"\f": b"\\f",
    b"\r": b"\\r", b'"': b'\\"', b"\\": b"\\\\",
}  # fmt: skip


class _Block(Struct, frozen=True, gc=False):
    """before[old:old_end] was replaced by after[new:new_end]; either may be empty. Counts are lines."""

    old: int
    old_end: int
    new: int
    new_end: int


def unified_diff(path: bytes, before: bytes, after: bytes) -> bytes:
    r"""Return the diff of one file, empty when nothing differs.

    >>> print(unified_diff(b"a.txt", b"one\ntwo\n", b"one\n").decode())
    diff --git a/a.txt b/a.txt
    --- a/a.txt
    +++ b/a.txt
    @@ -1,2 +1 @@
     one
    -two
    <BLANKLINE>
    """
    if before == after:
        return b""
    old, new = _lines(before), _lines(after)
    a, b = _quoted(b"a/" + path), _quoted(b"b/" + path)
    tab = b"\t" if b" " in path and not a.startswith(b'"') else b""  # where a name with a space ends
    head = b"diff --git %b %b\n--- %b%b\n+++ %b%b\n" % (a, b, a, tab, b, tab)
    return head + b"".join(_hunk(group, old, new) for group in _groups(_blocks(old, new)))


def _quoted(name: bytes) -> bytes:
    r"""Return a file name as git spells it: in C quotes if a reader of the diff could misread it.

    >>> _quoted("a/đ.txt".encode()), _quoted(b"a/b c.txt")
    (b'"a/\\304\\221.txt"', b'a/b c.txt')
    """
    if not _UNSAFE.search(name) and not name.endswith(b" "):
        return name
    return b'"%b"' % _UNSAFE.sub(lambda found: _ESCAPES.get(found[0], b"\\%03o" % found[0][0]), name)


def _lines(data: bytes) -> list[bytes]:
    """Return the lines without their ends; a last one that has none is told apart."""
    lines = data.split(b"\n")
    last = lines.pop()
    return [*lines, last + _NO_NEWLINE] if last else lines


def _blocks(old: Sequence[bytes], new: Sequence[bytes]) -> list[_Block]:
    """Return what differs, in order: every line between two blocks is in both.

    Layout adds and takes blank lines everywhere, so those do not count when it is told how much both begin
    and end with. What is between is aligned.
    """
    a, b = list(filter(None, old)), list(filter(None, new))
    head = len(commonprefix([a, b]))
    tail = len(commonprefix([a[head:][::-1], b[head:][::-1]]))
    a_at, b_at = ([-1, *_places(lines), len(lines)] for lines in (old, new))
    begin, end = head + 1, len(a_at) - tail - 1
    blocks = list(_blank(a_at[:begin], b_at[:begin]))
    borders = a_at[head] + 1, a_at[end], b_at[head] + 1, b_at[len(b_at) - tail - 1]
    blocks += _joined(_between(old, new, _Block(*borders)))
    blocks += _blank(a_at[end:], b_at[len(b_at) - tail - 1 :])
    return blocks


def _places(lines: Sequence[bytes]) -> list[int]:
    return [place for place, line in enumerate(lines) if line]


def _blank(a: Sequence[int], b: Sequence[int]) -> Iterator[_Block]:
    """Yield what differs where only blank lines stand between the lines `a` of one side, which are the lines
    `b` of the other.
    """
    i, j = a[0], b[0]
    for next_i, next_j in zip(a, b, strict=True):
        own, other = next_i - i, next_j - j
        if own != other:
            both = own if own < other else other
            yield _Block(i + both, next_i, j + both, next_j)
        i, j = next_i, next_j


def _between(old: Sequence[bytes], new: Sequence[bytes], within: _Block) -> Iterator[_Block]:
    """Yield what differs within some lines of both sides.

    Many lines are aligned window by window. Each time, only what lies before the last common line of
    the first half is believed; the rest is aligned again with what follows. So the cost is linear.
    """
    i, end_a, j, end_b = within.old, within.old_end, within.new, within.new_end
    numbers: dict[bytes, int] = {}
    a, b = (
        [numbers.setdefault(line, len(numbers)) for line in lines] for lines in (old[i:end_a], new[j:end_b])
    )
    first_a, first_b = i, j
    while i < end_a or j < end_b:
        window_a = a[i - first_a : min(i - first_a + _WINDOW, len(a))]
        window_b = b[j - first_b : min(j - first_b + _WINDOW, len(b))]
        last = i + len(window_a) == end_a and j + len(window_b) == end_b
        found, read_a, read_b = _aligned(window_a, window_b, last=last)
        for each in found:
            yield _Block(i + each.old, i + each.old_end, j + each.new, j + each.new_end)
        i, j = i + read_a, j + read_b


def _aligned(a: Sequence[int], b: Sequence[int], *, last: bool) -> tuple[list[_Block], int, int]:
    """Align two windows: the blocks that differ, and how much of each window they settle."""
    from rapidfuzz.distance import Indel

    codes = list(Indel.opcodes(a, b))
    if not last:
        codes = codes[: _believed(codes, len(a) // 2, len(b) // 2)]
    blocks = [
        _Block(code.src_start, code.src_end, code.dest_start, code.dest_end)
        for code in codes
        if code.tag != "equal"
    ]
    return blocks, codes[-1].src_end, codes[-1].dest_end


def _believed(codes: Sequence[Opcode], half_a: int, half_b: int) -> int:
    """Count the codes up to the last equal one that begins in both first halves, or else the first."""
    equal = [(count, code) for count, code in enumerate(codes, 1) if code.tag == "equal"]
    early = [count for count, code in equal if code.src_start <= half_a and code.dest_start <= half_b]
    return early[-1] if early else equal[0][0] if equal else len(codes)


def _joined(blocks: Iterable[_Block]) -> list[_Block]:
    """Make one block of blocks that touch."""
    joined: list[_Block] = []
    for block in blocks:
        if joined and (joined[-1].old_end, joined[-1].new_end) == (block.old, block.new):
            first = joined.pop()
            block = _Block(first.old, block.old_end, first.new, block.new_end)
        joined.append(block)
    return joined


def _groups(blocks: Sequence[_Block]) -> Iterator[list[_Block]]:
    """Yield the blocks of each hunk: those whose lines of context touch or overlap."""
    group: list[_Block] = []
    for block in blocks:
        if group and block.old - group[-1].old_end > 2 * _CONTEXT:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _hunk(group: Sequence[_Block], old: Sequence[bytes], new: Sequence[bytes]) -> bytes:
    lead = min(_CONTEXT, group[0].old)
    trail = min(_CONTEXT, len(old) - group[-1].old_end)
    start, end = group[0].old - lead, group[-1].old_end + trail
    spans = _span(start, end), _span(group[0].new - lead, group[-1].new_end + trail)
    lines = [b" " + line for line in old[start:end]]
    lines.append(b"")
    for block in group:
        for gone in range(block.old, block.old_end):
            lines[gone - start] = b"-" + old[gone]
        if added := new[block.new : block.new_end]:
            then = block.old_end - start
            lines[then] = b"+%b\n%b" % (b"\n+".join(added), lines[then])
    return b"@@ -%b +%b @@\n%b" % (*spans, b"\n".join(lines))


def _span(start: int, end: int) -> bytes:
    """Spell lines start to end of a file for a hunk's head; an empty span names the line before it."""
    count = end - start
    if count == 1:
        return b"%d" % end
    return b"%d,%d" % (start + 1 if count else start, count)
