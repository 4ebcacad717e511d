"""A clean record and its ledger entry give the input record back, byte for byte."""

from __future__ import annotations

from cleaner.io.formats.base import Format, Source
from cleaner.io.ledger import Entry
from cleaner.text.edit import restore
from cleaner.text.layout import restore_layout


def texts_of(format: Format, raw: bytes, entry: Entry) -> tuple[str, str, str]:
    """Return the clean text of a record, the same before layout, and the text that came in.

    Raises ValueError where record and entry do not belong together.
    """
    clean = format.text_of(raw, _source(entry, ""))
    edited = restore_layout(clean, entry.header.layout)
    return clean, edited, restore(edited, [change.patch for change in entry.changes])


def restore_record(format: Format, raw: bytes, entry: Entry) -> bytes:
    """Return the bytes that came in. Raises ValueError where record and entry do not belong together."""
    if entry.header.input_digest == entry.header.clean_digest:
        return raw
    _, _, text = texts_of(format, raw, entry)
    return format.with_source(raw, _source(entry, text))


def _source(entry: Entry, text: str) -> Source:
    header = entry.header
    return Source(header.id, text, header.codec, header.at, header.escapes)
