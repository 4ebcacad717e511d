"""Draft and rulings become clean text: one edit of the source for each paragraph that changed.

Here alone source offsets are handled. A dropped paragraph goes with the separator after it; at the
end of a document with the one before it, so that the text ends as it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cleaner.text.changes import Change, Place, Step, Suspect, edits
from cleaner.text.document import Paragraphs
from cleaner.text.draft import Act, Draft
from cleaner.text.edit import Edit, change, splice
from cleaner.text.layout import Layout, lay_out

_SHOWN = 300  # characters of a near miss kept in the ledger; the paragraph itself stands in the text


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the judge says of one paragraph: it goes for the sake of `other`, or was held back."""

    goes: bool
    rule: str
    score: float
    reason: str
    other: Place


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A clean text, the layout it replaced, and everything the ledger says of it."""

    text: str
    layout: Layout | None
    changes: tuple[Change, ...]
    suspects: tuple[Suspect, ...]
    kept: int


@dataclass(frozen=True, slots=True)
class _Span:
    """The edit of one paragraph, and how much of its source is separator."""

    edit: Edit
    before: int = 0
    after: int = 0


def compose(
    paragraphs: Paragraphs,
    draft: Draft,
    rulings: Mapping[int, Sequence[Ruling]],
    place: Callable[[int], Place],
    *,
    stage: str,
    blank_line: bool,
) -> Cleaned:
    """Return the clean text of one document. `stage` is the name of the judge's rulings in the ledger,
    `place` names a paragraph of this document for those that went for its sake.
    """
    goes = {number: ruling for number, found in rulings.items() for ruling in found if ruling.goes}
    final = [
        None if number in goes else draft.text(number, source)
        for number, source in enumerate(paragraphs.texts)
    ]
    spans = dict(_spans(paragraphs, final))
    edited, patches = splice(paragraphs.text, [span.edit for span in spans.values()])
    lines = paragraphs.lines()
    changes = []
    for (number, span), patch in zip(spans.items(), patches, strict=True):
        bare = Change(
            number, lines[number], patch.at, patch.length, patch.source, final[number] is None, (),
            span.before, span.after,
        )  # fmt: skip
        changes.append(_explained(bare, paragraphs.texts[number], draft, goes, place, stage))
    layout: Layout | None = None
    if blank_line:
        left = paragraphs.remaining(final)
        edited, layout = lay_out(left.lead, left.texts, left.separators)
    kept = sum(text is not None for text in final)
    suspects = tuple(_suspects(draft, rulings, final, lines, stage))
    return Cleaned(edited, layout, tuple(changes), suspects, kept)


def _spans(paragraphs: Paragraphs, final: Sequence[str | None]) -> Iterator[tuple[int, _Span]]:
    starts = paragraphs.starts()
    last = max((number for number, text in enumerate(final) if text is not None), default=-1)
    for number, (before, after) in enumerate(zip(paragraphs.texts, final, strict=True)):
        start, stop = starts[number], starts[number + 1]
        end = start + len(before)
        if after is None and number < last:
            yield number, _Span(Edit(start, stop, ""), 0, stop - end)
        elif after is None and last >= 0:
            previous = starts[number - 1] + len(paragraphs.texts[number - 1])
            yield number, _Span(Edit(previous, end, ""), start - previous, 0)
        elif after is None:
            first = start if number else 0
            yield number, _Span(Edit(first, stop, ""), start - first, stop - end)
        elif after != before:
            yield number, _Span(change(before, after, start))


def _explained(
    bare: Change,
    source: str,
    draft: Draft,
    goes: Mapping[int, Ruling],
    place: Callable[[int], Place],
    stage: str,
) -> Change:
    steps, text = _steps(source, draft.acts.get(bare.paragraph, ()))
    ruling = goes.get(bare.paragraph)
    if ruling:
        steps.append(Step(stage, ruling.rule))
    survivor, also = _survivor(draft, bare.paragraph)
    if survivor is not None and ruling is None:
        ruling = goes.get(survivor)  # a repeat names the paragraph that stays in the end
    if len(steps) == 1 and not bare.dropped:
        steps = [replace(steps[0], edits=None)]
    if ruling:
        return replace(
            bare,
            steps=tuple(steps),
            score=ruling.score,
            reason=ruling.reason,
            survivor=_told(ruling.other, text),
        )
    if also:
        return replace(bare, steps=tuple(steps), reason=f"what had its text went, too: {also}")
    other = None if survivor is None else _told(place(survivor), text)
    return replace(bare, steps=tuple(steps), survivor=other)


def _survivor(draft: Draft, number: int) -> tuple[int | None, str]:
    """Return the paragraph for whose sake `number` went, if any, and the rule by which that one went.

    What stayed when a repeat went may have gone later: as a repeat itself, or by a rule of place.
    """
    survivor: int | None = None
    acts: Sequence[Act] = draft.acts.get(number, ())
    while acts and acts[-1].survivor is not None:
        survivor = acts[-1].survivor
        acts = draft.acts.get(survivor, ())
    gone = survivor is not None and acts and acts[-1].text is None
    return survivor, f"{acts[-1].stage}.{acts[-1].rule}" if gone else ""


def _steps(source: str, acts: Sequence[Act]) -> tuple[list[Step], str]:
    """Return the steps of a paragraph, and its text before it was dropped, if it was."""
    steps = []
    for act in acts:
        made = None if act.text is None else edits(source, act.text)
        steps.append(Step(act.stage, act.rule, made, act.metadata))
        source = source if act.text is None else act.text
    return steps, source


def _told(other: Place, text: str) -> Place:
    """Leave out the survivor's text where it is the text that went."""
    return replace(other, text=None) if other.text == text else other


def _suspects(
    draft: Draft,
    rulings: Mapping[int, Sequence[Ruling]],
    final: Sequence[str | None],
    lines: Sequence[int],
    stage: str,
) -> Iterator[Suspect]:
    for number in sorted({*draft.misses, *rulings}):
        if final[number] is None:  # what went is no suspect any more
            continue
        for miss in draft.misses.get(number, ()):
            yield Suspect(number, lines[number], miss.stage, miss.rule, miss.reason, miss.match[:_SHOWN])
        for ruling in rulings.get(number, ()):
            if not ruling.goes:
                yield Suspect(
                    number, lines[number], stage, ruling.rule, ruling.reason, "", ruling.score, ruling.other
                )
