"""The start of a run. The lock comes before all that takes long to load: of many starts at once those
that lose end quickly.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.errors import LockedError
from cleaner.io.lock import lock_early, unlock_early
from cleaner.io.places import output_soon
from cleaner.unattended import Record

STREAM = "-"


class Order(NamedTuple):
    """What `cleaner run` was asked to do. `overrides` are settings, `options` those of `plan.Options`."""

    inputs: Sequence[str]
    output: str | None
    config_file: Path | None
    overrides: Mapping[str, Any]
    options: Mapping[str, Any]
    quiet: bool = False
    as_json: bool = False
    wait: float = 0.0
    busy_ok: bool = False
    log: str | None = None
    metrics: str | None = None

    @property
    def to_stdout(self) -> bool:
        """Whether the clean text goes to stdout, and nowhere else."""
        return self.output == STREAM or (self.output is None and STREAM in self.inputs)


def start_run(order: Order) -> int:
    """Do what `cleaner run` was asked to, and return the exit code. With `busy_ok` it is all the same if
    another run is at work.
    """
    dry = bool(order.options.get("dry_run"))
    record = Record(order.log, order.metrics)
    try:
        record.start(dry=dry)
        if not (order.to_stdout or dry):
            _lock(order)
        from cleaner.session import run_command

        code = run_command(order, record)
    except BaseException as error:
        if isinstance(error, LockedError) and order.busy_ok:
            record.busy()
            return 0
        record.failed(error)
        raise
    finally:
        unlock_early()
    record.ended(code)
    return code


def _lock(order: Order) -> None:
    out = output_soon(order.output, order.config_file)
    if out is not None:
        lock_early(os.path.join(out, b"state", b"lock"), wait=order.wait)
