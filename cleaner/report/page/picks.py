"""Which changes a page shows, of more than it can: doubtful ones first, then big ones, of every rule some."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappush, heappushpop, nlargest
from itertools import chain, islice, zip_longest
from typing import Literal

What = Literal["change", "suspect", "recoding"]


@dataclass(frozen=True, slots=True, order=True)
class Pick:
    """A change of a document by number of its paragraph, a suspect by number among suspects. What is more
    doubtful, then bigger, then earlier in the output is the greater one. `text` tells equal ones.
    """

    doubt: float
    size: int
    earlier: int
    path: str
    record: int
    what: What
    number: int
    text: int | None = None


class Picks:
    """The greatest of what is offered, up to `most`: half of them are the most doubtful of all, if there are
    as many, the others are shared out evenly among rules. Of equal texts a rule has one. Holds up to `most`
    a rule.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._heaps: dict[str, list[Pick]] = {}
        self._texts: set[int | None] = set()
        self.offered = 0

    def offer(
        self, rule: str, doubt: float, size: int, path: str, record: int, what: What, number: int,
        text: str | None = None,
    ) -> None:  # fmt: skip
        """Take a change in if it is one of the greatest of its rule so far."""
        heap = self._heaps.setdefault(rule, [])
        self.offered += 1
        full = len(heap) >= self._most
        if full and (not heap or (doubt, size) <= (heap[0].doubt, heap[0].size)):
            return
        same = None if text is None else hash((rule, text))
        if same in self._texts:
            return
        pick = Pick(doubt, size, -self.offered, path, record, what, number, same)
        if full:
            self._texts.discard(heappushpop(heap, pick).text)
        else:
            heappush(heap, pick)
        if same is not None:
            self._texts.add(same)

    def chosen(self) -> list[Pick]:
        """Return what was chosen, the greatest first."""
        doubtful = (pick for pick in chain(*self._heaps.values()) if pick.doubt)
        first = set(nlargest(self._most // 2, doubtful))
        rest = (pick for pick in self._in_turn() if pick not in first)
        return sorted(chain(first, islice(rest, self._most - len(first))), reverse=True)

    def _in_turn(self) -> Iterator[Pick]:
        """Yield the greatest of each rule, then the next of each."""
        columns = [sorted(self._heaps[rule], reverse=True) for rule in sorted(self._heaps)]
        rows = zip_longest(*columns)
        return (pick for pick in chain.from_iterable(rows) if pick is not None)
