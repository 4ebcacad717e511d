"""The three passes over a whole run: scan the shards, judge their rows, write the shards.

Imported only once a run has something to do: it brings numpy, ftfy and rapidfuzz with it.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import msgspec
import numpy as np

from cleaner.dedup.columns import Columns
from cleaner.dedup.judge import NOTHING_TO_JUDGE, Judgement, judge
from cleaner.engine.base import Engine
from cleaner.io.inputs import Problem
from cleaner.io.ledger_records import packed, packed_place
from cleaner.io.publish import Disk
from cleaner.io.scratch import Texts, load_columns, load_documents
from cleaner.io.shards import Shard
from cleaner.job import Progress
from cleaner.scanning import Scanned, ScannedFile, scan_shard
from cleaner.settings import Rules, Settings
from cleaner.text.changes import Place
from cleaner.text.compose import Ruling
from cleaner.writing import PATCH, WriteTask, write_shard

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Run:
    """All that the passes of one run need to know."""

    settings: Settings
    rules: Rules
    published: Sequence[Shard]
    shards: Sequence[Shard]
    stage: bytes
    number: int


@dataclass(frozen=True, slots=True)
class Result:
    """What the passes did: the files that were read, those that were not, and counts.

    Nothing may be published when `changed` names an input: others may have been judged by its text.
    """

    files: tuple[ScannedFile, ...]
    unread: tuple[Problem, ...]
    counts: Counter[str]
    changed: tuple[bytes, ...]


def run_passes(run: Run, engine: Engine, disk: Disk, progress: Progress) -> Result:
    """Scan, judge and write; everything lands in the stage."""
    shards = [*run.published, *run.shards]
    scan = partial(scan_shard, settings=run.settings, rules=run.rules)
    scanned = list(_counted(engine.map(scan, shards), "scanning", shards, progress))
    table = _Table(shards, scanned, len(run.published))
    progress("judging", 0, 1)
    judgement = _judge(run, table, engine)
    rulings = _rulings(judgement, table)
    tasks = [
        WriteTask(shard, {file.file.path: file.digest for file in found.files}, rulings[number], run.stage)
        for number, (shard, found) in enumerate(zip(shards, scanned, strict=True))
        if not shard.published
    ]
    write = partial(write_shard, settings=run.settings, disk=disk)
    written = list(_counted(engine.map(write, tasks), "writing", tasks, progress))
    changed = tuple(path for each in written for path in each.changed)
    _write_edges(run, judgement, table, disk)
    _join_patches(run, disk)
    counts: Counter[str] = sum((each.counts for each in written), Counter())
    counts.update(compared=judgement.compared, left_out=judgement.left_out)
    own = scanned[table.published :]
    return Result(
        tuple(file for found in own for file in found.files),
        tuple(problem for found in own for problem in found.unread),
        counts,
        changed,
    )


class _Table:
    """The rows of all shards under one numbering, and where each stands."""

    def __init__(self, shards: Sequence[Shard], scanned: Sequence[Scanned], published: int) -> None:
        self._shards = shards
        self._bases = np.cumsum([0, *(found.rows for found in scanned)]).tolist()
        self._documents: dict[int, list[tuple[str, int, str]]] = {}
        self.published = published
        self.settled: int = self._bases[published]
        self.texts = Texts([shard.scratch for shard in shards], [found.rows for found in scanned])
        self.columns = Columns.join([load_columns(shard.scratch) for shard in shards])

    def locate(self, row: int) -> tuple[int, int, int]:
        """Return shard, document in it, and paragraph of a row."""
        shard = bisect_right(self._bases, row) - 1
        return shard, int(self.columns.document[row]), int(self.columns.paragraph[row])

    def place(self, row: int, *, with_text: bool = True) -> Place:
        """Name the paragraph of a row."""
        shard, document, paragraph = self.locate(row)
        if shard not in self._documents:
            self._documents[shard] = load_documents(self._shards[shard].scratch)
        path, record, identity = self._documents[shard][document]
        text = self.texts(row) if with_text else None
        return Place(path, record, identity, paragraph, int(self.columns.line[row]), text, row < self.settled)


def _judge(run: Run, table: _Table, engine: Engine) -> Judgement:
    if not len(table.columns):
        return NOTHING_TO_JUDGE
    return judge(
        table.columns,
        table.texts,
        settled=table.settled,
        settings=run.settings.near_duplicate,
        facts=run.rules.facts,
        engine=engine,
    )


def _rulings(judgement: Judgement, table: _Table) -> Mapping[int, dict[tuple[int, int], list[Ruling]]]:
    """Return for each shard what was ruled on its paragraphs."""
    rulings: dict[int, dict[tuple[int, int], list[Ruling]]] = defaultdict(dict)
    for fate in judgement.fates:
        shard, document, paragraph = table.locate(fate.row)
        ruling = Ruling(True, fate.rule, fate.score, fate.reason, table.place(fate.survivor))
        rulings[shard].setdefault((document, paragraph), []).append(ruling)
    for held in judgement.held_back:
        shard, document, paragraph = table.locate(held.row)
        ruling = Ruling(False, "facts", held.score, held.reason, table.place(held.other))
        rulings[shard].setdefault((document, paragraph), []).append(ruling)
    return rulings


def _write_edges(run: Run, judgement: Judgement, table: _Table, disk: Disk) -> None:
    """Store the near-duplicate pairs, from the floor up, so that another threshold can be previewed."""
    edges = judgement.edges
    path = os.path.join(run.stage, b"state", b"edges", b"%06d.jsonl" % run.number)
    with disk.create(path) as stream:
        for number in range(len(edges)):
            line = {
                "a": packed_place(table.place(int(edges.a[number]), with_text=False)),
                "b": packed_place(table.place(int(edges.b[number]), with_text=False)),
                "score": float(edges.score[number]),
                "drop_a": bool(edges.drop_a[number]),
                "drop_b": bool(edges.drop_b[number]),
                "facts": [int(edges.weight_a[number]), int(edges.weight_b[number])],
                "reason": packed(edges.reason[number]),
            }
            stream.write(msgspec.json.encode(line) + b"\n")


def _join_patches(run: Run, disk: Disk) -> None:
    with disk.create(os.path.join(run.stage, b"report", b"changes.patch")) as whole:
        for shard in run.shards:
            piece = os.path.join(shard.scratch, PATCH)
            if os.path.exists(piece):
                with open(piece, "rb") as stream:
                    while data := stream.read(1 << 20):
                        whole.write(data)


def _counted(
    results: Iterator[_Result], what: str, tasks: Sequence[object], progress: Progress
) -> Iterator[_Result]:
    for number, result in enumerate(results, 1):
        progress(what, number, len(tasks))
        yield result
