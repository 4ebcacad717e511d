"""Keeping an output: what its index holds, making it smaller or anew, and withdrawing inputs.

Whatever is changed is committed as a run without inputs, so it is safe to interrupt like any other.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from msgspec import Struct

from cleaner.committing import outputs_of
from cleaner.errors import UsageError
from cleaner.indexing import ROWS_A_SEGMENT, SegmentTask, write_segments
from cleaner.io.catalogue import Catalogue, read_catalogue
from cleaner.io.figures import Figures, time_of
from cleaner.io.index import IndexSegment, read_index
from cleaner.io.index_names import FOLDER, segment_name
from cleaner.io.lock import locked
from cleaner.io.output import output_folders, reading
from cleaner.io.publish import Disk
from cleaner.io.state import (
    Folders,
    Manifest,
    commit,
    publish,
    recover,
    staged_digests,
)
from cleaner.job import Job, Progress, load_recipe
from cleaner.orphans import Orphan, find_orphans
from cleaner.plan import clean_texts
from cleaner.probing import Published
from cleaner.resources import allowance, workers_for
from cleaner.text.globs import Globs, check_glob
from cleaner.text.show import show
from cleaner.versions import versions


class IndexInfo(Struct, frozen=True):
    """What an index holds: segments, documents and paragraphs, how many documents count no more, bytes on
    disk, inputs that are in no segment, and the versions of Unicode it was made with.
    """

    segments: int
    documents: int
    paragraphs: int
    dead_documents: int
    bytes: int
    missing_inputs: int
    unicode: tuple[str, ...]


class Withdrawn(Struct, frozen=True):
    """The inputs that were withdrawn, what was orphaned, and the inputs that the next run cleans anew; of
    what is erased: the texts for whose sake paragraphs of others went.
    """

    paths: tuple[bytes, ...]
    orphans: tuple[Orphan, ...]
    reopened: tuple[bytes, ...]
    told: frozenset[str] = frozenset()


def index_info(out: str | Folders) -> IndexInfo:
    """Tell what the index of an output holds. Raises UsageError, LockedError, StateError."""
    with reading(out) as folders:
        segments = read_index(folders.at(FOLDER))
        catalogue = read_catalogue(folders)
        files = [file for segment in segments for file in segment.files]
        alive = [file for file in files if _counts(catalogue, file.path, file.run)]
        indexed = {file.path for file in alive}
        documents = sum(file.documents for file in files)
        return IndexInfo(
            len(segments), documents, sum(segment.rows for segment in segments),
            documents - sum(file.documents for file in alive),
            sum(segment.size() for segment in segments),
            sum(bool(done.documents) and path not in indexed for path, done in catalogue.done.items()),
            tuple(sorted({segment.unicode for segment in segments})),
        )  # fmt: skip


def _counts(catalogue: Catalogue, path: bytes, run: int) -> bool:
    done = catalogue.done.get(path)
    return done is not None and done.run == run


class _Change(Struct):
    """A change of an output, to be committed: what is known, and what is added to it by whoever makes it."""

    folders: Folders
    catalogue: Catalogue
    disk: Disk
    removed: tuple[bytes, ...] = ()
    withdrawn: tuple[bytes, ...] = ()
    reopened: tuple[bytes, ...] = ()

    @property
    def number(self) -> int:
        """The number of the run."""
        return self.catalogue.last_run + 1

    @property
    def stage(self) -> bytes:
        """Where files that are to be published go."""
        return self.folders.stage(self.number)


@contextmanager
def _changing(out: str | Folders, disk: Disk) -> Iterator[_Change]:
    """Hold the lock, and commit what was changed, if anything was."""
    folders = output_folders(out)
    began, started = time.time(), time.monotonic()
    with locked(folders.lock) as announce:
        recover(folders, disk)
        announce()
        change = _Change(folders, read_catalogue(folders), disk)
        disk.make_folder(change.stage)
        try:
            yield change
        except BaseException:
            disk.remove_tree(folders.stages)
            raise
        disk.remove_tree(os.path.join(folders.stages, b"scan"))
        files = staged_digests(change.stage)
        if not (files or change.removed or change.reopened):
            disk.remove_tree(folders.stages)
            return
        figures = Figures(time_of(began), round(time.monotonic() - started, 3))
        manifest = Manifest(
            change.number, "", versions(), (), files, change.removed, change.withdrawn, change.reopened,
            figures,
        )  # fmt: skip
        commit(folders, disk, manifest)
        publish(folders, disk, manifest)


def compact_index(out: str | Folders, disk: Disk) -> tuple[int, int]:
    """Write small segments together, and without what counts no more; return how many there were, and are."""
    with _changing(out, disk) as change:
        segments = read_index(change.folders.at(FOLDER))
        written = _rewrite(change, segments, [False] * len(segments))
    return len(segments), written


def _rewrite(change: _Change, segments: Sequence[IndexSegment], forced: Sequence[bool]) -> int:
    """Write segments again, in groups as large as they may be; one that is alone, and whole, stays as it is
    unless it is `forced`. Return how many there will be.
    """
    groups: list[list[Published]] = []
    must: list[bool] = []
    rows = 0
    for segment, force in zip(segments, forced, strict=True):
        alive = tuple(_counts(change.catalogue, file.path, file.run) for file in segment.files)
        if not groups or rows + segment.rows > ROWS_A_SEGMENT:
            groups.append([])
            must.append(False)
            rows = 0
        groups[-1].append(Published(segment, alive))
        must[-1] |= force or not all(alive)
        rows += segment.rows
    tasks = [
        SegmentTask(
            os.path.join(change.stage, FOLDER, segment_name(change.number, number)), tuple(group), (),
            group[0].segment.made_for,
        )
        for number, (group, wanted) in enumerate(zip(groups, must, strict=True))
        if wanted or len(group) > 1
    ]  # fmt: skip
    from cleaner.engine.local import LocalEngine

    with LocalEngine(1) as engine:
        replaced = write_segments(tasks, engine, change.disk)
    change.removed += tuple(os.path.join(FOLDER, name) for name in replaced)
    return len(groups)


def rebuild_index(job: Job, progress: Progress) -> int:
    """Make the index anew from clean texts and ledgers; return how many paragraphs it holds."""
    from cleaner.engine.local import LocalEngine
    from cleaner.passes import index_clean_texts
    from cleaner.work import Run

    with _changing(job.folders, job.disk) as change:
        folders, catalogue = change.folders, change.catalogue
        old = os.listdir(folders.at(FOLDER)) if os.path.isdir(folders.at(FOLDER)) else []
        change.removed = tuple(os.path.join(FOLDER, name) for name in old)
        recipe = load_recipe(job.settings)
        earlier = clean_texts(catalogue, folders)
        workers = workers_for(job.settings, earlier.missing)
        with LocalEngine(workers) as engine:
            cleaned_by = {path: done.run for path, done in catalogue.done.items()}
            run = Run(
                recipe, earlier, cleaned_by, folders.at(b"ledger"), (), {}, change.stage,
                os.path.join(folders.stages, b"scan"), change.number, job.shard_bytes,
                allowance(job.settings.memory, workers),
            )  # fmt: skip
            made = index_clean_texts(run, engine, job.disk, progress)
    return sum(each.segment.rows for each in made)


def forget(
    out: str | Folders, patterns: Sequence[str], disk: Disk, *, reinstate: bool, erase: bool
) -> Withdrawn:
    """Withdraw the inputs whose paths match: their clean texts and ledgers go, and nothing is compared with
    them any more. With `reinstate` the next run cleans anew what is orphaned by that; `erase` purges their
    text from the index, from other ledgers, and from stored pairs.

    Raises UsageError when nothing matches, LockedError, StateError, OutputError.
    """
    matching = _globs(patterns)
    with _changing(out, disk) as change:
        folders = change.folders
        paths = tuple(sorted(path for path in change.catalogue.done if matching.match(path)))
        if not paths:
            raise UsageError(
                "no input of this output matches",
                where=show(", ".join(patterns)),
                hint="name inputs by their path in the output, or by globs such as '2024/**'",
            )
        orphans = tuple(find_orphans(folders, (), paths))
        change.reopened = tuple(sorted({each.path for each in orphans})) if reinstate else ()
        change.withdrawn = paths
        change.removed = outputs_of(paths)
        told: frozenset[str] = frozenset()
        if erase:
            from cleaner.erasing import erase_texts

            for path in paths:
                change.catalogue.done.pop(path)
            segments = read_index(folders.at(FOLDER))
            _rewrite(change, segments, [any(file.path in paths for file in each.files) for each in segments])
            removed, told = erase_texts(folders, change.stage, frozenset(paths), disk)
            change.removed += removed
    return Withdrawn(paths, orphans, change.reopened, told)


def _globs(patterns: Sequence[str]) -> Globs:
    for pattern in patterns:
        try:
            check_glob(pattern)
        except ValueError as error:
            raise UsageError(str(error), where=show(pattern)) from None
    return Globs(patterns)


def orphaned(out: str | Folders, disk: Disk, *, reinstate: bool) -> Withdrawn:
    """Find all paragraphs that went for text which does not stand any more; with `reinstate` the next run
    cleans their inputs anew.
    """
    if not reinstate:
        with reading(out) as folders:
            return Withdrawn((), _all_orphans(folders, read_catalogue(folders)), ())
    with _changing(out, disk) as change:
        orphans = _all_orphans(change.folders, change.catalogue)
        change.reopened = tuple(sorted({each.path for each in orphans}))
    return Withdrawn((), orphans, change.reopened)


def _all_orphans(folders: Folders, catalogue: Catalogue) -> tuple[Orphan, ...]:
    return tuple(find_orphans(folders, catalogue.replaced, catalogue.withdrawn))
