"""The keys of rows, by band and range: what has to stand together so that rows which share a key meet.

Those of a part can be gathered where it is worked on, by reading the keys of all rows; or some rows are read
at a time, and what they have for each part is sent there, through the shuffle of an engine. Both give the
same entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from msgspec import Struct

from cleaner.dedup.candidates import LOW, may_equal, may_repeat, packed, range_of
from cleaner.dedup.signatures import BANDS, U32, U64, Ints
from cleaner.io.scratch import array_bytes, new_files, read_array, remove, write_to
from cleaner.rows import Rows

_KEYS_AT_ONCE = 1 << 20
_ROWS_AT_ONCE = 1 << 17  # that are sent; a megabyte a band
_RANGES_A_TASK = 64  # that are told apart in one reading of the keys, at most
_PARTS = 4  # at least, where there are as many ranges


class Part(Struct, frozen=True):
    """The ranges from `low` to `high` of the keys of one band, or of the hashes of texts."""

    key: int
    low: int
    high: int


class Entries(Struct, frozen=True):
    """What stands together of a range: (key, row), packed and sorted, and for each of them the word of the
    next band of its row, or nothing where none is `beside`.
    """

    both: U64
    beside: U32


class Keys(Struct, frozen=True):
    """Some of the keys of the rows whose flags are `wanted`, each cut into so many ranges; but not those that
    only rows below `settled` have. With `beside`, the word of the next band comes with each.
    """

    rows: Rows
    folder: bytes
    ranges: int
    keys: tuple[int, ...]
    wanted: int
    settled: int = 0
    beside: bool = False

    @property
    def parts(self) -> Sequence[Part]:
        """What can be worked on by itself."""
        ranges = range(0, self.ranges, self._at_once)
        return [Part(key, low, min(low + self._at_once, self.ranges)) for key in self.keys for low in ranges]

    @property
    def _at_once(self) -> int:
        """How many ranges are a part."""
        return min(_RANGES_A_TASK, max(1, self.ranges * len(self.keys) // _PARTS))

    def gather(self, part: Part) -> Iterator[Entries]:
        """Yield the entries of each range of a part, but for most of those that share their key with none."""
        if self.ranges == 1:
            yield self._together(
                np.concatenate([np.empty((self._width, 0), np.uint32), *self._chunks(part.key)], axis=1)
            )
            return
        numbers = range(part.low, part.high)
        names = [b"keys-%02d-%05d" % (part.key, number) for number in numbers]
        with new_files(self.folder, *names) as streams:
            for columns in self._chunks(part.key):
                chunk, bounds = self._by_range(columns)
                bounds = bounds[part.low : part.high + 1]
                for stream, (start, stop) in zip(streams, pairwise(bounds), strict=True):
                    write_to(stream, chunk[start:stop])
        for name in names:
            found = read_array(self.folder, name, np.uint32, self._width)
            remove(self.folder, name)
            yield self._together(found.T)

    def _chunks(self, key: int) -> Iterator[U32]:
        """Yield keys, rows and what is beside, some at a time, of the rows whose flags are wanted."""
        for start in range(0, len(self.rows), _KEYS_AT_ONCE):
            stop = min(start + _KEYS_AT_ONCE, len(self.rows))
            yield self._columns(key, start, self._chosen(start, stop), stop)

    def _chosen(self, start: int, stop: int) -> Ints:
        """Return which of the rows from `start` to `stop` are wanted, counted from the first."""
        return np.flatnonzero((self.rows.flags.between(start, stop) & self.wanted) == self.wanted)

    def _columns(self, key: int, start: int, chosen: Ints, stop: int) -> U32:
        """Return of chosen rows between `start` and `stop` the key, the row, and what is beside (k x n)."""
        columns = [self.rows.words(key).between(start, stop)[chosen], (chosen + start).astype(np.uint32)]
        if self.beside:
            columns.append(self.rows.words((key + 1) % BANDS).between(start, stop)[chosen])
        return np.stack(columns)

    def _by_range(self, columns: U32) -> tuple[U32, list[int]]:
        """Return columns as lines, range after range, and where each range begins."""
        if self.ranges == 1:
            return columns.T, [0, columns.shape[1]]
        ranges = range_of(columns[0], self.ranges)
        order = np.argsort(ranges, kind="stable")
        starts = np.searchsorted(ranges, np.arange(self.ranges, dtype=np.uint16), sorter=order)
        return np.stack([column[order] for column in columns], axis=1), [*starts.tolist(), len(order)]

    @property
    def spans(self) -> Sequence[tuple[int, int]]:
        """The rows that are sent at a time: the first ones, and those behind the last ones."""
        borders = [*range(0, len(self.rows), _ROWS_AT_ONCE), len(self.rows)]
        return list(pairwise(borders))

    def send(self, span: tuple[int, int]) -> Iterator[tuple[int, int, memoryview]]:
        """Yield what some rows have for each part and range: (number of the part, range, data)."""
        start, stop = span
        chosen = self._chosen(start, stop)
        parts = -(-self.ranges // self._at_once)
        for number, key in enumerate(self.keys):
            lines, bounds = self._by_range(self._columns(key, start, chosen, stop))
            for place, (low, high) in enumerate(pairwise(bounds)):
                if high > low:
                    part = number * parts + place // self._at_once
                    yield part, place, array_bytes(lines[low:high])

    def receive(self, sent: Iterable[bytes]) -> Entries:
        """Return what was sent for one range, as `gather` gives it."""
        lines = np.concatenate([np.frombuffer(data, np.uint32) for data in sent])
        lines = lines.reshape(-1, self._width)
        return self._together(lines[np.argsort(lines[:, 1])].T)

    @property
    def _width(self) -> int:
        """How many columns an entry has: key, row, and what is beside."""
        return 3 if self.beside else 2

    def _together(self, columns: U32) -> Entries:
        """Return columns whose rows ascend as entries, but for most of those whose key stands there once, or
        for settled rows only.
        """
        keys, rows, *beside = columns
        new = rows >= self.settled
        if 2 * np.count_nonzero(new) < len(rows):  # else it would cost more than it saves
            keys, rows, *beside = columns[:, may_equal(keys, new)]
        place = np.flatnonzero(may_repeat(keys))
        found = packed(keys[place], place)
        found.sort()
        place = (found & LOW).astype(np.int64)
        return Entries(found & ~LOW | rows[place], beside[0][place] if beside else np.empty(0, np.uint32))
