"""Changes and suspects of a ledger as JSON values, both ways. Fields at their default are left out."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any

import msgspec

from cleaner.text.changes import Change, Place, Step, Suspect
from cleaner.text.codec import STRAY_BYTES
from cleaner.text.edit import Edit

DocumentPlace = tuple[str, int, str]  # path, record, id
_BREAKS = "\r\n"


def packed(text: str) -> str | dict[str, str]:
    r"""Return a text as JSON can hold it; stray bytes are spelled as Latin-1 shows them.

    >>> packed("é"), packed("a\udce9"), packed("é\ud83d")
    ('é', {'bytes': 'aé'}, {'base64': 'w6ntoL0='})
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        try:
            data = text.encode("utf-8", STRAY_BYTES)
            if data.decode("utf-8", STRAY_BYTES) == text:
                return {"bytes": data.decode("latin-1")}
        except UnicodeEncodeError:
            pass
        return {"base64": b64encode(text.encode("utf-8", "surrogatepass")).decode()}
    return text


class PackedText(msgspec.Struct, frozen=True, gc=False):
    """A text that is not valid Unicode, where JSON is read into types."""

    base64: bytes | None = None
    shown: str | None = msgspec.field(default=None, name="bytes")

    def __post_init__(self) -> None:
        self.text()

    def text(self) -> str:
        """Return the text; ValueError, which decoding reports, if it is none."""
        if self.shown is not None:
            return text_of_bytes(self.shown)
        if self.base64 is None:
            raise ValueError("no text")
        return self.base64.decode("utf-8", "surrogatepass")


TypedText = str | PackedText


def plain_text(text: TypedText) -> str:
    """Return the text that `packed` was given, where JSON was read into types."""
    return text if isinstance(text, str) else text.text()


def read_text(value: Any) -> str:
    """Return the text that `packed` was given."""
    if isinstance(value, dict):
        if "bytes" in value:
            return text_of_bytes(value["bytes"])
        return b64decode(value["base64"]).decode("utf-8", "surrogatepass")
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def text_of_bytes(shown: str) -> str:
    """Return the text of bytes that are spelled as Latin-1 shows them. ValueError where they are none."""
    return shown.encode("latin-1").decode("utf-8", STRAY_BYTES)


def packed_change(change: Change, here: DocumentPlace) -> dict[str, Any]:
    """Return a change in the document that is `here`, without whether it dropped its paragraph."""
    place = [change.paragraph, change.line, change.at]
    value: dict[str, Any] = {
        "place": [*place, change.length] if change.length else place,
        "source": packed(change.source),
        "by": [packed_step(step, change.source) for step in change.steps],
    }
    if len(value["by"]) == 1 and isinstance(value["by"][0], str):
        value["by"] = value["by"][0]
    if (change.before, change.after) != default_separators(change.source, dropped=change.dropped):
        value["separators"] = [change.before, change.after]
    if change.score is not None:
        value["score"] = change.score
    if change.survivor:
        value["survivor"] = packed_place(change.survivor, here)
    if change.reason:
        value["reason"] = packed(change.reason)
    return value


def read_change(value: dict[str, Any], here: DocumentPlace, *, dropped: bool) -> Change:
    """Return what `packed_change` was given."""
    paragraph, line, at, *length = value["place"]
    source, by, survivor = read_text(value["source"]), value["by"], value.get("survivor")
    before, after = value.get("separators") or default_separators(source, dropped=dropped)
    return Change(
        paragraph, line, at, length[0] if length else 0, source, dropped,
        tuple(read_step(step, source) for step in ([by] if isinstance(by, str) else by)),
        before, after, value.get("score"), survivor and read_place(survivor, here),
        read_text(value.get("reason", "")),
    )  # fmt: skip


def default_separators(source: str, *, dropped: bool) -> tuple[int, int]:
    r"""Return how much of what a change removed is taken for separators, where it does not tell.

    >>> default_separators("\na\r\n", dropped=True), default_separators("\na", dropped=False)
    ((1, 2), (0, 0))
    """
    if not dropped:
        return 0, 0
    return len(source) - len(source.lstrip(_BREAKS)), len(source) - len(source.rstrip(_BREAKS))


