"""From draft and rulings to clean text and ledger, and back to the source."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.text.changes import Place
from cleaner.text.compose import Cleaned, Ruling, compose
from cleaner.text.document import ParagraphMode, Paragraphs, split
from cleaner.text.draft import Act, Draft, Miss
from cleaner.text.edit import restore
from cleaner.text.history import LayoutMode
from cleaner.text.layout import restore_layout

JUDGE = "near_duplicate"
OTHER = Place("other.txt", 0, "id", 7, 15, "another text")
LAYOUTS: tuple[LayoutMode, ...] = ("blank_line", "keep")
derandomized = settings(derandomize=True, deadline=None, max_examples=120)
phrases = st.sampled_from(["one two", "a  b", " x", "Đọc thêm", "\u00a0y z", "two words and more", "aaaa"])
separators = st.sampled_from(["\n", "\n\n", "\r\n", "\n \n\n"])


@dataclass(frozen=True)
class Document:
    """A document with what was done to it: what compose gets."""

    source: str
    mode: ParagraphMode
    paragraphs: Paragraphs
    draft: Draft
    rulings: dict[int, list[Ruling]]

    def composed(self, layout: LayoutMode) -> Cleaned:
        return compose(
            self.paragraphs,
            self.draft,
            self.rulings,
            lambda number: Place("this.txt", 0, "this", number, 1, self.paragraphs.texts[number]),
            stage=JUDGE,
            blank_line=layout == "blank_line",
        )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    pieces = [draw(st.sampled_from(["", "\n", "\ufeff", " \n"]))]
    for phrase in draw(st.lists(phrases, max_size=7)):
        pieces += [phrase, draw(separators)]
    source = "".join(pieces)
    if draw(st.booleans()):
        source = source.rstrip()
    mode: ParagraphMode = draw(st.sampled_from(["line", "blank_line"]))
    paragraphs = split(source, mode)
    draft, rulings = Draft(), {}
    for number, text in enumerate(paragraphs.texts):
        acts = [
            Act("edit", f"rule{k}", new) for k, new in enumerate(draw(st.lists(edited(text), max_size=3)))
        ]
        fate = draw(st.sampled_from(["stays", "stays", "stays", "local", "judge", "held"]))
        if fate == "local":
            survivor = draw(st.none() | st.integers(0, number - 1)) if number else None
            acts.append(Act("repeats", "exact", None, survivor))
        if acts:
            draft.acts[number] = acts
        if fate in {"judge", "held"}:
            rulings[number] = [Ruling(fate == "judge", "near", 91.5, "same facts", OTHER)]
        if draw(st.booleans()):
            draft.misses[number] = [Miss("rules", "careful", text, "only reports")]
    return Document(source, mode, paragraphs, draft, rulings)


def edited(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from([text.strip() or "x", text.replace(" ", ""), f"{text}!", f"({text}", "new", text])


def final_texts(document: Document) -> list[str | None]:
    return [
        None
        if any(each.goes for each in document.rulings.get(number, ()))
        else document.draft.text(number, text)
        for number, text in enumerate(document.paragraphs.texts)
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
@derandomized
@given(document=documents())
def test_clean_text_and_ledger_give_the_source_back(layout: LayoutMode, document: Document) -> None:
    cleaned = document.composed(layout)
    edited = restore_layout(cleaned.text, cleaned.layout)
    assert restore(edited, [change.patch for change in cleaned.changes]) == document.source


@derandomized
@given(documents())
def test_the_clean_text_is_what_stayed(document: Document) -> None:
    kept = [text for text in final_texts(document) if text is not None]
    cleaned = document.composed("keep")
    assert cleaned.kept == len(kept)
    assert cleaned.layout is None
    assert "".join(cleaned.text.split()) == "".join(
        "".join([document.paragraphs.lead * bool(kept), *kept]).split()
    )
    assert list(split(cleaned.text, document.mode).texts) == [text for text in kept if text.strip(" \t\r\n")]


@derandomized
@given(documents())
def test_a_dropped_paragraph_takes_its_separator(document: Document) -> None:
    final = final_texts(document)
    kept = [number for number, text in enumerate(final) if text is not None]
    after = [document.paragraphs.separators[number] for number in kept]
    if kept:
        after[-1] = document.paragraphs.separators[-1]
    pairs = zip(kept, after, strict=True)
    lead = document.paragraphs.lead if kept or not final else ""
    assert document.composed("keep").text == lead + "".join(f"{final[number]}{end}" for number, end in pairs)


@derandomized
@given(documents())
def test_each_change_tells_its_paragraph(document: Document) -> None:
    final = final_texts(document)
    changes = document.composed("keep").changes
    changed = [number for number, text in enumerate(document.paragraphs.texts) if final[number] != text]
    assert [change.paragraph for change in changes] == changed
    for change in changes:
        assert change.dropped == (final[change.paragraph] is None)
        assert change.line == document.paragraphs.lines[change.paragraph]
        if change.dropped:
            assert change.paragraph_source == document.paragraphs.texts[change.paragraph]


@derandomized
@given(documents())
def test_steps_are_the_acts_in_order_and_the_ruling_last(document: Document) -> None:
    for change in document.composed("keep").changes:
        expected = [(act.stage, act.rule) for act in document.draft.acts.get(change.paragraph, ())]
        if any(ruling.goes for ruling in document.rulings.get(change.paragraph, ())):
            expected.append((JUDGE, "near"))
        assert [(step.stage, step.rule) for step in change.steps] == expected


@derandomized
@given(documents())
def test_a_survivor_is_named_only_where_it_stays(document: Document) -> None:
    final = final_texts(document)
    for change in document.composed("keep").changes:
        if change.survivor is not None and change.survivor.path == "this.txt":
            assert final[change.survivor.paragraph] is not None
        acts = document.draft.acts.get(change.paragraph, ())
        if acts and acts[-1].survivor is not None and change.survivor is None:
            assert change.reason


@derandomized
@given(documents())
def test_only_what_stays_is_a_suspect(document: Document) -> None:
    final = final_texts(document)
    suspects = document.composed("keep").suspects
    assert all(final[suspect.paragraph] is not None for suspect in suspects)
    held = {
        number
        for number, found in document.rulings.items()
        if not found[0].goes and final[number] is not None
    }
    assert {suspect.paragraph for suspect in suspects if suspect.stage == JUDGE} == held


def composed(texts: list[str], acts: dict[int, list[Act]], rulings: dict[int, list[Ruling]]) -> Cleaned:
    source = "\n".join(texts)
    return Document(source, "line", split(source, "line"), Draft(acts), rulings).composed("keep")


def repeat(of: int) -> list[Act]:
    return [Act("repeats", "exact", None, of)]


def test_a_repeat_names_the_paragraph_that_stays_in_the_end() -> None:
    changes = composed(["a", "b", "a", "a b"], {0: repeat(3), 2: repeat(0)}, {}).changes
    assert [change.survivor and change.survivor.paragraph for change in changes] == [3, 3]


def test_a_repeat_of_what_the_judge_drops_goes_for_the_same_sake() -> None:
    rulings = {0: [Ruling(True, "near", 93.0, "same facts", OTHER)]}
    first, second = composed(["a", "b", "a"], {2: repeat(0)}, rulings).changes
    assert (second.survivor, second.score, second.reason) == (first.survivor, 93.0, "same facts")
    assert [step.rule for step in second.steps] == ["exact"]


def test_a_repeat_of_what_a_rule_drops_names_the_rule_and_no_survivor() -> None:
    acts = {1: [Act("boilerplate", "vi.byline", None)], 2: repeat(1), 3: repeat(2)}
    changes = composed(["a", "b", "b", "b"], acts, {}).changes
    assert [change.survivor for change in changes] == [None] * 3
    reason = "what had its text went, too: boilerplate.vi.byline"
    assert [change.reason for change in changes] == ["", reason, reason]


def test_the_text_of_a_survivor_is_told_only_where_it_differs() -> None:
    changes = composed(["a", "A", "a"], {1: repeat(0), 2: repeat(0)}, {}).changes
    assert [change.survivor.text for change in changes if change.survivor] == ["a", None]


def test_an_edit_that_is_taken_back_is_no_change() -> None:
    cleaned = composed(["a"], {0: [Act("edit", "there", "b"), Act("edit", "back", "a")]}, {})
    assert (cleaned.text, cleaned.changes) == ("a", ())


def test_of_a_near_miss_300_characters_are_told() -> None:
    draft = Draft(misses={0: [Miss("rules", "careful", "x" * 1000, "only reports")]})
    suspect = Document("x", "line", split("x", "line"), draft, {}).composed("keep").suspects[0]
    assert suspect.match == "x" * 300
