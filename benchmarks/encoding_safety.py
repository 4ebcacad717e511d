"""What the encoding stage must never do, looked for over real, broken and random texts.

    python benchmarks/encoding_safety.py CORPUS [--lines 100000] [--fuzz 200000]

1. Every line of clean text in which it changes letters is listed with its rules, for a person to judge: asked
   as part of the article and as a text of its own. Controls, zero-width characters, entities and composition
   are not letters.
2. A second pass changes nothing: over the corpus, over every breakage of some of it, over random strings.
3. The fast path leaves out nothing: all steps and near misses are those of the stage without it.

Ends with 1 if 2 or 3 fails.
"""

from __future__ import annotations

import argparse
import html
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import signature
from itertools import chain, islice
from pathlib import Path
from typing import cast
from unicodedata import normalize

import regex
from breakages import TABLES, breakages
from clean_texts import after, articles, paragraphs, sentences
from fuzzed_texts import fuzzed

from cleaner.settings import EncodingSettings
from cleaner.stages.base import Outcome
from cleaner.stages.encoding import Encoding
from cleaner.text.show import show

_LETTERS = regex.compile(r"[\p{L}\p{M}\p{N}]+")
Document = Sequence[str]


@dataclass(slots=True)
class Findings:
    """What came out over one set of documents."""

    documents: int = 0
    touched: int = 0
    unstable: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)


def letters(text: str) -> str:
    """Return the letters, marks and digits of a text, composed, entities read."""
    return "".join(_LETTERS.findall(normalize("NFC", html.unescape(html.unescape(text)))))


def rules(outcome: Outcome) -> str:
    """Return the rules that acted on a paragraph."""
    return ", ".join(step.codec or step.rule for step in outcome.steps) or "nothing"


def changed_letters(documents: Iterable[Document], stage: Encoding) -> Iterator[tuple[str, str, str]]:
    """Yield each line with other letters after the stage: its rules, before, after."""
    for lines in documents:
        for index, outcome in stage(lines).items():
            if outcome.steps:
                text = outcome.steps[-1].text or ""
                if letters(lines[index]) != letters(text):
                    yield rules(outcome), lines[index], text


def checked(documents: Iterable[Document], stage: Encoding, slow: Encoding | None) -> Findings:
    """Ask for a second pass over each document, and the stage without its fast path."""
    found = Findings()
    for lines in documents:
        found.documents += 1
        outcomes = stage(lines)
        found.touched += bool(outcomes)
        done = after(lines, outcomes)
        for index, outcome in stage(done).items():
            if outcome.steps:
                first = outcomes.get(index, Outcome())
                texts = (lines[index], done[index], outcome.steps[-1].text or "")
                shown = "\n      ".join(show(text, limit=300) for text in texts)
                found.unstable.append(f"{rules(first)} | then {rules(outcome)}\n      {shown}")
        if slow:
            found.different += _differences(lines, outcomes, slow(lines))
    return found


def _differences(lines: Document, fast: Mapping[int, Outcome], slow: Mapping[int, Outcome]) -> Iterator[str]:
    for index, text in enumerate(lines):
        ours, theirs = fast.get(index, Outcome()), slow.get(index, Outcome())
        if ours != theirs:
            misses = [{miss.rule for miss in each.near_misses} for each in (ours, theirs)]
            yield (
                f"fast: {rules(ours)} | slow: {rules(theirs)} | near misses: {misses[0]} {misses[1]}"
                f"\n      {show(text, limit=300)}"
            )


