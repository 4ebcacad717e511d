"""How fast the encoding stage is beside ftfy, in one run, so that only the ratios need be compared.

    python benchmarks/encoding_speed.py CORPUS [--megabytes 4] [--json FILE]

Four works over lines of the corpus, in turns, the best of three of each, in seconds of the processor: the
stage (one call an article) and `ftfy.fix_text` (one call a line), on clean lines and on the same lines as
UTF-8 read as cp1252. Megabytes are those of the lines given, in UTF-8.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import ftfy
from breakages import mojibake_windows1252
from clean_texts import Stage, articles, paragraphs

_ROUNDS = 3
Documents = Sequence[Sequence[str]]


def seconds(work: Callable[[Documents], None], documents: Documents) -> float:
    """Return the time of the processor that `work` takes."""
    started = time.process_time()
    work(documents)
    return time.process_time() - started


def clean_documents(corpus: Path, seed: int, size: int, stage: Stage) -> list[tuple[str, ...]]:
    """Return articles of about `size` bytes, without the lines that the stage changes."""
    documents = []
    for text in articles(corpus, seed):
        if size <= 0:
            break
        lines = paragraphs(text)
        same = zip(lines, stage.repaired(lines), strict=True)
        documents.append(tuple(line for line, repaired in same if line == repaired))
        size -= _bytes([documents[-1]])
    return documents


def _bytes(documents: Documents) -> int:
    return sum(len(line.encode("utf-8", "surrogateescape")) for lines in documents for line in lines)


def _by_ftfy(documents: Documents) -> None:
    for lines in documents:
        for line in lines:
            ftfy.fix_text(line)


def main() -> None:
    """Read the options, print the table."""
    parser = argparse.ArgumentParser(description="Speed of the encoding stage beside ftfy.")
    parser.add_argument("corpus", type=Path, help="JSON lines with `text` (.zst, .gz), or a folder of .txt")
    parser.add_argument("--megabytes", type=float, default=4, help="of clean lines (default: 4)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    options = parser.parse_args()
    stage = Stage()

    def by_stage(documents: Documents) -> None:
        for lines in documents:
            stage.encoding(lines)

    clean = clean_documents(options.corpus, options.seed, int(options.megabytes * 1e6), stage)
    broken = [tuple(map(mojibake_windows1252, lines)) for lines in clean]
    works = [
        (name, documents, who, work)
        for name, documents in (("clean", clean), ("mojibake", broken))
        for who, work in (("stage", by_stage), ("ftfy", _by_ftfy))
    ]
    rounds = [[seconds(work, documents) for _, documents, _, work in works] for _ in range(_ROUNDS)]
    best = list(map(min, zip(*rounds, strict=True)))
    print(f"{'lines':<10}{'MB':>7}{'stage MB/s':>12}{'ftfy MB/s':>12}{'stage : ftfy':>14}")
    rows = []
    for place in (0, 2):
        name, documents, _, _ = works[place]
        size = _bytes(documents) / 1e6
        ours, theirs = size / best[place], size / best[place + 1]
        rows.append({"lines": name, "megabytes": size, "stage": ours, "ftfy": theirs})
        print(f"{name:<10}{size:>7.1f}{ours:>12.2f}{theirs:>12.2f}{ours / theirs:>13.2f}x")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
