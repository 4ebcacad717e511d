"""What was judged, by rows: who goes, for whose sake, and who was held back. Read by those who write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from cleaner.dedup.candidates import packed, unpacked
from cleaner.dedup.documents import Documents, duplicates_of
from cleaner.dedup.signatures import U64, Ints
from cleaner.io.edges import EdgeFiles
from cleaner.io.scans import load_documents
from cleaner.io.scratch import Column, write_array
from cleaner.judging.kept import kept
from cleaner.rows import Rows

# The files: verdicts (row, survivor), pairs that were held back (row, other) and copies (row, other), packed,
# in row order; and for each row whether it goes.
NEAR, HELD, COPIES, GONE = b"near", b"held", b"copies", b"gone"
EDGE, SCORE = b".edge", b".score"  # beside verdicts and pairs held back: the number of their edge, its score
COLUMNS = b"", EDGE, SCORE  # the three files of these


class Fate(Struct, frozen=True):
    """Row `row` goes for the sake of row `survivor`, which stays."""

    row: int
    survivor: int
    rule: str
    score: float
    reason: str


class HeldBack(Struct, frozen=True):
    """Row `row` is alike enough to the earlier row `other`, but the guard kept both."""

    row: int
    other: int
    score: float
    reason: str


class Judged:
    """The judgement of a run. `twins` are (row, twin, n): n rows from `row` on belong to a document that is
    another one, where `twin` is the first of as many.
    """

    def __init__(self, rows: Rows, edges: EdgeFiles, twins: Ints, folder: bytes) -> None:
        self.rows, self.folder = rows, folder
        self.edges, self._twins = edges, twins
        self.near, self.held, self.copies = (Pairs(folder, name) for name in (NEAR, HELD, COPIES))
        self.gone = Column(folder, GONE, np.uint8)

    def __reduce__(self) -> tuple[Any, ...]:
        return Judged, (self.rows, self.edges, self._twins, self.folder)

    def fates(self, segment: int) -> dict[int, Fate]:
        """Return the rows of a segment that go, in order."""
        start, stop = self.rows.bounds(segment)
        fates: dict[int, Fate] = {}
        for fate, moves in self._going(self.going_copies(start, stop), "exact", "same text"):
            fates[fate.row] = self._following(fate, copies=False) if moves else fate
        for row, survivor, score, reason in self._told(self.near, start, stop):
            fates[row] = Fate(row, survivor, "near", score, reason)
        for fate, moves in self._going(self.going_twins(start, stop), "document", "same document"):
            fates[fate.row] = self._following(fate, copies=True) if moves else fate
        return dict(sorted(fates.items()))

    def _going(self, pairs: Ints, rule: str, reason: str) -> Iterator[tuple[Fate, bool]]:
        """Yield the fates of the first rows of pairs, each with whether its survivor goes, too."""
        moves = self.gone.take(pairs[:, 1]).tolist()
        for (row, other), moved in zip(pairs.tolist(), moves, strict=True):
            yield Fate(row, other, rule, 100.0, reason), bool(moved)

    def going_copies(self, start: int, stop: int) -> Ints:
        """Return (row, other) for the copies among some rows that go: where the other does, or stands in
        another document. Copies in one document stay with it: the stage of literal repeats has seen them, and
        let them stand. What a decision keeps stays anyway.
        """
        found, elsewhere = self._copies(start, stop)
        return found[(elsewhere | self.near.has(found[:, 1])) & ~kept(self.rows, found[:, 0])]

    def own_copies(self, segment: int) -> Ints:
        """Return (row, other) for the copies of a segment whose other stands in the same document, without
        those that a decision keeps.
        """
        found, elsewhere = self._copies(*self.rows.bounds(segment))
        return found[~elsewhere & ~kept(self.rows, found[:, 0])]

    def _copies(self, start: int, stop: int) -> tuple[Ints, NDArray[np.bool_]]:
        """Return (row, other) for the copies among some rows, and which others are in another document."""
        found = self.copies.pairs(max(start, self.rows.settled), stop)
        document = self.rows.place.take(found.ravel())[:, 0].reshape(-1, 2)
        return found, document[:, 0] != document[:, 1]

    def going_twins(self, start: int, stop: int) -> Ints:
        """Return (row, twin) for the rows among some that go with their whole document."""
        found = twin_rows(self._twins, start, stop)
        return found[~kept(self.rows, found[:, 0])]

    def _told(self, pairs: Pairs, start: int, stop: int) -> Iterator[tuple[int, int, float, str]]:
        """Yield (row, other, score, reason) of the pairs of some rows."""
        told = pairs.told(start, stop)
        reasons = self.edges.reasons([edge for *_, edge in told])
        for (row, other, score, _), reason in zip(told, reasons, strict=True):
            yield row, other, score, reason

    def _following(self, fate: Fate, *, copies: bool) -> Fate:
        """Return `fate`, or where its survivor goes, too: that one's."""
        row = fate.survivor
        for _, survivor, score, reason in self._told(self.near, row, row + 1):
            return Fate(fate.row, survivor, "near", score, reason)
        if copies and len(pair := self.going_copies(row, row + 1)):
            copy = Fate(fate.row, int(pair[0, 1]), "exact", 100.0, "same text")
            return self._following(copy, copies=False)
        return fate

    def held_back(self, segment: int) -> list[HeldBack]:
        """Return the pairs that the guard kept, where both are still there, by the later of the two."""
        return [HeldBack(*each) for each in self._told(self.held, *self.rows.bounds(segment))]

    def documents(self, segment: int) -> Documents:
        """Return the documents of a segment, which count from its start."""
        return load_documents(self.rows.folder_of(segment))

    def keys_of_lessened(self, segment: int, own: Documents) -> dict[int, int]:
        """Return document -> key for those of a segment, which are `own`, that lose some rows but not all."""
        gone = np.add.reduceat(self.gone.between(*self.rows.bounds(segment)), own.first, dtype=np.uint32)
        found = (gone > 0) & (gone < own.rows)
        return dict(zip(own.number[found].tolist(), own.key[found].tolist(), strict=True))

    def duplicates(self, segment: int, own: Documents, fates: dict[int, Fate]) -> dict[int, int]:
        """Return document -> other document for those of a segment, which are `own`, that are equal to the
        other, and those of which almost all goes and of which the other holds most.
        """
        start, stop = self.rows.bounds(segment)
        first = self.rows.first_document(segment)
        whole = np.zeros(int(own.number.max(initial=0)) + 1, np.int64)
        whole[own.number] = own.characters
        rows = np.array(list(fates), np.int64)
        stays = np.array([fate.survivor for fate in fates.values()], np.int64)
        mine, other = (self.rows.place.take(each)[:, 0].astype(np.int64) for each in (rows, stays))
        apart = mine != other
        length = self.rows.length(start, stop)[rows - start]
        found = duplicates_of(whole, mine - first, np.where(apart, other, -1), length)
        twins = twin_rows(self._twins, start, stop)
        documents = (self.rows.place.take(twins[:, side])[:, 0].tolist() for side in (0, 1))
        return found | {document - first: twin for document, twin in zip(*documents, strict=True)}


