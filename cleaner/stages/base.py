"""What a local stage is: a pure function from the paragraphs of one document to what changes.

A stage sees the text of the paragraphs that are still alive, in order; the place of a paragraph is
its index. It returns an entry only for the paragraphs it has something to say about. It knows no
source offset, file or setting of another stage: the pipeline composes the source span, once a
paragraph (`pipeline.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct

from cleaner.text.kinds import Lines

Blocks: TypeAlias = Callable[[], Sequence[int]]


def no_blocks() -> Sequence[int]:
    """Return that nothing is known of blocks."""
    return ()


class Step(Struct, frozen=True):
    """One act of one rule on one paragraph.

    `text` is the paragraph after it, None when it is dropped. `survivor` is the index, in the input
    of the stage, of the paragraph that stays in place of a dropped repeat. `metadata` is what the
    removed text tells, as (name, text). `codec` names the frozen codec that makes the text before of the
    text after, where there is one (`text/recoding.py`). `reason` says why, where the rule alone does not.
    """

    rule: str
    text: str | None
    survivor: int | None = None
    metadata: tuple[str, str] | None = None
    codec: str = ""
    reason: str = ""


class NearMiss(Struct, frozen=True):
    """A rule that matched and did not act: `match` is the text in question, `reason` says why not."""

    rule: str
    match: str
    reason: str


class Outcome(Struct, frozen=True):
    """All that a stage did and nearly did to one paragraph; each step starts from the one before."""

    steps: tuple[Step, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()


class LocalStage(Protocol):
    """A stage that needs only the document in hand."""

    @property
    def name(self) -> str:
        """The name in settings, ledger, reports and tests."""
        ...

    @property
    def by_place(self) -> bool:
        """Whether what it does depends on which other paragraphs are there."""
        ...

    def expect(self, lines: Lines, /) -> None:
        """Learn from the paragraphs of documents to come what can be learnt of many at once: results come
        faster then, and are the same.
        """
        ...

    def __call__(self, paragraphs: Sequence[str], blocks: Blocks = no_blocks, /) -> Mapping[int, Outcome]:
        """Return what happens to paragraph i, for those i to which something happens.

        `blocks` tells, when asked, the number of the block of each paragraph, ascending: a blank line stands
        between two blocks. No numbers mean that nothing is known of them.
        """
        ...
