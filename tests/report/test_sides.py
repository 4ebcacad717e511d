"""What was and what stands, side by side: whole, or cut as below each other; and in columns."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from cleaner.io.output import OutputDocument
from cleaner.report.lines import for_terminal, plain
from cleaner.report.selection import Selection
from cleaner.report.sides import in_columns, sides
from cleaner.report.terminal import document_lines
from cleaner.report.told import Teller

CASES = json.loads((Path(__file__).parents[1] / "cases" / "diff.json").read_text(encoding="utf-8"))
SIDES = json.loads((Path(__file__).parents[1] / "cases" / "sides.json").read_text(encoding="utf-8"))
CASE = {case["name"]: case for case in CASES}

Build = Callable[[dict[str, Any]], OutputDocument]


def _no_reason(_stage: str, _rule: str) -> str:
    return ""


@pytest.mark.parametrize("row", SIDES, ids=lambda row: row["case"])
def test_what_was_and_what_stands(row: dict[str, Any], build: Build) -> None:
    document = build(CASE[row["case"]])
    teller = Teller(document, _no_reason)
    told = [*map(teller.change, teller.stories), *map(teller.suspect, document.suspects)]
    assert [[[list(piece) for piece in side] for side in sides(each)] for each in told] == row["sides"]


@pytest.mark.parametrize("case", CASES, ids=CASE)
@pytest.mark.parametrize("colour", [True, False])
def test_columns_fit_and_lose_nothing(case: dict[str, Any], colour: bool, build: Build) -> None:
    document = build(case)

    def rows(width: int) -> list[str]:
        body = in_columns(width, colour=colour)
        return [plain(line) for line in document_lines(document, Selection(), _no_reason, body)]

    def letters(lines: list[str]) -> list[str]:
        return sorted("".join(lines).replace("│", "").replace(" ", ""))

    for width in (40, 57, 120):
        narrow = [row for row in rows(width) if "│" in row]
        if not colour:  # with colours the marks that `plain` spells are none
            assert all(cell_len(row) <= width for row in narrow)
        assert {cell_len(row.partition("│")[0]) for row in narrow} <= {(width - 3) // 2 + 1} or colour
        assert letters(rows(width)) == letters(rows(20_000)) or colour


def test_colours_of_columns_are_those_of_single_lines(build: Build) -> None:
    document = build(CASE["odd spaces are seen where they change"])
    body = in_columns(80, colour=True)
    spell = for_terminal(80, colour=True)
    lines = [spell(line) for line in document_lines(document, Selection(), _no_reason, body)]
    assert any("\x1b[9;31m[U+00A0]\x1b[0m" in line for line in lines)
