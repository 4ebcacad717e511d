"""`cleaner history`: what runs did, also those of older versions, while others work, and in other words."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cleaner.io.ledger import digest
from cleaner.io.lock import locked
from cleaner.io.state import Folders, read_manifest
from cleaner.plan import Options
from cleaner.report.history import history_command

GOLDEN = Path(__file__).parents[1] / "golden"
LINE = "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường."
FIRST = 1_700_000_000  # 2023-11-14 22:13:20 UTC
DAY = 86_400


@pytest.fixture
def told(capsys):
    """Return what gives the lines that the command prints, of one line a run as values."""

    def told(out: Path, count: int = 20, *, as_json: bool = False) -> list:
        assert history_command(str(out), count, json=as_json) == 0
        lines = capsys.readouterr().out.splitlines()
        return [json.loads(line) for line in lines] if as_json else lines

    return told


@pytest.fixture
def out(tmp_path, fill, clean) -> Path:
    """An output after three runs, a day apart; the third has nothing to do, the last something bad."""
    for day, files in enumerate(
        [{"a.txt": f"{LINE}\nĐọc thêm\n{LINE}\nA\xa0line.\n"}, {"b.txt": LINE}, {}, {"c.jsonl": "bad\n"}]
    ):
        clean(fill(tmp_path / "in", files), tmp_path / "out", clock=lambda day=day: FIRST + day * DAY)
    return tmp_path / "out"


def test_the_table_has_a_line_a_run(out, told):
    head, *rows = told(out)
    assert head.split() == [
        "run", "began", "(UTC)", "inputs", "documents", "paragraphs", "removed", "%", "edited", "held",
        "back", "skipped", "in", "out", "took",
    ]  # fmt: skip
    assert [row.split()[:11] for row in rows] == [
        ["1", "2023-11-14", "22:13", "1", "1", "4", "2", "50.0", "1", "0", "0"],
        ["2", "2023-11-15", "22:13", "1", "1", "1", "1", "100.0", "0", "0", "0"],
        ["3", "2023-11-17", "22:13", "1", "0", "0", "0", "-", "0", "0", "1"],
    ]
    assert len({len(line) for line in (head, *rows)}) == 1


def test_json_has_counts_by_rule_and_equals_what_the_summary_said(out, told):
    first, second, third = told(out, as_json=True)
    assert (first["run"], first["kind"], first["began"]) == (1, "run", "2023-11-14T22:13:20Z")
    assert first["dropped_by_rule"] == {"boilerplate.vi.read_more": 1, "repeats.exact": 1}
    assert second["dropped_by_rule"] == {"near_duplicate.exact": 1}
    assert (second["unchanged_inputs"], second["empty"], third["problems"]) == (1, 1, 1)
    summary = json.loads((out / "report/summary.json").read_bytes())
    for name in ("run", "documents", "paragraphs", "dropped", "bytes_in", "bytes_out", "unchanged_inputs"):
        assert third[name] == summary[name]


@pytest.mark.parametrize(("count", "runs"), [(1, [3]), (2, [2, 3]), (3, [1, 2, 3]), (99, [1, 2, 3])])
def test_the_last_runs_are_shown(out, told, count, runs):
    assert [run["run"] for run in told(out, count, as_json=True)] == runs
    assert len(told(out, count)) == 1 + len(runs)


@pytest.mark.parametrize("name", ["ledger_1", "ledger_2"])
def test_of_older_versions_it_says_what_is_not_known(told, name, tmp_path):
    _, row, note = told(GOLDEN / name / "out")
    inputs = {"ledger_1": "2", "ledger_2": "3"}[name]
    assert row.split() == ["1", "-", inputs, *["-"] * 10]
    assert note == "-  not known: written by an older version"
    (run,) = told(GOLDEN / name / "out", as_json=True)
    assert (run["began"], run["documents"], run["dropped_by_rule"]) == (None, None, None)
    assert run["inputs"] == int(inputs)


def test_runs_that_only_keep_the_output_say_what_they_did(out, told, command):
    assert command("index", "forget", out, "a.txt").returncode == 0
    row = told(out, 1)[1]
    assert "upkeep: 1 input withdrawn" in row
    (run,) = told(out, 1, as_json=True)
    assert (run["kind"], run["withdrawn_inputs"], run["documents"]) == ("upkeep", 1, 0)
    assert run["began"] and run["seconds"] >= 0


def test_nobody_waits_for_it_and_it_waits_for_nobody(out, told):
    with locked(Folders(os.fsencode(out)).lock):
        assert len(told(out)) == 4


def test_it_writes_nothing(out, told, stamps):
    before = stamps(out)
    told(out)
    assert stamps(out) == before


def test_a_time_from_a_stranger_moves_no_cursor(out, told):
    manifest = out / "state/runs/000003.json"
    value = json.loads(manifest.read_bytes().splitlines()[0])
    value["figures"]["at"] = "\x1b[2J"
    line = json.dumps(value).encode()
    manifest.write_bytes(line + b"\n" + digest(line).encode() + b"\n")
    assert "[U+001B][2J" in told(out)[-1]


def test_it_prints_on_stdout_and_ends_with_2_or_5(out, command, fill, tmp_path):
    ended = command("history", out, "-n", "1")
    assert (ended.returncode, ended.stderr, ended.stdout.count(b"\n")) == (0, b"", 2)
    ended = command("history", tmp_path / "in")
    assert ended.returncode == 2 and b"no output of cleaner here" in ended.stderr
    assert command("history", out, "-n", "0").returncode == 2
    fill(out, {"state/runs/000003.json": "{"})
    ended = command("history", out)
    assert ended.returncode == 5 and b"damaged run manifest" in ended.stderr


def test_the_clock_is_in_the_manifest_only(tmp_path, fill, clean, tree):
    fill(tmp_path / "in", {"a.txt": f"{LINE}\nĐọc thêm\n", "b.jsonl": json.dumps({"text": LINE}) + "\n"})
    for name, time in (("one", 0), ("two", FIRST)):
        clean(tmp_path / "in", tmp_path / name, clock=lambda time=time: time)
        figures = read_manifest(Folders(os.fsencode(tmp_path / name)), 1).figures
        assert figures is not None and figures.at.startswith("2023" if time else "1970")
    places = ("clean", "ledger", "state/edges", "state/index")
    assert tree(tmp_path / "one", *places) == tree(tmp_path / "two", *places)


def test_what_was_cleaned_again_is_a_run_of_its_own(out, clean, told, tmp_path):
    clean(tmp_path / "in", out, options=Options(reprocess=True), clock=lambda: FIRST)
    assert told(out, 1, as_json=True)[0]["inputs"] == 3
