"""Texts of an index: compressed some at a time, so that one can be read without the others."""

from __future__ import annotations

import os
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.signatures import Ints
from cleaner.errors import StateError
from cleaner.io.compression import pack_block, unpack_block
from cleaner.io.scratch import Blob, Column, Joined, read_array
from cleaner.text.show import show

BLOCK = 1 << 14  # bytes of text from which a block is closed
REBUILD = "`cleaner index rebuild` makes it anew from the clean texts"
_HELD = 16  # blocks that a reader holds unpacked


def damaged_segment(folder: bytes) -> StateError:
    """Return what is raised where a segment is damaged."""
    return StateError("damaged index segment", where=show(folder), hint=REBUILD)


class _Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


class TextWriter:
    """Writes texts, some at a time, in blocks of whole texts. `ends` tells where each one ends among all,
    `blocks` where each block begins: in the texts, and in the file.
    """

    def __init__(self, sink: _Sink) -> None:
        self._sink = sink
        self._waiting: list[bytes] = []
        self._size = self._at = self._packed = 0
        self.ends: list[Ints] = [np.zeros(1, np.int64)]
        self.blocks: list[tuple[int, int]] = []

    def add(self, texts: Joined) -> None:
        """Append texts."""
        ends = texts.ends[1:]
        self.ends.append(ends + (self._at + self._size))
        start = 0
        while (last := int(np.searchsorted(ends, start + BLOCK - self._size))) < len(ends):
            stop = int(ends[last])
            self._wait(texts.data[start:stop])
            self._close_block()
            start = stop
        self._wait(texts.data[start:])

    def _wait(self, data: bytes) -> None:
        self._waiting.append(data)
        self._size += len(data)

    def close(self) -> None:
        """Write what is left."""
        if self._size:
            self._close_block()
        self.blocks.append((self._at, self._packed))

    def _close_block(self) -> None:
        data = pack_block(b"".join(self._waiting))
        self._sink.write(data)
        self.blocks.append((self._at, self._packed))
        self._at += self._size
        self._packed += len(data)
        self._waiting, self._size = [], 0


class IndexTexts:
    """The texts of an index segment, read at random. `chosen` names the file, in a scratch folder, that says
    which of them are meant by 0, 1, 2 ...; without it, all are. Pickles as paths.
    """

    def __init__(self, folder: bytes, chosen: tuple[bytes, bytes] | None = None) -> None:
        self._folder, self._chosen = folder, chosen
        self._stream: BinaryIO | None = None
        self._rows = Column(*chosen, np.uint32) if chosen else None
        self._ends = Column(folder, b"ends", np.int64)
        self._blocks: NDArray[np.int64] = np.empty((0, 2), np.int64)
        self._held: dict[int, bytes] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return IndexTexts, (self._folder, self._chosen)

    def __getitem__(self, number: int) -> bytes:
        """Return one of the texts. Raises StateError where it is damaged."""
        row = int(self._rows.array[number]) if self._rows else number
        start, end = self._ends.array[row : row + 2].tolist()
        block = self._block_at(start)
        first = int(self._blocks[block, 0])
        return self._unpacked(block)[start - first : end - first]

    def some(self, numbers: Ints) -> list[bytes]:
        """Return some of the texts."""
        return [self[number] for number in numbers.tolist()]

    def close(self) -> None:
        """Close the file, until it is needed again."""
        if self._stream:
            self._stream.close()
            self._stream, self._held = None, {}

    def _block_at(self, start: int) -> int:
        if self._stream is None:
            self._stream = open(os.path.join(self._folder, b"texts"), "rb", buffering=0)
            self._blocks = read_array(self._folder, b"blocks", np.int64, 2)
        return max(0, int(np.searchsorted(self._blocks[:, 0], start, "right")) - 1)

    def _unpacked(self, block: int) -> bytes:
        if self._stream is None:
            raise ValueError("closed")
        if block + 1 >= len(self._blocks):  # empty texts at the very end
            return b""
        if block not in self._held:
            if len(self._held) == _HELD:
                del self._held[next(iter(self._held))]
            at, end = self._blocks[block : block + 2, 1].tolist()
            try:
                self._held[block] = unpack_block(os.pread(self._stream.fileno(), end - at, at))
            except ValueError:
                raise damaged_segment(self._folder) from None
        return self._held[block]


class IndexNames:
    """The names of documents of an index segment, from document `first` on; pickles as a path."""

    def __init__(self, folder: bytes, first: int) -> None:
        self._folder, self._first = folder, first
        self._names = Blob(folder, b"names")

    def __reduce__(self) -> tuple[Any, ...]:
        return IndexNames, (self._folder, self._first)

    def some(self, numbers: Ints) -> list[bytes]:
        """Return some of the names; the numbers ascend."""
        return self._names.some(numbers + self._first)

    def close(self) -> None:
        """Close the file, until it is needed again."""
        self._names.close()
