"""A limit to the processor time of what is called: endless work ends, all else is as if there was none."""

from __future__ import annotations

import re
import signal
import threading
import time

import pytest
import regex

from cleaner.time_limit import TimeLimit, TookTooLongError

SHORT = 0.05
HOPELESS = "a" * 60 + "b"


def endless() -> None:
    while True:
        pass


def endless_pattern() -> None:
    re.fullmatch(r"(a+)+", HOPELESS)


def endless_pattern_of_regex() -> None:
    regex.fullmatch(r"(a|aa)+", HOPELESS)


def endless_that_clears_up() -> None:
    try:
        endless()
    finally:
        time.sleep(0)


class Deleted:
    """What takes its time when it goes, and what is raised then Python ignores."""

    def __del__(self) -> None:
        until = time.process_time() + 3 * SHORT
        while time.process_time() < until:
            pass


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_python_ignores_comes_again() -> None:
    def work() -> None:
        Deleted()
        endless()

    with TimeLimit(SHORT) as limit, pytest.raises(TookTooLongError):
        limit.within(10, work)
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


@pytest.mark.parametrize("work", [endless, endless_pattern, endless_pattern_of_regex, endless_that_clears_up])
def test_endless_work_ends(work) -> None:
    with TimeLimit(SHORT) as limit:
        for _ in range(2):
            with pytest.raises(TookTooLongError):
                limit.within(10, work)
        assert limit.within(10, lambda: "done") == "done"


def test_what_ends_in_time_is_left_alone() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with TimeLimit(SHORT) as limit:
        assert limit.within(0, divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            limit.within(0, divmod, 7, 0)
        until = time.process_time() + 3 * SHORT
        while time.process_time() < until:  # between two calls nothing is limited
            pass
        limit.within(0, time.sleep, 3 * SHORT)  # only work counts, so that a busy machine makes nothing late
    assert signal.getsignal(signal.SIGPROF) == before
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_much_text_has_more_time() -> None:
    def work() -> None:
        until = time.process_time() + 3 * SHORT
        while time.process_time() < until:
            pass

    with TimeLimit(SHORT) as limit:
        limit.within(20_000_000, work)
        with pytest.raises(TookTooLongError):
            limit.within(20_000, work)


def test_in_another_thread_there_is_no_limit() -> None:
    done = []

    def work() -> None:
        with TimeLimit(SHORT) as limit:
            done.append(limit.within(0, sum, range(10)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [45]
