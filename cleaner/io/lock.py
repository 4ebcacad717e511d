"""The lock: one run at a time on one output. The kernel holds it, so it cannot be left behind.

The file itself is never renamed, and removed only by a start that made it, holds it and becomes no run. What
stands in it (pid, start) is for messages only.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pwd import getpwuid

from cleaner.errors import LockedError, OutputError
from cleaner.text.show import show

_POLL = 0.1  # seconds between two looks at a lock that is waited for
_held: set[int] = set()  # descriptors of locks that this process holds
# Those of them that `locked` has not taken over yet, one at most; what was made for it, the file first.
_early: dict[int, list[bytes]] = {}


def lock_early(path: bytes, *, wait: float = 0.0) -> None:
    """Take the lock at `path` for the next `locked` of this process; file and folders are made where they are
    missing, and stay if a run begins (see `unlock_early`).

    Raises LockedError as `locked` does. Whatever else is wrong is left for `locked` to find.
    """
    while True:
        missing = list(_missing(path))
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            descriptor = _opened(path, os.O_CREAT)
        except OSError:
            _unmake(missing[1:])
            return
        try:
            _take(descriptor, path, fcntl.LOCK_EX, wait)
        except BaseException:
            _close(descriptor)
            raise
        if _is_at(descriptor, path):
            _early[descriptor] = missing
            return
        _close(descriptor)  # removed while it was waited for, by a start that did not become a run


def unlock_early() -> None:
    """Let go of a lock that no `locked` has taken over, because no run began. What was made for it goes, too:
    whoever mistypes a command finds nothing new afterwards.
    """
    while _early:
        descriptor, made = _early.popitem()
        _unmake(made)
        _close(descriptor)


def _missing(path: bytes) -> Iterator[bytes]:
    """Yield a file and the folders above it, as far as they are not there."""
    while not os.path.lexists(path):
        yield path
        path = os.path.dirname(path)


def _unmake(made: list[bytes]) -> None:
    """Remove a file, and folders above it as long as they are empty."""
    with suppress(OSError):
        for path in made:
            if os.path.isdir(path):
                os.rmdir(path)
            elif os.path.lexists(path):
                os.unlink(path)


@contextmanager
def locked(path: bytes, *, shared: bool = False, wait: float = 0.0) -> Iterator[Callable[[], None]]:
    """Hold the lock at `path` (made where it is missing); `shared` for those that only read. Another
    holder is waited for up to `wait` seconds.

    Yields a function that writes the holder's pid and start into the file. It is for those that have
    work to do: a run that finds nothing to do changes no file, not even this one.

    Raises LockedError, naming the holder, when another run has it, OutputError when it cannot be made.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    descriptor = _early_or_opened(path)
    try:
        _take(descriptor, path, kind, wait)
        while not _is_at(descriptor, path):  # removed, with the output around it, while it was waited for
            _close(descriptor)
            descriptor = _early_or_opened(path)
            _take(descriptor, path, kind, wait)
        if not shared and os.fstat(descriptor).st_size:
            os.ftruncate(descriptor, 0)  # what a killed run left
        try:
            yield partial(_announce, descriptor)
        finally:
            if not shared and os.fstat(descriptor).st_size:
                os.ftruncate(descriptor, 0)
    finally:
        _close(descriptor)


@contextmanager
def alone_in(folder: bytes) -> Iterator[None]:
    """Keep others out who ask the same of a folder, in which nothing is changed. Raises OutputError where
    there is no such folder.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise OutputError(f"cannot be opened: {error.strerror}", where=show(folder)) from None
    try:
        with suppress(OSError):  # not every file system has locks on folders
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _opened(path: bytes, flags: int) -> int:
    descriptor = os.open(path, os.O_RDWR | flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    _held.add(descriptor)
    return descriptor


def _early_or_opened(path: bytes) -> int:
    """Return the descriptor of what was locked early; if that was another file, let go of it."""
    for descriptor in _early:
        if _is_at(descriptor, path):
            _early.clear()
            return descriptor
    unlock_early()
    try:
        return _opened(path, os.O_CREAT)
    except OSError as error:
        hint = _owner(path) if isinstance(error, PermissionError) else None
        raise OutputError(f"cannot lock: {error.strerror}", where=show(path), hint=hint) from None


def _owner(path: bytes) -> str | None:
    """Say whose file this is; None where it is nobody's."""
    try:
        number = os.stat(path).st_uid
    except OSError:
        return None
    try:
        return f"it is a file of {show(getpwuid(number).pw_name)}; run as that user"
    except KeyError:
        return f"it is a file of user {number}; run as that user"


def _is_at(descriptor: int, path: bytes) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _take(descriptor: int, path: bytes, kind: int, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if (left := until - time.monotonic()) > 0:
                time.sleep(min(_POLL, left))
                continue
        raise LockedError(
            f"another run holds the lock ({_holder(descriptor)})",
            where=show(path),
            hint="wait until it is done; a lock needs no removing",
        )


def _close(descriptor: int) -> None:
    _held.discard(descriptor)
    os.close(descriptor)


def _let_go() -> None:
    """Close what a forked process got of locks, lest it hold them after its parent was killed."""
    while _held:
        os.close(_held.pop())
    _early.clear()


os.register_at_fork(after_in_child=_let_go)


def _announce(descriptor: int) -> None:
    os.pwrite(descriptor, f"{_told(os.getpid(), time.time())}\n".encode(), 0)


def _told(pid: int, started: float) -> str:
    return f"pid {pid}, started {datetime.fromtimestamp(started, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _holder(descriptor: int) -> str:
    """Name who holds the lock: by what it wrote, else by what the kernel knows of it."""
    written = os.pread(descriptor, 200, 0).decode("ascii", "replace").strip()
    return show(written) or _known_to_kernel(os.fstat(descriptor)) or "just started"


def _known_to_kernel(file: os.stat_result) -> str:
    """Name the holder of a lock by /proc; an empty text where that does not tell."""
    place = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
    try:
        with open("/proc/locks", encoding="ascii") as locks:
            holders = [
                fields[4] for line in locks if place in (fields := line.split()) and fields[1] == "FLOCK"
            ]
        with open(f"/proc/{int(holders[0])}/stat", encoding="utf-8", errors="replace") as stat:
            ticks = int(stat.read().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return ""
    since_boot = ticks / os.sysconf("SC_CLK_TCK")
    return _told(int(holders[0]), time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + since_boot)
