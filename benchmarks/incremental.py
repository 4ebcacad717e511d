"""What a later run costs, and whether documents that come in ten runs end as those that come in one.

    python benchmarks/incremental.py CORPUS [--workers 2] [--parts 10] [--json FILE]

CORPUS is a folder of .jsonl files, or one such file. One document in a hundred is put aside, the others are
cleaned; then the hundredth part comes as a new file, then nothing. Times are wall seconds. After that, unless
`--parts 0`, the corpus is cut into so many files: once they come together, once one by one, and the clean
texts are compared. They may differ where a later paragraph says more than one that was published before, and
in what depends on that: such newcomers are counted, and so are the paragraphs that went in one case only and
are linked to none of these by pairs of alike paragraphs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from results import store

from cleaner.planted import Key, output_of

_ONE_IN = 100


def main() -> None:
    """Measure, print and store."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        figures = {"workers": options.workers, "later": _later(options, Path(name) / "later")}
        if options.parts:
            figures["parts"] = _in_parts(options, Path(name) / "parts")
    if options.json:
        store(options.json, "incremental", figures)


def _later(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Clean 99 % of a corpus, then the rest, then nothing."""
    given, out = folder / "in", folder / "out"
    given.mkdir(parents=True)
    with (folder / "new.jsonl").open("wb") as new:
        for file in _files(options.corpus):
            with (given / file.name).open("wb") as rest:
                for number, line in enumerate(_lines(file)):
                    (rest if number % _ONE_IN else new).write(line)
    size = sum(file.stat().st_size for file in given.iterdir())
    whole, summary = _run(given, out, options.workers)
    (folder / "new.jsonl").rename(given / "zzz-new.jsonl")
    later, _ = _run(given, out, options.workers)
    nothing, _ = _run(given, out, options.workers)
    print(f"{size / 1e6:,.0f} MB, {summary['paragraphs']:,} paragraphs: {whole:.1f} s")
    print(f"1 % new: {later:.1f} s, {100 * later / whole:.1f} % (aim: {0.05 * whole + 2:.1f} s)")
    print(f"nothing new: {nothing:.2f} s (aim: 2 s)")
    return {
        "bytes": size,
        "paragraphs": summary["paragraphs"],
        "whole": whole,
        "later": later,
        "nothing": nothing,
    }


def _in_parts(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Clean a corpus at once and part by part, and compare the clean texts."""
    lines = [line for file in _files(options.corpus) for line in _lines(file)]
    given = folder / "in"
    given.mkdir(parents=True)
    richer = 0
    for part in range(options.parts):
        chunk = lines[len(lines) * part // options.parts : len(lines) * (part + 1) // options.parts]
        (given / f"part-{part:03}.jsonl").write_bytes(b"".join(chunk))
        _, summary = _run(given, folder / "one-by-one", options.workers)
        richer += summary.get("richer", 0)
    _run(given, folder / "together", options.workers)
    documents = differ = 0
    for file in sorted((folder / "together" / "clean").iterdir()):
        other = folder / "one-by-one" / "clean" / file.name
        for one, two in zip(_lines(file), _lines(other), strict=True):
            documents += 1
            differ += one != two
    paragraphs, unexplained = _traced(folder / "together", folder / "one-by-one")
    print(
        f"in {options.parts} runs: {differ:,} of {documents:,} clean documents differ, by {paragraphs:,}"
        f" paragraphs; {richer:,} newcomers say more than what stands, and explain all but {unexplained:,}"
    )
    return {
        "parts": options.parts, "documents": documents, "differ": differ, "richer": richer,
        "paragraphs": paragraphs, "unexplained": unexplained,
    }  # fmt: skip


def _traced(together: Path, one_by_one: Path) -> tuple[int, int]:
    """Count the paragraphs that went in one output only, and those of them that no chain of pairs links to a
    newcomer that says more than what was published.
    """
    groups: dict[Key, Key] = {}

    def group(key: Key) -> Key:
        while (above := groups.setdefault(key, key)) != key:
            groups[key] = key = groups[above]
        return key

    gone = []
    richer: list[Key] = []
    for out in (together, one_by_one):
        drops = {key: drop for key, drop in output_of(out).drops.items() if drop.stage == "near_duplicate"}
        gone.append(drops.keys())
        for key, drop in drops.items():
            groups[group(key)] = group(drop.survivor or key)
        for file in sorted((out / "state" / "edges").iterdir()):
            for edge in map(json.loads, _lines(file)):
                if "reason" in edge:  # alike from the threshold on
                    a, b = ((edge[side]["document"], edge[side]["place"][0]) for side in "ab")
                    groups[group(a)] = group(b)
                    later = out is one_by_one and edge["a"]["path"] < edge["b"]["path"]
                    more = edge["facts"][1] > edge["facts"][0] and (edge["drop_a"] or edge["drop_b"])
                    if later and more:
                        richer.append(a)
    explained = {*map(group, richer)}
    differ = gone[0] ^ gone[1]
    return len(differ), sum(group(key) not in explained for key in differ)


def _run(given: Path, out: Path, workers: int) -> tuple[float, dict[str, Any]]:
    started = time.monotonic()
    command = [
        sys.executable,
        "-m",
        "cleaner",
        "run",
        str(given),
        "-o",
        str(out),
        "--workers",
        str(workers),
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in (0, 3):
        sys.exit(done.stderr.decode())
    return time.monotonic() - started, json.loads(done.stdout)


def _files(corpus: Path) -> list[Path]:
    return [corpus] if corpus.is_file() else sorted(corpus.glob("*.jsonl"))


def _lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        yield from stream


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--parts", type=int, default=10)
    parser.add_argument("--scratch", type=Path, help="where outputs go (default: the temporary folder)")
    parser.add_argument("--json", type=Path, help="put the figures into this file, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
