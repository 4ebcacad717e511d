"""Inputs of which a process dies: all else is cleaned without them, other records of their files included."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

from msgspec.structs import replace

from cleaner.engine.base import Engine
from cleaner.io.inputs import Problem
from cleaner.io.shards import Piece, Shard
from cleaner.scanning import Scanned

FATAL = "the process that cleaned it was killed, twice (for want of memory?); it is tried again next time"
_WAYS = 16  # into which records are parted: to part them once more costs the life of two processes
_MOST = 16  # suspects in one piece: where there are more, it is no matter of some records

Scan = Callable[[Shard], Scanned]


def scan_without_fatal(shard: Shard, scan: Scan, engine: Engine) -> Scanned:
    """Return a shard scanned without the records of which a process dies, and without inputs, as unread, of
    which that cannot be said of some records.
    """
    alone = [_probe(shard, piece, number) for number, piece in enumerate(shard.pieces)]
    left: list[Piece] = []
    unread: list[Problem] = []
    tried = engine.attempt(scan, alone) if len(alone) > 1 else [None]
    for piece, scanned in zip(shard.pieces, tried, strict=True):
        if scanned:
            left.append(piece)
        elif fatal := fatal_records(shard, piece, scan, engine):
            left.append(replace(piece, left_out=fatal))
        else:
            unread.append(Problem(piece.file.path, 0, FATAL))
    (found,) = engine.map(scan, [replace(shard, pieces=tuple(left))])
    return replace(found, unread=(*found.unread, *unread))


def fatal_records(shard: Shard, piece: Piece, scan: Scan, engine: Engine) -> Mapping[int, str]:
    """Return the records of a piece of which a process dies, by their numbers; none where it dies of reading
    alone, of no record by itself, or of too many.
    """
    numbers = count(len(shard.pieces))

    def tried(parts: Sequence[range]) -> Iterator[Scanned | None]:
        return engine.attempt(
            scan, [_probe(shard, replace(piece, tried=part), next(numbers)) for part in parts]
        )

    (read,) = tried([range(0)])
    suspects = [range(1, each.records + 1) for each in read.pieces] if read else []
    fatal: list[int] = []
    while suspects:
        parts = _parts(suspects.pop())
        deadly = [part for part, done in zip(parts, tried(parts), strict=True) if done is None]
        fatal += [part.start for part in deadly if len(part) == 1]
        suspects += [part for part in deadly if len(part) > 1]
        if not deadly or len(fatal) + len(suspects) > _MOST:
            return {}
    return dict.fromkeys(fatal, FATAL)


def _probe(shard: Shard, piece: Piece, number: int) -> Shard:
    return replace(shard, pieces=(piece,), scratch=shard.scratch + b"-%d" % number)


def _parts(records: range) -> list[range]:
    """Return some ranges that are one together.

    >>> _parts(range(1, 4)), len(_parts(range(1000))), _parts(range(1000))[-1]
    ([range(1, 2), range(2, 3), range(3, 4)], 16, range(945, 1000))
    """
    size = -(-len(records) // _WAYS)
    return [records[first : first + size] for first in range(0, len(records), max(1, size))]
