"""How often keys occur, within a bounded memory: never less than the truth, and seldom more.

A count-min sketch (Cormode and Muthukrishnan 2005) of three rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_ROWS = 3
_CELL = 4  # bytes


class Sketch:
    """Counts of keys in at most `memory` bytes."""

    def __init__(self, memory: int) -> None:
        width = max(1 << 12, memory // (_ROWS * _CELL))
        self._width = 1 << (width.bit_length() - 1)
        self._cells = np.zeros((_ROWS, self._width), np.uint32)

    def add(self, keys: Iterable[str]) -> None:
        """Count each key once more."""
        places = self._places(keys)
        for row in range(_ROWS):
            np.add.at(self._cells[row], places[row], 1)

    def counts(self, keys: Iterable[str]) -> list[int]:
        """Return how often each key was counted, or more."""
        places = self._places(keys)
        found: list[int] = np.min([self._cells[row][places[row]] for row in range(_ROWS)], axis=0).tolist()
        return found

    def least_for(self, least: int, most: int) -> int:
        """Return from which count on, `least` or more, there are at most about `most` keys."""
        counts = np.sort(self._cells[0])[::-1]
        return max(least, int(counts[most]) + 1) if most < len(counts) else least

    def _places(self, keys: Iterable[str]) -> NDArray[np.int64]:
        """Return where each key is counted (rows x keys)."""
        digests = [blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest() for key in keys]
        words = np.frombuffer(b"".join(digests), "<u4").reshape(-1, 4)
        places: NDArray[np.int64] = (words[:, :_ROWS].T & np.uint32(self._width - 1)).astype(np.int64)
        return places
