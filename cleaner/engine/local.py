"""The embedded engine: this process, or a pool of spawned ones on this machine.

Spawned, not forked: a forked worker would inherit the lock and hold it after its parent was killed.
Threads do not fit, because most of the work holds the interpreter lock. Workers read and write their
own files; only small tasks and results cross between processes.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from importlib import import_module
from multiprocessing import active_children, get_context
from typing import Self

from cleaner.engine.base import Result, Task
from cleaner.errors import OutputError

_WINDOW = 3  # tasks in flight for each worker
_PR_SET_PDEATHSIG = 1
_OBJECTS = 50_000  # made between two searches for cycles, of which there are next to none: 5 % of the time


def _start_worker(parent: int) -> None:
    """Let a worker end with its parent, however that ends, and leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _search_less()
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _search_less() -> None:
    """Let this process search for cycles seldom, and not among what is there already."""
    gc.set_threshold(_OBJECTS)
    gc.freeze()


class LocalEngine:
    """Runs on `workers` processes; with one, in this process."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        _search_less()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if self._pool:
            for worker in active_children() if failed else ():
                worker.kill()  # nothing that it still does is wanted
            self._pool.shutdown(cancel_futures=True)

    def start(self, module: str) -> None:
        """Let the workers start and import `module` while this process does something else."""
        if self._workers > 1:
            with suppress(BrokenProcessPool):  # of which the first map will tell
                for _ in range(self._workers):
                    self._running().submit(import_module, module)

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield function(task) for each task, in the order of the tasks.

        Raises OutputError when a worker dies (killed, or out of memory).
        """
        if self._workers == 1:
            yield from map(function, tasks)
            return
        try:
            yield from self._windowed(function, tasks)
        except BrokenProcessPool:
            self._pool = None
            raise OutputError(
                "a worker process was killed, perhaps for want of memory",
                hint="nothing was published; run again, with fewer --workers",
            ) from None

    def _windowed(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        pool = self._running()
        running: deque[Future[Result]] = deque()
        for task in tasks:
            running.append(pool.submit(function, task))
            if len(running) >= _WINDOW * self._workers:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers, get_context("spawn"), _start_worker, (os.getpid(),)
            )
        return self._pool
