"""Lines of ledgers of versions 1 and 2 as those of version 3: what reads ledgers need know no other."""

from __future__ import annotations

from typing import Any

import msgspec

from cleaner.io.ledger_headers import packed_digest

_DOCUMENT, _CHANGE, _SUSPECT = "document", "change", "suspect"


def upgraded(line: bytes) -> bytes:
    """Return a line as version 3 has it.

    Raises msgspec.DecodeError, KeyError, TypeError, ValueError or AttributeError where it has no sense.
    """
    told = msgspec.json.decode(line, type=dict[str, Any])
    if _DOCUMENT in told:
        told = {_DOCUMENT: _header(told[_DOCUMENT])}
    elif _CHANGE in told:
        change = told[_CHANGE]
        told = {"drop" if change.pop("dropped", False) is True else "edit": change}
        _change(change, dropped="drop" in told)
    elif _SUSPECT in told:
        _suspect(told[_SUSPECT])
    else:
        return line
    return msgspec.json.encode(told) + b"\n"


def _header(old: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = {"input": packed_digest(old.pop("input_digest"))}
    if "clean_digest" in old:
        value["clean"] = packed_digest(old.pop("clean_digest"))
    if "codec" not in old and not old.get("record"):
        value["codec"] = ["utf-8"]
    layout = old.get("layout")
    if layout and isinstance(layout[-1], list):  # version 1: [lead, [[separator, times], ...]]
        old["lead"], runs = layout
        old["layout"] = [each for run in runs for each in run]
    recoded = old.pop("recoded", None)
    if recoded is not None:
        value["chain"] = [_reading(reading) for reading in recoded["chain"]]
        if "paragraphs" in recoded:
            value["recoded"] = recoded["paragraphs"]
    return value | old


def _reading(value: dict[str, Any]) -> list[Any]:
    codec = value["codec"]
    rule = value.get("rule", codec.partition("/")[0])
    return [codec, value.get("reason", ""), f"{value.get('stage', 'encoding')}.{rule}"]


def _change(value: dict[str, Any], *, dropped: bool) -> None:
    place = [value.pop("paragraph"), value.pop("line"), value.pop("at")]
    length = value.pop("length", 0)
    value["place"] = [*place, length] if length else place
    value["by"] = [_step(step) for step in value.pop("steps")]
    if dropped:
        value.setdefault("separators", [0, 0])
    if value.get("survivor"):
        _place(value["survivor"])


def _step(value: dict[str, Any]) -> dict[str, Any]:
    return value | {"rule": f"{value.pop('stage')}.{value['rule']}"}


def _suspect(value: dict[str, Any]) -> None:
    value["place"] = [value.pop("paragraph"), value.pop("line")]
    value["by"] = f"{value.pop('stage')}.{value.pop('rule')}"
    if value.get("other"):
        _place(value["other"])


def _place(value: dict[str, Any]) -> None:
    value["place"] = [value.pop("paragraph"), value.pop("line")]
