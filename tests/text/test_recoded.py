"""Recoded documents: which chain is taken, and that nothing but the length of the ledger depends on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from test_compose import JUDGE, LAYOUTS, Document, documents

from cleaner.pipeline import write
from cleaner.text import recoded as module
from cleaner.text.changes import Place
from cleaner.text.compose import Cleaned
from cleaner.text.document import split
from cleaner.text.draft import Act, Draft
from cleaner.text.edit import restore
from cleaner.text.history import LayoutMode, stories, without
from cleaner.text.layout import lay_out, restore_layout
from cleaner.text.recoded import Reading, Recoded, covers, recode, written_back
from cleaner.text.recoding import encoded

CASES = json.loads((Path(__file__).parents[1] / "cases" / "recoded.json").read_text(encoding="utf-8"))
derandomized = settings(
    derandomize=True,
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _blank(text: str) -> str:
    return "\u00a0" if not text.strip() else text


CODECS: dict[str, Callable[[str], str]] = {
    "swapped/case": str.swapcase,
    "mirrored/whole": lambda text: text[::-1],
    "swapped/curly": lambda text: text.swapcase().replace("'", "\u2019"),
    "plain/ascii": lambda text: text.encode("ascii").decode(),
    "cut/whole": lambda text: text.replace("\n", "").upper(),
    "blank/spaces": _blank,
}


@pytest.fixture(autouse=True)
def codecs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add codecs that can be seen."""

    def known(text: str, codec: str) -> str:
        return CODECS[codec](text) if codec in CODECS else encoded(text, codec)

    monkeypatch.setattr(module, "encoded", known)


def of_case(case: dict[str, Any]) -> Document:
    mode = case.get("mode", "line")
    source = ("\n" if mode == "line" else "\n\n").join(text for text, _ in case["paragraphs"])
    acts = {
        number: [Act("encoding", rule, text, codec=codec) for rule, codec, text in acts]
        for number, (_, acts) in enumerate(case["paragraphs"])
        if acts
    }
    return Document(source, mode, split(source, mode), Draft(acts), {})


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    document = of_case(case)
    found = recode(document.paragraphs, document.draft, document.mode)
    if case["chain"] is None:
        assert found is None
        return
    assert found is not None
    recoded, paragraphs, draft = found
    assert [[reading.rule, reading.codec] for reading in recoded.chain] == case["chain"]
    assert [list(each) for each in recoded.paragraphs] == case["ranges"]
    told = [
        [number, [[edit.start, edit.end, edit.text] for edit in edits]]
        for number, edits in recoded.exceptions
    ]
    assert told == case.get("exceptions", [])
    size = len(recoded.chain)
    for number, (text, acts) in enumerate(case["paragraphs"]):
        read = number in set(recoded.numbers())
        assert covers(recoded.paragraphs, number) == read
        assert paragraphs.texts[number] == (acts[size - 1][2] if read else text)
        left = acts[size:] if read else acts
        assert [act.rule for act in draft.acts.get(number, ())] == [rule for rule, _, _ in left]
    assert (paragraphs.lead, paragraphs.separators) == (
        document.paragraphs.lead,
        document.paragraphs.separators,
    )
    assert written_back(paragraphs.text, recoded, document.mode) == document.source


def test_the_reason_is_that_of_the_first_paragraph() -> None:
    acts = {n: [Act("encoding", "swap", "one", codec="swapped/case", reason=f"{n} words")] for n in (1, 2)}
    found = recode(split("x\nONE\nONE", "line"), Draft(acts), "line")
    assert found and found[0].chain == (Reading("encoding", "swap", "swapped/case", "1 words"),)


