"""Edges on disk, as they are found: what decides, in records of one size, and the reasons beside it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.candidates import starts_of_runs
from cleaner.dedup.signatures import Ints
from cleaner.io.scratch import Blob, read_array, write_array, write_blob

# `goes` may go for the sake of `stays`, where that is `usable`; `priority` is the place of `goes` among all
# that may go, lowest first, and `before` that of `stays`, or where this is published the same again. Where it
# is not usable, the guard keeps both, or an earlier run published it.
EDGE = np.dtype([
    ("goes", "<u4"), ("stays", "<u4"), ("score", "<f8"), ("priority", "<u8"), ("before", "<u8"),
    ("usable", "?"),
])  # fmt: skip
_LOW = 0xFFFFFFFF
_READ = 128  # files that a task reads
_OPEN = 64  # files of reasons that a process holds open


class EdgeFiles:
    """The edges of a run, a file for each task that found some; known by number: that of the file above, its
    place in it below. Pickles as a path.
    """

    def __init__(self, folder: bytes, files: int) -> None:
        self._folder, self.files = folder, files
        self._reasons: dict[int, Blob] = {}

    def __reduce__(self) -> tuple[type[EdgeFiles], tuple[bytes, int]]:
        return EdgeFiles, (self._folder, self.files)

    def save(self, file: int, edges: NDArray[np.void], reasons: Sequence[str]) -> None:
        """Write the edges of one task."""
        write_array(self._folder, _name(file), edges)
        write_blob(
            self._folder,
            _name(file) + b".reasons",
            [each.encode("utf-8", "surrogatepass") for each in reasons],
        )

    def __iter__(self) -> Iterator[tuple[NDArray[np.void], Ints]]:
        """Yield the edges of each file, with their numbers."""
        return self.some(range(self.files))

    @property
    def spans(self) -> list[range]:
        """The files that a task reads, for each of some tasks."""
        starts = range(0, self.files, _READ)
        return [range(start, min(start + _READ, self.files)) for start in starts]

    def some(self, files: Iterable[int]) -> Iterator[tuple[NDArray[np.void], Ints]]:
        """Yield the edges of some files, with their numbers."""
        for file in files:
            edges = read_array(self._folder, _name(file), EDGE)
            yield edges, np.arange(len(edges)) + (file << 32)

    def reasons(self, edges: Sequence[int]) -> list[str]:
        """Return what the guard said of edges."""
        reasons = [""] * len(edges)
        numbers = np.array(edges, np.int64)
        order = np.argsort(numbers)
        numbers = numbers[order]
        start = starts_of_runs(numbers >> 32)
        for first, last in pairwise([*start.tolist(), len(numbers)]):
            found = self._reasons_of(int(numbers[first]) >> 32).some(numbers[first:last] & _LOW)
            for place, reason in zip(order[first:last].tolist(), found, strict=True):
                reasons[place] = reason.decode("utf-8", "surrogatepass")
        return reasons

    def _reasons_of(self, file: int) -> Blob:
        if file not in self._reasons:
            if len(self._reasons) == _OPEN:
                self._reasons.pop(next(iter(self._reasons))).close()
            self._reasons[file] = Blob(self._folder, _name(file) + b".reasons")
        return self._reasons[file]

    def paths(self) -> Iterator[bytes]:
        """Yield the files of all tasks, as a person reads them."""
        return map(self.path, range(self.files))

    def path(self, file: int) -> bytes:
        """Return where a task leaves its edges as a person reads them."""
        return os.path.join(self._folder, _name(file) + b".jsonl")


def _name(file: int) -> bytes:
    return b"edges-%06d" % file
