"""`cleaner report`: the page of an output, written as one file."""

from __future__ import annotations

import os
import webbrowser
from pathlib import Path

import click

from cleaner.io.output import output_folders
from cleaner.io.output_names import PAGE
from cleaner.io.places import output_to_change
from cleaner.io.publish import Disk
from cleaner.report.diff import own_reasons
from cleaner.report.page.data import page_data
from cleaner.report.page.html import page_html
from cleaner.report.reasons import reasons
from cleaner.report.summary import counted
from cleaner.text.show import show


def report_command(out: str | None, target: Path | None, most: int, *, shown: bool) -> int:
    """Write the page of an output to `target`, else below its report/; return the exit code.

    Raises UsageError when there is no output, StateError when it is damaged, OutputError when the page
    cannot be written.
    """
    disk, folders = Disk(), output_folders(output_to_change(out))
    data = page_data(os.fsdecode(folders.out), most, reasons(own_reasons()))
    place = folders.at(b"report", PAGE) if target is None else os.path.abspath(os.fsencode(target))
    if target is None:
        disk.make_folder(os.path.dirname(place))
    disk.write_over(place, page_html(data))
    if target is None and folders.url:
        from cleaner.io.working_copy import WorkingCopy

        WorkingCopy(folders, disk).put(os.path.join(b"report", PAGE))
    changes = counted(data.changes_of, "change")
    of = f"{len(data.changes):,} of {changes}" if len(data.changes) < data.changes_of else changes
    click.echo(f"{of} -> {show(os.path.relpath(place), limit=None)}", err=True)
    if shown and not webbrowser.open_new_tab(Path(os.fsdecode(place)).absolute().as_uri()):
        click.echo("cleaner: no browser was found; open the file by hand", err=True)
    return 0
