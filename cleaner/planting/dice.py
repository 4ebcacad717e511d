"""A small generator of numbers: the same seed gives the same numbers on every machine and with every Python.

A congruential generator of 64 bits (multiplier and increment of Knuth's MMIX) of which the upper half is
used, seeded through splitmix64, so that neighbouring seeds have nothing in common; many numbers at once come
from SHAKE-128 of a seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import shake_128
from struct import unpack
from typing import TypeVar

_MASK = (1 << 64) - 1
_MULTIPLIER, _INCREMENT = 6364136223846793005, 1442695040888963407
_GOLDEN = 0x9E3779B97F4A7C15

_Item = TypeVar("_Item")


def mixed(*values: int) -> int:
    """Return 64 well mixed bits of some numbers, in their order.

    >>> mixed(1, 2) != mixed(2, 1)
    True
    """
    state = 0
    for value in values:
        state = (state + value + _GOLDEN) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state


def drawn(seed: int, count: int) -> tuple[int, ...]:
    """Return numbers of 32 bits that follow from a seed; longer draws begin with the shorter ones."""
    return unpack(f"<{count}I", shake_128(seed.to_bytes(8, "little")).digest(4 * count))


class Dice:
    """Numbers that follow from a seed."""

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1."""
        self._state = state = (self._state * _MULTIPLIER + _INCREMENT) & _MASK
        return (state >> 32) * limit >> 32

    def one(self, items: Sequence[_Item]) -> _Item:
        """Return one of some items."""
        return items[self.below(len(items))]

    def order(self, count: int) -> list[int]:
        """Return the numbers below `count` in any order."""
        numbers = list(range(count))
        for last in range(count - 1, 0, -1):
            other = self.below(last + 1)
            numbers[last], numbers[other] = numbers[other], numbers[last]
        return numbers
