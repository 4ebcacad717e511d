"""The header of a document in its ledger as a JSON value, both ways. Fields at their default are left out."""

from __future__ import annotations

from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import msgspec

from cleaner.io.ledger_records import (
    names_of,
    packed,
    packed_document,
    packed_edits,
    read_document,
    read_edits,
    read_text,
)
from cleaner.text.layout import Layout
from cleaner.text.recoded import Reading, Recoded

_CHAIN_STAGE = "encoding"  # of an act of a chain that names none
_DIGEST, _SPELLED = 16, 22  # bytes, and characters that spell them
_TEXT_CODEC, _BYTES_CODEC, _RECORD_CODEC = ("utf-8",), ("utf-8-bytes",), ("json",)  # where none is named


class Header(msgspec.Struct, frozen=True, gc=False):
    """A document: where it stood, how its bytes became text, and the digests that restoring must meet.

    `at` is the byte offset of the JSON string in its record, `escapes` the characters of that string
    whose spelling was not the usual one (offset in the text, spelling). `source` is what the record
    names as its source. `duplicate_of` is (path, record, id) of the document that holds almost all of
    this one. `key` is what equal documents have in common, 64 bits, where some paragraphs went as
    near-duplicates, so that those that stay do not tell. `emptied` is the clean record, where it does not
    stand in the clean file because nothing of the text was left; `rest` is what else its row holds, of a
    table. `recoded` tells which paragraphs were read by which codecs before all else.
    """

    record: int
    id: str
    codec: tuple[str, ...]
    input_digest: str
    clean_digest: str
    kept: int
    layout: Layout | None = None
    at: int = 0
    escapes: tuple[tuple[int, str], ...] = ()
    source: str = ""
    duplicate_of: tuple[str, int, str] | None = None
    emptied: bytes | None = None
    recoded: Recoded | None = None
    rest: bytes = b""
    key: int | None = None


def own_id(path: str, record: int, checksum: str) -> str:
    """Return the id of a document that brings none: its path, and for a record a content hash.

    `checksum` is the digest of the record; that of a whole file is not asked for.

    >>> own_id("a.txt", 0, ""), own_id("a.jsonl", 3, "d3357d9b6e3d2ac450f05244e0b4e1d2")
    ('a.txt', 'a.jsonl#d3357d9b6e3d2ac4')
    """
    return f"{path}#{checksum[:16]}" if record else path


def own_name(codec: str) -> str:
    """Return the stage and rule that read by a codec, where a chain does not name them.

    >>> own_name("nfc/decomposed")
    'encoding.nfc'
    """
    return f"{_CHAIN_STAGE}.{codec.partition('/')[0]}"


def packed_digest(checksum: str) -> str:
    """Return a digest in base64 (URL-safe, without padding).

    >>> packed_digest("d3357d9b6e3d2ac450f05244e0b4e1d2")
    '0zV9m249KsRQ8FJE4LTh0g'
    """
    return urlsafe_b64encode(bytes.fromhex(checksum)).rstrip(b"=").decode()


def read_digest(value: str) -> str:
    """Return what `packed_digest` was given. Raises ValueError where it is none."""
    data = urlsafe_b64decode(value + "==")
    if len(value) != _SPELLED or len(data) != _DIGEST:
        raise ValueError("no digest")
    return data.hex()


def packed_key(key: int) -> str:
    """Return the key of a document in 16 hex digits: JSON has no whole numbers of 64 bits that all can read.

    >>> packed_key(2**64 - 2), read_key("fffffffffffffffe") == 2**64 - 2
    ('fffffffffffffffe', True)
    """
    return f"{key:016x}"


def read_key(text: str) -> int:
    """Return what `packed_key` was given. Raises ValueError."""
    return int(text, 16)


def packed_header(header: Header, path: str, dropped: int) -> dict[str, Any]:
    """Return the header of a document of input `path`, of which `dropped` paragraphs went."""
    value: dict[str, Any] = {}
    if header.record:
        value["record"] = header.record
    if header.id != own_id(path, header.record, header.input_digest):
        value["id"] = packed(header.id)
    chain = header.recoded.chain if header.recoded else ()
    if header.codec != _default_codec(header.record, chain):
        value["codec"] = header.codec
    value["input"] = packed_digest(header.input_digest)
    if header.clean_digest != header.input_digest:
        value["clean"] = packed_digest(header.clean_digest)
    if header.layout:
        value |= _packed_layout(header.layout)
    if header.kept != default_kept(header.layout):
        value["kept"] = header.kept
    if header.at:
        value["at"] = header.at
    if header.escapes:
        value["escapes"] = header.escapes
    if header.source:
        value["source"] = packed(header.source)
    if header.duplicate_of:
        value["duplicate_of"] = packed_document(*header.duplicate_of)
    if header.key is not None:
        value["key"] = packed_key(header.key)
    if header.emptied is not None:
        value["emptied"] = b64encode(header.emptied).decode()
    if header.rest:
        value["rest"] = b64encode(header.rest).decode()
    if header.recoded:
        value |= _packed_recoded(header.recoded, header.kept + dropped)
    return value


