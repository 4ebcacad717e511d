"""Which changes and suspects a person asked for, and what to say when there are none."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal

from msgspec import Struct

from cleaner.io.outlines import ChangeOutline, Outline, StepOutline, SuspectOutline
from cleaner.text.changes import Change, Step, Suspect
from cleaner.text.recoded import Reading
from cleaner.text.show import show

Group = Literal["removed", "edited", "suspects"]
GROUPS: tuple[Group, ...] = ("removed", "edited", "suspects")

_Act = Step | StepOutline | Reading


class Selection(Struct, frozen=True):
    """Stages, rules ("boilerplate.vi.read_more" or "vi.read_more") and groups; no name selects all."""

    stages: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    groups: frozenset[Group] = frozenset(GROUPS)

    def any_of(self, outline: Outline) -> bool:
        """Tell whether anything of a document is selected."""
        return (
            any(map(self.change, outline.changes))
            or any(map(self.suspect, outline.suspects))
            or (outline.recoded is not None and self.acts(outline.recoded.steps))
        )

    def change(self, change: Change | ChangeOutline) -> bool:
        """Tell whether a change is selected: a step of any selected rule is enough."""
        return self.acts(change.steps, dropped=change.dropped)

    def acts(self, acts: Iterable[_Act], *, dropped: bool = False) -> bool:
        """Tell whether what was done to a paragraph is selected: one act of any selected rule is enough."""
        group: Group = "removed" if dropped else "edited"
        return group in self.groups and any(self.by(act.stage, act.rule) for act in acts)

    def suspect(self, suspect: Suspect | SuspectOutline) -> bool:
        """Tell whether a suspect is selected."""
        return "suspects" in self.groups and self.by(suspect.stage, suspect.rule)

    def by(self, stage: str, rule: str) -> bool:
        """Tell whether a rule of a stage is selected."""
        named = stage in self.stages or rule in self.rules or f"{stage}.{rule}" in self.rules
        return named or not (self.stages or self.rules)

    def unmatched(self, acted: Iterable[tuple[str, str]]) -> str:
        """Say that nothing is selected of what `acted`; recall a name that is like one asked for."""
        pairs = sorted(acted)
        if not pairs:
            return "nothing was changed here"
        stages = {stage for stage, _ in pairs}
        rules = {name for stage, rule in pairs for name in (rule, f"{stage}.{rule}")}
        unknown = [(name, stages) for name in self.stages - stages] + [
            (name, rules) for name in self.rules - rules
        ]
        if not unknown:
            return "no change of that kind here"
        name, known = min(unknown, key=lambda each: each[0])
        like = get_close_matches(name, sorted(known), 1)
        return f"no change by {show(name)} here" + (f"; did you mean {show(like[0])}?" if like else "")
