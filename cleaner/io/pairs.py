"""Stored pairs: what a run compared and found alike, from the floor up, and what the fact guard said of it.

One file a run, `state/edges/NNNNNN.jsonl`: its head, pairs, and copies inside a document. From them any
threshold can be decided anew (`dedup/replay.py`); `docs/ledger.md` has the fields.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain

import msgspec
import numpy as np

from cleaner.dedup.replay import Answer, Pairs
from cleaner.dedup.signatures import Ints
from cleaner.errors import StateError
from cleaner.io.ledger_records import packed, packed_place, read_text
from cleaner.io.state import PAIRS, Folders
from cleaner.text.changes import Place
from cleaner.text.show import show

VERSION = 2  # 1 had neither head nor copies
_HEAD = b'{"pairs":'
B_FIRST = {"first": "b"}  # beside a pair of which not a is ranked first


class StoredPairs(msgspec.Struct, frozen=True):
    """The pairs of a run: `places` of its rows, those first that stood before it; pairs and copies (row,
    other) by the number of rows; and the threshold from which the guard was asked.
    """

    threshold: float
    places: tuple[Place, ...]
    pairs: Pairs
    copies: Ints


def pairs_place(top: bytes, run: int) -> bytes:
    """Return where the pairs of a run stand, below an output or a stage."""
    return os.path.join(top, PAIRS, b"%06d.jsonl" % run)


def pairs_head(threshold: float) -> bytes:
    """Return the first line of a file of pairs."""
    return msgspec.json.encode({"pairs": VERSION, "threshold": threshold}) + b"\n"


def kept_sides(a: bool, b: bool) -> dict[str, str]:
    """Return what is told beside a pair below the threshold of which a decision keeps sides.

    >>> kept_sides(False, True), kept_sides(False, False)
    ({'kept': 'b'}, {})
    """
    return {"kept": "a" * a + "b" * b} if a or b else {}


def packed_copy(other: Place, copy: Place) -> bytes:
    """Return the line of a paragraph whose text stands in its document already, at `other`."""
    return msgspec.json.encode({"a": packed_place(other), "b": packed_place(copy), "copy": True}) + b"\n"


class _Place(msgspec.Struct, frozen=True, gc=False):
    path: str | dict[str, str]
    place: tuple[int, int]
    record: int = 0
    document: str | dict[str, str] | None = None
    published: bool = False

    def read(self) -> Place:
        path = read_text(self.path)
        document = path if self.document is None else read_text(self.document)
        return Place(path, self.record, document, *self.place, None, self.published)


class _Line(msgspec.Struct, frozen=True, gc=False):
    a: _Place
    b: _Place
    score: float = 100.0
    drop_a: bool | None = None
    drop_b: bool = False
    facts: tuple[int, int] = (0, 0)
    reason: str | dict[str, str] = ""
    first: str = "a"
    copy: bool = False
    kept: str = ""

    @property
    def answer(self) -> Answer | None:
        """What the guard said, None where it was not asked."""
        if self.drop_a is None:
            return None
        return Answer(self.drop_a, self.drop_b, self.facts, read_text(self.reason))


class _Head(msgspec.Struct, frozen=True, gc=False):
    pairs: int
    threshold: float


def read_pairs(folders: Folders, run: int) -> StoredPairs | None:
    """Return the pairs of a run; None where they are not kept, or where an older version kept less than is
    needed. Raises StateError where they are damaged.
    """
    place = pairs_place(folders.out, run)
    if not os.path.exists(place):
        return None
    with open(place, "rb") as stream, _damage(place):
        first = stream.readline()
        if not first.startswith(_HEAD):
            return None
        head = _head(first, place)
        return None if head.pairs < VERSION else _stored(head.threshold, stream)


def pairs_of(
    folders: Folders, run: int, path: str, record: int
) -> Iterator[tuple[Place, Place, float, Answer | None]] | None:
    """Yield the pairs of one document in the order in which they are stored: both places, a first, ratio, and
    what the guard said if it was asked; copies are not among them. None where no pairs are stored.

    Raises StateError where they are damaged.
    """
    place = pairs_place(folders.out, run)
    if not os.path.exists(place):
        return None
    return _of_document(place, path, record)


def _of_document(place: bytes, path: str, record: int) -> Iterator[tuple[Place, Place, float, Answer | None]]:
    decode = msgspec.json.Decoder(_Line).decode
    wanted = msgspec.json.encode({"path": packed(path)} | ({"record": record} if record else {}))[1:-1]
    with open(place, "rb") as stream, _damage(place):
        for line in stream:
            if line.startswith(_HEAD):
                _head(line, place)
            elif wanted in line:
                told = decode(line)
                a, b = told.a.read(), told.b.read()
                if not told.copy and (path, record) in ((a.path, a.record), (b.path, b.record)):
                    yield a, b, told.score, told.answer


class Score(msgspec.Struct, frozen=True):
    """The ratio of a pair, and whether the guard lets one of it go: None if it was not asked."""

    ratio: float
    may_go: bool | None


class _Scored(msgspec.Struct, frozen=True, gc=False):
    score: float = 100.0
    drop_a: bool | None = None
    drop_b: bool = False
    copy: bool = False


def stored_scores(folders: Folders) -> Iterator[tuple[float | None, Iterator[Score]]]:
    """Yield for each run whose pairs are stored its threshold (None: an older version did not tell) and the
    scores of all pairs, as they are read. Raises StateError where they are damaged.
    """
    try:
        names = sorted(os.listdir(folders.at(PAIRS)))
    except FileNotFoundError:
        return
    for name in names:
        place = folders.at(PAIRS, name)
        try:
            stream = open(place, "rb")
        except FileNotFoundError:  # a run let it go meanwhile
            continue
        with stream, _damage(place):
            first = stream.readline()
            head = _head(first, place) if first.startswith(_HEAD) else None
            lines = stream if head else chain([first] if first else [], stream)
            yield head.threshold if head else None, _scores(lines, place)


def _scores(lines: Iterable[bytes], place: bytes) -> Iterator[Score]:
    with _damage(place):
        for pair in map(msgspec.json.Decoder(_Scored).decode, lines):
            if not pair.copy:
                yield Score(pair.score, None if pair.drop_a is None else pair.drop_a or pair.drop_b)


def _head(line: bytes, place: bytes) -> _Head:
    """Return what a file of pairs begins with. Raises StateError for one of a newer version."""
    head = msgspec.json.decode(line, type=_Head)
    if head.pairs > VERSION:
        found = f"pairs of version {head.pairs}, this cleaner reads up to {VERSION}"
        raise StateError(found, where=show(place), hint="use the newer cleaner that wrote them")
    return head


@contextmanager
def _damage(place: bytes) -> Iterator[None]:
    """Say of damage where it is, and what to do."""
    try:
        yield
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, TypeError, KeyError):
        raise StateError(
            "damaged pairs", where=show(place), hint="`cleaner run --reprocess` finds them anew"
        ) from None


def _stored(threshold: float, lines: Iterable[bytes]) -> StoredPairs:
    decode = msgspec.json.Decoder(_Line).decode
    seen: dict[Place, int] = {}
    sides: list[tuple[int, int]] = []
    copies: list[tuple[int, int]] = []
    scores: list[float] = []
    a_first: list[bool] = []
    kept: list[tuple[bool, bool]] = []
    answers: dict[int, Answer] = {}
    for line in lines:
        told = decode(line)
        a, b = (seen.setdefault(side.read(), len(seen)) for side in (told.a, told.b))
        if told.copy:
            copies.append((b, a))
            continue
        if answer := told.answer:
            answers[len(sides)] = answer
        sides.append((a, b))
        scores.append(told.score)
        a_first.append(told.first == "a")
        kept.append(("a" in told.kept, "b" in told.kept))
    places = sorted(seen, key=_order)
    number = np.empty(len(seen), np.int64)
    number[[seen[place] for place in places]] = np.arange(len(places))
    rows = number[np.array(sides, np.int64).reshape(-1, 2)]
    document = _documents(places)
    pairs = Pairs(
        rows, np.array(scores, np.float64), np.array(a_first, np.bool_), answers,
        kept=np.array(kept, np.bool_).reshape(-1, 2),
        settled=sum(place.published for place in places),
        titles=(document[rows[:, 0]] == document[rows[:, 1]])
        & (np.array([place.paragraph for place in places], np.int64)[rows[:, 0]] == 0),
    )  # fmt: skip
    return StoredPairs(threshold, tuple(places), pairs, number[np.array(copies, np.int64).reshape(-1, 2)])


def _order(place: Place) -> tuple[bool, bytes, int, int]:
    return not place.published, os.fsencode(place.path), place.record, place.paragraph


def _documents(places: Iterable[Place]) -> Ints:
    """Return a number for the document of each place."""
    known: dict[tuple[str, int, bool], int] = {}
    keys = ((place.path, place.record, place.published) for place in places)
    return np.array([known.setdefault(key, len(known)) for key in keys], np.int64)
