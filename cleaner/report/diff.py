"""`cleaner diff`: from an output folder to a person, one document after the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import click

from cleaner.errors import UsageError
from cleaner.io.compression import split_suffix
from cleaner.io.outlines import Outline
from cleaner.io.output import read_documents, read_outlines
from cleaner.io.places import output_and_names, settings_here
from cleaner.report.lines import Kind, Line, for_terminal, plain
from cleaner.report.marks import spelled
from cleaner.report.pager import colour_wanted, deliver, terminal_width
from cleaner.report.patch import unified_diff
from cleaner.report.reasons import reasons
from cleaner.report.selection import GROUPS, Selection
from cleaner.report.stat import By, Stat
from cleaner.report.terminal import document_lines
from cleaner.text.codec import encode, encode_clean
from cleaner.text.show import show

_PATCH_KINDS: dict[bytes, Kind] = {b"-": "gone", b"+": "new", b"@": "where", b"d": "path"}
_MOST_LEFT_OUT = 20


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """What to show, and how: `form` is "changes", "patch" or "stat", which counts `by` something."""

    selection: Selection
    form: str
    by: By
    colour: str
    pager: bool


def diff_options(
    stages: Sequence[str],
    rules: Sequence[str],
    only: str | None,
    *,
    suspects: bool,
    stat: bool,
    by: str | None,
    patch: bool,
    colour: str,
    pager: bool,
) -> DiffOptions:
    """Return options made of a command line. Raises UsageError where they contradict each other."""
    groups = frozenset(
        group for group in GROUPS if only in (None, group) and (suspects or group != "suspects")
    )
    if not groups:
        raise UsageError("--only suspects and --no-suspects leave nothing to show", hint="leave one out")
    if patch and (stat or by or stages or rules or groups != frozenset(GROUPS)):
        raise UsageError("--patch shows whole files, and goes with DOCUMENT, --color and --no-pager only")
    selection = Selection(frozenset(stages), frozenset(rules), groups)
    form = "patch" if patch else "stat" if stat or by else "changes"
    return DiffOptions(selection, form, cast(By, by or "rule"), colour, pager)


@dataclass(slots=True)
class _Seen:
    """What has passed by: whether anything was shown, which rules acted, what no patch holds."""

    lines: int = 0
    acted: set[tuple[str, str]] = field(default_factory=set)
    left_out: dict[str, None] = field(default_factory=dict)

    def note(self, outline: Outline) -> None:
        """Remember the rules that acted or nearly did."""
        self.acted.update((step.stage, step.rule) for change in outline.changes for step in change.steps)
        if outline.recoded:
            self.acted.update((step.stage, step.rule) for step in outline.recoded.steps)
        self.acted.update((suspect.stage, suspect.rule) for suspect in outline.suspects)


def diff_command(out: str | None, names: Sequence[str], options: DiffOptions) -> int:
    """Do what `cleaner diff` was asked to, and return the exit code."""
    folder, chosen = output_and_names(out, names)
    seen = _Seen()
    on_terminal = sys.stdout.isatty()
    if options.form == "patch" and not on_terminal and options.colour != "always":
        deliver(_patches(folder, chosen, seen), paged=False)
    else:
        spell = speller(options.colour, wrapped=options.form != "patch")
        lines = _lines(folder, chosen, options, seen)
        deliver(_encoded(lines, spell, seen), paged=options.pager and on_terminal)
    _say_what_is_missing(options, seen)
    return 0


def _lines(folder: str, names: Sequence[str], options: DiffOptions, seen: _Seen) -> Iterator[Line]:
    if options.form == "patch":
        for patch in _patches(folder, names, seen):
            yield from _patch_lines(patch)
    elif options.form == "stat":
        yield from Stat(options.selection, options.by).lines(_noted(read_outlines(folder, names), seen))
    else:
        yield from _changes(folder, names, options.selection, seen)


def _changes(folder: str, names: Sequence[str], selection: Selection, seen: _Seen) -> Iterator[Line]:
    """Yield the lines of each document that has anything selected; only of those the texts are read."""

    def wanted(outline: Outline) -> bool:
        seen.note(outline)
        return selection.any_of(outline)

    reason_of = reasons(_own_reasons())
    for document in read_documents(folder, names, wanted):
        yield from document_lines(document, selection, reason_of)


def _own_reasons() -> Iterator[tuple[str, str]]:
    """Yield people's own rules with their reasons; the settings are read when the first is asked for."""
    yield from ((rule.id, rule.reason) for rule in settings_here(None).settings.boilerplate.rules)


def _noted(outlines: Iterator[Outline], seen: _Seen) -> Iterator[Outline]:
    for outline in outlines:
        seen.note(outline)
        yield outline


def _patches(folder: str, names: Sequence[str], seen: _Seen) -> Iterator[bytes]:
    """Yield the diff of each document that is a whole file; note the others."""

    def whole_file(outline: Outline) -> bool:
        seen.note(outline)
        whole = not outline.record and not split_suffix(os.fsencode(outline.path))[1]
        if not whole:
            seen.left_out[outline.path] = None
        return whole

    for document in read_documents(folder, names, whole_file):
        before = encode(document.source, document.header.codec[0])
        if patch := unified_diff(os.fsencode(document.path), before, encode_clean(document.clean)):
            seen.lines += 1
            yield patch


def _patch_lines(patch: bytes) -> Iterator[Line]:
    """Yield the lines of a diff as they may be printed; it does not apply any more."""
    for line in patch.split(b"\n")[:-1]:
        kind = _PATCH_KINDS.get(line[:1], "same")
        yield Line(((kind, spelled((kind, os.fsdecode(line)))),))


def speller(colour: str, *, wrapped: bool = True) -> Callable[[Line], str]:
    """Return what spells lines for where stdout leads to; `colour` is auto, always or never."""
    width = terminal_width() if wrapped else None
    coloured = colour_wanted(colour)
    return for_terminal(width, colour=coloured) if width or coloured else plain


def _encoded(lines: Iterator[Line], spell: Callable[[Line], str], seen: _Seen) -> Iterator[bytes]:
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        seen.lines += 1
        yield f"{spell(line)}\n".encode(encoding, "backslashreplace")


def _say_what_is_missing(options: DiffOptions, seen: _Seen) -> None:
    if not seen.lines and not seen.left_out:
        click.echo(f"cleaner: {options.selection.unmatched(seen.acted)}", err=True)
    for number, path in enumerate(seen.left_out):
        if number == _MOST_LEFT_OUT:
            click.echo(f"cleaner: nor {len(seen.left_out) - number:,} more files", err=True)
            break
        click.echo(f"cleaner: not in the patch: {show(path)} (only .txt files are)", err=True)
