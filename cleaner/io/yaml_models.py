"""A YAML file becomes a typed model, or one line for each of its faults: place, key, found, expected.

Settings, rule files of a person and the rule packs of the package all go this way, so that our own data
files are held to what users are held to.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from cleaner.errors import SettingsError
from cleaner.io.places import SETTINGS_FILE
from cleaner.io.settings_text import Document, Fault, Keys, Spot, expected
from cleaner.text.show import show

_LARGEST = 1_000_000
MOST_LINES = 100
_M = TypeVar("_M", bound=BaseModel)
_TYPE_ERRORS = (
    "bool_type dict_type float_type greater_than_equal int_type less_than_equal literal_error mapping_type"
    " model_type string_pattern_mismatch string_too_short string_type too_short tuple_type"
)
TEXTS = dict.fromkeys(_TYPE_ERRORS.split(), "found {found}, expected {expected}") | {
    "extra_forbidden": "unknown key{nearest}",
    "missing": "missing, expected {expected}",
    "value_error": "{reason}",
}


def content(path: Path) -> bytes:
    """Return what stands in a file of settings or rules; SettingsError where it cannot be read."""
    name = show(str(path))
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(_LARGEST + 1) if size <= _LARGEST else b""  # a pipe has no size
    except FileNotFoundError:
        raise SettingsError([f"{name}: no such file; `cleaner config init` writes {SETTINGS_FILE}"]) from None
    except (OSError, ValueError) as error:
        raise SettingsError([f"{name}: cannot be read: {getattr(error, 'strerror', error)}"]) from None
    if max(size, len(data)) > _LARGEST:
        raise SettingsError([f"{name}: larger than 1 MB, which no settings are; is it the right file?"])
    return data


def checked(model: type[_M], document: Document, name: str, context: str = "") -> _M:
    """Return the model of a document; SettingsError with all faults of the document in order."""
    result, lines = validated(model, document, name, context)
    if result is None:
        raise SettingsError(lines)
    return result


def validated(
    model: type[_M], document: Document, name: str, context: str = ""
) -> tuple[_M | None, list[str]]:
    """Return the model of a document, or None and a line for each of its faults, in order. `context` is for
    the model.
    """
    faults = document.faults
    if document.values is not None:
        try:
            result = model.model_validate(document.values, context=context)
        except ValidationError as error:
            translated = _translated(error, document, model.model_json_schema())
            faults = [*faults, *islice(translated, MOST_LINES + 1)]
        else:
            if not faults:
                return result, []
    faults = sorted(faults, key=lambda fault: fault.spot)
    lines = list(dict.fromkeys(_line(fault, name) for fault in faults))
    more = [f"{name}: and more faults"] if len(lines) > MOST_LINES else []
    return None, lines[:MOST_LINES] + more


def _line(fault: Fault, name: str) -> str:
    line, column = fault.spot
    key = "".join(f"[{key}]" if isinstance(key, int) else f".{show(key, limit=40)}" for key in fault.keys)
    return f"{name}:{line}:{column}:{f' {key[1:]}:' if key else ''} {fault.text}"


def _translated(error: ValidationError, document: Document, schema: Mapping[str, Any]) -> Iterator[Fault]:
    for item in error.errors(include_url=False):
        kind = item["type"]
        part, known = _schema_at(schema, item["loc"])
        keys = item["loc"] if kind == "extra_forbidden" else known
        if any(keys[:depth] in document.unread for depth in range(len(keys) + 1)):
            continue
        words = {
            "found": _found(item["input"]),
            "expected": expected(part),
            "nearest": did_you_mean(str(keys[-1]), _known_keys(schema, keys)) if keys else "",
            "reason": show(str(item.get("ctx", {}).get("error", "")), limit=400),
        }
        text = TEXTS[kind].format_map(words) if kind in TEXTS else show(item["msg"])
        yield Fault(_spot_of(kind, keys, document), text, keys)


def _found(value: object) -> str:
    """Return a value in words that are short and safe to print.

    >>> _found("no"), _found(0.5), _found([])
    ("the text 'no'", '0.5', 'an empty list')
    """
    if isinstance(value, str):
        return f"the text '{show(value, limit=40)}'" if value else "an empty text"
    if isinstance(value, list | dict):
        kind = "list" if isinstance(value, list) else "section"
        return f"a {kind}" if value else f"an empty {kind}"
    return "nothing" if value is None else str(value).lower()


def _schema_at(root: Mapping[str, Any], keys: Keys) -> tuple[Mapping[str, Any], Keys]:
    """Return the part of a JSON schema that `keys` lead to, with those of the keys that it knows."""
    node = root
    for index, key in enumerate(keys):
        below = node.get("items") if isinstance(key, int) else node.get("properties", {}).get(key)
        below = below or node.get("additionalProperties")
        if not below:
            return node, keys[:index]
        node = root["$defs"][below["$ref"].rpartition("/")[2]] if "$ref" in below else below
    return node, keys


def _spot_of(kind: str, keys: Keys, document: Document) -> Spot:
    if kind == "missing":
        return document.places[keys[:-1]][1]
    key, value = document.places[keys]
    if kind == "value_error":  # what a whole rule does wrong is said at its id
        return document.places.get((*keys, "id"), (key, value))[0]
    return key if kind == "extra_forbidden" else value


def _known_keys(schema: Mapping[str, Any], keys: Keys) -> dict[str, str]:
    """Return the keys that could be meant, each with how to say it; those of the same section win."""
    known: dict[str, str] = {}
    if not any(isinstance(key, int) for key in keys):
        for section in schema["properties"]:
            known[section] = f"{section} (at the top level)"
            for name in _schema_at(schema, (section,))[0].get("properties", {}):
                known[name] = f"{section}.{name}"
    return known | {name: name for name in _schema_at(schema, keys[:-1])[0].get("properties", {})}


def did_you_mean(word: str, known: Mapping[str, str]) -> str:
    """Return a question for the nearest of the `known`, each with how to say it; empty if none is near."""
    nearest = difflib.get_close_matches(word[:100], known, 1)
    return f"; did you mean {known[nearest[0]]}?" if nearest else ""
