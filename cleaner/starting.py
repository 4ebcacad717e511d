"""The start of a run. The lock comes before all that takes long to load: of many starts at once those
that lose end quickly.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaner.errors import LockedError
from cleaner.io.lock import lock_early
from cleaner.io.places import output_soon

STREAM = "-"


@dataclass(frozen=True, slots=True)
class Order:
    """What `cleaner run` was asked to do. `overrides` are settings, `options` those of `plan.Options`."""

    inputs: Sequence[str]
    output: str | None
    config_file: Path | None
    overrides: Mapping[str, Any]
    options: Mapping[str, Any]
    quiet: bool = False
    as_json: bool = False
    wait: float = 0.0

    @property
    def to_stdout(self) -> bool:
        """Whether the clean text goes to stdout, and nowhere else."""
        return self.output == STREAM or (self.output is None and STREAM in self.inputs)


def start_run(order: Order, *, busy_ok: bool) -> int:
    """Do what `cleaner run` was asked to, and return the exit code. With `busy_ok` it is all the same if
    another run is at work.
    """
    try:
        _lock(order)
        from cleaner.session import run_command

        return run_command(order)
    except LockedError:
        if busy_ok:
            return 0
        raise


def _lock(order: Order) -> None:
    if order.to_stdout or order.options.get("dry_run"):
        return
    out = output_soon(order.output, order.config_file)
    if out is not None:
        lock_early(os.path.join(out, b"state", b"lock"), wait=order.wait)
