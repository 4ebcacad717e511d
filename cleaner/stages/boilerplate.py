"""Boilerplate: rules from data drop, strip, replace or report what a page puts around its text.

Rules act until none matches, those for a place in the document too: they peel it from its ends. So
clean text stays clean. The order of the tests is cheap to dear, since a hundred patterns on every
paragraph would cost more than all the rest: first characters, literal, place, length, pattern. All
but the last only rule out what the pattern would refuse as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import regex

from cleaner.errors import UsageError
from cleaner.stages.base import NearMiss, Outcome, Step
from cleaner.stages.rule import TIME_LIMIT, Form, RuleTimeoutError, check_action, form_of, replaced

if TYPE_CHECKING:
    from cleaner.settings import Action, Rule

_OWN = "own."  # label of the rules that people write; only they need a time limit
_START = 3  # characters that choose the rules to try: 7,200 kinds in 400,000 paragraphs of news
_STARTS = 20_000  # kinds remembered, about 3 MB
_SENTENCE = 60  # characters; shorter paragraphs before a name are mostly captions
_CLOSERS = "\"'”’»)]"
_ABBREVIATED = regex.compile(r"\b\p{Lu}\p{L}?\.\Z")  # "TP." at the end: the sentence was cut there
_NOTHING = regex.compile(r"[\s\p{P}]*")


@dataclass(frozen=True, slots=True, eq=False)
class _Matcher:
    """A rule that is switched on. `alone`: the text of a paragraph decides whether the rule acts."""

    label: str
    rule: Rule
    action: Action
    form: Form
    literal: str
    alone: bool

    def find(self, text: str) -> tuple[int, int] | None:
        if not self.label.startswith(_OWN):
            return self.form.find(text)
        try:
            return self.form.find(text, TIME_LIMIT)
        except TimeoutError:
            problem = f"rule {self.label} took more than {TIME_LIMIT} s on {len(text)} characters"
            raise RuleTimeoutError(problem, hint="make its pattern simpler, or switch the rule off") from None


@dataclass(slots=True)
class _Work:
    """One document in hand: the texts (empty: blank or dropped), which are alive, and what was done.

    `maybe` holds, by paragraph, the rules for any place that may match and need more than its text.
    """

    texts: list[str]
    alive: list[int] = field(default_factory=list)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    maybe: dict[int, list[_Matcher]] = field(default_factory=dict)

    def act(self, matcher: _Matcher, index: int, span: tuple[int, int]) -> bool:
        """Do what the rule says to one paragraph; False if that would not make it shorter."""
        before = self.texts[index]
        after = replaced(before, span, matcher.rule.replacement if matcher.action == "replace" else "")
        if len(after) >= len(before):  # else two rules could undo each other for ever
            return False
        if _NOTHING.fullmatch(after):
            after = ""
        tells = matcher.rule.metadata
        metadata = (tells, before[slice(*span)].strip()) if tells else None
        self.steps.setdefault(index, []).append(Step(matcher.label, after or None, metadata=metadata))
        self.texts[index] = after
        return True


class _Candidates:
    """Chooses the rules worth trying on a text by its first characters and one literal of each rule.

    The choice by first characters is learnt text by text, and remembered.
    """

    def __init__(self, matchers: Sequence[_Matcher]) -> None:
        self._by_start = {"": [(matcher.literal, matcher) for matcher in matchers]}

    def __call__(self, text: str) -> list[_Matcher]:
        """Return, in order, all rules that match `text`, and few others."""
        start = text[:_START]
        known = self._by_start.get(start)
        if known is None:
            known = self._learn(start)
        return [matcher for literal, matcher in known if literal in text]

    def _learn(self, start: str) -> list[tuple[str, _Matcher]]:
        if len(self._by_start) >= _STARTS:
            self._by_start = {"": self._by_start[""]}
        shorter = start[:-1]
        known = self._by_start[shorter] if shorter in self._by_start else self._learn(shorter)
        self._by_start[start] = [item for item in known if item[1].form.may_open(start)]
        return self._by_start[start]


class Boilerplate:
    """The boilerplate stage. Rules act in the order given; after each act the first may act again."""

    name = "boilerplate"
    by_place = True

    def __init__(self, rules: Sequence[tuple[str, Rule]], actions: Mapping[str, Action]) -> None:
        """Take labelled rules ("vi.read_more") and other actions for some of them.

        Of these, `drop` and `strip` both remove what the rule matches. Raises UsageError for
        `replace` where the rule has no replacement.
        """
        matchers = [_matcher(label, rule, actions.get(label)) for label, rule in rules]
        active = [matcher for matcher in matchers if matcher.action != "off"]
        self._anywhere = _Candidates([m for m in active if m.rule.position == "any"])
        placed = [m for m in active if m.rule.position != "any"]
        self._placed = _Candidates([m for m in placed if m.action != "report"])
        self._placed_reports = _Candidates([m for m in placed if m.action == "report"])

    def __call__(self, paragraphs: Sequence[str]) -> Mapping[int, Outcome]:
        """Return what the rules do to each paragraph; each text after is stripped of outer space.

        Raises RuleTimeoutError if a person's own rule takes too long.
        """
        work = _Work([text.strip() for text in paragraphs])
        for index, text in enumerate(work.texts):
            if text:
                self._settle(work, index)
        work.alive = [index for index, text in enumerate(work.texts) if text]
        while self._scan(work) or self._peel(work):
            pass
        misses = self._misses(work)
        touched = sorted({*work.steps, *misses})
        return {i: Outcome(tuple(work.steps.get(i, ())), tuple(misses.get(i, ()))) for i in touched}

    def _settle(self, work: _Work, index: int) -> None:
        """Let the rules that need only this text act until none matches; note the others to try."""
        while text := work.texts[index]:
            found = self._anywhere(text)
            if not any(m.alone and (span := m.find(text)) and work.act(m, index, span) for m in found):
                if later := [matcher for matcher in found if not matcher.alone]:
                    work.maybe[index] = later
                return

    def _scan(self, work: _Work) -> bool:
        """Let the rules for any place that look at neighbours act; tell whether one did."""
        acted = False
        looking = dict.fromkeys(m for found in work.maybe.values() for m in found if m.action != "report")
        for matcher in looking:
            rank = 0
            while rank < len(work.alive):
                maybe = work.maybe.get(work.alive[rank], ())
                if matcher in maybe and self._apply(work, matcher, rank):
                    acted = True
                else:
                    rank += 1
        return acted

    def _peel(self, work: _Work) -> bool:
        """Let the rules for a place act, from the ends of the document; tell whether one did."""
        acted = False
        while any(self._apply(work, matcher, rank) for matcher, rank in _at_ends(work, self._placed)):
            acted = True
        return acted

    def _apply(self, work: _Work, matcher: _Matcher, rank: int) -> bool:
        """Let one rule act at one place, and on the run around it; tell whether it did."""
        acted = False
        for at, span in sorted(_run(work, matcher, rank).items(), reverse=True):
            index = work.alive[at]
            if work.act(matcher, index, span):
                acted = True
                self._settle(work, index)
                if not work.texts[index]:
                    del work.alive[at]
        return acted

    def _misses(self, work: _Work) -> dict[int, list[NearMiss]]:
        """Return, for the paragraphs that stay, the rules that only report and match."""
        misses: dict[int, list[NearMiss]] = {}
        maybe = [(m, rank) for rank, index in enumerate(work.alive) for m in work.maybe.get(index, ())]
        for matcher, rank in chain(maybe, _at_ends(work, self._placed_reports)):
            if matcher.action == "report" and (span := _run(work, matcher, rank).get(rank)):
                index = work.alive[rank]
                match = work.texts[index][slice(*span)].strip()
                miss = NearMiss(matcher.label, match, matcher.rule.reason or "the rule only reports")
                misses.setdefault(index, []).append(miss)
        return misses


def _matcher(label: str, rule: Rule, changed: Action | None) -> _Matcher:
    action = changed or rule.action
    if changed == "replace":
        try:
            check_action(changed, scope=rule.scope, replacement=rule.replacement)
        except ValueError as error:
            raise UsageError(str(error), where=f"boilerplate.actions: {label}") from None
    form = form_of(rule)
    alone = rule.position == "any" and rule.min_run == 1 and not rule.after_sentence and action != "report"
    return _Matcher(label, rule, action, form, form.literals[0] if form.literals else "", alone)


def _at_ends(work: _Work, candidates: _Candidates) -> Iterator[tuple[_Matcher, int]]:
    """Yield the rules that may match at a place for them, the end of the document first."""
    count = len(work.alive)
    for rank in [*range(count - 1, max(count - 4, 2), -1), *range(min(3, count) - 1, -1, -1)]:
        for matcher in candidates(work.texts[work.alive[rank]]):
            if _in_place(matcher.rule, rank, count):
                yield matcher, rank


def _in_place(rule: Rule, rank: int, count: int) -> bool:
    """Tell whether a rule for a place may act at `rank`.

    Rules for whole lines leave one line at least: the only one is a title, not a byline or a date.
    """
    if rule.position in ("first", "first_three"):
        return rank < (1 if rule.position == "first" else 3) and (count > 1 or rule.scope != "line")
    return rank >= count - (1 if rule.position == "last" else 3) and (rank > 0 or rule.scope != "line")


def _run(work: _Work, matcher: _Matcher, rank: int) -> dict[int, tuple[int, int]]:
    """Return rank and span of the paragraphs on which a rule may act at `rank`, none if it may not."""
    span = matcher.find(work.texts[work.alive[rank]])
    if span is None:
        return {}
    spans = {rank: span}
    for step in (-1, 1) if matcher.rule.min_run > 1 else ():
        at = rank + step
        while 0 <= at < len(work.alive) and (span := matcher.find(work.texts[work.alive[at]])):
            spans[at] = span
            at += step
    if len(spans) < matcher.rule.min_run:
        return {}
    first = min(spans)
    if matcher.rule.after_sentence and not (first and _ends_sentence(work.texts[work.alive[first - 1]])):
        return {}
    return spans


def _ends_sentence(text: str) -> bool:
    ended = text.rstrip(_CLOSERS).endswith((".", "!", "?", "…"))
    return ended and len(text) >= _SENTENCE and not _ABBREVIATED.search(text)
