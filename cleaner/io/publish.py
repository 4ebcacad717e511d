"""The one module that changes files: create, write, fsync, rename, unlink, commit.

A run writes everything into its stage, beside the output. Then it commits: one rename puts the run
manifest into `state/runs/`. Before that nothing has happened; after it, publishing is a redo that any
later start completes. An output in a store does the same with objects (io/working_copy.py).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from cleaner.errors import OutputError
from cleaner.text.show import show


def _uncounted(_operation: str, _path: bytes) -> None:
    """What happens before an operation, unless a test wants it to fail."""


class Disk:
    """Every change of state, in one place. `before` is called ahead of each: tests let it fail there.

    Each method raises OutputError, naming the file, when the system refuses; nothing is tried twice,
    because after a failed fsync the data may be gone though a second one succeeds.
    """

    def __init__(self, before: Callable[[str, bytes], None] = _uncounted) -> None:
        self._before = before

    @contextmanager
    def create(self, path: bytes) -> Iterator[NewFile]:
        """Open a new file for writing; on leaving, it is on disk whole. Folders are made."""
        self.make_folder(os.path.dirname(path))
        with self.attempt("create", path):
            stream = open(path, "xb", buffering=1 << 18)
        try:
            yield NewFile(self, path, stream)
            with self.attempt("fsync", path):
                stream.flush()
                os.fsync(stream.fileno())
        finally:
            with self.attempt("close", path):
                stream.close()

    def write(self, path: bytes, data: bytes) -> None:
        """Create `path` with `data`, on disk whole when this returns."""
        with self.create(path) as stream:
            stream.write(data)

    def write_over(self, path: bytes, data: bytes) -> None:
        """Make a file, or replace one, in one step, on disk whole when this returns. Its folder has to be
        there; in it, it is called `.cleaner-….tmp` meanwhile.
        """
        folder = os.path.dirname(path)
        temporary = os.path.join(folder, b".cleaner-%s.tmp" % os.urandom(6).hex().encode())
        if not os.path.isdir(folder):
            raise OutputError("no such folder", where=show(folder))
        try:
            self.write(temporary, data)
            self.replace(temporary, path)
            self.sync_folders([folder])
        finally:
            self.remove(temporary)

    def make_folder(self, path: bytes) -> None:
        """Make a folder, and those above it."""
        if not os.path.isdir(path):
            with self.attempt("mkdir", path):
                os.makedirs(path, exist_ok=True)

    def replace(self, source: bytes, target: bytes) -> None:
        """Rename a file over another, in one step."""
        self.make_folder(os.path.dirname(target))
        with self.attempt("rename", target):
            os.replace(source, target)

    def sync_folders(self, paths: Iterable[bytes]) -> None:
        """Bring the entries of folders to disk: until then a rename may be forgotten."""
        for path in sorted(set(paths)):
            with self.attempt("fsync folder", path):
                descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)

    def sync_file(self, path: bytes) -> None:
        """Bring to disk what a library has written."""
        with self.attempt("fsync", path), open(path, "rb") as stream:
            os.fsync(stream.fileno())

    def remove(self, path: bytes) -> None:
        """Remove a file, if it is there."""
        if os.path.lexists(path):
            with self.attempt("remove", path):
                os.unlink(path)

    def remove_tree(self, path: bytes) -> None:
        """Remove a folder and all below it, or a file, if it is there."""
        if not os.path.isdir(path) or os.path.islink(path):
            self.remove(path)
            return
        with self.attempt("remove", path):
            shutil.rmtree(path)

    @contextmanager
    def attempt(self, operation: str, path: bytes) -> Iterator[None]:
        """Count one operation on `path`, and turn a refusal of the system into OutputError."""
        try:
            self._before(operation, path)
            yield
        except OSError as error:
            raise OutputError(
                f"cannot {operation}: {error.strerror}",
                where=show(path),
                hint="nothing half-written was published; mend that and run again",
            ) from None


class NewFile:
    """A file being written by `Disk.create`."""

    def __init__(self, disk: Disk, path: bytes, stream: BinaryIO) -> None:
        self._disk, self._path, self._stream = disk, path, stream

    def write(self, data: bytes | memoryview) -> None:
        """Append `data`. Raises OutputError."""
        with self._disk.attempt("write", self._path):
            self._stream.write(data)
