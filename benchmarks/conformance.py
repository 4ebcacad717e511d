"""Cleans a corpus on every engine, and compares the bytes of clean texts and ledgers.

    python benchmarks/conformance.py CORPUS [--workers 1,2,5] [--partitions 3,8,17] [--memory 1g]

CORPUS is a file of JSON lines. Each engine cleans one half of it, and in a second run, which is compared
with what the first one published, the other half: by processes on this machine; on Spark with a local
master; on a cluster of a master and two workers of one core, which is started and ended here. Printed are
wall time, processor time and peak memory of both runs together (of a cluster: wall time only), and digests of
the bytes after the first run and after the second. The exit code is 1 where these differ.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from measuring import Usage, measured
from spark_cluster import cluster, missing
from whole_job import digest


def main() -> None:
    """Clean, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--workers", default="1,2,5")
    parser.add_argument("--partitions", default="3,8,17")
    parser.add_argument("--memory", default="1g", help="of driver and executors (Java's part)")
    arguments = parser.parse_args()
    if lacking := missing():
        raise SystemExit(lacking)
    told = f"--driver-memory {arguments.memory} --conf spark.executor.memory={arguments.memory}"
    os.environ["PYSPARK_SUBMIT_ARGS"] = f"{told} pyspark-shell"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        halves = _halves(arguments.corpus, folder / "in")
        plans = [(f"local, {n} workers", ["--workers", n]) for n in arguments.workers.split(",")]
        spark = ["--engine", "spark", "--master", "local[2]"]
        for n in arguments.partitions.split(","):
            settings = folder / f"partitions-{n}.yaml"
            settings.write_text(f"spark: {{partitions: {n}}}\n")
            plans.append((f"Spark local, {n} partitions", [*spark, "-c", str(settings)]))
        found = set()
        for number, (title, options) in enumerate(plans):
            used, seen = _cleaned(halves, folder / f"out-{number}", options, partial(measured, fine=(0, 3)))
            found.add(seen)
            memory = f"{used.memory.pss / 1e6:8.0f} MB"
            print(f"{title:<28}{used.wall:8.1f} s{used.processor:8.1f} s of CPU{memory}  {seen}", flush=True)
        with cluster(folder / "cluster", memory=arguments.memory) as url:
            options = ["--engine", "spark", "--master", url]
            used, seen = _cleaned(halves, folder / "out-cluster", options, _timed)
            found.add(seen)
            print(f"{'Spark cluster, 2 workers':<28}{used.wall:8.1f} s{'':>28}  {seen}", flush=True)
    if len(found) > 1:
        raise SystemExit("the bytes differ")


def _halves(corpus: Path, folder: Path) -> list[Path]:
    """Cut a file of lines into two."""
    lines = corpus.read_bytes().splitlines(keepends=True)
    middle = len(lines) // 2
    places = [folder / f"{name}.jsonl" for name in ("a", "b")]
    folder.mkdir()
    for place, half in zip(places, (lines[:middle], lines[middle:]), strict=True):
        place.write_bytes(b"".join(half))
    return places


def _timed(command: list[str]) -> Usage:
    """Run a command beside other processes of ours, which `measured` would take for its own."""
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr.decode())
    return Usage(time.monotonic() - started)


def _cleaned(
    halves: list[Path], out: Path, options: list[str], run: Callable[[list[str]], Usage]
) -> tuple[Usage, str]:
    used, digests = Usage(), []
    for half in halves:
        command = [sys.executable, "-m", "cleaner", "run", str(half), "-o", str(out), "--quiet", *options]
        used = used.then(run(command))
        digests.append(digest(out))
    return used, " ".join(digests)


if __name__ == "__main__":
    main()
