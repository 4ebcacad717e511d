"""The engine for a cluster: tasks run as stages of Apache Spark, and keys go through its shuffle.

Scheduling, retries, shuffle and memory are Spark's. What the passes leave for each other stands in files, so
driver and executors need one file system that all of them see in the same place. Each task may be tried more
than once, but not twice at the same time.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, groupby
from operator import itemgetter
from traceback import format_exc
from typing import Any, Self

import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException, PythonException
from pyspark.sql import DataFrame, SparkSession

from cleaner.engine.base import Grouped, Part, Result, Task
from cleaner.errors import OutputError

_RESULTS = "number long, result binary"
_SENT = "part long, range long, data binary"
_ROWS_A_BATCH = "16"  # that go to a Python process at once: tasks and pieces of keys may have megabytes
_AT_ONCE = 4096  # partitions of a stage, unless another number is set
_WAVES = 2  # partitions for each part of the keys: they are told apart by a hash
_OF_A_SPAN = 4  # partitions that are worth their start for what one task sends
_SPAN = struct.Struct("=qq")  # where a task begins and ends, in the file of tasks
_END = 8  # bytes of each


_STALE = "a task of a run that has ended, or on a machine that does not see the output folder"
_LOGS = "nothing was published; the logs of Spark tell more"


class StaleRun(OutputError):
    """A task belongs to a run that has ended."""


class SparkEngine:
    """Runs tasks on the executors of a session. `folder`, which all of them see, belongs to this run alone:
    once it is gone, tasks that still wait do nothing. `partitions` is what a stage has at most. A session
    that is `own` ends with the engine.
    """

    def __init__(
        self, session: SparkSession, folder: bytes, *, partitions: int | None = None, own: bool = False
    ) -> None:
        self._whole, self._own, self._folder, self._partitions = session, own, folder, partitions
        self._stages = 0
        self._session = session.newSession()
        for name, value in (
            ("spark.sql.execution.arrow.maxRecordsPerBatch", _ROWS_A_BATCH),
            ("spark.sql.adaptive.enabled", "false"),
        ):
            self._session.conf.set(name, value)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._own:
            self._whole.stop()

    def start(self, module: str) -> None:
        """Do nothing: processes are Spark's, and import what they need."""

    def map(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        undo: Callable[[Task], None] | None = None,
    ) -> Iterator[Result]:
        """Yield function(task) for each task, in the order of the tasks, once all are done. A task is undone
        before it is tried. Raises OutputError where Spark gives up.
        """
        yield from self._results(function, list(tasks), undo)

    def attempt(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result | None]:
        """Yield function(task) for each task, and None where Spark gives up on it, however often it is tried:
        where that is, shows by halves.
        """
        yield from self._attempts(function, list(tasks))

    def _attempts(self, function: Callable[[Task], Result], tasks: list[Task]) -> Iterator[Result | None]:
        try:
            yield from self._results(function, tasks, None)
        except GivenUp:
            if len(tasks) == 1:
                self._results(int, [0], None)  # raises where it is not this task but the cluster that fails
                yield None
                return
            half = len(tasks) // 2
            yield from self._attempts(function, tasks[:half])
            yield from self._attempts(function, tasks[half:])

    def group(
        self, function: Callable[[Part, Iterator[Any]], Result], grouped: Grouped[Part]
    ) -> Iterator[Result]:
        """Yield function(part, its entries) for each part: one shuffle, by the number of the part."""
        parts = grouped.parts
        count = self._partitions or min(_AT_ONCE, _WAVES * len(parts), _OF_A_SPAN * len(grouped.spans))
        spans, place = self._shared_out(grouped.spans)
        sent = spans.mapInArrow(partial(_send, told=_told((grouped, place))), _SENT)
        ordered = sent.repartition(count, "part").sortWithinPartitions("part", "range")
        told = _told((function, grouped))
        results = self._collected(ordered.mapInArrow(partial(_receive, told=told), _RESULTS))
        for number, part in enumerate(parts):
            yield results[number] if number in results else function(part, iter(()))

    def _results(
        self, function: Callable[[Task], Result], tasks: list[Task], undo: Callable[[Task], None] | None
    ) -> list[Result]:
        if not tasks:
            return []
        numbers, place = self._shared_out(tasks)
        told = _told((function, undo, place))
        results = self._collected(numbers.mapInArrow(partial(_do, told=told), _RESULTS))
        return [results[number] for number in range(len(tasks))]

    def _shared_out(self, tasks: Sequence[Any]) -> tuple[DataFrame, bytes]:
        """Return the numbers of tasks, shared out evenly, and the file where the tasks are left."""
        if not os.path.isdir(self._folder):
            raise StaleRun(_STALE)
        place = os.path.join(self._folder, b"tasks-%06d" % self._stages)
        self._stages += 1
        packed = [_told(task) for task in tasks]
        with open(place, "wb") as stream:
            stream.writelines(packed)
        with open(place + b".ends", "wb") as stream:
            stream.writelines(
                end.to_bytes(_END, sys.byteorder) for end in accumulate(map(len, packed), initial=0)
            )
        partitions = min(len(tasks), self._partitions or _AT_ONCE)
        return self._session.range(0, len(tasks), 1, max(1, partitions)), place

    def _collected(self, frame: DataFrame) -> dict[int, Any]:
        """Return results by number. Raises what a task raised, GivenUp where Spark has."""
        try:
            table = frame.toArrow()
        except PythonException as error:  # before any task was at work
            raise OutputError(f"tasks cannot run: {_cause(error)}", hint=_LOGS) from error
        except (PySparkException, Py4JError) as error:
            raise GivenUp(f"Spark gave up on a stage: {_cause(error)}", hint=_LOGS) from error
        results = {}
        for number, packed in sorted(_rows(table.to_batches())):
            result, raised = pickle.loads(packed)
            if raised:
                raise raised
            results[number] = result
        return results


