"""Edits of a text and their exact inverse: `splice` applies, `restore` takes back.

An edit replaces one span of the source. What the ledger keeps of it is a patch: where its result
stands in the edited text, how long that is, and the source that was there. Restoring needs nothing
else, and asks no rule to undo itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rapidfuzz.distance import Postfix, Prefix


class Edit(msgspec.Struct, frozen=True, gc=False):
    """Replace source[start:end] by `text`. Offsets are characters, half open."""

    start: int
    end: int
    text: str


class Patch(msgspec.Struct, frozen=True, gc=False):
    """edited[at:at + length] was `source`."""

    at: int
    length: int
    source: str


def splice(source: str, edits: Sequence[Edit]) -> tuple[str, list[Patch]]:
    """Apply `edits` (sorted, not overlapping) to `source`; return the result and one patch an edit.

    >>> splice("one two three", [Edit(3, 7, ""), Edit(8, 13, "3")])
    ('one 3', [Patch(at=3, length=0, source=' two'), Patch(at=4, length=1, source='three')])
    """
    pieces: list[str] = []
    patches: list[Patch] = []
    done = at = 0
    for edit in edits:
        if edit.start < done:
            raise ValueError(f"edits overlap at {edit.start}")
        pieces += (source[done : edit.start], edit.text)
        at += edit.start - done
        patches.append(Patch(at, len(edit.text), source[edit.start : edit.end]))
        at += len(edit.text)
        done = edit.end
    pieces.append(source[done:])
    return "".join(pieces), patches


def restore(edited: str, patches: Sequence[Patch]) -> str:
    """Return the source that `splice` made `edited` from.

    Raises ValueError when a patch does not fit the text.
    """
    pieces: list[str] = []
    done = 0
    for patch in patches:
        if patch.at < done or patch.at + patch.length > len(edited):
            raise ValueError(f"patch at {patch.at} lies outside the text")
        pieces += (edited[done : patch.at], patch.source)
        done = patch.at + patch.length
    pieces.append(edited[done:])
    return "".join(pieces)


def change(before: str, after: str, offset: int = 0) -> Edit:
    """Return the smallest single edit that makes `after` of `before`, shifted by `offset`.

    >>> change("a  b c", "a b c")
    Edit(start=2, end=3, text='')
    """
    head = Prefix.similarity(before, after)
    tail = Postfix.similarity(before[head:], after[head:])
    return Edit(offset + head, offset + len(before) - tail, after[head : len(after) - tail])
