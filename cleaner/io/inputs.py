"""Which files a run cleans: a walk that follows no link, in an order that no file system decides.

A file is known by its path below the input folder, as bytes; that is also its path in the output, so
no two inputs can collide. Hidden files and folders and files of other kinds are passed over.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from cleaner.errors import InputError, UsageError
from cleaner.io.formats import EXTENSIONS
from cleaner.text.show import show


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to clean: its path in the output, its place on disk, its format, and what tells that
    it has not changed (size in bytes, modification time in ns, inode).
    """

    path: bytes
    place: bytes
    format: str
    size: int
    mtime_ns: int
    inode: int
    compression: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """An input, or a part of one, that was not cleaned. `line` is 0 for a whole file."""

    path: bytes
    line: int
    reason: str

    def __str__(self) -> str:
        return (
            f"{show(self.path)}:{self.line}: {self.reason}"
            if self.line
            else f"{show(self.path)}: {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files to clean, in order of their path; what could not be read; how many were passed over."""

    files: tuple[InputFile, ...]
    problems: tuple[Problem, ...]
    passed_over: int


def find_inputs(names: Iterable[bytes], format: str) -> Inputs:
    """Return the files below `names` (folders and files), sorted by path.

    One folder gives paths below it; of several names each is led by its own last part. `format` is
    "auto" (by file name) or the one to read everything as. A name that does not exist is a
    problem of its own. Raises UsageError for files of unknown kind, and for two that would be put in
    one place.
    """
    roots = [os.path.normpath(name) for name in names]
    found: list[InputFile] = []
    problems: list[Problem] = []
    passed_over = 0
    for root in roots:
        try:
            status = os.lstat(root)
        except OSError as error:
            problems.append(Problem(root, 0, f"cannot be read: {error.strerror}"))
            continue
        folder = stat.S_ISDIR(status.st_mode) or (stat.S_ISLNK(status.st_mode) and os.path.isdir(root))
        prefix = b"" if folder and len(roots) == 1 else os.path.basename(os.path.realpath(root))
        for path, place, problem in _walk(root, prefix) if folder else [(prefix, root, None)]:
            kind = _format_of(path, format if not folder else "auto", format)
            if problem:
                problems.append(Problem(path, 0, problem))
            elif kind is None and folder:
                passed_over += 1
            elif kind is None:
                raise UsageError(
                    "a file of unknown kind", where=show(root), hint="say --format txt or --format jsonl"
                )
            else:
                _add(found, problems, path, place, kind)
    found.sort(key=lambda file: file.path)
    for first, second in pairwise(found):
        if first.path == second.path:
            raise UsageError(
                f"{show(first.place)} and {show(second.place)} would both become {show(first.path)}",
                hint="put them under one folder, and name that",
            )
    return Inputs(tuple(found), tuple(sorted(problems, key=lambda each: each.path)), passed_over)


def _format_of(path: bytes, single: str, wanted: str) -> str | None:
    """Return the format of a file: as wanted for one named itself, by its name in a folder."""
    by_name = EXTENSIONS.get(os.path.splitext(path)[1].lower())
    if single != "auto":
        return single
    return by_name and (by_name if wanted == "auto" else wanted)


def _walk(folder: bytes, path: bytes) -> Iterator[tuple[bytes, bytes, str | None]]:
    """Yield (path in the output, place, problem), in no order, of all below `folder` but hidden entries."""
    waiting = [(folder, path)]
    while waiting:
        folder, path = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                entries = [entry for entry in listing if not entry.name.startswith(b".")]
        except OSError as error:
            yield path, folder, f"folder cannot be read: {error.strerror}"
            continue
        for entry in entries:
            below = os.path.join(path, entry.name)
            if entry.is_symlink():
                yield below, entry.path, "a link; links are not followed (name its target as an input)"
            elif entry.is_dir(follow_symlinks=False):
                waiting.append((entry.path, below))
            else:
                yield below, entry.path, None


def _add(found: list[InputFile], problems: list[Problem], path: bytes, place: bytes, kind: str) -> None:
    try:
        status = os.lstat(place)
    except OSError as error:
        problems.append(Problem(path, 0, f"cannot be read: {error.strerror}"))
        return
    if not stat.S_ISREG(status.st_mode):
        problems.append(Problem(path, 0, "no regular file"))
    else:
        found.append(InputFile(path, place, kind, status.st_size, status.st_mtime_ns, status.st_ino))


@contextmanager
def open_input(file: InputFile) -> Iterator[BinaryIO]:
    """Open `file` for reading, without following a link and without waiting on a pipe.

    Raises InputError when it cannot be read, or is no longer the file that was found.
    """
    try:
        descriptor = os.open(file.place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=show(file.path)) from None
    with os.fdopen(descriptor, "rb", buffering=1 << 20) as stream:
        _must_be(file, os.fstat(stream.fileno()))
        try:
            yield stream
        finally:  # what went wrong while it changed went wrong for that
            _must_be(file, os.fstat(stream.fileno()))


def _must_be(file: InputFile, status: os.stat_result) -> None:
    now = (status.st_size, status.st_mtime_ns, status.st_ino)
    if not stat.S_ISREG(status.st_mode) or now != (file.size, file.mtime_ns, file.inode):
        raise InputError("changed while it was read; left for the next run", where=show(file.path))
