"""docs/reliability.md names tests that are there, and every kind of bad input."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs/reliability.md").read_text(encoding="utf-8")
FILES = sorted(set(re.findall(r"`([\w/]+\.py)(?:::\w+)?`", PAGE)))
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))
RANGES = re.findall(r"^\| ([BSJFKO])(\d\d) to \1(\d\d) \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_is_named_is_there(file: str, name: str) -> None:
    assert f"\ndef {name}(" in (TESTS / file).read_text(encoding="utf-8")


def test_files_that_are_named_are_there() -> None:
    assert [file for file in FILES if not (TESTS / file).exists()] == []
    assert len(NAMED) >= 40


def test_every_bad_input_is_of_a_kind_that_is_named() -> None:
    cases = json.loads((TESTS / "cases/bad_inputs.json").read_text(encoding="utf-8"))
    told = {
        f"{kind}{number:02}" for kind, first, last in RANGES for number in range(int(first), int(last) + 1)
    }
    assert told - {case["id"] for case in cases} == {"F13"}
    assert {case["id"] for case in cases} <= told
