"""The circuit breaker: what stops a run, what does not, and that a run which was stopped leaves no trace."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleaner.errors import LimitError
from cleaner.io.figures import Figures
from cleaner.io.state import Folders, read_manifest
from cleaner.limits import beyond
from cleaner.plan import Options
from cleaner.settings import LimitSettings

CASES = json.loads((Path(__file__).parent / "cases/limits.json").read_text(encoding="utf-8"))
COUNTS = ("documents", "paragraphs", "empty", "emptied_by_rules")
FORCE = Options(force_publish=True)
RULE = {
    "id": "short",
    "pattern": ".{1,60}",
    "examples": ["A short line."],
    "counter_examples": ["A line that is longer than sixty characters is not a short line here."],
}
GREEDY = {"boilerplate": {"rules": [RULE]}, "limits": {"min_documents": 3}}


def figures(values: dict[str, Any]) -> Figures:
    told = {name: value for name, value in values.items() if name not in (*COUNTS, "times")}
    return Figures("", 0.0, counts={name: values.get(name, 0) for name in COUNTS}, **told)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_stops_a_run_and_what_does_not(case):
    earlier = [figures(each) for each in case.get("earlier", ()) for _ in range(each.get("times", 1))]
    limits = LimitSettings.model_validate(case.get("limits", {}))
    found = beyond(limits, figures(case["run"]), earlier)
    assert sorted(each.limit for each in found) == [f"limits.{name}" for name in case["over"]]
    assert not found or re.search(case.get("told", ""), found[0].advice), found


def test_at_least_as_many_rows_do_not_stop():
    assert 2 * sum(not case["over"] for case in CASES) >= len(CASES)


@pytest.fixture
def inputs(tmp_path, fill) -> Path:
    """Five texts of which the rule above takes every other line, and one that cannot be read."""
    texts = {
        f"{number}.txt": f"Number {number} is a text of its own, and its line is long enough to stay.\n"
        f"Short line {number}.\n"
        for number in range(5)
    }
    return fill(tmp_path / "in", {**texts, "bad.jsonl": "bad\n"})


@pytest.fixture
def stopped(clean, tmp_path) -> Callable[..., str]:
    """Return what makes a run that is to be stopped, and returns what it said."""

    def stopped(out: Path, **settings: Any) -> str:
        with pytest.raises(LimitError) as caught:
            clean(tmp_path / "in", out, **{**GREEDY, **settings})
        return str(caught.value)

    return stopped


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stopped_run_leaves_the_output_as_it_was(inputs, clean, stopped, fill, stamps, tmp_path, workers):
    out = tmp_path / "out"
    clean(inputs, out)
    fill(inputs, {f"{number}.txt": f"Another short line {number}.\n" for number in range(9)})
    before = stamps(out)
    told = stopped(out, workers=workers)
    assert "own.short would drop 100.0 % of paragraphs (9 of 9; " in told
    assert "--force-publish" in told and "boilerplate.actions: {own.short: report}" in told
    after = stamps(out)
    del before["state/lock"], after["state/lock"]  # every run takes it
    assert after == before and not (out / "state/stage").exists()


def test_a_stopped_first_run_leaves_an_output_without_runs(inputs, stopped, tmp_path, tree):
    stopped(tmp_path / "out")
    assert set(tree(tmp_path / "out")) == {"state/lock"}


@pytest.mark.parametrize("earlier", [False, True])
def test_forced_it_gives_the_bytes_of_a_run_without_limits(
    inputs, clean, stopped, fill, tree, tmp_path, earlier
):
    without = {**GREEDY, "limits": {"enabled": False}}
    for name in ("one", "two"):
        if earlier:
            clean(inputs, tmp_path / name)
    if earlier:
        fill(inputs, {f"{number}.txt": f"Another short line {number}.\n" for number in range(9)})
    stopped(tmp_path / "one")
    forced = clean(inputs, tmp_path / "one", options=FORCE, **GREEDY)
    plain = clean(inputs, tmp_path / "two", **without)
    places = ("clean", "ledger", "state/index", "state/edges")
    assert tree(tmp_path / "one", *places) == tree(tmp_path / "two", *places)
    assert "published all the same: own.short would drop" in forced.note
    assert "all the same" not in plain.note
    over = [
        read_manifest(Folders(os.fsencode(tmp_path / name)), 1 + earlier).figures.over
        for name in ("one", "two")
    ]
    assert set(over[0]) >= {"limits.one_rule"} and over[1] == ()


def test_a_dry_run_tells_that_it_would_be_stopped(inputs, clean, tmp_path):
    outcome = clean(inputs, tmp_path / "out", options=Options(dry_run=True), **GREEDY)
    assert outcome.exit_code == 8 and outcome.summary.dry and not (tmp_path / "out").exists()
    assert "a run would publish nothing: own.short would drop 50.0 % of paragraphs" in outcome.note
    outcome = clean(inputs, tmp_path / "out", options=Options(dry_run=True, force_publish=True), **GREEDY)
    assert outcome.exit_code == 3 and "would be published all the same: own.short" in outcome.note


def test_the_command_ends_with_8_and_one_line(inputs, command, fill, tmp_path):
    fill(tmp_path, {"config.yaml": json.dumps({"input": ["in"], **GREEDY})})
    ended = command("run", "--quiet")
    assert (ended.returncode, ended.stdout) == (8, b"")
    assert re.fullmatch(
        rb"cleaner: error: nothing was published: own\.short would drop [^\n]*"
        rb"limits\.one_rule allows 20 %; if that is right, --force-publish; else change [^\n]* \(exit 8\)\n"
        rb"cleaner: error: nothing was published: boilerplate rules would drop [^\n]*\(exit 8\)\n",
        ended.stderr,
    ), ended.stderr
    forced = command("run", "--force-publish")
    assert forced.returncode == 3 and b"published all the same: own.short" in forced.stderr
    assert command("run", "--quiet", "--force-publish", "--reprocess", "--exclude", "bad*").stderr == b""


def test_mirror_withdraws_no_more_than_the_limit(inputs, clean, tmp_path, tree):
    out = tmp_path / "out"
    clean(inputs, out)
    before = tree(out)
    for number in range(4):
        os.unlink(inputs / f"{number}.txt")
    mirror = Options(mirror=True)
    with pytest.raises(LimitError, match=r"80\.0 % of documents \(4 of 5; "):
        clean(inputs, out, options=mirror, limits={"min_documents": 3})
    assert tree(out) == before
    clean(inputs, out, options=mirror)  # four documents are few
    assert set(tree(out, "clean")) == {"clean/4.txt", "clean/bad.jsonl"}


@pytest.mark.parametrize(
    ("limit", "stops"),
    [("one_rule", True), ("all_rules", True), ("empty", False), ("duplicates", False), ("skipped", False)],
)
def test_each_limit_is_asked_of_what_it_is_about(inputs, clean, tmp_path, limit, stops):
    others = ("one_rule", "all_rules", "empty", "duplicates", "skipped", "withdrawn")
    limits = {"min_documents": 3, **dict.fromkeys(others, 100), limit: 1}
    os.unlink(inputs / "bad.jsonl")
    if stops:
        with pytest.raises(LimitError, match=f"limits.{limit} allows 1 %"):
            clean(inputs, tmp_path / "out", boilerplate={"rules": [RULE]}, limits=limits)
    else:
        clean(inputs, tmp_path / "out", boilerplate={"rules": [RULE]}, limits=limits)


def test_limits_are_no_settings_that_clean_otherwise(inputs, clean, tmp_path):
    clean(inputs, tmp_path / "out")
    assert not clean(inputs, tmp_path / "out", limits={"enabled": False}).note.count("other settings")


def test_documents_that_rules_emptied_are_told_from_copies(fill, clean, tmp_path):
    text = "A line that is longer than sixty characters, so that only its copies go, as they should.\n"
    fill(
        tmp_path / "in",
        {
            "a.txt": text + "Short.\n",
            "b.txt": text + "Short.\n",  # a copy, and a short line
            "c.txt": "Only a short line.\n",
            "d.txt": "Two short lines.\nTwo short lines of text.\n",
            "e.txt": "",
        },
    )
    counts = clean(tmp_path / "in", tmp_path / "out", boilerplate={"rules": [RULE]}).summary.counts
    assert (counts["documents"], counts["empty"], counts["emptied_by_rules"]) == (5, 4, 2)
