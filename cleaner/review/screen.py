"""What a person sees of a review, as lines; both skins show these. All of data goes through `spelled`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import normalize

from msgspec import Struct

from cleaner.io.outlines import record_name
from cleaner.report.lines import Line, Piece
from cleaner.report.marks import cut, marked, paragraph_lines
from cleaner.report.reasons import ReasonOf
from cleaner.report.told import held_back, worded
from cleaner.report.words import word_marks
from cleaner.review.contexts import Context, Contexts
from cleaner.review.items import Item
from cleaner.review.machine import KEYS, State
from cleaner.text.decisions import JUDGE
from cleaner.text.show import show

_LONGEST = 4000  # characters of a paragraph on the screen
_LABELS = {
    "accept": "accept",
    "reject": "reject: keep it",
    "keep": "always keep this text",
    "drop": "always drop this text",
    "rule": "make a rule of it",
    "skip": "skip",
    "undo": "undo",
    "next": "next document",
    "filter": "filter",
    "help": "help",
    "quit": "quit",
}
_RULE_LABELS = {"numbers": "any numbers", "dates": "any dates and times", "names": "any names"}
HELP = (
    ("accept", "it is right as it is; it is not asked again, and changes nothing"),
    ("reject", "the removal is wrong: from the next run on the paragraph stays, and so does this text where"
               " this rule, or this survivor, would take it"),
    ("always keep", "nothing removes this text, in any document"),
    ("always drop", "this text goes from every document, in any case and with any spaces"),
    ("make a rule", "lines like it go: you see the rule before it is made; it is written to your rule file"),
    ("skip, next document", "not now; nothing is stored"),
    ("undo", "takes the last answer back, as often as you like"),
    ("filter", "only what a stage, a rule or a source has to do with; an empty name shows all again"),
)  # fmt: skip


class View(Struct, frozen=True):
    """The parts of a screen: where one is, the paragraph, the one it was compared with, what can be done."""

    head: Sequence[Line]
    own: Sequence[Line]
    other: Sequence[Line]
    foot: Sequence[Line]

    def lines(self) -> Iterator[Line]:
        """Yield all lines, one part below the other."""
        yield from self.head
        yield Line()
        yield from self.own
        if self.other:
            yield Line()
            yield from self.other
        yield Line()
        yield from self.foot


def view(state: State, contexts: Contexts, reason_of: ReasonOf) -> View:
    """Return what to show of a state."""
    head = [_progress(state)]
    if state.message:
        head.append(_note(state.message))
    item = state.item
    if state.helping:
        return View(head, list(_help()), (), _keys(state))
    if state.proposal:
        return View(head, list(_proposal(state)), (), _rule_keys(state))
    if item is None:
        return View(head, [_note("nothing is left to ask")], (), _keys(state))
    head.append(_heading(item, reason_of))
    other = list(_other(item, contexts.of_other(item))) if item.other else []
    return View(head, list(_own(item, contexts.of(item))), other, _keys(state))


def _progress(state: State) -> Line:
    left = len(state.open())
    pieces: list[Piece] = [("path", f" {left:,} left "), ("same", f"  {state.answered:,} answered")]
    if state.passed:
        pieces.append(("note", f", {len(state.passed):,} passed over"))
    if state.filter.name:
        pieces.append(("rule", f"  only {_shown(state.filter.name)}"))
    if state.left_out:
        pieces.append(("note", f"  ({state.left_out:,} less doubtful ones come in another review)"))
    return Line(tuple(pieces))


def _heading(item: Item, reason_of: ReasonOf) -> Line:
    reason = item.reason or reason_of(item.stage, item.rule)
    if item.stage == JUDGE:
        reason = (
            held_back(reason) if item.group == "held back" else worded(reason, "the kept one", "the kept one")
        )
    pieces: list[Piece] = [("where", item.group), ("same", "  "), ("rule", _shown(item.rule_name))]
    if item.score is not None:
        pieces.append(("same", f", ratio {item.score:.4g}"))
    if reason:
        pieces.append(("same", f": {_shown(reason)}"))
    if item.count > 1:
        pieces.append(("note", f"  ({item.count:,} times)"))
    return Line(tuple(pieces))


def _own(item: Item, context: Context) -> Iterator[Line]:
    yield Line((("where", f"{_shown(item.name)} line {item.line}"),))
    yield from _neighbour(context.title)
    yield from _neighbour(context.before)
    other = item.other_text
    if other is not None and other != item.text and item.stands is None:
        yield from paragraph_lines("  - ", "gone", _side(item.text, other, "removed"))
    elif other is not None and other != item.text:
        pieces = _side(item.text, other, "removed")
        pieces = [("match" if kind == "removed" else kind, part) for kind, part in pieces]
        yield from paragraph_lines("  ? ", "note", pieces)
    elif item.stands is None:
        yield from paragraph_lines("  - ", "gone", [("gone", item.text[:_LONGEST])])
    elif item.stands != item.text:
        yield from paragraph_lines("  ~ ", "note", marked(item.text[:_LONGEST], item.stands[:_LONGEST]))
    else:
        yield from paragraph_lines("  ? ", "note", [("same", item.text[:_LONGEST])])
    yield from _neighbour(context.after)


def _other(item: Item, context: Context) -> Iterator[Line]:
    place, text = item.other, item.other_text
    if place is None or text is None:
        return
    what = "stays: " if item.stands is None else "compared with: "
    where = f"{_shown(record_name(place.path, place.record))} line {place.line}"
    earlier: list[Piece] = [("note", ", from an earlier run")] if place.published else []
    yield Line((("same", what), ("where", where), *earlier))
    yield from _neighbour(context.title)
    yield from _neighbour(context.before)
    if text == item.text:
        yield from paragraph_lines("  = ", "new", [("note", "the same text")])
    else:
        yield from paragraph_lines("  = ", "new", _side(item.text, text, "added"))
    yield from _neighbour(context.after)


def _side(text: str, other: str, only: str) -> list[Piece]:
    """Return one side of a pair: what both say, and what only this side says (`only` is its mark)."""
    runs = word_marks(normalize("NFC", text[:_LONGEST]), normalize("NFC", other[:_LONGEST]))
    return cut([run for run in runs if run[0] in ("same", only)])


def _neighbour(text: str) -> Iterator[Line]:
    if text:
        for line in paragraph_lines("    ", "note", [("same", text)]):
            yield Line(line.pieces, line.gutter, line.kind, dim=True)


def _proposal(state: State) -> Iterator[Line]:
    proposal = state.proposal
    if proposal is None:
        return
    yield Line((("where", "a rule that drops every line like this one"),))
    yield from paragraph_lines("  - ", "gone", [("gone", proposal.text[:_LONGEST])])
    try:
        rule = proposal.rule()
    except ValueError as error:
        yield _note(f"no rule can be made of it as it stands: {_shown(str(error).splitlines()[-1])}")
        return
    told = {"id": f"own.{rule.id}", "pattern": rule.pattern, "not": rule.counter_examples[0][:_LONGEST]}
    for name, value in told.items():
        yield from paragraph_lines(f"{name:>9}  ", "rule", cut([("same", value)]))


def _help() -> Iterator[Line]:
    for name, text in HELP:
        yield Line((("where", name), ("same", f": {text}")), "  ")


def _keys(state: State) -> list[Line]:
    item = state.item
    pieces: list[Piece] = []
    for key, command in KEYS.items():
        stays = item is not None and item.group in ("held back", "reported")
        if (item is None and command not in ("undo", "filter", "help", "quit")) or (
            stays and command == "reject"
        ):
            continue
        label = "accept: it stays" if stays and command == "accept" else _LABELS[command]
        pieces += (("where", f"[{key}]"), ("same", f" {label}  "))
    return [Line(tuple(pieces))]


def _rule_keys(state: State) -> list[Line]:
    proposal = state.proposal
    pieces: list[Piece] = []
    for number, opening in enumerate(_RULE_LABELS, 1):
        if proposal and opening in proposal.openings:
            mark = "x" if opening in proposal.opened else " "
            pieces += (("where", f"[{number}]"), ("same", f" ({mark}) {_RULE_LABELS[opening]}  "))
    pieces += (("where", "[y]"), ("same", " make this rule  "), ("where", "[c]"), ("same", " cancel"))
    return [Line(tuple(pieces))]


def _note(text: str) -> Line:
    return Line((("note", _shown(text)),))


def _shown(data: str) -> str:
    return show(data, limit=400)
