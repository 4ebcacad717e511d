"""The header of a document in its ledger as a JSON value, both ways. Fields at their default are left out."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from cleaner.io.ledger_records import packed, packed_document, read_document, read_text
from cleaner.text.layout import Layout
from cleaner.text.recoded import Reading, Recoded

CHAIN_STAGE = "encoding"  # of an act of a chain that names none
_TEXT_CODEC, _RECORD_CODEC = ("utf-8",), ("json",)  # of a header that names none


@dataclass(frozen=True, slots=True)
class Header:
    """A document: where it stood, how its bytes became text, and the digests that restoring must meet.

    `at` is the byte offset of the JSON string in its record, `escapes` the characters of that string
    whose spelling was not the usual one (offset in the text, spelling). `source` is what the record
    names as its source. `duplicate_of` is (path, record, id) of the document that holds almost all of
    this one. `emptied` is the clean record, where it does not stand in the clean file because nothing
    of the text was left; `rest` is what else its row holds, of a table. `recoded` tells which paragraphs
    were read by which codecs before all else.
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


def own_id(path: str, record: int, checksum: str) -> str:
    """Return the id of a document that brings none: its path, and for a record a content hash.

    `checksum` is the digest of the record; that of a whole file is not asked for.

    >>> own_id("a.txt", 0, ""), own_id("a.jsonl", 3, "d3357d9b6e3d2ac450f05244e0b4e1d2")
    ('a.txt', 'a.jsonl#d3357d9b6e3d2ac4')
    """
    return f"{path}#{checksum[:16]}" if record else path


def rule_of(codec: str) -> str:
    """Return the rule that reads by a codec.

    >>> rule_of("nfc/decomposed")
    'nfc'
    """
    return codec.partition("/")[0]


def packed_header(header: Header, path: str, dropped: int) -> dict[str, Any]:
    """Return the header of a document of input `path`, of which `dropped` paragraphs went."""
    value: dict[str, Any] = {}
    if header.record:
        value["record"] = header.record
    if header.id != own_id(path, header.record, header.input_digest):
        value["id"] = packed(header.id)
    if header.codec != (_RECORD_CODEC if header.record else _TEXT_CODEC):
        value["codec"] = header.codec
    value["input_digest"] = header.input_digest
    if header.clean_digest != header.input_digest:
        value["clean_digest"] = header.clean_digest
    value["kept"] = header.kept
    if header.layout:
        value |= _packed_layout(header.layout)
    if header.at:
        value["at"] = header.at
    if header.escapes:
        value["escapes"] = header.escapes
    if header.source:
        value["source"] = packed(header.source)
    if header.duplicate_of:
        value["duplicate_of"] = packed_document(*header.duplicate_of)
    if header.emptied is not None:
        value["emptied"] = b64encode(header.emptied).decode()
    if header.rest:
        value["rest"] = b64encode(header.rest).decode()
    if header.recoded:
        value["recoded"] = _packed_recoded(header.recoded, header.kept + dropped)
    return value


def read_header(value: dict[str, Any], path: str, dropped: int) -> Header:
    """Return what `packed_header` was given."""
    record, checksum = value.get("record", 0), value["input_digest"]
    return Header(
        record, read_text(value["id"]) if "id" in value else own_id(path, record, checksum),
        tuple(value.get("codec", _RECORD_CODEC if record else _TEXT_CODEC)), checksum,
        value.get("clean_digest", checksum), value["kept"], _read_layout(value),
        value.get("at", 0), tuple((escape[0], escape[1]) for escape in value.get("escapes", ())),
        read_text(value.get("source", "")),
        read_document(value["duplicate_of"]) if "duplicate_of" in value else None,
        b64decode(value["emptied"]) if "emptied" in value else None,
        _read_recoded(value["recoded"], value["kept"] + dropped) if "recoded" in value else None,
        b64decode(value.get("rest", "")),
    )  # fmt: skip


def _packed_layout(layout: Layout) -> dict[str, Any]:
    """Return each separator, and behind it how many times it stood, if more than once."""
    runs: list[str | int] = []
    for separator, times in layout.runs:
        runs += [separator] if times == 1 else [separator, times]
    return {"lead": packed(layout.lead), "layout": runs} if layout.lead else {"layout": runs}


def _read_layout(value: dict[str, Any]) -> Layout | None:
    runs: list[Any] | None = value.get("layout")
    if runs is None:
        return None
    if len(runs) == 2 and isinstance(runs[1], list):  # version 1: [lead, [[separator, times], ...]]
        return Layout(read_text(runs[0]), tuple((separator, times) for separator, times in runs[1]))
    found: list[tuple[str, int]] = []
    for each in runs:
        found.append((each, 1) if isinstance(each, str) else (found.pop()[0], each))
    return Layout(read_text(value.get("lead", "")), tuple(found))


def _packed_recoded(recoded: Recoded, paragraphs: int) -> dict[str, Any]:
    chain = []
    for reading in recoded.chain:
        packed_reading: dict[str, Any] = {"codec": reading.codec}
        if reading.stage != CHAIN_STAGE:
            packed_reading["stage"] = reading.stage
        if reading.rule != rule_of(reading.codec):
            packed_reading["rule"] = reading.rule
        if reading.reason:
            packed_reading["reason"] = packed(reading.reason)
        chain.append(packed_reading)
    if recoded.paragraphs == all_paragraphs(paragraphs):
        return {"chain": chain}
    return {"chain": chain, "paragraphs": recoded.paragraphs}


def _read_recoded(value: dict[str, Any], paragraphs: int) -> Recoded:
    return Recoded(
        tuple(
            Reading(
                each.get("stage", CHAIN_STAGE),
                each.get("rule", rule_of(each["codec"])),
                each["codec"],
                read_text(each.get("reason", "")),
            )
            for each in value["chain"]
        ),
        tuple((first, last) for first, last in value.get("paragraphs", all_paragraphs(paragraphs))),
    )


def all_paragraphs(paragraphs: int) -> tuple[tuple[int, int], ...]:
    """Return the ranges that were recoded where a header tells none: all of so many paragraphs."""
    return ((0, paragraphs - 1),)
