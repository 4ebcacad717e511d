"""What people have decided, as local stages meet it: texts that always go, and rules that are held back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cleaner.stages.base import Blocks, NearMiss, Outcome, Step, no_blocks
from cleaner.stages.boilerplate import Boilerplate
from cleaner.text.decisions import DECIDED, DROPPED, KEPT, REMOVING, Decisions
from cleaner.text.kinds import Lines
from cleaner.text.normalize import matching_forms


class Decided:
    """The stage that drops the texts of which a person has said that they always go.

    It comes after the rules, because they may leave such a text, and before repeats, because nothing may go
    for the sake of one.
    """

    name = DECIDED
    by_place = True  # so that it is asked again when the rules were

    def __init__(self, forms: frozenset[str]) -> None:
        self._forms = forms

    def expect(self, lines: Lines) -> None:
        """Nothing is learnt in advance but the matching forms (`text/normalize.py`)."""

    def __call__(self, paragraphs: Sequence[str], _blocks: Blocks = no_blocks, /) -> Mapping[int, Outcome]:
        """Drop each paragraph whose matching form is one of those."""
        forms = matching_forms(paragraphs)
        if self._forms.isdisjoint(forms):
            return {}
        gone = Outcome((Step("drop", None, reason=DROPPED),))
        return {index: gone for index, form in enumerate(forms) if form in self._forms}


def spared(
    stage: str,
    texts: Sequence[str],
    outcomes: Mapping[int, Outcome],
    kept: Collection[int],
    decisions: Decisions,
) -> Mapping[int, Outcome]:
    """Return what a stage does but for what decisions hold back, which becomes a near miss.

    Paragraphs that are `kept` are those on which a rule was held back before: nothing else removes them.
    """
    if stage not in REMOVING or (stage == Boilerplate.name and not kept):  # rules mind decisions themselves
        return outcomes
    return {
        index: _spared(stage, texts[index], outcome, decisions, kept=index in kept)
        for index, outcome in outcomes.items()
    }


def _spared(stage: str, text: str, outcome: Outcome, decisions: Decisions, *, kept: bool) -> Outcome:
    for number, step in enumerate(outcome.steps):
        if kept or decisions.keeps(f"{stage}.{step.rule}", text):
            miss = NearMiss(step.rule, text, KEPT)
            return Outcome(outcome.steps[:number], (*outcome.near_misses, miss))
        text = step.text or ""
    return outcome


def held_back(outcomes: Mapping[int, Outcome]) -> list[int]:
    """Return the paragraphs on which a decision has held a rule back."""
    return [
        index
        for index, outcome in outcomes.items()
        if any(miss.reason == KEPT for miss in outcome.near_misses)
    ]
