"""`cleaner diff`: from an output folder to a person, one document after the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import click
from msgspec import Struct, field

from cleaner.errors import UsageError
from cleaner.io.compression import split_suffix
from cleaner.io.outlines import Outline
from cleaner.io.output import OutputDocument, read_documents, read_outlines
from cleaner.io.places import output_and_names, settings_here
from cleaner.report.lines import Kind, Line, for_terminal, plain
from cleaner.report.marks import spelled
from cleaner.report.pager import colour_wanted, columns_width, deliver, terminal_width
from cleaner.report.patch import unified_diff
from cleaner.report.reasons import reasons
from cleaner.report.selection import GROUPS, Selection
from cleaner.report.sides import in_columns
from cleaner.report.stat import By, Stat
from cleaner.report.terminal import Body, document_lines, unified
from cleaner.text.codec import encode, encode_clean
from cleaner.text.show import show

_PATCH_KINDS: dict[bytes, Kind] = {b"-": "gone", b"+": "new", b"@": "where", b"d": "path"}
_MOST_LEFT_OUT = 20


class DiffOptions(Struct, frozen=True):
    """What to show, and how: `form` is "changes", "patch" or "stat", which counts `by` something. Changes are
    shown side by side if that is so, or if it is None and the terminal is wide; only those of inputs that
    runs after `since` cleaned.
    """

    selection: Selection
    form: str
    by: By
    colour: str
    pager: bool
    side_by_side: bool | None = None
    since: int | None = None


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
    side_by_side: bool | None = None,
    since: int | None = None,
) -> DiffOptions:
    """Return options made of a command line. Raises UsageError where they contradict each other."""
    groups = frozenset(
        group for group in GROUPS if only in (None, group) and (suspects or group != "suspects")
    )
    if not groups:
        raise UsageError("--only suspects and --no-suspects leave nothing to show", hint="leave one out")
    if patch and (stat or by or stages or rules or groups != frozenset(GROUPS)):
        raise UsageError(
            "--patch shows whole files, and goes with DOCUMENT, --since, --color and --no-pager only"
        )
    if side_by_side is not None and (patch or stat or by):
        raise UsageError("--side-by-side and --unified are for changes, not for --patch or counts")
    selection = Selection(frozenset(stages), frozenset(rules), groups)
    form = "patch" if patch else "stat" if stat or by else "changes"
    return DiffOptions(selection, form, cast(By, by or "rule"), colour, pager, side_by_side, since)


class _Documents(Struct, frozen=True):
    """The documents that were asked for."""

    out: str
    names: Sequence[str]
    since: int | None

    def read(self, wanted: Callable[[Outline], bool]) -> Iterator[OutputDocument]:
        return read_documents(self.out, self.names, wanted, since=self.since)

    def outlines(self) -> Iterator[Outline]:
        return read_outlines(self.out, self.names, since=self.since)


class _Seen(Struct):
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
    documents = _Documents(folder, chosen, options.since)
    if options.form == "patch" and not on_terminal and options.colour != "always":
        deliver(_patches(documents, seen), paged=False)
    else:
        columns = columns_width(options.side_by_side) if options.form == "changes" else None
        body = in_columns(columns, colour=colour_wanted(options.colour)) if columns else unified
        spell = speller(options.colour, wrapped=options.form != "patch", columns=columns)
        lines = _lines(documents, options, body, seen)
        deliver(_encoded(lines, spell, seen), paged=options.pager and on_terminal)
    _say_what_is_missing(options, seen)
    return 0


def _lines(documents: _Documents, options: DiffOptions, body: Body, seen: _Seen) -> Iterator[Line]:
    if options.form == "patch":
        for patch in _patches(documents, seen):
            yield from _patch_lines(patch)
    elif options.form == "stat":
        yield from Stat(options.selection, options.by).lines(_noted(documents.outlines(), seen))
    else:
        yield from _changes(documents, options.selection, body, seen)


def _changes(documents: _Documents, selection: Selection, body: Body, seen: _Seen) -> Iterator[Line]:
    """Yield the lines of each document that has anything selected; only of those the texts are read."""

    def wanted(outline: Outline) -> bool:
        seen.note(outline)
        return selection.any_of(outline)

    reason_of = reasons(own_reasons())
    for document in documents.read(wanted):
        yield from document_lines(document, selection, reason_of, body)


def own_reasons() -> Iterator[tuple[str, str]]:
    """Yield people's own rules with their reasons; the settings are read when the first is asked for."""
    yield from ((rule.id, rule.reason) for rule in settings_here(None).settings.boilerplate.rules)


def _noted(outlines: Iterator[Outline], seen: _Seen) -> Iterator[Outline]:
    for outline in outlines:
        seen.note(outline)
        yield outline


def _patches(documents: _Documents, seen: _Seen) -> Iterator[bytes]:
    """Yield the diff of each document that is a whole file; note the others."""

    def whole_file(outline: Outline) -> bool:
        seen.note(outline)
        whole = not outline.record and not split_suffix(os.fsencode(outline.path))[1]
        if not whole:
            seen.left_out[outline.path] = None
        return whole

    for document in documents.read(whole_file):
        before = encode(document.source, document.header.codec[0])
        if patch := unified_diff(os.fsencode(document.path), before, encode_clean(document.clean)):
            seen.lines += 1
            yield patch


def _patch_lines(patch: bytes) -> Iterator[Line]:
    """Yield the lines of a diff as they may be printed; it does not apply any more."""
    for line in patch.split(b"\n")[:-1]:
        kind = _PATCH_KINDS.get(line[:1], "same")
        yield Line(((kind, spelled((kind, os.fsdecode(line)))),))


def speller(colour: str, *, wrapped: bool = True, columns: int | None = None) -> Callable[[Line], str]:
    """Return what spells lines for where stdout leads to; `colour` is auto, always or never. Lines may be as
    long as `columns` where there are any.
    """
    width = (columns or terminal_width()) if wrapped else None
    coloured = colour_wanted(colour)
    return for_terminal(width, colour=coloured) if width or coloured else plain


def _encoded(lines: Iterator[Line], spell: Callable[[Line], str], seen: _Seen) -> Iterator[bytes]:
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        seen.lines += 1
        yield f"{spell(line)}\n".encode(encoding, "backslashreplace")


def _say_what_is_missing(options: DiffOptions, seen: _Seen) -> None:
    if options.since is not None and not seen.acted:
        click.echo(f"cleaner: no input was changed since run {options.since}", err=True)
    elif not seen.lines and not seen.left_out:
        click.echo(f"cleaner: {options.selection.unmatched(seen.acted)}", err=True)
    for number, path in enumerate(seen.left_out):
        if number == _MOST_LEFT_OUT:
            click.echo(f"cleaner: nor {len(seen.left_out) - number:,} more files", err=True)
            break
        click.echo(f"cleaner: not in the patch: {show(path)} (only .txt files are)", err=True)
