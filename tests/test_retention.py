"""Runs for years: what an output holds is bounded by its texts, however many runs there were."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cleaner.io.catalogue import read_catalogue
from cleaner.io.publish import Disk
from cleaner.io.state import Folders
from cleaner.plan import Options
from cleaner.retention import outlived_pairs
from cleaner.upkeep import forget, index_info

DAY = 86_400
ALIKE = "On day {} the council of the town said that the bridge over the river would be closed for repairs."


def pairs(out: Path) -> list[int]:
    return sorted(int(name[:6]) for name in os.listdir(out / "state/edges"))


def day_by_day(folder: Path, day: int) -> None:
    """Change one of five texts, much like those of other days, and a file of records; add a text, and remove
    the one of a week ago. Something is damaged all the time.
    """
    files = {
        f"{day % 5}.txt": f"{ALIKE.format(day)}\n{ALIKE.format(day + 1)}\n",
        f"added/{day}.txt": f"Of day {day}, and of no other.\n",
        "records.jsonl": "".join(f'{{"text": "{ALIKE.format(day // 3 + number)}"}}\n' for number in range(3)),
        "bad.jsonl": "{\n",
        "cut.txt.gz": b"\x1f\x8b\x08",
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    (folder / f"added/{day - 7}.txt").unlink(missing_ok=True)


def expected(folder: Path, day: int) -> set[str]:
    """Return the files that an output should have, but for index and pairs."""
    names = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()} - {"cut.txt.gz"}
    found = {f"clean/{name}" for name in names} | {f"ledger/{name}.ledger.jsonl" for name in names}
    found |= {f"state/runs/{run:06}.json" for run in range(1, day + 2)}
    found |= {"report/changes.patch", "report/summary.json", "state/lock"}
    return found | ({"state/catalogue.json"} if day >= 100 else set())


def held(out: Path, files: dict[str, bytes], day: int) -> dict[str, int]:
    """Return how much there is of what may not grow."""
    sizes = {name: len(data) for name, data in files.items() if not name.startswith("state/runs")}
    sizes.pop("state/catalogue.json", None)  # which knows what was withdrawn
    info = index_info(str(out))
    return {
        "descriptors": len(os.listdir("/proc/self/fd")),
        "files": len(sizes),
        "bytes": sum(sizes.values()),
        "manifest": len(files[f"state/runs/{day + 1:06}.json"]),
        "paragraphs": info.paragraphs,
        "documents": info.documents,
        "problems known": len(read_catalogue(Folders(os.fsencode(out))).known),
    }


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
@pytest.mark.parametrize("days", [25, pytest.param(1000, marks=pytest.mark.torture)])
def test_many_days_leave_no_more_than_some(clean, tree, stamps, tmp_path, monkeypatch, days):
    inputs, out, temporary = tmp_path / "in", tmp_path / "out", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    sizes: dict[str, list[int]] = {}
    seconds: list[float] = []
    for day in range(days):
        day_by_day(inputs, day)
        outcome = clean(inputs, out, clock=lambda day=day: day * DAY, options=Options(mirror=True))
        assert outcome.exit_code == (0 if day else 3)
        files = tree(out)
        others = {name for name in files if not name.startswith(("state/index", "state/edges"))}
        assert others == expected(inputs, day)
        assert os.listdir(temporary) == []
        for name, value in held(out, files, day).items():
            sizes.setdefault(name, []).append(value)
        if day % 20 == 19:
            (inputs / "cut.txt.gz").unlink()  # which is tried again by every run
            before, begun = stamps(out), time.process_time()
            assert clean(inputs, out, options=Options(mirror=True)).summary is None
            seconds.append(time.process_time() - begun)
            assert stamps(out) == before
    for name, values in sizes.items():
        assert max(values[days // 2 :]) <= 1.05 * max(values[10:20]), (name, values)
    assert pairs(out) == list(range(days - 6, days + 1))
    for name, values in sizes.items():
        print(f"{days} days: {name} at most {max(values[:20])} at first, {max(values[-20:])} at last")
    print(f"a run without work took {seconds[0]:.3f} s at first, {seconds[-1]:.3f} s at last")


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
