"""What the encoding stage must never do, looked for over real, broken and random texts.

    python benchmarks/encoding_safety.py CORPUS [--lines 100000] [--fuzz 200000]

1. Every line of clean text in which it changes letters is listed with its rules, for a person to judge: asked
   as part of the article and as a text of its own. Controls, zero-width characters, entities and composition
   are not letters.
2. A second pass changes nothing: over the corpus, every breakage of some of it, random strings and documents.
3. The fast path leaves out nothing: all steps and near misses are those of the stage without it.
4. What a step promises holds: its codec makes the text before of the text after, no line end appears, and
   the text can be written to a clean file.

Ends with 1 if 2, 3 or 4 fails.
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
from fuzzed_texts import fuzzed, fuzzed_documents

from cleaner.settings import EncodingSettings
from cleaner.stages.base import Outcome
from cleaner.stages.encoding import Encoding
from cleaner.text.codec import encode_clean
from cleaner.text.recoding import encoded
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
    broken_promises: list[str] = field(default_factory=list)

    @property
    def failures(self) -> dict[str, list[str]]:
        """What must be empty, by what it is."""
        return {
            "lines change again": self.unstable,
            "differ without the fast path": self.different,
            "broken promises": self.broken_promises,
        }


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
    """Ask of each document for what must hold: promises, a second pass, the stage without its fast path."""
    found = Findings()
    for lines in documents:
        found.documents += 1
        outcomes = stage(lines)
        found.touched += bool(outcomes)
        found.unstable += _second_pass(lines, outcomes, stage)
        if slow:
            found.different += _differences(lines, outcomes, slow(lines))
        for index, outcome in outcomes.items():
            found.broken_promises += _broken_promises(lines[index], outcome)
    return found


def _second_pass(lines: Document, outcomes: Mapping[int, Outcome], stage: Encoding) -> Iterator[str]:
    done = after(lines, outcomes)
    for index, outcome in stage(done).items():
        if outcome.steps:
            texts = (lines[index], done[index], outcome.steps[-1].text or "")
            shown = "\n      ".join(show(text, limit=300) for text in texts)
            yield f"{rules(outcomes.get(index, Outcome()))} | then {rules(outcome)}\n      {shown}"


def _differences(lines: Document, fast: Mapping[int, Outcome], slow: Mapping[int, Outcome]) -> Iterator[str]:
    for index, text in enumerate(lines):
        ours, theirs = fast.get(index, Outcome()), slow.get(index, Outcome())
        if ours != theirs:
            told = " | ".join(f"{way}: {_told(each)}" for way, each in (("fast", ours), ("slow", theirs)))
            yield f"{told}\n      {show(text, limit=300)}"


def _told(outcome: Outcome) -> str:
    return rules(outcome) + "".join(f", not {miss.rule}" for miss in outcome.near_misses)


def _broken_promises(text: str, outcome: Outcome) -> Iterator[str]:
    before = text
    for step in outcome.steps:
        left = step.text or ""
        if step.codec and not _gives(left, step.codec, before):
            yield f"{step.codec} does not give back\n      {show(before, limit=300)}"
        if set("\n\r") & set(left) > set("\n\r") & set(before):
            yield f"{step.rule} makes a line end\n      {show(before, limit=300)}"
        before = left
    try:
        encode_clean(before)
    except UnicodeError:
        yield f"{rules(outcome)} makes what cannot be written\n      {show(text, limit=300)}"


def _gives(text: str, codec: str, before: str) -> bool:
    try:
        return encoded(text, codec) == before
    except (LookupError, ValueError):
        return False


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
        print(f"    {number}. {text}")
    if len(found) > most:
        print(f"    ... and {len(found) - most:,} more")


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


def document_sets(
    texts: Sequence[str], whole: Sequence[Document], options: argparse.Namespace
) -> dict[str, Iterable[Document]]:
    """Return what is checked, by what it is."""
    broken = list(broken_documents(texts, options))
    pieces = [line for lines in broken for line in lines]
    clean = list(islice(chain.from_iterable(whole), len(pieces) // 3))
    return {
        "corpus, articles": whole,
        "corpus, single lines": ([line] for line in chain.from_iterable(whole)),
        "broken variants": broken,
        "random strings": ([text] for text in fuzzed(pieces, options.fuzz, options.seed)),
        "random documents": fuzzed_documents(pieces + clean, options.fuzz // 20, options.seed),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What the encoding stage must never do.")
    parser.add_argument("corpus", type=Path, help="JSON lines with `text` (.zst, .gz), or a folder of .txt")
    parser.add_argument("--lines", type=int, default=100_000, help="of clean text (default: 100000)")
    parser.add_argument("--sentences", type=int, default=200, help="a breakage (default: 200)")
    parser.add_argument("--articles", type=int, default=20, help="a breakage (default: 20)")
    parser.add_argument("--fuzz", type=int, default=200_000, help="random strings (default: 200000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=50, help="failures shown of each kind (default: 50)")
    parser.add_argument("--tables", type=Path, default=TABLES, help="folder of tcvn3.tsv, vni.tsv ...")
    return parser.parse_args()


def main() -> None:
    """Print what was found, a set of documents at a time."""
    options = _options()
    texts = articles(options.corpus, options.seed)
    stage, slow = Encoding(EncodingSettings()), _without_fast_path()
    whole = _first_lines(map(paragraphs, texts), options.lines)
    _print_changed(whole, stage)
    _print_near_misses(whole, stage)
    if not slow:
        print("the stage has no way past its fast path: not compared")
    failed = False
    for name, documents in document_sets(texts, whole, options).items():
        found = checked(documents, stage, slow)
        print(f"\n{name}: {found.documents:,}, {found.touched:,} of them with an outcome", flush=True)
        for kind, failures in found.failures.items():
            failed = failed or bool(failures)
            print(f"  {len(failures):,} {kind}")
            _print_some(failures, options.show)
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
