"""The work of a run: its shards, and what was found when they were scanned.

A file that was read in pieces is one file again here: it counts as unread when any of its pieces is,
and records are numbered through.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from cleaner.engine.base import Engine
from cleaner.fatal import scan_without_fatal
from cleaner.io.inputs import InputFile, Problem
from cleaner.io.shards import Shard, make_shards, numbered
from cleaner.io.unpacking import Unpacked, unpack, worth_unpacking
from cleaner.job import Progress
from cleaner.plan import Earlier
from cleaner.rows import Segment, scanned_segment
from cleaner.scanning import Scanned, scan_shard
from cleaner.settings import Recipe

_Result = TypeVar("_Result")


class Run(Struct, frozen=True):
    """All that the passes of one run need to know. `earlier` is what earlier runs published, `cleaned_by`
    tells for each path which of them did, `ledgers` is where their ledgers are; `limits` how many documents
    may be taken of some files; `stage` is where results go, `scratch` where all else does. Results do not
    depend on `shard_bytes`, nor on `memory`: what one process may hold of what is judged, in bytes.
    """

    recipe: Recipe
    earlier: Earlier
    cleaned_by: dict[bytes, int]
    ledgers: bytes
    files: Sequence[InputFile]
    limits: dict[bytes, int]
    stage: bytes
    scratch: bytes
    number: int
    shard_bytes: int
    memory: int


class ReadFile(Struct, frozen=True):
    """A file that was read: its content digest and the records that were no documents; `again` tells that
    some of them could not be cleaned, and are to be tried again. `decided` are the decisions whose text it
    has.
    """

    file: InputFile
    digest: str
    problems: tuple[Problem, ...]
    again: bool
    decided: frozenset[str] = frozenset()


class Work(Struct):
    """What was scanned: shards, what was found in each, and how many records of its file come before
    each; what was unpacked, and the files that cannot be read, by path.
    """

    shards: list[Shard]
    scanned: list[Scanned]
    unpacked: dict[bytes, Unpacked]
    unread: dict[bytes, Problem]
    bases: list[int] = field(default_factory=list)

    def leave_out_unread(self) -> None:
        """Forget the pieces of files of which another piece could not be read."""
        cut = [shard.cut and shard.pieces[0].file.path in self.unread for shard in self.shards]
        self.scanned = [found for found, out in zip(self.scanned, cut, strict=True) if not out]
        self.shards = [shard for shard, out in zip(self.shards, cut, strict=True) if not out]

    def count_records(self) -> None:
        """Find out how many records come before each piece."""
        before: Counter[bytes] = Counter()
        for shard, found in zip(self.shards, self.scanned, strict=True):
            name = shard.pieces[0].file.path
            self.bases.append(before[name])
            if shard.cut:
                before[name] += found.pieces[0].records

    def segments(self) -> list[Segment]:
        """Return what was scanned as segments, in the order of the shards."""
        return [
            scanned_segment(shard.scratch, found.rows, found.documents, base)
            for shard, found, base in zip(self.shards, self.scanned, self.bases, strict=True)
        ]

    def cut_files(self) -> list[tuple[InputFile, list[bytes]]]:
        """Return each file that was read in pieces, with the scratch folders of these."""
        found: dict[bytes, tuple[InputFile, list[bytes]]] = {}
        for shard in self.shards:
            if shard.cut:
                file = shard.pieces[0].file
                found.setdefault(file.path, (file, []))[1].append(shard.scratch)
        return list(found.values())

    def undigested(self) -> dict[bytes, InputFile]:
        """Return what was read of each file whose digest is not known: it was read in pieces."""
        pieces = (shard.pieces[0] for shard in self.shards if shard.cut)
        return {each.file.path: each.source for each in pieces if each.file.path not in self.unpacked}

    def files(self, digested: Mapping[bytes, str]) -> Iterator[ReadFile]:
        """Yield the inputs that were read; `digested` are the digests that were not known. Of one that has
        changed since, the digest is empty.
        """
        digests = {path: each.digest for path, each in self.unpacked.items()}
        digests |= digested
        problems: dict[bytes, list[Problem]] = {}
        decided: dict[bytes, frozenset[str]] = {}
        files: dict[bytes, InputFile] = {}
        again = {read.path for found in self.scanned for read in found.pieces if read.left_out}
        for shard, found, base in zip(self.shards, self.scanned, self.bases, strict=True):
            pieces = {piece.file.path: piece for piece in shard.pieces}
            for read in found.pieces:
                files[read.path] = pieces[read.path].file
                if not shard.cut:
                    digests[read.path] = read.digest
                told = (replace(each, line=numbered(base, each.line)) for each in read.problems)
                problems.setdefault(read.path, []).extend(told)
                decided[read.path] = decided.get(read.path, frozenset()) | read.decided
        for path, file in files.items():
            yield ReadFile(file, digests[path], tuple(problems[path]), path in again, decided[path])


def scan_all(
    run: Run, files: Sequence[InputFile], engine: Engine, progress: Progress, *, published: bool = False
) -> Work:
    """Unpack what is large and compressed, then scan everything: inputs, or clean texts of earlier runs."""
    packed = [file for file in files if worth_unpacking(file)]
    kind = b"clean" if published else b"unpacked"
    tasks = [(file, os.path.join(run.scratch, kind, b"%06d" % number)) for number, file in enumerate(packed)]
    done = list(counted(engine.map(unpack, tasks), len(tasks), "unpacking", progress))
    sources = {each.file.path: each.source for each in done}
    unread = {each.file.path: each.problem for each in done if each.problem}
    wanted = make_shards(
        [(file, sources.get(file.path, file)) for file in files if file.path not in unread], run.scratch,
        limits={} if published else run.limits, published=published, shard_bytes=run.shard_bytes,
    )  # fmt: skip
    scan = partial(scan_shard, recipe=run.recipe)
    found_or_lost = counted(engine.attempt(scan, wanted), len(wanted), "scanning", progress)
    scanned = [
        found or scan_without_fatal(shard, scan, engine)
        for shard, found in zip(wanted, found_or_lost, strict=True)
    ]
    for found in scanned:
        for problem in found.unread:
            unread.setdefault(problem.path, problem)
    shards = list(map(_as_scanned, wanted, scanned))
    work = Work(shards, scanned, {each.file.path: each for each in done}, unread)
    work.leave_out_unread()
    work.count_records()
    return work


def _as_scanned(shard: Shard, found: Scanned) -> Shard:
    """Return a shard of which those records are left out that were when it was scanned."""
    left_out = {read.path: read.left_out for read in found.pieces if read.left_out}
    if not left_out:
        return shard
    pieces = (replace(each, left_out=left_out.get(each.file.path, {})) for each in shard.pieces)
    return replace(shard, pieces=tuple(pieces))


def counted(results: Iterable[_Result], count: int, what: str, progress: Progress) -> Iterator[_Result]:
    """Yield results, and tell how far it is."""
    for number, result in enumerate(results, 1):
        progress(what, number, count)
        yield result
