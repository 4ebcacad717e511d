"""The embedded engine: this process, or a pool of others on this machine.

They are forked, with all that is loaded by then, where that is safe: on Linux, while there is no other thread
that might hold a lock of which a child would wait for ever. Else they are spawned, and load it anew: half a
second each. Threads do not fit, because most of the work holds the interpreter lock. Workers read and write
their own files; only small tasks and results cross between processes.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from importlib import import_module
from multiprocessing import active_children, get_context
from threading import active_count
from typing import Any, Self

from cleaner.engine.base import Grouped, Part, Result, Task
from cleaner.errors import OutputError
from cleaner.memory import keep_freed, search_seldom

_WINDOW = 3  # tasks in flight for each worker
_PR_SET_PDEATHSIG = 1
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 1800.0  # seconds without an answer: a task takes some, or a minute in a large corpus


def _start_worker(parent: int) -> None:
    """Let a worker end with its parent, however that ends, and leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    _search_less()
    keep_freed()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _search_less() -> None:
    """Let this process search for cycles seldom, and not among what is there already."""
    search_seldom()
    gc.freeze()


def _gathered(
    part: Part, function: Callable[[Part, Iterator[Any]], Result], grouped: Grouped[Part]
) -> Result:
    return function(part, grouped.gather(part))


class LocalEngine:
    """Runs on `workers` processes; with one, in this process."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        self._searches = gc.get_threshold()
        _search_less()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        gc.unfreeze()
        gc.set_threshold(*self._searches)
        if self._pool:
            for worker in active_children() if failed else ():
                worker.kill()  # nothing that it still does is wanted
            self._pool.shutdown(cancel_futures=True)

    def start(self, module: str) -> None:
        """Let the workers start now, and import `module` if they have to."""
        if self._workers > 1:
            try:
                for _ in range(self._workers):
                    self._running().submit(import_module, module)
            except BrokenProcessPool:
                pass  # of which the first map will tell
            except (OSError, RuntimeError, NotImplementedError):  # no more processes, threads or semaphores
                self._do_without()

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        undo: Callable[[Task], None] | None = None,
    ) -> Iterator[Result]:
        """Yield function(task) for each task, in the order of the tasks.

        Raises OutputError when workers die of the same task (killed, or out of memory), also when it has
        one for itself alone.
        """
        for done in self._all(function, tasks, undo):
            if done is None:
                raise OutputError(
                    "a worker process was killed twice, perhaps for want of memory",
                    hint="nothing was published; run again, with fewer --workers",
                )
            yield done[0]

    def attempt(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result | None]:
        """Yield function(task) for each task, and None where a worker died of it twice."""
        for done in self._all(function, tasks, None):
            yield done[0] if done else None

    def group(
        self, function: Callable[[Part, Iterator[Any]], Result], grouped: Grouped[Part]
    ) -> Iterator[Result]:
        """Yield function(part, its entries) for each part. Nothing is sent: each task reads what it wants."""
        return self.map(partial(_gathered, function=function, grouped=grouped), grouped.parts)

    def _all(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        undo: Callable[[Task], None] | None,
    ) -> Iterator[tuple[Result] | None]:
        """Yield (result,) for each task, and None where a worker died of it twice."""
        if self._workers == 1:
            yield from ((function(task),) for task in tasks)
            return
        running: deque[tuple[Task, Future[Result] | None]] = deque()
        for task in tasks:
            running.append((task, self._submitted(function, task)))
            if len(running) >= _WINDOW * self._workers:
                yield from self._first(function, running, undo)
        while running:
            yield from self._first(function, running, undo)

    def _submitted(self, function: Callable[[Task], Result], task: Task) -> Future[Result] | None:
        """Return a task under way; None where workers have just died."""
        try:
            return self._running().submit(function, task)
        except BrokenProcessPool:
            return None

    def _first(
        self,
        function: Callable[[Task], Result],
        running: deque[tuple[Task, Future[Result] | None]],
        undo: Callable[[Task], None] | None,
    ) -> Iterator[tuple[Result] | None]:
        """Yield the result of the first task that is under way. Where a worker died, whose task that was is
        not known: then those of all that are under way, each of which has the workers for itself alone.
        """
        task, future = running.popleft()
        if future and not self._died(future):
            yield (future.result(),)
            return
        self._let_go()
        yield self._alone(function, task, undo)
        while running:
            task, future = running.popleft()
            if future and not self._died(future):
                yield (future.result(),)
            else:
                yield self._alone(function, task, undo)

    def _alone(
        self, function: Callable[[Task], Result], task: Task, undo: Callable[[Task], None] | None
    ) -> tuple[Result] | None:
        """Return (result,) of a task while no other is under way; None where a worker dies of it."""
        if undo:
            undo(task)
        future = self._submitted(function, task)
        if future and not self._died(future):
            return (future.result(),)
        self._let_go()
        return None

    def _died(self, future: Future[Result]) -> bool:
        """Wait for a task, and tell whether a worker died meanwhile; those that are stuck are killed."""
        try:
            return isinstance(future.exception(_PATIENCE), BrokenProcessPool)
        except TimeoutError:
            for worker in active_children():
                worker.kill()
            return isinstance(future.exception(), BrokenProcessPool)

    def _do_without(self) -> None:
        """Go on in this process, which takes longer and comes to the same."""
        for worker in active_children():
            worker.kill()
        self._let_go()
        self._workers = 1

    def _let_go(self) -> None:
        """Leave workers of which one has died: all of them have ended, and are made anew when needed."""
        if self._pool:
            self._pool.shutdown()
            self._pool = None

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            forks = sys.platform == "linux" and active_count() == 1
            context = get_context("fork" if forks else "spawn")
            # Until a worker has its own handlers of signals, those of its parent are not to be called there.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
            try:
                self._pool = ProcessPoolExecutor(self._workers, context, _start_worker, (os.getpid(),))
                self._pool.submit(int)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self._pool
