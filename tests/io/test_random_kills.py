"""Promise: safe to interrupt at any moment. The real program is killed at random moments, or one of its
workers is, while its corpus grows; no document is lost or doubled, and nobody has to mend anything.

`make torture` makes it a hundred kills instead of some.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

KILLS = [5, pytest.param(100, marks=pytest.mark.torture)]
LONGEST = 1.5  # seconds that a run takes, at first; on a busy machine it takes longer, with more texts, too
# What many killed runs leave for one is more than `limits` let go at once.
RUN = ("run", "in", "-o", "out", "--workers", "2", "--quiet", "--force-publish")
SETTLED = 120  # seconds that a run may take on a busy machine


def story(number: int) -> str:
    place, crowns = number * 31 % 97, number * 13 % 89
    return (
        f"Sáng {number % 28 + 1}/3, đoàn số {number} đã đến xã thứ {place} để xem việc đắp đê.\n"
        f"Người dân thôn {place} nhận {crowns} phần quà, mỗi phần {crowns + number} nghìn đồng.\n"
        "Đọc thêm\n"
    )


def grow(folder: Path, round: int) -> None:
    """Add a file of texts, one of records, and let one that is there grow."""
    first = round * 20
    (folder / f"{round:03}.txt").write_text(story(first), encoding="utf-8")
    lines = [json.dumps({"id": f"d{number}", "text": story(number)}) for number in range(first, first + 12)]
    (folder / f"{round:03}.jsonl").write_text("\n".join(lines) + "\n")
    with (folder / "growing.txt").open("a", encoding="utf-8") as stream:
        stream.write(story(first + 19))


def start(folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "cleaner", *RUN], cwd=folder, env=environment, stderr=subprocess.PIPE
    )


def children(pid: int) -> Iterator[int]:
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):
            yield from map(int, path.read_text().split())


def kill(process: subprocess.Popen[bytes]) -> bool:
    """Kill a run, unless it has ended; tell which."""
    running = process.poll() is None
    process.kill()
    return running


def kill_worker(process: subprocess.Popen[bytes]) -> bool:
    """Kill the first worker of a run that there is now or later; tell if there was one."""
    while process.poll() is None:
        for pid in children(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                return True
        time.sleep(0.005)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="finds workers in /proc")
@pytest.mark.parametrize("kills", KILLS)
@pytest.mark.parametrize("victim", ["the run", "a worker"])
def test_killed_at_random_moments_nothing_is_lost_or_doubled(tmp_path, environment, command, victim, kills):
    chance = random.Random(victim)
    inputs = tmp_path / "in"
    inputs.mkdir()
    killed, longest = 0, LONGEST
    for round in range(kills):
        grow(inputs, round)
        begun = time.monotonic()
        with start(tmp_path, environment) as process:
            time.sleep(chance.uniform(0, longest))
            killed += kill(process) if victim == "the run" else kill_worker(process)
            assert process.stderr
            told = process.stderr.read().decode()
            code = process.wait(SETTLED)
        assert (code, told) == (0, "") or (code == -signal.SIGKILL and victim == "the run")
        # Kills are to reach all of a run, and some runs are to end.
        longest = 1.2 * (time.monotonic() - begun) if code == 0 else 1.1 * longest
    assert killed
    last = command(*RUN)
    assert (last.returncode, last.stderr) == (0, b"")
    done = len(list((tmp_path / "out/state/runs").iterdir()))
    print(
        f"{victim}: {killed} of {kills} killed, {done} runs committed, kills within {longest:.1f} s at last"
    )
    assert command("verify", "out").returncode == 0
    assert command("restore", "out", "-o", "back").returncode == 0
    for file in inputs.iterdir():
        assert (tmp_path / "back" / file.name).read_bytes() == file.read_bytes()
        assert (tmp_path / "out/clean" / file.name).exists()
    assert sorted(os.listdir(tmp_path / "back")) == sorted(os.listdir(inputs))
    assert sorted(os.listdir(tmp_path / "out/clean")) == sorted(os.listdir(inputs))
    assert not [path for path in (tmp_path / "out/state/stage").rglob("*") if path.is_file()]
