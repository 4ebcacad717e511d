"""The end of a run: parts become whole files, and what stays becomes index segments. All of that is done side
by side, and the digests of what is made are taken at once, while it is still in memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct

from cleaner.engine.base import Engine
from cleaner.indexing import SegmentTask, ShardSource, replaced_by, segment_tasks, write_segment_of
from cleaner.io.output_names import clean_place, ledger_place
from cleaner.io.pairs import packed_copy, pairs_head, pairs_place
from cleaner.io.publish import Disk, NewFile
from cleaner.io.scans import TEXTS
from cleaner.io.scratch import remove
from cleaner.io.shards import file_digest
from cleaner.io.state import content_digest, staged_files
from cleaner.joining import JoinTask, join_ledgers, join_texts
from cleaner.judging.judged import Judged
from cleaner.probing import Published
from cleaner.work import Run, Work
from cleaner.writing import CLEAN, PATCH

_LARGE = 1 << 20  # bytes
_PATCHES = os.path.join(b"report", b"changes.patch")


class Closed(Struct, frozen=True):
    """The digests of inputs that were read in pieces (of one that has changed since, an empty one); of staged
    files that are large or were made here, by their path below the stage; and the names of index segments
    that are replaced.
    """

    inputs: Mapping[bytes, str]
    staged: Mapping[bytes, str]
    replaced: Sequence[bytes]


class _Last(Struct, frozen=True):
    """One of the last things to do; it may return the digest of what it read. `made` is the file or folder
    that it makes, `name` a file that may go then from the scratch folders `parts`.
    """

    do: Callable[[], str | None]
    made: bytes = b""
    name: bytes = b""
    parts: Sequence[bytes] = ()


def close(
    run: Run,
    work: Work,
    judged: Judged | None,
    published: Sequence[Published],
    engine: Engine,
    disk: Disk,
    *,
    publishes: bool,
) -> Closed:
    """Make all that is still missing in the stage, unless nothing of it will be published."""
    unknown = work.undigested()
    tasks = [_Last(partial(file_digest, source)) for source in unknown.values()]
    replaced: list[bytes] = []
    if publishes:
        segments = _segments(run, work, judged, published)
        replaced = replaced_by(segments)
        tasks += _whole_files(run, work, judged, disk)
        tasks += (
            _Last(partial(write_segment_of, task, disk), task.folder, TEXTS, task.scratch)
            for task in segments
        )
    read: list[str] = []
    staged: dict[bytes, str] = {}
    done = engine.map(partial(_done, stage=run.stage), tasks, partial(_undone, disk=disk))
    for each, (digest, made) in zip(tasks, done, strict=True):
        read.append(digest)
        staged |= made
        for folder in each.parts:  # as large together as what was made of them; it takes a minute for 10 GB
            remove(folder, each.name)
    if publishes:
        staged |= _other_digests(run.stage, staged, engine)
    return Closed(dict(zip(unknown, read, strict=False)), staged, replaced)


def _done(task: _Last, stage: bytes) -> tuple[str, dict[bytes, str]]:
    """Do one thing; return the digest of what it read, and those of the files that it made."""
    read = task.do() or ""
    if not task.made:
        return read, {}
    below = os.path.relpath(task.made, stage)
    return read, {path: content_digest(os.path.join(stage, path)) for path in staged_files(stage, below)}


def _undone(task: _Last, disk: Disk) -> None:
    if task.made:
        disk.remove_tree(task.made)


def _whole_files(run: Run, work: Work, judged: Judged | None, disk: Disk) -> Iterator[_Last]:
    """Yield what makes the files to which several shards add."""
    for file, folders in work.cut_files():
        task = JoinTask(file, folders, run.stage)
        yield _Last(partial(join_texts, task, disk), clean_place(run.stage, file.path), CLEAN, folders)
        ledgers = partial(join_ledgers, task, run.recipe.settings, disk)
        yield _Last(ledgers, ledger_place(run.stage, file.path))
    threshold = run.recipe.settings.near_duplicate.threshold
    pairs = pairs_place(run.stage, run.number)
    yield _Last(partial(_write_pairs, pairs, threshold, judged, disk), pairs)
    patches = os.path.join(run.stage, _PATCHES)
    yield _Last(partial(_join_patches, patches, [shard.scratch for shard in work.shards], disk), patches)


def _write_pairs(place: bytes, threshold: float, judged: Judged | None, disk: Disk) -> None:
    """Store the near-duplicate pairs, from the floor up, so that another threshold can be previewed: and the
    copies that go only if what they are copies of does.
    """
    with disk.create(place) as stream:
        if judged is None:
            return
        stream.write(pairs_head(threshold))
        for path in judged.edges.paths():
            _append(stream, path)
        for segment in range(judged.rows.segments):
            copies = judged.own_copies(segment)
            places = judged.rows.placed(copies.ravel(), text=False)
            for row, other in copies.tolist():
                stream.write(packed_copy(places[other], places[row]))


def _join_patches(place: bytes, folders: Sequence[bytes], disk: Disk) -> None:
    with disk.create(place) as whole:
        for folder in folders:
            piece = os.path.join(folder, PATCH)
            if os.path.exists(piece):
                _append(whole, piece)


def _append(stream: NewFile, path: bytes) -> None:
    with open(path, "rb") as piece:
        while data := piece.read(1 << 20):
            stream.write(data)


def _segments(
    run: Run, work: Work, judged: Judged | None, published: Sequence[Published]
) -> list[SegmentTask]:
    """Return the index segments of what stays of this run."""
    if not judged:
        return []
    first = judged.rows.segments - len(work.shards)
    sources = [
        ShardSource(shard, found, base, (run.number,) * len(found.pieces), first + number, judged)
        for number, (shard, found, base) in enumerate(zip(work.shards, work.scanned, work.bases, strict=True))
    ]
    staged = len(published) - len(run.earlier.index)
    earlier = () if staged else published
    made_for = run.recipe.settings.index_made_for
    return segment_tasks(run.stage, run.number, staged, earlier, sources, made_for)


def _other_digests(stage: bytes, known: Mapping[bytes, str], engine: Engine) -> dict[bytes, str]:
    """Return the digests of other files in the stage that are worth a worker's while."""
    places = {path: os.path.join(stage, path) for path in staged_files(stage) if path not in known}
    large = [path for path, place in places.items() if os.path.getsize(place) >= _LARGE]
    return dict(zip(large, engine.map(content_digest, [places[path] for path in large]), strict=True))
