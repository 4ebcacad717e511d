"""Runs the whole job on a corpus, once for each number of workers, and measures it from outside.

    python benchmarks/whole_job.py CORPUS [--workers 1,2,4]

Printed are wall time, processor time, megabytes a second, the peak memory of all processes together (their
resident memory, pages that they share counted once, sampled twice a second), and whether clean
texts and ledgers have the same bytes each time; then how long `verify` takes over the last output.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from hashlib import blake2b
from pathlib import Path

from measuring import measured


def digest(out: Path) -> str:
    """Return a digest of all clean texts and ledgers."""
    seen = blake2b(digest_size=8)
    for file in sorted((*(out / "clean").rglob("*"), *(out / "ledger").rglob("*"))):
        if file.is_file():
            seen.update(os.fsencode(file.relative_to(out)) + b"\0" + file.read_bytes())
    return seen.hexdigest()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--workers", default="1,2,4")
    arguments = parser.parse_args()
    corpus = arguments.corpus.resolve()
    files = [corpus] if corpus.is_file() else [file for file in corpus.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files) / 1e6
    print(f"{size:.1f} MB in {len(files):,} files")
    print(f"{'workers':>8}{'wall s':>9}{'CPU s':>8}{'MB/s':>7}{'peak MB':>9}  clean and ledger")
    with tempfile.TemporaryDirectory() as folder:
        for workers in arguments.workers.split(","):
            out = Path(folder) / workers
            run = [sys.executable, "-m", "cleaner", "run", str(corpus), "-o", str(out), "--workers", workers]
            used = measured(run, fine=(0, 3))
            speed, peak = size / used.wall, used.memory.pss / 1e6
            figures = f"{used.wall:9.1f}{used.processor:8.1f}{speed:7.1f}{peak:9.0f}"
            print(f"{workers:>8}{figures}  {digest(out)}", flush=True)
        used = measured([sys.executable, "-m", "cleaner", "verify", str(out)])
        print(f"{'verify':>8}{used.wall:9.1f}{'':15}{used.memory.pss / 1e6:9.0f}")


if __name__ == "__main__":
    main()
