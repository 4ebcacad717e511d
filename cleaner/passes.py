"""The three passes over a whole run: scan the shards, judge their rows, write the shards.

Imported only once a run has something to do: it brings numpy, ftfy and rapidfuzz with it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import msgspec
import numpy as np

from cleaner.dedup.judge import NOTHING_TO_JUDGE, Judgement, judge
from cleaner.engine.base import Engine
from cleaner.io.inputs import Problem
from cleaner.io.ledger_records import packed
from cleaner.io.publish import Disk
from cleaner.io.shards import Shard
from cleaner.job import Progress
from cleaner.joining import JoinTask, join_pieces
from cleaner.rows import Rows
from cleaner.text.compose import Ruling
from cleaner.work import ReadFile, Run, Work, counted, scan_all
from cleaner.writing import PATCH, Rulings, WriteTask, Written, write_shard


@dataclass(frozen=True, slots=True)
class CleanedFile:
    """An input that was cleaned, and how many documents stand in its clean text."""

    read: ReadFile
    documents: int


@dataclass(frozen=True, slots=True)
class Result:
    """What the passes did: the files that were read, those that were not, and counts.

    Nothing may be published when `changed` names an input: others may have been judged by its text.
    """

    files: tuple[CleanedFile, ...]
    unread: tuple[Problem, ...]
    counts: Counter[str]
    changed: tuple[bytes, ...]


def run_passes(run: Run, engine: Engine, disk: Disk, progress: Progress) -> Result:
    """Scan, judge and write; everything lands in the stage."""
    work = scan_all(run, engine, progress)
    progress("judging", 0, 1)
    rows = work.rows(os.path.join(run.scratch, b"joined"))
    judgement = _judge(run, rows, engine)
    results = _write(run, work, _rulings(judgement, rows) if rows else {}, engine, disk, progress)
    written = list(islice(results, 1))
    _write_edges(run, judgement, rows, disk)  # while the workers, if there are any, go on
    written += results
    files = list(work.files(engine))
    changed = [path for each in written for path in each.changed]
    changed += (each.file.path for each in files if not each.digest)
    if not changed:
        tasks = [JoinTask(file, folders, run.stage) for file, folders in work.cut_files()]
        join = partial(join_pieces, settings=run.recipe.settings, disk=disk)
        for _ in engine.map(join, tasks):
            pass
        _join_patches(run, work.shards, disk)
    counts: Counter[str] = sum((each.counts for each in written), Counter())
    counts.update(compared=judgement.compared, left_out=judgement.left_out)
    documents: Counter[bytes] = sum((each.documents for each in written), Counter())
    return Result(
        tuple(CleanedFile(each, documents[each.file.path]) for each in files),
        tuple(work.unread[file.path] for file in run.files if file.path in work.unread),
        counts,
        tuple(changed),
    )


def _write(
    run: Run, work: Work, rulings: Mapping[int, Rulings], engine: Engine, disk: Disk, progress: Progress
) -> Iterator[Written]:
    tasks = []
    for number, (shard, found, base) in enumerate(zip(work.shards, work.scanned, work.bases, strict=True)):
        if not shard.published:
            digests = {piece.path: piece.digest for piece in found.pieces}
            tasks.append(WriteTask(shard, digests, base, rulings.get(number, Rulings()), run.stage))
    write = partial(write_shard, settings=run.recipe.settings, disk=disk)
    return counted(engine, write, tasks, "writing", progress)


def _judge(run: Run, rows: Rows | None, engine: Engine) -> Judgement:
    if rows is None:
        return NOTHING_TO_JUDGE
    return judge(
        rows.source,
        rows.texts,
        rows.order(),
        settled=rows.settled,
        settings=run.recipe.settings.near_duplicate,
        facts=run.recipe.rules.facts,
        engine=engine,
    )


def _rulings(judgement: Judgement, rows: Rows) -> dict[int, Rulings]:
    """Return for each shard what was ruled on its paragraphs and documents."""
    paragraphs: dict[int, dict[int, dict[int, list[Ruling]]]] = {}
    duplicates: dict[int, dict[int, tuple[str, int, str]]] = {}

    def add(row: int, ruling: Ruling) -> None:
        shard, document, paragraph = rows.locate(row)
        of_document = paragraphs.setdefault(shard, {}).setdefault(document, {})
        of_document.setdefault(paragraph, []).append(ruling)

    for fate in judgement.fates:
        add(fate.row, Ruling(True, fate.rule, fate.score, fate.reason, rows.place(fate.survivor)))
    for held in judgement.held_back:
        add(held.row, Ruling(False, "facts", held.score, held.reason, rows.place(held.other)))
    for number, holder in judgement.duplicates.items():
        shard, document = rows.locate_document(number)
        duplicates.setdefault(shard, {})[document] = rows.named(*rows.locate_document(holder))
    return {
        shard: Rulings(paragraphs.get(shard, {}), duplicates.get(shard, {}))
        for shard in {*paragraphs, *duplicates}
    }


def _write_edges(run: Run, judgement: Judgement, rows: Rows | None, disk: Disk) -> None:
    """Store the near-duplicate pairs, from the floor up, so that another threshold can be previewed."""
    edges = judgement.edges
    with disk.create(os.path.join(run.stage, b"state", b"edges", b"%06d.jsonl" % run.number)) as stream:
        if rows is None:
            return
        sides = {row: rows.packed_place(row) for row in np.unique(np.stack((edges.a, edges.b))).tolist()}
        lists = (edges.a, edges.b, edges.score, edges.drop_a, edges.drop_b, edges.weight_a, edges.weight_b)
        for a, b, score, drop_a, drop_b, weight_a, weight_b, reason in zip(
            *(column.tolist() for column in lists), edges.reason, strict=True
        ):
            line = {
                "a": sides[a], "b": sides[b], "score": score, "drop_a": drop_a, "drop_b": drop_b,
                "facts": [weight_a, weight_b], "reason": packed(reason),
            }  # fmt: skip
            stream.write(msgspec.json.encode(line) + b"\n")


def _join_patches(run: Run, shards: Sequence[Shard], disk: Disk) -> None:
    with disk.create(os.path.join(run.stage, b"report", b"changes.patch")) as whole:
        for shard in shards:
            piece = os.path.join(shard.scratch, PATCH)
            if not shard.published and os.path.exists(piece):
                with open(piece, "rb") as stream:
                    while data := stream.read(1 << 20):
                        whole.write(data)
