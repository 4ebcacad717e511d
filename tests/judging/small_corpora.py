"""Small corpora through the real files: scans of several segments are saved, joined, and judged."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct

from cleaner.dedup.columns import columns
from cleaner.engine.base import Engine
from cleaner.engine.local import LocalEngine
from cleaner.io.edges import EdgeFiles
from cleaner.io.scans import ScannedDocument, save_scan
from cleaner.io.settings_file import load_fact_words
from cleaner.judging.judge import judge
from cleaner.judging.judged import Fate, HeldBack
from cleaner.rows import Segment, join_rows, scanned_segment
from cleaner.settings import NearDuplicateSettings
from cleaner.text.normalize import matching_form

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
FACTS = [load_fact_words(language) for language in ("vi", "en")]


class Corpus(Struct, frozen=True):
    """Paragraphs, each a document of its own unless `documents` numbers these; the first `settled`
    documents are published, `rank` is that of each document. A segment begins at each document in `cuts`.
    """

    texts: Sequence[str]
    documents: Sequence[int] | None = None
    settled: int = 0
    rank: Sequence[int] | None = None
    cuts: frozenset[int] = frozenset()

    @property
    def numbers(self) -> Sequence[int]:
        """The document of each paragraph."""
        return range(len(self.texts)) if self.documents is None else self.documents

    @property
    def count(self) -> int:
        """How many documents there are."""
        return max(self.numbers, default=-1) + 1


class Judgement(Struct, frozen=True):
    """What was judged: all of it by rows and documents of the whole corpus."""

    fates: tuple[Fate, ...]
    held_back: tuple[HeldBack, ...]
    duplicates: dict[int, int]
    edges: tuple[tuple[object, ...], ...]
    told: tuple[bytes, ...]  # the pairs as a person reads them, in one order
    counts: dict[str, int]


def save(folder: Path, corpus: Corpus, settings: NearDuplicateSettings) -> tuple[list[Segment], int]:
    """Save the scans of a corpus; return its segments, and how many of these are published."""
    limits = settings.min_characters, settings.max_characters
    borders = sorted({0, corpus.settled, corpus.count} | {cut for cut in corpus.cuts if cut < corpus.count})
    segments = []
    for start, stop in itertools.pairwise(borders):
        rows = [row for row, document in enumerate(corpus.numbers) if start <= document < stop]
        texts = [corpus.texts[row] for row in rows]
        place = np.array(
            [
                (corpus.numbers[row] - start, row - corpus.numbers.index(corpus.numbers[row]), row)
                for row in rows
            ],
            np.int64,
        ).reshape(-1, 3)
        ranked = corpus.rank is not None and start >= corpus.settled
        documents = [
            ScannedDocument("a.jsonl", number + 1, str(number), 0, (corpus.rank[number],) if ranked else ())
            for number in range(start, stop)
        ]
        at = bytes(folder / f"{start:06}")
        made = columns([matching_form(text) for text in texts], place, limits)
        save_scan(at, made, texts, documents, [], limits)
        segments.append(scanned_segment(at, len(texts), len(documents), 0))
    return segments, sum(border < corpus.settled for border in borders)


def judgement(folder: Path, corpus: Corpus, engine: Engine, memory: int = 10**8, **changes: Any) -> Judgement:
    """Judge a corpus in a folder of its own."""
    settings = NearDuplicateSettings(**{"whole_documents": corpus.documents is not None, **changes})
    segments, published = save(folder, corpus, settings)
    rows, documents = join_rows(bytes(folder / "joined"), segments, published, engine)
    judged, counts = judge(rows, documents, settings, FACTS, engine, bytes(folder / "judged"), memory)
    fates: list[Fate] = []
    held: list[HeldBack] = []
    duplicates: dict[int, int] = {}
    for segment in range(rows.segments):
        found = judged.fates(segment)
        assert [*found] == [fate.row for fate in found.values()]
        fates += found.values()
        held += judged.held_back(segment)
        for document, other in judged.duplicates(segment, judged.documents(segment), found).items():
            duplicates[document + rows.first_document(segment)] = other
    gone = np.flatnonzero(judged.gone.between(0, len(rows))).tolist()
    assert gone == [fate.row for fate in fates], "what is said to go is what is marked as gone"
    told = tuple(sorted(line for path in judged.edges.paths() for line in Path(os.fsdecode(path)).open("rb")))
    edges = tuple(edges_of(judged.edges))
    return Judgement(tuple(fates), tuple(held), duplicates, edges, told, dict(+counts))


def edges_of(files: EdgeFiles) -> Iterator[tuple[object, ...]]:
    """Yield all edges with their reasons, in one order, however they are shared out to files."""
    yield from sorted(
        (*edge, reason)
        for edges, numbers in files
        for edge, reason in zip(edges.tolist(), files.reasons(numbers.tolist()), strict=True)
    )


def judged(corpus: Corpus | Sequence[str], engine: Engine | None = None, **options: Any) -> Judgement:
    """Judge a corpus, in this process unless told otherwise; options are settings, and `memory`."""
    told = corpus if isinstance(corpus, Corpus) else Corpus(corpus)
    if not told.texts:
        return Judgement((), (), {}, (), (), {})
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        return judgement(Path(folder), told, engine or LocalEngine(1), **options)
