"""Runs other deduplicators beside `cleaner run`, in turns, on the same file and cores, and measures them.

    python benchmarks/peers.py CORPUS.jsonl [--rounds 3] [--only dolma] [--variants] [--json FILE]

Each tool (`peer_table.py`) has a virtual environment of its own, made at the first run below --environments
and used offline after that. A round runs every tool once, so that a machine that is slower for a while is so
for all; ratios are taken within a round. Printed are medians over the rounds: wall and processor seconds, how
many times as long as cleaner that is, with the least and the most, and the peak memory of all processes
together (pages that they share counted once). Then, counted once, what went as duplicates: documents, lines,
those with a number that no line like them states any more; and how many lines of 40 characters or more still
repeat an earlier one.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from environments import NotInstalled, default_folder, python_of
from measuring import Failed, Usage, measured
from peer_losses import Corpus, counted, gone
from peer_table import ENVIRONMENTS, TOOLS, Inputs, Job, Tool
from results import store

_OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def main() -> None:
    """Make environments and inputs, measure round by round, count, print."""
    options = _options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.workers])
    pythons = dict(_installed(_wanted(options), options.environments))
    tools = [tool for tool in TOOLS if tool.name in pythons]
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        inputs = prepared(options.corpus.resolve(), Path(folder) / "inputs", options.workers)
        before = counted([inputs.file])
        entries = {tool.name: _entry(tool) for tool in tools}
        figures = {"corpus": _about(inputs, before), "tools": entries}
        for number, tool in product(range(options.rounds), tools):
            job = Job(pythons[tool.name], inputs, Path(folder) / "run", options.workers)
            try:
                used = _run(tool, job, options.limit)
                entries[tool.name]["runs"].append({"round": number, **asdict(used)})
                entries[tool.name]["gone"] = entries[tool.name]["gone"] or _gone(tool, job, before)
                print(f"round {number + 1}  {tool.name:<26}{used.wall:8.1f} s", file=sys.stderr, flush=True)
            except Failed as failure:
                entries[tool.name]["failed"] = str(failure)
                print(f"{tool.name}: {failure}", file=sys.stderr)
            shutil.rmtree(job.folder)
            if options.json:
                store(options.json, "peers", figures)
    print("\n".join(_table(entries)))


def prepared(corpus: Path, folder: Path, workers: int) -> Inputs:
    """Write the corpus in the forms that tools need."""
    rows = [json.loads(line) for line in corpus.open(encoding="utf-8")]
    named = [{"id": str(row["id"]), "source": "corpus", "text": row["text"]} for row in rows]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in named]
    parts, whole = folder / "parts", folder / "whole"
    for made in (parts, whole):
        made.mkdir(parents=True)
    share = -(-len(lines) // workers)
    for part in range(workers):
        text = "".join(lines[part * share : (part + 1) * share])
        (parts / f"part-{part}.jsonl").write_text(text, encoding="utf-8")
    with gzip.open(whole / "corpus.jsonl.gz", "wt", encoding="utf-8") as output:
        output.writelines(lines)
    return Inputs(corpus, parts, whole, len(rows), sum(len(row["text"].split()) for row in rows))


def ratios(runs: Sequence[dict[str, Any]], ours: Sequence[dict[str, Any]], what: str) -> list[float]:
    """Return how many times as much as cleaner a tool took, in each round that both ended."""
    by_round = {run["round"]: run[what] for run in ours}
    return [run[what] / by_round[run["round"]] for run in runs if run["round"] in by_round]


def spread(values: Sequence[float]) -> str:
    """Return the median of values, with the least and the most behind it if there are several."""
    if len(values) < 2:
        return "".join(f"{value:.2f}" for value in values)
    return f"{median(values):.2f} ({min(values):.2f}\u2013{max(values):.2f})"


def _entry(tool: Tool) -> dict[str, Any]:
    return {"how": tool.how, "variant": tool.variant, "does": asdict(tool.does), "gone": {}, "runs": []}


def _about(inputs: Inputs, corpus: Corpus) -> dict[str, Any]:
    counts = {"documents": corpus.documents, "lines": corpus.lines, "repeats": corpus.repeats}
    return {"name": inputs.file.name, "bytes": inputs.file.stat().st_size, **counts}


def _run(tool: Tool, job: Job, limit: float) -> Usage:
    """Run the commands of a tool in a fresh folder and return what they needed together."""
    job.folder.mkdir()
    environment, log = {**os.environ, **_OFFLINE}, job.folder / "log"
    environment["RAYON_NUM_THREADS"] = str(job.workers)
    used = Usage()
    os.sync()  # else what the one before left to be written is waited for by whoever asks that its own is
    for command in tool.commands(job):
        used = used.then(
            measured(command, environment=environment, limit=limit, log=log, folders=[job.folder])
        )
    for command in tool.exports(job):
        measured(command, environment=environment, log=log)
    return used


def _gone(tool: Tool, job: Job, before: Corpus) -> dict[str, int]:
    kept = counted(sorted(job.folder.glob(tool.kept)))
    published = counted(sorted(job.folder.glob(tool.published))) if tool.published else kept
    return asdict(gone(before, kept, published))


def _wanted(options: argparse.Namespace) -> list[Tool]:
    def named(tool: Tool) -> bool:
        if options.only:
            return any(tool.name.startswith(name) for name in options.only)
        return options.variants or not tool.variant

    return [tool for tool in TOOLS if tool.name == "cleaner" or named(tool)]


def _installed(tools: Sequence[Tool], folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield each tool with its Python; tell which cannot be installed and go on without."""
    for tool in tools:
        name = tool.environment
        try:
            yield tool.name, python_of(folder, name, ENVIRONMENTS[name]) if name else Path(sys.executable)
        except NotInstalled as reason:
            print(f"{tool.name} is left out: {reason}", file=sys.stderr)


def _table(tools: dict[str, dict[str, Any]]) -> Iterator[str]:
    ours = tools["cleaner"]["runs"]
    yield (
        f"{'':<26}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}{'times wall':>22}{'times CPU':>20}"
        f"{'documents gone':>16}{'lines':>8}{'figures':>9}{'repeats left':>14}"
    )
    for name, entry in tools.items():
        if not (runs := entry["runs"]):
            yield f"{name:<26}  {entry['failed']}"
            continue
        wall, spent = (median(run[what] for run in runs) for what in ("wall", "processor"))
        peak = max(run["memory"]["pss"] for run in runs) / 1e6
        times = f"{spread(ratios(runs, ours, 'wall')):>22}{spread(ratios(runs, ours, 'processor')):>20}"
        lost = entry["gone"]
        counts = (
            f"{lost['documents']:>16,}{lost['lines']:>8,}{lost['figures']:>9,}{lost['repeats_left']:>14,}"
        )
        yield f"{name:<26}{wall:>8.1f}{spent:>8.1f}{peak:>9.0f}{times}{counts}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path, help="JSON lines with `id` and `text`")
    parser.add_argument("--rounds", type=int, default=3, help="how often each tool runs (default: 3)")
    parser.add_argument(
        "--workers", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores"
    )
    parser.add_argument("--only", action="append", help="only tools whose name begins so, besides cleaner")
    parser.add_argument("--variants", action="store_true", help="also the other ways to run some tools")
    parser.add_argument("--environments", type=Path, default=default_folder(), help="where they stay")
    parser.add_argument("--scratch", type=Path, help="where the tools write (default: the temporary folder)")
    parser.add_argument("--limit", type=float, default=1800, help="most seconds of a command (default: 1800)")
    parser.add_argument("--json", type=Path, help="put the figures into this file, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
