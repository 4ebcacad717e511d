"""What the ledger says of a document: every change, why, for whose sake, and what nearly happened.

Everything that a person sees is drawn from these records, and restoring needs nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec
from rapidfuzz.distance import Indel

from cleaner.text.edit import Edit, Patch, change, splice

_ALIGNED = 5_000  # characters; longer paragraphs get one patch instead of an alignment


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a paragraph stands: file, document, paragraph (0-based) and its first line (1-based).

    `published` tells that it stands in a text of an earlier run; its line is then one of clean text.
    `text` is the paragraph itself where the reader could not know it from the removed one.
    """

    path: str
    record: int
    document: str
    paragraph: int
    line: int
    text: str | None = None
    published: bool = False


class Step(msgspec.Struct, frozen=True, gc=False):
    """One act of one rule. `edits` leads from the paragraph before it to the one after.

    It is None where that is plain: for a drop, and for the only step of an edited paragraph. `reason`
    says why, where the rule does not.
    """

    stage: str
    rule: str
    edits: tuple[Edit, ...] | None = None
    metadata: tuple[str, str] | None = None
    reason: str = ""


class Change(msgspec.Struct, frozen=True, gc=False):
    """One paragraph that was edited or dropped.

    edited[at:at + length], in the text before layout, was `source` in the recoded text, which is the text
    that came in unless the document was recoded. Of `source` the first `before`
    and last `after` characters are separators that went with a dropped paragraph. `line` counts in
    the input. The last step is the one that dropped it, if it was.
    """

    paragraph: int
    line: int
    at: int
    length: int
    source: str
    dropped: bool
    steps: tuple[Step, ...]
    before: int = 0
    after: int = 0
    score: float | None = None
    survivor: Place | None = None
    reason: str = ""

    @property
    def patch(self) -> Patch:
        """What gives the source back."""
        return Patch(self.at, self.length, self.source)

    @property
    def paragraph_source(self) -> str:
        """The removed text without separators; of an edit, the part that was changed."""
        return self.source[self.before : len(self.source) - self.after]

    def is_by(self, selected: Callable[[str, str], bool]) -> bool:
        """Tell whether any step is by a (stage, rule) that is `selected`."""
        return any(selected(step.stage, step.rule) for step in self.steps)


class Suspect(msgspec.Struct, frozen=True, gc=False):
    """What nearly happened: a pair that the fact guard held back (`score`, `other`), a rule that only
    reports, damage that cannot be repaired. The paragraph stayed; `match` is the text in question.
    """

    paragraph: int
    line: int
    stage: str
    rule: str
    reason: str
    match: str = ""
    score: float | None = None
    other: Place | None = None


def edits(before: str, after: str) -> tuple[Edit, ...]:
    """Return small edits that lead from `before` to `after`.

    >>> edits("a  b  c", "a b c")
    (Edit(start=2, end=3, text=''), Edit(start=4, end=5, text=''))
    """
    if max(len(before), len(after)) > _ALIGNED:
        return (change(before, after),)
    found: list[Edit] = []
    for code in Indel.opcodes(before, after):
        if code.tag == "equal":
            continue
        edit = Edit(code.src_start, code.src_end, after[code.dest_start : code.dest_end])
        if found and found[-1].end == edit.start:
            last = found.pop()
            edit = Edit(last.start, edit.end, last.text + edit.text)
        found.append(edit)
    return tuple(found)


def undo(texts: Sequence[str], selected: Sequence[bool]) -> str:
    """Return texts[0] with all edits but the selected ones: edit k led from texts[k] to texts[k + 1].

    An edit that touches what a selected, earlier one had written cannot stand without it, and is
    taken back too.

    >>> undo(["a b  c", "b  c", "b c"], [True, False])
    'a b c'
    """
    current = texts[0]
    for base, after, taken_back in zip(texts[:-1], texts[1:], selected, strict=True):
        if taken_back:
            continue
        both = {*edits(base, after), *edits(base, current)}
        merged = sorted(both, key=lambda edit: (edit.start, edit.end))
        if all(first.end < second.start for first, second in pairwise(merged)):
            current, _ = splice(base, merged)
    return current
