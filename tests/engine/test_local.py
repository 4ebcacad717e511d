"""The embedded engine: order, any number of workers, and a worker that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cleaner.engine.local import LocalEngine
from cleaner.errors import LockedError, OutputError
from cleaner.io.lock import locked


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


FORKING = """
import os, sys, time
from cleaner.engine.local import LocalEngine
from cleaner.io.lock import locked

LOADED = []

def seen(number):
    return os.getpid(), list(LOADED)

def slow(number):
    time.sleep(60)

if __name__ == "__main__":
    if sys.argv[2] == "threaded":
        import threading
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    with locked(os.fsencode(sys.argv[1])), LocalEngine(2) as engine:
        LOADED.append("before")
        found = list(engine.map(seen, range(8)))
        assert all(each[0] != os.getpid() for each in found)
        print(all(each[1] == ["before"] for each in found), flush=True)
        list(engine.map(slow, range(2)))
"""


@pytest.mark.parametrize("threads", ["alone", "threaded"])
def test_workers_have_what_is_loaded_where_no_thread_runs_and_hold_no_lock(
    tmp_path: Path, threads: str
) -> None:
    program = tmp_path / "forking.py"
    program.write_text(FORKING)
    lock = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, str(program), str(lock), threads], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        forked = process.stdout.readline().strip() == "True"
        with pytest.raises(LockedError), locked(os.fsencode(lock)):
            pass
        process.kill()
        process.wait()
        assert forked == (threads == "alone" and sys.platform == "linux")
        with locked(os.fsencode(lock)):
            pass
