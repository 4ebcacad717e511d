"""Inputs by URL: which objects of a store a run cleans, and reading them.

Their keys are held to the rules of `inputs.py`. A store knows no folders, so it can hold what no folder can;
such objects are problems, since their place in the output could not be made.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct, field

from cleaner.errors import InputError
from cleaner.io.compression import split_suffix
from cleaner.io.inputs import LONGEST_PATH, InputFile, Problem, Search
from cleaner.io.stores import Object, Store
from cleaner.io.urls import last_part, leads_elsewhere
from cleaner.text.show import show

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LONGEST_NAME = 255  # bytes that a file system takes
_PIECE = 1 << 20  # bytes that are read at once


def take_objects(search: Search, url: bytes, *, alone: bool) -> None:
    """Let a search take the objects below a URL, or the one it names. Only of a URL that is `alone` paths
    count from its end; else they begin with its last part.
    """
    try:
        objects = Store(os.fsdecode(url)).list()
    except OSError as error:
        search.problems.append(Problem(url, 0, f"cannot be read: {error.strerror}"))
        return
    name = os.fsencode(last_part(os.fsdecode(url)))
    if "" in objects:
        if kind := search.kind_of(name, url):
            search.found.append(_input(name, url, kind, objects[""]))
    elif not objects:
        told = "cannot be read: there is no object of this name, and none below it"
        search.problems.append(Problem(url, 0, told))
    else:
        _Keys(search, url, b"" if alone else name).take(objects)


class _Keys(Struct):
    """What of the objects below a URL a search takes; `prefix` leads their paths in the output."""

    search: Search
    url: bytes
    prefix: bytes
    left_out: set[bytes] = field(default_factory=set)  # folders
    looked_into: set[bytes] = field(default_factory=set)

    def take(self, objects: dict[str, Object]) -> None:
        """Take objects by their path below the URL, in order."""
        taken: list[InputFile] = []
        for below in sorted(objects):
            key = below.encode("utf-8", "surrogateescape")
            path = os.path.join(self.prefix, key)
            if (reason := _unfit(below)) or len(path) > LONGEST_PATH:
                reason = reason or f"a path of more than {LONGEST_PATH:,} bytes"
                self._refuse(path, reason)
            elif not _hidden(key) and (kind := self._kind(path)):
                taken.append(_input(path, b"%s/%s" % (self.url, key), kind, objects[below]))
        folders = {folder for file in taken for folder in _folders(file.path)}
        for file in taken:
            if file.path in folders:
                self._refuse(file.path, "an object whose name others have as a folder")
            else:
                self.search.found.append(file)

    def _refuse(self, path: bytes, reason: str) -> None:
        content = blake2b(path, digest_size=16).hexdigest()  # so that it is known once it was named
        self.search.problems.append(Problem(path, 0, reason, content))

    def _kind(self, path: bytes) -> str | None:
        """Return the format of an object that is wanted; count it where it is not."""
        search = self.search
        if any(self._folder_left_out(folder) for folder in _folders(path)):
            return None
        if search.leaves_out(path):
            search.left_out += 1
            return None
        kind = search.format_of(path)
        search.unknown += kind is None
        return kind

    def _folder_left_out(self, folder: bytes) -> bool:
        """Tell whether the patterns leave out a folder; it counts as one, whatever is in it."""
        if folder not in self.looked_into:
            self.looked_into.add(folder)
            if self.search.leaves_out(folder, folder=True):
                self.left_out.add(folder)
                self.search.left_out += 1
        return folder in self.left_out


def _folders(path: bytes) -> Iterator[bytes]:
    """Yield the folders in which a path lies, from the top."""
    at = path.find(b"/")
    while at >= 0:
        yield path[:at]
        at = path.find(b"/", at + 1)


def _unfit(key: str) -> str:
    if leads_elsewhere(key):
        return "a key with an empty part, . or .. in it"
    if "\0" in key:
        return "a key with a zero byte in it"
    if any(len(part) > _LONGEST_NAME for part in key.encode("utf-8", "surrogateescape").split(b"/")):
        return f"a key with a part of more than {_LONGEST_NAME} bytes"
    return ""


def _hidden(key: bytes) -> bool:
    return any(part.startswith(b".") for part in key.split(b"/"))


def _input(path: bytes, place: bytes, kind: str, found: Object) -> InputFile:
    return InputFile(path, place, kind, found.size, 0, found.number, split_suffix(path)[1])


@contextmanager
def open_object(file: InputFile) -> Iterator[BinaryIO]:
    """Open an input that is an object. Raises InputError, then or while it is read, where that fails, and at
    the end where it is another one by then than was found.
    """
    content = _Content(file)
    try:
        with io.BufferedReader(content, _PIECE) as stream:
            yield stream
    finally:  # what went wrong while it changed went wrong for that
        content.must_be_the_same()


class _Content(io.RawIOBase):
    """The bytes of an object, in requests as large as what is read at once."""

    def __init__(self, file: InputFile) -> None:
        self._file, self._at = file, 0
        self._store = Store(os.fsdecode(file.place))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._file.size}[whence]
        self._at = start + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        stop = min(self._at + len(view), self._file.size)
        if stop <= self._at:
            return 0
        try:
            content = self._store.read("", self._at, stop)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=show(self._file.path)) from None
        view[: len(content)] = content
        self._at += len(content)
        return len(content)

    def must_be_the_same(self) -> None:
        """Raise InputError where the object is another one than was found."""
        try:
            now = self._store.info("")
        except FileNotFoundError:
            now = None
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=show(self._file.path)) from None
        if now is None or (now.size, now.number) != (self._file.size, self._file.inode):
            raise InputError("changed while it was read; left for the next run", where=show(self._file.path))
