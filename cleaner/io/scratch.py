"""Arrays and blobs on disk that nobody publishes: what passes leave for each other. Disposable.

Arrays stand in files as they are in memory. Whoever reads one at random maps it, and lets its pages go
again, so that what a process holds does not grow with the corpus.
"""

from __future__ import annotations

import mmap
import os
import pickle
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from shutil import copyfileobj
from typing import Any, BinaryIO

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from cleaner.dedup.signatures import U32, Ints

_HELD = 64 << 20  # bytes of a mapped file that a process may hold
_FAULT = 64 << 10  # bytes that the kernel maps around one that is touched
_SPAN = struct.Struct("=qq")  # where a text begins and ends
_END = 8  # bytes of each
_COPIED = 1 << 20  # bytes at a time
_NEAR = 1 << 10  # bytes between two texts that are sooner read than skipped
_WINDOW = 17  # bits: what the kernel is told to fetch at a time is 128 kB


def write_array(folder: bytes, name: bytes, array: NDArray[Any]) -> None:
    """Write an array into a file of its own."""
    with open(os.path.join(folder, name), "wb") as stream:
        write_to(stream, array)


def write_at(path: bytes, at: int, array: NDArray[Any]) -> None:
    """Write an array into a file that is there, from byte `at` on."""
    with open(path, "r+b") as stream:
        stream.seek(at)
        write_to(stream, array)


def make_room(folder: bytes, name: bytes, size: int) -> None:
    """Make a file of so many bytes, to be written at any place."""
    with open(os.path.join(folder, name), "wb") as stream:
        stream.truncate(size)


@contextmanager
def new_files(folder: bytes, *names: bytes) -> Iterator[list[BinaryIO]]:
    """Open new files, to which arrays are appended."""
    with ExitStack() as files:
        yield [files.enter_context(open(os.path.join(folder, name), "wb")) for name in names]


def write_to(stream: BinaryIO, array: NDArray[Any]) -> None:
    """Append an array to an open file."""
    stream.write(array_bytes(array))


def append_file(stream: BinaryIO, folder: bytes, name: bytes) -> None:
    """Append a file of a scratch folder to an open one; it is not needed again."""
    with open(os.path.join(folder, name), "rb") as source:
        copyfileobj(source, stream, _COPIED)
    remove(folder, name)


