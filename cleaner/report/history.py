"""The runs of an output: a table for people, one JSON object a run for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click
import msgspec

from cleaner.io.output import output_folders
from cleaner.io.places import output_named
from cleaner.io.state import Manifest, read_manifest, runs
from cleaner.report.summary import TOTALS, counted
from cleaner.text.show import show

_UNKNOWN = "-"
_UNITS = ("B", "kB", "MB", "GB")
_OLDER = f"{_UNKNOWN}  not known: written by an older version"


def history_command(out: str | None, count: int, *, json: bool) -> int:
    """Print the last `count` runs of an output; return the exit code.

    Manifests never change, so nothing is locked. Raises UsageError when there is no output, StateError
    when a manifest is damaged or newer.
    """
    folders = output_folders(output_named(out))
    manifests = (read_manifest(folders, run) for run in list(runs(folders))[-count:])
    if json:
        for manifest in manifests:
            click.echo(msgspec.json.encode(as_json(manifest)).decode())
    else:
        for line in history_lines(list(manifests)):
            click.echo(line)
    return 0


def as_json(manifest: Manifest) -> dict[str, Any]:
    """Return a run as plain values; what is not known is None."""
    figures = manifest.figures
    no_count = None if _cleaned(manifest) else 0
    return {
        "run": manifest.run,
        "kind": "run" if _cleaned(manifest) else "upkeep",
        "began": figures and figures.at,
        "seconds": figures and figures.seconds,
        "inputs": len(manifest.inputs),
        "unchanged_inputs": figures and figures.unchanged,
        "withdrawn_inputs": len(manifest.withdrawn),
        "reopened_inputs": len(manifest.reopened),
        "problems": figures and figures.skipped,
        "known_problems": figures and figures.known,
        **{name: figures and figures.counts.get(name, no_count) for name in TOTALS},
        "dropped_by_rule": figures and figures.dropped,
        "over_limits": figures and figures.over,
    }


_COLUMNS: tuple[tuple[str, str], ...] = (
    ("inputs", "inputs"), ("documents", "documents"), ("paragraphs", "paragraphs"), ("dropped", "removed"),
    ("", "%"), ("edited", "edited"), ("held_back", "held back"), ("problems", "skipped"),
    ("bytes_in", "in"), ("bytes_out", "out"),
)  # fmt: skip


def history_lines(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Yield a table of runs, with a line for each."""
    rows = [("run", "began (UTC)", *(title for _, title in _COLUMNS), "took")]
    notes: dict[int, str] = {}
    for manifest in manifests:
        if not _cleaned(manifest):
            notes[len(rows)] = _upkeep(manifest)
        rows.append(_row(as_json(manifest)))
    told = [row for number, row in enumerate(rows) if number not in notes]
    widths = [max(len(row[column]) for row in told) for column in range(len(rows[0]))]
    widths[:2] = [max(len(row[column]) for row in rows) for column in range(2)]
    for number, row in enumerate(rows):
        head = f"{row[0]:>{widths[0]}}  {row[1]:<{widths[1]}}"
        cells = "  ".join(f"{cell:>{width}}" for cell, width in zip(row[2:], widths[2:], strict=True))
        yield f"{head}  {notes.get(number) or cells}"
    if any(manifest.figures is None for manifest in manifests):
        yield _OLDER


def _row(told: dict[str, Any]) -> tuple[str, ...]:
    share = None
    if told["paragraphs"]:
        share = f"{100 * told['dropped'] / told['paragraphs']:.1f}"
    values = {**told, "": share}
    cells = (_cell(values[name], _bytes if name.startswith("bytes") else _plain) for name, _ in _COLUMNS)
    began = told["began"][:16].replace("T", " ") if told["began"] else None
    return str(told["run"]), _cell(began, show), *cells, _cell(told["seconds"], _duration)


def _cell(value: Any, told: Callable[[Any], str]) -> str:
    return _UNKNOWN if value is None else told(value)


def _plain(value: int | str) -> str:
    return value if isinstance(value, str) else f"{value:,}"


def _bytes(number: float) -> str:
    """Return a number of bytes, short.

    >>> _bytes(999), _bytes(1_234_000), _bytes(5e12)
    ('999 B', '1.2 MB', '5,000.0 GB')
    """
    for unit in _UNITS:
        if number < 1000 or unit == _UNITS[-1]:
            break
        number /= 1000
    return f"{number:,.0f} B" if unit == "B" else f"{number:,.1f} {unit}"


def _duration(seconds: float) -> str:
    """Return how long something took.

    >>> _duration(0.4), _duration(95), _duration(7325)
    ('0.4 s', '1 min 35 s', '2 h 02 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def _cleaned(manifest: Manifest) -> bool:
    """Tell a run from what only keeps the output: that has no settings."""
    return bool(manifest.settings)


def _upkeep(manifest: Manifest) -> str:
    told = [
        f"{counted(len(paths), 'input')} {what}"
        for paths, what in (
            (manifest.withdrawn, "withdrawn"),
            (manifest.reopened, "to be cleaned anew"),
        )
        if paths
    ]
    return "upkeep: " + (", ".join(told) or "the index was written anew")
