"""Many starts at once: one of them works, the others end soon with 6, whatever is said of a busy output."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from cleaner.errors import LockedError
from cleaner.io.lock import lock_early
from cleaner.starting import Order, start_run

HANG = 300
FEW = (2, 12)
MANY = pytest.param((20, 50), marks=pytest.mark.torture)


@pytest.fixture
def start(tmp_path, environment):
    """Return what starts a run in `tmp_path`, and goes on."""
    started = []

    def start(*more: str) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, "-m", "cleaner", "run", "in", "-o", "out", "--quiet", *more]
        process = subprocess.Popen(arguments, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.fixture
def busy(tmp_path, fill, start) -> subprocess.Popen[bytes]:
    """Return a run that is at work, and stays so for as long as a test may need."""
    fill_for_long(tmp_path, fill)
    process = start()
    lock = tmp_path / "out/state/lock"
    until = time.monotonic() + HANG
    while not (lock.exists() and lock.read_bytes()):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    return process


def fill_for_long(tmp_path, fill) -> None:
    """Write what takes a run minutes."""
    lines = (f"Line {number} of words, {number * 7919} of them.\n" for number in range(500_000))
    fill(tmp_path / "in", {"a.txt": "".join(lines)})


@pytest.mark.parametrize("size", [FEW, MANY])
def test_of_many_starts_at_once_one_works(tmp_path, fill, start, command, size):
    rounds, starts = size
    fill_for_long(tmp_path, fill)
    seconds = []
    for _ in range(rounds):  # in the first one, there is no output yet
        begun = time.monotonic()
        processes = [start() for _ in range(starts)]
        while len(working := [each for each in processes if each.poll() is None]) > 1:
            assert time.monotonic() < begun + HANG
            time.sleep(0.02)
        seconds.append(time.monotonic() - begun)
        assert len(working) == 1, [each.returncode for each in processes]
        time.sleep(0.2)
        assert working[0].poll() is None, "the winner ended before the others had"
        for process in processes:
            if process is not working[0]:
                assert process.returncode == 6
                holder = rb"another run holds the lock \((pid %d, started 2|just started)" % working[0].pid
                assert re.search(holder, process.stderr.read())
        working[0].send_signal(signal.SIGTERM)
        told = working[0].communicate(timeout=HANG)[1]
        assert working[0].returncode == 128 + signal.SIGTERM, told
    print(
        f"{rounds} rounds of {starts} starts; the last of the others ended within {seconds[0]:.1f} s where "
        f"there was no output yet, then within {max(seconds[1:]):.1f} s"
    )
    fill(tmp_path / "in", {"a.txt": "A line.\n"})
    assert command("run", "in", "-o", "out").returncode == 0
    assert command("verify", "out").returncode == 0


def test_a_busy_output_may_be_all_right(busy, start, command, tmp_path):
    ended = command("run", "in", "-o", "out", "--busy-ok")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    ended = command("run", "in", "-o", "out", "--wait", "1")
    assert ended.returncode == 6 and b"pid %d" % busy.pid in ended.stderr
    ended = command("run", "in", "-o", "out", "--wait", "1", "--busy-ok")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert busy.poll() is None


def test_a_run_waits_until_it_can_work(busy, start, tmp_path, fill):
    fill(tmp_path, {"in/b.txt": "A line.\n"})
    (tmp_path / "in/a.txt").unlink()
    waiting = start("--wait", str(HANG))
    until = time.monotonic() + HANG
    while b"pid %d" % waiting.pid not in (tmp_path / "out/state/lock").read_bytes() and busy.poll() is None:
        assert waiting.poll() is None and time.monotonic() < until
        busy.send_signal(signal.SIGTERM)
        time.sleep(0.2)
    assert waiting.wait(HANG) == 0, waiting.stderr.read()
    assert os.listdir(tmp_path / "out/clean") == ["b.txt"]


def test_a_run_that_waits_can_be_stopped(busy, start):
    waiting = start("--wait", "600")
    time.sleep(1)
    waiting.send_signal(signal.SIGTERM)
    assert waiting.wait(HANG) == 128 + signal.SIGTERM
    assert busy.poll() is None


@pytest.mark.parametrize("seconds", ["-1", "inf", "nan", "1000000", "0.5", "x", ""])
def test_no_wait_without_an_end(command, tmp_path, seconds):
    ended = command("run", "in", "-o", "out", "--wait", seconds)
    assert ended.returncode == 2 and b"--wait" in ended.stderr
    assert os.listdir(tmp_path) == []


def test_what_takes_no_lock_needs_none(busy, command):
    """A dry run and a pipe change nothing in the output."""
    told = Counter(
        command(*arguments, input=b"A line.\n").returncode
        for arguments in (("run", "-", "-o", "out", "--dry-run"), ("run", "-"))
    )
    assert told == {0: 2} and busy.poll() is None


@pytest.mark.parametrize(
    "arguments",
    [["in", "-o", "in/out"], ["-", "in", "-o", "new/deep/out"], ["in", "--config", "bad.yaml"]],
)
def test_a_start_that_becomes_no_run_leaves_nothing(tmp_path, fill, command, arguments):
    files = fill(tmp_path, {"in/a.txt": "A line.\n", "bad.yaml": "output: new\nworker: 2\n"})
    before = sorted(files.rglob("*"))
    assert command("run", *arguments, input=b"").returncode == 2
    assert sorted(files.rglob("*")) == before


def test_the_lock_is_held_before_the_settings_are_read(tmp_path, monkeypatch, fill):
    """Also where there is no output yet."""
    held = []

    def run_command(*_):
        with pytest.raises(LockedError):
            lock_early(os.fsencode(tmp_path / "out/state/lock"))
        held.append(True)
        return 0

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "cleaner.session", SimpleNamespace(run_command=run_command))
    for output, config in (("out", None), (None, None), (None, Path("here.yaml"))):
        fill(tmp_path, {"here.yaml": "output: out\n"})
        assert start_run(Order(["in"], output, config, {}, {})) == 0
        assert os.listdir(tmp_path) == ["here.yaml"]
    assert len(held) == 3


def test_nothing_heavy_is_loaded_before_the_lock(busy, tmp_path, environment):
    arguments = [sys.executable, "-X", "importtime", "-m", "cleaner", "run", "in", "-o", "out"]
    ended = subprocess.run(arguments, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert ended.returncode == 6
    loaded = {line.rpartition("|")[2].strip() for line in ended.stderr.decode().splitlines()}
    assert "cleaner.io.lock" in loaded
    assert not loaded & {
        "numpy",
        "pydantic",
        "ftfy",
        "msgspec",
        "rapidfuzz",
        "regex",
        "rich",
        "cleaner.session",
    }
