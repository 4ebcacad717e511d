"""The embedded engine: order, shuffling, any number of workers, and a worker that is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from cleaner.engine.local import LocalEngine
from cleaner.errors import OutputError

ROW = np.dtype([("key", np.uint64), ("row", np.int64)])


def squared(number: int) -> int:
    return number * number


def slow_first(number: int) -> int:
    """Let the first task end last."""
    return sum(range(2_000_000)) * 0 if number == 0 else number


def process(_: int) -> int:
    return os.getpid()


def killed(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def failed(number: int) -> int:
    raise ValueError(f"task {number}")


def rows_by_key(part: np.ndarray) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for key, row in part.tolist():
        found.setdefault(key, []).append(row)
    return {key: sorted(rows) for key, rows in found.items()}


@pytest.fixture(params=[1, 2])
def engine(request: pytest.FixtureRequest) -> Iterator[LocalEngine]:
    with LocalEngine(request.param) as found:
        yield found


def test_results_come_in_the_order_of_the_tasks(engine: LocalEngine) -> None:
    assert list(engine.map(squared, range(40))) == [number * number for number in range(40)]
    assert list(engine.map(slow_first, range(8))) == list(range(8))
    assert list(engine.map(squared, [])) == []


def test_tasks_may_come_one_by_one(engine: LocalEngine) -> None:
    """No more tasks are asked for than can be under way, so that a long corpus is never held at once."""
    asked: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(100):
            asked.append(number)
            yield number

    results = engine.map(squared, tasks())
    assert next(results) == 0
    assert len(asked) <= 6


def test_all_rows_of_a_key_come_in_one_part(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.engine.local._ROWS_A_PART", 8)
    keys = [0, 1, 2**61, 2**62, 2**63, 2**63 + 1, 2**64 - 1]
    rows = [(keys[number % len(keys)], number) for number in range(60)]
    tables = [np.array(rows[start : start + 7], ROW) for start in range(0, len(rows), 7)]
    parts = list(engine.group(rows_by_key, tables))
    assert len(parts) > 1
    found: dict[int, list[int]] = {}
    for part in parts:
        assert not found.keys() & part.keys()
        found |= part
    assert found == rows_by_key(np.array(rows, ROW))


def test_small_tables_are_one_part(engine: LocalEngine) -> None:
    tables = [np.array([(1, 5)], ROW), np.array([(2**64 - 1, 6), (1, 4)], ROW)]
    assert list(engine.group(rows_by_key, tables)) == [{1: [4, 5], 2**64 - 1: [6]}]
    assert list(engine.group(rows_by_key, [])) == []
    assert list(engine.group(rows_by_key, [np.empty(0, ROW)])) == [{}]


def test_an_error_of_a_task_is_told_as_it_is(engine: LocalEngine) -> None:
    with pytest.raises(ValueError, match="task 7"):
        list(engine.map(failed, [7, 8]))
    assert list(engine.map(squared, [3])) == [9]


def test_one_worker_is_this_process_and_two_are_others() -> None:
    with LocalEngine(1) as one, LocalEngine(2) as two:
        assert list(one.map(process, range(3))) == [os.getpid()] * 3
        assert os.getpid() not in list(two.map(process, range(3)))


def test_a_killed_worker_is_an_error_and_the_engine_can_go_on() -> None:
    with LocalEngine(2) as engine:
        with pytest.raises(OutputError, match="killed") as caught:
            list(engine.map(killed, range(50)))
        assert caught.value.exit_code == 4
        assert list(engine.map(squared, range(5))) == [0, 1, 4, 9, 16]
