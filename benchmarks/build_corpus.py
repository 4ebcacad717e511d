"""Builds a corpus of any size with known noise, and beside it the truth about what was planted where.

    python benchmarks/build_corpus.py SOURCE -o DIR --size 1GB
    python benchmarks/build_corpus.py SOURCE -o DIR --size 10GB --files 80 --share 0.2 --seed 7 --format txt

SOURCE is any text: .jsonl (field `text`) and .txt files, also as .gz and .zst, or a folder of them; some
hundred documents are enough. DIR then holds

    corpus/       the documents: part-00000.jsonl …, or 00000/00000000.txt …
    truth.jsonl   one planting a line: kind, what should happen, how it was made, ratio, where both are
    about.json    what it was built of, and counts by kind

What can stand in `kind` and `expected` is told in `cleaner/planting/kinds.py`. Paragraphs count from 0,
records and lines from 1; the record of a .txt is 0. Document k is the same whatever the size; memory does not
grow with it. Files are made by one process a core.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import msgspec

from cleaner.io.compression import decompressed, split_suffix
from cleaner.planting.corpus import Corpus
from cleaner.planting.layout import Layout, document_id, layout_for, truth_row
from cleaner.planting.pool import pool_of
from cleaner.text.codec import decode

SHARE = (
    0.1  # of the paragraphs in which something is to be planted; a third of them lend themselves to nothing
)
_FILE_SIZE = 64_000_000
_UNITS = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000}


def source_texts(source: Path) -> Iterator[str]:
    """Yield the texts of a file or of all .jsonl and .txt files of a folder, in order."""
    files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
    for path in files:
        inner, kind = split_suffix(bytes(path))
        with path.open("rb") as raw:
            stream = decompressed(raw, kind)
            if inner.endswith(b".jsonl"):
                yield from (text for line in stream if isinstance(text := json.loads(line).get("text"), str))
            elif inner.endswith(b".txt"):
                yield decode(stream.read()).text


def build(
    corpus: Corpus,
    layout: Layout,
    folder: Path,
    *,
    workers: int,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> dict[str, object]:
    """Write corpus and truth into `folder`; return what was written."""
    (folder / "corpus").mkdir(parents=True)
    kinds: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    _building["part"] = partial(_write_part, corpus, layout, folder)  # forked, because a pool is large
    with (folder / "truth.jsonl").open("wb") as truth, get_context("fork").Pool(workers) as pool:
        for part, found in enumerate(pool.imap(_build_part, layout.parts())):
            kinds.update(found["kinds"])
            counts.update(found["counts"])
            rows = _truth_part(folder, part)
            with rows.open("rb") as own:
                shutil.copyfileobj(own, truth)
            rows.unlink()
            tell(part + 1, len(layout.parts()))
    return {**counts, "kinds": dict(sorted(kinds.items()))}


_Counts = dict[str, Counter[str]]
_building: dict[str, Callable[[int], _Counts]] = {}


def _build_part(part: int) -> _Counts:
    return _building["part"](part)


def _truth_part(folder: Path, part: int) -> Path:
    return folder / f"truth-{part:05}.part"


def _write_part(corpus: Corpus, layout: Layout, folder: Path, part: int) -> _Counts:
    kinds: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    first = folder / "corpus" / layout.path(layout.numbers(part)[0])
    first.parent.mkdir(exist_ok=True)
    encode = msgspec.json.encode
    with (
        _truth_part(folder, part).open("wb") as truth,
        open(first if layout.jsonl else os.devnull, "wb") as file,
    ):
        for number in layout.numbers(part):
            made = corpus.document(number)
            if layout.jsonl:
                data = encode({"id": document_id(number), "text": made.text}) + b"\n"
                file.write(data)
            else:
                data = made.text.encode()
                (folder / "corpus" / layout.path(number)).write_bytes(data)
            for planting in made.plantings:
                truth.write(encode(truth_row(planting, layout)) + b"\n")
                kinds[planting.kind] += 1
            counts.update(bytes=len(data), documents=1, paragraphs=len(made.paragraphs))
    return {"kinds": kinds, "counts": counts}


def size_of(text: str) -> int:
    """Return the bytes that 100MB, 1.5G or 4096 mean."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?)B?", text.strip().upper())
    if not found:
        raise argparse.ArgumentTypeError(f"no size: {text!r}; 100MB, 1.5GB and 4096 are")
    return int(float(found[1]) * _UNITS[found[2]])


def main() -> None:
    """Build, and print what was built."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True, help="a folder that is not there yet")
    parser.add_argument("--size", type=size_of, default=size_of("100MB"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=SHARE, help=f"of paragraphs to be planted ({SHARE})")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--files", type=int, help="how many files")
    sizes.add_argument("--file-size", type=size_of, default=_FILE_SIZE, help="of each (64MB)")
    parser.add_argument("--format", choices=("jsonl", "txt"), default="jsonl")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.output.exists():
        sys.exit(f"{options.output} is there already")
    started = time.monotonic()
    corpus = Corpus(pool_of(source_texts(options.source)), options.seed, options.share)
    read = time.monotonic() - started
    files = options.files or -(-options.size // options.file_size)
    layout = layout_for(corpus, options.size, files, jsonl=options.format == "jsonl")
    written = build(corpus, layout, options.output, workers=options.workers, tell=_tell)
    about = {"source": options.source.name, "seed": options.seed, "share": options.share} | written
    (options.output / "about.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    took = time.monotonic() - started
    print(json.dumps(about, indent=2))
    print(f"{took:.1f} s, of which {read:.1f} s for the source", file=sys.stderr)


def _tell(done: int, all_: int) -> None:
    print(f"\r{done} of {all_} parts", end="\n" if done == all_ else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
