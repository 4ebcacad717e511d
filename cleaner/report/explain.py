"""`cleaner explain` for a person, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from cleaner.explain import Comparison, Explained, Fate, explain
from cleaner.io.decisions import read_decisions
from cleaner.io.outlines import record_name
from cleaner.io.paragraph_texts import paragraph_texts
from cleaner.io.places import output_and_names, settings_here
from cleaner.job import load_recipe
from cleaner.report.diff import speller
from cleaner.report.lines import Line, Piece
from cleaner.report.marks import marked, match_marks, paragraph_lines
from cleaner.report.reasons import ReasonOf, reasons
from cleaner.report.told import held_back, where, worded
from cleaner.settings import Recipe
from cleaner.text.changes import Place, Step
from cleaner.text.decisions import DECIDED, JUDGE, KINDS
from cleaner.text.recoded import Reading
from cleaner.text.show import show

STAGES = ("encoding", "whitespace", "boilerplate", DECIDED, "repeats", JUDGE)
_SHOWN = 5  # paragraphs that one was compared with
_GUTTER = "    "


def explain_command(
    names: Sequence[str], config_file: Path | None, colour: str, *, clean: bool, json: bool
) -> int:
    """Do what `cleaner explain` was asked to, and return the exit code."""
    loaded = settings_here(config_file)
    out, (name, *_) = (
        output_and_names(names[0], names[1:]) if len(names) > 1 else output_and_names(None, names)
    )
    recipe = load_recipe(loaded.settings)
    decisions = read_decisions(loaded.decisions)
    found = explain(out, name, recipe, decisions.decisions, clean=clean)
    others = [each.other for fate in found.fates for each in (fate.compared or ())[:_SHOWN]]
    texts = paragraph_texts(out, others) if len(found.fates) == 1 else {}
    if json:
        click.echo(msgspec.json.encode([_as_json(fate, texts) for fate in found.fates]).decode())
        return 0
    spelled = speller(colour)
    own = [(rule.id, rule.reason) for rule in loaded.settings.boilerplate.rules]
    for line in _lines(found, texts, recipe, reasons(own)):
        click.echo(spelled(line))
    return 0


def _lines(
    found: Explained, texts: Mapping[Place, str], recipe: Recipe, reason_of: ReasonOf
) -> Iterator[Line]:
    document = found.document
    name = _shown(record_name(document.path, document.record))
    pieces: list[Piece] = [("path", name)]
    if not document.id.startswith(document.path):
        pieces.append(("note", f"  id {_shown(document.id)}"))
    if found.cleaned:
        pieces.append(("note", f"  cleaned by run {found.cleaned.run}"))
        if found.cleaned.settings != recipe.digest:
            pieces.append(("note", ", with other settings than those here"))
    yield Line(tuple(pieces), "=== ", "path")
    if len(found.fates) != 1:
        for fate in found.fates:
            yield Line((("same", _summary(fate)),), f"line {fate.line}  ", "where")
        return
    yield Line()
    yield from _fate_lines(found.fates[0], texts, recipe, reason_of)


def _summary(fate: Fate) -> str:
    """Return in a few words what became of a paragraph, and how it begins."""
    begin = show(fate.source.strip(), limit=60)
    told = f"kept, line {fate.clean_line} of the clean text"
    if fate.dropped_by:
        told = f"removed by {_shown(fate.dropped_by)}"
    elif fate.change or fate.chain:
        told = f"edited, {told.removeprefix('kept, ')}"
    return f"{told}: {begin}"


def _fate_lines(
    fate: Fate, texts: Mapping[Place, str], recipe: Recipe, reason_of: ReasonOf
) -> Iterator[Line]:
    yield Line((("note", "came in"),), f"line {fate.line}  ", "where")
    yield from paragraph_lines(_GUTTER, "same", [("same", fate.source)])
    told = _steps(fate)
    gone = False
    for stage in STAGES:
        if not gone and (stage != DECIDED or any(step.stage == stage for step, _, _ in told)):
            yield Line((("rule", stage),))
            rows = [*_stage_lines(stage, fate, told, reason_of)]
            rows += _compared_lines(fate, texts, recipe) if stage == JUDGE else []
            yield from rows or [Line((("note", "nothing to do"),), _GUTTER)]
        gone = gone or (bool(fate.dropped_by) and fate.dropped_by.startswith(f"{stage}."))
    for each in fate.decided:
        about = f" ({each.rule})" if each.rule else ""
        other = ", compared with another text" if each.other is not None else ""
        yield Line(
            (
                ("rule", "decision of a person"),
                ("same", _shown(f"  {each.kind}{about}: {KINDS[each.kind]}{other}")),
            )
        )
    stands = "does not stand in the clean text" if fate.clean_line is None else f"line {fate.clean_line}"
    yield Line((("rule", "clean text"), ("same", f"  {stands}")))


_Told = tuple[Step | Reading, str, str | None]  # what was done, the text before, and after (None: dropped)


def _steps(fate: Fate) -> list[_Told]:
    """Return what was done to a paragraph, step by step; a chain of codecs is told by its last one."""
    told: list[_Told] = []
    if fate.chain:
        told += [(reading, fate.texts[0], fate.texts[0]) for reading in fate.chain[:-1]]
        told.append((fate.chain[-1], fate.source, fate.texts[0]))
    steps = fate.change.steps if fate.change else ()
    text, following = fate.texts[0], iter(fate.texts[1:])
    for number, step in enumerate(steps):
        last = fate.change is not None and fate.change.dropped and number == len(steps) - 1
        after = None if last else next(following, text)
        told.append((step, text, after))
        text = text if after is None else after
    return told


def _stage_lines(stage: str, fate: Fate, told: Sequence[_Told], reason_of: ReasonOf) -> Iterator[Line]:
    """Yield what a stage did and nearly did."""
    for step, before, after in told:
        if step.stage != stage:
            continue
        reason = step.reason or reason_of(step.stage, step.rule)
        if after is None and fate.change and fate.change.reason:
            reason = worded(fate.change.reason, "the kept one", "the kept one")
        pieces: list[Piece] = [
            ("same", "removed by " if after is None else "edited by "),
            ("rule", show(step.rule)),
        ]
        if after is None and fate.change and fate.change.score is not None:
            pieces.append(("same", f", ratio {fate.change.score:.4g}"))
        pieces.append(("same", f": {_shown(reason)}" if reason else ""))
        if isinstance(step, Step) and step.metadata:
            pieces.append(("same", f"; kept as {show(step.metadata[0])}"))
        yield Line(tuple(pieces), "  ")
        if after is not None and after != before:
            yield from paragraph_lines("  ~ ", "note", marked(before, after))
        elif after is None and fate.change and (other := fate.change.survivor):
            text = before if other.text is None else other.text
            kept: list[Piece] = [("same", "kept: "), ("where", where(other)), ("same", ": ")]
            yield from paragraph_lines("  = ", "new", [*kept, *marked(before, text)])
    for suspect in fate.suspects:
        if suspect.stage == stage and suspect.other is None:
            yield _nearly(suspect.rule, suspect.reason)
            yield from paragraph_lines("  ? ", "note", match_marks(fate.texts[-1], suspect.match))
    if stage == "boilerplate":
        for miss in fate.near:
            yield _nearly(miss.rule, miss.reason)
            yield from paragraph_lines("  ? ", "note", match_marks(fate.texts[-1], miss.match))


def _nearly(rule: str, reason: str) -> Line:
    pieces: tuple[Piece, ...] = (
        ("same", "nearly "),
        ("rule", show(rule)),
        ("same", f": {_shown(reason)}"),
    )
    return Line(pieces, "  ")


def _compared_lines(fate: Fate, texts: Mapping[Place, str], recipe: Recipe) -> Iterator[Line]:
    near = recipe.settings.near_duplicate
    if fate.compared is None:
        yield Line(
            (("note", "what it was compared with is not stored; `cleaner run --reprocess` stores it"),), "  "
        )
        return
    if not fate.compared:
        why = "no other paragraph is alike to it from ratio 80 up"
        if fate.length < near.min_characters:
            why = f"too short to be compared: {fate.length} characters of {near.min_characters}"
        yield Line((("note", why),), "  ")
        return
    for each in fate.compared[:_SHOWN]:
        verdict = _verdict(each, fate)
        pieces: list[Piece] = [("same", f"ratio {each.score:.4g} with "), ("where", where(each.other))]
        yield Line((*pieces, ("same", f": {_shown(verdict)}")), "  ")
        if each.other in texts:
            yield from paragraph_lines("  ? ", "note", marked(texts[each.other], fate.texts[-1]))
    if len(fate.compared) > _SHOWN:
        yield Line((("note", f"and {len(fate.compared) - _SHOWN:,} more, less alike"),), "  ")


def _verdict(each: Comparison, fate: Fate) -> str:
    """Say what became of a pair."""
    survivor = fate.change.survivor if fate.change and fate.dropped_by.startswith(JUDGE) else None
    other = each.other.path, each.other.record, each.other.paragraph
    if survivor and (survivor.path, survivor.record, survivor.paragraph) == other:
        return "it went for this one"
    if each.answer is None:
        return "below the threshold of the run, so the fact guard was not asked"
    ours, theirs = (
        (each.answer.drop_b, each.answer.drop_a) if each.first else (each.answer.drop_a, each.answer.drop_b)
    )
    names = ("the other", "this one") if each.first else ("this one", "the other")
    reason = held_back(each.answer.reason) if each.first else worded(each.answer.reason, *names)
    if not ours and not theirs:
        return f"both stay: {reason}"
    who = "either may go" if ours and theirs else "it may go" if ours else "the other may go"
    return f"{who}: {worded(each.answer.reason, *names)}"


def _as_json(fate: Fate, texts: Mapping[Place, str]) -> dict[str, Any]:
    nearly = [
        (f"{each.stage}.{each.rule}", each.reason, each.match) for each in fate.suspects if not each.other
    ]
    nearly += [(f"boilerplate.{each.rule}", each.reason, each.match) for each in fate.near]
    return {
        "line": fate.line,
        "clean_line": fate.clean_line,
        "came_in": _shown(fate.source),
        "removed_by": _shown(fate.dropped_by) or None,
        "steps": [
            {
                "stage": step.stage,
                "rule": _shown(step.rule),
                "reason": _shown(step.reason),
                "before": _shown(before),
                "after": None if after is None else _shown(after),
            }
            for step, before, after in _steps(fate)
        ],
        "nearly": [
            {"rule": _shown(rule), "reason": _shown(reason), "match": _shown(match)}
            for rule, reason, match in nearly
        ],
        "decisions": [
            {"kind": each.kind, "rule": _shown(each.rule), "document": _shown(each.document)}
            for each in fate.decided
        ],
        "compared": None
        if fate.compared is None
        else [
            {
                "path": _shown(each.other.path),
                "record": each.other.record,
                "line": each.other.line,
                "score": each.score,
                "verdict": _shown(_verdict(each, fate)),
                **({"text": _shown(texts[each.other])} if each.other in texts else {}),
            }
            for each in fate.compared
        ],
    }


def _shown(data: str) -> str:
    return show(data, limit=None)
