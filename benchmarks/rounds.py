"""What it takes to decide who stays, by the number of edges, in one process and on an engine.

    python benchmarks/rounds.py [--edges 1e6,1e7] [--memory 500e6] [--on here,processes,spark] [--chain]

Edges are made up: groups of two to eight paragraphs that are alike, spread at random over a corpus of forty
times as many paragraphs as there are edges, three in five pairs of a group; with --chain one path through
all of them. They are decided in this process ("here"), by two processes, and on Spark with two cores, in
parts of what fits into so many bytes. Printed are parts, stages, wall time, processor time (of Spark: without
Java's and its processes'), peak memory of the first process, and a digest of the verdicts: the exit code is 1
where these differ.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from cleaner.dedup.signatures import U32
from cleaner.engine.base import Engine
from cleaner.engine.local import LocalEngine
from cleaner.io.edges import EDGE, EdgeFiles
from cleaner.io.scratch import write_array
from cleaner.judging import settling
from cleaner.judging.judged import COLUMNS
from cleaner.judging.rounds import decide_in_rounds

_A_FILE = 8_000
_ROWS = 40  # for each edge
_LARGEST = 8
_ALIKE = 0.6
_SAMPLED = 64


def main() -> None:
    """Make edges, decide them in each way, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--edges", default="1e6,1e7")
    parser.add_argument("--memory", type=float, default=500e6)
    parser.add_argument("--on", default="here,processes,spark")
    parser.add_argument("--chain", action="store_true")
    parser.add_argument("--made", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.made:
        _decide(arguments.made, int(arguments.memory), arguments.on)
        return
    for size in arguments.edges.split(","):
        with tempfile.TemporaryDirectory() as name:
            count = _make(Path(name), int(float(size)), arguments.chain)
            print(f"{count:,} edges", flush=True)
            found = set()
            for way in arguments.on.split(","):
                command = [sys.executable, __file__, "--made", name, "--memory", str(arguments.memory)]
                done = subprocess.run([*command, "--on", way], stdout=subprocess.PIPE, text=True, check=True)
                told, digest = done.stdout.rsplit(maxsplit=1)
                print(told, digest, flush=True)
                found.add(digest)
        if len(found) > 1:
            raise SystemExit("the verdicts differ")


def _make(folder: Path, edges: int, chain: bool) -> int:
    """Leave about so many edges in files; return how many there are."""
    made = _chain(edges) if chain else _groups(edges, np.random.default_rng(1))
    goes, stays = np.concatenate([each for each, _ in made]), np.concatenate([each for _, each in made])
    order = np.argsort(stays, kind="stable")
    files = EdgeFiles(os.fsencode(folder), -(-len(goes) // _A_FILE))
    for number in range(files.files):
        own = order[number * _A_FILE :][:_A_FILE]
        records = np.zeros(len(own), EDGE)
        records["goes"], records["stays"], records["usable"] = goes[own], stays[own], True
        records["priority"], records["before"] = records["goes"], records["stays"]
        records["score"] = 85 + (goes[own] + stays[own]) % 150 / 10
        files.save(number, records, [])
    write_array(os.fsencode(folder), b"sample", np.sort(goes[::_SAMPLED].astype(np.uint64)))
    return len(goes)


def _chain(edges: int) -> list[tuple[U32, U32]]:
    rows = np.arange(0, (edges + 1) * _ROWS, _ROWS, dtype=np.uint32)
    return [(rows[1:], rows[:-1])]


def _groups(edges: int, rng: np.random.Generator) -> list[tuple[U32, U32]]:
    pairs_of_all = sum(size * (size - 1) // 2 for size in range(2, _LARGEST + 1))
    groups = max(1, int(edges / _ALIKE / pairs_of_all))
    found = []
    for size in range(2, _LARGEST + 1):
        rows = np.sort(rng.integers(0, edges * _ROWS, (groups, size), np.uint32), axis=1)
        for first in range(size):
            for second in range(first + 1, size):
                chosen = (rng.random(groups) < _ALIKE) & (rows[:, first] < rows[:, second])
                found.append((rows[chosen, second], rows[chosen, first]))
    return found


class _Counting:
    """An engine of which the stages are counted."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self.stages = engine, 0

    def group(self, function: Any, grouped: Any) -> Iterator[Any]:
        self.stages += 1
        return self._engine.group(function, grouped)


@contextmanager
def _engine(way: str, folder: Path) -> Iterator[Engine]:
    if way == "spark":
        from pyspark.sql import SparkSession

        from cleaner.engine.spark import SparkEngine

        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        session = (
            builder.config("spark.log.level", "ERROR")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate()
        )
        with SparkEngine(session, os.fsencode(folder), own=True) as engine:
            yield engine
    else:
        with LocalEngine(2 if way == "processes" else 1) as engine:
            yield engine


def _decide(folder: Path, memory: int, way: str) -> None:
    files = EdgeFiles(os.fsencode(folder), len(list(folder.glob("edges-*.reasons"))))
    sample = np.fromfile(folder / "sample", np.uint64)
    most = memory // settling._EDGE_BYTES
    edges = sum(path.stat().st_size for path in folder.glob("edges-??????")) // EDGE.itemsize
    borders = settling._borders(sample, -(-edges // most))
    with _engine(way, folder) as engine:
        counting = _Counting(engine)
        started = time.monotonic()
        names = decide_in_rounds(files, os.fsencode(folder), borders, counting)  # type: ignore[arg-type]
        wall = time.monotonic() - started
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    processor = sum(each.ru_utime + each.ru_stime for each in used)
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1e3
    verdicts = hashlib.sha256()
    for kind in COLUMNS:
        for name in names:
            verdicts.update((folder / os.fsdecode(name + kind)).read_bytes())
    told = f"{way:>10}: {len(names):3} parts, {counting.stages:3} stages,{wall:8.1f} s"
    print(f"{told},{processor:8.1f} s of CPU,{peak:7.0f} MB  {verdicts.hexdigest()[:12]}")


if __name__ == "__main__":
    main()
