"""The rules that are switched on, and which of them are worth trying on a text.

The order of the tests is cheap to dear, since a hundred patterns on every paragraph would cost more than
all the rest: first characters, length, literals, place, pattern. All but the last only rule out what the
pattern would refuse as well. Of many lines at once the literals are asked first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from cleaner.errors import UsageError
from cleaner.stages.literals import common_part, rarest_run, rarity
from cleaner.stages.needles import RUN, Needles
from cleaner.stages.rule import TIME_LIMIT, Form, RuleTimeoutError, check_action, form_of
from cleaner.text.kinds import Lines

if TYPE_CHECKING:
    from cleaner.settings import Action, Rule

_OWN = "own."  # label of the rules that people write; only they need a time limit
_START = 3  # characters that choose the rules to try: 7,200 kinds in 400,000 paragraphs of news
_STARTS = 20_000  # kinds remembered, about 3 MB
_ANY = ("\ue000", "\u01b7")  # for private use, and a capital letter of no word: who opens so opens as most do
_number = attrgetter("number")
_Asks: TypeAlias = Callable[[str], object]


class Matcher(Struct, frozen=True, eq=False):
    """A rule that is switched on. `alone`: the text of a paragraph decides whether the rule acts.

    `literal` stands in every text that matches. `asks` tells whether a text has what else must stand in it:
    never no when it matches. It is None where nothing else must.
    """

    number: int
    label: str
    rule: Rule
    action: Action
    form: Form
    literal: str
    asks: _Asks | None
    alone: bool

    def find(self, text: str) -> tuple[int, int] | None:
        """Return the part of `text` that the rule matches.

        Raises RuleTimeoutError if a person's own rule takes too long.
        """
        if not self.label.startswith(_OWN):
            return self.form.find(text)
        try:
            return self.form.find(text, TIME_LIMIT)
        except TimeoutError:
            problem = f"rule {self.label} took more than {TIME_LIMIT} s on {len(text)} characters"
            raise RuleTimeoutError(problem, hint="make its pattern simpler, or switch the rule off") from None


# What is asked of a text before the rule: its length, a literal, what else must stand in it.
_Quick = tuple[int, str, _Asks | None, Matcher]
# For texts with the same start: the longest that rules bound to it may match, these, and the loose ones, too.
_Opening = tuple[int, Sequence[_Quick], Sequence[_Quick]]


def matcher_of(number: int, label: str, rule: Rule, changed: Action | None) -> Matcher:
    """Return rule `number`; UsageError if the action it is changed to is not possible."""
    action = changed or rule.action
    if changed == "replace":
        try:
            check_action(changed, scope=rule.scope, replacement=rule.replacement)
        except ValueError as error:
            raise UsageError(str(error), where=f"boilerplate.actions: {label}") from None
    form = form_of(rule)
    alone = rule.position == "any" and rule.min_run == 1 and not rule.after_sentence and action != "report"
    literal = form.literals[0] if form.literals else common_part(form.one_of)
    asks: _Asks | None = form.may_stand_in
    if form.literals in ((), (literal,)):
        asks = form.opened.search if form.opened else asks if form.one_of else None
    return Matcher(number, label, rule, action, form, literal, asks, alone)


class Candidates:
    """Chooses the rules worth trying on a text: by its first characters, its length and their literals.

    The choice by first characters is learnt text by text, and remembered with the length of the
    longest text that these rules may match. Rules that most texts may open (`_loose`) are chosen by
    their literals.
    """

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        loose = [m for m in matchers if any(m.form.may_open(start) for start in _ANY)]
        self._loose = [_quick(matcher) for matcher in loose]
        self._longest_loose = max((most for most, *_ in self._loose), default=-1)
        self._longest = max((matcher.form.longest for matcher in matchers), default=-1)
        self._by_start = {
            "": self._opening([_quick(matcher) for matcher in matchers if matcher not in loose])
        }

    def of(self, text: str) -> list[Matcher]:
        """Return, in order, all rules that match `text`, and few others."""
        size = len(text)
        if size > self._longest:
            return []
        longest, _, quick = self._by_start.get(text[:_START]) or self._learn(text[:_START])
        if size > longest:
            if size > self._longest_loose:
                return []
            quick = self._loose
        found = [
            matcher
            for most, literal, asks, matcher in quick
            if size <= most and literal in text and (asks is None or asks(text))
        ]
        return sorted(found, key=_number) if len(found) > 1 else found

    def over(self, lines: Lines) -> dict[str, list[Matcher]]:
        """Return these rules for many lines, by their text; lines without any are left out."""
        found: dict[str, list[Matcher]] = {}
        known = self._by_start
        for text in lines.texts:
            longest, bound, _ = known.get(text[:_START]) or self._learn(text[:_START])
            if (size := len(text)) <= longest and (
                may := [
                    matcher
                    for most, literal, asks, matcher in bound
                    if size <= most and literal in text and (asks is None or asks(text))
                ]
            ):
                found[text] = may
        for text, (most, literal, asks, matcher) in self._loose_over(lines):
            if len(text) <= most and literal in text and (asks is None or asks(text)):
                ours = found.setdefault(text, [])
                if matcher not in ours:
                    ours.append(matcher)
        return {text: sorted(ours, key=_number) for text, ours in found.items()}

    def _loose_over(self, lines: Lines) -> Iterator[tuple[str, _Quick]]:
        """Yield the rules that most texts may open, each with the lines that have what it needs."""
        needles, others = self._needles
        for number, found in needles.found(lines):
            for quick in found:
                yield lines.texts[number], quick
        for quick in others:
            most, literal, *_ = quick
            may = lines.lengths <= most
            if literal:
                may &= lines.having(lines.points == ord(rarest_run(literal, 1)))
            for text in lines.chosen(may):
                yield text, quick

    @cached_property
    def _needles(self) -> tuple[Needles[_Quick], Sequence[_Quick]]:
        """What the loose rules need, and the rules that need nothing of such length."""
        needs = [(_need(quick[-1].form), quick) for quick in self._loose]
        return (
            Needles((text, quick) for need, quick in needs for text in need),
            [quick for need, quick in needs if not need],
        )

    def _learn(self, start: str) -> _Opening:
        if len(self._by_start) >= _STARTS:
            everything = self._by_start[""]
            self._by_start.clear()
            self._by_start[""] = everything
        _, bound, _ = self._by_start.get(start[:-1]) or self._learn(start[:-1])
        self._by_start[start] = self._opening([quick for quick in bound if quick[-1].form.may_open(start)])
        return self._by_start[start]

    def _opening(self, bound: Sequence[_Quick]) -> _Opening:
        longest = max((most for most, *_ in bound), default=-1)
        return longest, bound, [*self._loose, *bound] if bound else self._loose


def _need(form: Form) -> tuple[str, ...]:
    """Return texts that `Needles` can look for, of which one stands in every match, if there are any."""
    known: list[tuple[str, ...]] = [(text,) for text in form.literals if len(text) >= RUN]
    if form.one_of and min(map(len, form.one_of)) >= RUN:
        known.append(form.one_of)
    return max(known, key=lambda need: min(rarity(rarest_run(text, RUN)) for text in need), default=())


def _quick(matcher: Matcher) -> _Quick:
    return matcher.form.longest, matcher.literal, matcher.asks, matcher
