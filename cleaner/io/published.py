"""Reading what is published without the lock, so that no run is ever refused because of a reader.

The files of an output are only replaced whole, by renames between the commit of a run (its manifest
appears) and the removal of its stage. Files opened while neither was seen belong together, and stay
readable as they are for as long as they are open.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from cleaner.errors import LockedError, StateError, UsageError
from cleaner.io.lock import locked
from cleaner.io.state import Folders, interrupted, last_run, read_manifest
from cleaner.text.show import show

T = TypeVar("T")

_PATIENCE = 10.0  # seconds for a run that is publishing: renames, at 10,000 files a second
_PAUSE = 0.05


def refreshed(folders: Folders) -> Folders:
    """Return the folders; a working copy is as the store has it then. Raises OutputError, StateError."""
    if folders.url:
        from cleaner.io.working_copy import refresh

        refresh(folders)
    return folders


class Published:
    """An output as the last run left it, while others may be running.

    Raises StateError when one was cut off while it published, LockedError when one that publishes
    takes more than ten seconds.
    """

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._run = _settled(folders)

    @contextmanager
    def together(self, opened: Callable[[ExitStack], T]) -> Iterator[T]:
        """Give what `opened` opens on a stack: files of one run, as it left them."""
        while True:
            with ExitStack() as stack:
                files = opened(stack)
                if not os.path.lexists(self._folders.manifest(self._run + 1)):
                    yield files
                    return
            self._run = _settled(self._folders)


def _settled(folders: Folders) -> int:
    """Return the last run, once all of it is published."""
    given_up = time.monotonic() + _PATIENCE
    while True:
        run = last_run(folders)
        if not os.path.lexists(folders.stage(run)):
            return run
        try:
            with locked(folders.lock, shared=True):
                if interrupted(folders):
                    raise cut_off(folders)
        except LockedError:
            if time.monotonic() > given_up:
                raise
            time.sleep(_PAUSE)


def cleaned_after(folders: Folders, run: int) -> frozenset[bytes]:
    """Return the inputs that were cleaned after a run. Raises UsageError if there was no such run."""
    last = last_run(folders)
    if not 0 <= run <= last:
        raise UsageError(
            f"there was no run {run}; the last one is {last}", hint="`cleaner history` lists them"
        )
    manifests = (read_manifest(folders, later) for later in range(run + 1, last + 1))
    return frozenset(done.file.path for manifest in manifests for done in manifest.inputs)


def cut_off(folders: Folders) -> StateError:
    """Return the error for an output that is published in part."""
    return StateError(
        "the last run was cut off while it published",
        where=show(folders.out),
        hint="`cleaner run` completes it",
    )