def broken_documents(texts: Sequence[str], options: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    """Yield sentences and articles under every breakage that can write them."""
    single = sentences(texts, 4 * options.sentences, options.seed)
    for breakage in breakages(options.tables):
        for source, count in ((single, options.sentences), (texts, options.articles)):
            arrived = (breakage.broken(breakage.meant(text)) for text in source)
            written = (text for text in arrived if text is not None)
            yield from (paragraphs(text) for text in islice(written, count))


def _without_fast_path() -> Encoding | None:
    if "fast" not in signature(Encoding).parameters:
        return None
    make = cast(Callable[..., Encoding], Encoding)
    return make(EncodingSettings(), fast=False)


def _print_some(found: Sequence[str], most: int) -> None:
    for number, text in enumerate(found[:most], 1):
        print(f"  {number}. {text}")
    if len(found) > most:
        print(f"  ... and {len(found) - most:,} more")


def _print_changed(whole: Sequence[Document], stage: Encoding) -> None:
    """Print the lines of clean text with other letters than before, each once."""
    alone = [[line] for lines in whole for line in lines]
    ways: dict[tuple[str, str, str], list[str]] = {}
    for way, documents in (("in its article", whole), ("alone", alone)):
        for change in changed_letters(documents, stage):
            ways.setdefault(change, []).append(way)
    counts = Counter(way for found in ways.values() for way in found)
    print(f"letters changed in {len(alone):,} clean lines: {dict(counts) or 'none'}")
    for number, ((why, before, text), found) in enumerate(ways.items(), 1):
        places = " and ".join(f"{count} x {way}" for way, count in Counter(found).items())
        print(f"  {number}. {why} ({places})")
        print(f"      {_around(before, text)}\n      {_around(text, before)}")


def _print_near_misses(whole: Sequence[Document], stage: Encoding) -> None:
    outcomes = (outcome for lines in whole for outcome in stage(lines).values())
    counts = Counter(miss.rule for outcome in outcomes for miss in outcome.near_misses)
    print(f"near misses in clean articles: {dict(counts) or 'none'}")


def _around(text: str, other: str) -> str:
    """Return what differs from `other`, with some characters around it."""
    start = next((n for n, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]), 0)
    return show(text[max(0, start - 60) : start + 140], limit=None)


def main() -> None:
    """Read the options, print what was found."""
    parser = argparse.ArgumentParser(description="What the encoding stage must never do.")
    parser.add_argument("corpus", type=Path, help="JSON lines with `text` (.zst, .gz), or a folder of .txt")
    parser.add_argument("--lines", type=int, default=100_000, help="of clean text (default: 100000)")
    parser.add_argument("--sentences", type=int, default=200, help="a breakage (default: 200)")
    parser.add_argument("--articles", type=int, default=20, help="a breakage (default: 20)")
    parser.add_argument("--fuzz", type=int, default=200_000, help="random strings (default: 200000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=50, help="failures of 2 and 3 shown (default: 50)")
    parser.add_argument("--tables", type=Path, default=TABLES, help="folder of tcvn3.tsv, vni.tsv ...")
    options = parser.parse_args()
    texts = articles(options.corpus, options.seed)
    stage, slow = Encoding(EncodingSettings()), _without_fast_path()
    whole = _first_lines(map(paragraphs, texts), options.lines)
    _print_changed(whole, stage)
    _print_near_misses(whole, stage)
    broken = list(broken_documents(texts, options))
    pieces = [line for lines in broken for line in lines if line]
    sets: dict[str, Iterable[Document]] = {
        "corpus, articles": whole,
        "corpus, single lines": ([line] for line in chain.from_iterable(whole)),
        "broken variants": broken,
        "random strings": ([text] for text in fuzzed(pieces, options.fuzz, options.seed)),
    }
    failed = False
    for name, documents in sets.items():
        found = checked(documents, stage, slow)
        compared = (
            f"{len(found.different):,} differ without the fast path" if slow else "no way past the fast path"
        )
        print(f"\n{name}: {found.documents:,}, {found.touched:,} with an outcome; ", end="")
        print(f"{len(found.unstable):,} lines change again, {compared}", flush=True)
        _print_some(found.unstable, options.show)
        _print_some(found.different, options.show)
        failed = failed or bool(found.unstable or found.different)
    sys.exit(failed)


def _first_lines(documents: Iterable[Document], count: int) -> list[Document]:
    """Return the first documents, of `count` lines together; the last one may be cut."""
    taken: list[Document] = []
    for lines in documents:
        if count <= 0:
            break
        taken.append(lines[:count])
        count -= len(lines)
    return taken


if __name__ == "__main__":
    main()
