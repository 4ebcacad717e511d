"""Runs for years: what an output holds is bounded by its texts, however many runs there were."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cleaner.io.publish import Disk
from cleaner.io.state import Folders, read_catalogue
from cleaner.plan import Options
from cleaner.retention import outlived_pairs
from cleaner.upkeep import forget

DAY = 86_400
DAYS = 60
ALIKE = "On day {} the council of the town said that the bridge over the river would be closed for repairs."


def pairs(out: Path) -> list[int]:
    return sorted(int(name[:6]) for name in os.listdir(out / "state/edges"))


def test_sixty_days_leave_no_more_than_ten(fill, clean, tmp_path):
    """Each day one of five texts is another one, much like those of other days, and something is damaged."""
    inputs, out = tmp_path / "in", tmp_path / "out"
    sizes: dict[str, list[int]] = {}
    for day in range(DAYS):
        text = f"{ALIKE.format(day)}\n{ALIKE.format(day + 1)}\n"
        fill(inputs, {f"{day % 5}.txt": text, "bad.jsonl": "{\n"})
        (inputs / "cut.txt.gz").write_bytes(b"\x1f\x8b\x08")
        outcome = clean(inputs, out, clock=lambda day=day: day * DAY)
        assert outcome.exit_code == (0 if day else 3)
        held = {
            "descriptors": len(os.listdir("/proc/self/fd")),
            "files": sum(len(names) for at, _, names in os.walk(out) if not at.endswith("/runs")),
            "bytes": sum(
                os.path.getsize(Path(at) / name)
                for at, _, names in os.walk(out)
                for name in names
                if not at.endswith("/runs")
            ),
            "manifest": os.path.getsize(out / f"state/runs/{day + 1:06}.json"),
            "stages": len(os.listdir(out / "state/stage")),
            "problems known": len(read_catalogue(Folders(os.fsencode(out))).known),
        }
        for name, value in held.items():
            sizes.setdefault(name, []).append(value)
    for name, values in sizes.items():
        assert max(values[10:]) <= 1.1 * max(values[5:10]), (name, values)
    assert len(os.listdir(out / "state/runs")) == DAYS, "manifests are all needed"
    assert pairs(out) == [56, 57, 58, 59, 60]


@pytest.fixture
def run(fill, clean, tmp_path) -> Callable[..., list[int]]:
    """Return what cleans some texts, and tells of which runs there are pairs then."""

    def run(files: dict[str, str], keep: int | None = None, *, reprocess: bool = False) -> list[int]:
        fill(tmp_path / "in", files)
        clean(tmp_path / "in", tmp_path / "out", options=Options(reprocess=reprocess), keep_pairs=keep)
        return pairs(tmp_path / "out")

    return run


def test_pairs_stay_while_a_text_of_their_run_stands(run, tmp_path):
    assert run({"a.txt": ALIKE, "b.txt": ALIKE.format(1)}) == [1]
    assert run({"c.txt": ALIKE.format(2)}) == [1, 2]
    assert run({"a.txt": ALIKE.format(3)}) == [1, 2, 3], "b.txt is of the first run"
    assert run({"b.txt": ALIKE.format(4)}) == [2, 3, 4]
    forget(str(tmp_path / "out"), ["c.txt"], Disk(), reinstate=False, erase=False)
    os.unlink(tmp_path / "in/c.txt")
    assert run({"d.txt": ALIKE.format(5)}) == [3, 4, 6]
    assert run({}, reprocess=True) == [7]


def test_keep_pairs_says_of_how_many_runs(run):
    for number in range(4):
        run({f"{number}.txt": ALIKE.format(number)})
    assert run({"4.txt": ALIKE.format(4)}, keep=3) == [3, 4, 5]
    assert run({"5.txt": ALIKE.format(5)}, keep=1) == [6]


def test_what_keeps_pairs_does_not_change_what_is_cleaned(run, tree, tmp_path):
    for number in range(3):
        run({f"{number}.txt": ALIKE.format(number)}, keep=1)
    assert json.loads(tree(tmp_path / "out")["report/summary.json"])["documents"] == 1
    one = tree(tmp_path / "out", "clean", "ledger", "state/index")
    os.rename(tmp_path / "out", tmp_path / "other")
    for number in range(3):
        os.rename(tmp_path / f"in/{number}.txt", tmp_path / f"{number}.txt")
    for number in range(3):
        run({f"{number}.txt": ALIKE.format(number)})
    assert tree(tmp_path / "out", "clean", "ledger", "state/index") == one


def test_an_output_without_pairs_has_none_to_let_go_of(tmp_path):
    assert outlived_pairs(Folders(os.fsencode(tmp_path)), set(), 5, 1) == ()
