"""docs/cron.md says what is true of the program."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from cleaner.errors import EXIT_CODES
from cleaner.report.metrics import GAUGES

PAGE = (Path(__file__).parents[1] / "docs/cron.md").read_text(encoding="utf-8")


def rows(first: str) -> dict[str, list[str]]:
    """Return the table whose first column is called so: first cell -> the others."""
    table = re.search(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert table
    cells = ([cell.strip() for cell in line[1:-1].split("|")] for line in table[1].splitlines())
    return {first.strip("`"): others for first, *others in cells}


def blocks(language: str = "") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_exit_code_is_there_with_its_meaning_and_what_to_do():
    told = rows("exit code")
    for code, meaning in EXIT_CODES.items():
        assert all(told[str(code)]), code
        assert told[str(code)][0] == meaning
    assert list(told) == [*map(str, range(9)), "128+N"]


def test_every_gauge_is_there():
    assert list(rows("gauge")) == list(GAUGES)
    used = {name for name in re.findall(r"cleaner_[a-z_]+", PAGE) if not name.endswith("_")}
    assert used <= set(GAUGES)
    alerts = yaml.safe_load(next(block for block in blocks("yaml") if "alert" in block))
    assert len(alerts["groups"][0]["rules"]) == 2


def test_every_event_is_there(tmp_path, command, fill):
    fill(tmp_path, {"in/a.jsonl": "x\n", "out": "a file in the way"})
    assert command("run", "in", "-o", "cleaned", "--log", "log").returncode == 3
    assert command("run", "in", "-o", "out", "--log", "log").returncode == 4
    told = rows("event")
    for line in (tmp_path / "log").read_bytes().splitlines():
        event = json.loads(line)
        named = re.findall(r"`(\w+)`", told[event.pop("event")][0])
        assert set(named) <= set(event)


@pytest.mark.parametrize("kind", [("run",), ("schedule", "cron"), ("schedule", "systemd")])
def test_options_that_are_named_exist(command, kind):
    help_ = command(*kind, "--help").stdout.decode()
    for line in PAGE.splitlines():
        for words in re.findall(rf"cleaner {' '.join(kind)}((?: [^`|]*)?)", line):
            for option in re.findall(r"--[a-z-]+", words):
                assert option in help_, line


@pytest.mark.skipif(not shutil.which("logrotate"), reason="needs logrotate")
def test_the_snippet_for_logrotate_is_understood(tmp_path):
    (tmp_path / "conf").write_text(next(block for block in blocks() if "rotate 24" in block))
    subprocess.run(["logrotate", "--debug", "-s", tmp_path / "state", tmp_path / "conf"], check=True)
