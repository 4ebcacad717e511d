"""A clean record and its ledger entry give the input record back, byte for byte."""

from __future__ import annotations

import msgspec

from cleaner.io.formats.base import Format, Source
from cleaner.io.ledger import Entry
from cleaner.text.document import ParagraphMode
from cleaner.text.edit import restore
from cleaner.text.layout import restore_layout
from cleaner.text.recoded import written_back


class Texts(msgspec.Struct, frozen=True, gc=False):
    """The texts of a record: clean, the same before layout, and before all changes: the recoded text,
    which is the one that came in unless the document was recoded.
    """

    clean: str
    edited: str
    recoded: str


def texts_of(format: Format, raw: bytes, entry: Entry) -> Texts:
    """Return the texts of a record. Raises ValueError where record and entry do not belong together."""
    return _texts(format.text_of(raw, _source(entry, "")), entry)


def _texts(clean: str, entry: Entry) -> Texts:
    edited = restore_layout(clean, entry.header.layout)
    return Texts(clean, edited, restore(edited, [change.patch for change in entry.changes]))


def text_before(clean: str, entry: Entry, mode: ParagraphMode) -> str:
    """Return the text that came in, of the clean one; raises as `restore_record` does."""
    return written_back(_texts(clean, entry).recoded, entry.header.recoded, mode)


def restore_record(format: Format, raw: bytes, entry: Entry, mode: ParagraphMode) -> bytes:
    """Return the bytes that came in; `mode` tells how the text was split.

    Raises ValueError or LookupError where record and entry do not belong together.
    """
    if entry.header.input_digest == entry.header.clean_digest:
        return raw
    text = written_back(texts_of(format, raw, entry).recoded, entry.header.recoded, mode)
    return format.with_source(raw, _source(entry, text))


def _source(entry: Entry, text: str) -> Source:
    header = entry.header
    return Source(header.id, text, header.codec, header.at, header.escapes)
