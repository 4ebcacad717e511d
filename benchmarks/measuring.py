"""Runs commands and measures them from outside: time, memory of all their processes, space on disk."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_TOLD = 800  # characters
_SELDOM = 100  # times as long as a look at the disk takes passes before the next one
_GRACE = 5.0  # seconds for helpers to end that a command leaves behind


class Failed(Exception):
    """A measured command ended with a code that means failure, or took too long; says how."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident bytes of a process and all below it: `pss` counts shared pages once, `rss` in each."""

    pss: int = 0
    rss: int = 0

    def __add__(self, other: Memory) -> Memory:
        return Memory(self.pss + other.pss, self.rss + other.rss)

    def most(self, other: Memory) -> Memory:
        """Return the greater of each."""
        return Memory(max(self.pss, other.pss), max(self.rss, other.rss))


@dataclass(frozen=True, slots=True)
class Usage:
    """What commands needed, one after another: seconds, and peaks in bytes."""

    wall: float = 0.0
    processor: float = 0.0
    memory: Memory = Memory()
    disk: int = 0

    def then(self, other: Usage) -> Usage:
        """Return what both need when `other` runs afterwards."""
        return Usage(
            self.wall + other.wall,
            self.processor + other.processor,
            self.memory.most(other.memory),
            max(self.disk, other.disk),
        )


def memory(pid: int) -> Memory:
    """Return the resident memory of a process and all below it."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        below = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it has just ended
        return Memory()
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in rollup.splitlines()[1:]}
    own = Memory(sizes.get("Pss", 0), sizes.get("Rss", 0))
    return sum((memory(int(child)) for children in below for child in children.split()), start=own)


def space(folders: Iterable[Path]) -> int:
    """Return the bytes on disk of all files in the folders."""
    total, left = 0, list(folders)
    while left:
        try:
            with os.scandir(left.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        left.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
        except FileNotFoundError:  # it went while we looked
            continue
    return total


def measured(
    command: Sequence[str],
    *,
    every: float = 0.5,
    folders: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
    fine: Sequence[int] = (0,),
    limit: float | None = None,
    log: Path | None = None,
) -> Usage:
    """Run a command and return what it needed.

    A look every `every` seconds costs some milliseconds of the processes looked at. `folders` are those whose
    space on disk is watched, more seldom where they hold many files; `fine` are the exit codes of success,
    `limit` the most seconds, `log` gets both outputs. Raises Failed.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # what is left behind becomes ours, to count
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak, disk = Memory(), 0
    with Path(log or os.devnull).open("ab") as outputs:
        started = time.monotonic()
        with subprocess.Popen(
            command, stdout=outputs, stderr=outputs, env=environment, start_new_session=True
        ) as running:
            pause = 0.05  # short at first, so that short runs are looked at, too
            next_look = 0.0
            try:
                while not _ended(running, pause):
                    pause = min(every, 2 * pause)
                    peak = peak.most(memory(running.pid))
                    if (looked := time.monotonic()) >= next_look:
                        disk = max(disk, space(folders))
                        next_look = looked + _SELDOM * (time.monotonic() - looked)
                    if limit is not None and time.monotonic() - started > limit:
                        raise Failed(f"{' '.join(command)} took more than {limit:.0f} s{_end(log)}")
            except BaseException:  # also Ctrl-C, which does not reach another session
                os.killpg(running.pid, signal.SIGKILL)
                raise
    wall = time.monotonic() - started
    _reap(running.pid)
    if running.returncode not in fine:
        raise Failed(f"{' '.join(command)} ended with {running.returncode}{_end(log)}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Usage(wall, spent, peak, max(disk, space(folders)))


def _ended(running: subprocess.Popen[bytes], seconds: float) -> bool:
    """Say whether the process ends within some seconds."""
    try:
        running.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(log: Path | None) -> str:
    """Return the end of what a command wrote, to stand behind what befell it."""
    return f":\n{log.read_text(errors='replace')[-_TOLD:]}" if log else ""


def _reap(group: int) -> None:
    """Wait for what a command left behind; end it if it does not end by itself."""
    patience = time.monotonic() + _GRACE
    while True:
        try:
            found, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not found and time.monotonic() > patience:
            os.killpg(group, signal.SIGKILL)
            patience += _GRACE
        elif not found:
            time.sleep(0.05)
