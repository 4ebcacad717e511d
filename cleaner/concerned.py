"""What decisions have to do with what is published: which of them a document has the text of, and whether
they would change what became of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cleaner.io.output import OutputDocument, read_documents
from cleaner.text.decisions import Decisions, InForce, Removal, removals, takes_away
from cleaner.text.document import split
from cleaner.text.history import stories
from cleaner.text.normalize import matching_form, matching_forms

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """The decisions whose text a document has, and whether new ones would change it."""

    met: frozenset[str]
    changed: bool


def look_through(
    out: str, decisions: Decisions, known: Mapping[bytes, frozenset[str]]
) -> Iterator[tuple[bytes, Found]]:
    """Yield for each document of an output its input, and what decisions have to do with it; `known` are the
    decisions under which inputs were cleaned.
    """
    for document in read_documents(out):
        name = os.fsencode(document.path)
        standing = matching_forms(split(document.clean, document.mode).texts)
        removed = list(removals_of(document))
        forms = matching_forms([removal.text for removal in removed])
        changed = _changes(decisions, known.get(name, _NONE), standing, removed)
        yield name, Found(decisions.met([*standing, *forms]), changed)


def removals_of(document: OutputDocument) -> Iterator[Removal]:
    """Yield what rules, and the judge, took away of a document."""
    if any(map(takes_away, document.changes)):
        for story in stories(split(document.recoded, document.mode), document.edited, document.changes):
            yield from removals(story.change, story.texts)


def _changes(
    decisions: Decisions, before: frozenset[str], standing: Sequence[str], removed: Sequence[Removal]
) -> bool:
    """Tell whether decisions that were not in force `before` would change what became of a document: of
    paragraphs that stand, of those that were removed, and of those for whose sake they were.
    """

    def new(form: str) -> Iterator[InForce]:
        return (each for each in decisions.by_form.get(form, ()) if each.id not in before)

    if any(each.kind == "drop" for form in standing for each in new(form)):
        return True
    for removal in removed:
        form = matching_form(removal.text)
        other = None if removal.other is None else matching_form(removal.other)
        if other in decisions.drop and any(each.kind == "drop" for each in new(other or "")):
            return True
        if any(_changes_removal(each, removal.rule, form, other) for each in new(form)):
            return True
        # of a rejected pair either may be the one that went
        if other is not None and any(each.other == form for each in new(other)):
            return True
    return False


def _changes_removal(decision: InForce, rule: str, form: str, other: str | None) -> bool:
    if decision.kind == "reject":
        return decision.other == other if decision.other is not None else decision.rule == rule
    return rule != "decision.drop"
