"""Records that are found in many places and belong to some parts each: how an engine brings them there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from cleaner.dedup.signatures import Ints
from cleaner.io.scratch import array_bytes

Found = tuple[NDArray[Any], Ints]  # records, and the part that each belongs to


class Spread(Struct, frozen=True):
    """What `find` finds in each of `spans`, records of one `kind`, in so many parts of one range each (see
    `engine.base.Grouped`). Where they are sent, those of a part come in any order.
    """

    count: int
    spans: Sequence[Any]
    kind: Any
    find: Callable[[Any], Found]

    @property
    def parts(self) -> Sequence[int]:
        """What can be worked on by itself."""
        return range(self.count)

    def gather(self, part: int) -> Iterator[NDArray[Any]]:
        """Yield the records of a part."""
        found = map(self.find, self.spans)
        yield all_of(self.kind, (records[parts == part] for records, parts in found))

    def send(self, span: Any) -> Iterator[tuple[int, int, memoryview]]:
        """Yield what a span has for each part."""
        records, parts = self.find(span)
        order = np.argsort(parts, kind="stable")
        bounds = np.searchsorted(parts[order], range(self.count + 1))
        for part, (start, stop) in enumerate(pairwise(bounds.tolist())):
            if stop > start:
                yield part, 0, array_bytes(records[order[start:stop]])

    def receive(self, sent: Iterable[bytes]) -> NDArray[Any]:
        """Return what was sent to a part."""
        return np.frombuffer(b"".join(sent), self.kind)


def all_of(kind: Any, found: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """Return records in one array."""
    return np.concatenate([np.empty(0, kind), *found])
