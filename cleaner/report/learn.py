"""`cleaner learn` for a person: proposals one by one, and what is answered goes to the rule file at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from cleaner.errors import UsageError
from cleaner.io.places import settings_here
from cleaner.io.rule_file import append_rules
from cleaner.io.settings_file import LoadedSettings
from cleaner.learn import Learned, learn
from cleaner.learning.proposals import Proposal
from cleaner.report.diff import speller
from cleaner.report.lines import Line, Piece
from cleaner.report.summary import counted
from cleaner.settings import Rule
from cleaner.text.show import show

_PROBLEMS = 20  # shown
_ANSWERS = {"y": "approve", "r": "only report", "n": "never", "s": "skip", "q": "quit"}
_ASKED = "[y]es, [r]eport only, [n]o, never ask again, [s]kip, [q]uit: "
_LONGEST = 160  # characters of an example


def learn_command(
    names: Sequence[str],
    config_file: Path | None,
    least: int,
    approved: Sequence[str],
    colour: str,
    *,
    json: bool,
) -> int:
    """Do what `cleaner learn` was asked to, and return the exit code."""
    loaded = settings_here(config_file)
    path = _rule_file(loaded)
    found = learn(loaded, names, least)
    for problem in found.problems[:_PROBLEMS]:
        click.echo(f"cleaner: skipped: {problem}", err=True)
    if approved:
        _approve(found, approved, path, loaded)
        return 0
    if json:
        click.echo(msgspec.json.encode([_as_json(each) for each in found.proposals]).decode())
        return 0
    spelled = speller(colour)
    asked = sys.stdin.isatty() and sys.stdout.isatty()
    click.echo(f"cleaner: {_counts(found)}", err=True)
    if asked:
        _ask(found.proposals, path, loaded, spelled)
        return 0
    for each in found.proposals:
        _print(_lines(each), spelled)
    if found.proposals:
        first = found.proposals[0].rule.id
        click.echo(
            f"cleaner: approve with `cleaner learn --yes {first}`, or start it in a terminal", err=True
        )
    return 0


def _counts(found: Learned) -> str:
    rules = counted(len(found.proposals), "rule")
    read = counted(found.documents, "document")
    return f"{read} read, {rules} proposed of what recurs in {found.least} or more"


def _rule_file(loaded: LoadedSettings) -> Path:
    if loaded.rule_file is None:
        raise UsageError("the settings name no rule file", hint="set boilerplate.rule_file: rules.yaml")
    return loaded.rule_file


def _append(rule: Rule, path: Path, loaded: LoadedSettings) -> None:
    taken = [each.id for each in loaded.written.boilerplate.rules]
    append_rules(path, [rule], taken)


def _approve(found: Learned, names: Sequence[str], path: Path, loaded: LoadedSettings) -> None:
    proposed = {each.rule.id: each.rule for each in found.proposals}
    unknown = [name for name in names if name not in proposed]
    if unknown:
        hint = f"there are {', '.join(sorted(proposed))}" if proposed else "nothing is proposed"
        raise UsageError(f"no rule {show(unknown[0])!r} is proposed", hint=hint)
    taken = [each.id for each in loaded.written.boilerplate.rules]
    append_rules(path, [proposed[name] for name in dict.fromkeys(names)], taken)
    click.echo(f"{counted(len(set(names)), 'rule')} -> {show(str(path), limit=None)}", err=True)


def _ask(
    proposed: Sequence[Proposal], path: Path, loaded: LoadedSettings, spelled: Callable[[Line], str]
) -> None:
    """Show proposals one by one; what is answered stands in the rule file before the next one is shown."""
    for number, each in enumerate(proposed, 1):
        click.echo(f"\n{number} of {len(proposed)}")
        _print(_lines(each), spelled)
        answer = _answer()
        if answer == "q":
            return
        actions: dict[str, Any] = {"y": each.rule.action, "r": "report", "n": "off"}
        if answer in actions:
            _append(each.rule.model_copy(update={"action": actions[answer]}), path, loaded)
            click.echo(f"{_ANSWERS[answer]} -> {show(str(path), limit=None)}")


def _answer() -> str:
    while True:
        click.echo(_ASKED, nl=False)
        line = sys.stdin.readline()
        if not line:
            click.echo()
            return "q"
        if (answer := line.strip().lower()[:1]) in _ANSWERS:
            return answer


def _print(lines: Iterable[Line], spelled: Callable[[Line], str]) -> None:
    for line in lines:
        click.echo(spelled(line))


def _lines(proposal: Proposal) -> Iterator[Line]:
    rule = proposal.rule
    place = "" if rule.position == "any" else f", {rule.position}"
    head: tuple[Piece, ...] = (
        ("rule", rule.id),
        ("same", f"  {rule.action}, scope {rule.scope}{place}; risk {rule.risk}"),
    )
    yield Line(head, "=== ", "path")
    yield Line((("same", _shown(proposal.why)),), "    ")
    yield Line((("note", "pattern "), ("same", _shown(rule.pattern))), "    ")
    if proposal.values:
        values = ", ".join(f"{_cut(value)} ({count:,})" for value, count in proposal.values)
        yield Line((("note", "names "), ("same", values)), "    ")
    if len(proposal.sources) > 1:
        sources = ", ".join(f"{_cut(source)} ({count:,})" for source, count in proposal.sources)
        yield Line((("note", "sources "), ("same", sources)), "    ")
    for text in rule.examples:
        yield Line((("same", _cut(text)),), "  - ", "gone")
    for text in rule.counter_examples:
        yield Line((("same", _cut(text)),), "  = ", "new")


def _cut(text: str) -> str:
    return show(text, limit=_LONGEST)


def _shown(text: str) -> str:
    return show(text, limit=None)


def _as_json(proposal: Proposal) -> dict[str, Any]:
    rule = proposal.rule.model_dump(mode="json", exclude_defaults=True)
    return {
        "rule": rule | {"action": proposal.rule.action, "risk": proposal.rule.risk},
        "documents": proposal.documents,
        "occurrences": proposal.occurrences,
        "at_place": round(proposal.at_place, 4),
        "embedded": proposal.embedded,
        "values": dict(proposal.values),
        "sources": {_shown(source): count for source, count in proposal.sources},
    }
