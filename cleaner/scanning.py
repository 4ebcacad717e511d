"""Scanning a shard, as a worker does it: read, run the local stages, leave columns and drafts behind."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from msgspec import Struct, field

from cleaner.dedup.columns import columns
from cleaner.errors import InputError
from cleaner.io.dates import UNKNOWN, seconds
from cleaner.io.formats.base import Record, Source
from cleaner.io.inputs import Problem
from cleaner.io.ledger import digest
from cleaner.io.scans import ScannedDocument, save_scan
from cleaner.io.shards import Piece, Shard, document_place, open_records
from cleaner.pipeline import local_stages, scan
from cleaner.settings import Recipe, Settings
from cleaner.stages.base import LocalStage
from cleaner.stages.decided import Decided
from cleaner.text.decisions import KEPT, NO_DECISIONS, REMOVING, Decisions
from cleaner.text.document import Paragraphs, split
from cleaner.text.draft import Draft
from cleaner.text.kinds import lines_of
from cleaner.text.normalize import expect_forms, matching_forms
from cleaner.time_limit import TimeLimit, TookTooLongError

_BATCH = 100_000  # characters of documents scanned one after another
_WORTH_EXPECTING = 10_000  # characters: fewer are as soon looked at one by one

_Read = tuple[Record, ScannedDocument, Paragraphs]


class ScannedPiece(Struct, frozen=True):
    """A piece that was read: its content digest, how many records and documents it has, and the
    records that are no documents, counted from its start. Of those the ones that are `left_out` (number,
    reason) could be read, and are to be tried again by a later run. `decided` are the decisions whose text
    it has.
    """

    path: bytes
    digest: str
    records: int
    documents: int
    problems: tuple[Problem, ...]
    left_out: Mapping[int, str] = field(default_factory=dict)
    decided: frozenset[str] = frozenset()


class Scanned(Struct, frozen=True):
    """A scanned shard: its pieces, those that could not be read, and how many rows and documents it
    left in its scratch folder.
    """

    pieces: tuple[ScannedPiece, ...]
    unread: tuple[Problem, ...]
    rows: int
    documents: int


class _Draft(Struct, frozen=True):
    """What stages made of a document: the numbers, texts and matching forms of what stands, and the rest.
    `met` tells that decisions are about some of these texts.
    """

    draft: Draft
    numbers: list[int]
    texts: list[str]
    forms: list[str]
    met: bool


class _Found(Struct):
    """The documents of a shard, and a list for each column of their living paragraphs. `kept` are the rows
    that decisions keep, `decided` the decisions whose text the piece in hand has.
    """

    decisions: Decisions
    texts: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    document: list[int] = field(default_factory=list)
    paragraph: list[int] = field(default_factory=list)
    line: list[int] = field(default_factory=list)
    documents: list[ScannedDocument] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    decided: set[str] = field(default_factory=set)

    def add(self, document: ScannedDocument, paragraphs: Paragraphs, made: _Draft) -> None:
        lines = paragraphs.lines
        if self.decisions:
            self._note(paragraphs, made)
        self.texts += made.texts
        self.forms += made.forms
        self.document += [len(self.documents)] * len(made.texts)
        self.paragraph += made.numbers
        self.line += lines if len(lines) == len(made.numbers) else [lines[number] for number in made.numbers]
        self.documents.append(document)
        self.drafts.append(made.draft)

    def _note(self, paragraphs: Paragraphs, made: _Draft) -> None:
        """Note which decisions have to do with a document, and which rows they keep."""
        decisions, row = self.decisions, len(self.texts)
        if removed := list(_removed(paragraphs, made.draft)):
            self.decided |= decisions.met(matching_forms(removed))
        if made.met:
            self.decided |= decisions.met(made.forms)
            self.kept += (at for at, form in enumerate(made.forms, row) if form in decisions.keep)
        for number, misses in made.draft.misses.items():
            if any(miss.reason == KEPT for miss in misses) and number in made.numbers:
                self.kept.append(row + made.numbers.index(number))

    def cut(self, rows: int, documents: int) -> None:
        """Forget what came after, of a file that could not be read to its end."""
        self.kept = [row for row in self.kept if row < rows]
        for column in (self.texts, self.forms, self.document, self.paragraph, self.line):
            del column[rows:]
        del self.documents[documents:], self.drafts[documents:]


def scan_shard(shard: Shard, recipe: Recipe) -> Scanned:
    """Scan the pieces of one shard and leave the result in its scratch folder."""
    stages = () if shard.published else stages_of(recipe)
    found = _Found(NO_DECISIONS if shard.published else recipe.decisions)
    pieces: list[ScannedPiece] = []
    unread: list[Problem] = []
    with TimeLimit(recipe.settings.document_seconds) as limit:
        for piece in shard.pieces:
            rows, documents = len(found.texts), len(found.documents)
            try:
                pieces.append(_scan_piece(piece, recipe.settings, stages, found, limit))
            except InputError as error:
                found.cut(rows, documents)
                unread.append(Problem(piece.file.path, 0, error.message))
    limits = recipe.settings.near_duplicate.limits
    place = np.array((found.document, found.paragraph, found.line), np.int64).T
    made = columns(found.forms, place, limits)
    save_scan(shard.scratch, made, found.texts, found.documents, found.drafts, limits, found.kept)
    return Scanned(tuple(pieces), tuple(unread), len(found.texts), len(found.documents))


def _removed(paragraphs: Paragraphs, draft: Draft) -> Iterator[str]:
    """Yield what local stages took away, as it was just before."""
    for number, acts in draft.acts.items():
        text: str | None = paragraphs.texts[number]
        for act in acts:
            if text is not None and (act.stage in REMOVING or act.text is None):
                yield text
            text = act.text


def _scanned(
    paragraphs: Paragraphs, stages: Sequence[LocalStage], decisions: Decisions, *, again: bool = False
) -> _Draft:
    """Return what stages make of a document. That of texts which always go is asked only where such a text
    would stand: then all of them are asked again.
    """
    asked = stages
    if decisions.drop and not again:
        asked = [stage for stage in stages if stage.name != Decided.name]
    draft = scan(paragraphs, asked, decisions)
    numbers, texts = draft.alive(paragraphs.texts)
    forms = matching_forms(texts)
    met = bool(decisions.by_form) and not decisions.by_form.keys().isdisjoint(forms)
    if met and not again and not decisions.drop.isdisjoint(forms):
        return _scanned(paragraphs, stages, decisions, again=True)
    return _Draft(draft, numbers, texts, forms, met)


@lru_cache(maxsize=1)
def stages_of(recipe: Recipe) -> tuple[LocalStage, ...]:
    """Return the local stages of a recipe; a process makes them once."""
    return local_stages(recipe.settings, recipe.rules, recipe.decisions)


def _scan_piece(
    piece: Piece, settings: Settings, stages: Sequence[LocalStage], found: _Found, limit: TimeLimit
) -> ScannedPiece:
    path, before = piece.file.path, len(found.documents)
    problems: list[Problem] = []
    late: list[Record] = []
    batch: list[_Read] = []
    last = size = 0
    found.decided.clear()
    with open_records(piece, settings) as (records, stream):
        for record in records:
            last = record.number
            if record.source:
                place = document_place(piece.file, record, 0)
                date = _date(record.source, settings)
                document = ScannedDocument(*place, date, _rank(path, record.source, date, settings))
                batch.append((record, document, split(record.source.text, settings.paragraph)))
                size += len(record.source.text)
                if size >= _BATCH:
                    late += _scan_batch(batch, stages, found, limit)
                    batch, size = [], 0
            elif record.problem:
                problems.append(Problem(path, record.number, record.problem, digest(record.raw)))
                for _ in record.more:
                    pass
        late += _scan_batch(batch, stages, found, limit)
        checksum = stream.hexdigest()
    reason = f"took longer than {settings.document_seconds} s (document_seconds); it is tried again next time"
    if any(not record.number for record in late):
        raise InputError(reason)
    problems += (Problem(path, record.number, reason, digest(record.raw)) for record in late)
    problems.sort(key=lambda problem: problem.line)
    left_out = {**piece.left_out, **{record.number: reason for record in late}}
    return ScannedPiece(
        path, checksum, last, len(found.documents) - before, tuple(problems), left_out,
        frozenset(found.decided),
    )  # fmt: skip


def _date(source: Source, settings: Settings) -> int:
    return seconds(source.date) if settings.priority.date_field else UNKNOWN


def _scan_batch(
    batch: Sequence[_Read], stages: Sequence[LocalStage], found: _Found, limit: TimeLimit
) -> list[Record]:
    """Scan some documents; return those that took too long."""
    late: list[Record] = []
    lines = lines_of([text for *_, paragraphs in batch for text in paragraphs.texts])
    if lines and len(lines.points) >= _WORTH_EXPECTING:
        expect_forms(lines)
        for stage in stages:
            stage.expect(lines)
    try:  # one clock for all of them, as long as none can have taken too long
        drafts: list[_Draft | None] = limit.within(0, _all_scanned, batch, stages, found.decisions)
    except TookTooLongError:
        drafts = [
            _in_time(record, paragraphs, stages, found.decisions, limit) for record, _, paragraphs in batch
        ]
    for (record, document, paragraphs), made in zip(batch, drafts, strict=True):
        if made is None:
            late.append(record)
        else:
            found.add(document, paragraphs, made)
    return late


def _all_scanned(
    batch: Sequence[_Read], stages: Sequence[LocalStage], decisions: Decisions
) -> list[_Draft | None]:
    return [_scanned(paragraphs, stages, decisions) for *_, paragraphs in batch]


def _in_time(
    record: Record,
    paragraphs: Paragraphs,
    stages: Sequence[LocalStage],
    decisions: Decisions,
    limit: TimeLimit,
) -> _Draft | None:
    """Return what stages make of a document; None if it takes too long."""
    try:
        return limit.within(_characters(record), _scanned, paragraphs, stages, decisions)
    except TookTooLongError:
        return None


def _characters(record: Record) -> int:
    return len(record.source.text) if record.source else 0


def _rank(path: bytes, source: Source, date: int, settings: Settings) -> tuple[int, ...]:
    """Return what decides, lowest first, which of two documents that say the same stays."""
    priority = settings.priority
    rank: tuple[int, ...] = ()
    if priority.sources:
        name = source_of(path, source, settings)
        known = name in priority.sources
        rank += (priority.sources.index(name) if known else len(priority.sources),)
    return (*rank, date) if priority.date_field else rank


def source_of(path: bytes, source: Source, settings: Settings) -> str:
    """Return the source of a document: what its record names, or the first folder of its path."""
    if settings.source_field:
        return source.origin
    folder, slash, _ = path.partition(b"/")
    return os.fsdecode(folder) if slash else ""
