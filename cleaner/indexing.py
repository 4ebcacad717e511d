"""Writing index segments: of what a run published, of small earlier ones, of clean texts that have none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from cleaner.dedup.columns import Columns, joined
from cleaner.dedup.documents import document_keys
from cleaner.dedup.signatures import U64
from cleaner.engine.base import Engine
from cleaner.io.document_names import DocumentName, packed_name, read_name
from cleaner.io.index import (
    IndexFile,
    IndexSegment,
    MadeFor,
    Part,
    parts_of,
    read_index,
    write_segment,
)
from cleaner.io.index_names import FOLDER, segment_name
from cleaner.io.ledger import ledger_name
from cleaner.io.outlines import outlined
from cleaner.io.publish import Disk
from cleaner.io.scans import TEXTS, load_columns, load_documents
from cleaner.io.scratch import read_array, read_blob, read_joined, remove
from cleaner.io.shards import Shard, numbered
from cleaner.judging.judged import Judged
from cleaner.probing import Published
from cleaner.scanning import Scanned
from cleaner.text.show import show

ROWS_A_SEGMENT = 250_000
_MERGED = 4  # an earlier segment of at most so many times the rows that follow it is written again with them
CLEAN_PLACES = b"clean_places"  # of a shard: paragraph and line, in its clean text, of each row that stays


class ShardSource(Struct, frozen=True):
    """A scanned shard that goes into a segment: of a run, known to the judge by the number of its segment, or
    of clean texts, whose rows are all meant. `runs` tells for each piece which run cleaned it. `ledgers` is
    where the ledgers of clean texts are, which know the names of their documents.
    """

    shard: Shard
    scanned: Scanned
    base: int
    runs: tuple[int, ...]
    segment: int = 0
    judged: Judged | None = None
    ledgers: bytes = b""


class SegmentTask(Struct, frozen=True):
    """A segment to be written: its folder, the earlier segments that it replaces, and shards."""

    folder: bytes
    merged: tuple[Published, ...]
    shards: tuple[ShardSource, ...]
    made_for: MadeFor

    @property
    def scratch(self) -> list[bytes]:
        """The scratch folders of the shards, whose texts nobody needs once the segment is written."""
        return [source.shard.scratch for source in self.shards]


def segment_tasks(
    stage: bytes,
    run: int,
    first: int,
    published: Sequence[Published],
    shards: Sequence[ShardSource],
    made_for: MadeFor,
) -> list[SegmentTask]:
    """Share shards out to segments, numbered from `first` on; small earlier segments that come right before
    them are written again with the first, so that there are never many.
    """
    groups: list[list[ShardSource]] = []
    rows = 0
    whole = sum(source.scanned.rows for source in shards)
    share = whole / max(1, -(-whole // ROWS_A_SEGMENT))  # equal ones, for they are written side by side
    for source in shards:
        if not groups or rows >= share or rows + source.scanned.rows > ROWS_A_SEGMENT:
            groups.append([])
            rows = 0
        groups[-1].append(source)
        rows += source.scanned.rows
    tasks = [
        SegmentTask(
            os.path.join(stage, FOLDER, segment_name(run, first + number)), (), tuple(group), made_for
        )
        for number, group in enumerate(groups)
    ]
    if tasks:
        rows = sum(source.scanned.rows for source in groups[0])
        merged: list[Published] = []
        for each in reversed(published):
            if each.segment.rows > _MERGED * rows or each.segment.rows + rows > ROWS_A_SEGMENT:
                break
            merged.insert(0, each)
            rows += each.segment.rows
        tasks[0] = replace(tasks[0], merged=tuple(merged))
    return tasks


def write_segments(tasks: Sequence[SegmentTask], engine: Engine, disk: Disk) -> list[bytes]:
    """Write segments; return the names of those that they replace. Texts that shards left go meanwhile."""
    written = engine.map(partial(write_segment_of, disk=disk), tasks, partial(_unwrite_segment, disk=disk))
    for task, _ in zip(tasks, written, strict=True):
        for folder in task.scratch:
            remove(folder, TEXTS)
    return replaced_by(tasks)


def replaced_by(tasks: Sequence[SegmentTask]) -> list[bytes]:
    """Return the names of the segments that others replace."""
    return [each.segment.name for task in tasks for each in task.merged]


def _unwrite_segment(task: SegmentTask, disk: Disk) -> None:
    disk.remove_tree(task.folder)


def write_segment_of(task: SegmentTask, disk: Disk) -> None:
    """Write one segment. Raises OutputError."""
    replaces = [each.segment.name for each in task.merged]
    write_segment(task.folder, _parts(task), task.made_for, replaces, disk)


def _parts(task: SegmentTask) -> Iterator[Part]:
    for each in task.merged:
        yield from parts_of(each.segment, each.alive)
    for source in task.shards:
        yield _part(source)


def _part(source: ShardSource) -> Part:
    """Return what stays of a shard."""
    folder, judged = source.shard.scratch, source.judged
    texts = read_joined(folder, TEXTS)
    if judged:
        start, stop = judged.rows.bounds(source.segment)
        kept = judged.gone.between(start, stop) == 0
        columns = judged.rows.columns(source.segment)
        if not kept.all():
            columns = Columns(columns.place[kept], columns.exact[kept], columns.sketch[kept])
            texts = texts.chosen(kept)
        columns.place[:, 1:] = read_array(folder, CLEAN_PLACES, np.uint32, 2)
        named = map(read_name, read_blob(folder, b"names"))
        names = [(path, numbered(source.base, record), identity) for path, record, identity in named]
        keys = document_keys(load_documents(folder), len(names))
    else:
        columns = joined(columns for columns, _ in load_columns(folder))
        names, keys = _told_in_ledgers(source)
    files = [
        IndexFile(piece.path, run, piece.documents)
        for piece, run in zip(source.scanned.pieces, source.runs, strict=True)
    ]
    dates = read_array(folder, b"dates", np.int64)
    return Part(columns, texts, [*map(packed_name, names)], dates, keys, files)


def _told_in_ledgers(source: ShardSource) -> tuple[list[DocumentName], U64]:
    """Return the names and keys that the documents of clean texts have in their ledgers. What is no document
    there, as a record that was kept though it could not be read, has the name that it has in the clean text;
    what lost nothing, the key.
    """
    folder = source.shard.scratch
    found = [*map(read_name, read_blob(folder, b"names"))]
    keys = document_keys(load_documents(folder), len(found))
    known: dict[int, tuple[DocumentName, int | None]] = {}
    last = None
    for number, (path, record, identity) in enumerate(found):
        if path != last:
            known, last = _told_in_ledger(source.ledgers, os.fsencode(path)), path
        at = numbered(source.base, record)
        found[number], key = known.get(at, ((path, at, identity), None))
        if key is not None:
            keys[number] = key
    return found, keys


def _told_in_ledger(ledgers: bytes, path: bytes) -> dict[int, tuple[DocumentName, int | None]]:
    """Return the names and keys of the documents of a file by their record in its clean text."""
    place = os.path.join(ledgers, ledger_name(path))
    told: dict[int, tuple[DocumentName, int | None]] = {}
    with open(place, "rb") as stream:
        head, outlines = outlined(stream, show(place))
        at = 0 if head.format == "txt" else 1
        for each in outlines:
            at += each.after
            if not each.emptied:
                told[at] = (each.path, each.record, each.id), each.key
                at += 1
    return told


def load_index(folder: bytes) -> list[IndexSegment]:
    """Return the segments of the index of an output."""
    return read_index(os.path.join(folder, FOLDER))
