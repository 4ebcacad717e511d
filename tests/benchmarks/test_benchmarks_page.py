"""docs/benchmarks.md is what its figures make; figures of one benchmark leave those of others alone."""

from __future__ import annotations

import json
from pathlib import Path

import peers
import pytest
import results
import write_docs

DOCS = Path(__file__).parents[2] / "docs"
FIGURES = json.loads((DOCS / "benchmarks.json").read_text(encoding="utf-8"))


def test_the_page_is_what_its_figures_make() -> None:
    assert (DOCS / "benchmarks.md").read_text(encoding="utf-8") == write_docs.page(FIGURES)


def test_the_pictures_are_what_their_figures_make() -> None:
    for name, picture in write_docs.pictures(FIGURES):
        assert (DOCS / "images" / f"{name}.svg").read_text(encoding="utf-8") == picture


def test_a_section_is_put_beside_the_others(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    for section, rows in (("b", [1]), ("a", [2]), ("b", [3])):
        results.store(file, section, {"rows": rows}, ["benchmarks/x.py", str(file), "--fast"])
    stored = json.loads(file.read_text(encoding="utf-8"))
    assert [(name, section["rows"]) for name, section in stored.items()] == [("a", [2]), ("b", [3])]
    assert stored["a"]["command"] == "python benchmarks/x.py figures.json --fast"


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ([(0, 4.0), (1, 9.0)], [(0, 2.0), (1, 3.0)], [2.0, 3.0]),
        ([(1, 9.0)], [(0, 2.0), (1, 3.0)], [3.0]),
        ([(0, 4.0), (1, 9.0)], [(1, 3.0)], [3.0]),
        ([], [(0, 2.0)], []),
    ],
)
def test_ratios_are_taken_within_a_round(
    theirs: list[tuple[int, float]], ours: list[tuple[int, float]], expected: list[float]
) -> None:
    runs = [[{"round": number, "wall": wall} for number, wall in tool] for tool in (theirs, ours)]
    assert peers.ratios(*runs, "wall") == expected
