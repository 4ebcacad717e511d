"""The three passes over a whole run: scan the shards, judge their rows, write the shards.

Imported only once a run has something to do: it brings numpy, ftfy and rapidfuzz with it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct, field

from cleaner.closing import close
from cleaner.engine.base import Engine
from cleaner.indexing import ShardSource, load_index, segment_tasks, write_segments
from cleaner.io.inputs import Problem
from cleaner.io.publish import Disk
from cleaner.io.scans import DRAFTS
from cleaner.io.scratch import remove
from cleaner.job import Progress
from cleaner.joining import unwrite
from cleaner.judging.judge import judge
from cleaner.judging.judged import Judged
from cleaner.probing import Published, probe
from cleaner.rows import join_rows
from cleaner.work import ReadFile, Run, Work, counted, scan_all
from cleaner.writing import WriteTask, Written, write_shard


class CleanedFile(Struct, frozen=True):
    """An input that was cleaned, and how many documents stand in its clean text."""

    read: ReadFile
    documents: int


class Result(Struct, frozen=True):
    """What the passes did: the files that were read, those that were not, counts, the names of the index
    segments that were written again, as parts of larger ones, and those digests of staged files that are
    known.

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
    written = list(_write(run, work, judged, engine, disk, progress))
    changed = [path for each in written for path in each.changed]
    closed = close(run, work, judged, published, engine, disk, publishes=not changed)
    files = list(work.files(closed.inputs))
    changed += (each.file.path for each in files if not each.digest)
    counts.update(sum((each.counts for each in written), Counter()))
    documents: Counter[bytes] = sum((each.documents for each in written), Counter())
    return Result(
        tuple(CleanedFile(each, documents[each.file.path]) for each in files),
        tuple(work.unread[file.path] for file in run.files if file.path in work.unread),
        counts,
        tuple(changed),
        (*run.earlier.stale, *closed.replaced),
        closed.staged,
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
