"""What a stage may ask of the machinery that runs it. No stage knows more of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
Part = TypeVar("Part")


class Grouped(Protocol[Part]):
    """Entries that are to stand together by their keys, cut into parts, and each part into ranges.

    There are two ways to bring them together, with the same result: `gather` reads all that belongs to a
    part, where that is near; `send` reads some of all and tells where each piece belongs, so that an engine
    may shuffle them, and `receive` makes of the pieces of a range what `gather` yields for it.
    """

    @property
    def parts(self) -> Sequence[Part]:
        """What can be worked on by itself."""
        ...

    @property
    def spans(self) -> Sequence[Any]:
        """What can be sent by itself."""
        ...

    def gather(self, part: Part) -> Iterator[Any]:
        """Yield the entries of a part, a range at a time, in order."""
        ...

    def send(self, span: Any) -> Iterator[tuple[int, int, Any]]:
        """Yield (number of the part, range, bytes)."""
        ...

    def receive(self, sent: Iterable[bytes]) -> Any:
        """Return the entries of a range of which these pieces were sent, in any order."""
        ...


class Engine(Protocol):
    """Runs pure functions on tasks, here or elsewhere. Functions, tasks, and what undoes them must pickle.

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

    def group(
        self, function: Callable[[Part, Iterator[Any]], Result], grouped: Grouped[Part]
    ) -> Iterator[Result]:
        """Yield function(part, its entries, a range at a time) for each part, in order. Ranges that have no
        entries may be left out.
        """
        ...
