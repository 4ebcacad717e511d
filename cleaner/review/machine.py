"""What happens in a review: a state, a command, the next state and what is to be put on disk. Pure.

The skins show states and name commands; `desk.py` does what is to be done before the next state is shown, so
that an answer which a person has seen taken is on disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from cleaner.review.items import Item
from cleaner.review.proposals import OPENINGS, Opening, Proposal
from cleaner.settings import Rule
from cleaner.text.decisions import Decision, Key, Kind, take_in

Command = Literal[
    "accept", "reject", "keep", "drop", "rule", "skip", "undo", "next", "filter", "help", "quit",
    "numbers", "dates", "names", "confirm", "cancel",
]  # fmt: skip

KEYS: Mapping[str, Command] = {
    "a": "accept", "r": "reject", "k": "keep", "d": "drop", "m": "rule", "s": "skip", "u": "undo",
    "n": "next", "f": "filter", "?": "help", "q": "quit",
}  # fmt: skip
RULE_KEYS: Mapping[str, Command] = {
    "1": "numbers", "2": "dates", "3": "names", "y": "confirm", "c": "cancel", "q": "quit",
}  # fmt: skip
_KINDS: Mapping[Command, Kind] = {"accept": "accept", "reject": "reject", "keep": "keep", "drop": "drop"}
_SAID: Mapping[Kind, str] = {
    "accept": "accepted",
    "reject": "it will stay",
    "keep": "this text will always stay",
    "drop": "this text will always go",
}
_STANDS = "nothing was removed here: accept leaves it, drop takes it away"


class Effect(msgspec.Struct, frozen=True):
    """What is to be put on disk before the next state holds: a decision, and perhaps a rule before it."""

    decision: Decision
    rule: Rule | None = None


class Filter(msgspec.Struct, frozen=True):
    """A stage, rule or source by its name; an empty one takes all."""

    name: str = ""

    def takes(self, item: Item) -> bool:
        """Tell whether an item is by that stage or rule, or of that source; or in a state called so."""
        return self.name in ("", item.stage, item.rule, item.rule_name, item.source, item.group, item.name)


class Turn(msgspec.Struct, frozen=True):
    """What can be undone: an answer, with the decision that held before it and the rule that was made for
    it, or items that were passed over.
    """

    at: int
    decision: Decision | None = None
    before: Decision | None = None
    passed: frozenset[int] = frozenset()
    rule: str = ""


class State(msgspec.Struct, frozen=True):
    """A review: what is asked, what was decided, and item `at`, which is asked now (None: none is left).
    `left_out` counts items beyond those that are asked at all.
    """

    items: Sequence[Item]
    decided: Mapping[Key, Decision]
    left_out: int = 0
    at: int | None = None
    passed: frozenset[int] = frozenset()
    turns: tuple[Turn, ...] = ()
    filter: Filter = msgspec.field(default_factory=Filter)
    proposal: Proposal | None = None
    message: str = ""
    helping: bool = False
    ended: bool = False

    @property
    def item(self) -> Item | None:
        """What is asked now."""
        return None if self.at is None else self.items[self.at]

    def open(self) -> list[int]:
        """Return the numbers of the items that are still to be asked, in order."""
        return [number for number in range(len(self.items)) if self.is_open(number)]

    @property
    def answered(self) -> int:
        """How many answers were given in this review."""
        return sum(turn.decision is not None for turn in self.turns)

    def is_open(self, number: int) -> bool:
        """Tell whether an item is still to be asked."""
        item = self.items[number]
        return (
            number not in self.passed
            and self.filter.takes(item)
            and not any(key in self.decided for key in item.keys)
        )


def begun(items: Sequence[Item], decided: Mapping[Key, Decision], left_out: int, filter: str) -> State:
    """Return a review at its first item."""
    return _moved(State(items, decided, left_out, filter=Filter(filter)))


def learnt(state: State, decisions: Iterable[Decision]) -> State:
    """Return a state that knows what others have decided meanwhile."""
    decided = dict(state.decided)
    for decision in decisions:
        take_in(decided, decision)
    state = replace(state, decided=decided)
    return state if state.at is None or state.is_open(state.at) else _moved(state)


def acted(state: State, command: Command, argument: str = "") -> tuple[State, Effect | None]:
    """Return the state after a command, and what is to be put on disk before it holds.

    `argument` is the name of a filter. What cannot be done only leaves a message.
    """
    state = replace(state, message="", helping=False)
    if command == "quit":
        return replace(state, ended=True), None
    if command == "help":
        return replace(state, helping=True), None
    if command == "undo":
        return _undone(state)
    if command == "filter":
        return _filtered(state, argument), None
    item, at = state.item, state.at
    if item is None or at is None:
        return replace(state, message="nothing is left to ask"), None
    if state.proposal:
        return _proposed(state, state.proposal, command, item)
    if command in _KINDS:
        if command == "reject" and item.group in ("held back", "reported"):
            return replace(state, message=_STANDS), None
        return _answered(state, item.decision(_KINDS[command]), _SAID[_KINDS[command]])
    if command == "skip":
        return _passed(state, at, frozenset({at})), None
    if command == "next":
        same = (
            n
            for n in state.open()
            if (state.items[n].path, state.items[n].record) == (item.path, item.record)
        )
        return _passed(state, at, frozenset(same)), None
    return replace(state, message="that is no answer here"), None


def with_proposal(state: State, proposal: Proposal) -> State:
    """Return a state that asks whether a rule is to be made."""
    return replace(state, proposal=proposal, message="", helping=False)


def _proposed(state: State, proposal: Proposal, command: Command, item: Item) -> tuple[State, Effect | None]:
    if command in OPENINGS:
        opening: Opening = command
        return replace(state, proposal=proposal.turned(opening)), None
    if command == "cancel":
        return replace(state, proposal=None, message="no rule was made"), None
    if command != "confirm":
        return replace(state, message="y makes the rule, c leaves it"), None
    try:
        rule = proposal.rule()
    except ValueError as error:
        return replace(state, message=f"no rule can be made: {_first_line(error)}"), None
    said = f"rule own.{rule.id} was made"
    after, effect = _answered(replace(state, proposal=None), item.decision("accept"), said)
    *turns, last = after.turns
    return replace(after, turns=(*turns, replace(last, rule=rule.id))), replace(effect, rule=rule)


def _answered(state: State, decision: Decision, said: str) -> tuple[State, Effect]:
    before = state.decided.get(decision.key())
    turn = Turn(state.at or 0, decision, before)
    decided = dict(state.decided)
    take_in(decided, decision)
    after = _moved(replace(state, decided=decided, turns=(*state.turns, turn), message=said))
    return after, Effect(decision)


def _passed(state: State, at: int, numbers: frozenset[int]) -> State:
    turn = Turn(at, passed=numbers)
    return _moved(
        replace(state, passed=state.passed | numbers, turns=(*state.turns, turn), message="passed over")
    )


def _undone(state: State) -> tuple[State, Effect | None]:
    if state.proposal:
        return replace(state, proposal=None, message="no rule was made"), None
    if not state.turns:
        return replace(state, message="nothing to undo"), None
    *turns, last = state.turns
    state = replace(
        state, turns=tuple(turns), passed=state.passed - last.passed, at=last.at, message="taken back"
    )
    if last.decision is None:
        return state, None
    if last.rule:
        told = f"taken back, but for rule own.{last.rule}: delete it from the rule file"
        state = replace(state, message=told)
    back = last.before or msgspec.structs.replace(last.decision, kind="forget")
    decided = dict(state.decided)
    take_in(decided, back)
    return replace(state, decided=decided), Effect(back)


def _filtered(state: State, name: str) -> State:
    after = _moved(replace(state, filter=Filter(name.strip()), proposal=None, at=None))
    if after.at is None and name.strip():
        return replace(state, message="nothing is left by a stage, rule or source of this name")
    return after


def _moved(state: State) -> State:
    """Return a state at the first item that is open."""
    return replace(state, at=next(iter(state.open()), None))


def _first_line(error: ValueError) -> str:
    """Return what a fault of a rule says; pydantic wraps it in lines of its own."""
    errors = getattr(error, "errors", None)
    told = str(errors()[0]["msg"]) if errors else str(error)
    return told.removeprefix("Value error, ")
