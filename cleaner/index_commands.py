"""What `cleaner index` was asked to do, done and told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import asdict

from cleaner.errors import UsageError
from cleaner.io.decisions import erase_decisions
from cleaner.io.places import output_to_change, settings_here
from cleaner.io.publish import Disk
from cleaner.io.state import Folders
from cleaner.io.urls import is_url, placed
from cleaner.job import Job
from cleaner.report.summary import counted
from cleaner.text.decisions import Decision
from cleaner.text.show import show
from cleaner.upkeep import Withdrawn, compact_index, forget, index_info, orphaned, rebuild_index

_SHOWN = 20
_MEGABYTE = 1e6


def info_command(out: str | None, *, as_json: bool) -> int:
    """Tell what an index holds; return the exit code."""
    found = index_info(output_to_change(out))
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(asdict(found)).decode())
        return 0
    click.echo(f"segments        {found.segments:>14,}")
    click.echo(f"documents       {found.documents:>14,}   {found.dead_documents:,} of them count no more")
    click.echo(f"paragraphs      {found.paragraphs:>14,}")
    click.echo(f"on disk         {found.bytes / _MEGABYTE:>14,.1f} MB")
    click.echo(f"Unicode         {', '.join(found.unicode):>14}")
    if found.missing_inputs:
        click.echo(
            f"not in it: {counted(found.missing_inputs, 'input')}; the next run reads their clean text"
        )
    return 0


def forget_command(names: Sequence[str], *, reinstate: bool, erase: bool) -> int:
    """Withdraw inputs; return the exit code."""
    out, patterns = _output_and_patterns(names)
    if not patterns:
        raise UsageError("no input is named", hint="say which, as in `cleaner index forget out/ 2019/**`")
    found = forget(out, patterns, Disk(), reinstate=reinstate, erase=erase)
    for path in found.paths[:_SHOWN]:
        click.echo(f"withdrawn: {show(path)}")
    _more(len(found.paths))
    _tell_orphans(found)
    if erase:
        _erase_decisions(found)
    return 0


def _erase_decisions(found: Withdrawn) -> None:
    """Purge the decisions made about what was withdrawn, or about pairs with text of it; say how many."""
    path = settings_here(None).decisions
    names = {os.fsdecode(path) for path in found.paths}

    def concerned(decision: Decision) -> bool:
        document = decision.document
        file, colon, record = document.rpartition(":")
        return (
            document in names
            or (bool(colon) and record.isdigit() and file in names)
            or decision.other in found.told
        )

    if count := erase_decisions(path, concerned, Disk()):
        click.echo(f"{counted(count, 'decision')} purged from {show(path)}", err=True)


def orphans_command(out: str | None, *, reinstate: bool) -> int:
    """List orphans; return the exit code."""
    found = orphaned(output_to_change(out), Disk(), reinstate=reinstate)
    _tell_orphans(found)
    if not found.orphans:
        click.echo("no orphans: whatever paragraphs went for still stands", err=True)
    return 0


def _tell_orphans(found: Withdrawn) -> None:
    for orphan in found.orphans:
        click.echo(f"orphan: {orphan}")
    if found.reopened:
        click.echo(f"the next run cleans {counted(len(found.reopened), 'input')} anew", err=True)
    elif found.orphans:
        click.echo("`cleaner index orphans --reinstate` lets the next run clean their inputs anew", err=True)


def compact_command(out: str | None) -> int:
    """Write an index smaller; return the exit code."""
    before, after = compact_index(output_to_change(out), Disk())
    click.echo(f"{counted(before, 'segment')} before, {after:,} now", err=True)
    return 0


def rebuild_command(out: str | None, config_file: Path | None) -> int:
    """Make an index anew; return the exit code."""
    loaded = settings_here(config_file)
    settings = loaded.settings
    if out is not None:
        settings = settings.model_copy(update={"output": placed(os.getcwd(), out)})
    rows = rebuild_index(Job(settings, loaded.base), lambda _what, _done, _all: None)
    click.echo(f"{counted(rows, 'paragraph')} in the index", err=True)
    return 0


def _output_and_patterns(names: Sequence[str]) -> tuple[Folders, Sequence[str]]:
    """Return the output, and what else is named; a first name that is no folder and no URL is no output."""
    if is_url(names[0]) or os.path.isdir(names[0]) or names[0].endswith("/"):
        return output_to_change(names[0]), names[1:]
    return output_to_change(None), names


def _more(count: int) -> None:
    if count > _SHOWN:
        click.echo(f"and {count - _SHOWN:,} more")
