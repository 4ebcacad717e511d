"""Which files a run cleans: a walk that follows no link, in an order that no file system decides.

A file is known by its path below the input folder, as bytes; that is also its path in the output, so
no two inputs can collide. Hidden files and folders, files of other kinds and what the patterns leave
out are passed over.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from cleaner.errors import InputError, UsageError
from cleaner.io.compression import decompressed, split_suffix
from cleaner.io.formats import EXTENSIONS
from cleaner.io.urls import is_url
from cleaner.text.globs import Globs, check_glob
from cleaner.text.show import show

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LONGEST_PATH = (
    3000  # bytes below an input folder; a system takes 4,096, and in the output more stands before it
)
_PIECE = 1 << 20  # bytes that are read at once
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_LINK = "a link; links are not followed (name its target as an input)"


class InputFile(Struct, frozen=True):
    """One file to clean: its path in the output, its place on disk or its URL, its format, what tells that
    it has not changed (size in bytes, modification time in ns, inode; of an object size and a number made of
    its tag), how it is compressed ("": not), and the folder below which it was found, from where on no link
    may lead to it (empty: it was named itself).
    """

    path: bytes
    place: bytes
    format: str
    size: int
    mtime_ns: int
    inode: int
    compression: str = ""
    root: bytes = b""


class Problem(Struct, frozen=True):
    """An input, or a part of one, that was not cleaned. `line` is 0 for a whole file; `content` is a digest
    of what was skipped, empty where nothing of it could be read or nobody has yet.
    """

    path: bytes
    line: int
    reason: str
    content: str = ""

    @property
    def anywhere(self) -> Problem:
        """The same without its line: a record stands in another one when more were written above."""
        return replace(self, line=0)

    def __str__(self) -> str:
        return (
            f"{show(self.path)}:{self.line}: {self.reason}"
            if self.line
            else f"{show(self.path)}: {self.reason}"
        )


class Inputs(Struct, frozen=True):
    """The files to clean, in order of their path; what could not be read; how many were passed over, and
    how many of these because patterns left them out.
    """

    files: tuple[InputFile, ...]
    problems: tuple[Problem, ...]
    passed_over: int
    left_out: int = 0

    def without(self, place: bytes) -> Inputs:
        """Return these without the file at a place, which is no input though it looks like one."""
        files = tuple(
            file for file in self.files if is_url(file.place) or os.path.abspath(file.place) != place
        )
        passed_over = self.passed_over + len(self.files) - len(files)
        return replace(self, files=files, passed_over=passed_over)


def find_inputs(
    names: Iterable[bytes], format: str, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Inputs:
    """Return the files below `names` (folders, files, URLs), sorted by path.

    One folder gives paths below it; of several names each is led by its own last part. `format` is
    "auto" (by file name) or the one to read everything as. Of these paths `include` and `exclude` take
    some (text/globs.py): a folder that is left out is not looked into, and counts as one. A name that
    does not exist is a problem of its own. Raises UsageError for files of unknown kind, for two that
    would be put in one place, and for a pattern that can match nothing.
    """
    roots = [name if is_url(name) else os.path.normpath(name) for name in names]
    search = Search(format, _globs("include", include), _globs("exclude", exclude))
    for root in roots:
        if is_url(root):
            from cleaner.io.remote_inputs import take_objects

            take_objects(search, root, alone=len(roots) == 1)
            continue
        try:
            status = os.lstat(root)
        except OSError as error:
            search.problems.append(Problem(root, 0, f"cannot be read: {error.strerror}"))
            continue
        folder = stat.S_ISDIR(status.st_mode) or (stat.S_ISLNK(status.st_mode) and os.path.isdir(root))
        prefix = b"" if folder and len(roots) == 1 else os.path.basename(os.path.realpath(root))
        if folder:
            search.walk(root, prefix)
        else:
            search.take(prefix, root)
    found = sorted(search.found, key=lambda file: file.path)
    for first, second in pairwise(found):
        if first.path == second.path:
            raise UsageError(
                f"{show(first.place)} and {show(second.place)} would both become {show(first.path)}",
                hint="put them under one folder, and name that",
            )
    problems = sorted(search.problems, key=lambda each: each.path)
    return Inputs(tuple(found), tuple(problems), search.unknown + search.left_out, search.left_out)


def _globs(name: str, patterns: Sequence[str]) -> Globs:
    for pattern in patterns:
        try:
            check_glob(pattern)
        except ValueError as error:
            raise UsageError(str(error), where=f"{name} '{show(pattern, limit=40)}'") from None
    return Globs(patterns)


class Search:
    """What was found so far, what could not be read, and how many files were passed over, and why."""

    def __init__(self, format: str, include: Globs, exclude: Globs) -> None:
        self._format, self._include, self._exclude = format, include, exclude
        self.found: list[InputFile] = []
        self.problems: list[Problem] = []
        self.unknown = self.left_out = 0

    def take(self, path: bytes, place: bytes) -> None:
        """Take a file that was named itself. Raises UsageError where its kind is unknown."""
        if kind := self.kind_of(path, place):
            try:
                self._add(path, place, kind, os.lstat(place))
            except OSError as error:
                self.problems.append(Problem(path, 0, f"cannot be read: {error.strerror}"))

    def kind_of(self, path: bytes, place: bytes) -> str | None:
        """Return the format of what was named itself; None where patterns leave it out."""
        if self.leaves_out(path):
            self.left_out += 1
            return None
        kind = _format_by_name(path) if self._format == "auto" else self._format
        if kind is None:
            hint = "say --format txt, jsonl or parquet"
            raise UsageError("a file of unknown kind", where=show(place), hint=hint)
        return kind

    def format_of(self, path: bytes) -> str | None:
        """Return the format of what was not named itself; None where its name tells none."""
        kind = _format_by_name(path)
        return kind if kind is None or self._format == "auto" else self._format

    def walk(self, root: bytes, prefix: bytes) -> None:
        """Take, in no order, all below `root` but hidden entries; `prefix` is its place in the output."""
        if prefix and self.leaves_out(prefix, folder=True):
            self.left_out += 1
            return
        waiting = [b""]
        while waiting:
            folder = waiting.pop()
            try:
                with folder_below(root, folder) as here, os.scandir(here) as listing:
                    for entry in listing:
                        if entry.name.startswith("."):
                            continue
                        below = os.path.join(folder, os.fsencode(entry.name))
                        if self._is_folder(entry, here, root, below, os.path.join(prefix, below)):
                            waiting.append(below)
            except OSError as error:
                path = os.path.join(prefix, folder) if folder else prefix
                self.problems.append(Problem(path, 0, f"folder cannot be read: {error.strerror}"))

    def _is_folder(
        self, entry: os.DirEntry[str], folder: int, root: bytes, below: bytes, path: bytes
    ) -> bool:
        """Take an entry of an open folder, and tell whether it is one to be looked into."""
        is_folder = entry.is_dir(follow_symlinks=False)
        if self.leaves_out(path, folder=is_folder):
            self.left_out += 1
        elif len(path) > LONGEST_PATH:
            self.problems.append(Problem(path, 0, f"a path of more than {LONGEST_PATH:,} bytes"))
        elif is_folder:
            return True
        elif entry.is_symlink():
            self.problems.append(Problem(path, 0, _LINK, _target(entry.name, folder)))
        elif kind := self.format_of(path):
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError as error:
                self.problems.append(Problem(path, 0, f"cannot be read: {error.strerror}"))
            else:
                self._add(path, os.path.join(root, below), kind, status, root)
        else:
            self.unknown += 1
        return False

    def leaves_out(self, path: bytes, *, folder: bool = False) -> bool:
        """Tell whether the patterns leave out a file, or a folder with all that may be below it."""
        if self._include and not folder and not self._include.match(path):
            return True
        return self._exclude.match(path, folder=folder)

    def _add(self, path: bytes, place: bytes, kind: str, status: os.stat_result, root: bytes = b"") -> None:
        if not stat.S_ISREG(status.st_mode):
            self.problems.append(Problem(path, 0, "no regular file"))
            return
        size, mtime_ns, inode = status.st_size, status.st_mtime_ns, status.st_ino
        compression = split_suffix(path)[1]
        self.found.append(InputFile(path, place, kind, size, mtime_ns, inode, compression, root))


@contextmanager
def folder_below(root: bytes, path: bytes) -> Iterator[int]:
    """Open the folder `path` below `root`, which may be a link itself, but none may stand on the way: a
    folder that is exchanged for a link meanwhile leads nowhere. Raises OSError.
    """
    here = os.open(root, _FOLDER)
    try:
        for name in filter(None, path.split(b"/")):
            below = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def _target(link: str, folder: int) -> str:
    try:
        return blake2b(os.fsencode(os.readlink(link, dir_fd=folder)), digest_size=16).hexdigest()
    except OSError:
        return ""


def _format_by_name(path: bytes) -> str | None:
    """Return the format that a file name tells, behind which it may say how the file is compressed."""
    stem, _ = split_suffix(path)
    return EXTENSIONS.get(os.path.splitext(stem)[1].lower())


class _InputBytes(io.FileIO):
    """The bytes of an input. What the system cannot read raises InputError: the rest of the run is done."""

    def __init__(self, descriptor: int, where: str) -> None:
        super().__init__(descriptor)
        self._where = where

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=self._where) from None

    def readall(self) -> bytes:
        pieces = []
        piece = bytearray(_PIECE)
        while count := self.readinto(piece):
            pieces.append(bytes(piece[:count]))
        return b"".join(pieces)


def _opened(file: InputFile) -> int:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    if not file.root:
        return os.open(file.place, flags)
    folder, name = os.path.split(file.place[len(file.root) :])
    with folder_below(file.root, folder) as here:
        return os.open(name, flags, dir_fd=here)


@contextmanager
def open_input(file: InputFile) -> Iterator[BinaryIO]:
    """Open `file` for reading, decompressed where it is compressed, without following a link and without
    waiting on a pipe.

    Raises InputError when it cannot be read, or is no longer the file that was found; reading raises it, too,
    and where compressed data is cut off or damaged (io/compression.py).
    """
    if is_url(file.place):
        from cleaner.io.remote_inputs import open_object

        with open_object(file) as content:
            yield decompressed(content, file.compression, where=show(file.path))
        return
    try:
        descriptor = _opened(file)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=show(file.path)) from None
    with io.BufferedReader(_InputBytes(descriptor, show(file.path)), _PIECE) as stream:
        _must_be(file, os.fstat(stream.fileno()))
        try:
            yield decompressed(stream, file.compression, where=show(file.path))
        finally:  # what went wrong while it changed went wrong for that
            _must_be(file, os.fstat(stream.fileno()))


def _must_be(file: InputFile, status: os.stat_result) -> None:
    now = (status.st_size, status.st_mtime_ns, status.st_ino)
    if not stat.S_ISREG(status.st_mode) or now != (file.size, file.mtime_ns, file.inode):
        raise InputError("changed while it was read; left for the next run", where=show(file.path))
