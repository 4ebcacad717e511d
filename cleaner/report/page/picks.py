"""Which changes a page shows, of more than it can: doubtful ones first, then big ones, of every rule some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappush, heapreplace, nlargest
from itertools import chain, islice, zip_longest
from typing import Literal

import msgspec

What = Literal["change", "suspect", "recoding"]


class Pick(msgspec.Struct, frozen=True, order=True):
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
    text: int


class Picks:
    """The greatest of what is offered, up to `most`: half of them are the most doubtful of all, if there are
    as many; the others are shared out evenly among rules. What a rule did to a text that it has already comes
    last. Holds up to twice `most` a rule.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._rules: dict[str, _Greatest] = {}
        self.offered = 0

    def offer(
        self, rule: str, doubt: float, size: int, path: str, record: int, what: What, number: int,
        text: str | None = None,
    ) -> None:  # fmt: skip
        """Take a change in if it is one of the greatest of its rule. Without `text` it repeats none."""
        self.offered += 1
        same = -self.offered if text is None else hash(text)
        pick = Pick(doubt, size, -self.offered, path, record, what, number, same)
        self._rules.setdefault(rule, _Greatest(self._most)).add(pick)

    def chosen(self) -> list[Pick]:
        """Return what was chosen, the greatest first."""
        rules = [self._rules[name] for name in sorted(self._rules)]
        distinct = [sorted(rule.distinct, reverse=True) for rule in rules]
        doubtful = (pick for pick in chain(*distinct) if pick.doubt)
        first = set(nlargest(self._most // 2, doubtful))
        others = chain(_in_turn(distinct), _in_turn([rule.repeats for rule in rules]))
        rest = (pick for pick in others if pick not in first)
        return sorted(chain(first, islice(rest, self._most - len(first))), reverse=True)


class _Greatest:
    """The `most` greatest of one rule that differ in their texts, as a heap, and as many that do not."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._texts: set[int] = set()
        self.distinct: list[Pick] = []
        self.repeats: list[Pick] = []

    def add(self, pick: Pick) -> None:
        if pick.text in self._texts:
            if len(self.repeats) < self._most:
                self.repeats.append(pick)
        elif len(self.distinct) < self._most:
            self._texts.add(pick.text)
            heappush(self.distinct, pick)
        elif self.distinct and pick > self.distinct[0]:
            self._texts.add(pick.text)
            self._texts.discard(heapreplace(self.distinct, pick).text)


def _in_turn(columns: Sequence[Sequence[Pick]]) -> Iterator[Pick]:
    """Yield the first of each column, then the second of each."""
    return (pick for pick in chain.from_iterable(zip_longest(*columns)) if pick is not None)
