"""A simple random sample of what one stage changed, or of what it held back, for a person to judge.

    python benchmarks/sample.py OUT --stage near_duplicate --count 150 --seed 11
    python benchmarks/sample.py OUT --stage near_duplicate --count 150 --seed 12 --suspects

OUT is the output folder of a run; everything printed comes from its ledgers and clean texts. Every change
of the stage has the same chance (a reservoir, nothing stratified), so the share of wrong ones among those
read estimates the share among all. The same output, options and seed give the same sample.

Each item shows where it stands, its score and reason, the paragraph before (`-`) and after (`+`) the stage,
or for what was dropped the survivor (`=`), and the source lines around it, two on either side. With
`--suspects` `-` is the paragraph that was held back and `=` the one it was compared with.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from random import Random

from cleaner.io.output import OutputDocument, read_documents
from cleaner.text.changes import Place
from cleaner.text.document import Paragraphs, split
from cleaner.text.history import Story, stories
from cleaner.text.show import show

_AROUND = 2  # paragraphs shown on either side
STAGES = ("near_duplicate", "repeats", "boilerplate", "encoding", "whitespace")


def changed(document: OutputDocument, stage: str) -> Iterator[str]:
    """Yield the changes of one document by `stage`, each as the text of an item."""
    paragraphs = split(document.recoded, document.mode)
    yield from _recoded(document, paragraphs, stage)
    for story in stories(paragraphs, document.edited, document.changes):
        for step, before, after in _acts(story, stage):
            change, last = story.change, after is None
            lines = [_head(document, change.line, step, change.score if last else None), f"- {_text(before)}"]
            if after is not None:
                lines.append(f"+ {_text(after)}")
            elif change.survivor:
                lines.append(_other(change.survivor, before))
            if last and change.reason:
                lines.append(f"  because: {_text(change.reason)}")
            yield "\n".join(lines + _around(paragraphs, change.paragraph))


def _recoded(document: OutputDocument, paragraphs: Paragraphs, stage: str) -> Iterator[str]:
    """Yield what the chain of a recoded document did by `stage`: one item a paragraph and act."""
    recoded = document.header.recoded
    if recoded is None:
        return
    lines = paragraphs.lines
    for number in recoded.numbers():
        for at, act in enumerate(recoded.chain):
            if act.stage == stage:
                before, after = (recoded.written(paragraphs.texts[number], first) for first in (at, at + 1))
                head = _head(document, lines[number], f"{act.stage}.{act.rule}", None)
                shown = [head, f"- {_text(before)}", f"+ {_text(after)}"]
                yield "\n".join(shown + _around(paragraphs, number))


def _acts(story: Story, stage: str) -> Iterator[tuple[str, str, str | None]]:
    """The acts of `stage` on one paragraph: rule, text before and after (None: dropped)."""
    texts = iter(story.texts)
    before = next(texts)
    for step in story.change.steps:
        after = next(texts, None)
        if step.stage == stage:
            yield f"{step.stage}.{step.rule}", before, after
        before = before if after is None else after


def held_back(document: OutputDocument, stage: str) -> Iterator[str]:
    """Yield what `stage` held back or only reported in one document, each as the text of an item."""
    paragraphs = split(document.recoded, document.mode)
    for suspect in document.suspects:
        if suspect.stage == stage:
            text = paragraphs.texts[suspect.paragraph]
            lines = [_head(document, suspect.line, f"{stage}.{suspect.rule}", suspect.score)]
            lines.append(f"- {_text(text)}")
            lines += [_other(suspect.other, text)] if suspect.other else []
            lines += [f"  match: {_text(suspect.match)}"] if suspect.match else []
            lines.append(f"  because: {_text(suspect.reason)}")
            yield "\n".join(lines + _around(paragraphs, suspect.paragraph))


def _head(document: OutputDocument, line: int, rule: str, score: float | None) -> str:
    scored = "" if score is None else f"  {score:.1f}"
    return f"{_text(document.id)}, line {line}  {rule}{scored}"


def _other(place: Place, same: str) -> str:
    text = same if place.text is None else place.text
    return f"= {_text(text)}  [{_text(place.document)}, line {place.line}]"


def _around(paragraphs: Paragraphs, number: int) -> list[str]:
    first, last = max(0, number - _AROUND), number + _AROUND + 1
    shown = enumerate(paragraphs.texts[first:last], first)
    return [f"    {'>' if at == number else '|'} {show(text, limit=120)}" for at, text in shown]


def _text(text: str) -> str:
    return show(text, limit=None)


def draw(items: Iterator[str], count: int, seed: int) -> list[str]:
    """Return `count` of `items`, each with the same chance (algorithm R), in the order they came."""
    random = Random(seed)
    kept: list[tuple[int, str]] = []
    for number, item in enumerate(items):
        if number < count:
            kept.append((number, item))
        elif (place := random.randrange(number + 1)) < count:
            kept[place] = (number, item)
    return [item for _, item in sorted(kept)]


def main() -> None:
    """Read the options, print the sample."""
    parser = argparse.ArgumentParser(
        description="Draw changes of one stage at random, for a person to judge."
    )
    parser.add_argument("out", help="output folder of `cleaner run`")
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--suspects", action="store_true", help="draw what was held back or only reported")
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tell = held_back if options.suspects else changed
    items = (item for document in read_documents(options.out) for item in tell(document, options.stage))
    for number, item in enumerate(draw(items, options.count, options.seed), 1):
        print(f"{number}. {item}\n")


if __name__ == "__main__":
    main()
