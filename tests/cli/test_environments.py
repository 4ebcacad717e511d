"""Odd surroundings of real processes: streams, masks, folders, rights, modules that lie about."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

HANG = 120
CLEAN = b"A line of text.\n"

# As root, rights mean nothing; without these capabilities they do.
_CAPABILITIES = "-dac_override,-dac_read_search"
_ROOT = os.geteuid() == 0
_AS_ANYBODY = ["setpriv", "--bounding-set", _CAPABILITIES, "--inh-caps", _CAPABILITIES] if _ROOT else []
needs_rights = pytest.mark.skipif(
    _ROOT and not shutil.which("setpriv"), reason="as root, it needs setpriv to give up rights"
)


@pytest.fixture
def inputs(tmp_path, fill) -> Path:
    return fill(tmp_path / "in", {"a.txt": "A line of text.\nĐọc thêm\n"})


@pytest.fixture
def shell(tmp_path, environment):
    """Return what runs a line in a shell that has no more rights than a user; C stands for `cleaner`."""

    def shell(line: str, **more: object) -> subprocess.CompletedProcess[bytes]:
        line = line.replace("C ", f"{sys.executable} -m cleaner ")
        keywords = {"cwd": tmp_path, "env": environment, "capture_output": True, "timeout": HANG, **more}
        return subprocess.run([*_AS_ANYBODY, "/bin/sh", "-c", line], check=False, **keywords)

    return shell


def is_one_line(told: bytes, code: int) -> bool:
    return told.startswith(b"cleaner: error: ") and told.count(b"\n") == 1 and b"(exit %d)" % code in told


@pytest.mark.parametrize(("mask", "mode"), [("077", 0o600), ("000", 0o666), ("022", 0o644), ("027", 0o640)])
def test_the_mask_decides_who_may_read(inputs, shell, tmp_path, mask, mode):
    ended = shell(f"umask {mask}; C run in -o out --log log --metrics-file m.prom")
    assert ended.returncode == 0
    files = [Path(at) / name for at, _, names in os.walk(tmp_path / "out") for name in names]
    modes = {stat.S_IMODE(file.stat().st_mode) for file in [*files, tmp_path / "log", tmp_path / "m.prom"]}
    assert (
        modes <= {mode, 0o644 & mode} and stat.S_IMODE((tmp_path / "out/clean/a.txt").stat().st_mode) == mode
    )


@needs_rights
def test_a_mask_that_forbids_everything(inputs, shell):
    ended = shell("umask 777; C run in -o out")
    assert ended.returncode == 4 and is_one_line(ended.stderr, 4), ended.stderr


@needs_rights
@pytest.mark.parametrize("locked", ["out", "out/state", "out/clean", "out/ledger", "out/report"])
def test_an_output_that_may_not_be_written(inputs, shell, tmp_path, tree, fill, locked):
    assert shell("C run in -o out").returncode == 0
    before = tree(tmp_path / "out", "clean", "ledger")
    fill(inputs, {"b.txt": "Another line.\n"})
    (tmp_path / locked).chmod(0o555)
    ended = shell("C run in -o out")
    (tmp_path / locked).chmod(0o755)
    assert ended.returncode in (0, 4)
    if ended.returncode == 4:
        assert is_one_line(ended.stderr, 4) and b"ermission denied" in ended.stderr
    assert before.items() <= tree(tmp_path / "out", "clean", "ledger").items()
    assert shell("C run in -o out").returncode == 0
    assert (tmp_path / "out/clean/b.txt").read_bytes() == b"Another line.\n"
    assert shell("C verify out").returncode == 0


@needs_rights
def test_inputs_and_settings_that_may_not_be_read(inputs, shell, tmp_path, fill):
    fill(tmp_path, {"in/closed/b.txt": "B.", "in/c.txt": "C.", "config.yaml": "output: out\n"})
    for place in ("in/closed", "in/c.txt"):
        (tmp_path / place).chmod(0)
    ended = shell("C run in")
    assert ended.returncode == 3
    for told in (b"closed: folder cannot be read", b"c.txt: cannot be read"):
        assert b"cleaner: skipped: " + told + b": Permission denied\n" in ended.stderr
    assert (tmp_path / "out/clean/a.txt").read_bytes() == CLEAN
    (tmp_path / "config.yaml").chmod(0)
    ended = shell("C run in")
    assert ended.returncode == 2 and is_one_line(ended.stderr, 2)


@needs_rights
def test_a_log_and_metrics_that_may_not_be_written(inputs, shell, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o555)
    ended = shell("C run in -o out --quiet --log closed/log --metrics-file closed/m.prom")
    assert ended.returncode == 0 and ended.stderr.count(b"\n") == 2
    assert ended.stderr.count(b"cleaner: warning: ") == ended.stderr.count(b"ermission denied") == 2
    assert os.listdir(tmp_path / "closed") == []


@pytest.mark.parametrize(
    "command_line",
    [
        "run",
        "run in -o out",
        f"run /nonexistent -o {os.sep}tmp",
        "diff",
        "config show",
        "schedule cron",
        "try x",
    ],
)
def test_a_working_folder_that_was_removed(shell, command_line):
    ended = shell(f"mkdir gone; cd gone; rmdir ../gone; exec {sys.executable} -P -m cleaner {command_line}")
    assert ended.returncode == 2
    assert ended.stderr.endswith(
        b"cleaner: error: the working folder was removed; start from one that is there (exit 2)\n"
    )


def test_work_in_progress_is_not_in_the_temporary_folder(inputs, command, tmp_path, environment):
    (tmp_path / "tmp").mkdir(mode=0o555)
    ended = command("run", "in", "-o", "out", env=environment | {"TMPDIR": str(tmp_path / "tmp")})
    assert ended.returncode == 0
    assert (tmp_path / "tmp").stat().st_mtime_ns == (tmp_path / "tmp").stat().st_ctime_ns
    assert os.listdir(tmp_path / "tmp") == []


def test_modules_of_the_folder_are_not_taken_for_ours(inputs, tmp_path, environment, fill):
    """As a job is started where there is no script: python -P -m."""
    fill(tmp_path, dict.fromkeys(["json.py", "yaml.py", "click.py", "cleaner.py"], "raise SystemExit(77)"))
    arguments = [sys.executable, "-P", "-m", "cleaner", "run", "in", "-o", "out", "--log", "log"]
    assert subprocess.run(arguments, cwd=tmp_path, env=environment, check=False).returncode == 0


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory) -> Path:
    """Return a folder with `in` and its output `out`, for commands that only read."""
    folder = tmp_path_factory.mktemp("cleaned")
    (folder / "in").mkdir()
    (folder / "in/a.txt").write_text("A line of text.\nĐọc thêm\n", encoding="utf-8")
    arguments = [sys.executable, "-m", "cleaner", "run", "in", "-o", "out"]
    subprocess.run(arguments, cwd=folder, capture_output=True, check=True)
    return folder


DATA = [
    "--help",
    "run in --dry-run --json",
    "run in -o -",
    "config show",
    "config init --stdout",
    "schedule cron",
    "schedule systemd",
    "diff out",
    "encoding in",
    "index info out",
    "try 'Đọc thêm'",
    "--version",
    "run --help",
]


@pytest.mark.parametrize("line", DATA)
def test_stdout_that_is_full(cleaned, shell, line):
    ended = shell(f"C {line} >/dev/full", cwd=cleaned)
    assert ended.returncode == 4, ended.stderr
    assert b"Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith(b"cleaner: error: cannot write to stdout: ")


@pytest.mark.parametrize("line", ["diff out", "schedule cron", "--version"])
def test_stdout_that_is_closed(cleaned, shell, line):
    ended = shell(f"C {line} >&-", cwd=cleaned)
    assert ended.returncode == 4 and b"Traceback" not in ended.stderr


@pytest.mark.parametrize("line", DATA)
def test_a_reader_that_went_away(cleaned, shell, line):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = shell(f"C {line}", cwd=cleaned, capture_output=False, stdout=writing, stderr=subprocess.PIPE)
    finally:
        os.close(writing)
    assert ended.returncode == 0, ended.stderr
    assert b"Traceback" not in ended.stderr and b"error" not in ended.stderr


@pytest.mark.parametrize("to", ["2>/dev/full", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("line", "code"), [("run in -o new", 0), ("run missing -o new", 3), ("run in -o in", 2), ("no-such", 2)]
)
def test_stderr_that_is_full_or_closed(inputs, shell, tmp_path, line, code, to):
    """The exit code still tells: that of the run, or that there was no place for its words."""
    assert shell(f"C {line} {to}").returncode in (code, 4)
    if code == 0:
        assert (tmp_path / "new/clean/a.txt").read_bytes() == CLEAN
