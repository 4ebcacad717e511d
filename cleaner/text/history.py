"""From the ledger back to the texts: what each changed paragraph was, and what it became, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from cleaner.text.changes import Change, undo
from cleaner.text.document import ParagraphMode, Paragraphs, split
from cleaner.text.edit import splice
from cleaner.text.layout import lay_out
from cleaner.text.recoded import Recoded

LayoutMode = Literal["blank_line", "keep"]


class Story(Struct, frozen=True):
    """A change, and its paragraph: as it came in, then after each step that edited it."""

    change: Change
    texts: tuple[str, ...]


def stories(paragraphs: Paragraphs, edited: str, changes: Sequence[Change]) -> Iterator[Story]:
    """Tell each change of a document. `edited` is its clean text before layout."""
    starts = paragraphs.starts()
    shift = 0  # source offset minus edited offset
    for change in changes:
        source = paragraphs.texts[change.paragraph]
        texts = [source]
        for step in change.steps:
            if step.edits is not None:
                texts.append(splice(texts[-1], step.edits)[0])
        if not change.dropped and len(change.steps) == 1:
            begin = change.at + shift - starts[change.paragraph]
            became = edited[change.at : change.at + change.length]
            texts.append(source[:begin] + became + source[begin + len(change.source) :])
        yield Story(change, tuple(texts))
        shift += len(change.source) - change.length


def without(
    source: str,
    edited: str,
    changes: Sequence[Change],
    selected: Callable[[str, str], bool],
    *,
    mode: ParagraphMode,
    layout: LayoutMode,
    recoded: Recoded | None = None,
) -> str:
    """Return the clean text of `source` as if the selected (stage, rule) had never acted.

    Of a document that was `recoded`, `source` is the recoded text. Of its chain all that follows a selected
    act goes with it.
    """
    paragraphs = split(source, mode)
    final: list[str | None] = list(paragraphs.texts)
    for story in stories(paragraphs, edited, changes):
        steps = story.change.steps
        made = [
            selected(step.stage, step.rule)
            for step in steps
            if not (step.edits is None and story.change.dropped)
        ]
        goes = story.change.dropped and not selected(steps[-1].stage, steps[-1].rule)
        final[story.change.paragraph] = None if goes else undo(story.texts, made)
    if recoded:
        _write_back(final, paragraphs.texts, recoded, selected)
    left = paragraphs.remaining(final)
    if layout == "blank_line":
        return lay_out(left.lead, left.texts, left.separators)[0]
    return left.text


def _write_back(
    final: list[str | None], texts: Sequence[str], recoded: Recoded, selected: Callable[[str, str], bool]
) -> None:
    """Write the recoded paragraphs as they stood before the first selected act of the chain.

    Where a later rule brought in what the old encoding cannot write, it is taken back with it.
    """
    chain = recoded.chain
    first = next((at for at, act in enumerate(chain) if selected(act.stage, act.rule)), len(chain))
    exceptions = dict(recoded.exceptions) if first == 0 else {}
    for number in recoded.numbers():
        text = final[number]
        if text is None:
            continue
        if number in exceptions:
            source = recoded.source(number, texts[number])
            final[number] = undo([source, texts[number], text], [True, False])
        else:
            try:
                final[number] = recoded.written(text, first)
            except ValueError:
                final[number] = recoded.written(texts[number], first)
