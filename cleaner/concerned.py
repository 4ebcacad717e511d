"""What decisions have to do with what is published: which of them a document has the text of, and whether
they would change what became of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from cleaner.io.output import OutputDocument, read_documents
from cleaner.text.decisions import DECIDED, Decisions, InForce, Removal, removals, takes_away
from cleaner.text.document import split
from cleaner.text.history import stories
from cleaner.text.normalize import matching_forms

_NONE: frozenset[str] = frozenset()


class Found(Struct, frozen=True):
    """The decisions whose text a document has, and whether new ones would change it."""

    met: frozenset[str]
    changed: bool


class _Went(Struct, frozen=True):
    """What was removed, in matching form: by which rule, and what stays in its place."""

    rule: str
    form: str
    other: str | None


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
        others = matching_forms([removal.other or "" for removal in removed])
        went = [
            _Went(removal.rule, form, None if removal.other is None else other)
            for removal, form, other in zip(removed, forms, others, strict=True)
        ]
        changed = _changes(decisions, known.get(name, _NONE), standing, went)
        yield name, Found(decisions.met([*standing, *forms]), changed)


def removals_of(document: OutputDocument) -> Iterator[Removal]:
    """Yield what rules, and the judge, took away of a document."""
    if any(map(takes_away, document.changes)):
        for story in stories(split(document.recoded, document.mode), document.edited, document.changes):
            yield from removals(story.change, story.texts)


def _changes(
    decisions: Decisions, before: frozenset[str], standing: Sequence[str], removed: Sequence[_Went]
) -> bool:
    """Tell whether decisions that were not in force `before` would change what became of a document: of
    paragraphs that stand, of those that were removed, and of those for whose sake they were.
    """

    def new(form: str) -> Iterator[InForce]:
        return (each for each in decisions.by_form.get(form, ()) if each.id not in before)

    if any(each.kind == "drop" for form in standing for each in new(form)):
        return True
    for went in removed:
        other = went.other
        if other in decisions.drop and any(each.kind == "drop" for each in new(other or "")):
            return True
        if any(_changes_removal(each, went) for each in new(went.form)):
            return True
        # of a rejected pair either may be the one that went
        if other is not None and any(each.other == went.form for each in new(other)):
            return True
    return False


def _changes_removal(decision: InForce, went: _Went) -> bool:
    if decision.kind == "reject":
        return decision.other == went.other if decision.other is not None else decision.rule == went.rule
    return went.rule != f"{DECIDED}.drop"
