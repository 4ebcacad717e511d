"""Documents as the output folder gives them, built from what stages and judge would have said."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from cleaner.io.ledger import Entry, FileHead, LedgerWriter
from cleaner.io.ledger_headers import Header
from cleaner.io.outlines import Outline, outlined
from cleaner.io.output import OutputDocument
from cleaner.pipeline import write
from cleaner.text.changes import Place
from cleaner.text.compose import Ruling
from cleaner.text.document import split
from cleaner.text.draft import Act, Draft, Miss
from cleaner.text.edit import restore
from cleaner.text.layout import restore_layout

NO_DIGEST = "0" * 32  # of documents whose bytes nobody asks for


def build_document(case: dict[str, Any]) -> OutputDocument:
    """Build the document of a case: see tests/cases/diff.json."""
    path, record = case.get("path", "a.txt"), case.get("record", 0)
    identity = case.get("id", path)
    paragraphs = split(case["source"], case.get("mode", "line"))
    draft = Draft()
    for number, stage, rule, text, *more in case.get("acts", ()):
        survivor, metadata, codec, reason = (*more, *(None, None, "", "")[len(more) :])
        act = Act(stage, rule, text, survivor, tuple(metadata) if metadata else None, codec, reason)
        draft.acts.setdefault(number, []).append(act)
    for number, stage, rule, match, reason in case.get("misses", ()):
        draft.misses.setdefault(number, []).append(Miss(stage, rule, match, reason))
    rulings: dict[int, list[Ruling]] = {}
    for number, goes, rule, score, reason, other in case.get("rulings", ()):
        place = Place(**{"path": path, "record": record, "document": "", "paragraph": 0, **other})
        rulings.setdefault(number, []).append(Ruling(goes, rule, score, reason, place))

    def place_of(number: int) -> Place:
        text = draft.text(number, paragraphs.texts[number])
        return Place(path, record, identity, number, paragraphs.lines[number], text)

    mode = case.get("mode", "line")
    cleaned = write(paragraphs, draft, rulings, place_of, mode=mode, blank_line=True)
    edited = restore_layout(cleaned.text, cleaned.layout)
    recoded = restore(edited, [change.patch for change in cleaned.changes])
    other = case.get("duplicate_of")
    header = Header(
        record, identity, ("utf-8-bytes",), NO_DIGEST, NO_DIGEST, cleaned.kept, cleaned.layout,
        source=case.get("from", ""), duplicate_of=tuple(other) if other else None, recoded=cleaned.recoded,
    )  # fmt: skip
    return OutputDocument(
        path, record, identity, header, case["source"], recoded, edited, cleaned.text, mode, "blank_line",
        cleaned.changes, cleaned.suspects,
    )  # fmt: skip


def outline_of(document: OutputDocument) -> Outline:
    """Return the outline of a document, by way of a ledger."""
    file = io.BytesIO()
    format = "jsonl" if document.record else "txt"
    writer = LedgerWriter(file, FileHead(document.path, format, document.mode, document.layout))
    writer.write(Entry(document.header, document.changes, document.suspects))
    writer.close()
    file.seek(0)
    (outline,) = outlined(file, document.path)[1]
    return outline


@pytest.fixture
def outline() -> Callable[[OutputDocument], Outline]:
    """Give tests `outline_of`."""
    return outline_of


@pytest.fixture
def build() -> Callable[[dict[str, Any]], OutputDocument]:
    """Give tests `build_document`."""
    return build_document
