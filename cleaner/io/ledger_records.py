"""Changes and suspects of a ledger as JSON values, both ways. Fields at their default are left out."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from cleaner.text.changes import Change, Place, Step, Suspect
from cleaner.text.edit import Edit


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


def packed_change(change: Change) -> dict[str, Any]:
    value: dict[str, Any] = {"paragraph": change.paragraph, "line": change.line, "at": change.at}
    if change.length:
        value["length"] = change.length
    value["source"] = packed(change.source)
    if change.dropped:
        value["dropped"] = True
    value["steps"] = [packed_step(step) for step in change.steps]
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
        value["paragraph"], value["line"], value["at"], value.get("length", 0),
        read_text(value["source"]), value.get("dropped", False),
        tuple(read_step(step) for step in value["steps"]), before, after,
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
    value = packed_document(place.path, place.record, place.document)
    value |= {"paragraph": place.paragraph, "line": place.line}
    if place.text is not None:
        value["text"] = packed(place.text)
    if place.published:
        value["published"] = True
    return value


def read_place(value: dict[str, Any]) -> Place:
    return Place(
        *read_document(value), value["paragraph"], value["line"],
        read_text(value["text"]) if "text" in value else None, value.get("published", False),
    )  # fmt: skip


def packed_document(path: str, record: int, document: str) -> dict[str, Any]:
    value: dict[str, Any] = {"path": packed(path)}
    if record:
        value["record"] = record
    if document != path:
        value["document"] = packed(document)
    return value


def read_document(value: dict[str, Any]) -> tuple[str, int, str]:
    path = value["path"]
    return read_text(path), value.get("record", 0), read_text(value.get("document", path))


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
