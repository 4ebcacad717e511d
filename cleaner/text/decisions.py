"""What people have decided about removals, by content: a value of a run, as its settings are.

A decision holds for a text wherever it stands, in matching form: so it outlives the output that it was made
about. `Decisions` is what a run asks; files of them are `io/decisions.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import islice
from typing import Any, Literal

import msgspec

from cleaner.text.changes import Change, Step, Suspect

Kind = Literal["accept", "reject", "keep", "drop", "forget"]
Key = tuple[str, ...]

KINDS: Mapping[Kind, str] = {
    "accept": "what was done is right, and is not asked again",
    "reject": "this rule, or this survivor, does not remove this text",
    "keep": "this text is never removed",
    "drop": "this text always goes",
    "forget": "the decision before is taken back",
}
KEPT = "a decision keeps it"  # the reason why something did not happen, in ledgers
DROPPED = "a decision: this text always goes"
REMOVING = ("boilerplate", "repeats")  # local stages that decisions hold back
JUDGE = "near_duplicate"  # the corpus stage, as settings, ledger and reports name it
DECIDED = "decision"  # what a person has decided, likewise
_AT_ONCE = 200


class Decision(msgspec.Struct, frozen=True, gc=False):
    """One answer. `rule` (stage.rule) removed `text`, for the sake of `other` where that is told; both are
    empty where the decision is about the text alone. `document` is for people: where it was made.
    """

    kind: Kind
    text: str
    rule: str = ""
    other: str | None = None
    document: str = ""

    def key(self) -> Key:
        """Return what it is about; of two decisions about the same the later one holds."""
        if self.other is not None:
            return pair_key(self.text, self.other)
        return rule_key(self.rule, self.text) if self.rule else text_key(self.text)


def text_key(text: str) -> Key:
    """Return the key of decisions about a text."""
    return "text", _form(text)


def _form(text: str) -> str:
    (form,) = _forms([text])
    return form


def _forms(texts: Sequence[str]) -> list[str]:
    from cleaner.text.normalize import (
        matching_forms,  # brings numpy, which a run without decisions may not need
    )

    return matching_forms(texts)


def rule_key(rule: str, text: str) -> Key:
    """Return the key of decisions about what a rule does to a text."""
    return "rule", rule, _form(text)


def pair_key(text: str, other: str) -> Key:
    """Return the key of decisions about two texts: the same whichever of them would go."""
    return "pair", *sorted((_form(text), _form(other)))


class InForce(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A decision that changes results: its name, and the matching forms that it is about. `rule` and `other`
    are empty where it is about the text alone.
    """

    id: str
    kind: Kind
    form: str
    rule: str = ""
    other: str | None = None


def latest(decisions: Iterable[Decision]) -> dict[Key, Decision]:
    """Return the decisions that hold, by what they are about, in the order in which they were made."""
    found: dict[Key, Decision] = {}
    for decision in _expected(decisions):
        take_in(found, decision)
    return found


def take_in(found: dict[Key, Decision], decision: Decision) -> None:
    """Let a decision hold, in the place of any that was about the same."""
    key = decision.key()
    found.pop(key, None)
    if decision.kind != "forget":
        found[key] = decision


def _expected(decisions: Iterable[Decision]) -> Iterator[Decision]:
    """Yield decisions once the matching forms of many at a time are known, in a third of the time."""
    waiting = iter(decisions)
    while some := list(islice(waiting, _AT_ONCE)):
        _forms([text for each in some for text in (each.text, each.other) if text is not None])
        yield from some


