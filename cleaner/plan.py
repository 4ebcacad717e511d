"""What a run has to do: which inputs are new or changed, and what is published already."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from cleaner.errors import InputError
from cleaner.io.catalogue import Catalogue
from cleaner.io.formats import FORMATS
from cleaner.io.index_names import FOLDER
from cleaner.io.inputs import InputFile, Inputs, Problem, open_input
from cleaner.io.ledger import ledger_name
from cleaner.io.shards import file_digest
from cleaner.io.state import Done, Folders
from cleaner.io.urls import is_url
from cleaner.settings import Settings

if TYPE_CHECKING:
    from cleaner.probing import Published


class Options(Struct, frozen=True):
    """What is said for one run only. `limit` counts documents, `force` hashes inputs that look
    unchanged, `reprocess` cleans them anew; `mirror` withdraws what is no input any more; `force_publish`
    publishes beyond the limits; `strict` tells of damage that is known, too.
    """

    dry_run: bool = False
    limit: int | None = None
    force: bool = False
    reprocess: bool = False
    mirror: bool = False
    force_publish: bool = False
    strict: bool = False


class Plan(Struct, frozen=True):
    """Inputs to clean; how many are unchanged, and under which settings these were cleaned (digests); how
    many documents may be taken of some files; what cannot be read; what was cleaned earlier, is no input any
    more, and is to be withdrawn.
    """

    todo: tuple[InputFile, ...]
    unchanged: int
    cleaned_under: frozenset[str]
    limits: dict[bytes, int]
    problems: tuple[Problem, ...]
    withdrawn: tuple[bytes, ...] = ()


def make_plan(
    inputs: Inputs,
    catalogue: Catalogue,
    folders: Folders,
    options: Options,
    settings: Settings,
    concerned: Collection[bytes] = (),
) -> Plan:
    """Compare the inputs with what earlier runs have cleaned; those that decisions concern are to be cleaned
    anew.
    """
    todo: list[InputFile] = []
    problems = list(inputs.problems)
    cleaned_under: set[str] = set()
    for file in inputs.files:
        done = catalogue.done.get(file.path)
        if (
            done
            and not options.reprocess
            and file.path not in catalogue.reopened
            and file.path not in concerned
            and _published(folders, done)
            and _same(file, done.file, done.digest, options)
        ):
            cleaned_under.add(done.settings)
        elif _place_taken(folders, file.path):
            problems.append(Problem(file.path, 0, "output of an earlier run stands in its place"))
        else:
            todo.append(file)
    unchanged = len(inputs.files) + len(inputs.problems) - len(todo) - len(problems)
    limits: dict[bytes, int] = {}
    if options.limit is not None:
        todo, limits = _limited(todo, options.limit, settings)
    withdrawn: tuple[bytes, ...] = ()
    unknown = any(is_url(problem.path) for problem in inputs.problems)  # what a store has that did not answer
    if options.mirror and options.limit is None and inputs.files and not unknown:
        there = {file.path for file in inputs.files} | {problem.path for problem in inputs.problems}
        withdrawn = tuple(sorted(path for path in catalogue.done if path not in there))
    return Plan(tuple(todo), unchanged, frozenset(cleaned_under), limits, tuple(problems), withdrawn)


def _published(folders: Folders, done: Done) -> bool:
    """Tell whether the output of an input is still there; one without documents has no clean text."""
    clean = not done.documents or os.path.lexists(folders.at(b"clean", done.file.path))
    return clean and os.path.lexists(folders.at(b"ledger", ledger_name(done.file.path)))


def _place_taken(folders: Folders, path: bytes) -> bool:
    """Tell whether a folder stands where the output of `path` goes, or a file where its folder is."""
    for place in (folders.at(b"clean", path), folders.at(b"ledger", ledger_name(path))):
        folder = os.path.dirname(place)
        while not os.path.lexists(folder):
            folder = os.path.dirname(folder)
        if os.path.isdir(place) or not os.path.isdir(folder):
            return True
    return False


def _same(file: InputFile, earlier: InputFile, checksum: str, options: Options) -> bool:
    """Tell whether a file is what was cleaned: by size, time and inode, else by its content. Of a
    compressed file that is the decompressed stream, so one that was only packed anew is the same.
    """
    same_size = file.size == earlier.size
    if not same_size and not file.compression:
        return False
    if same_size and not options.force and (file.mtime_ns, file.inode) == (earlier.mtime_ns, earlier.inode):
        return True
    return file_digest(file) == checksum


def _limited(
    files: Sequence[InputFile], limit: int, settings: Settings
) -> tuple[list[InputFile], dict[bytes, int]]:
    """Take files until they hold `limit` documents; the last may be taken in part."""
    taken: list[InputFile] = []
    limits: dict[bytes, int] = {}
    left = limit
    for file in files:
        if left <= 0:
            break
        taken.append(file)
        found = _documents(file, settings, left + 1)
        if found > left:
            limits[file.path] = left
        left -= found
    return taken, limits


def _documents(file: InputFile, settings: Settings, most: int) -> int:
    """Count the documents of a file, up to `most`; one that cannot be read has none."""
    count = 0
    try:
        with open_input(file) as stream:
            for record in FORMATS[file.format].reader(stream, settings).records():
                count += record.source is not None
                if count == most:
                    break
                for _ in record.more:
                    pass
    except InputError:
        return 0
    return count


class Earlier(Struct, frozen=True):
    """What a run is compared with: the index; clean files that are in none, in order of survivor priority.
    `stale` are the names of segments that were made with other settings.
    """

    index: tuple[Published, ...] = ()
    missing: tuple[InputFile, ...] = ()
    stale: tuple[bytes, ...] = ()


def published_before(
    catalogue: Catalogue, replaced: Collection[bytes], folders: Folders, settings: Settings, run: int
) -> Earlier:
    """Return what run number `run` is compared with; inputs that are `replaced` are not."""
    near = settings.near_duplicate
    if not near.enabled:
        return Earlier()
    from cleaner.io.index import read_index
    from cleaner.probing import Published

    oldest = run - near.window_runs if near.window_runs is not None else 0
    wanted = {
        path: done.run for path, done in catalogue.done.items() if path not in replaced and done.run >= oldest
    }
    segments = read_index(folders.at(FOLDER))
    index = tuple(
        Published(segment, tuple(wanted.get(file.path) == file.run for file in segment.files))
        for segment in segments
        if segment.made_for == settings.index_made_for
    )
    indexed = {(file.path, file.run) for each in index for file in each.segment.files}
    missing = [
        file
        for done in catalogue.in_order()
        if done.file.path in wanted and (done.file.path, done.run) not in indexed
        for file in _clean_file(folders, done)
    ]
    stale = tuple(segment.name for segment in segments if segment.made_for != settings.index_made_for)
    return Earlier(index, tuple(missing), stale)


def clean_texts(catalogue: Catalogue, folders: Folders) -> Earlier:
    """Return all clean files, as if there was no index."""
    files = (file for done in catalogue.in_order() for file in _clean_file(folders, done))
    return Earlier(missing=tuple(files))


def _clean_file(folders: Folders, done: Done) -> Iterator[InputFile]:
    """Yield the clean file of an input, if there is one; it is compressed as its input is."""
    place = folders.at(b"clean", done.file.path)
    if os.path.isfile(place):
        status = os.stat(place)
        yield replace(
            done.file, place=place, size=status.st_size, mtime_ns=status.st_mtime_ns, inode=status.st_ino
        )
