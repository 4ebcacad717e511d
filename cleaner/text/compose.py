"""Draft and rulings become clean text: one edit of the source for each paragraph that changed.

Here alone source offsets are handled. A dropped paragraph goes with the separator after it; at the
end of a document with the one before it, so that the text ends as it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from cleaner.text.changes import Change, Place, Step, Suspect, edits
from cleaner.text.document import Paragraphs
from cleaner.text.draft import Act, Draft
from cleaner.text.edit import Edit, Patch, change, splice
from cleaner.text.layout import Layout, lay_out
from cleaner.text.recoded import Recoded

_SHOWN = 300  # characters of a near miss kept in the ledger; the paragraph itself stands in the text


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """What the judge says of one paragraph: it goes for the sake of `other`, or was held back."""

    goes: bool
    rule: str
    score: float
    reason: str
    other: Place


class Cleaned(msgspec.Struct, frozen=True, gc=False):
    """A clean text, the layout it replaced, and everything the ledger says of it. Of a document that was
    `recoded`, changes and suspects count in the recoded text.
    """

    text: str
    layout: Layout | None
    changes: tuple[Change, ...]
    suspects: tuple[Suspect, ...]
    kept: int
    recoded: Recoded | None = None


class _Span(msgspec.Struct, frozen=True, gc=False):
    """The edit of one paragraph, whether it drops it, and how much of its source is separator."""

    paragraph: int
    edit: Edit
    dropped: bool
    before: int
    after: int


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
    texts = paragraphs.texts
    final = {
        number: None if number in goes else draft.text(number, texts[number])
        for number in sorted({*draft.acts, *goes})
    }
    kept = len(texts) - sum(text is None for text in final.values())
    if not (final or rulings or draft.misses or blank_line):
        return Cleaned(paragraphs.text, None, (), (), kept)
    spans = list(_spans(paragraphs, final)) if final else []
    edited, patches = splice(paragraphs.text, [span.edit for span in spans])
    lines = paragraphs.lines
    changes = tuple(
        _change(span, patch, lines[span.paragraph], texts[span.paragraph], draft, goes, place, stage)
        for span, patch in zip(spans, patches, strict=True)
    )
    layout: Layout | None = None
    if blank_line:
        left = paragraphs.remaining([final.get(number, text) for number, text in enumerate(texts)])
        edited, layout = lay_out(left.lead, left.texts, left.separators)
    gone = {number for number, text in final.items() if text is None}
    return Cleaned(edited, layout, changes, tuple(_suspects(draft, rulings, gone, lines, stage)), kept)


def _spans(paragraphs: Paragraphs, final: Mapping[int, str | None]) -> Iterator[_Span]:
    """Yield the edit of each paragraph that became another text, or None: it goes."""
    starts = paragraphs.starts()
    last = len(paragraphs.texts) - 1
    while last >= 0 and final.get(last, "") is None:
        last -= 1
    for number, after in final.items():
        before = paragraphs.texts[number]
        start, stop = starts[number], starts[number + 1]
        end = start + len(before)
        if after is None and number < last:
            yield _Span(number, Edit(start, stop, ""), True, 0, stop - end)
        elif after is None and last >= 0:
            previous = starts[number - 1] + len(paragraphs.texts[number - 1])
            yield _Span(number, Edit(previous, end, ""), True, start - previous, 0)
        elif after is None:
            first = start if number else 0
            yield _Span(number, Edit(first, stop, ""), True, start - first, stop - end)
        elif after != before:
            yield _Span(number, change(before, after, start), False, 0, 0)


def _change(
    span: _Span,
    patch: Patch,
    line: int,
    source: str,
    draft: Draft,
    goes: Mapping[int, Ruling],
    place: Callable[[int], Place],
    stage: str,
) -> Change:
    """Return what the ledger says of one paragraph: its steps, and for whose sake it went."""
    steps, text = _steps(source, draft.acts.get(span.paragraph, ()), plain=not span.dropped)
    ruling = goes.get(span.paragraph)
    if ruling:
        steps.append(Step(stage, ruling.rule))
    survivor, also = _survivor(draft, span.paragraph)
    if survivor is not None and ruling is None:
        ruling = goes.get(survivor)  # a repeat names the paragraph that stays in the end
    score: float | None = None
    other: Place | None = None
    reason = ""
    if ruling:
        score, reason, other = ruling.score, ruling.reason, _told(ruling.other, text)
    elif also:
        reason = f"what had its text went, too: {also}"
    elif survivor is not None:
        other = _told(place(survivor), text)
    return Change(
        span.paragraph, line, patch.at, patch.length, patch.source, span.dropped, tuple(steps),
        span.before, span.after, score, other, reason,
    )  # fmt: skip


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


def _steps(source: str, acts: Sequence[Act], *, plain: bool) -> tuple[list[Step], str]:
    """Return the steps of a paragraph, and its text before it was dropped, if it was.

    What an only step did is plain from the change itself, unless it was one of several.
    """
    steps = []
    for act in acts:
        if act.text is None or (plain and len(acts) == 1):
            steps.append(Step(act.stage, act.rule, None, act.metadata, act.reason))
        else:
            steps.append(Step(act.stage, act.rule, edits(source, act.text), act.metadata, act.reason))
        source = source if act.text is None else act.text
    return steps, source


def _told(other: Place, text: str) -> Place:
    """Leave out the survivor's text where it is the text that went."""
    return msgspec.structs.replace(other, text=None) if other.text == text else other


def _suspects(
    draft: Draft,
    rulings: Mapping[int, Sequence[Ruling]],
    gone: set[int],
    lines: Sequence[int],
    stage: str,
) -> Iterator[Suspect]:
    for number in sorted({*draft.misses, *rulings}):
        if number in gone:  # what went is no suspect any more
            continue
        for miss in draft.misses.get(number, ()):
            yield Suspect(number, lines[number], miss.stage, miss.rule, miss.reason, miss.match[:_SHOWN])
        for ruling in rulings.get(number, ()):
            if not ruling.goes:
                yield Suspect(
                    number, lines[number], stage, ruling.rule, ruling.reason, "", ruling.score, ruling.other
                )
