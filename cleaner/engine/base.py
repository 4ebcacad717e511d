"""What a stage may ask of the machinery that runs it: two verbs. No stage knows more of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from numpy.typing import NDArray

Task = TypeVar("Task")
Result = TypeVar("Result")


class Engine(Protocol):
    """Runs pure functions on tasks, here or elsewhere. Functions and tasks must pickle."""

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield function(task) for each task, in the order of the tasks."""
        ...

    def group(
        self, function: Callable[[NDArray[Any]], Result], tables: Iterable[NDArray[Any]]
    ) -> Iterator[Result]:
        """Shuffle the records of `tables` by their field `key` and yield function(part) of each part.

        All records of one key come in one part. How many parts there are, and the order of records
        in a part, are the engine's business: results must not depend on them.
        """
        ...
