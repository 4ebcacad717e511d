"""Boilerplate: rules from data drop, strip, replace or report what a page puts around its text.

Rules act until none matches, those for a place in the document too: they peel it from its ends. So
clean text stays clean. The order of the tests is cheap to dear, since a hundred patterns on every
paragraph would cost more than all the rest: literals in the whole document, first characters, length,
literals, place, pattern. All but the last only rule out what the pattern would refuse as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING

import regex

from cleaner.errors import UsageError
from cleaner.stages.base import NearMiss, Outcome, Step
from cleaner.stages.literals import common_part, rarest
from cleaner.stages.rule import TIME_LIMIT, Form, RuleTimeoutError, check_action, form_of, replaced

if TYPE_CHECKING:
    from cleaner.settings import Action, Rule

_OWN = "own."  # label of the rules that people write; only they need a time limit
_START = 3  # characters that choose the rules to try: 7,200 kinds in 400,000 paragraphs of news
_ANY = ("\ue000", "\u01b7")  # for private use, and a capital letter of no word: who opens so opens as most do
_END = 3  # paragraphs at either end of a document are its first and last ones
_HEADS = ((), ("first_three",), ("first", "first_three"))
_TAILS = ((), ("last_three",), ("last", "last_three"))
_STARTS = 20_000  # kinds remembered, about 3 MB
_SENTENCE = 60  # characters; shorter paragraphs before a name are mostly captions
_CLOSERS = "\"'”’»)]"
_ABBREVIATED = regex.compile(r"\b\p{Lu}\p{L}?\.\Z")  # "TP." at the end: the sentence was cut there
_number = attrgetter("number")
_NOTHING = regex.compile(r"[\s\p{P}]*")


@dataclass(frozen=True, slots=True, eq=False)
class _Matcher:
    """A rule that is switched on. `alone`: the text of a paragraph decides whether the rule acts.

    `literal` stands in every text that matches, `sign` is its rarest character, which is quicker to find;
    `alike`: nothing else need stand in it.
    """

    number: int
    label: str
    rule: Rule
    action: Action
    form: Form
    literal: str
    sign: str
    alike: bool
    alone: bool

    def find(self, text: str) -> tuple[int, int] | None:
        if not self.label.startswith(_OWN):
            return self.form.find(text)
        try:
            return self.form.find(text, TIME_LIMIT)
        except TimeoutError:
            problem = f"rule {self.label} took more than {TIME_LIMIT} s on {len(text)} characters"
            raise RuleTimeoutError(problem, hint="make its pattern simpler, or switch the rule off") from None

    def may(self, text: str) -> bool:
        """Tell whether `text` can match, by what must stand in it: never no when it can."""
        return self.alike or self.form.may_stand_in(text)


_Quick = tuple[int, str, _Matcher]  # what is asked of a text before the rule: its length, a literal


@dataclass(slots=True)
class _Work:
    """One document in hand: the texts (empty: blank or dropped), which are alive, and what was done.

    `later` holds, by paragraph, the rules for any place that match it and need more than its text;
    `ends` the rules that may match at a place for them, with their rank.
    """

    texts: list[str]
    alive: list[int] = field(default_factory=list)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    later: dict[int, list[_Matcher]] = field(default_factory=dict)
    ends: list[tuple[_Matcher, int]] = field(default_factory=list)

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
    """Chooses the rules worth trying on a text: by its first characters, its length and their literals.

    The choice by first characters is learnt text by text, and remembered with the length of the
    longest text that these rules may match. Rules that most texts may open (`_loose`) are chosen by
    their literals in the whole document.
    """

    def __init__(self, matchers: Sequence[_Matcher]) -> None:
        loose = [m for m in matchers if any(m.form.may_open(start) for start in _ANY)]
        self._loose = [_quick(matcher) for matcher in loose]
        self._by_start = {"": _opening([_quick(matcher) for matcher in matchers if matcher not in loose])}

    def of(self, text: str) -> list[_Matcher]:
        """Return, in order, all rules that match `text`, and few others."""
        longest, bound = self._by_start.get(text[:_START]) or self._learn(text[:_START])
        size = len(text)
        found = [m for most, literal, m in self._loose if size <= most and literal in text and m.may(text)]
        if size <= longest:
            found += [m for most, literal, m in bound if size <= most and literal in text and m.may(text)]
            found.sort(key=_number)
        return found

    def over(self, texts: Sequence[str]) -> dict[int, list[_Matcher]]:
        """Return these rules for many texts, by their index; texts without any are left out."""
        found: dict[int, list[_Matcher]] = {}
        known = self._by_start
        for index, text in enumerate(texts):
            longest, bound = known.get(text[:_START]) or self._learn(text[:_START])
            if (size := len(text)) <= longest and (
                may := [m for most, literal, m in bound if size <= most and literal in text and m.may(text)]
            ):
                found[index] = may
        together = "\n".join(texts)
        for most, literal, matcher in self._loose:
            if not (matcher.sign in together and literal in together):
                continue
            if not matcher.form.opened or matcher.form.opened.search(together):
                for index, text in enumerate(texts):
                    if literal in text and len(text) <= most and matcher.may(text):
                        found[index] = sorted([*found.get(index, ()), matcher], key=_number)
        return found

    def _learn(self, start: str) -> tuple[int, list[_Quick]]:
        if len(self._by_start) >= _STARTS:
            everything = self._by_start[""]
            self._by_start.clear()
            self._by_start[""] = everything
        _, bound = self._by_start.get(start[:-1]) or self._learn(start[:-1])
        self._by_start[start] = _opening([quick for quick in bound if quick[2].form.may_open(start)])
        return self._by_start[start]


def _quick(matcher: _Matcher) -> _Quick:
    return matcher.form.longest, matcher.literal, matcher


def _opening(quick: list[_Quick]) -> tuple[int, list[_Quick]]:
    """Return rules that texts with the same start may match, and the longest text of these."""
    return max((most for most, _, _ in quick), default=-1), quick


class Boilerplate:
    """The boilerplate stage. Rules act in the order given; after each act the first may act again."""

    name = "boilerplate"
    by_place = True

    def __init__(self, rules: Sequence[tuple[str, Rule]], actions: Mapping[str, Action]) -> None:
        """Take labelled rules ("vi.read_more") and other actions for some of them.

        Of these, `drop` and `strip` both remove what the rule matches. Raises UsageError for
        `replace` where the rule has no replacement.
        """
        matchers = [_matcher(i, label, rule, actions.get(label)) for i, (label, rule) in enumerate(rules)]
        active = [matcher for matcher in matchers if matcher.action != "off"]
        self._anywhere = _Candidates([m for m in active if m.rule.position == "any"])
        self._settled: set[str] = set()
        self._placed = {
            (head, tail): _Candidates([m for m in active if m.rule.position in (*head, *tail)])
            for head in _HEADS
            for tail in _TAILS
        }

    def __call__(self, paragraphs: Sequence[str]) -> Mapping[int, Outcome]:
        """Return what the rules do to each paragraph; each text after is stripped of outer space.

        Raises RuleTimeoutError if a person's own rule takes too long.
        """
        work = _Work([text.strip() for text in paragraphs])
        fresh = [index for index, text in enumerate(work.texts) if text not in self._settled]
        for at, found in self._anywhere.over([work.texts[index] for index in fresh]).items():
            self._settle(work, fresh[at], found)
        work.alive = [index for index, text in enumerate(work.texts) if text]
        while self._scan(work) or self._peel(work):
            pass
        self._settled = {text for index, text in enumerate(work.texts) if index not in work.later}
        if not (work.steps or work.later or work.ends):
            return {}
        misses = self._misses(work)
        touched = sorted({*work.steps, *misses})
        return {i: Outcome(tuple(work.steps.get(i, ())), tuple(misses.get(i, ()))) for i in touched}

    def _settle(self, work: _Work, index: int, found: Sequence[_Matcher]) -> None:
        """Let the rules that need only this text act until none matches; note the others to try."""
        while any(
            m.alone and (span := m.find(work.texts[index])) and work.act(m, index, span) for m in found
        ):
            found = self._anywhere.of(work.texts[index])
        if later := [m for m in found if not m.alone and m.find(work.texts[index])]:
            work.later[index] = later

    def _scan(self, work: _Work) -> bool:
        """Let the rules for any place that look at neighbours act; tell whether one did."""
        acted = False
        for matcher in dict.fromkeys(
            m for found in work.later.values() for m in found if m.action != "report"
        ):
            rank = 0
            while rank < len(work.alive):
                later = work.later.get(work.alive[rank], ())
                if matcher in later and self._apply(work, matcher, rank):
                    acted = True
                else:
                    rank += 1
        return acted

    def _peel(self, work: _Work) -> bool:
        """Let the rules for a place act, from the ends of the document; tell whether one did."""
        acted = False
        while True:
            work.ends = list(self._at_ends(work))
            if not any(m.action != "report" and self._apply(work, m, rank) for m, rank in work.ends):
                return acted
            acted = True

    def _apply(self, work: _Work, matcher: _Matcher, rank: int) -> bool:
        """Let one rule act at one place, and on the run around it; tell whether it did."""
        acted = False
        for at, span in sorted(_run(work, matcher, rank).items(), reverse=True):
            index = work.alive[at]
            if work.act(matcher, index, span):
                acted = True
                self._settle(work, index, self._anywhere.of(work.texts[index]))
                if not work.texts[index]:
                    del work.alive[at]
        return acted

    def _at_ends(self, work: _Work) -> Iterator[tuple[_Matcher, int]]:
        """Yield the rules that may match at a place for them, the end of the document first.

        Rules for whole lines leave one line at least: the only one is a title, not a byline or a date.
        """
        count = len(work.alive)
        for rank in [
            *range(count - 1, max(count - _END, _END) - 1, -1),
            *range(min(_END, count) - 1, -1, -1),
        ]:
            head = _HEADS[(rank < _END) + (rank == 0)]
            tail = _TAILS[(rank >= count - _END) + (rank == count - 1)]
            for matcher in self._placed[head, tail].of(work.texts[work.alive[rank]]):
                if matcher.rule.scope != "line" or (count > 1 and (rank or matcher.rule.position in head)):
                    yield matcher, rank

    def _misses(self, work: _Work) -> dict[int, list[NearMiss]]:
        """Return, for the paragraphs that stay, the rules that only report and match."""
        misses: dict[int, list[NearMiss]] = {}
        later = [(m, rank) for rank, index in enumerate(work.alive) for m in work.later.get(index, ())]
        for matcher, rank in chain(later, work.ends):
            if matcher.action == "report" and (span := _run(work, matcher, rank).get(rank)):
                index = work.alive[rank]
                match = work.texts[index][slice(*span)].strip()
                miss = NearMiss(matcher.label, match, matcher.rule.reason or "the rule only reports")
                misses.setdefault(index, []).append(miss)
        return misses


def _matcher(number: int, label: str, rule: Rule, changed: Action | None) -> _Matcher:
    action = changed or rule.action
    if changed == "replace":
        try:
            check_action(changed, scope=rule.scope, replacement=rule.replacement)
        except ValueError as error:
            raise UsageError(str(error), where=f"boilerplate.actions: {label}") from None
    form = form_of(rule)
    alone = rule.position == "any" and rule.min_run == 1 and not rule.after_sentence and action != "report"
    literal = form.literals[0] if form.literals else common_part(form.one_of)
    alike = not form.one_of and form.literals in ((), (literal,))
    return _Matcher(number, label, rule, action, form, literal, rarest(literal), alike, alone)


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
