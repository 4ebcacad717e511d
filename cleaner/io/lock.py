"""The lock: one run at a time on one output. The kernel holds it, so it cannot be left behind.

The file itself is never renamed or removed, and what stands in it (pid, start) is for messages only.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from cleaner.errors import LockedError, OutputError
from cleaner.text.show import show

_held: set[int] = set()  # descriptors of locks that this process holds


@contextmanager
def locked(path: bytes, *, shared: bool = False) -> Iterator[Callable[[], None]]:
    """Hold the lock at `path` (made where it is missing); `shared` for those that only read.

    Yields a function that writes the holder's pid and start into the file. It is for those that have
    work to do: a run that finds nothing to do changes no file, not even this one.

    Raises LockedError, naming the holder, when another run has it, OutputError when it cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise OutputError(f"cannot lock: {error.strerror}", where=show(path)) from None
    _held.add(descriptor)
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 200, 0).decode("ascii", "replace").strip()
            raise LockedError(
                f"another run holds the lock ({show(holder) or 'just started'})",
                where=show(path),
                hint="wait until it is done; a lock needs no removing",
            ) from None
        if not shared and os.fstat(descriptor).st_size:
            os.ftruncate(descriptor, 0)  # what a killed run left
        try:
            yield partial(_announce, descriptor)
        finally:
            if not shared and os.fstat(descriptor).st_size:
                os.ftruncate(descriptor, 0)
    finally:
        _held.remove(descriptor)
        os.close(descriptor)


def _let_go() -> None:
    """Close what a forked process got of locks, lest it hold them after its parent was killed."""
    while _held:
        os.close(_held.pop())


os.register_at_fork(after_in_child=_let_go)


def _announce(descriptor: int) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    os.pwrite(descriptor, f"pid {os.getpid()}, started {now}\n".encode(), 0)
