"""The three passes over a whole run: scan the shards, judge their rows, write the shards.

Imported only once a run has something to do: it brings numpy, ftfy and rapidfuzz with it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct, field

from cleaner.engine.base import Engine
from cleaner.indexing import ShardSource, load_index, segment_tasks, write_segments
from cleaner.io.inputs import Problem
from cleaner.io.output_names import clean_place, ledger_place
from cleaner.io.pairs import packed_copy, pairs_head, pairs_place
from cleaner.io.publish import Disk, NewFile
from cleaner.io.scans import DRAFTS
from cleaner.io.scratch import remove
from cleaner.io.shards import Shard, file_digest
from cleaner.io.state import content_digest, staged_files
from cleaner.job import Progress
from cleaner.joining import JoinTask, join_ledgers, join_texts, unwrite
from cleaner.judging.judge import judge
from cleaner.judging.judged import Judged
from cleaner.probing import Published, probe
from cleaner.rows import join_rows
from cleaner.work import ReadFile, Run, Work, counted, scan_all
from cleaner.writing import CLEAN, PATCH, WriteTask, Written, write_shard

_LARGE = 1 << 20  # bytes


class CleanedFile(Struct, frozen=True):
    """An input that was cleaned, and how many documents stand in its clean text."""

    read: ReadFile
    documents: int


class Result(Struct, frozen=True):
    """What the passes did: the files that were read, those that were not, counts, and the names of the index
    segments that were written again, as parts of larger ones; `digests` has those of large staged files.

    Nothing may be published when `changed` names an input: others may have been judged by its text.
    """

    files: tuple[CleanedFile, ...]
    unread: tuple[Problem, ...]
    counts: Counter[str]
    changed: tuple[bytes, ...]
    replaced: tuple[bytes, ...] = ()
    digests: Mapping[bytes, str] = field(default_factory=dict)


def run_passes(run: Run, engine: Engine, disk: Disk, progress: Progress) -> Result:
    """Scan, judge and write; everything lands in the stage."""
    published = [*run.earlier.index, *index_clean_texts(run, engine, disk, progress)]
    work = scan_all(run, run.files, engine, progress)
    progress("judging", 0, 1)
    judged, counts = _judge(run, work, published, engine)
    replaced: list[bytes] = []
    digests: dict[bytes, str] = {}
    written = list(_write(run, work, judged, engine, disk, progress))
    _write_edges(run, judged, disk)
    changed = [path for each in written for path in each.changed]
    files = list(work.files(_join(run, work, engine, disk, join=not changed)))
    changed += (each.file.path for each in files if not each.digest)
    if not changed:
        _join_patches(run, work.shards, disk)
        replaced = _index(run, work, judged, published, engine, disk)
        digests = _digests(run.stage, engine)
    counts.update(sum((each.counts for each in written), Counter()))
    documents: Counter[bytes] = sum((each.documents for each in written), Counter())
    return Result(
        tuple(CleanedFile(each, documents[each.file.path]) for each in files),
        tuple(work.unread[file.path] for file in run.files if file.path in work.unread),
        counts,
        tuple(changed),
        (*run.earlier.stale, *replaced),
        digests,
    )


def _judge(
    run: Run, work: Work, published: Sequence[Published], engine: Engine
) -> tuple[Judged | None, Counter[str]]:
    """Judge all that was scanned; where there is nothing to judge, nothing was judged."""
    segments = work.segments()
    near = run.recipe.settings.near_duplicate
    if not near.enabled or not any(each.rows for each in segments):
        return None, Counter()
    earlier = probe(published, segments, run.scratch, near.limits, near.window_days, engine)
    joined = os.path.join(run.scratch, b"joined")
    rows, documents = join_rows(joined, [*earlier, *segments], len(earlier), engine)
    folder = os.path.join(run.scratch, b"judged")
    recipe = run.recipe
    return judge(
        rows, documents, near, recipe.rules.facts, engine, folder, run.memory, recipe.decisions.pairs
    )


def index_clean_texts(run: Run, engine: Engine, disk: Disk, progress: Progress) -> list[Published]:
    """Stage index segments of the clean texts of earlier runs that have none."""
    if not run.earlier.missing:
        return []
    work = scan_all(run, run.earlier.missing, engine, progress, published=True)
    sources = []
    for shard, found, base in zip(work.shards, work.scanned, work.bases, strict=True):
        runs = tuple(run.cleaned_by[piece.path] for piece in found.pieces)
        sources.append(ShardSource(shard, found, base, runs, ledgers=run.ledgers))
    made_for = run.recipe.settings.index_made_for
    write_segments(segment_tasks(run.stage, run.number, 0, (), sources, made_for), engine, disk)
    return [Published(each, (True,) * len(each.files)) for each in load_index(run.stage)]


def _index(
    run: Run, work: Work, judged: Judged | None, published: Sequence[Published], engine: Engine, disk: Disk
) -> list[bytes]:
    """Stage index segments of what stays of this run; return the names of those that they replace."""
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
    tasks = segment_tasks(run.stage, run.number, staged, earlier, sources, made_for)
    return write_segments(tasks, engine, disk)


def _write(
    run: Run, work: Work, judged: Judged | None, engine: Engine, disk: Disk, progress: Progress
) -> Iterator[Written]:
    tasks = []
    first = judged.rows.segments - len(work.shards) if judged else 0
    for number, (shard, found, base) in enumerate(
        zip(work.shards, work.scanned, work.bases, strict=True), first
    ):
        digests = {piece.path: piece.digest for piece in found.pieces}
        tasks.append(WriteTask(shard, digests, base, number, judged, run.stage))
    write = partial(write_shard, settings=run.recipe.settings, disk=disk)
    written = engine.map(write, tasks, partial(unwrite, disk=disk))
    for task, each in zip(tasks, counted(written, len(tasks), "writing", progress), strict=True):
        remove(task.shard.scratch, DRAFTS)
        yield each


def _join(run: Run, work: Work, engine: Engine, disk: Disk, *, join: bool) -> dict[bytes, str]:
    """Return the digests of files that were read in pieces; `join` what was written of these, meanwhile."""
    unknown = work.undigested()
    tasks = [_Joining(partial(file_digest, source)) for source in unknown.values()]
    for file, folders in work.cut_files() if join else ():
        task = JoinTask(file, folders, run.stage)
        tasks.append(_Joining(partial(join_texts, task, disk), clean_place(run.stage, file.path), folders))
        ledgers = partial(join_ledgers, task, run.recipe.settings, disk)
        tasks.append(_Joining(ledgers, ledger_place(run.stage, file.path)))
    digests: list[str] = []
    done = engine.map(_joined, tasks, partial(_unmake, disk=disk))
    for each, digest in zip(tasks, done, strict=True):
        digests.append(digest or "")
        for folder in each.parts:  # as large together as what was made of them
            remove(folder, CLEAN)
    return dict(zip(unknown, digests, strict=False))


class _Joining(Struct, frozen=True):
    """Something to do to whole files; the file that it makes, and folders with parts that then may go."""

    do: Callable[[], str | None]
    made: bytes = b""
    parts: Sequence[bytes] = ()


def _joined(task: _Joining) -> str | None:
    return task.do()


def _unmake(task: _Joining, disk: Disk) -> None:
    if task.made:
        disk.remove(task.made)


def _write_edges(run: Run, judged: Judged | None, disk: Disk) -> None:
    """Store the near-duplicate pairs, from the floor up, so that another threshold can be previewed: and the
    copies that go only if what they are copies of does.
    """
    with disk.create(pairs_place(run.stage, run.number)) as stream:
        if judged is None:
            return
        stream.write(pairs_head(run.recipe.settings.near_duplicate.threshold))
        for path in judged.edges.paths():
            _append(stream, path)
        for segment in range(judged.rows.segments):
            copies = judged.own_copies(segment)
            places = judged.rows.placed(copies.ravel(), text=False)
            for row, other in copies.tolist():
                stream.write(packed_copy(places[other], places[row]))


def _digests(stage: bytes, engine: Engine) -> dict[bytes, str]:
    """Return the digests of files in the stage that are worth a worker's while."""
    places = {path: os.path.join(stage, path) for path in staged_files(stage)}
    large = [path for path, place in places.items() if os.path.getsize(place) >= _LARGE]
    return dict(zip(large, engine.map(content_digest, [places[path] for path in large]), strict=True))


def _append(stream: NewFile, path: bytes) -> None:
    with open(path, "rb") as piece:
        while data := piece.read(1 << 20):
            stream.write(data)


def _join_patches(run: Run, shards: Sequence[Shard], disk: Disk) -> None:
    with disk.create(os.path.join(run.stage, b"report", b"changes.patch")) as whole:
        for shard in shards:
            piece = os.path.join(shard.scratch, PATCH)
            if os.path.exists(piece):
                _append(whole, piece)
