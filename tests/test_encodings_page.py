"""docs/encodings.md: what it promises is what the stage does, and it is just what the code makes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cleaner.settings import EncodingSettings
from cleaner.stages.base import NearMiss, Step
from cleaner.stages.encoding import RULES, Encoding

DOCS = Path(__file__).parents[1] / "docs"
PAGE = json.loads((Path(__file__).parent / "cases" / "encodings_doc.json").read_text(encoding="utf-8"))
CASES = [case for section in PAGE.values() for case in section]


def treated(case: dict[str, Any]) -> tuple[str, list[Step], list[NearMiss]]:
    """Return a text, whose lines are paragraphs, as the stage leaves it, its steps and its near misses."""
    paragraphs = case["before"].split("\n")
    outcomes = Encoding(EncodingSettings(**case.get("settings", {})))(paragraphs)
    after = list(paragraphs)
    for number, outcome in outcomes.items():
        if outcome.steps:
            after[number] = outcome.steps[-1].text or ""
    steps = [step for outcome in outcomes.values() for step in outcome.steps]
    misses = [miss for outcome in outcomes.values() for miss in outcome.near_misses]
    return "\n".join(after), steps, misses


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_stage_does_what_the_page_says(case: dict[str, Any]) -> None:
    after, steps, misses = treated(case)
    assert after == case["after"]
    assert list(dict.fromkeys(step.rule for step in steps)) == case.get("rules", [])
    assert list(dict.fromkeys(miss.rule for miss in misses)) == case.get("listed", [])


@pytest.mark.parametrize("case", PAGE["repaired"], ids=[case["name"] for case in PAGE["repaired"]])
def test_what_is_repaired_is_left_alone(case: dict[str, Any]) -> None:
    again = {**case, "before": case["after"]}
    assert treated(again) == (case["after"], [], [])


def test_what_is_left_is_left() -> None:
    for case in (*PAGE["left"], *PAGE["other_languages"]):
        assert case["before"] == case["after"] and not case.get("rules")


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_encodings", DOCS / "make_encodings.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_generator_makes() -> None:
    """Run `python docs/make_encodings.py` after a change of the cases, the limits or the figures."""
    assert generator().page() == (DOCS / "encodings.md").read_text(encoding="utf-8")


def test_every_rule_of_the_stage_is_on_the_page() -> None:
    assert {rule for case in PAGE["repaired"] for rule in case["rules"]} == set(RULES)
