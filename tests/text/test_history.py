"""From the ledger back to the texts: stories of paragraphs, and clean texts with single rules undone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_compose import LAYOUTS, Document, documents

from cleaner.text.document import split
from cleaner.text.draft import Act, Draft
from cleaner.text.history import LayoutMode, stories, without
from cleaner.text.layout import lay_out, restore_layout

derandomized = settings(derandomize=True, deadline=None, max_examples=120)


@derandomized
@given(documents())
def test_stories_tell_every_text_of_a_paragraph(document: Document) -> None:
    cleaned = document.composed("keep")
    told = list(stories(document.paragraphs, cleaned.text, cleaned.changes))
    assert [story.change for story in told] == list(cleaned.changes)
    for story in told:
        number = story.change.paragraph
        acts = document.draft.acts.get(number, ())
        texts = [act.text for act in acts if act.text is not None]
        assert list(story.texts) == [document.paragraphs.texts[number], *texts]


@pytest.mark.parametrize("layout", LAYOUTS)
@derandomized
@given(document=documents())
def test_undoing_nothing_is_the_clean_text(layout: LayoutMode, document: Document) -> None:
    assert undone(document, layout, set()) == document.composed(layout).text


@pytest.mark.parametrize("layout", LAYOUTS)
@derandomized
@given(document=documents())
def test_undoing_everything_is_the_source_in_that_layout(layout: LayoutMode, document: Document) -> None:
    paragraphs = document.paragraphs
    plain = document.source
    if layout == "blank_line":
        plain = lay_out(paragraphs.lead, paragraphs.texts, paragraphs.separators)[0]
    assert undone(document, layout, {"rule0", "rule1", "rule2", "exact", "near"}) == plain


@derandomized
@given(documents(), st.sampled_from(["exact", "near"]))
def test_undoing_one_way_of_dropping_leaves_the_others(document: Document, rule: str) -> None:
    rulings = {} if rule == "near" else document.rulings
    draft = document.draft
    if rule == "exact":
        kept = {number: [act for act in acts if act.rule != rule] for number, acts in draft.acts.items()}
        draft = Draft({number: acts for number, acts in kept.items() if acts}, draft.misses)
    never = replace(document, rulings=rulings, draft=draft)
    assert undone(document, "keep", {rule}) == never.composed("keep").text


@derandomized
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=6), st.data())
def test_undoing_some_rules_leaves_what_the_others_did(
    done: list[tuple[bool, bool, bool]], data: st.DataObject
) -> None:
    """Rules that write at different places: head strips the front, tail the end, drop all of it."""
    rules = ("head", "tail", "drop")
    source = "\n".join(f"<{number}> body {number} [{number}]" for number in range(len(done)))
    taken_back = data.draw(st.sets(st.sampled_from(rules)))
    draft = drafted(done)
    redone = [
        tuple(does and rule not in taken_back for does, rule in zip(each, rules, strict=True))
        for each in done
    ]
    document = Document(source, "line", split(source, "line"), draft, {})
    expected = replace(document, draft=drafted(redone))
    assert undone(document, "keep", taken_back) == expected.composed("keep").text


def drafted(done: list[tuple[bool, ...]]) -> Draft:
    draft = Draft()
    for number, (head, tail, drop) in enumerate(done):
        text = f"<{number}> body {number} [{number}]"
        acts = []
        if head:
            text = text.removeprefix(f"<{number}> ")
            acts.append(Act("boilerplate", "head", text))
        if tail:
            text = text.removesuffix(f" [{number}]")
            acts.append(Act("boilerplate", "tail", text))
        if drop:
            acts.append(Act("boilerplate", "drop", None))
        if acts:
            draft.acts[number] = acts
    return draft


def undone(document: Document, layout: LayoutMode, rules: set[str]) -> str:
    cleaned = document.composed(layout)
    edited = restore_layout(cleaned.text, cleaned.layout)
    return without(
        document.source,
        edited,
        cleaned.changes,
        lambda _, rule: rule in rules,
        mode=document.mode,
        layout=layout,
    )
