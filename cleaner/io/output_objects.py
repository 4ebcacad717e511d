"""The objects of an output, by their path in it: listing, fetching, and every change of them.

All go through `Disk.attempt`, as what happens to files does: refusals become OutputErrors that name the URL,
and tests can let any of them fail.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress

from cleaner.errors import OutputError, StateError
from cleaner.io.publish import Disk
from cleaner.io.stores import Object, Store, each
from cleaner.io.urls import leads_elsewhere
from cleaner.text.show import show

# Keys are UTF-8: stray bytes of a path are written as private characters.
_STRAY = {0xDC00 + byte: 0xF700 + byte for byte in range(0x80, 0x100)}
_BACK = {private: stray for stray, private in _STRAY.items()}


class OutputObjects:
    """The objects below the URL of an output. Everything raises OutputError."""

    def __init__(self, url: str, disk: Disk) -> None:
        self.url, self._disk = url, disk
        self._store = Store(url)

    def at(self, path: bytes) -> str:
        """Return the URL of an object, fit to be shown."""
        return show(self._store.at(key_of(path)), limit=None)

    def list(self, *folders: bytes) -> dict[bytes, Object]:
        """Return all objects below some folders. Raises StateError for a key that leads elsewhere: nothing
        of ours has such, and as the path of a file it could be anywhere on this machine.
        """
        found: dict[bytes, Object] = {}

        def look(folder: bytes) -> None:
            with self._attempt("list", folder):
                found.update((path_of(key), each) for key, each in self._store.list(key_of(folder)).items())

        each(look, folders)
        for path in found:
            if b"\0" in path or leads_elsewhere(os.fsdecode(path)):
                told = "an object that does not belong here: its key is no path"
                raise StateError(told, where=self.at(path), hint="remove it")
        return found

    def has(self, path: bytes) -> bool:
        """Tell whether there is an object."""
        with self._attempt("look at", path):
            return self._store.has(key_of(path))

    def read(self, path: bytes) -> bytes:
        """Return the content of an object."""
        with self._attempt("read", path):
            return self._store.read(key_of(path))

    def fetch(self, objects: Iterable[tuple[bytes, Object]], folder: bytes) -> None:
        """Write objects into files below a folder, on disk whole when this returns."""

        def fetch(one: tuple[bytes, Object]) -> None:
            target = os.path.join(folder, one[0])
            self._disk.make_folder(os.path.dirname(target))
            with self._attempt("fetch", one[0]):
                self._store.fetch(key_of(one[0]), target)
            self._disk.sync_file(target)

        each(fetch, objects, lambda one: one[1].size)

    def put(self, files: Iterable[tuple[bytes, bytes]]) -> None:
        """Make objects of files, given with the path of each; or replace them, each in one step."""

        def put(one: tuple[bytes, bytes]) -> None:
            with self._attempt("put", one[1]):
                self._store.put(key_of(one[1]), one[0])

        each(put, files, lambda one: os.path.getsize(one[0]))

    def put_new(self, path: bytes, content: bytes) -> bool:
        """Make an object, unless there is another one; tell whether it was made."""
        with self._attempt("put", path):
            try:
                self._store.put_new(key_of(path), content)
            except FileExistsError:
                return False
        return True

    def copy(self, pairs: Iterable[tuple[bytes, bytes]], size: Callable[[bytes], int]) -> None:
        """Copy objects to other paths, each in one step; those that are there no more are passed over."""

        def copy(pair: tuple[bytes, bytes]) -> None:
            with self._attempt("copy to", pair[1]), suppress(FileNotFoundError):
                self._store.copy(key_of(pair[0]), key_of(pair[1]))

        each(copy, pairs, lambda pair: size(pair[0]))

    def remove(self, paths: Iterable[bytes]) -> None:
        """Remove objects, if they are there."""

        def remove(path: bytes) -> None:
            with self._attempt("remove", path):
                self._store.remove(key_of(path))

        each(remove, paths)

    def _attempt(self, operation: str, path: bytes) -> AbstractContextManager[None]:
        return self._disk.attempt(operation, os.fsencode(self._store.at(key_of(path))))


def key_of(path: bytes) -> str:
    """Return the key of a path. Raises OutputError where it would be that of another one.

    >>> path_of(key_of(b"a\\xff.txt")), key_of("b/\\u0111.txt".encode())
    (b'a\\xff.txt', 'b/đ.txt')
    """
    name = path.decode("utf-8", "surrogateescape")
    if not _BACK.keys().isdisjoint(map(ord, name)):
        raise OutputError("a store cannot hold this name", where=show(path), hint="rename the input")
    return name.translate(_STRAY)


def path_of(key: str) -> bytes:
    """Return the path that has this key."""
    return key.translate(_BACK).encode("utf-8", "surrogateescape")
