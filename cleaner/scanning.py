"""Scanning a shard, as a worker does it: read, run the local stages, leave columns and drafts behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cleaner.dedup.columns import columns
from cleaner.errors import InputError
from cleaner.io.inputs import InputFile, Problem
from cleaner.io.scratch import save_scan
from cleaner.io.shards import Shard, document_place, open_records
from cleaner.pipeline import local_stages, scan
from cleaner.settings import Rules, Settings
from cleaner.stages.base import LocalStage
from cleaner.text.document import Paragraphs, split
from cleaner.text.draft import Draft


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A file that was read: its content digest, its documents, and the records that were no documents."""

    file: InputFile
    digest: str
    documents: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scanned shard: its files, those that could not be read, and how many rows it has."""

    files: tuple[ScannedFile, ...]
    unread: tuple[Problem, ...]
    rows: int


@dataclass(slots=True)
class _Found:
    """The documents of a shard, and a list for each column of their living paragraphs."""

    texts: list[str] = field(default_factory=list)
    document: list[int] = field(default_factory=list)
    paragraph: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    documents: list[tuple[str, int, str]] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)

    def add(self, place: tuple[str, int, str], paragraphs: Paragraphs, draft: Draft) -> None:
        numbers, texts = draft.alive(paragraphs.texts)
        lines = paragraphs.lines()
        self.texts += texts
        self.document += [len(self.documents)] * len(texts)
        self.paragraph += numbers
        self.line += [lines[number] for number in numbers]
        self.documents.append(place)
        self.drafts.append(draft)

    def cut(self, rows: int, documents: int) -> None:
        """Forget what came after, of a file that could not be read to its end."""
        for column in (self.texts, self.document, self.paragraph, self.line):
            del column[rows:]
        del self.documents[documents:], self.drafts[documents:]


def scan_shard(shard: Shard, settings: Settings, rules: Rules) -> Scanned:
    """Scan the files of one shard and leave the result in its scratch folder."""
    stages = () if shard.published else local_stages(settings, rules)
    found = _Found()
    files: list[ScannedFile] = []
    unread: list[Problem] = []
    for file, limit in zip(shard.files, shard.limits, strict=True):
        rows, documents = len(found.texts), len(found.documents)
        try:
            files.append(_scan_file(file, limit, settings, stages, found))
        except InputError as error:
            found.cut(rows, documents)
            unread.append(Problem(file.path, 0, error.message))
    limits = settings.near_duplicate.min_characters, settings.near_duplicate.max_characters
    made = columns(
        found.texts, np.array(found.document), np.array(found.paragraph), np.array(found.line), limits
    )
    save_scan(shard.scratch, made, found.texts, found.documents, found.drafts)
    return Scanned(tuple(files), tuple(unread), len(found.texts))


def _scan_file(
    file: InputFile, limit: int | None, settings: Settings, stages: Sequence[LocalStage], found: _Found
) -> ScannedFile:
    problems: list[Problem] = []
    documents = 0
    with open_records(file, settings, limit) as (records, stream):
        for record in records:
            if record.source:
                paragraphs = split(record.source.text, settings.paragraph)
                found.add(document_place(file, record), paragraphs, scan(paragraphs, stages))
                documents += 1
            elif record.problem:
                problems.append(Problem(file.path, record.number, record.problem))
                for _ in record.more:
                    pass
        checksum = stream.hexdigest()
    return ScannedFile(file, checksum, documents, tuple(problems))
