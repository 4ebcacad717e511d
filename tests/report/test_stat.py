"""The short form of the diff: documents of tests/cases/diff.json, counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cleaner.io.outlines import Outline
from cleaner.io.output import OutputDocument
from cleaner.report.lines import plain
from cleaner.report.selection import Selection
from cleaner.report.stat import BYS, Stat

FOLDER = Path(__file__).parents[1] / "cases"
DOCUMENT = {case["name"]: case for case in json.loads((FOLDER / "diff.json").read_text(encoding="utf-8"))}
CASES = json.loads((FOLDER / "stat.json").read_text(encoding="utf-8"))

Build = Callable[[dict[str, Any]], OutputDocument]
OutlineOf = Callable[[OutputDocument], Outline]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any], build: Build, outline: OutlineOf) -> None:
    documents = [outline(build({**DOCUMENT[name], **more})) for name, more in case["documents"]]
    selection = Selection(**{key: frozenset(names) for key, names in case.get("selection", {}).items()})
    lines = Stat(selection, case.get("by", "rule")).lines(documents)
    assert [plain(line) for line in lines] == case["lines"]


@pytest.mark.parametrize("by", BYS)
def test_rows_agree_with_the_total(by: Any, build: Build, outline: OutlineOf) -> None:
    """Every paragraph that was removed counts for one row, whatever a row is."""
    documents = [
        outline(build({**case, "path": f"{number % 3}/{number}", "id": str(number)}))
        for number, case in enumerate(DOCUMENT.values())
    ]
    head, *rows = [plain(line) for line in Stat(Selection(), by).lines(documents)]
    end = next(number for number, row in enumerate(rows) if row.endswith("  all"))
    removed = [int(row[:10].replace("-", "0")) for row in rows[:end] if by != "rule" or "    " in row[30:36]]
    assert head.endswith(f"  {by}") and len(removed) > 1
    assert sum(removed) == int(rows[end][:10])


def test_a_document_is_shown_before_the_next_is_read(build: Build, outline: OutlineOf) -> None:
    def documents() -> Iterator[Outline]:
        yield outline(build(DOCUMENT["a repeat, the same text"]))
        raise LookupError("the second one")

    lines = Stat(Selection(), "document").lines(documents())
    assert [plain(next(lines))[-8:], plain(next(lines))[-5:]] == ["document", "a.txt"]
    with pytest.raises(LookupError):
        next(lines)