def twin_rows(twins: Ints, start: int, stop: int) -> Ints:
    """Return (row, twin) for the rows from `start` to `stop` that have one; documents do not cross these."""
    inside = twins[(twins[:, 0] >= start) & (twins[:, 0] < stop)]
    count = inside[:, 2]
    nth = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.stack([np.repeat(inside[:, side], count) + nth for side in (0, 1)], axis=1)


class Pairs:
    """Pairs of rows in a file, packed, in the order of the first of them."""

    def __init__(self, folder: bytes, name: bytes) -> None:
        self._packed = Column(folder, name, np.uint64)
        self._edge, self._score = (
            Column(folder, name + EDGE, np.int64),
            Column(folder, name + SCORE, np.float64),
        )

    def columns(self, start: int, stop: int) -> tuple[U64, Ints, NDArray[np.float64]]:
        """Return those whose first row is from `start` to `stop`, as `save_pairs` takes them."""
        at = spanned(self._packed.array, start, stop)
        return self._packed.between(*at), self._edge.between(*at), self._score.between(*at)

    def pairs(self, start: int, stop: int) -> Ints:
        """Return those whose first row is from `start` to `stop` (m x 2)."""
        return unpacked(self._packed.array[slice(*spanned(self._packed.array, start, stop))])

    def told(self, start: int, stop: int) -> list[tuple[int, int, float, int]]:
        """Return the same, each as (row, other, score, number of the edge)."""
        at = spanned(self._packed.array, start, stop)
        if at[0] == at[1]:
            return []
        pairs, scores, edges = self.pairs(start, stop), self._score.between(*at), self._edge.between(*at)
        return [
            (row, other, score, edge)
            for (row, other), score, edge in zip(pairs.tolist(), scores.tolist(), edges.tolist(), strict=True)
        ]

    def has(self, rows: Ints) -> NDArray[np.bool_]:
        """Tell which rows have a pair."""
        pairs = self._packed.array
        at = np.searchsorted(pairs, packed(rows, np.zeros_like(rows)))
        found = at < len(pairs)
        found[found] = unpacked(pairs[at[found]])[:, 0] == rows[found]
        return found


def save_pairs(folder: bytes, name: bytes, pairs: U64, edges: Ints, scores: NDArray[np.float64]) -> bytes:
    """Write pairs, packed and in order, with the numbers of their edges and the scores; return the name."""
    for kind, column in zip(COLUMNS, (pairs, edges, scores), strict=True):
        write_array(folder, name + kind, column)
    return name


def spanned(pairs: U64, start: int, stop: int) -> tuple[int, int]:
    """Return where in sorted packed pairs those begin and end whose first row is `start` to `stop`."""
    first, last = np.searchsorted(pairs, np.array([start, stop], np.uint64) << np.uint64(32))
    return int(first), int(last)
