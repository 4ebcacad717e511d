"""The settings file: loaded with every fault named by line and key, and written with every reason.

Rule packs and fact words come from the package the same way: YAML, then plain values, then a typed
model. One mechanism means that our own data files are held to what users are held to.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from cleaner.errors import OutputError, SettingsError, UsageError
from cleaner.io.places import SETTINGS_FILE
from cleaner.io.settings_text import (
    DEFAULTS,
    Document,
    Fault,
    Keys,
    Spot,
    Value,
    default_config,
    effective_config,
    expected,
    read,
)
from cleaner.settings import Action, FactWords, RulePack, Settings
from cleaner.stages.rule import check_action
from cleaner.text.show import show

_LARGEST = 1_000_000
_MOST_LINES = 100
_RULES = resources.files("cleaner") / "rules"
_M = TypeVar("_M", bound=BaseModel)
_TYPE_ERRORS = (
    "bool_type dict_type float_type greater_than_equal int_type less_than_equal literal_error mapping_type"
    " model_type string_pattern_mismatch string_too_short string_type too_short tuple_type"
)
_TEXTS = dict.fromkeys(_TYPE_ERRORS.split(), "found {found}, expected {expected}") | {
    "extra_forbidden": "unknown key{nearest}",
    "missing": "missing, expected {expected}",
    "value_error": "{reason}",
}


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings, the absolute folder that their relative paths count from, and the file they came from."""

    settings: Settings
    base: Path
    path: Path | None


def find_settings_file() -> Path | None:
    """Return `config.yaml` of the current folder, None where there is none."""
    return Path(SETTINGS_FILE) if os.path.lexists(SETTINGS_FILE) else None


def load_settings(path: Path | None) -> LoadedSettings:
    """Return the settings of a file, or the defaults, based on the current folder, for None.

    Raises SettingsError with one line for each fault of the file.
    """
    if path is None:
        return LoadedSettings(DEFAULTS, Path.cwd(), None)
    base = path.absolute().parent
    document = read(_content(path))
    document.faults += islice(_settings_faults(document, base), _MOST_LINES + 1)
    return LoadedSettings(_checked(Settings, document, show(str(path))), base, path)


def describe(path: Path | None) -> str:
    """Return the settings of a file, or the defaults for None, as YAML; a comment marks what is no default.

    Raises SettingsError as `load_settings` does.
    """
    loaded = load_settings(path)
    source = "no settings file: the defaults" if path is None else f"settings of {path}"
    return effective_config(loaded.settings, f"{source}; relative paths count from {loaded.base}")


@cache
def load_rule_pack(language: str) -> RulePack:
    """Return the tested rules of a language with its fact words; SettingsError if there is no such pack."""
    if language not in _packs():
        raise SettingsError([_unknown_pack(language)])
    pack = _packaged(RulePack, f"{language}.yaml")
    return pack.model_copy(update={"facts": load_fact_words(language)})


@cache
def load_fact_words(language: str) -> FactWords:
    """Return the fact words of a language: none where the package has no file for it."""
    names = [file.name for file in (_RULES / "facts").iterdir()]
    if f"{language}.yaml" not in names:
        return FactWords.model_validate({})
    return _packaged(FactWords, f"facts/{language}.yaml")


def _packs() -> list[str]:
    return sorted(file.name.removesuffix(".yaml") for file in _RULES.iterdir() if file.name.endswith(".yaml"))


def _packaged(model: type[_M], name: str) -> _M:
    return _checked(model, read((_RULES / name).read_bytes()), f"cleaner/rules/{name}")


def _content(path: Path) -> bytes:
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


def _checked(model: type[_M], document: Document, name: str) -> _M:
    """Return the model of a document; SettingsError with all faults of the document in order."""
    faults = document.faults
    if document.values is not None:
        try:
            result = model.model_validate(document.values)
        except ValidationError as error:
            translated = _translated(error, document, model.model_json_schema())
            faults = [*faults, *islice(translated, _MOST_LINES + 1)]
        else:
            if not faults:
                return result
    faults = sorted(faults, key=lambda fault: fault.spot)
    lines = list(dict.fromkeys(_line(fault, name) for fault in faults))
    more = [f"{name}: and more faults"] if len(lines) > _MOST_LINES else []
    raise SettingsError(lines[:_MOST_LINES] + more)


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
            "nearest": _did_you_mean(str(keys[-1]), _known_keys(schema, keys)) if keys else "",
            "reason": show(str(item.get("ctx", {}).get("error", "")), limit=400),
        }
        text = _TEXTS[kind].format_map(words) if kind in _TEXTS else show(item["msg"])
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


