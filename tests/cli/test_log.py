"""`cleaner run --log`: JSON lines for an operator, whatever becomes of the run, or of the log."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import unicodedata
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cleaner.io.lock import locked
from cleaner.io.log import append_events

HANG = 120
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def inputs(tmp_path, fill) -> Path:
    return fill(tmp_path / "in", {"a.txt": "A line of text.\nĐọc thêm\n"})


def events(log: Path) -> list[dict[str, Any]]:
    """Return the events of a log, each of which is whole and safe to print."""
    data = log.read_bytes()
    assert data.endswith(b"\n")
    for character in data.decode().replace("\n", ""):
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}, hex(ord(character))
    found = [json.loads(line) for line in data.splitlines()]
    assert all(TIME.fullmatch(event["time"]) for event in found)
    return found


def kinds(log: Path) -> list[str]:
    return [event["event"] for event in events(log)]


def test_a_run_is_noted_from_start_to_end(inputs, command, tmp_path):
    for _ in range(2):
        ended = command("run", "in", "-o", "out", "--quiet", "--log", "cleaner.log")
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    first, second = events(tmp_path / "cleaner.log")[:4], events(tmp_path / "cleaner.log")[4:]
    for run in (first, second):
        assert [event["event"] for event in run] == ["start", "settings", "summary", "end"]
        assert len({event["id"] for event in run}) == 1
    assert first[0]["id"] != second[0]["id"]
    assert first[0]["arguments"] == ["run", "in", "-o", "out", "--quiet", "--log", "cleaner.log"]
    manifest = json.loads((tmp_path / "out/state/runs/000001.json").read_bytes().splitlines()[0])
    assert first[1]["digest"] == manifest["settings"]
    assert (first[1]["inputs"], first[1]["output"]) == ([f"{tmp_path}/in"], f"{tmp_path}/out")
    assert (first[2]["run"], first[2]["documents"], first[2]["dropped"]) == (1, 1, 1)
    assert second[2]["note"].startswith("nothing to do: 1 input unchanged")
    assert first[3]["exit_code"] == 0 and first[3]["seconds"] > 0


def faulty_settings(tmp_path) -> None:
    (tmp_path / "config.yaml").write_text("outputs: x\nthreshold: 3\n")


def skipped(tmp_path) -> None:
    (tmp_path / "in/b.jsonl").write_text("no json\n{}\n")


def no_folder(tmp_path) -> None:
    (tmp_path / "out").write_text("a file")


def damaged(tmp_path) -> None:
    (tmp_path / "out/state/runs").mkdir(parents=True)
    (tmp_path / "out/state/runs/000001.json").write_text("{")


FAILURES = {2: (faulty_settings, 2), 3: (skipped, 0), 4: (no_folder, 1), 5: (damaged, 1)}


@pytest.mark.parametrize("code", FAILURES)
def test_a_failure_is_noted_as_it_was_told(inputs, command, tmp_path, code):
    cause, errors = FAILURES[code]
    cause(tmp_path)
    ended = command("run", "in", "-o", "out", "--log", "cleaner.log")
    assert ended.returncode == code
    found = events(tmp_path / "cleaner.log")
    assert found[0]["event"] == "start"
    assert (found[-1]["event"], found[-1]["exit_code"]) == ("end", code)
    told = [event["message"] for event in found if event["event"] == "error"]
    assert len(told) == errors
    for message in told:
        assert f"cleaner: error: {message} (exit {code})" in ended.stderr.decode().splitlines()
    lost = [event for event in found if event["event"] == "skipped"]
    assert [(event["path"], event["line"]) for event in lost] == [("b.jsonl", 1), ("b.jsonl", 2)] * (
        code == 3
    )
    for event in lost:
        assert f"skipped: {event['path']}:{event['line']}: {event['reason']}" in ended.stderr.decode()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--log", "log", "--no-such"],
        ["--no-such", "--log=log"],
        ["--limit", "x\x1b[2J", "--log", "other", "--log", "log"],
    ],
)
def test_a_fault_of_the_command_line_is_noted(inputs, command, tmp_path, arguments):
    assert command("run", "in", *arguments).returncode == 2
    assert kinds(tmp_path / "log") == ["start", "error", "end"]
    assert events(tmp_path / "log")[2]["exit_code"] == 2


@pytest.mark.parametrize("arguments", [["run", "--no-such"], ["run", "--log"], ["try", "--log", "log"]])
def test_a_fault_that_names_no_log_leaves_none(command, tmp_path, arguments):
    assert command(*arguments).returncode == 2
    assert os.listdir(tmp_path) == []


def test_a_busy_output_is_noted(inputs, command, tmp_path, fill):
    fill(tmp_path, {"out/state/lock": ""})
    with locked(os.fsencode(tmp_path / "out/state/lock")):
        assert command("run", "in", "-o", "out", "--log", "log").returncode == 6
        assert command("run", "in", "-o", "out", "--log", "log", "--busy-ok").returncode == 0
    assert kinds(tmp_path / "log") == ["start", "error", "end", "start", "busy"]
    assert events(tmp_path / "log")[2]["exit_code"] == 6


@pytest.fixture
def waiting(inputs, tmp_path, fill, environment):
    """Start a run with a log that waits for a lock; yield it with what lets go of that lock."""
    fill(tmp_path, {"out/state/lock": ""})
    arguments = [
        sys.executable,
        "-m",
        "cleaner",
        "run",
        "in",
        "-o",
        "out",
        "--log",
        "log",
        "--wait",
        str(HANG),
    ]
    with ExitStack() as stack:
        stack.enter_context(locked(os.fsencode(tmp_path / "out/state/lock")))
        run = subprocess.Popen(arguments, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
        until = time.monotonic() + HANG
        while not ((tmp_path / "log").exists() and (tmp_path / "log").read_bytes().endswith(b"\n")):
            assert run.poll() is None and time.monotonic() < until
            time.sleep(0.01)
        yield run, stack.close
    run.kill()
    run.communicate()


def test_a_signal_is_noted(waiting, tmp_path):
    run, _ = waiting
    run.send_signal(signal.SIGTERM)
    assert run.wait(HANG) == 143
    assert kinds(tmp_path / "log") == ["start", "error", "end"]
    assert events(tmp_path / "log")[-1]["exit_code"] == 143


def test_a_log_that_is_rotated_meanwhile_goes_on_in_a_new_file(waiting, tmp_path):
    run, let_go = waiting
    (tmp_path / "log").rename(tmp_path / "log.1")
    let_go()
    assert run.wait(HANG) == 0
    assert kinds(tmp_path / "log.1") == ["start"]
    assert kinds(tmp_path / "log") == ["settings", "summary", "end"]


ODD = [
    b"\x1b[31m\x07",
    b"new\nline",
    "\u202egnp\u2066\u200b".encode(),
    b"\xff\x9b",
    "\x9b2J\x7f\u2028".encode(),
]


@pytest.mark.parametrize("odd", ODD)
def test_nothing_raw_reaches_the_log(inputs, command, tmp_path, fill, odd):
    fill(inputs, {odd + b".txt": b"\x00" * 99, odd + b".jsonl": b'{"' + odd + b'": \n'})
    assert command("run", "in", "-o", odd, b"--log=" + odd + b".log").returncode == 3
    assert command("run", odd, "-c", odd, b"--log=" + odd + b".log").returncode == 2
    log = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), odd + b".log")))
    assert kinds(log).count("skipped") >= 2 and kinds(log).count("end") == 2


@pytest.mark.parametrize("log", ["/dev/full", "in", "missing/log", "pipe", ""])
def test_a_log_that_cannot_be_written_is_said_in_one_line(inputs, command, tmp_path, tree, log):
    os.mkfifo(tmp_path / "pipe")
    ended = command("run", "in", "-o", "out", "--quiet", "--log", log)
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert re.fullmatch(
        rb"cleaner: warning: the log \S+ cannot be written: [A-Z][\w ]+; the run goes on without\n",
        ended.stderr,
    )
    assert command("run", "in", "-o", "other", "--quiet").returncode == 0
    assert tree(tmp_path / "out", "clean", "ledger") == tree(tmp_path / "other", "clean", "ledger")


def test_nobody_can_be_told_that_there_is_no_log(inputs, tmp_path, environment):
    line = f"{sys.executable} -m cleaner run in -o out --log missing/log 2>/dev/full"
    ended = subprocess.run(["/bin/sh", "-c", line], cwd=tmp_path, env=environment, timeout=HANG, check=False)
    assert (tmp_path / "out/clean/a.txt").exists() and ended.returncode == 4


FULL = """
import resource, sys
from cleaner.io.log import append_events
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    append_events(sys.argv[1], [{"event": "x" * 20}] * 5)
except OSError:
    print("full")
"""


@pytest.mark.parametrize("size", range(0, 200, 11))
def test_of_a_full_log_no_line_is_torn(tmp_path, environment, size):
    log = tmp_path / "log"
    log.write_bytes(b'{"event": "old"}\n')
    arguments = [sys.executable, "-c", FULL, str(log), str(size)]
    ended = subprocess.run(arguments, env=environment, capture_output=True, check=True)
    append_events(str(log), [{"event": "new"}])
    found = [json.loads(line)["event"] for line in log.read_bytes().splitlines()]
    assert (found[0], found[-1]) == ("old", "new") and set(found[1:-1]) <= {"x" * 20}
    assert (len(found) == 7) is (ended.stdout == b"")


def test_two_runs_write_whole_lines_beside_each_other(tmp_path):
    log = str(tmp_path / "log")
    each = [{"event": "a", "text": "x" * 900}] * 50
    threads = [threading.Thread(target=append_events, args=(log, each)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [json.loads(line) for line in Path(log).read_bytes().splitlines()] == each * 4