def packed_step(step: Step, source: str) -> str | dict[str, Any]:
    """Return a step of a change that removed `source`: its name, unless there is more to tell."""
    name = f"{step.stage}.{step.rule}"
    value: dict[str, Any] = {"rule": name}
    if step.edits is not None:
        value["edits"] = packed_edits(step.edits)
    if step.metadata:
        kind, text = step.metadata
        value["metadata"] = [kind] if text == source.strip() else [kind, packed(text)]
    if step.reason:
        value["reason"] = packed(step.reason)
    return value if len(value) > 1 else name


def read_step(value: Any, source: str) -> Step:
    """Return what `packed_step` was given."""
    told = {"rule": value} if isinstance(value, str) else value
    stage, rule = names_of(told["rule"])
    edits, metadata = told.get("edits"), told.get("metadata")
    return Step(
        stage,
        rule,
        None if edits is None else read_edits(edits),
        (metadata[0], read_text(metadata[1]) if len(metadata) > 1 else source.strip()) if metadata else None,
        read_text(told.get("reason", "")),
    )


def names_of(name: str) -> tuple[str, str]:
    """Return stage and rule of a name. No stage has a dot in its name.

    >>> names_of("boilerplate.vi.read_more")
    ('boilerplate', 'vi.read_more')
    """
    stage, _, rule = name.partition(".")
    return stage, rule


def packed_edits(edits: Iterable[Edit]) -> list[list[Any]]:
    """Return [start, end, text] of each edit."""
    return [[edit.start, edit.end, packed(edit.text)] for edit in edits]


def read_edits(value: Iterable[Any]) -> tuple[Edit, ...]:
    """Return what `packed_edits` was given."""
    return tuple(Edit(start, end, read_text(text)) for start, end, text in value)


def packed_place(place: Place, here: DocumentPlace | None = None) -> dict[str, Any]:
    """Return the place of a paragraph; its document is left out if that is `here`."""
    document = place.path, place.record, place.document
    value: dict[str, Any] = {} if document == here else packed_document(*document)
    value["place"] = [place.paragraph, place.line]
    if place.text is not None:
        value["text"] = packed(place.text)
    if place.published:
        value["published"] = True
    return value


def read_place(value: dict[str, Any], here: DocumentPlace) -> Place:
    """Return what `packed_place` was given."""
    paragraph, line = value["place"]
    return Place(
        *(read_document(value) if "path" in value else here), paragraph, line,
        read_text(value["text"]) if "text" in value else None, value.get("published", False),
    )  # fmt: skip


def packed_document(path: str, record: int, document: str) -> dict[str, Any]:
    """Return the place of a document. Its path is always told."""
    value: dict[str, Any] = {"path": packed(path)}
    if record:
        value["record"] = record
    if document != path:
        value["document"] = packed(document)
    return value


def read_document(value: dict[str, Any]) -> DocumentPlace:
    """Return what `packed_document` was given."""
    path = read_text(value["path"])
    return path, value.get("record", 0), read_text(value["document"]) if "document" in value else path


def packed_suspect(suspect: Suspect, here: DocumentPlace) -> dict[str, Any]:
    """Return a suspect in the document that is `here`."""
    value: dict[str, Any] = {
        "place": [suspect.paragraph, suspect.line],
        "by": f"{suspect.stage}.{suspect.rule}",
        "reason": packed(suspect.reason),
    }
    if suspect.match:
        value["match"] = packed(suspect.match)
    if suspect.score is not None:
        value["score"] = suspect.score
    if suspect.other:
        value["other"] = packed_place(suspect.other, here)
    return value


def read_suspect(value: dict[str, Any], here: DocumentPlace) -> Suspect:
    """Return what `packed_suspect` was given."""
    paragraph, line = value["place"]
    other = value.get("other")
    return Suspect(
        paragraph, line, *names_of(value["by"]), read_text(value["reason"]),
        read_text(value.get("match", "")), value.get("score"), other and read_place(other, here),
    )  # fmt: skip
