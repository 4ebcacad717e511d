"""Many short texts, looked for in the lines of many documents at once: which of them may stand where.

A search for each of a hundred texts reads every line a hundred times. Here three characters of each are
hashed, as are all runs of three characters of the lines, in arrays: one look-up a character finds them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.stages.literals import rarest_run
from cleaner.text.kinds import CodePoints, Lines

RUN = 3  # characters that are hashed
_BITS = 18  # of a hash: 200 needles make one look-up in 1,300 find what is none
_FACTORS = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA77), np.uint32(0xC2B2AE3D))

_T = TypeVar("_T")


class Needles(Generic[_T]):
    """Texts of `RUN` characters or more, and what each of them stands for."""

    def __init__(self, needles: Iterable[tuple[str, _T]]) -> None:
        self._meant: dict[int, list[_T]] = {}
        self._known: NDArray[np.bool_] = np.zeros(1 << _BITS, np.bool_)
        for text, meaning in needles:
            run = rarest_run(text, RUN)
            key = int(_hashes(np.array([*map(ord, run)], np.uint32))[0])
            self._known[key] = True
            if meaning not in self._meant.setdefault(key, []):
                self._meant[key].append(meaning)

    def found(self, lines: Lines) -> Iterator[tuple[int, Sequence[_T]]]:
        """Yield what may stand in a line, with its number: never too little, and some of it twice."""
        hashes = _hashes(lines.points)
        places = np.flatnonzero(self._known.take(hashes))
        keys = hashes[places].tolist()
        for number, key in dict.fromkeys(zip(lines.numbers(places).tolist(), keys, strict=True)):
            yield number, self._meant[key]


def _hashes(points: CodePoints) -> NDArray[np.uint32]:
    """Return the hash of each run of characters."""
    size = max(len(points) - RUN + 1, 0)
    hashes: NDArray[np.uint32] = points[:size] * _FACTORS[0]
    for at, factor in enumerate(_FACTORS[1:], 1):
        hashes += points[at : at + size] * factor
    hashes >>= np.uint32(32 - _BITS)
    return hashes
