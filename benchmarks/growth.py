"""How time, memory and disk of `cleaner run` grow with the corpus.

    python benchmarks/growth.py CORPUS... [--workers 2] [--memory 1GB] [--json FILE]

Each CORPUS is a file or a folder, for instance one that `build_corpus.py` made, in some sizes. Measured from
outside, four times a second: wall and processor seconds; the peak memory of all processes together, with
shared pages counted once (PSS) and in every process (RSS, which counts mapped files, too); and the peak of
what output and scratch space take on disk.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
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
    section = f"growth, memory {options.memory}" if options.memory else "growth"
    rows: list[dict[str, Any]] = []
    print(
        f"{'MB':>9}{'files':>7}{'wall s':>9}{'CPU s':>9}{'MB/s':>7}{'PSS MB':>8}{'RSS MB':>8}{'disk MB':>9}"
    )
    for size, files, corpus in sizes:
        try:
            used = cleaned(corpus.resolve(), options.scratch, options.workers, options.memory)
        except Failed as failure:
            sys.exit(f"{corpus}: {failure}")
        rows.append({"bytes": size, "files": files, "usage": asdict(used)})
        resident = f"{used.memory.pss / 1e6:>8.0f}{used.memory.rss / 1e6:>8.0f}{used.disk / 1e6:>9.0f}"
        times = f"{used.wall:>9.1f}{used.processor:>9.1f}{size / 1e6 / used.wall:>7.1f}"
        print(f"{size / 1e6:>9.1f}{files:>7,}{times}{resident}", flush=True)
        if options.json:
            store(options.json, section, {"memory": options.memory, "workers": options.workers, "rows": rows})


def cleaned(corpus: Path, scratch: Path | None, workers: int, memory: str | None) -> Usage:
    """Clean a corpus into a folder that goes afterwards; return what that needed. Raises Failed."""
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        out, temporary, settings = folder / "out", folder / "tmp", folder / "settings.yaml"
        temporary.mkdir()
        settings.write_text(json.dumps({"memory": memory} if memory else {}))
        command = [sys.executable, "-m", "cleaner", "run", str(corpus), "-o", str(out), "-c", str(settings)]
        return measured(
            [*command, "--workers", str(workers)],
            every=_EVERY,
            folders=[out, temporary],
            environment={**os.environ, "TMPDIR": str(temporary)},
            fine=(0, 3),  # 3: some input was skipped
            log=folder / "log",
        )


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
    parser.add_argument("--scratch", type=Path, help="where outputs go (default: the temporary folder)")
    parser.add_argument("--json", type=Path, help="put the figures into this file, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
