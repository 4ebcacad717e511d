"""The texts of single paragraphs of an output, as they were when they were judged."""

from __future__ import annotations

import os
from collections.abc import Iterable

from cleaner.io.outlines import Outline
from cleaner.io.output import OutputDocument, input_paths, output_folders, read_documents
from cleaner.text.changes import Place
from cleaner.text.document import split
from cleaner.text.history import stories


def paragraph_texts(out: str, places: Iterable[Place]) -> dict[Place, str]:
    """Return the texts of paragraphs of an output; those that do not stand there are left out.

    A place that is `published` is one of clean text. Others count in the input, and their texts are those
    that the local stages left: of paragraphs that stay, and of those that went as duplicates.

    Raises StateError where a ledger is damaged.
    """
    wanted: dict[tuple[str, int], list[Place]] = {}
    for place in places:
        wanted.setdefault((place.path, place.record), []).append(place)

    def asked(outline: Outline) -> bool:
        return (outline.path, outline.record) in wanted

    found: dict[Place, str] = {}
    paths = {path for path, _ in wanted}
    names = [path for path in map(os.fsdecode, input_paths(output_folders(out))) if path in paths]
    for document in read_documents(out, names, asked) if names else ():
        asked_for = wanted[document.path, document.record]
        texts = {
            published: _texts(document, clean=published) for published in {p.published for p in asked_for}
        }
        for place in asked_for:
            if place.paragraph < len(texts[place.published]):
                found[place] = texts[place.published][place.paragraph]
    return found


def _texts(document: OutputDocument, *, clean: bool) -> list[str]:
    if clean:
        return [*split(document.clean, document.mode).texts]
    paragraphs = split(document.recoded, document.mode)
    texts = [*paragraphs.texts]
    for story in stories(paragraphs, document.edited, document.changes):
        texts[story.change.paragraph] = story.texts[-1]
    return texts
