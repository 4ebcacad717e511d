"""`cleaner audit`: how right the pipeline is on texts like a person's own, with the person's settings.

Known duplicates and traps are planted in documents made of a sample of the corpus, the real pipeline runs
over them in a temporary folder, and its ledger is held against what was planted. The same corpus and settings
give the same figures.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from cleaner.dedup.columns import exact_digest
from cleaner.errors import UsageError
from cleaner.io.corpus import Documents, in_temporary_folder
from cleaner.io.settings_file import LoadedSettings
from cleaner.job import Job, Progress, run
from cleaner.planted import SHORT, Verdicts, judged, output_of
from cleaner.planting.corpus import Corpus
from cleaner.planting.layout import document_id, layout_for, truth_row
from cleaner.planting.pool import pool_of
from cleaner.settings import LimitSettings, PrioritySettings, Settings
from cleaner.text.normalize import matching_forms

DOCUMENTS = 3_000  # of the corpus, of which the made ones are made
_SHARE = 0.2  # of the paragraphs in which something is to be planted
_FILES = 4


class Audited(msgspec.Struct, frozen=True):
    """What was planted in how many documents and paragraphs, of which some are `short`, made of a `sample` of
    `read` documents; what became of it; and what could not be read.
    """

    read: int
    sample: int
    documents: int
    paragraphs: int
    short: int
    verdicts: Verdicts
    problems: tuple[str, ...]


def audit(loaded: LoadedSettings, names: Sequence[str], size: int, progress: Progress) -> Audited:
    """Plant about `size` bytes of documents made of the inputs named (none: those of the settings), clean
    them and judge the result.

    Raises UsageError where there is too little text, and what a run raises.
    """
    settings = loaded.settings
    progress("reading", 0, 1)
    documents = Documents(loaded, names)
    read, sample = _sample(source.text for _, _, _, source in documents)
    try:
        pool = pool_of(sample)
    except ValueError as error:
        raise UsageError(f"the corpus cannot be audited: {error}") from None
    corpus = Corpus(pool, _seed(sample), _SHARE)
    with in_temporary_folder(), tempfile.TemporaryDirectory(prefix="cleaner-") as name:
        folder = Path(name)
        truth, counts = _planted(corpus, size, folder / "in")
        chosen = _settings(settings, folder)
        run(Job(chosen, folder), progress)
        verdicts = judged(lambda: truth, output_of(folder / "out"))
    return Audited(read, len(sample), *counts, verdicts, tuple(documents.problems))


def _sample(texts: Iterator[str]) -> tuple[int, list[str]]:
    """Return how many texts there are, and of the distinct ones those whose digests are the lowest."""
    lowest: list[tuple[int, str]] = []
    known: set[int] = set()
    count = 0
    for text in texts:
        count += 1
        digest = -int.from_bytes(exact_digest(text))
        if digest in known or not text.strip():
            continue
        if len(lowest) < DOCUMENTS:
            heapq.heappush(lowest, (digest, text))
        elif digest > lowest[0][0]:
            known.discard(heapq.heapreplace(lowest, (digest, text))[0])
        else:
            continue
        known.add(digest)
    return count, [text for _, text in sorted(lowest, reverse=True)]


def _seed(sample: Sequence[str]) -> int:
    return int.from_bytes(exact_digest("\n".join(sample))[:4])


def _planted(corpus: Corpus, size: int, folder: Path) -> tuple[list[dict[str, Any]], tuple[int, int, int]]:
    """Write the documents; return the truth, and how many documents, paragraphs and short ones there are."""
    layout = layout_for(corpus, size, _FILES, jsonl=True)
    folder.mkdir()
    truth: list[dict[str, Any]] = []
    paragraphs = short = 0
    for part in layout.parts():
        numbers = layout.numbers(part)
        with open(folder / layout.path(numbers[0]), "wb") as file:
            for number in numbers:
                made = corpus.document(number)
                file.write(msgspec.json.encode({"id": document_id(number), "text": made.text}) + b"\n")
                truth += [truth_row(planting, layout) for planting in made.plantings]
                paragraphs += len(made.paragraphs)
                short += sum(len(form) < SHORT for form in matching_forms(made.paragraphs))
    return truth, (layout.documents, paragraphs, short)


def _settings(settings: Settings, folder: Path) -> Settings:
    """Return a person's settings, with the places and fields of the made corpus in the place of theirs."""
    places: dict[str, Any] = {
        "input": (str(folder / "in"),), "output": str(folder / "out"), "include": (), "exclude": (),
        "inputs": "keep", "format": "jsonl", "text_field": "text", "id_field": "id", "source_field": "",
        "paragraph": "line", "priority": PrioritySettings(), "limits": LimitSettings(enabled=False),
    }  # fmt: skip
    return settings.model_copy(update=places)
