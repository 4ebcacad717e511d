"""What a stage may ask of the machinery that runs it. No stage knows more of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Engine(Protocol):
    """Runs pure functions on tasks, here or elsewhere. Functions and tasks must pickle.

    A task whose worker dies is done again, alone; so what it leaves on disk must not be in its own way, or
    `undo` must take it away.
    """

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        undo: Callable[[Task], None] | None = None,
    ) -> Iterator[Result]:
        """Yield function(task) for each task, in the order of the tasks. Raises OutputError where a worker
        died twice of the same task.
        """
        ...

    def attempt(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result | None]:
        """Yield the same, and None for a task of which a worker died twice."""
        ...
