"""All decisions that hold, and which of them match nothing any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import click

from cleaner.concerned import removals_of
from cleaner.io.decisions import read_decisions
from cleaner.io.output import OutputDocument, read_documents
from cleaner.report.lines import Line, Piece
from cleaner.report.marks import cut, spelled
from cleaner.report.summary import counted
from cleaner.text.decisions import Decision, latest
from cleaner.text.document import split
from cleaner.text.normalize import matching_form, matching_forms
from cleaner.text.show import show


def list_decisions(out: str, path: bytes, spell: Callable[[Line], str]) -> int:
    """Print all decisions of a file, first those whose text is not in the output; return the exit code."""
    file = read_decisions(path)
    held = list(latest(file.decisions).values())
    there = _there({matching_form(each.text) for each in held}, read_documents(out)) if held else set()
    matched = {True: 0, False: 0}
    for matches in (False, True):
        for decision in held:
            if (matching_form(decision.text) in there) == matches:
                matched[matches] += 1
                click.echo(spell(_line(decision, matches=matches)))
    told = f"{counted(len(held), 'decision')} in {show(path)}"
    click.echo(f"{told}, {matched[False]:,} of which match no text of the output", err=True)
    return 0


def _there(sought: set[str], documents: Iterable[OutputDocument]) -> set[str]:
    """Return the forms that documents have, in their clean text or among what was removed."""
    found: set[str] = set()
    for document in documents:
        texts = [*split(document.clean, document.mode).texts, *(each.text for each in removals_of(document))]
        found |= sought.intersection(matching_forms(texts))
    return found


def _line(decision: Decision, *, matches: bool) -> Line:
    return Line(tuple(_pieces(decision, matches=matches)))


def _pieces(decision: Decision, *, matches: bool) -> Iterator[Piece]:
    yield ("where", f"{decision.kind:<7}")
    if not matches:
        yield ("removed", "matches nothing")
        yield ("same", " ")
    if decision.rule:
        yield ("rule", f"{show(decision.rule)} ")
    yield from _cut(decision.text)
    if decision.other is not None and decision.other != decision.text:
        yield ("note", "  beside  ")
        yield from _cut(decision.other)
    if decision.document:
        yield ("note", f"  ({show(decision.document)})")


def _cut(text: str) -> list[Piece]:
    return [(kind, spelled((kind, part))) for kind, part in cut([("same", text)])]
