"""From a command line to a job: settings and arguments become one, progress and result are told."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from cleaner.errors import UsageError
from cleaner.io.compression import decompressed, split_suffix
from cleaner.io.corpus import in_temporary_folder
from cleaner.io.places import output_and_names, output_named, settings_here
from cleaner.io.urls import from_here, is_url, placed
from cleaner.job import Job, Outcome, Progress, run
from cleaner.memory import keep_freed
from cleaner.plan import Options
from cleaner.report.summary import counted
from cleaner.settings import Settings
from cleaner.starting import STREAM, Order
from cleaner.text.show import show
from cleaner.unattended import Record

_SHOWN_PROBLEMS = 20


def run_command(order: Order, record: Record) -> int:
    """Do what `cleaner run` was asked to, and return the exit code."""
    keep_freed()
    inputs, output, to_stdout = order.inputs, order.output, order.to_stdout
    options = Options(**order.options)
    loaded = settings_here(order.config_file)
    here = Path.cwd()
    changes: dict[str, Any] = dict(order.overrides)
    if STREAM in inputs and list(inputs) != [STREAM]:
        raise UsageError("- (stdin) stands beside other inputs", hint="name only - or only files")
    if inputs and inputs[0] != STREAM:
        changes["input"] = tuple(placed(here, name) for name in inputs)
    if output and not to_stdout:
        changes["output"] = placed(here, output)
    if "spark" in changes:
        changes |= {"engine": "spark", "spark": loaded.settings.spark.model_copy(update=changes["spark"])}
    if loaded.settings.inputs == "mirror" and not inputs:
        options = replace(options, mirror=True)
    with _streams(STREAM in inputs, to_stdout, str(changes.get("format", "auto"))) as places:
        settings = loaded.settings.model_copy(update=changes | places)
        job = Job(settings, loaded.base, options, wait=order.wait)
        record.loaded(job, loaded.path)
        with progress_bar(order.quiet) as progress:
            outcome = run(job, progress)
        record.outcome(job, outcome)
        _tell(outcome, _shown(settings, loaded.base), order)
        if to_stdout and not options.dry_run:
            _copy_clean(Path(str(places["output"])))
    return outcome.exit_code


@contextmanager
def _streams(from_stdin: bool, to_stdout: bool, format: str) -> Iterator[dict[str, Any]]:
    """Give stdin and stdout a place on disk, so that there is one way of cleaning."""
    if not (from_stdin or to_stdout):
        yield {}
        return
    with ExitStack() as stack:
        with in_temporary_folder():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cleaner-")))
            places = _taken_from_stdin(folder, format) if from_stdin else {}
        if to_stdout:
            # There is no ledger to look up what was skipped, so it stays in the text.
            places |= {"output": str(folder / "out"), "bad_records": "keep"}
        yield places


def _taken_from_stdin(folder: Path, format: str) -> dict[str, Any]:
    name = folder / "in" / f"stdin.{'txt' if format == 'auto' else format}"
    name.parent.mkdir()
    with name.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return {"input": (str(name),), "include": (), "exclude": ()}


def _copy_clean(output: Path) -> None:
    found = (file for file in (output / "clean").rglob("*") if file.is_file())
    files = sorted(found, key=lambda path: os.fsencode(path))
    tables = sum(file.suffix.lower() == ".parquet" for file in files)
    if tables and len(files) > 1:
        raise UsageError(
            "stdout can hold one Parquet file, and nothing beside it", hint="name a folder with -o"
        )
    on_terminal = sys.stdout.isatty()
    for file in files:
        with file.open("rb") as stream:
            content = decompressed(stream, split_suffix(os.fsencode(file.name))[1])
            if on_terminal:  # which would obey what stands in it
                for line in content:
                    click.echo(show(line.removesuffix(b"\n"), limit=None))
            else:
                shutil.copyfileobj(content, sys.stdout.buffer)
    sys.stdout.flush()


def _shown(settings: Settings, base: Path) -> str:
    return show(from_here(base, settings.output), limit=None)


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Progress]:
    """A bar on stderr where that is a terminal, else nothing."""
    if quiet or not sys.stderr.isatty():
        yield lambda _what, _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    # no thread that draws it: while there is none, workers can be forked
    with Bar(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task("reading", total=1)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total, refresh=True
        )


def _tell(outcome: Outcome, out: str, order: Order) -> None:
    """Print problems, note and summary line on stderr; with `as_json` the summary on stdout."""
    written = outcome.summary is not None and not outcome.summary.dry and not order.to_stdout
    shown = outcome.problems[:_SHOWN_PROBLEMS] if written else outcome.problems
    for problem in shown:
        click.echo(f"cleaner: skipped: {problem}", err=True)
    more = len(outcome.problems) - len(shown)
    if more > 0:
        click.echo(f"cleaner: and {more:,} more, see {out}/report/summary.json", err=True)
    if order.as_json and not order.to_stdout:
        import msgspec

        told = outcome.summary.as_json() if outcome.summary else {"nothing_to_do": True, "note": outcome.note}
        click.echo(msgspec.json.encode(told).decode())
    if order.quiet and not outcome.exit_code:
        return
    if outcome.summary:
        click.echo(outcome.summary.line("stdout" if order.to_stdout else out), err=True)
    if outcome.note:
        click.echo(f"cleaner: {outcome.note}", err=True)


def restore_command(
    out: str | None, names: Sequence[str], target: str, stages: Sequence[str], rules: Sequence[str]
) -> int:
    """Do what `cleaner restore` was asked to, and return the exit code."""
    from cleaner.io.publish import Disk
    from cleaner.restoring import restore_output

    if is_url(target):
        raise UsageError("nothing is restored to a URL", hint="name a folder, and copy it from there")
    undo = _selector(stages, rules) if stages or rules else None
    folder, documents = output_and_names(out, names)
    result = restore_output(folder, target, documents, undo, Disk())
    _say_differences(result.differences)
    what = "written with those rules undone" if undo else "restored"
    click.echo(f"{counted(result.files, 'file')} {what} -> {show(target, limit=None)}", err=True)
    return 7 if result.differences else 0


def verify_command(out: str | None) -> int:
    """Do what `cleaner verify` was asked to, and return the exit code."""
    from cleaner.restoring import verify_output

    result = verify_output(output_named(out))
    _say_differences(result.differences)
    if not result.differences:
        read = f"{counted(result.files, 'file')}, {counted(result.records, 'document')}"
        click.echo(f"ok: {read}; every input byte can be restored", err=True)
    return 7 if result.differences else 0


def _selector(stages: Sequence[str], rules: Sequence[str]) -> Callable[[str, str], bool]:
    return lambda stage, rule: stage in stages or rule in rules or f"{stage}.{rule}" in rules


def _say_differences(differences: Sequence[str]) -> None:
    for line in differences[:_SHOWN_PROBLEMS]:
        click.echo(f"cleaner: differs: {line}", err=True)
    if len(differences) > _SHOWN_PROBLEMS:
        click.echo(f"cleaner: and {len(differences) - _SHOWN_PROBLEMS:,} more", err=True)