def _did_you_mean(word: str, known: Mapping[str, str]) -> str:
    nearest = difflib.get_close_matches(word[:100], known, 1)
    return f"; did you mean {known[nearest[0]]}?" if nearest else ""


def _unknown_pack(name: str) -> str:
    nearest = _did_you_mean(name, {pack: pack for pack in _packs()}) or ";"
    return f"unknown rule pack '{show(name, limit=40)}'{nearest} known packs: {', '.join(_packs())}"


def _settings_faults(document: Document, base: Path) -> Iterator[Fault]:
    """Yield what no single value tells; from plain values, so that it is said beside the type errors."""
    values, places = document.values or {}, document.places
    section = _dict(values.get("boilerplate"))
    for index, pack in enumerate(_list(section.get("packs"))):
        if isinstance(pack, str) and pack not in _packs():
            keys: Keys = ("boilerplate", "packs", index)
            yield Fault(places[keys][1], _unknown_pack(pack), keys)
    yield from _action_faults(section, places)
    inputs = [name for name in _list(values.get("input", [*DEFAULTS.input])) if isinstance(name, str)]
    output = values.get("output", DEFAULTS.output)
    if isinstance(output, str) and output and (clash := overlap(inputs, output, base)):
        keys = next(((name,) for name in ("output", "input") if name in values), ())
        yield Fault(places[keys][1], clash, keys)


def _action_faults(section: dict[str, Value], places: Mapping[Keys, tuple[Spot, Spot]]) -> Iterator[Fault]:
    actions = _dict(section.get("actions"))
    rules = _rules(section) if actions else {}
    for label, action in actions.items():
        keys = ("boilerplate", "actions", label)
        if label not in rules:
            nearest = _did_you_mean(label, {known: known for known in rules})
            yield Fault(places[keys][0], f"no loaded rule is called this{nearest}", keys)
            continue
        try:
            check_action(cast(Action, action), scope=rules[label][0], replacement=rules[label][1])
        except ValueError as error:
            yield Fault(places[keys][1], str(error), keys)


def _rules(section: dict[str, Value]) -> dict[str, tuple[str, str]]:
    """Return scope and replacement of all rules that a section `boilerplate` loads."""
    packs = [pack for pack in _list(section.get("packs", [*DEFAULTS.boilerplate.packs])) if pack in _packs()]
    rules: dict[str, tuple[str, str]] = {}
    for pack in packs:
        for rule in load_rule_pack(str(pack)).rules:
            rules[f"{pack}.{rule.id}"] = rule.scope, rule.replacement
    for own in map(_dict, _list(section.get("rules"))):
        rules[f"own.{own.get('id')}"] = str(own.get("scope", "line")), str(own.get("replacement", ""))
    return rules


def _dict(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def overlap(inputs: Iterable[str], output: str, base: Path) -> str | None:
    """Return how the output and an input lie in each other, symbolic links followed; None if they do not.

    Output inside an input would be read as input by the next run; input inside the output would be
    taken for results.
    """
    out = os.path.realpath(base / output)
    for name in inputs:
        place = os.path.realpath(base / name)
        if (common := os.path.commonpath([place, out])) in (place, out):
            how = "is" if place == out else "lies inside" if common == place else "holds"
            return f"output '{show(output, limit=40)}' {how} input '{show(name, limit=40)}'"
    return None


def write_default_config(path: Path) -> None:
    """Write `default_config` to a new file.

    Raises UsageError if there is a file already, OutputError if it cannot be written.
    """
    name = show(str(path))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(default_config())
    except FileExistsError:
        hint = "move it away first, or print the defaults with `cleaner config init --stdout`"
        raise UsageError("exists and is not overwritten", where=name, hint=hint) from None
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=name) from None
