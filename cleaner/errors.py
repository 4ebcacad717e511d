"""The error family: what can go wrong for a user, each kind with its exit code.

Everything that a user can cause or mend is a `CleanerError`; anything else that escapes is a bug of
ours (exit 1). The numbers are a contract with cron jobs: they may be added to, never changed.
"""

from __future__ import annotations

import signal
from typing import ClassVar

from cleaner.text.show import show


class CleanerError(Exception):
    """A problem that the user can act on: one line that says where, what was found, and what to do.

    `where` names the file, line or key (already safe to print); `hint` is the way out.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        line = f"{self.where}: {self.message}" if self.where else self.message
        return f"{line}; {self.hint}" if self.hint else line


class UsageError(CleanerError):
    """The command line or the settings cannot be followed; found before any work."""

    exit_code = 2


class SettingsError(UsageError):
    """One or more faults in a settings file, one line each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class InputError(CleanerError):
    """An input, or a part of one, was skipped; the rest of the run is done."""

    exit_code = 3


class OutputError(CleanerError):
    """Output, disk or memory failed; what was committed stands, and a rerun completes."""

    exit_code = 4


class StateError(CleanerError):
    """State or ledger is damaged, missing, newer than this version, or not ours."""

    exit_code = 5


class LockedError(CleanerError):
    """Another run holds the lock."""

    exit_code = 6


class RestoreError(CleanerError):
    """Clean text and ledger do not give back the input."""

    exit_code = 7


class LimitError(CleanerError):
    """A run would remove or skip more than the settings allow; nothing of it was published."""

    exit_code = 8


EXIT_CODES: dict[int, str] = {
    0: "done, or nothing to do",
    1: "a bug in cleaner: please report it",
    2: "usage or settings error, found before any work",
    3: "done, but some input was skipped that no run had skipped before; each is named",
    4: "output, disk or memory failed; what was committed stands, run again to complete",
    5: "state or ledger damaged, newer than this version, or not ours: a person is needed",
    6: "another run holds the lock",
    7: "verify or restore found a difference",
    8: "more would be removed or skipped than `limits` allow; nothing was published",
}


class Stopped(BaseException):
    """A signal asked the program to end. `received` is its number, None as long as there was none: a library
    that was at work may have made another error of this one (pydantic does, where models are built).
    """

    received: ClassVar[int | None] = None

    def __init__(self, number: int) -> None:
        super().__init__(number)
        Stopped.received = number
        self.number = number


def ended_by(error: BaseException) -> tuple[int, str]:
    """Return the exit code that an exception means, and what is to be said of it: a line, or several."""
    if Stopped.received or isinstance(error, KeyboardInterrupt):
        number = Stopped.received or signal.SIGINT
        by = "Ctrl-C" if number == signal.SIGINT else f"signal {number}"
        return 128 + number, f"stopped by {by}; nothing half-written was published"
    if isinstance(error, CleanerError):
        return error.exit_code, str(error)
    if isinstance(error, BrokenPipeError):
        return 0, ""  # who reads stdout has seen enough: `head`, a pager
    if isinstance(error, OSError):
        return OutputError.exit_code, f"cannot write to stdout: {error.strerror}"
    return 1, f"a bug in cleaner: {type(error).__name__}: {show(str(error))}"
