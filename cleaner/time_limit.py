"""How long a document may take, in processor time, so that a busy machine makes none late."""

from __future__ import annotations

import signal
from collections.abc import Callable
from threading import current_thread, main_thread
from types import FrameType
from typing import Any, ParamSpec, Self, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_MILLION = 1_000_000


class TookTooLongError(Exception):
    """What was called has used up its time."""


class TimeLimit:
    """Lets what is called take `seconds` of the time of this process, and as much more for each million
    characters. Signals reach the main thread alone: in any other there is no limit.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._before: Any = None
        self._holds = current_thread() is main_thread()

    def __enter__(self) -> Self:
        if self._holds:
            self._before = signal.signal(signal.SIGPROF, _stop)
        return self

    def __exit__(self, *_: object) -> None:
        if self._holds:
            signal.signal(signal.SIGPROF, self._before)

    def within(
        self,
        characters: int,
        function: Callable[_Arguments, _Result],
        *arguments: _Arguments.args,
        **keywords: _Arguments.kwargs,
    ) -> _Result:
        """Call a function. Raises TookTooLongError, from wherever it is by then, when its time is over."""
        if not self._holds:
            return function(*arguments, **keywords)
        # Again every second: where it comes while an object is deleted, Python ignores it.
        signal.setitimer(signal.ITIMER_PROF, self._seconds * (1 + characters / _MILLION), 1)
        try:
            try:
                return function(*arguments, **keywords)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
        except TookTooLongError:
            signal.setitimer(signal.ITIMER_PROF, 0)  # it may have come just ahead of the line above
            raise


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TookTooLongError
