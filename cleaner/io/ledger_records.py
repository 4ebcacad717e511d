"""The records of a ledger as JSON values, both ways. Fields at their default are left out."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from cleaner.text.changes import Change, Place, Step, Suspect
from cleaner.text.edit import Edit
from cleaner.text.layout import Layout
from cleaner.text.recoded import Reading, Recoded


@dataclass(frozen=True, slots=True)
class Header:
    """A document: where it stood, how its bytes became text, and the digests that restoring must meet.

    `at` is the byte offset of the JSON string in its record, `escapes` the characters of that string
    whose spelling was not the usual one (offset in the text, spelling). `source` is what the record
    names as its source. `duplicate_of` is (path, record, id) of the document that holds almost all of
    this one. `emptied` is the clean record, where it does not stand in the clean file because nothing
    of the text was left. `recoded` tells which paragraphs were read by which codecs before all else.
    """

    record: int
    id: str
    codec: tuple[str, ...]
    input_bytes: int
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


def packed(text: str) -> str | dict[str, str]:
    try:
        text.encode()
    except UnicodeEncodeError:
        return {"base64": b64encode(text.encode("utf-8", "surrogatepass")).decode()}
    return text


def read_text(value: Any) -> str:
    if isinstance(value, dict):
        return b64decode(value["base64"]).decode("utf-8", "surrogatepass")
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def packed_header(header: Header) -> dict[str, Any]:
    value: dict[str, Any] = {
        "record": header.record, "id": packed(header.id), "codec": header.codec,
        "input_bytes": header.input_bytes, "input_digest": header.input_digest,
        "clean_digest": header.clean_digest, "kept": header.kept,
    }  # fmt: skip
    if header.layout:
        value["layout"] = [packed(header.layout.lead), header.layout.runs]
    if header.at:
        value["at"] = header.at
    if header.escapes:
        value["escapes"] = header.escapes
    if header.source:
        value["source"] = packed(header.source)
    if header.duplicate_of:
        path, record, document = header.duplicate_of
        value["duplicate_of"] = {"path": packed(path), "record": record, "document": packed(document)}
    if header.emptied is not None:
        value["emptied"] = b64encode(header.emptied).decode()
    if header.recoded:
        value["recoded"] = _packed_recoded(header.recoded)
    return value


def read_header(value: dict[str, Any]) -> Header:
    layout = value.get("layout")
    return Header(
        value["record"], read_text(value["id"]), tuple(value["codec"]), value["input_bytes"],
        value["input_digest"], value["clean_digest"], value["kept"],
        layout and Layout(read_text(layout[0]), tuple((run[0], run[1]) for run in layout[1])),
        value.get("at", 0), tuple((escape[0], escape[1]) for escape in value.get("escapes", ())),
        read_text(value.get("source", "")), _read_duplicate(value.get("duplicate_of")),
        b64decode(value["emptied"]) if "emptied" in value else None, _read_recoded(value.get("recoded")),
    )  # fmt: skip


def _read_duplicate(value: Any) -> tuple[str, int, str] | None:
    return value and (read_text(value["path"]), value["record"], read_text(value["document"]))


def _packed_recoded(recoded: Recoded) -> dict[str, Any]:
    chain = []
    for reading in recoded.chain:
        packed_reading: dict[str, Any] = {
            "stage": reading.stage, "rule": reading.rule, "codec": reading.codec,
        }  # fmt: skip
        if reading.reason:
            packed_reading["reason"] = packed(reading.reason)
        chain.append(packed_reading)
    return {"chain": chain, "paragraphs": recoded.paragraphs}


def _read_recoded(value: Any) -> Recoded | None:
    if value is None:
        return None
    return Recoded(
        tuple(
            Reading(each["stage"], each["rule"], each["codec"], read_text(each.get("reason", "")))
            for each in value["chain"]
        ),
        tuple((first, last) for first, last in value["paragraphs"]),
    )


def packed_change(change: Change) -> dict[str, Any]:
    value: dict[str, Any] = {
        "paragraph": change.paragraph, "line": change.line, "at": change.at, "length": change.length,
        "source": packed(change.source), "dropped": change.dropped,
        "steps": [packed_step(step) for step in change.steps],
    }  # fmt: skip
    if change.before or change.after:
        value["separators"] = [change.before, change.after]
    if change.score is not None:
        value["score"] = change.score
    if change.survivor:
        value["survivor"] = packed_place(change.survivor)
    if change.reason:
        value["reason"] = packed(change.reason)
    return value


def read_change(value: dict[str, Any]) -> Change:
    before, after = value.get("separators", (0, 0))
    survivor = value.get("survivor")
    return Change(
        value["paragraph"], value["line"], value["at"], value["length"], read_text(value["source"]),
        value["dropped"], tuple(read_step(step) for step in value["steps"]), before, after,
        value.get("score"), survivor and read_place(survivor), read_text(value.get("reason", "")),
    )  # fmt: skip


def packed_step(step: Step) -> dict[str, Any]:
    value: dict[str, Any] = {"stage": step.stage, "rule": step.rule}
    if step.edits is not None:
        value["edits"] = [[edit.start, edit.end, packed(edit.text)] for edit in step.edits]
    if step.metadata:
        value["metadata"] = [step.metadata[0], packed(step.metadata[1])]
    if step.reason:
        value["reason"] = packed(step.reason)
    return value


def read_step(value: dict[str, Any]) -> Step:
    edits, metadata = value.get("edits"), value.get("metadata")
    return Step(
        value["stage"],
        value["rule"],
        None if edits is None else tuple(Edit(start, end, read_text(text)) for start, end, text in edits),
        metadata and (metadata[0], read_text(metadata[1])),
        read_text(value.get("reason", "")),
    )


def packed_place(place: Place) -> dict[str, Any]:
    value: dict[str, Any] = {
        "path": packed(place.path), "record": place.record, "document": packed(place.document),
        "paragraph": place.paragraph, "line": place.line,
    }  # fmt: skip
    if place.text is not None:
        value["text"] = packed(place.text)
    if place.published:
        value["published"] = True
    return value


def read_place(value: dict[str, Any]) -> Place:
    return Place(
        read_text(value["path"]), value["record"], read_text(value["document"]), value["paragraph"],
        value["line"], read_text(value["text"]) if "text" in value else None, value.get("published", False),
    )  # fmt: skip


def packed_suspect(suspect: Suspect) -> dict[str, Any]:
    value: dict[str, Any] = {
        "paragraph": suspect.paragraph, "line": suspect.line, "stage": suspect.stage, "rule": suspect.rule,
        "reason": packed(suspect.reason),
    }  # fmt: skip
    if suspect.match:
        value["match"] = packed(suspect.match)
    if suspect.score is not None:
        value["score"] = suspect.score
    if suspect.other:
        value["other"] = packed_place(suspect.other)
    return value


def read_suspect(value: dict[str, Any]) -> Suspect:
    other = value.get("other")
    return Suspect(
        value["paragraph"], value["line"], value["stage"], value["rule"], read_text(value["reason"]),
        read_text(value.get("match", "")), value.get("score"), other and read_place(other),
    )  # fmt: skip
