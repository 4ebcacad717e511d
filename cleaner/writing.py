"""Writing a shard, as a worker does it: clean text, ledger and patch go into the stage, restore-checked."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from cleaner.errors import InputError, RestoreError
from cleaner.io.compression import compressed
from cleaner.io.formats import FORMATS
from cleaner.io.formats.base import Format, Record
from cleaner.io.inputs import InputFile
from cleaner.io.ledger import Entry, FileHead, LedgerWriter, Sink, digest, ledger_name
from cleaner.io.ledger_records import Header
from cleaner.io.publish import Disk
from cleaner.io.restoring import restore_record
from cleaner.io.scratch import load_drafts
from cleaner.io.shards import Shard, document_place, open_records
from cleaner.pipeline import write
from cleaner.report.patch import unified_diff
from cleaner.settings import Settings
from cleaner.text.changes import Place
from cleaner.text.compose import Cleaned, Ruling
from cleaner.text.document import Paragraphs, split
from cleaner.text.draft import Draft
from cleaner.text.history import LayoutMode
from cleaner.text.show import show
from cleaner.versions import versions

# Of one shard: (document, paragraph) -> what the judge said, documents counted from its start.
Rulings = Mapping[tuple[int, int], Sequence[Ruling]]

PATCH = b"patch"  # in the scratch folder; joined to report/changes.patch


@dataclass(frozen=True, slots=True)
class WriteTask:
    """A shard to write: the digests its files had when they were scanned, and the judge's rulings."""

    shard: Shard
    digests: Mapping[bytes, str]
    rulings: Rulings
    stage: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: counts for the summary; files that are not what was scanned."""

    counts: Counter[str]
    changed: tuple[bytes, ...]


def write_shard(task: WriteTask, settings: Settings, disk: Disk) -> Written:
    """Write the files of one shard into the stage.

    Raises RestoreError when a document could not be restored, OutputError when writing fails.
    """
    writer = _Writer(task, settings, disk)
    changed: list[bytes] = []
    for file, limit in zip(task.shard.files, task.shard.limits, strict=True):
        if file.path not in task.digests:
            continue
        try:
            if writer.write_file(file, limit) == task.digests[file.path]:
                continue
        except InputError:
            pass
        changed.append(file.path)
        break  # nothing of this is published, and the drafts of the rest cannot be told apart any more
    return Written(writer.counts, tuple(changed))


class _Writer:
    def __init__(self, task: WriteTask, settings: Settings, disk: Disk) -> None:
        self._task, self._settings, self._disk = task, settings, disk
        self._drafts: Iterator[Draft] = load_drafts(task.shard.scratch)
        self._document = -1
        self._versions = versions()
        self.counts: Counter[str] = Counter()

    def write_file(self, file: InputFile, limit: int | None) -> str:
        """Write one file; return the digest of what was read."""
        format = FORMATS[file.format]
        layout = _layout(self._settings, format)
        head = FileHead(os.fsdecode(file.path), file.format, self._settings.paragraph, layout, self._versions)
        ledger_path = os.path.join(self._task.stage, b"ledger", ledger_name(file.path))
        clean_path = os.path.join(self._task.stage, b"clean", file.path)
        with ExitStack() as files:
            records, stream = files.enter_context(open_records(file, self._settings, limit))
            ledger = LedgerWriter(files.enter_context(self._disk.create(ledger_path)), head)
            clean: Sink | None = None
            if file.format != "txt":  # of a .txt that is skipped whole there is no clean file
                clean = self._clean_file(files, clean_path, file)
            for record in records:
                kept = self._settings.bad_records == "keep"
                if clean is None and (record.problem is None or kept):
                    clean = self._clean_file(files, clean_path, file)
                self._write_record(file, format, layout, record, ledger, clean)
            ledger.close()
            return stream.hexdigest()

    def _clean_file(self, files: ExitStack, path: bytes, file: InputFile) -> Sink:
        created = files.enter_context(self._disk.create(path))
        return files.enter_context(compressed(created, file.compression))

    def _write_record(
        self,
        file: InputFile,
        format: Format,
        layout: LayoutMode,
        record: Record,
        ledger: LedgerWriter,
        clean: Sink | None,
    ) -> None:
        if record.problem:
            self._skip(record, ledger, clean)
        elif record.source and clean:
            self._document += 1
            raw, entry = self._clean(file, format, layout, record)
            clean.write(raw)
            ledger.write(entry)
            if file.format == "txt":
                self._patch(file, record.raw, raw)
        elif clean:
            clean.write(record.raw)

    def _skip(self, record: Record, ledger: LedgerWriter, clean: Sink | None) -> None:
        kept = self._settings.bad_records == "keep"
        ledger.skip(record.number, record.problem or "", kept=kept)
        self.counts["skipped"] += 1
        for piece in (record.raw, *record.more):
            if kept and clean:
                clean.write(piece)
            else:
                ledger.add(piece)

    def _clean(
        self, file: InputFile, format: Format, layout: LayoutMode, record: Record
    ) -> tuple[bytes, Entry]:
        source = record.source
        if source is None:
            raise ValueError("no document")
        path, number, identity = document_place(file, record)
        paragraphs = split(source.text, self._settings.paragraph)
        draft = next(self._drafts, None)
        if draft is None:
            raise InputError("has more records than when it was scanned", where=show(path))
        lines = paragraphs.lines()

        def place(paragraph: int) -> Place:
            text = draft.text(paragraph, paragraphs.texts[paragraph])
            return Place(path, number, identity, paragraph, lines[paragraph], text)

        rulings = {
            paragraph: self._task.rulings[self._document, paragraph]
            for paragraph in range(len(paragraphs.texts))
            if (self._document, paragraph) in self._task.rulings
        }
        cleaned = write(paragraphs, draft, rulings, place, blank_line=layout == "blank_line")
        unchanged = cleaned.text == source.text
        raw = (
            record.raw
            if unchanged and file.format != "txt"
            else format.with_text(record.raw, source, cleaned.text)
        )
        entry = _entry(record, identity, cleaned, raw)
        if restore_record(format, raw, entry) != record.raw:
            raise RestoreError(
                f"document {show(identity)} cannot be restored; this is a bug, nothing was published",
                where=show(file.path),
                hint="please report it with the document",
            )
        self._count(cleaned, paragraphs, len(record.raw), len(raw))
        return raw, entry

    def _patch(self, file: InputFile, before: bytes, after: bytes) -> None:
        piece = unified_diff(file.path, before, after)
        if piece:
            with open(os.path.join(self._task.shard.scratch, PATCH), "ab") as stream:
                stream.write(piece)

    def _count(self, cleaned: Cleaned, paragraphs: Paragraphs, before: int, after: int) -> None:
        counts = self.counts
        counts["documents"] += 1
        counts["empty"] += not cleaned.kept
        counts["paragraphs"] += len(paragraphs.texts)
        counts["kept"] += cleaned.kept
        counts["bytes_in"] += before
        counts["bytes_out"] += after
        for change in cleaned.changes:
            last = change.steps[-1]
            if change.dropped:
                counts["dropped"] += 1
                counts[f"dropped {last.stage}.{last.rule}"] += 1
            else:
                counts["edited"] += 1
                for name in {f"edited {step.stage}.{step.rule}" for step in change.steps}:
                    counts[name] += 1
        for suspect in cleaned.suspects:
            held = suspect.other is not None
            counts["held_back" if held else "reported"] += 1
            counts[f"{'held back' if held else 'reported'} {suspect.stage}.{suspect.rule}"] += 1


def _layout(settings: Settings, format: Format) -> LayoutMode:
    if settings.layout != "auto":
        return settings.layout
    return "blank_line" if format.blank_line_layout else "keep"


def _entry(record: Record, identity: str, cleaned: Cleaned, raw: bytes) -> Entry:
    source = record.source
    if source is None:
        raise ValueError("no document")
    header = Header(
        record.number, identity, source.codec, len(record.raw), digest(record.raw), digest(raw), cleaned.kept,
        cleaned.layout, source.at, source.escapes,
    )  # fmt: skip
    return Entry(header, cleaned.changes, cleaned.suspects)