class GivenUp(OutputError):
    """Spark tried a task as often as it is told to, and its process died each time."""


def _cause(error: Exception) -> str:
    """Return the line of a long message that tells what was wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in reversed(lines) if "Error:" in line or "Exception:" in line), lines[0])[
        :300
    ]


def _told(value: Any) -> bytes:
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def _do(batches: Iterable[pa.RecordBatch], told: bytes) -> Iterator[pa.RecordBatch]:
    """Do tasks on an executor."""
    function, undo, place = pickle.loads(told)
    for (number,) in _rows(batches):
        yield _done(number, partial(_tried, function, undo, place, number))


def _tried(
    function: Callable[[Any], Any], undo: Callable[[Any], None] | None, place: bytes, number: int
) -> Any:
    task = _task(place, number)
    if undo:
        undo(task)
    return function(task)


def _task(place: bytes, number: int) -> Any:
    """Return a task. Raises StaleRun where it is not there (any more)."""
    try:
        with open(place + b".ends", "rb") as ends, open(place, "rb") as tasks:
            start, end = _SPAN.unpack(os.pread(ends.fileno(), _SPAN.size, number * _END))
            return pickle.loads(os.pread(tasks.fileno(), end - start, start))
    except FileNotFoundError:
        raise StaleRun(_STALE) from None


def _send(batches: Iterable[pa.RecordBatch], told: bytes) -> Iterator[pa.RecordBatch]:
    """Send what spans of rows have for each part and range."""
    grouped, tasks = pickle.loads(told)
    for (number,) in _rows(batches):
        for part, place, data in grouped.send(_task(tasks, number)):
            columns = [pa.array([part]), pa.array([place]), pa.array([bytes(data)], pa.binary())]
            yield pa.RecordBatch.from_arrays(columns, ["part", "range", "data"])


def _receive(batches: Iterable[pa.RecordBatch], told: bytes) -> Iterator[pa.RecordBatch]:
    """Work on the parts whose pieces arrive, in the order of parts and ranges."""
    function, grouped = pickle.loads(told)
    parts = grouped.parts
    for number, pieces in groupby(_rows(batches), itemgetter(0)):
        ranges = (grouped.receive(map(itemgetter(2), own)) for _, own in groupby(pieces, itemgetter(1)))
        yield _done(number, partial(function, parts[number], ranges))


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[Any, ...]]:
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _done(number: int, work: Callable[[], Any]) -> pa.RecordBatch:
    """Return the result of a task, or what it raised: Spark would try that again."""
    try:
        told = _told((work(), None))
    except Exception as error:
        error.add_note(format_exc())
        told = _told((None, error))
    return pa.RecordBatch.from_arrays(
        [pa.array([number]), pa.array([told], pa.binary())], ["number", "result"]
    )
