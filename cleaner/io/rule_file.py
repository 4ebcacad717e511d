"""A person's rule file: a YAML list of boilerplate rules, beside those of the settings file.

Programs append to it (`cleaner learn`, `cleaner review`); what a person wrote stays as it is, comments too.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Annotated

from msgspec import Struct
from pydantic import Field

from cleaner.errors import SettingsError, UsageError
from cleaner.io.lock import alone_in
from cleaner.io.publish import Disk
from cleaner.io.settings_text import Document, Fault, Value, read
from cleaner.io.settings_writing import item_lines
from cleaner.io.yaml_models import content, validated
from cleaner.setting_types import Model
from cleaner.settings import Rule
from cleaner.text.show import show

_KEY = "rules"
_HEADING = "# Rules of your own, in the keys of `boilerplate.rules`; `cleaner config check` tests them."


class _Rules(Model):
    rules: Annotated[tuple[Rule, ...], Field(strict=False)] = ()


class RuleFile(Struct, frozen=True):
    """A rule file as it was read: not checked yet."""

    name: str
    document: Document

    @property
    def values(self) -> list[Value]:
        """Its rules as plain values."""
        rules = (self.document.values or {}).get(_KEY)
        return rules if isinstance(rules, list) else []

    def refuse(self, taken: Collection[str]) -> None:
        """Count it as a fault where two rules of the file are called the same, or one as one of `taken`."""
        known = dict.fromkeys(taken, "in the settings file")
        for index, name in enumerate(ids_of(self.values)):
            line, _ = spot = self.document.places.get((_KEY, index, "id"), ((1, 1), (1, 1)))[0]
            if name in known:
                text = f"two rules are called '{show(name, limit=40)}'; the other one is {known[name]}"
                self.document.faults.append(Fault(spot, text, (_KEY, index)))
            elif name:
                known[name] = f"in line {line}"

    def validated(self) -> tuple[tuple[Rule, ...] | None, list[str]]:
        """Return its rules, or None and a line for each fault."""
        found, lines = validated(_Rules, self.document, self.name)
        return (None if found is None else found.rules), lines


def rule_file_at(base: Path, name: str) -> Path | None:
    """Return where a rule file is that settings in folder `base` name; None if they name none."""
    return base / name if name else None


def ids_of(rules: Iterable[Value]) -> list[str]:
    """Return the ids of rules that are plain values, each empty that is no text."""
    ids = (rule.get("id") if isinstance(rule, dict) else None for rule in rules)
    return [found if isinstance(found, str) else "" for found in ids]


def read_rules(path: Path | None) -> RuleFile:
    """Return the rule file at `path`, one without rules where there is none. Raises SettingsError if it
    cannot be read at all.
    """
    there = path is not None and os.path.lexists(path)
    return _parsed(show(str(path)), content(path) if path and there else b"")


def _parsed(name: str, data: bytes) -> RuleFile:
    return RuleFile(name, read(data, list_of=_KEY))


def append_rules(path: Path, rules: Sequence[Rule], taken: Collection[str] = ()) -> None:
    """Write rules behind those of a rule file, which is made if it is not there: all on disk, or none.

    Raises UsageError if a rule is called as another one of the file, or as one of `taken` (those of the
    settings file), or if the file cannot be added to; SettingsError if it is faulty; OutputError if it cannot
    be written.
    """
    target = Path(os.path.realpath(path))  # a link stays one
    with alone_in(os.fsencode(target.parent)):
        data = content(target) if os.path.lexists(target) else b""
        before = _checked(path, data)
        known = {rule.id for rule in before}.union(taken)
        for rule in rules:
            if rule.id in known:
                raise UsageError(
                    f"there is a rule called {rule.id} already", where=show(str(path)), hint="take another id"
                )
            known.add(rule.id)
        after = data + _addition(data, rules)
        if _parsed("", after).validated()[0] != (*before, *rules):
            raise UsageError(
                "cannot be added to", where=show(str(path)), hint="write it as a list with '- id: …' in lines"
            )
        Disk().write_over(os.fsencode(target), after)


def _checked(path: Path, data: bytes) -> tuple[Rule, ...]:
    file = _parsed(show(str(path)), data)
    file.refuse(())
    rules, lines = file.validated()
    if rules is None:
        raise SettingsError(lines)
    return rules


def _addition(data: bytes, rules: Iterable[Rule]) -> bytes:
    """Return the text of rules to be put behind `data`, indented and with line ends as in it."""
    spot = read(data, list_of=_KEY).places[(_KEY,)][1]
    lines = [] if data.strip() else [_HEADING]
    for rule in rules:
        lines += ["", *(" " * (spot[1] - 1) + line for line in item_lines(rule))]
    end = "\r\n" if b"\r\n" in data else "\n"
    text = "".join(line + end for line in lines)
    return (text if not data or data.endswith(b"\n") else end + text).encode()