class Decisions:
    """The decisions that change results. Equal ones are known by their digest, which is empty where there
    are none; pickled, they are read once a process.
    """

    def __init__(self, in_force: Sequence[InForce]) -> None:
        self.in_force = in_force
        names = "".join(sorted(each.id for each in in_force))
        self.digest = blake2b(names.encode(), digest_size=16).hexdigest() if names else ""

    def __bool__(self) -> bool:
        return bool(self.in_force)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpacked, (self._packed,)

    @cached_property
    def _packed(self) -> bytes:
        return msgspec.msgpack.encode([_packable(each) for each in self.in_force])

    @cached_property
    def drop(self) -> frozenset[str]:
        """The forms of texts that always go."""
        return frozenset(each.form for each in self.in_force if each.kind == "drop")

    @cached_property
    def keep(self) -> frozenset[str]:
        """The forms of texts that never go, unless they always do."""
        return frozenset(each.form for each in self.in_force if each.kind == "keep")

    @cached_property
    def _rejected(self) -> frozenset[tuple[str, str]]:
        """What rules must not do: (rule, form)."""
        rules = (each for each in self.in_force if each.kind == "reject" and each.other is None)
        return frozenset((each.rule, each.form) for each in rules)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The forms of (text, other) where the text must not go for the other's sake."""
        return tuple((each.form, each.other) for each in self.in_force if each.other is not None)

    @cached_property
    def spares(self) -> bool:
        """Whether rules may have to be held back."""
        return bool(self.keep or self._rejected)

    def keeps(self, rule: str, text: str) -> bool:
        """Tell whether a rule (stage.rule) must not act on a text."""
        form = _form(text)
        return form in self.keep or (rule, form) in self._rejected

    @cached_property
    def by_form(self) -> Mapping[str, tuple[InForce, ...]]:
        """All of them by the form of their text."""
        found: dict[str, tuple[InForce, ...]] = {}
        for each in self.in_force:
            found[each.form] = (*found.get(each.form, ()), each)
        return found

    def met(self, forms: Iterable[str]) -> frozenset[str]:
        """Return the names of those whose text is among some forms."""
        known = self.by_form
        return frozenset(each.id for form in forms if form in known for each in known[form])


NO_DECISIONS = Decisions(())


def decisions_of(decisions: Iterable[Decision]) -> Decisions:
    """Return what a run asks, of all decisions that were ever made, in order."""
    held = [(key, each) for key, each in latest(decisions).items() if each.kind != "accept"]
    return Decisions([_in_force(key, each) for key, each in held]) if held else NO_DECISIONS


def _in_force(key: Key, decision: Decision) -> InForce:
    form = _form(decision.text)
    other = None if decision.other is None else _form(decision.other)
    told = "\0".join((decision.kind, form, *key)).encode("utf-8", "surrogatepass")
    name = blake2b(told, digest_size=8).hexdigest()
    return InForce(name, decision.kind, form, decision.rule if other is None else "", other)


def _packable(each: InForce) -> tuple[bytes | str | None, ...]:
    texts = (each.form, each.rule, each.other)
    coded = (None if text is None else text.encode("utf-8", "surrogatepass") for text in texts)
    return (each.id, each.kind, *coded)


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> Decisions:
    def text(coded: bytes) -> str:
        return coded.decode("utf-8", "surrogatepass")

    return Decisions([
        InForce(name, kind, text(form), text(rule), None if other is None else text(other))
        for name, kind, form, rule, other in msgspec.msgpack.decode(packed)
    ])  # fmt: skip


class Removal(msgspec.Struct, frozen=True, gc=False):
    """What a rule (stage.rule) took away of a paragraph: `text` is what it was just before. `other` is the
    paragraph that stays in its place, if the judge said so; `whole` tells that nothing was left.
    """

    rule: str
    text: str
    other: str | None
    whole: bool

    def keys(self) -> tuple[Key, Key]:
        """Return what decisions about it may be about: the text alone, and more than that."""
        if self.other is not None:
            return text_key(self.text), pair_key(self.text, self.other)
        return text_key(self.text), rule_key(self.rule, self.text)


def may_remove(step: Step) -> bool:
    """Tell whether a step is one of those that take something away."""
    return step.stage in REMOVING or step.stage in (JUDGE, DECIDED)


def takes_away(change: Change) -> bool:
    """Tell whether a change took something away of its paragraph that a person may want back."""
    return any(map(may_remove, change.steps))


def removals(change: Change, texts: Sequence[str]) -> Iterator[Removal]:
    """Yield what was taken away of a paragraph; `texts` are it as it came in, and after each step that edited
    it (`text/history.py`).
    """
    for number, step in enumerate(change.steps):
        whole = change.dropped and number == len(change.steps) - 1
        if may_remove(step):
            text = texts[min(number, len(texts) - 1)]
            other = None
            if step.stage == JUDGE and change.survivor:
                other = text if change.survivor.text is None else change.survivor.text
            yield Removal(f"{step.stage}.{step.rule}", text, other, whole)


def suspect_keys(suspect: Suspect, text: str) -> tuple[Key, Key]:
    """Return what decisions about a suspect may be about, as of a removal; `text` is the paragraph."""
    if suspect.other is None:
        return text_key(text), rule_key(f"{suspect.stage}.{suspect.rule}", text)
    return text_key(text), pair_key(text, text if suspect.other.text is None else suspect.other.text)
