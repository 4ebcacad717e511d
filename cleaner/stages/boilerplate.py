"""Boilerplate: rules from data drop, strip, replace or report what a page puts around its text.

Rules act until none matches, those for a place in the document too: they peel it from its ends. So
clean text stays clean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import regex
from msgspec import Struct, field

from cleaner.stages.base import Blocks, NearMiss, Outcome, Step, no_blocks
from cleaner.stages.matchers import Candidates, Matcher, matcher_of
from cleaner.stages.rule import replaced
from cleaner.text.decisions import KEPT
from cleaner.text.kinds import Lines

if TYPE_CHECKING:
    from cleaner.settings import Action, Rule

_END = 3  # paragraphs at either end of a document are its first and last ones
_Positions = tuple[str, ...]
_HEADS: Sequence[_Positions] = ((), ("first_three",), ("first", "first_three"))
_TAILS: Sequence[_Positions] = ((), ("last_three",), ("last", "last_three"))
SENTENCE = 60  # characters; shorter paragraphs before a name are mostly captions
_ABOVE = "above_captions"
CAPTION = 200  # characters; of the paragraphs below an author's name, 1 in 100 is longer
CAPTIONS = 12  # paragraphs; more below a name are seldom captions
BODY = 4  # paragraphs at least that stand above such a name
_BETWEEN = regex.compile(r"\s*[-–—&/,]\s*")  # two names of authors
_CLOSERS = "\"'”’»)]"
_ABBREVIATED = regex.compile(r"\b\p{Lu}\p{L}?\.\Z")  # "TP." at the end: the sentence was cut there
_NOTHING = regex.compile(r"[\s\p{P}]*")

Keeps = Callable[[str, str], bool]  # whether a rule (stage.rule) must not act on a text


class _Work(Struct):
    """One document in hand: the texts (empty: blank or dropped), which are alive, and what was done.

    `later` holds, by paragraph, the rules for any place that match it and need more than its text;
    `ends` the rules that may match at a place for them, with their rank. `spared` are the paragraphs that a
    decision keeps, with the rules that it holds back; it is asked of what a rule is about to change.
    """

    texts: list[str]
    keeps: Keeps | None
    alive: list[int] = field(default_factory=list)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    later: dict[int, list[Matcher]] = field(default_factory=dict)
    ends: list[tuple[Matcher, int]] = field(default_factory=list)
    spared: dict[int, dict[str, NearMiss]] = field(default_factory=dict)

    def act(self, matcher: Matcher, index: int, span: tuple[int, int]) -> bool:
        """Do what the rule says to one paragraph; False if that would not make it shorter."""
        before = self.texts[index]
        after = replaced(before, span, matcher.rule.replacement if matcher.action == "replace" else "")
        if len(after) >= len(before):  # else two rules could undo each other for ever
            return False
        if self.keeps and self._spares(self.keeps, matcher.label, index):
            return False
        if _NOTHING.fullmatch(after):
            after = ""
        tells = matcher.rule.metadata
        metadata = (tells, before[slice(*span)].strip()) if tells else None
        self.steps.setdefault(index, []).append(Step(matcher.label, after or None, metadata=metadata))
        self.texts[index] = after
        return True

    def _spares(self, keeps: Keeps, label: str, index: int) -> bool:
        """Tell whether a rule is held back from a paragraph: once one is, all are."""
        text = self.texts[index]
        if index not in self.spared and not keeps(f"{Boilerplate.name}.{label}", text):
            return False
        self.spared.setdefault(index, {})[label] = NearMiss(label, text, KEPT)
        return True


class Boilerplate:
    """The boilerplate stage. Rules act in the order given; after each act the first may act again."""

    name = "boilerplate"
    by_place = True

    def __init__(
        self, rules: Sequence[tuple[str, Rule]], actions: Mapping[str, Action], keeps: Keeps | None = None
    ) -> None:
        """Take labelled rules ("vi.read_more"), other actions for some of them, and what holds rules back.

        Of these actions, `drop` and `strip` both remove what the rule matches. Raises UsageError for
        `replace` where the rule has no replacement.
        """
        self._keeps = keeps
        matchers = [matcher_of(i, label, rule, actions.get(label)) for i, (label, rule) in enumerate(rules)]
        active = [matcher for matcher in matchers if matcher.action != "off"]
        self._anywhere = Candidates([m for m in active if m.rule.position == "any"])
        self._signed = Candidates([m for m in active if m.rule.position == _ABOVE])
        self._expected: dict[str, Sequence[Matcher]] = {}
        placed = {
            (head, tail): Candidates([m for m in active if m.rule.position in (*head, *tail)])
            for head in _HEADS
            for tail in _TAILS
        }
        self._ends = [
            [(at, head, placed[head, tail]) for at, head, tail in _places(count)]
            for count in range(2 * _END + 1)
        ]

    def expect(self, lines: Lines) -> None:
        """Find out which rules may match the lines of the documents to come."""
        self._expected = dict.fromkeys(lines.texts, ())
        self._expected.update(self._anywhere.over(lines))

    def __call__(self, paragraphs: Sequence[str], _blocks: Blocks = no_blocks, /) -> Mapping[int, Outcome]:
        """Return what the rules do to each paragraph; each text after is stripped of outer space.

        Raises RuleTimeoutError if a person's own rule takes too long.
        """
        work = _Work(list(map(str.strip, paragraphs)), self._keeps)
        for index, found in enumerate(map(self._expected.get, work.texts)):
            if found is None:
                found = self._anywhere.of(work.texts[index])
            if found:
                self._settle(work, index, found)
        work.alive = [index for index, text in enumerate(work.texts) if text]
        while self._scan(work) or self._peel(work) or self._sign(work):
            pass
        if not (work.steps or work.later or work.ends or work.spared):
            return {}
        misses = self._misses(work)
        touched = sorted({*work.steps, *misses})
        return {i: Outcome(tuple(work.steps.get(i, ())), tuple(misses.get(i, ()))) for i in touched}

    def _settle(self, work: _Work, index: int, found: Sequence[Matcher]) -> None:
        """Let the rules that need only this text act until none matches; note the others to try."""
        while any(
            m.alone and (span := m.find(work.texts[index])) and work.act(m, index, span) for m in found
        ):
            found = self._anywhere.of(work.texts[index]) if work.texts[index] else ()
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

    def _sign(self, work: _Work) -> bool:
        """Let the rules act that stand above the captions which close a document.

        The name of an author stands once, and the text does not speak of it: a second such line makes it
        one of a list or a heading, and one that is spoken of is below a portrait.
        """
        count = len(work.alive)
        least = max(count - 1 - CAPTIONS, count // 2, BODY)
        for rank in range(count - 2, least - 1, -1):
            below = work.texts[work.alive[rank + 1]]
            if len(below) > CAPTION:
                return False
            index = work.alive[rank]
            text = work.texts[index]
            if not text.endswith(".") and stops(below):
                for matcher in self._signed.of(text):
                    if matcher.find(text):
                        if any(self._signs(work.texts[other]) for other in work.alive if other != index):
                            return False
                        work.ends.append((matcher, rank))
                        return matcher.action != "report" and self._apply(work, matcher, rank)
        return False

    def _signs(self, text: str) -> bool:
        return any(matcher.find(text) for matcher in self._signed.of(text))

    def _apply(self, work: _Work, matcher: Matcher, rank: int) -> bool:
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

    def _at_ends(self, work: _Work) -> Iterator[tuple[Matcher, int]]:
        """Yield the rules that may match at a place for them, the end of the document first.

        Rules for whole lines leave one line at least: the only one is a title, not a byline or a date.
        """
        count = len(work.alive)
        for at, head, rules in self._ends[min(count, 2 * _END)]:
            for matcher in rules.of(work.texts[work.alive[at]]):
                if matcher.rule.scope != "line" or (count > 1 and (at or matcher.rule.position in head)):
                    yield matcher, at % count

    def _misses(self, work: _Work) -> dict[int, list[NearMiss]]:
        """Return, for the paragraphs that stay, the rules that match and only report, or were held back."""
        misses = {index: list(found.values()) for index, found in work.spared.items()}
        later = ((m, rank) for rank, index in enumerate(work.alive) for m in work.later.get(index, ()))
        for matcher, rank in chain(later if work.later else (), work.ends):
            if matcher.action == "report" and (span := _run(work, matcher, rank).get(rank)):
                index = work.alive[rank]
                match = work.texts[index][slice(*span)].strip()
                miss = NearMiss(matcher.label, match, matcher.rule.reason or "the rule only reports")
                misses.setdefault(index, []).append(miss)
        return misses


def _places(count: int) -> Iterator[tuple[int, _Positions, _Positions]]:
    """Yield the first and the last places of a document of `count` paragraphs or, where both do not meet, of
    more, the last one first: with the positions that a rule for such a place may name. Those at the end count
    from there: -1 is the last.
    """
    for rank in [*range(count - 1, max(count - _END, _END) - 1, -1), *range(min(_END, count) - 1, -1, -1)]:
        head = _HEADS[(rank < _END) + (rank == 0)]
        tail = _TAILS[(rank >= count - _END) + (rank == count - 1)]
        yield (rank if rank < _END else rank - count), head, tail


def _run(work: _Work, matcher: Matcher, rank: int) -> dict[int, tuple[int, int]]:
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
    if _names_author(matcher.rule) and _spoken_of(work, rank):
        return {}
    return spans


def _names_author(rule: Rule) -> bool:
    return rule.position == _ABOVE or (rule.after_sentence and rule.metadata == "author")


def _spoken_of(work: _Work, rank: int) -> bool:
    """Tell whether another paragraph has the names at `rank`: one of full length, or all of them."""
    rest = "\n".join(work.texts[index] for at, index in enumerate(work.alive) if at != rank).casefold()
    names = _BETWEEN.split(work.texts[work.alive[rank]].casefold())
    told = [name for name in names if name in rest]
    return len(told) == len(names) or any(" " in name for name in told)


def stops(text: str) -> bool:
    """Tell whether a text ends as a sentence does."""
    return text.rstrip(_CLOSERS).endswith((".", "!", "?", "…"))


def _ends_sentence(text: str) -> bool:
    return stops(text) and len(text) >= SENTENCE and not _ABBREVIATED.search(text)
