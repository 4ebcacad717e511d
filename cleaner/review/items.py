"""What a person is asked about: removals and near removals, one for each that a decision can be about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import nsmallest
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from cleaner.io.outlines import folder_or_name, record_name
from cleaner.io.output import OutputDocument
from cleaner.text.changes import Place, Suspect
from cleaner.text.decisions import (
    DECIDED,
    JUDGE,
    KEPT,
    Decision,
    Key,
    Kind,
    Removal,
    removals,
    suspect_keys,
    takes_away,
    text_key,
)
from cleaner.text.document import split
from cleaner.text.history import Story, stories

Group = Literal["held back", "removed", "edited", "reported"]
MOST = 20_000  # items of a review; nobody answers more, and the rest are less doubtful


class Item(Struct, frozen=True):
    """A paragraph, what was done to it or nearly was, and why. `text` is what decisions about it name;
    `stands` is the paragraph in the clean text, None where it was removed. `other` is the paragraph that it
    was compared with. `count` tells how many such paragraphs there are.
    """

    group: Group
    path: str
    record: int
    paragraph: int
    line: int
    source: str
    stage: str
    rule: str
    reason: str
    text: str
    stands: str | None
    keys: frozenset[Key]
    score: float | None = None
    other: Place | None = None
    count: int = 1

    @property
    def name(self) -> str:
        """The document, as a person names it."""
        return record_name(self.path, self.record)

    @property
    def rule_name(self) -> str:
        """The rule, as stage.rule."""
        return f"{self.stage}.{self.rule}"

    @property
    def other_text(self) -> str | None:
        """The paragraph that it was compared with."""
        if self.other is None:
            return None
        return self.text if self.other.text is None else self.other.text

    def decision(self, kind: Kind) -> Decision:
        """Return the decision that an answer is."""
        if kind == "keep":
            return Decision(kind, self.text, document=self.name)
        if kind == "drop":
            return Decision(kind, self.text if self.stands is None else self.stands, document=self.name)
        other = self.other_text if self.stage == JUDGE else None
        return Decision(kind, self.text, self.rule_name, other, self.name)

    def doubt(self) -> tuple[int, float, str, int, int]:
        """Return where it stands in the order of what is asked first, lowest first.

        Pairs that the fact guard kept come first, the most alike before others; then what went although it
        was least alike, people's own rules, other rules by how much they took, and at last what stands
        elsewhere word by word.
        """
        place = (self.path, self.record, self.line)
        if self.group == "held back":
            return (0, -(self.score or 0), *place)
        if self.stage == JUDGE and self.other and self.other.text is not None:
            return (1, self.score or 0, *place)
        if self.group == "reported":
            return (4, -len(self.text), *place)
        if self.stage == "boilerplate":
            taken = len(self.text) - len(self.stands or "")
            return (2 if self.rule.startswith("own.") else 3, -taken, *place)
        return (5 if self.other and self.other.text is not None else 6, -len(self.text), *place)


def items_of(document: OutputDocument) -> Iterator[Item]:
    """Yield what a person may be asked about a document: not what decisions did."""
    paragraphs = split(document.recoded, document.mode)
    told = list(stories(paragraphs, document.edited, document.changes))
    for story in told:
        steps = story.change.steps
        if takes_away(story.change):
            found = list(removals(story.change, story.texts))
            for removal in found[-1:] if story.change.dropped else found:
                if not removal.rule.startswith(f"{DECIDED}."):
                    number = len(steps) - 1 if story.change.dropped else _step(story, removal)
                    yield _removed(document, story, removal, steps[number].reason)
    texts = {story.change.paragraph: story.texts[-1] for story in told}
    for suspect in document.suspects:
        if suspect.reason != KEPT:
            yield _suspected(
                document, suspect, texts.get(suspect.paragraph, paragraphs.texts[suspect.paragraph])
            )


def _step(story: Story, removal: Removal) -> int:
    return next(i for i, step in enumerate(story.change.steps) if f"{step.stage}.{step.rule}" == removal.rule)


def _removed(document: OutputDocument, story: Story, removal: Removal, reason: str) -> Item:
    change = story.change
    stage, _, rule = removal.rule.partition(".")
    stands = None if change.dropped else story.texts[-1]
    keys = {*removal.keys(), text_key(stands or removal.text)}
    return Item(
        "removed" if change.dropped else "edited", document.path, document.record, change.paragraph,
        change.line, _source(document), stage, rule, reason or change.reason, removal.text, stands,
        frozenset(keys),
        change.score if change.dropped else None,
        change.survivor if change.dropped else None,
    )  # fmt: skip


def _suspected(document: OutputDocument, suspect: Suspect, text: str) -> Item:
    return Item(
        "held back" if suspect.other else "reported", document.path, document.record, suspect.paragraph,
        suspect.line, _source(document), suspect.stage, suspect.rule, suspect.reason, text, text,
        frozenset(suspect_keys(suspect, text)), suspect.score, suspect.other,
    )  # fmt: skip


def _source(document: OutputDocument) -> str:
    return document.header.source or folder_or_name(document.path)


def collected(items: Iterable[Item], most: int = MOST) -> tuple[list[Item], int]:
    """Return the most doubtful items in order, those that one answer answers as one; and how many other
    paragraphs were left out.
    """
    found: dict[frozenset[Key], Item] = {}
    left_out = 0
    for item in items:
        known = found.get(item.keys)
        if known:
            first = min(known, item, key=Item.doubt)
            found[item.keys] = replace(first, count=known.count + item.count)
            continue
        found[item.keys] = item
        if len(found) > 2 * most:
            kept = dict(nsmallest(most, found.items(), key=lambda each: each[1].doubt()))
            left_out += sum(each.count for keys, each in found.items() if keys not in kept)
            found = kept
    ordered = sorted(found.values(), key=Item.doubt)
    return ordered[:most], left_out + sum(each.count for each in ordered[most:])