def read_header(value: dict[str, Any], path: str, dropped: int) -> Header:
    """Return what `packed_header` was given."""
    record, checksum = value.get("record", 0), read_digest(value["input"])
    layout = read_layout(value.get("layout"), read_text(value.get("lead", "")))
    kept = value["kept"] if "kept" in value else default_kept(layout)
    recoded = _read_recoded(value, kept + dropped) if "chain" in value else None
    return Header(
        record, read_text(value["id"]) if "id" in value else own_id(path, record, checksum),
        tuple(value.get("codec") or _default_codec(record, recoded.chain if recoded else ())), checksum,
        read_digest(value["clean"]) if "clean" in value else checksum, kept, layout,
        value.get("at", 0), tuple((escape[0], escape[1]) for escape in value.get("escapes", ())),
        read_text(value.get("source", "")),
        read_document(value["duplicate_of"]) if "duplicate_of" in value else None,
        b64decode(value["emptied"]) if "emptied" in value else None, recoded,
        b64decode(value.get("rest", "")), read_key(value["key"]) if "key" in value else None,
    )  # fmt: skip


def _default_codec(record: int, chain: Sequence[Reading]) -> tuple[str, ...]:
    """Return how bytes became text where a header does not tell: as a chain that reads bytes needs it."""
    if record:
        return _RECORD_CODEC
    return _BYTES_CODEC if chain and chain[0].codec.endswith("/bytes") else _TEXT_CODEC


def default_kept(layout: Layout | None) -> int:
    """Return how many paragraphs stayed where a header does not tell: those that the layout stands behind."""
    return sum(times for _, times in layout.runs) if layout else 0


def _packed_layout(layout: Layout) -> dict[str, Any]:
    """Return each separator, and behind it how many times it stood, if more than once."""
    runs: list[str | int] = []
    for separator, times in layout.runs:
        runs += [separator] if times == 1 else [separator, times]
    return {"lead": packed(layout.lead), "layout": runs} if layout.lead else {"layout": runs}


def read_layout(runs: Sequence[Any] | None, lead: str = "") -> Layout | None:
    """Return the layout of separators and how many times they stood. LookupError for a number before all."""
    if runs is None:
        return None
    found: list[tuple[str, int]] = []
    for each in runs:
        found.append((each, 1) if isinstance(each, str) else (found.pop()[0], each))
    return Layout(lead, tuple(found))


def _packed_recoded(recoded: Recoded, paragraphs: int) -> dict[str, Any]:
    value: dict[str, Any] = {"chain": [_packed_reading(reading) for reading in recoded.chain]}
    if recoded.paragraphs != all_paragraphs(paragraphs):
        value["recoded"] = recoded.paragraphs
    if recoded.exceptions:
        value["exceptions"] = [[number, packed_edits(edits)] for number, edits in recoded.exceptions]
    return value


def _packed_reading(reading: Reading) -> list[Any]:
    """Return codec, reason, and name of the rule; the last ones are left out where they are plain."""
    name = f"{reading.stage}.{reading.rule}"
    if name != own_name(reading.codec):
        return [reading.codec, packed(reading.reason), name]
    return [reading.codec, packed(reading.reason)] if reading.reason else [reading.codec]


def _read_reading(value: Sequence[Any]) -> Reading:
    codec, *more = value
    reason = read_text(more[0]) if more else ""
    return Reading(*names_of(more[1] if len(more) > 1 else own_name(codec)), codec, reason)


def _read_recoded(value: dict[str, Any], paragraphs: int) -> Recoded:
    return Recoded(
        tuple(map(_read_reading, value["chain"])),
        tuple((first, last) for first, last in value.get("recoded", all_paragraphs(paragraphs))),
        tuple((number, read_edits(edits)) for number, edits in value.get("exceptions", ())),
    )


def all_paragraphs(paragraphs: int) -> tuple[tuple[int, int], ...]:
    """Return the ranges that were recoded where a header tells none: all of so many paragraphs."""
    return ((0, paragraphs - 1),)
