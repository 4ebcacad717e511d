"""The settings file: loaded with every fault named by line and key, and written with every reason.

Rule packs and fact words come from the package the same way: YAML, then plain values, then a typed
model. One mechanism means that our own data files are held to what users are held to.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import TypeVar, cast

from msgspec import Struct
from pydantic import BaseModel

from cleaner.errors import OutputError, SettingsError, UsageError
from cleaner.io.decisions import decisions_place
from cleaner.io.pattern_cache import keep_patterns, kept_place, read_patterns
from cleaner.io.places import SETTINGS_FILE
from cleaner.io.rule_file import ids_of, read_rules, rule_file_at
from cleaner.io.settings_text import Document, Fault, Keys, Spot, Value, read
from cleaner.io.settings_writing import DEFAULTS, default_config, effective_config
from cleaner.io.urls import is_url, lies_in, output_place, placed, url_fault
from cleaner.io.yaml_models import MOST_LINES, checked, content, did_you_mean, validated
from cleaner.setting_types import PACKAGED
from cleaner.settings import Action, FactWords, RulePack, Settings
from cleaner.stages.rule import check_action, form_of, know
from cleaner.text.show import show

_RULES = resources.files("cleaner") / "rules"
_M = TypeVar("_M", bound=BaseModel)


class LoadedSettings(Struct, frozen=True):
    """Settings, those of the rule file among them; the absolute folder that their relative paths count from;
    the file they came from; and the settings as they stand there, without the rule file.
    """

    settings: Settings
    base: Path
    path: Path | None
    written: Settings

    @property
    def decisions(self) -> bytes:
        """Where the file of decisions is, or would be."""
        return decisions_place(self.base, self.settings.decisions)

    @property
    def rule_file(self) -> Path | None:
        """Where the rule file is, or would be."""
        return rule_file_at(self.base, self.settings.boilerplate.rule_file)


def find_settings_file() -> Path | None:
    """Return `config.yaml` of the current folder, None where there is none."""
    return Path(SETTINGS_FILE) if os.path.lexists(SETTINGS_FILE) else None


def load_settings(path: Path | None) -> LoadedSettings:
    """Return the settings of a file, or the defaults, based on the current folder, for None; with the rules
    of the rule file that they name.

    Raises SettingsError with one line for each fault of both files.
    """
    document = Document({}) if path is None else read(content(path))
    base = Path.cwd() if path is None else path.absolute().parent
    section = _dict((document.values or {}).get("boilerplate"))
    name = section.get("rule_file", DEFAULTS.boilerplate.rule_file)
    own = read_rules(rule_file_at(base, name if isinstance(name, str) else ""))
    own.refuse(ids_of(_list(section.get("rules"))))
    document.faults += islice(_settings_faults(document, base, own.values), MOST_LINES + 1)
    settings, lines = validated(Settings, document, show(str(path)))
    rules, more = own.validated()
    if settings is None or rules is None:
        raise SettingsError([*lines, *more])
    boilerplate = settings.boilerplate.model_copy(update={"rules": (*settings.boilerplate.rules, *rules)})
    merged = settings.model_copy(update={"boilerplate": boilerplate}) if rules else settings
    return LoadedSettings(merged, base, path, settings)


def describe(path: Path | None) -> str:
    """Return the settings of a file, or the defaults for None, as YAML; a comment marks what is no default.

    Raises SettingsError as `load_settings` does.
    """
    loaded = load_settings(path)
    source = "no settings file: the defaults" if path is None else f"settings of {path}"
    return effective_config(loaded.written, f"{source}; relative paths count from {loaded.base}")


@cache
def load_rule_pack(language: str) -> RulePack:
    """Return the tested rules of a language with its fact words; SettingsError if there is no such pack."""
    if language not in _packs():
        raise SettingsError([_unknown_pack(language)])
    place = kept_place(str(_RULES / language))
    kept = read_patterns(place)
    know(kept)
    pack = _packaged(RulePack, f"{language}.yaml")
    patterns = [form_of(rule, literals_too=False).pattern for rule in pack.rules]
    if {each.pattern for each in patterns} - {each.pattern for each in kept}:
        keep_patterns(place, patterns)
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
    return checked(model, read((_RULES / name).read_bytes()), f"cleaner/rules/{name}", PACKAGED)


def _unknown_pack(name: str) -> str:
    nearest = did_you_mean(name, {pack: pack for pack in _packs()}) or ";"
    return f"unknown rule pack '{show(name, limit=40)}'{nearest} known packs: {', '.join(_packs())}"


def _settings_faults(document: Document, base: Path, more: list[Value]) -> Iterator[Fault]:
    """Yield what no single value tells; from plain values, so that it is said beside the type errors."""
    values, places = document.values or {}, document.places
    section = _dict(values.get("boilerplate"))
    for index, pack in enumerate(_list(section.get("packs"))):
        if isinstance(pack, str) and pack not in _packs():
            keys: Keys = ("boilerplate", "packs", index)
            yield Fault(places[keys][1], _unknown_pack(pack), keys)
    yield from _action_faults(section, more, places)
    yield from _place_faults(values, places, base)


def _place_faults(
    values: dict[str, Value], places: Mapping[Keys, tuple[Spot, Spot]], base: Path
) -> Iterator[Fault]:
    found = _list(values.get("input", [*DEFAULTS.input]))
    inputs = {index: name for index, name in enumerate(found) if isinstance(name, str)}
    output, copies = values.get("output", DEFAULTS.output), values.get("working_copy", "")
    if not (isinstance(output, str) and output and isinstance(copies, str)):
        return
    named: dict[Keys, str] = {
        ("output",): output,
        **{("input", index): name for index, name in inputs.items()},
    }
    faults = {keys: fault for keys, name in named.items() if (fault := url_fault(name))}
    for here in ("working_copy", "decisions"):
        if isinstance(name := values.get(here), str) and is_url(name):
            faults[(here,)] = "stands on this machine, so it is no URL"
    for keys, fault in faults.items():
        yield Fault(places[keys][1], fault, keys)
    if not faults and (clash := overlap(inputs.values(), output, base, copies)):
        keys = next(((name,) for name in ("output", "input") if name in values), ())
        yield Fault(places[keys][1], clash, keys)


def _action_faults(
    section: dict[str, Value], more: list[Value], places: Mapping[Keys, tuple[Spot, Spot]]
) -> Iterator[Fault]:
    actions = _dict(section.get("actions"))
    rules = _rules(section, more) if actions else {}
    for label, action in actions.items():
        keys = ("boilerplate", "actions", label)
        if label not in rules:
            nearest = did_you_mean(label, {known: known for known in rules})
            yield Fault(places[keys][0], f"no loaded rule is called this{nearest}", keys)
            continue
        try:
            check_action(cast(Action, action), scope=rules[label][0], replacement=rules[label][1])
        except ValueError as error:
            yield Fault(places[keys][1], str(error), keys)


def _rules(section: dict[str, Value], more: list[Value]) -> dict[str, tuple[str, str]]:
    """Return scope and replacement of the rules that a section `boilerplate` loads, and of `more`."""
    packs = [pack for pack in _list(section.get("packs", [*DEFAULTS.boilerplate.packs])) if pack in _packs()]
    rules: dict[str, tuple[str, str]] = {}
    for pack in packs:
        for rule in load_rule_pack(str(pack)).rules:
            rules[f"{pack}.{rule.id}"] = rule.scope, rule.replacement
    for own in map(_dict, [*_list(section.get("rules")), *more]):
        rules[f"own.{own.get('id')}"] = str(own.get("scope", "line")), str(own.get("replacement", ""))
    return rules


def _dict(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def overlap(inputs: Iterable[str], output: str, base: Path, working_copy: str = "") -> str | None:
    """Return how the output and an input lie in each other, symbolic links followed; None if they do not.

    Output inside an input would be read as input by the next run; input inside the output would be
    taken for results. So it is with a working copy.
    """
    folder, url = output_place(base, output, working_copy)
    out = os.path.realpath(os.fsdecode(folder))
    for name in inputs:
        place = placed(base, name)
        what, there = "output", url
        if not is_url(place):
            what, there, place = "working copy of output" if url else "output", out, os.path.realpath(place)
        how = "is" if place == there else "lies inside" if lies_in(there, place) else "holds"
        if lies_in(there, place) or lies_in(place, there):
            return f"{what} '{show(output, limit=40)}' {how} input '{show(name, limit=40)}'"
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
