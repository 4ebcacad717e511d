"""From a command line to a review, in the skin that the terminal can show."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import click
from msgspec import Struct

from cleaner.io.places import output_and_names, settings_here
from cleaner.report.diff import speller
from cleaner.report.lines import Line
from cleaner.report.pager import dumb_terminal
from cleaner.report.summary import counted
from cleaner.review.desk import Desk, Wanted
from cleaner.text.show import show


class ReviewOrder(Struct, frozen=True):
    """What `cleaner review` was asked to do."""

    out: str | None
    names: Sequence[str]
    only: str
    config_file: Path | None
    plain: bool
    listing: bool
    colour: str


def review_command(order: ReviewOrder) -> int:
    """Do what `cleaner review` was asked to, and return the exit code."""
    loaded = settings_here(order.config_file)
    out, names = output_and_names(order.out, order.names, loaded)
    spell = speller(order.colour)
    path = loaded.decisions
    if order.listing:
        from cleaner.review.listing import list_decisions

        return list_decisions(out, path, spell)
    desk = Desk(Wanted(out, names, order.only), loaded)
    if desk.file_was_torn:
        click.echo(f"cleaner: {show(path)}: the last line was cut off, and is no decision", err=True)
    code = _ask(desk, spell, plain=order.plain or not _full_screen())
    click.echo(f"{counted(desk.state.answered, 'answer')} -> {show(os.path.relpath(path))}", err=True)
    return code


def _ask(desk: Desk, spell: Callable[[Line], str], *, plain: bool) -> int:
    if plain:
        from cleaner.review.plain import review_by_prompts

        return review_by_prompts(desk, spell)
    from cleaner.review.app import review_on_screen

    return review_on_screen(desk)


def _full_screen() -> bool:
    """Tell whether the terminal can show a full screen, and what draws it is installed."""
    return (
        sys.stdin.isatty()
        and sys.stdout.isatty()
        and not dumb_terminal()
        and find_spec("textual") is not None
    )
