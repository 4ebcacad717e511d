"""One run at a time on one output; the kernel holds the lock, so that nothing is ever left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cleaner.errors import LockedError, OutputError
from cleaner.io.lock import lock_early, locked, unlock_early

HANG = 60
HOLD = """
import sys, time
from cleaner.io.lock import locked
with locked(sys.argv[1].encode(), shared=sys.argv[2] == "shared") as announce:
    if sys.argv[2] == "announced":
        announce()
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def hold():
    """Return what starts a process that holds a lock."""
    started = []

    def hold(lock, how="announced") -> subprocess.Popen[bytes]:
        lock.parent.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen([sys.executable, "-c", HOLD, str(lock), how], stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout.readline() == b"held\n"
        return process

    yield hold
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_run_beside_another_names_it_and_ends_with_6(tmp_path, fill, command, hold, tree):
    fill(tmp_path / "in", {"a.txt": "One line."})
    assert command("run", "in", "-o", "out").returncode == 0
    holder = hold(tmp_path / "out/state/lock")
    before = tree(tmp_path / "out")
    for arguments in (("run", "in", "-o", "out"), ("verify", "out"), ("restore", "out", "-o", "back")):
        refused = command(*arguments)
        assert refused.returncode == 6
        assert re.fullmatch(
            rb"cleaner: error: \S*out/state/lock: another run holds the lock \(pid %d, started "
            rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\); wait until it is done; a lock needs no removing "
            rb"\(exit 6\)\n" % holder.pid,
            refused.stderr,
        )
    assert tree(tmp_path / "out") == before


def test_a_killed_holder_leaves_no_lock(tmp_path, hold):
    lock = tmp_path / "lock"
    holder = hold(lock)
    with pytest.raises(LockedError, match=f"pid {holder.pid}"), locked(os.fsencode(lock)):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert lock.read_bytes(), "what it wrote is still there, and means nothing"
    with locked(os.fsencode(lock)) as announce:
        assert lock.read_bytes() == b""
        announce()
        assert b"pid %d" % os.getpid() in lock.read_bytes()
    assert lock.read_bytes() == b""


def test_what_stands_in_the_file_locks_nothing(tmp_path, fill, clean):
    fill(tmp_path, {"in/a.txt": "A line.", "out/state/lock": "pid 1, started 1999-01-01 00:00:00 UTC\n"})
    assert clean(tmp_path / "in", tmp_path / "out").exit_code == 0


def test_readers_share_and_keep_a_run_out(tmp_path):
    lock = os.fsencode(tmp_path / "lock")
    with locked(lock, shared=True), locked(lock, shared=True), pytest.raises(LockedError), locked(lock):
        pass
    with locked(lock), pytest.raises(LockedError), locked(lock, shared=True):
        pass


def test_odd_bytes_of_a_holder_are_shown_safely(tmp_path):
    lock = os.fsencode(tmp_path / "lock")
    with locked(lock):
        (tmp_path / "lock").write_bytes(b"\x1b[31m\xff pid")
        with pytest.raises(LockedError) as caught, locked(lock):
            pass
    assert str(caught.value).isprintable()


def test_a_lock_that_is_a_link_or_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "link").symlink_to("elsewhere")
    for name in ("link", "missing/lock"):
        with pytest.raises(OutputError, match="cannot lock"), locked(os.fsencode(tmp_path / name)):
            pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_lock_is_let_go_when_what_it_guards_fails(tmp_path):
    lock = os.fsencode(tmp_path / "lock")
    with pytest.raises(ValueError, match="x"), locked(lock):
        raise ValueError("x")
    with locked(lock):
        pass


@pytest.mark.parametrize("how", ["silent", "shared"])
def test_a_holder_that_wrote_nothing_is_named_all_the_same(tmp_path, hold, how):
    holder = hold(tmp_path / "lock", how)
    file = (tmp_path / "lock").stat()
    place = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino} "
    if not os.path.exists("/proc/locks") or place not in Path("/proc/locks").read_text(encoding="ascii"):
        pytest.skip("the kernel does not tell of locks on this file system")
    with pytest.raises(LockedError) as caught, locked(os.fsencode(tmp_path / "lock")):
        pass
    found = re.search(r"\(pid (\d+), started (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC\)", str(caught.value))
    assert found and int(found[1]) == holder.pid
    started = datetime.strptime(found[2], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    assert abs(started - time.time()) < HANG


def test_a_lock_is_waited_for(tmp_path, hold):
    holder = hold(tmp_path / "lock")
    threading.Timer(0.5, holder.kill).start()
    with locked(os.fsencode(tmp_path / "lock"), wait=HANG):
        assert holder.poll() is not None or holder.wait(1)
    holder = hold(tmp_path / "lock")
    with (
        pytest.raises(LockedError, match=f"pid {holder.pid}"),
        locked(os.fsencode(tmp_path / "lock"), wait=0.3),
    ):
        pass


def test_an_output_that_is_removed_while_it_is_waited_for(tmp_path, hold):
    """The file that was waited for guards nothing any more; the one that stands there now does."""
    lock = tmp_path / "lock"
    holder = hold(lock)

    def replace() -> None:
        lock.unlink()
        lock.touch()
        holder.kill()

    threading.Timer(0.5, replace).start()
    with locked(os.fsencode(lock), wait=HANG), pytest.raises(LockedError), locked(os.fsencode(lock)):
        pass


def test_a_lock_taken_early_is_the_one_that_is_held(tmp_path):
    lock, other = os.fsencode(tmp_path / "lock"), os.fsencode(tmp_path / "other")
    for _ in range(2):
        lock_early(lock)
        with locked(lock), pytest.raises(LockedError), locked(lock):
            pass
        with locked(lock):
            pass
    lock_early(lock)
    with locked(other), locked(lock):  # of another file, it is let go
        pass
    assert os.path.exists(lock)


def test_where_no_run_begins_nothing_is_left_of_its_lock(tmp_path, fill):
    lock = os.fsencode(tmp_path / "there/out/state/lock")
    (tmp_path / "there").mkdir()
    lock_early(lock)
    with pytest.raises(LockedError):
        lock_early(lock)
    assert os.path.exists(lock), "who loses leaves it to who has it"
    unlock_early()
    assert os.listdir(tmp_path / "there") == []
    lock_early(lock)
    (tmp_path / "there/out/mine").touch()
    unlock_early()
    assert os.listdir(tmp_path / "there/out") == ["mine"]
    fill(tmp_path, {"there/out/state/lock": ""})
    lock_early(lock)
    unlock_early()
    assert os.path.exists(lock), "it was there before"


NO_RUN = """
import sys, time
from cleaner.io.lock import lock_early, unlock_early
lock_early(sys.argv[1].encode())
print("held", flush=True)
time.sleep(0.5)
unlock_early()
"""


def test_an_early_lock_that_is_removed_while_it_is_waited_for(tmp_path):
    lock = os.fsencode(tmp_path / "out/state/lock")
    with subprocess.Popen([sys.executable, "-c", NO_RUN, lock], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        lock_early(lock, wait=HANG)
    with pytest.raises(LockedError):
        lock_early(lock)
    unlock_early()
    assert os.listdir(tmp_path) == []


def test_an_early_lock_that_another_run_holds(tmp_path, hold):
    holder = hold(tmp_path / "lock")
    with pytest.raises(LockedError, match=f"pid {holder.pid}"):
        lock_early(os.fsencode(tmp_path / "lock"))
    holder.kill()
    holder.wait()
    lock_early(os.fsencode(tmp_path / "lock"))
    with locked(os.fsencode(tmp_path / "lock")):
        pass
