"""`cleaner explain`: the whole fate of paragraphs, from the ledger, the stored pairs, and the rules here."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from cleaner.dedup.replay import Answer
from cleaner.errors import UsageError
from cleaner.io.cleaned import CleanedBy, cleaned_by
from cleaner.io.output import OutputDocument, output_folders, read_documents
from cleaner.io.pairs import pairs_of
from cleaner.settings import Recipe
from cleaner.stages.base import NearMiss
from cleaner.stages.near_rules import near_rules
from cleaner.text.changes import Change, Place, Suspect
from cleaner.text.decisions import JUDGE, Decision, latest
from cleaner.text.document import first_lines, split
from cleaner.text.history import stories
from cleaner.text.normalize import matching_form, matching_forms
from cleaner.text.recoded import Reading, covers
from cleaner.text.show import show

_BEFORE_RULES = ("encoding", "whitespace")  # stages that come before the rules
_SEVERAL = 2


class Comparison(Struct, frozen=True):
    """Another paragraph that was found alike, with the ratio; whether it comes first of both, and what the
    guard said of the two, if it was asked.
    """

    other: Place
    score: float
    first: bool
    answer: Answer | None


class Fate(Struct, frozen=True):
    """What became of paragraph `number`, at `line` of the input and at `clean_line` of the clean text (None:
    it does not stand there). It came in as `source`, was read by `chain`, and `texts` are what it was then,
    and after each step of `change` that edited it. `suspects` is what the run noted, `near` the rules that
    nearly acted; `compared` what it was alike to (None: no pairs are stored), and `length` its characters in
    matching form; `decided` is what people decided about such a text.
    """

    number: int
    line: int
    clean_line: int | None
    source: str
    chain: tuple[Reading, ...]
    texts: tuple[str, ...]
    change: Change | None
    suspects: tuple[Suspect, ...]
    near: tuple[NearMiss, ...]
    compared: tuple[Comparison, ...] | None
    length: int
    decided: tuple[Decision, ...]

    @property
    def dropped_by(self) -> str:
        """The stage and rule that removed it; empty if it stands."""
        if self.change is None or not self.change.dropped:
            return ""
        return f"{self.change.steps[-1].stage}.{self.change.steps[-1].rule}"


class Explained(Struct, frozen=True):
    """A document, which run cleaned it, and the fates that were asked for: of one line, or of all."""

    document: OutputDocument
    cleaned: CleanedBy | None
    fates: tuple[Fate, ...]


def explain(
    out: str, name: str, recipe: Recipe, decisions: Iterable[Decision] = (), *, clean: bool
) -> Explained:
    """Explain what `name` says: a document, or a line of one (of its clean text with `clean`).

    Raises UsageError where there is no such document or line, StateError where something is damaged.
    """
    document, line = _found(out, name)
    paragraphs = split(document.recoded, document.mode)
    told = {story.change.paragraph: story for story in stories(paragraphs, document.edited, document.changes)}
    kept = [n for n in range(len(paragraphs.texts)) if n not in told or not told[n].change.dropped]
    clean_lines = dict(zip(kept, first_lines(document.clean, document.mode), strict=False))
    source = split(document.source, document.mode)
    lines = dict(enumerate(source.lines))
    texts = {n: told[n].texts if n in told else (text,) for n, text in enumerate(paragraphs.texts)}
    chosen = list(lines)
    if line is not None:
        starts, whole = (clean_lines, document.clean) if clean else (lines, document.source)
        chosen = [_at_line(line, starts, whole, name)]
    folders, recoded = output_folders(out), document.header.recoded
    cleaned = cleaned_by(folders).get(document.path)
    pairs = pairs_of(folders, cleaned.run, document.path, document.record) if cleaned else None
    compared = None if pairs is None else _compared(pairs, document)
    by_form: dict[str, list[Decision]] = {}
    for decision in latest(decisions).values():
        by_form.setdefault(matching_form(decision.text), []).append(decision)
    fates = []
    for number in chosen:
        change = told[number].change if number in told else None
        fates.append(
            Fate(
                number, lines[number], clean_lines.get(number), source.texts[number],
                recoded.chain if recoded and covers(recoded.paragraphs, number) else (),
                texts[number], change,
                tuple(each for each in document.suspects if each.paragraph == number),
                tuple(_near(recipe, document, texts, number)) if line is not None else (),
                None if compared is None else tuple(compared.get(number, ())),
                len(matching_form(texts[number][-1])),
                tuple(each for form in _forms(texts[number]) for each in by_form.get(form, ())),
            )
        )  # fmt: skip
    return Explained(document, cleaned, tuple(fates))


def _forms(texts: Sequence[str]) -> list[str]:
    """Return the matching forms that a paragraph has had, each once."""
    return list(dict.fromkeys(matching_forms(texts)))


def _found(out: str, name: str) -> tuple[OutputDocument, int | None]:
    """Return the document that is named, and the line; what reads as the name of a document is one."""
    head, _, tail = name.rpartition(":")
    readings = [(name, None), *([(head, int(tail))] if head and tail.isdecimal() else [])]
    for document_name, line in readings:
        try:
            found = []
            for document in read_documents(out, [document_name]):
                found.append(document)
                if len(found) == _SEVERAL:
                    break
        except UsageError:
            if (document_name, line) == readings[-1]:
                raise
            continue
        if len(found) == _SEVERAL:
            first = found[0]
            raise UsageError(
                f"{show(document_name)} holds several documents",
                hint=f"name one, and a line of it: {show(first.path)}:{first.record}:1",
            )
        if found:
            return found[0], line
    raise UsageError(f"no document {show(name)!r} in this output")


def _at_line(line: int, starts: dict[int, int], text: str, name: str) -> int:
    """Return the paragraph that has a line."""
    numbers = sorted(starts)
    at = bisect_right([starts[number] for number in numbers], line) - 1
    newline = "\n" if "\n" in text else "\r"
    lines = text.split(newline)
    if not 0 < line <= len(lines) or at < 0 or not lines[line - 1].strip():
        what = "is blank" if 0 < line <= len(lines) else f"is none of its {len(lines):,} lines"
        raise UsageError(
            f"line {line} {what}", where=show(name), hint="`cleaner explain` without it shows all"
        )
    return numbers[at]


def _compared(
    pairs: Iterator[tuple[Place, Place, float, Answer | None]], document: OutputDocument
) -> dict[int, list[Comparison]]:
    """Return what paragraphs were compared with, the most alike first."""
    found: dict[int, list[Comparison]] = {}
    here = document.path, document.record
    for a, b, score, answer in pairs:
        for own, other, first in ((a, b, False), (b, a, True)):
            if (own.path, own.record) == here and not own.published:
                found.setdefault(own.paragraph, []).append(Comparison(other, score, first, answer))
    for alike in found.values():
        alike.sort(key=lambda each: -each.score)
    return found


def _near(
    recipe: Recipe, document: OutputDocument, texts: dict[int, tuple[str, ...]], number: int
) -> Iterator[NearMiss]:
    """Yield the rules of these settings that nearly acted on a paragraph which no rule has dropped."""
    changes = {change.paragraph: change for change in document.changes}

    def gone(paragraph: int) -> bool:
        change = changes.get(paragraph)
        return change is not None and change.dropped and change.steps[-1].stage != JUDGE

    own = changes.get(number)
    if own and any(step.stage == "boilerplate" for step in own.steps) and own.dropped:
        return
    alive = [each for each in texts if each == number or not gone(each)]
    told = {step.rule for step in own.steps} if own else set()
    noted = {suspect.rule for suspect in document.suspects if suspect.paragraph == number}
    boilerplate = recipe.settings.boilerplate
    if not boilerplate.enabled:
        return
    shown: Sequence[str] = [texts[each][-1] for each in alive]
    for miss in near_rules(recipe.rules.boilerplate, boilerplate.actions, shown, alive.index(number)):
        if miss.rule not in told | noted:
            yield miss
