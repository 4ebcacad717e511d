"""What a run has to do: which inputs are new or changed, and what is published already."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cleaner.errors import InputError
from cleaner.io.formats import FORMATS
from cleaner.io.inputs import InputFile, Inputs, Problem, open_input
from cleaner.io.ledger import ledger_name
from cleaner.io.shards import file_digest
from cleaner.io.state import Catalogue, Done, Folders
from cleaner.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """What is said for one run only. `limit` counts documents, `force` hashes inputs that look
    unchanged, `reprocess` cleans them anew.
    """

    dry_run: bool = False
    limit: int | None = None
    force: bool = False
    reprocess: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Inputs to clean; how many are unchanged, and whether other settings cleaned some of these; how
    many documents may be taken of some files; what cannot be read.
    """

    todo: tuple[InputFile, ...]
    unchanged: int
    other_settings: bool
    limits: dict[bytes, int]
    problems: tuple[Problem, ...]


def make_plan(
    inputs: Inputs,
    catalogue: Catalogue,
    folders: Folders,
    options: Options,
    settings: Settings,
    settings_digest: str,
) -> Plan:
    """Compare the inputs with what earlier runs have cleaned."""
    todo: list[InputFile] = []
    problems = list(inputs.problems)
    other_settings = False
    for file in inputs.files:
        done = catalogue.done.get(file.path)
        if (
            done
            and not options.reprocess
            and _published(folders, done)
            and _same(file, done.file, done.digest, options)
        ):
            other_settings |= done.settings != settings_digest
        elif _place_taken(folders, file.path):
            problems.append(Problem(file.path, 0, "output of an earlier run stands in its place"))
        else:
            todo.append(file)
    unchanged = len(inputs.files) + len(inputs.problems) - len(todo) - len(problems)
    limits: dict[bytes, int] = {}
    if options.limit is not None:
        todo, limits = _limited(todo, options.limit, settings)
    return Plan(tuple(todo), unchanged, other_settings, limits, tuple(problems))


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


def published_files(catalogue: Catalogue, todo: Sequence[InputFile], folders: Folders) -> list[InputFile]:
    """Return the clean files that this run does not replace, in order of survivor priority; each is
    compressed as its input is.
    """
    replaced = {file.path for file in todo}
    found: list[InputFile] = []
    for done in catalogue.in_order():
        place = folders.at(b"clean", done.file.path)
        if done.file.path in replaced or not os.path.isfile(place):
            continue
        status = os.stat(place)
        found.append(
            replace(
                done.file, place=place, size=status.st_size, mtime_ns=status.st_mtime_ns, inode=status.st_ino
            )
        )
    return found