@st.composite
def legacy(draw: st.DrawFn, *, only_drops: bool = False) -> Document:
    """A document in which some paragraphs came in with their case swapped, or in decomposed letters."""
    document = draw(documents())
    texts, acts = list(document.paragraphs.texts), dict(document.draft.acts)
    if only_drops:
        acts = {number: found[-1:] for number, found in acts.items() if found[-1].text is None}
    for number, text in enumerate(texts):
        codec = draw(st.sampled_from(["swapped/case", "swapped/case", "swapped/curly", "nfc/decomposed", ""]))
        texts[number] = module.encoded(text, codec) if codec else text
        if texts[number] != text:
            lossy = codec.startswith("swapped") and draw(st.integers(0, 3)) == 0
            texts[number] = f"{texts[number][:3]}x{texts[number][4:]}" if lossy else texts[number]
            read = Act("encoding", codec.partition("/")[0], text, codec="" if lossy else codec)
            acts[number] = [read, *acts.get(number, ())]
    paragraphs = replace(document.paragraphs, texts=tuple(texts))
    draft = Draft(acts, document.draft.misses)
    return Document(paragraphs.text, document.mode, paragraphs, draft, document.rulings)


def written(document: Document, layout: LayoutMode) -> Cleaned:
    def place(number: int) -> Place:
        text = document.draft.text(number, document.paragraphs.texts[number])
        return Place("this.txt", 0, "this", number, 1, text)

    return write(
        document.paragraphs,
        document.draft,
        document.rulings,
        place,
        mode=document.mode,
        blank_line=layout == "blank_line",
    )


def texts_before(cleaned: Cleaned) -> tuple[str, str]:
    """Return the texts before layout and before all changes."""
    edited = restore_layout(cleaned.text, cleaned.layout)
    return edited, restore(edited, [change.patch for change in cleaned.changes])


