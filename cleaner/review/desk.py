"""A review at work: what was done is read from an output, and every answer is on disk before it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cleaner.errors import CleanerError, UsageError
from cleaner.io.decisions import append_decisions, read_decisions
from cleaner.io.output import read_documents
from cleaner.io.rule_file import append_rules, ids_of, read_rules
from cleaner.io.settings_file import LoadedSettings
from cleaner.report.reasons import ReasonOf, reasons
from cleaner.review.contexts import AHEAD, Contexts
from cleaner.review.items import Item, collected, items_of
from cleaner.review.machine import Command, Effect, State, acted, begun, learnt, with_proposal
from cleaner.review.proposals import Proposal
from cleaner.review.screen import View, view
from cleaner.text.decisions import Decision, latest


class Wanted(Struct, frozen=True):
    """What is to be reviewed: an output, some documents of it (else all), and the name of a filter."""

    out: str
    names: Sequence[str] = ()
    filter: str = ""


class Desk:
    """One review. `state` is what holds; whoever shows it has `view` and `do`."""

    def __init__(self, wanted: Wanted, loaded: LoadedSettings) -> None:
        self._settings, self._base = loaded.settings, loaded.base
        self._path, self._rule_file = loaded.decisions, loaded.rule_file
        self._contexts = Contexts(wanted.out)
        self.reason_of: ReasonOf = reasons(
            (rule.id, rule.reason) for rule in self._settings.boilerplate.rules
        )
        file = read_decisions(self._path)
        self.file_was_torn = file.torn
        self._known = file.size
        items, left_out = collected(_items(wanted))
        self.state = begun(items, latest(file.decisions), left_out, wanted.filter)
        self._fetch()

    def view(self) -> View:
        """Return what to show."""
        return view(self.state, self._contexts, self.reason_of)

    def do(self, command: Command, argument: str = "") -> State:
        """Follow a command; what cannot be put on disk does not count, and is said."""
        try:
            if command == "rule" and self.state.item and not self.state.proposal:
                self.state = with_proposal(self.state, self._proposal(self.state.item))
                return self.state
            after, effect = acted(self.state, command, argument)
            if effect:
                others = self._write(effect)
                after = learnt(after, others)
            self.state = after
        except CleanerError as error:
            self.state = replace(self.state, message=str(error))
        self._fetch()
        return self.state

    def _write(self, effect: Effect) -> Sequence[Decision]:
        """Put an answer on disk; return what others have decided since, and the answer."""
        if effect.rule:
            if self._rule_file is None:
                raise UsageError("the settings name no rule file", hint="set boilerplate.rule_file")
            append_rules(self._rule_file, [effect.rule], self._ids() - self._ids_of_file())
        file = append_decisions(self._path, [effect.decision], self._known)
        self._known = file.size
        return file.decisions

    def _proposal(self, item: Item) -> Proposal:
        context = self._contexts.of(item)
        beside = [text for text in (context.before, context.after, context.title) if text]
        return Proposal(item.text, beside, self._ids())

    def _ids(self) -> frozenset[str]:
        return frozenset(rule.id for rule in self._settings.boilerplate.rules) | self._ids_of_file()

    def _ids_of_file(self) -> frozenset[str]:
        return frozenset(ids_of(read_rules(self._rule_file).values))

    def _fetch(self) -> None:
        """Read the surroundings of what is asked now, with those of what comes."""
        item = self.state.item
        if item and not self._contexts.knows(item):
            self._contexts.fetch(self.state.items[number] for number in self.state.open()[:AHEAD])


def _items(wanted: Wanted) -> Iterator[Item]:
    for document in read_documents(wanted.out, wanted.names):
        yield from items_of(document)
