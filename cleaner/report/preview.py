"""`cleaner preview` for a person, and as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from cleaner.io.paragraph_texts import paragraph_texts
from cleaner.io.places import output_named, settings_here
from cleaner.preview import Counted, Moved, Preview, preview
from cleaner.report.diff import speller
from cleaner.report.lines import Line, Piece
from cleaner.report.marks import added_cut, marked, paragraph_lines
from cleaner.report.summary import counted
from cleaner.report.told import where, worded
from cleaner.text.changes import Place
from cleaner.text.show import show

_OTHER = "run {} was made with other settings than those here: what the guard says of new pairs may differ"
_SEVERAL = "{} runs, each for itself; `cleaner run --reprocess` compares all their texts anew"
_WITHOUT = "of run {} no pairs are stored; `cleaner run --reprocess` stores them"


def preview_command(
    out: str | None, threshold: float, count: int, config_file: Path | None, colour: str, *, json: bool
) -> int:
    """Do what `cleaner preview` was asked to, and return the exit code."""
    settings = settings_here(config_file).settings
    folder = output_named(out)
    found = preview(folder, threshold, settings)
    shown = {"go": found.goes[:count], "come back": found.returns[:count]}
    places = [place for moved in shown.values() for each in moved for place in (each.place, each.other)]
    texts = paragraph_texts(folder, places)
    if json:
        click.echo(msgspec.json.encode(_as_json(found, shown, texts)).decode())
    else:
        spelled = speller(colour)
        for line in _lines(found, shown, texts):
            click.echo(spelled(line))
    for note in _notes(found):
        click.echo(f"cleaner: {note}", err=True)
    sys.stdout.flush()
    return 0


def _notes(found: Preview) -> Iterator[str]:
    for template, runs in ((_OTHER, found.other), (_WITHOUT, found.without)):
        yield from (template.format(run) for run in runs)
    if found.runs > 1:
        yield _SEVERAL.format(found.runs)
    if found.unknown:
        pairs = counted(found.unknown, "pair")
        yield f"{pairs} could not be judged, because a text stands no more; both are taken to stay"


def _lines(
    found: Preview, shown: Mapping[str, Sequence[Moved]], texts: Mapping[Place, str]
) -> Iterator[Line]:
    was = " and ".join(f"{each:g}" for each in found.thresholds)
    yield Line((("path", f"threshold {found.threshold:g}, instead of {was}"),))
    for moved, what in ((found.goes, "would go"), (found.returns, "would come back")):
        documents = len({(each.place.path, each.place.record) for each in moved})
        yield Line(
            (("same", f"{counted(len(moved), 'paragraph')} {what}, in {counted(documents, 'document')}"),)
        )
    for of, now, then in (
        ("paragraphs go as near-duplicates", found.now.gone, found.then.gone),
        ("pairs are held back by the fact guard", found.now.held_back, found.then.held_back),
    ):
        yield Line((("note", f"{now:,} {of} now, {then:,} then"),))
    for what, chosen in shown.items():
        if chosen:
            yield Line()
            yield Line((("note", f"would {what}, nearest to {found.threshold:g} first:"),))
        for each in chosen:
            yield Line()
            yield from _moved_lines(each, texts, goes=what == "go")


def _moved_lines(moved: Moved, texts: Mapping[Place, str], *, goes: bool) -> Iterator[Line]:
    reason = worded(moved.reason, "the kept one", "the kept one")
    here: Piece = ("where", where(moved.place))
    yield Line((here, ("same", f"  ratio {moved.score:.4g}: {show(reason, limit=None)}")))
    text, other = texts.get(moved.place), texts.get(moved.other)
    if text is not None:
        yield from paragraph_lines("  - " if goes else "  + ", "gone" if goes else "new", [("same", text)])
    lead = "kept: " if goes else "gone now for "
    kept: list[Piece] = [("same", lead), ("where", where(moved.other))]
    if text is not None and other is not None:
        kept += [("same", ": "), *added_cut(marked(text, other))]
    yield from paragraph_lines("  = ", "new", kept)


def _as_json(
    found: Preview, shown: Mapping[str, Sequence[Moved]], texts: Mapping[Place, str]
) -> dict[str, Any]:
    return {
        "threshold": found.threshold,
        "thresholds_now": found.thresholds,
        "would_go": len(found.goes),
        "would_come_back": len(found.returns),
        "now": _counts(found.now),
        "then": _counts(found.then),
        "not_judged": found.unknown,
        "runs": found.runs,
        "runs_with_other_settings": found.other,
        "runs_without_pairs": found.without,
        "examples": [
            {
                "would": what, "score": each.score, "reason": show(each.reason, limit=None),
                "paragraph": _told(each.place, texts), "kept": _told(each.other, texts),
            }
            for what, moved in shown.items() for each in moved
        ],
    }  # fmt: skip


def _counts(counts: Counted) -> dict[str, int]:
    return {"near_duplicates": counts.gone, "held_back": counts.held_back}


def _told(place: Place, texts: Mapping[Place, str]) -> dict[str, Any]:
    value: dict[str, Any] = {"path": show(place.path, limit=None), "record": place.record, "line": place.line}
    if place.published:
        value["of_clean_text"] = True
    return value | ({"text": show(texts[place], limit=None)} if place in texts else {})