@pytest.mark.parametrize("layout", LAYOUTS)
@derandomized
@given(document=legacy())
def test_clean_text_does_not_depend_on_it(layout: LayoutMode, document: Document) -> None:
    cleaned, plain = written(document, layout), document.composed(layout)
    assert (cleaned.text, cleaned.kept, cleaned.layout) == (plain.text, plain.kept, plain.layout)
    assert cleaned.suspects == plain.suspects
    assert [each.paragraph for each in cleaned.changes if each.dropped] == [
        each.paragraph for each in plain.changes if each.dropped
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
@derandomized
@given(document=legacy())
def test_clean_text_and_ledger_give_the_source_back(layout: LayoutMode, document: Document) -> None:
    cleaned = written(document, layout)
    _, read = texts_before(cleaned)
    assert written_back(read, cleaned.recoded, document.mode) == document.source


@derandomized
@given(document=legacy())
def test_chain_and_steps_are_the_acts_in_order(document: Document) -> None:
    cleaned = written(document, "keep")
    recoded = cleaned.recoded
    read = set(recoded.numbers()) if recoded else set()
    chain = [reading.rule for reading in recoded.chain] if recoded else []
    for change in cleaned.changes:
        acts = [act.rule for act in document.draft.acts.get(change.paragraph, ())]
        steps = [step.rule for step in change.steps if step.stage != JUDGE]
        assert (chain if change.paragraph in read else []) + steps == acts
    if recoded:
        edited, text = texts_before(cleaned)
        told = list(stories(split(text, document.mode), edited, cleaned.changes))
        for story in told:
            acts = document.draft.acts.get(story.change.paragraph, [])
            if acts and acts[-1].text is not None:
                assert story.texts[-1] == acts[-1].text


def undone(document: Document, layout: LayoutMode, stages: set[str], cleaned: Cleaned) -> str:
    edited, read = texts_before(cleaned)
    return without(
        read,
        edited,
        cleaned.changes,
        lambda stage, _: stage in stages,
        mode=document.mode,
        layout=layout,
        recoded=cleaned.recoded,
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@derandomized
@given(document=legacy())
def test_undoing_nothing_is_the_clean_text(layout: LayoutMode, document: Document) -> None:
    cleaned = written(document, layout)
    assert undone(document, layout, set(), cleaned) == cleaned.text


@pytest.mark.parametrize("layout", LAYOUTS)
@derandomized
@given(document=legacy())
def test_undoing_everything_is_the_source_in_that_layout(layout: LayoutMode, document: Document) -> None:
    paragraphs = document.paragraphs
    source = document.source
    if layout == "blank_line":
        source = lay_out(paragraphs.lead, paragraphs.texts, paragraphs.separators)[0]
    stages = {"encoding", "edit", "repeats", JUDGE}
    assert undone(document, layout, stages, written(document, layout)) == source


@derandomized
@given(document=legacy(only_drops=True))
def test_undoing_the_chain_leaves_what_was_dropped(document: Document) -> None:
    cleaned, plain = written(document, "keep"), document.composed("keep")
    assert undone(document, "keep", {"encoding"}, cleaned) == undone(document, "keep", {"encoding"}, plain)


def chained(text: str, *more: Act) -> Document:
    """Return a document that came in mirrored, case swapped, and what was done to its first line."""
    acts = {
        number: [
            Act("encoding", "turn", line.swapcase(), codec="mirrored/whole"),
            Act("encoding", "swap", line, codec="swapped/case"),
        ]
        for number, line in enumerate(text.split("\n"))
    }
    acts[0] += more
    source = "\n".join(line.swapcase()[::-1] for line in text.split("\n"))
    return Document(source, "line", split(source, "line"), Draft(acts), {})


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((), "one!\ntwo"),
        (("swap",), "ONE!\nTWO"),
        (("turn",), "!ENO\nOWT"),
        (("turn", "swap"), "!ENO\nOWT"),
        (("mark",), "one\ntwo"),
        (("mark", "swap"), "ONE\nTWO"),
        (("other",), "one!\ntwo"),
    ],
)
def test_what_follows_an_undone_act_of_the_chain_goes_with_it(rules: tuple[str, ...], expected: str) -> None:
    document = chained("one\ntwo", Act("edit", "mark", "one!"))
    cleaned = written(document, "keep")
    assert cleaned.recoded and [reading.rule for reading in cleaned.recoded.chain] == ["turn", "swap"]
    edited, read = texts_before(cleaned)
    assert (
        without(
            read, edited, cleaned.changes, lambda _, rule: rule in rules,
            mode="line", layout="keep", recoded=cleaned.recoded,
        )
        == expected
    )  # fmt: skip


def test_what_the_old_encoding_cannot_write_goes_with_it() -> None:
    acts = [Act("encoding", "read", "one", codec="plain/ascii"), Act("edit", "mark", "oné")]
    recoded = Recoded((Reading("encoding", "read", "plain/ascii"),), ((0, 0),))
    document = Document("one", "line", split("one", "line"), Draft({0: acts[1:]}), {})
    changes = document.composed("keep").changes
    for rules, expected in (({"read"}, "one"), ({"mark"}, "one"), (set[str](), "oné")):
        text = without(
            "one", "oné", changes, lambda _, rule, rules=rules: rule in rules,
            mode="line", layout="keep", recoded=recoded,
        )  # fmt: skip
        assert text == expected


@pytest.mark.parametrize("ranges", [((0, 2),), ((2, 2),), ((-1, 0),), ((1, 0),), ((0, 10**12),)])
def test_paragraphs_that_are_not_there_are_refused(ranges: tuple[tuple[int, int], ...]) -> None:
    recoded = Recoded((Reading("encoding", "swap", "swapped/case"),), ranges)
    with pytest.raises(ValueError, match="were recoded, of 2"):
        written_back("one\ntwo", recoded, "line")


def test_a_codec_that_is_not_known_is_refused() -> None:
    recoded = Recoded((Reading("encoding", "swap", "swapped/sideways"),), ((0, 0),))
    with pytest.raises(LookupError, match="sideways"):
        written_back("one", recoded, "line")
