"""Which of very many things count most, in memory that does not grow with how many there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_MOST = 50_000


class Largest(Generic[K, V]):
    """Values by key, of which the largest are asked for in the end.

    Whenever there are twice as many as `most`, the smaller half is forgotten: from then on they are no
    longer `exact`, and what is counted may be too little.
    """

    def __init__(self, new: Callable[[], V], size: Callable[[V], int], most: int = _MOST) -> None:
        self._new, self._size, self._most = new, size, most
        self._values: dict[K, V] = {}
        self.exact = True

    def __getitem__(self, key: K) -> V:
        """Return the value of a key, a new one where there is none."""
        value = self._values.get(key)
        if value is None:
            if len(self._values) >= 2 * self._most:
                self._values = dict(self.largest(self._most))
                self.exact = False
            value = self._values[key] = self._new()
        return value

    def __len__(self) -> int:
        return len(self._values)

    def largest(self, count: int) -> list[tuple[K, V]]:
        """Return the largest, of equals the first by key."""

        def order(item: tuple[Any, V]) -> tuple[int, Any]:
            return -self._size(item[1]), item[0]

        return sorted(self._values.items(), key=order)[:count]
