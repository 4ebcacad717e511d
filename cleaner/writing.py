"""Writing a shard, as a worker does it: clean text, ledger and patch go into the stage, restore-checked.

What is made of a piece of a file waits in its scratch folder, and is joined when all pieces are there.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from cleaner.errors import InputError, RestoreError
from cleaner.indexing import CLEAN_PLACES
from cleaner.io.compression import compressed
from cleaner.io.formats import FORMATS
from cleaner.io.formats.base import Format, Record, Sink, Writer
from cleaner.io.inputs import InputFile
from cleaner.io.ledger import Entry, EntryWriter, FileHead, LedgerWriter, digest
from cleaner.io.ledger_headers import Header
from cleaner.io.output_names import clean_place, ledger_place
from cleaner.io.publish import Disk
from cleaner.io.restoring import restore_record
from cleaner.io.scans import load_drafts
from cleaner.io.scratch import write_array
from cleaner.io.shards import Piece, Shard, document_place, numbered, open_records
from cleaner.judging.judged import Judged
from cleaner.pipeline import write
from cleaner.report.patch import unified_diff
from cleaner.rulings import Rulings, rulings_of
from cleaner.scanning import source_of
from cleaner.settings import Settings
from cleaner.text.changes import Place
from cleaner.text.compose import Cleaned
from cleaner.text.decisions import JUDGE
from cleaner.text.document import Paragraphs, first_lines, split
from cleaner.text.draft import Draft
from cleaner.text.history import LayoutMode
from cleaner.text.recoded import counted, covers
from cleaner.text.show import show

PATCH = b"patch"  # in the scratch folder; joined to report/changes.patch
CLEAN, ENTRIES, OFFSETS = b"clean", b"entries", b"offsets"  # of a piece of a file, likewise
_BUFFER = 1 << 18  # bytes


class WriteTask(Struct, frozen=True):
    """A shard to write: the digests that its pieces had when they were scanned, how many records of the
    file come before a piece, and what the judge said, who knows the shard by the number of its segment.
    """

    shard: Shard
    digests: Mapping[bytes, str]
    base: int
    segment: int
    judged: Judged | None
    stage: bytes


class Written(Struct, frozen=True):
    """What was written: counts for the summary, how many documents stand in the clean text of each
    file, and the files that are not what was scanned.
    """

    counts: Counter[str]
    documents: Counter[bytes]
    changed: tuple[bytes, ...]


def write_shard(task: WriteTask, settings: Settings, disk: Disk) -> Written:
    """Write the pieces of one shard into the stage, or for a piece of a file: beside its scan.

    Raises RestoreError when a document could not be restored, OutputError when writing fails.
    """
    writer = _Writer(task, settings, disk)
    changed: list[bytes] = []
    for piece in task.shard.pieces:
        path = piece.file.path
        if path not in task.digests:
            continue
        try:
            if writer.write_piece(piece) == task.digests[path]:
                continue
        except InputError:
            pass
        changed.append(path)
        break  # nothing of this is published, and the drafts of the rest cannot be told apart any more
    writer.close()
    return Written(writer.counts, writer.documents, tuple(changed))


class _Writer:
    def __init__(self, task: WriteTask, settings: Settings, disk: Disk) -> None:
        self._task, self._settings, self._disk = task, settings, disk
        self._rulings = rulings_of(task.judged, task.segment) if task.judged else Rulings()
        self._drafts: Iterator[Draft] = load_drafts(task.shard.scratch)
        self._document = -1
        self._numbers: list[int] = []
        self._lines: list[int] = []
        self.counts: Counter[str] = Counter()
        self.documents: Counter[bytes] = Counter()

    def close(self) -> None:
        """Leave what the index wants to know."""
        places = np.array([self._numbers, self._lines], np.uint32).T
        write_array(self._task.shard.scratch, CLEAN_PLACES, places)

    def write_piece(self, piece: Piece) -> str:
        """Write what becomes of one piece; return the digest of what was read."""
        file = piece.file
        with ExitStack() as files:
            records, reader = files.enter_context(open_records(piece, self._settings))
            if piece.span.whole:
                created = files.enter_context(self._disk.create(ledger_place(self._task.stage, file.path)))
                ledger: EntryWriter = LedgerWriter(created, ledger_head(file, self._settings))
            else:
                part = open(os.path.join(self._task.shard.scratch, ENTRIES), "wb", buffering=_BUFFER)
                ledger = EntryWriter(files.enter_context(part), os.fsdecode(file.path))
            clean = _Clean(self._task, piece, self._disk, files)
            if file.format != "txt":  # of a .txt that is skipped whole there is no clean file
                clean.open()
            writer = FORMATS[file.format].writer(reader, clean.open, partial(self._check_rows, ledger))
            for record in records:
                self._write_record(piece, record, ledger, writer)
            writer.close()
            if isinstance(ledger, LedgerWriter):
                ledger.close()
            else:
                with open(os.path.join(self._task.shard.scratch, OFFSETS), "w") as offsets:
                    json.dump(ledger.offsets, offsets)
            checksum = reader.hexdigest()
        if clean.waits:
            join_clean(file, [self._task.shard.scratch], self._task.stage, self._disk)
        return checksum

    def _write_record(self, piece: Piece, record: Record, ledger: EntryWriter, writer: Writer) -> None:
        if record.problem:
            self._skip(record, ledger, writer)
        elif record.source:
            self._document += 1
            raw, entry = self._clean(piece.file, record)
            if entry.header.emptied is None:
                writer.put(raw)
                self.documents[piece.file.path] += 1
            elif rest := writer.drop():
                entry = replace(entry, header=replace(entry.header, rest=rest))
            ledger.write(entry)
            if piece.file.format == "txt" and not piece.file.compression:
                self._patch(piece.file, record.raw, raw)
        else:
            writer.keep(record)

    def _check_rows(self, ledger: EntryWriter, last: int, values: str, ends: bool) -> None:
        ledger.end_rows(numbered(self._task.base, last) if last else self._task.base, values, ends=ends)

    def _skip(self, record: Record, ledger: EntryWriter, writer: Writer) -> None:
        kept = self._settings.bad_records == "keep"
        ledger.skip(numbered(self._task.base, record.number), record.problem or "", kept=kept)
        self.counts["skipped"] += 1
        if kept:
            writer.keep(record)
        else:
            for data in writer.skip(record):
                ledger.add(data)

    def _clean(self, file: InputFile, record: Record) -> tuple[bytes, Entry]:
        source = record.source
        if source is None:
            raise ValueError("no document")
        format = FORMATS[file.format]
        path, number, identity = document_place(file, record, self._task.base)
        mode = self._settings.paragraph
        paragraphs = split(source.text, mode)
        draft = next(self._drafts, None)
        if draft is None:
            raise InputError("has more records than when it was scanned", where=show(path))

        def place(paragraph: int) -> Place:
            text = draft.text(paragraph, paragraphs.texts[paragraph])
            return Place(path, number, identity, paragraph, paragraphs.lines[paragraph], text)

        rulings = self._rulings.paragraphs.get(self._document, {})
        layout = _layout(self._settings, format)
        cleaned = write(paragraphs, draft, rulings, place, mode=mode, blank_line=layout == "blank_line")
        unchanged = cleaned.text == source.text
        raw = (
            record.raw
            if unchanged and file.format != "txt"
            else format.with_text(record.raw, source, cleaned.text)
        )
        entry = self._entry(file, record, identity, cleaned, raw)
        if restore_record(format, raw, entry, mode) != record.raw:
            raise RestoreError(
                f"document {show(identity)} cannot be restored; this is a bug, nothing was published",
                where=show(file.path),
                hint="please report it with the document",
            )
        self._count(cleaned, paragraphs, len(record.raw), len(raw))
        self._place(cleaned, paragraphs.lines if unchanged else first_lines(cleaned.text, mode))
        return raw, entry

    def _place(self, cleaned: Cleaned, lines: list[int]) -> None:
        """Note where, in the clean text, the paragraphs stand that stay."""
        kept, found = cleaned.kept, len(lines)
        self._numbers += range(kept)
        self._lines += lines if found == kept else lines[:kept] + lines[-1:] * (kept - found)

    def _entry(self, file: InputFile, record: Record, identity: str, cleaned: Cleaned, raw: bytes) -> Entry:
        source = record.source
        if source is None:
            raise ValueError("no document")
        settings, checksum = self._settings, digest(record.raw)
        header = Header(
            numbered(self._task.base, record.number), identity, source.codec, checksum,
            checksum if raw == record.raw else digest(raw),
            cleaned.kept, cleaned.layout, source.at,
            () if raw == record.raw else FORMATS[file.format].odd_escapes(record.raw, source),
            source_of(file.path, source, settings) if settings.source_field else "",
            self._rulings.duplicates.get(self._document),
            raw if settings.when_empty == "drop" and not cleaned.kept else None, cleaned.recoded,
            key=self._rulings.keys.get(self._document),
        )  # fmt: skip
        self.counts["duplicates"] += header.duplicate_of is not None
        return Entry(header, cleaned.changes, cleaned.suspects)

    def _patch(self, file: InputFile, before: bytes, after: bytes) -> None:
        piece = unified_diff(file.path, before, after)
        if piece:
            with open(os.path.join(self._task.shard.scratch, PATCH), "ab") as stream:
                stream.write(piece)

    def _count(self, cleaned: Cleaned, paragraphs: Paragraphs, before: int, after: int) -> None:
        counts = self.counts
        counts["documents"] += 1
        counts["empty"] += not cleaned.kept
        counts["emptied_by_rules"] += not cleaned.kept and _went_by_rules(cleaned)
        counts["paragraphs"] += len(paragraphs.texts)
        counts["kept"] += cleaned.kept
        counts["bytes_in"] += before
        counts["bytes_out"] += after
        recoded = cleaned.recoded
        readings = {f"edited {act.stage}.{act.rule}" for act in recoded.chain} if recoded else set()
        only_recoded = counted(recoded.paragraphs) if recoded else 0
        for change in cleaned.changes:
            also = recoded is not None and covers(recoded.paragraphs, change.paragraph)
            only_recoded -= also
            last = change.steps[-1]
            if change.dropped:
                counts["dropped"] += 1
                counts[f"dropped {last.stage}.{last.rule}"] += 1
            else:
                counts["edited"] += 1
                names = {f"edited {step.stage}.{step.rule}" for step in change.steps}
                for name in names | readings if also else names:
                    counts[name] += 1
        if only_recoded:
            counts["edited"] += only_recoded
            counts.update(dict.fromkeys(readings, only_recoded))
        for suspect in cleaned.suspects:
            held = suspect.other is not None
            counts["held_back" if held else "reported"] += 1
            counts[f"{'held back' if held else 'reported'} {suspect.stage}.{suspect.rule}"] += 1


def _went_by_rules(cleaned: Cleaned) -> bool:
    """Tell whether boilerplate rules took what no duplicate, in another document, gives a reason for."""
    stages = {change.steps[-1].stage for change in cleaned.changes if change.dropped}
    return "boilerplate" in stages and JUDGE not in stages


class _Clean:
    """The clean text of a piece: created when something is to be written to it. That of a whole table
    `waits` in the scratch folder as a part to join, as that of a piece does.
    """

    def __init__(self, task: WriteTask, piece: Piece, disk: Disk, files: ExitStack) -> None:
        self._task, self._piece, self._disk, self._files = task, piece, disk, files
        self._sink: Sink | None = None
        self.waits = piece.span.whole and FORMATS[piece.file.format].columnar

    def open(self) -> Sink:
        """Return where to write."""
        if self._sink is None:
            file = self._piece.file
            if self._piece.span.whole and not self.waits:
                created = self._disk.create(clean_place(self._task.stage, file.path))
                self._sink = self._files.enter_context(
                    compressed(self._files.enter_context(created), file.compression)
                )
            else:
                part = open(os.path.join(self._task.shard.scratch, CLEAN), "wb", buffering=_BUFFER)
                self._sink = self._files.enter_context(part)
        return self._sink


def join_clean(file: InputFile, folders: Sequence[bytes], stage: bytes, disk: Disk) -> None:
    """Make one clean file of the parts that wait in scratch folders, in order. Raises OutputError."""
    parts = [os.path.join(folder, CLEAN) for folder in folders]
    with (
        disk.create(clean_place(stage, file.path)) as created,
        compressed(created, file.compression) as clean,
    ):
        FORMATS[file.format].join(parts, clean)


def ledger_head(file: InputFile, settings: Settings) -> FileHead:
    """Return what the ledger of a file begins with."""
    format = FORMATS[file.format]
    column = settings.text_field if format.columnar else ""
    path, layout = os.fsdecode(file.path), _layout(settings, format)
    return FileHead(path, file.format, settings.paragraph, layout, column)


def _layout(settings: Settings, format: Format) -> LayoutMode:
    if settings.layout != "auto":
        return settings.layout
    return "blank_line" if format.blank_line_layout else "keep"
