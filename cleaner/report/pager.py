"""From lines to a person: through a pager on a terminal, else straight to stdout, as they come.

A reader who goes away (a pager that is quit, `| head`) is no error.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import IO

import click

from cleaner.text.show import show

_DEFAULT = "less -FRX"
_WIDEST = 120  # cells; longer rows are hard to read
_TWO_WIDEST = 200  # of two columns together


def colour_wanted(choice: str) -> bool:
    """Tell whether stdout gets colours: `choice` is auto, always or never."""
    if choice != "auto":
        return choice == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and not dumb_terminal()


def terminal_width() -> int | None:
    """Return the width for text on the terminal, None where stdout is none."""
    return min(_WIDEST, shutil.get_terminal_size().columns) if sys.stdout.isatty() else None


def columns_width(wanted: bool | None) -> int | None:
    """Return the width for two columns beside each other, None where none are wanted: if that is not said
    (None), they are on a terminal of 120 cells and more.
    """
    cells = shutil.get_terminal_size((_WIDEST, 24)).columns
    if wanted is None:
        wanted = sys.stdout.isatty() and cells >= _WIDEST
    return min(_TWO_WIDEST, cells) if wanted else None


def deliver(chunks: Iterable[bytes], *, paged: bool) -> None:
    """Write each chunk to stdout, or to the pager, as soon as it is there, while somebody reads.

    Raises OSError when stdout cannot be written.
    """
    pager = _start_pager() if paged else None
    if pager and pager.stdin:
        _feed(pager, pager.stdin, chunks)
    else:
        _write(chunks, sys.stdout.buffer)


def _start_pager() -> subprocess.Popen[bytes] | None:
    named = os.environ.get("CLEANER_PAGER", os.environ.get("PAGER"))
    if named is None and dumb_terminal():
        return None  # less would stop and warn
    environment = {"LESS": "FRX", **os.environ}  # for a pager that is named as "less" only
    try:
        command = shlex.split(_DEFAULT if named is None else named)
        return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) if command else None
    except (OSError, ValueError):
        if named:
            click.echo(f"cleaner: cannot run the pager {show(named)}", err=True)
        return None


def _feed(pager: subprocess.Popen[bytes], stdin: IO[bytes], chunks: Iterable[bytes]) -> None:
    """Fill the pager and wait until it is left; Ctrl-C is meant for it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _write(chunks, stdin)
    finally:
        with suppress(BrokenPipeError):
            stdin.close()
        pager.wait()
        signal.signal(signal.SIGINT, before)


def _write(chunks: Iterable[bytes], stream: IO[bytes]) -> None:
    """Write until all is written or the reader has gone."""
    for chunk in chunks:
        try:
            stream.write(chunk)
            stream.flush()
        except BrokenPipeError:
            return


def dumb_terminal() -> bool:
    """Tell whether the terminal says that it can move no cursor and show no colour."""
    return (os.environ.get("TERM") or "dumb") == "dumb"
