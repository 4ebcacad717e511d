"""The input formats, in one literal table. A format is a module that keeps the promises of `Format`."""

from __future__ import annotations

from cleaner.io.formats import jsonl, parquet, txt
from cleaner.io.formats.base import Format

FORMATS: dict[str, Format] = {"txt": txt.Txt(), "jsonl": jsonl.Jsonl(), "parquet": parquet.Parquet()}
EXTENSIONS: dict[bytes, str] = {
    b".txt": "txt",
    b".text": "txt",
    b".jsonl": "jsonl",
    b".ndjson": "jsonl",
    b".parquet": "parquet",
}