def array_bytes(array: NDArray[Any]) -> memoryview:
    """Return an array as it stands in a file."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def read_array(
    folder: bytes, name: bytes, kind: Any, width: int = 0, start: int = 0, stop: int | None = None
) -> Any:
    """Return rows `start` to `stop` (None: all) of an array: of `width` values each, or 0 for one value
    that is no row.
    """
    # By hand, in a fifth of the time of np.fromfile: runs read thousands of small pieces.
    file = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_CLOEXEC)
    try:
        row = np.dtype(kind).itemsize * max(1, width)
        last = os.fstat(file).st_size // row
        rows = (last if stop is None else min(stop, last)) - start
        data = np.empty(max(0, rows) * row, np.uint8)
        done = 0
        while done < len(data) and (size := os.preadv(file, [data.data[done:]], start * row + done)):
            done += size
    finally:
        os.close(file)
    array = data[: done - done % row].view(kind)
    return array.reshape(-1, width) if width else array


def write_value(folder: bytes, name: bytes, value: Any) -> None:
    """Write a value that pickles into a file of its own."""
    with open(os.path.join(folder, name), "wb") as stream:
        pickle.dump(value, stream, pickle.HIGHEST_PROTOCOL)


def read_value(folder: bytes, name: bytes) -> Any:
    """Return a value that was written so."""
    with open(os.path.join(folder, name), "rb") as stream:
        return pickle.load(stream)


def write_lines(path: bytes, lines: Iterable[bytes]) -> None:
    """Write lines into a file of their own."""
    with open(path, "wb") as stream:
        stream.writelines(line + b"\n" for line in lines)


def write_blob(folder: bytes, name: bytes, parts: Sequence[bytes]) -> None:
    """Write texts into one file, and where each ends into another."""
    with open(os.path.join(folder, name), "wb") as stream:
        stream.write(b"".join(parts))
    write_array(folder, name + b".ends", ends_of(parts))


def write_texts(folder: bytes, name: bytes, texts: Sequence[str]) -> None:
    """Write texts as a blob, in UTF-8; all at once where they are lines, in a third of the time."""
    lines = "\n".join(texts).encode("utf-8", "surrogatepass")
    breaks = np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n"))
    if len(breaks) != len(texts) - 1:
        write_blob(folder, name, [text.encode("utf-8", "surrogatepass") for text in texts])
        return
    with open(os.path.join(folder, name), "wb") as stream:
        stream.write(lines.replace(b"\n", b""))
    ends = np.concatenate(([0], breaks - np.arange(len(breaks)), [len(lines) - len(breaks)]))
    write_array(folder, name + b".ends", ends.astype(np.int64))


def ends_of(parts: Sequence[bytes]) -> Ints:
    """Return where each of the joined parts begins, and the end of the last (n + 1)."""
    return _ends(np.fromiter(map(len, parts), np.int64, len(parts)))


def _ends(lengths: Ints) -> Ints:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))


class Column:
    """An array in a file, read at random: of `width` values a row, 0 for one value that is no row. It begins
    with row `first` of the file. Opened when it is needed; pickles as a path.
    """

    def __init__(self, folder: bytes, name: bytes, kind: Any, width: int = 0, first: int = 0) -> None:
        self._folder, self._name, self._kind, self._width = folder, name, np.dtype(kind), width
        self._first = first
        self._map: mmap.mmap | None = None
        self._array: NDArray[Any] = np.empty((0, width) if width else 0, self._kind)

    def __reduce__(self) -> tuple[Any, ...]:
        return Column, (self._folder, self._name, self._kind.str, self._width, self._first)

    def take(self, rows: Ints | U32) -> NDArray[Any]:
        """Return some rows. Of a large file they are gathered in the order in which they stand there."""
        array = self.array
        if self._map is None or len(self._map) <= _HELD:
            return array[rows]
        order = np.argsort(rows)
        ordered = rows[order]
        found = np.empty((len(rows), *array.shape[1:]), array.dtype)
        few, near = _HELD // _FAULT, _HELD // (array.itemsize * max(1, self._width))
        start = 0
        while start < len(rows):
            stop = max(start + few, int(np.searchsorted(ordered, int(ordered[start]) + near)))
            found[order[start:stop]] = array.take(ordered[start:stop], axis=0)
            self._map.madvise(mmap.MADV_DONTNEED)
            start = stop
        return found

    def between(self, start: int, stop: int) -> NDArray[Any]:
        """Return the rows from `start` to `stop`."""
        first = self._first + start
        array: NDArray[Any] = read_array(
            self._folder, self._name, self._kind, self._width, first, first + stop - start
        )
        return array

    @contextmanager
    def mapped(self, start: int, stop: int) -> Iterator[NDArray[Any]]:
        """Give the rows from `start` to `stop` as they stand in the file, of which nothing is held
        afterwards. What is not in memory yet is read all at once.
        """
        rows = self.array[start:stop]
        if self._map and len(rows):
            row = rows.nbytes // len(rows)
            first = (self._first + start) * row // mmap.PAGESIZE * mmap.PAGESIZE
            self._map.madvise(mmap.MADV_WILLNEED, first, (self._first + stop) * row - first)
        yield rows
        if self._map:
            self._map.madvise(mmap.MADV_DONTNEED)

    @property
    def array(self) -> NDArray[Any]:
        """The whole array, mapped."""
        path = os.path.join(self._folder, self._name)
        if self._map is None and os.path.getsize(path):
            with open(path, "rb") as stream:
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            array = np.frombuffer(self._map, self._kind)
            self._array = (array.reshape(-1, self._width) if self._width else array)[self._first :]
        return self._array


class Joined(Struct, frozen=True):
    """n texts in one: number i is data[ends[i] : ends[i + 1]]."""

    data: bytes
    ends: Ints

    def texts(self) -> list[bytes]:
        """Return the texts."""
        return [self.data[start:end] for start, end in pairwise(self.ends.tolist())]

    def chosen(self, wanted: NDArray[np.bool_]) -> Joined:
        """Return some of the texts, joined."""
        borders = np.flatnonzero(np.diff(wanted, prepend=False, append=False)).reshape(-1, 2)
        data = b"".join(self.data[start:end] for start, end in self.ends[borders].tolist())
        return Joined(data, _ends(np.diff(self.ends)[wanted]))


def joined_texts(texts: Sequence[bytes]) -> Joined:
    """Return texts joined."""
    return Joined(b"".join(texts), ends_of(texts))


def read_joined(folder: bytes, name: bytes) -> Joined:
    """Return a blob."""
    with open(os.path.join(folder, name), "rb") as stream:
        return Joined(stream.read(), read_array(folder, name + b".ends", np.int64))


def read_blob(folder: bytes, name: bytes) -> list[bytes]:
    """Return all the texts of a blob."""
    return read_joined(folder, name).texts()


class Blob:
    """Texts in a file, read at random, one at a time; pickles as a path."""

    def __init__(self, folder: bytes, name: bytes) -> None:
        self._folder, self._name = folder, name
        self._files: tuple[BinaryIO, mmap.mmap] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Blob, (self._folder, self._name)

    def __getitem__(self, number: int) -> bytes:
        """Return one of the texts."""
        texts, ends = self._opened()
        start, end = _SPAN.unpack_from(ends, number * _END)
        return os.pread(texts.fileno(), end - start, start)

    def some(self, numbers: Ints) -> list[bytes]:
        """Return some of the texts. The disk is asked for all of them at once, not for one after another, and
        those that follow each other are read in one go.
        """
        if not len(numbers):
            return []
        texts, ends = self._opened()
        bounds = np.frombuffer(ends, np.int64)
        starts, stops = bounds[numbers], bounds[numbers + 1]
        del bounds  # a map cannot be closed while an array stands on it
        file = texts.fileno()
        for window in np.unique(starts >> _WINDOW).tolist():
            os.posix_fadvise(file, window << _WINDOW, 1 << _WINDOW, os.POSIX_FADV_WILLNEED)
        between = starts[1:] - stops[:-1]
        apart = (between < 0) | (between > _NEAR) | (starts[1:] >> _WINDOW != starts[:-1] >> _WINDOW)
        borders = [0, *(np.flatnonzero(apart) + 1).tolist(), len(starts)]
        own, other = starts.tolist(), stops.tolist()
        found: list[bytes] = []
        for low, high in pairwise(borders):
            first = own[low]
            data = os.pread(file, other[high - 1] - first, first)
            found += [data[own[at] - first : other[at] - first] for at in range(low, high)]
        return found

    def _opened(self) -> tuple[BinaryIO, mmap.mmap]:
        if self._files is None:
            path = os.path.join(self._folder, self._name)
            with open(path + b".ends", "rb") as stream:
                ends = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            self._files = open(path, "rb", buffering=0), ends
        return self._files

    def close(self) -> None:
        """Close the files, until they are needed again."""
        for file in self._files or ():
            file.close()
        self._files = None


def remove(folder: bytes, *names: bytes) -> None:
    """Remove files of a scratch folder that are not needed again."""
    for name in names:
        os.unlink(os.path.join(folder, name))


def make_folder(path: bytes) -> bytes:
    """Make a scratch folder, and return it."""
    os.makedirs(path, exist_ok=True)
    return path
