"""What is gone from a corpus after a tool: documents, lines, figures; and the repeats that it left."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

SHORTEST = 40  # characters; shorter lines may repeat
_PART = re.compile(r"0*(\d+)")  # of a date or an amount: 22/01 and 22/1, 1.260 and 1 billion 260
_WHOLE = re.compile(r"0*(\d+(?:[.,]\d+)*)")  # 1.260 and 1260
_SPELLED = {
    word: str(number)
    for number, word in enumerate(
        ["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"], start=1
    )
}
_WORDS, _ALIKE = 3, 0.4  # lines are alike that share so many of the shingles of the one that is gone


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is counted of a corpus, and its lines of 40 characters or more; `repeats` are those met before."""

    documents: int
    lines: int
    repeats: int
    texts: Set[str]


@dataclass(frozen=True, slots=True)
class Gone:
    """What is gone. `figures` are lines with a number that stands in no line left that is like them."""

    documents: int
    lines: int
    figures: int
    repeats_left: int


def counted(files: Iterable[Path]) -> Corpus:
    """Read JSON lines with `text` and count. Lines are compared in NFC, with single spaces."""
    documents = lines = repeats = 0
    texts: set[str] = set()
    for text in (text for file in files for text in _texts(file)):
        documents += bool(text.strip())
        for line in filter(None, (" ".join(line.split()) for line in normalize("NFC", text).split("\n"))):
            lines += 1
            if len(line) >= SHORTEST:
                repeats += line in texts
                texts.add(line)
    return Corpus(documents, lines, repeats, texts)


def gone(before: Corpus, kept: Corpus, published: Corpus) -> Gone:
    """Return what went as a duplicate, and the repeats in what is published."""
    missing = [line for line in before.texts - kept.texts if _PART.search(line)]
    return Gone(
        documents=before.documents - kept.documents,
        lines=before.lines - kept.lines,
        figures=len(missing) - len(_stated(missing, kept.texts)),
        repeats_left=published.repeats,
    )


def _stated(missing: Sequence[str], left: Iterable[str]) -> Set[int]:
    """Return the places of the lines all of whose numbers stand in one line that is left and like them."""
    places: dict[int, list[int]] = defaultdict(list)
    sizes = []
    for place, line in enumerate(missing):
        shingles = set(_shingles(line))
        sizes.append(len(shingles))
        for shingle in shingles:
            places[shingle].append(place)
    numbers = [_numbers(line) for line in missing]
    stated: set[int] = set()
    for line in left:
        shared = Counter(place for shingle in set(_shingles(line)) for place in places.get(shingle, ()))
        alike = [place for place, count in shared.items() if count >= _ALIKE * sizes[place]]
        if alike:
            words = Counter(_SPELLED[word] for word in line.lower().split() if word in _SPELLED)
            there = [written + words for written in _numbers(line)]
            stated.update(place for place in alike if any(map(Counter.__le__, numbers[place], there)))
    return stated


def _numbers(line: str) -> tuple[Counter[str], Counter[str]]:
    """Return the numbers of a line, by their parts and whole."""
    whole = (number.replace(".", "").replace(",", "") for number in _WHOLE.findall(line))
    return Counter(_PART.findall(line)), Counter(whole)


def _shingles(line: str) -> Iterator[int]:
    words = line.lower().split()
    return map(hash, zip(*(words[start:] for start in range(min(_WORDS, len(words)))), strict=False))


def _texts(file: Path) -> Iterator[str]:
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
        for line in stream:
            yield json.loads(line)["text"]
