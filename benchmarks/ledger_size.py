"""How large ledgers are, for texts that arrive in each of the ways in which Vietnamese text breaks.

    python benchmarks/ledger_size.py CORPUS [--count 500] [--only tcvn3] [--fields]

CORPUS is a file of JSON lines (.zst, .gz or plain) with real articles in `text`, or a folder of .txt. Of its
texts, those that a breakage can write are broken and cleaned in three forms: one .txt each as its bytes
(where the breakage has bytes of its own), one .txt each as UTF-8 of what people see, and one file of JSON
lines of the same. Printed is the size of all ledgers by that of all inputs; `--fields` adds what the bytes of
a ledger are, by line and field.

Ends with 1 if a ledger has more than a fifth of its input.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from breakages import TABLES, Breakage, breakages
from clean_texts import articles

_AIM = 0.2
_FIELDS_SHOWN = 25
_PLAIN = Breakage("plain", "utf-8", lambda text: text)


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of inputs and of their ledgers."""

    documents: int
    inputs: int
    ledgers: int
    fields: Counter[str]

    @property
    def ratio(self) -> float:
        """Bytes of ledger to a byte of input."""
        return self.ledgers / max(1, self.inputs)


def write_files(texts: Sequence[str], folder: Path) -> None:
    """Write each text as a .txt; stray bytes, which stand as half characters, as themselves."""
    for number, text in enumerate(texts):
        (folder / f"{number:05}.txt").write_bytes(text.encode("utf-8", "surrogateescape"))


def write_records(texts: Sequence[str], folder: Path) -> None:
    """Write all texts into one file of JSON lines."""
    lines = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    (folder / "corpus.jsonl").write_text("".join(lines), encoding="utf-8")


def inputs(breakage: Breakage, texts: Sequence[str]) -> Iterator[tuple[str, Sequence[str], bool]]:
    """Yield the forms in which the texts arrive: name, texts, and whether as JSON lines."""
    if breakage.form == "bytes":
        yield "bytes, .txt", texts, False
    else:
        yield "UTF-8, .txt", texts, False
        yield "UTF-8, JSON lines", texts, True


def measured(texts: Sequence[str], *, records: bool) -> Size:
    """Clean texts by the command line, in a folder of their own, and measure."""
    with tempfile.TemporaryDirectory() as name:
        source, out = Path(name, "in"), Path(name, "out")
        source.mkdir()
        (write_records if records else write_files)(texts, source)
        command = [sys.executable, "-m", "cleaner", "run", str(source), "-o", str(out)]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode not in (0, 3):
            sys.exit(done.stderr.decode(errors="replace"))
        ledgers = [path.read_bytes() for path in sorted((out / "ledger").iterdir())]
        size = sum(path.stat().st_size for path in source.iterdir())
        found: Counter[str] = Counter()
        for ledger in ledgers:
            for line in ledger.splitlines():
                found.update(dict(line_fields(line)))
    return Size(len(texts), size, sum(map(len, ledgers)), found)


def line_fields(line: bytes) -> Iterator[tuple[str, int]]:
    """Yield the fields of a line of a ledger, and how many bytes each takes with its name."""
    ((kind, value),) = list(json.loads(line).items())[:1]
    left = len(line) + 1
    if not isinstance(value, dict):
        yield f"{kind}", left
        return
    for name, field in value.items():
        size = len(json.dumps({name: field}, ensure_ascii=False, separators=(",", ":")).encode()) - 1
        left -= size
        yield f"{kind}.{name}", size
    yield kind, left


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How large ledgers are, by the text that they are of.")
    parser.add_argument("corpus", type=Path, help="JSON lines with `text` (.zst, .gz), or a folder of .txt")
    parser.add_argument("--count", type=int, default=500, help="texts of each breakage (default: 500)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="one breakage: tcvn3, or tcvn3/bytes")
    parser.add_argument("--fields", action="store_true", help="show what the bytes of the ledgers are")
    return parser.parse_args()


def main() -> None:
    """Print a row for each breakage and form."""
    options = _options()
    texts = articles(options.corpus, options.seed)
    reached = True
    heads = f"{'n':>6}{'input':>11}{'ledger':>10}{'ratio':>8}{'a text':>8}"
    print(f"{'breakage':<16}{'read as':<14}{'form':<19}{heads}")
    for breakage in (_PLAIN, *breakages(TABLES)):
        if options.only not in ("", breakage.name, f"{breakage.name}/{breakage.form}"):
            continue
        able = (broken for text in texts if (broken := breakage.broken(breakage.meant(text))) is not None)
        taken = list(islice(able, options.count))
        for form, arrived, records in inputs(breakage, taken):
            size = measured(arrived, records=records)
            reached &= size.ratio <= _AIM
            figures = f"{size.documents:>6}{size.inputs:>11,}{size.ledgers:>10,}{size.ratio:>8.3f}"
            each = f"{size.ledgers / max(1, size.documents):>8.0f}"
            print(f"{breakage.name:<16}{breakage.form:<14}{form:<19}{figures}{each}", flush=True)
            for name, count in size.fields.most_common(_FIELDS_SHOWN if options.fields else 0):
                print(f"    {name:<28}{count / size.documents:>9.1f} bytes a text")
    sys.exit(not reached)


if __name__ == "__main__":
    main()
