"""The corpus builder and the quality benchmark, as commands on the sample articles."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden/planting"
HANG = 120


def benchmark(name: str, *arguments: str | Path) -> str:
    command = [sys.executable, str(ROOT / "benchmarks" / name), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=HANG).stdout


def build(out: Path, size: str, *more: str) -> Path:
    benchmark("build_corpus.py", ROOT / "seeds", "-o", out, "--size", size, "--share", "0.25", *more)
    return out


def corpus_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted((folder / "corpus").rglob("*.jsonl")))


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]


def test_a_small_corpus_is_as_it_always_was(tmp_path: Path) -> None:
    built = build(tmp_path / "built", "60KB")
    assert corpus_bytes(built) == (GOLDEN / "corpus.jsonl").read_bytes()
    assert (built / "truth.jsonl").read_bytes() == (GOLDEN / "truth.jsonl").read_bytes()


def test_documents_are_the_same_whatever_size_files_and_workers(tmp_path: Path) -> None:
    built = build(tmp_path / "built", "300KB", "--files", "4", "--workers", "3")
    golden = (GOLDEN / "corpus.jsonl").read_bytes()
    assert corpus_bytes(built)[: len(golden)] == golden
    assert len(list((built / "corpus").iterdir())) == 4


@pytest.mark.parametrize("format_", ["jsonl", "txt"])
def test_truth_names_lines_of_the_files(tmp_path: Path, format_: str) -> None:
    built = build(tmp_path / "built", "1MB", "--format", format_, "--file-size", "100KB")
    told = 0
    for row in rows(built):
        if row["kind"] == "exact":
            first, second = (line(built, row[side]) for side in "ab")
            assert first == second
            told += 1
    assert told
    about = json.loads((built / "about.json").read_text(encoding="utf-8"))
    assert about["kinds"] == dict(sorted(Counter(row["kind"] for row in rows(built)).items()))
    files = [file for file in (built / "corpus").rglob("*") if file.is_file()]
    assert about["bytes"] == sum(file.stat().st_size for file in files)


def line(built: Path, place: dict[str, Any]) -> str:
    text = (built / "corpus" / place["path"]).read_text(encoding="utf-8")
    if place["record"]:
        record = json.loads(text.split("\n")[place["record"] - 1])
        assert record["id"] == place["document"]
        text = record["text"]
    return str(text.split("\n")[place["line"] - 1])


def test_quality_counts_every_planting(tmp_path: Path) -> None:
    kept, figures, picture = tmp_path / "kept", tmp_path / "figures.json", tmp_path / "curve.svg"
    pairs = tmp_path / "pairs.jsonl"
    labelled = [
        {"a": "Tàu cá rời bến sớm để tránh bão số 5 đang vào bờ.", "label": "duplicate", "keep": None},
        {"a": "Tàu cá rời bến sớm để tránh bão số 6 đang vào bờ.", "label": "distinct", "keep": None},
    ]
    for row in labelled:
        row["b"] = "Tàu cá rời bến sớm để tránh bão số 5 đang vào bờ!"
    pairs.write_text("\n".join(map(json.dumps, labelled)), encoding="utf-8")
    options = ("--size", "1MB", "--keep", kept, "--json", figures, "--labelled", pairs, "--svg", picture)
    told = benchmark("quality.py", ROOT / "seeds", *options, "--workers", "2", "--show", "2")
    found = json.loads(figures.read_text(encoding="utf-8"))
    counted: Counter[str] = Counter(f"{row['kind']} {row['expected']}" for row in rows(kept))
    assert {name: tally["planted"] for name, tally in found["kinds"].items()} == counted
    assert found["kinds"]["exact either"]["right"] == found["kinds"]["exact either"]["planted"]
    assert found["kinds"]["trap_number none"]["wrong"] == 0
    assert "recall at ratio 90 or more" in told
    by_level = {(point["facts"], point["threshold"]): point for point in found["labelled"]}
    assert by_level["default", 90]["right"] == by_level["default", 90]["drops"] == 2
    assert (by_level["off", 90]["right"], by_level["off", 90]["drops"]) == (2, 4)
    assert picture.read_text(encoding="utf-8").startswith("<svg")
