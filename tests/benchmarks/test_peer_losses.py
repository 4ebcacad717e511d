"""What is said to be gone from a corpus is gone, and only that."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import peer_losses
import pytest

CASES = json.loads((Path(__file__).parents[1] / "cases" / "peer_losses.json").read_text(encoding="utf-8"))


def corpus(file: Path, *texts: str) -> peer_losses.Corpus:
    lines = "".join(json.dumps({"id": "a", "text": text}) + "\n" for text in texts)
    file.write_bytes(gzip.compress(lines.encode()) if file.suffix == ".gz" else lines.encode())
    return peer_losses.counted([file])


@pytest.mark.parametrize("case", CASES["figures"], ids=[case["name"] for case in CASES["figures"]])
def test_lines_whose_number_stands_nowhere_any_more(case: dict[str, Any], tmp_path: Path) -> None:
    before = corpus(tmp_path / "before.jsonl", "\n".join(case["before"]))
    kept = corpus(tmp_path / "kept.jsonl.gz", "\n".join(case["kept"]))
    assert peer_losses.gone(before, kept, kept).figures == case["lost"]


def test_documents_lines_and_repeats_are_counted(tmp_path: Path) -> None:
    line = "Công an quận xác nhận trên địa bàn có xảy ra vụ việc."
    before = corpus(tmp_path / "before.jsonl", f"{line}\n\nNgắn\n{line}", line, "Ngắn\nNgắn")
    kept = corpus(tmp_path / "kept.jsonl", f"{line}\n\nNgắn\n{line}", "", "Ngắn")
    gone = peer_losses.gone(before, kept, kept)
    assert before.repeats == 2
    assert (gone.documents, gone.lines, gone.repeats_left) == (1, 2, 1)
