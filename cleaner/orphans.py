"""Orphans: paragraphs that went for the sake of text which no longer stands.

Their text is not lost, it is in the ledger; but no clean text says any more what they said. An input that is
cleaned anew gets back whatever of it has no survivor.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from typing import cast

from msgspec import Struct

from cleaner.io.formats import FORMATS
from cleaner.io.ledger import Entry
from cleaner.io.output import input_paths, open_output
from cleaner.io.restoring import texts_of
from cleaner.io.state import Folders
from cleaner.text.changes import Change
from cleaner.text.document import ParagraphMode, split
from cleaner.text.edit import splice
from cleaner.text.normalize import matching_form, matching_forms
from cleaner.text.show import show


class Orphan(Struct, frozen=True):
    """A paragraph of record `record` (0: the whole file) of an input that went for one of `survivor`."""

    path: bytes
    record: int
    line: int
    survivor: str

    def __str__(self) -> str:
        record = f":{self.record}" if self.record else ""
        return f"{show(self.path)}{record} line {self.line} went for {show(self.survivor)}"


def find_orphans(
    folders: Folders, changed: Collection[bytes], withdrawn: Collection[bytes] = ()
) -> Iterator[Orphan]:
    """Yield the paragraphs that went for one of an input which does not say it any more: it is `withdrawn`,
    or `changed`, and was cleaned again.

    Raises StateError where a ledger is damaged.
    """
    paths = [path for path in input_paths(folders) if path not in withdrawn]
    nothing: frozenset[int] = frozenset()
    gone = {os.fsdecode(path): nothing for path in (*withdrawn, *changed)}
    gone |= {os.fsdecode(path): _standing(folders, path) for path in paths if path in changed}
    for path in paths:
        with open_output(folders, path) as (_, records):
            for record in records:
                for change in record.entry.changes if isinstance(record.entry, Entry) else ():
                    survivor = change.survivor
                    if survivor is None or survivor.path not in gone:
                        continue
                    said = _text(change) if survivor.text is None else survivor.text
                    if hash(matching_form(said)) not in gone[survivor.path]:
                        yield Orphan(path, record.number, change.line, survivor.path)


def _standing(folders: Folders, path: bytes) -> frozenset[int]:
    """Return the hashes of the paragraphs, in matching form, that stand in the clean text of an input."""
    found: set[int] = set()
    with open_output(folders, path) as (head, records):
        for record in records:
            if (
                isinstance(record.entry, Entry)
                and record.raw is not None
                and record.entry.header.emptied is None
            ):
                text = texts_of(FORMATS[head.format], record.raw, record.entry).clean
                paragraphs = split(text, cast(ParagraphMode, head.paragraph))
                found.update(map(hash, matching_forms(paragraphs.texts)))
    return frozenset(found)


def _text(change: Change) -> str:
    """Return a dropped paragraph as it was when it was judged."""
    text = change.paragraph_source
    for step in change.steps:
        if step.edits is not None:
            text = splice(text, step.edits)[0]
    return text
