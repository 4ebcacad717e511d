"""What a run that nobody watches leaves behind: a log of JSON lines, and metrics for an alert.

Both are written on failures, too; where they cannot be written the run goes on, and says so in a line.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner import __version__
from cleaner.errors import EXIT_CODES, CleanerError, OutputError, UsageError, ended_by
from cleaner.io.log import append_events
from cleaner.io.publish import Disk
from cleaner.io.urls import placed, without_credentials
from cleaner.report.metrics import metrics_text, read_metric
from cleaner.text.show import show

if TYPE_CHECKING:
    from cleaner.job import Job, Outcome

DONE = (0, 3)  # exit codes of a run whose results are published
_BATCH = 1000  # events that are written at once
_LONGEST = 1 << 20  # bytes of a metrics file of ours


class Record:
    """The log and the metrics of one run; each is None where nobody asked for it."""

    def __init__(self, log: str | None, metrics: str | None, disk: Disk | None = None) -> None:
        here = os.getcwd()
        self._log = None if log is None else os.path.join(here, log)
        self._metrics = None if metrics is None else os.path.join(here, metrics)
        self._disk = disk or Disk()
        self._begun, self._begun_at = time.monotonic(), datetime.now(UTC)
        self._id = f"{self._begun_at:%Y%m%dT%H%M%SZ}-{os.getpid()}"
        self._done: dict[str, float] = {}

    def start(self, *, dry: bool) -> None:
        """Note that a run starts. Raises UsageError where it can have no metrics, or none of this name."""
        words = [without_credentials(word) for word in sys.argv[1:]]
        self._note("start", version=__version__, folder=os.getcwd(), arguments=words)
        path, self._metrics = self._metrics, None
        if path is None:
            return
        if dry:
            raise UsageError("a dry run has no metrics", hint="leave out --metrics-file or --dry-run")
        if not re.search(r"[^/]\.prom\Z", path):
            raise UsageError(
                "node_exporter reads no metrics of this name", where=show(path), hint="call it NAME.prom"
            )
        self._metrics = path

    def loaded(self, job: Job, file: Path | None) -> None:
        """Note what is to be done, once the settings are known."""
        if not self._log:
            return
        from cleaner.job import load_recipe

        self._note(
            "settings",
            file=str(file) if file else None,
            digest=load_recipe(job.settings).digest,
            inputs=[placed(job.base, name) for name in job.settings.input],
            output=job.folders.url or job.folders.out,
        )

    def outcome(self, job: Job, outcome: Outcome) -> None:
        """Note what was skipped and what was done."""
        problems = [
            {"path": each.path, "line": each.line, "reason": each.reason} for each in outcome.problems
        ]
        for first in range(0, len(problems), _BATCH):
            self._append("skipped", problems[first : first + _BATCH])
        summary = outcome.summary.as_json() if outcome.summary else {}
        for name in ("problems", "known_problems"):
            summary.pop(name, None)
        self._note("summary", **summary, note=outcome.note)
        self._done = {
            "cleaner_last_run_documents": summary.get("documents", 0),
            "cleaner_last_run_skipped": len(problems),
            "cleaner_last_run_removed": summary.get("dropped", 0),
        }
        if self._metrics:
            self._done |= _index_rows(job)

    def ended(self, exit_code: int) -> None:
        """Note how the run ended."""
        seconds = round(time.monotonic() - self._begun, 3)
        self._note("end", exit_code=exit_code, meaning=EXIT_CODES.get(exit_code, ""), seconds=seconds)
        if self._metrics:
            self._write_metrics(self._metrics, exit_code, seconds)

    def failed(self, error: BaseException) -> None:
        """Note that a run ended by an error."""
        exit_code, told = ended_by(error)
        self._append("error", [{"message": line, "exit_code": exit_code} for line in told.splitlines()])
        self.ended(exit_code)

    def busy(self) -> None:
        """Note that another run is at work, which is all right; its metrics stay."""
        self._note("busy")

    def _note(self, event: str, **values: Any) -> None:
        self._append(event, [values])

    def _append(self, event: str, each: Sequence[Mapping[str, Any]]) -> None:
        if not self._log:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = {"time": now, "id": self._id, "event": event}
        try:
            append_events(self._log, ({**head, **values} for values in each))
        except OSError as error:
            _warn(f"the log {show(self._log, limit=None)} cannot be written: {error.strerror}")
            self._log = None

    def _write_metrics(self, path: str, exit_code: int, seconds: float) -> None:
        now = round(time.time(), 3)
        success = "cleaner_last_success_timestamp_seconds"
        values = {success: 0.0, **_kept(path, success, "cleaner_index_rows"), **_NOTHING, **self._done}
        values |= {
            "cleaner_last_run_timestamp_seconds": now,
            "cleaner_last_run_exit_code": exit_code,
            "cleaner_last_run_duration_seconds": seconds,
        }
        if exit_code in DONE:
            values[success] = now
        name = show(os.path.basename(path).removesuffix(".prom"))
        try:
            self._disk.write_over(os.fsencode(path), metrics_text(values, name).encode())
        except OutputError as error:
            _warn(f"the metrics {error.where} are not written: {error.message}")


def note_fault(arguments: Sequence[str], message: str) -> None:
    """Note that the arguments of a run could not be understood, in the log that they name, if they do."""
    log = None
    for word, following in zip(arguments, [*arguments[1:], None], strict=True):
        if word == "--":
            break
        if word == "--log":
            log = following
        elif word.startswith("--log="):
            log = word.removeprefix("--log=")
    if log is None:
        return
    record = Record(log, None)
    record.start(dry=False)
    record.failed(UsageError(message))


_NOTHING = dict.fromkeys(
    ("cleaner_last_run_documents", "cleaner_last_run_skipped", "cleaner_last_run_removed"), 0
)


def _index_rows(job: Job) -> dict[str, float]:
    from cleaner.io.index import read_index
    from cleaner.io.index_names import FOLDER

    with suppress(CleanerError, OSError):
        return {"cleaner_index_rows": sum(segment.rows for segment in read_index(job.folders.at(FOLDER)))}
    return {}


def _kept(path: str, *gauges: str) -> dict[str, float]:
    """Return what the metrics of an earlier run say of some gauges."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(_LONGEST)
    except OSError:
        return {}
    found = {gauge: read_metric(text, gauge) for gauge in gauges}
    return {gauge: value for gauge, value in found.items() if value is not None}


def _warn(message: str) -> None:
    with suppress(OSError):
        click.echo(f"cleaner: warning: {message}; the run goes on without", err=True)
