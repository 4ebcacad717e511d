"""How time, memory and disk of `cleaner run` grow with the corpus.

    python benchmarks/growth.py CORPUS... [--workers 2] [--memory 1GB] [--options '...'] [--json FILE]

Each CORPUS is a file or a folder, for instance one that `build_corpus.py` made, in some sizes. Measured from
outside, four times a second: wall and processor seconds; the peak memory of all processes together, with
shared pages counted once (PSS) and in every process (RSS, which counts mapped files, too); and the peak of
what output and scratch space take on disk. Then each is run once more, with nothing new. Of a run on Spark
(`--options '--engine spark --master local[2]'`) processor time is told too low: Java has what it started end
without waiting for it.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from measuring import Failed, Usage, measured
from results import store

_EVERY = 0.25  # seconds


def main() -> None:
    """Clean each corpus, smallest first; print a row for each."""
    options = _options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.workers])
    sizes = sorted((size, files, corpus) for corpus in options.corpora for size, files in [_size(corpus)])
    section = ", ".join(
        filter(None, ("growth", options.memory and f"memory {options.memory}", options.options))
    )
    rows: list[dict[str, Any]] = []
    print(
        f"{'MB':>9}{'files':>7}{'paragraphs':>12}{'wall s':>9}{'CPU s':>9}{'MB/s':>7}{'PSS MB':>8}"
        f"{'RSS MB':>8}{'disk MB':>9}{'nothing new s':>15}"
    )
    for size, files, corpus in sizes:
        try:
            grown = cleaned(corpus.resolve(), options)
        except Failed as failure:
            sys.exit(f"{corpus}: {failure}")
        rows.append({"bytes": size, "files": files, **asdict(grown)})
        used = grown.usage
        resident = f"{used.memory.pss / 1e6:>8.0f}{used.memory.rss / 1e6:>8.0f}{used.disk / 1e6:>9.0f}"
        times = f"{used.wall:>9.1f}{used.processor:>9.1f}{size / 1e6 / used.wall:>7.1f}"
        counts = f"{files:>7,}{grown.paragraphs:>12,}"
        print(f"{size / 1e6:>9.1f}{counts}{times}{resident}{grown.nothing_new:>15.2f}", flush=True)
        if options.json:
            store(options.json, section, {"memory": options.memory, "workers": options.workers, "rows": rows})


@dataclass(frozen=True)
class Grown:
    """What cleaning a corpus needed; its paragraphs; and the seconds of a second run, with nothing new."""

    usage: Usage
    paragraphs: int
    nothing_new: float


def cleaned(corpus: Path, options: argparse.Namespace) -> Grown:
    """Clean a corpus into a folder that goes afterwards; return what that needed. Raises Failed."""
    memory: str | None = options.memory
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        folder = Path(name)
        out, temporary, settings = folder / "out", folder / "tmp", folder / "settings.yaml"
        temporary.mkdir()
        settings.write_text(json.dumps({"memory": memory} if memory else {}))
        command = [sys.executable, "-m", "cleaner", "run", str(corpus), "-o", str(out), "-c", str(settings)]
        command += ["--workers", str(options.workers), *shlex.split(options.options)]
        environment = {**os.environ, "TMPDIR": str(temporary)}
        used = measured(
            command,
            every=_EVERY,
            folders=[out, temporary],
            environment=environment,
            fine=(0, 3),  # 3: some input was skipped
            log=folder / "log",
        )
        summary = json.loads((out / "report" / "summary.json").read_text(encoding="utf-8"))
        again = measured(command, environment=environment, fine=(0, 3), log=folder / "log")
        return Grown(used, summary["paragraphs"], again.wall)


def _size(corpus: Path) -> tuple[int, int]:
    files: Sequence[Path] = [corpus] if corpus.is_file() else [*filter(Path.is_file, corpus.rglob("*"))]
    return sum(file.stat().st_size for file in files), len(files)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpora", type=Path, nargs="+", metavar="CORPUS")
    parser.add_argument(
        "--workers", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores"
    )
    parser.add_argument("--memory", help="the setting `memory` of the runs")
    parser.add_argument("--options", default="", help="further options of `cleaner run`")
    parser.add_argument("--scratch", type=Path, help="where outputs go (default: the temporary folder)")
    parser.add_argument("--json", type=Path, help="put the figures into this file, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
