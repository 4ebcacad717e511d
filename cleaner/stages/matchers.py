"""The rules that are switched on, and which of them are worth trying on a text.

The order of the tests is cheap to dear, since a hundred patterns on every paragraph would cost more than
all the rest: literals in the whole document, first characters, length, literals, place, pattern. All but
the last only rule out what the pattern would refuse as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from cleaner.errors import UsageError
from cleaner.stages.literals import common_part, rarest
from cleaner.stages.rule import TIME_LIMIT, Form, RuleTimeoutError, check_action, form_of

if TYPE_CHECKING:
    from cleaner.settings import Action, Rule

_OWN = "own."  # label of the rules that people write; only they need a time limit
_START = 3  # characters that choose the rules to try: 7,200 kinds in 400,000 paragraphs of news
_STARTS = 20_000  # kinds remembered, about 3 MB
_ANY = ("\ue000", "\u01b7")  # for private use, and a capital letter of no word: who opens so opens as most do
_number = attrgetter("number")


@dataclass(frozen=True, slots=True, eq=False)
class Matcher:
    """A rule that is switched on. `alone`: the text of a paragraph decides whether the rule acts.

    `literal` stands in every text that matches, and one of `need`; `alike`: no more need stand in it.
    """

    number: int
    label: str
    rule: Rule
    action: Action
    form: Form
    literal: str
    need: tuple[str, ...]
    alike: bool
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

    def may(self, text: str) -> bool:
        """Tell whether `text` can match, by what must stand in it: never no when it can."""
        return self.alike or self.form.may_stand_in(text)


_Quick = tuple[int, str, Matcher]  # what is asked of a text before the rule: its length, a literal


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
    need = form.one_of if form.one_of and not (form.literals or form.opened) else (literal,)
    alike = not form.one_of and form.literals in ((), (literal,))
    return Matcher(number, label, rule, action, form, literal, need, alike, alone)


class _Group:
    """Rules of which each match holds one of the same texts. Single signs are found first: far quicker."""

    __slots__ = ("_need", "_sign", "_signs", "common", "matchers")

    def __init__(self, need: tuple[str, ...], matchers: Sequence[Matcher]) -> None:
        self.matchers = matchers
        self.common = common_part(need)
        self._sign = rarest(self.common)
        self._need = need if len(need) > 1 else ()
        self._signs = sorted({rarest(literal) for literal in self._need})

    def may_stand_in(self, text: str) -> bool:
        """Tell whether a part of `text` can match: never no when one can."""
        if self._sign not in text or self.common not in text:
            return False
        for sign in self._signs:
            if sign in text:
                return any(literal in text for literal in self._need)
        return not self._signs

    def having(self, texts: Sequence[str]) -> list[tuple[int, str]]:
        """Return the texts that one of the rules may match, with their index."""
        common, need = self.common, self._need
        if not need:
            return [(index, text) for index, text in enumerate(texts) if common in text]
        return [(index, text) for index, text in enumerate(texts) if any(part in text for part in need)]


class Candidates:
    """Chooses the rules worth trying on a text: by its first characters, its length and their literals.

    The choice by first characters is learnt text by text, and remembered with the length of the
    longest text that these rules may match. Rules that most texts may open (`_loose`) are chosen by
    their literals in the whole document; those with the same literals together.
    """

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        loose = [m for m in matchers if any(m.form.may_open(start) for start in _ANY)]
        alike: dict[tuple[str, ...], list[Matcher]] = {}
        for matcher in loose:
            alike.setdefault(matcher.need, []).append(matcher)
        self._loose = [_Group(need, matchers) for need, matchers in alike.items()]
        self._by_start = {"": _opening([_quick(matcher) for matcher in matchers if matcher not in loose])}

    def of(self, text: str) -> list[Matcher]:
        """Return, in order, all rules that match `text`, and few others."""
        longest, bound = self._by_start.get(text[:_START]) or self._learn(text[:_START])
        size = len(text)
        found: list[Matcher] = []
        for group in self._loose:
            if group.common in text:
                found += [m for m in group.matchers if size <= m.form.longest and m.may(text)]
        if size <= longest:
            found += [m for most, literal, m in bound if size <= most and literal in text and m.may(text)]
        return sorted(found, key=_number)

    def over(self, texts: Sequence[str]) -> dict[int, list[Matcher]]:
        """Return these rules for many texts, by their index; texts without any are left out."""
        found: dict[int, list[Matcher]] = {}
        known = self._by_start
        for index, text in enumerate(texts):
            longest, bound = known.get(text[:_START]) or self._learn(text[:_START])
            if (size := len(text)) <= longest and (
                may := [m for most, literal, m in bound if size <= most and literal in text and m.may(text)]
            ):
                found[index] = may
        together = "\n".join(texts)
        for group in self._loose:
            if group.may_stand_in(together):
                self._choose(group, together, texts, found)
        return found

    def _choose(
        self, group: _Group, together: str, texts: Sequence[str], found: dict[int, list[Matcher]]
    ) -> None:
        having = group.having(texts)
        for matcher in group.matchers:
            form = matcher.form
            if not form.opened or form.opened.search(together):
                for index, text in having:
                    if len(text) <= form.longest and matcher.may(text):
                        found[index] = sorted([*found.get(index, ()), matcher], key=_number)

    def _learn(self, start: str) -> tuple[int, list[_Quick]]:
        if len(self._by_start) >= _STARTS:
            everything = self._by_start[""]
            self._by_start.clear()
            self._by_start[""] = everything
        _, bound = self._by_start.get(start[:-1]) or self._learn(start[:-1])
        self._by_start[start] = _opening([quick for quick in bound if quick[2].form.may_open(start)])
        return self._by_start[start]


def _quick(matcher: Matcher) -> _Quick:
    return matcher.form.longest, matcher.literal, matcher


def _opening(quick: list[_Quick]) -> tuple[int, list[_Quick]]:
    """Return rules that texts with the same start may match, and the longest text of these."""
    return max((most for most, _, _ in quick), default=-1), quick
