"""Whether what stands in an output belongs together: on one disk, of one time."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import msgspec

from cleaner.errors import OutputError, StateError
from cleaner.text.show import show


def must_be_on_one_disk(out: bytes, paths: Iterable[bytes]) -> None:
    """Raise OutputError where a file (its path below the output) could not be renamed into its place."""
    disk = os.stat(os.path.join(out, b"state")).st_dev
    for folder in sorted({os.path.dirname(os.path.join(out, path)) for path in paths}):
        while not os.path.isdir(folder):
            folder = os.path.dirname(folder)
        if os.stat(folder).st_dev != disk:
            raise OutputError(
                "on another disk than state/, so that no file can be put there in one step",
                where=show(folder),
                hint="nothing was published; have all of the output on one file system",
            )


def must_know_its_report(out: bytes, last_run: int) -> None:
    """Raise StateError where the report is of a later run than the last that the state knows. A report is
    written with its run, so such a state is an older one, by which later texts would be taken for new.
    """
    try:
        with open(os.path.join(out, b"report", b"summary.json"), "rb") as stream:
            reported = int(msgspec.json.decode(stream.read(), type=dict[str, Any])["run"])
    except (OSError, ValueError, KeyError, TypeError, msgspec.DecodeError):
        return  # people may do with reports as they like
    if reported > last_run:
        raise StateError(
            f"the report is that of run {reported}, but the last run known here is {last_run}",
            where=show(os.path.join(out, b"state")),
            hint="bring all of the output back from one backup, not state/ alone",
        )
