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

from cleaner.dedup.candidates import may_equal, may_repeat, packed, range_of, unpacked
from cleaner.dedup.signatures import U32, U64
from cleaner.io.scratch import array_bytes, new_files, read_array, remove, write_to
from cleaner.rows import Rows

_KEYS_AT_ONCE = 1 << 20
_ROWS_AT_ONCE = 1 << 17  # that are sent; a megabyte a band
_NOTHING = np.empty(0, np.uint32), np.empty(0, np.uint32)  # keys and rows
_RANGES_A_TASK = 64  # that are told apart in one reading of the keys, at most
_PARTS = 4  # at least, where there are as many ranges


class Part(Struct, frozen=True):
    """The ranges from `low` to `high` of the keys of one band, or of the hashes of texts."""

    key: int
    low: int
    high: int


class Keys(Struct, frozen=True):
    """Some of the keys of the rows whose flags are `wanted`, each cut into so many ranges; but not those that
    only rows below `settled` have.
    """

    rows: Rows
    folder: bytes
    ranges: int
    keys: tuple[int, ...]
    wanted: int
    settled: int = 0

    @property
    def parts(self) -> Sequence[Part]:
        """What can be worked on by itself."""
        ranges = range(0, self.ranges, self._at_once)
        return [Part(key, low, min(low + self._at_once, self.ranges)) for key in self.keys for low in ranges]

    @property
    def _at_once(self) -> int:
        """How many ranges are a part."""
        return min(_RANGES_A_TASK, max(1, self.ranges * len(self.keys) // _PARTS))

    def gather(self, part: Part) -> Iterator[U64]:
        """Yield for each range of a part (key, row), packed and sorted, but for most of those that share
        their key with none.
        """
        if self.ranges == 1:
            chunks = self._chunks(part)
            keys, rows = (np.concatenate(columns) for columns in zip(_NOTHING, *chunks, strict=True))
            yield self._repeated(keys, rows)
            return
        numbers = range(part.low, part.high)
        names = [b"keys-%02d-%05d" % (part.key, number) for number in numbers]
        with new_files(self.folder, *names) as streams:
            for keys, rows in self._chunks(part):
                number = range_of(keys, self.ranges)
                own = np.flatnonzero((number >= part.low) & (number < part.high))
                order = own[np.argsort(number[own], kind="stable")]
                bounds = np.searchsorted(number[order], [*numbers, part.high])
                both = np.stack((keys[order], rows[order]), axis=1)
                for stream, (start, stop) in zip(streams, pairwise(bounds.tolist()), strict=True):
                    write_to(stream, both[start:stop])
        for name in names:
            found = read_array(self.folder, name, np.uint32, 2)
            remove(self.folder, name)
            yield self._repeated(found[:, 0], found[:, 1])

    def _chunks(self, part: Part) -> Iterator[tuple[U32, U32]]:
        """Yield keys and rows, some at a time, of the rows whose flags are wanted."""
        for at, keys in self.rows.key_chunks(part.key, _KEYS_AT_ONCE):
            rows = np.flatnonzero((self.rows.flags.between(at, at + len(keys)) & self.wanted) == self.wanted)
            yield keys[rows], (rows + at).astype(np.uint32)

    @property
    def spans(self) -> Sequence[tuple[int, int]]:
        """The rows that are sent at a time: the first ones, and those behind the last ones."""
        borders = [*range(0, len(self.rows), _ROWS_AT_ONCE), len(self.rows)]
        return list(pairwise(borders))

    def send(self, span: tuple[int, int]) -> Iterator[tuple[int, int, memoryview]]:
        """Yield what some rows have for each part and range: (number of the part, range, data)."""
        start, stop = span
        chosen = np.flatnonzero((self.rows.flags.between(start, stop) & self.wanted) == self.wanted)
        rows = (chosen + start).astype(np.uint32)
        parts = -(-self.ranges // self._at_once)
        for number, key in enumerate(self.keys):
            keys = self.rows.words(key).between(start, stop)[chosen]
            entries, bounds = packed(keys, rows), np.array([0, len(rows)])
            if self.ranges > 1:
                ranges = range_of(keys, self.ranges)
                order = np.argsort(ranges, kind="stable")
                entries, bounds = entries[order], np.searchsorted(ranges[order], range(self.ranges + 1))
            for place, (low, high) in enumerate(pairwise(bounds.tolist())):
                if high > low:
                    part = number * parts + place // self._at_once
                    yield part, place, array_bytes(entries[low:high])

    def receive(self, sent: Iterable[bytes]) -> U64:
        """Return what was sent for one range, as `gather` gives it."""
        found = np.concatenate([np.frombuffer(data, np.uint64) for data in sent])
        keys, rows = unpacked(found).astype(np.uint32).T
        return self._repeated(keys, rows)

    def _repeated(self, keys: U32, rows: U32) -> U64:
        """Return (key, row), packed and sorted, but for most of those whose key stands there once, or for
        settled rows only.
        """
        new = rows >= self.settled
        if 2 * np.count_nonzero(new) < len(rows):  # else it would cost more than it saves
            wanted = may_equal(keys, new)
            keys, rows = keys[wanted], rows[wanted]
        again = may_repeat(keys)
        found = packed(keys[again], rows[again])
        found.sort()
        return found
