"""Settings as YAML that a person reads: every key with its reason, or with what would be there without it."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping

from pydantic import BaseModel

from cleaner.io.settings_text import expected
from cleaner.settings import Rule, Settings
from cleaner.text.show import show

DEFAULTS = Settings.model_validate({})
_WIDTH = 110
_BARE = re.compile(r"(?!(y|n|yes|no|on|off|true|false|null)$)[a-z][a-z0-9_./-]*", re.I)  # YAML 1.1 too


def default_config() -> str:
    """Return the text of `config.yaml`: every setting with its reason and default; loads as Settings()."""
    about = f"{Settings.__doc__} Every key may be left out: the values here are the defaults."
    return "\n".join([*_comment(about), "", *_lines(DEFAULTS)]) + "\n"


def effective_config(settings: Settings, source: str) -> str:
    """Return all settings as YAML that loads as the same settings; a comment marks what is no default."""
    return "\n".join([f"# {show(source)}", *_lines(settings, DEFAULTS)]) + "\n"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH - 10)]  # it may stand inside an example


def _lines(model: BaseModel, usual: BaseModel | None = None) -> list[str]:
    """Return the lines of all fields, each with its reason, or else with what is `usual` where it differs."""
    lines: list[str] = []
    schema = model.model_json_schema()["properties"]
    for name, value in model:
        default = getattr(usual, name, None)
        if isinstance(value, BaseModel):
            lines += ["", f"{name}:", *(f"  {line}" for line in _lines(value, default))]
        elif usual:
            lines += _entry(name, value, "" if value == default else f"  # default: {_flow(default)}")
        else:
            limits = {"enum", "minimum", "anyOf"} & schema[name].keys()
            reason = schema[name]["description"] + (f" ({expected(schema[name])})" if limits else "")
            lines += [*_comment(reason), *_example(name), *_entry(name, value)]
    return lines


def _example(name: str) -> list[str]:
    """Return what could stand in place of an empty map or list, each line behind a bare #."""
    if name == "actions":
        return ["# an example, to put in place of {}:", "#actions:", "#  vi.gallery: report"]
    if name != "rules":
        return []
    example = {
        "id": "read_more",
        "pattern": "Read more: .+",
        "reason": "a link to another article",
        "examples": ["Read more: Markets rise for a third day"],
        "counter_examples": ["Read more books, the minister said."],
    }
    lines = _lines(Rule.model_validate(example))
    first = next(index for index, line in enumerate(lines) if not line.startswith("#"))
    lines = [f"#  {'- ' if index == first else '  '}{line}" for index, line in enumerate(lines)]
    return ["# an example with every key of a rule, to put in place of []:", "#rules:", *lines]


def _entry(name: str, value: object, mark: str = "") -> list[str]:
    """Return the lines of one key: its value beside it, or below where it holds rules or is too wide."""
    below: list[str] = []
    if isinstance(value, Mapping):
        below = [f"  {_flow(key)}: {_flow(item)}" for key, item in value.items()]
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        below = [f"  {line}" for model in value for line in item_lines(model)]
    elif isinstance(value, tuple) and sum(map(len, value)) > _WIDTH // 2:
        below = [f"  - {_flow(item)}" for item in value]
    return [f"{_flow(name)}:{mark}", *below] if below else [f"{_flow(name)}: {_flow(value)}{mark}"]


def item_lines(model: BaseModel) -> list[str]:
    """Return the lines of one item of a list: all that is no default."""
    given = model.model_dump(exclude_defaults=True)
    first, *rest = [line for name, value in given.items() for line in _entry(name, value)]
    return [f"- {first}", *(f"  {line}" for line in rest)]


def _flow(value: object) -> str:
    """Return a value as YAML in one line, with everything that a terminal would obey escaped."""
    if isinstance(value, str):
        if _BARE.fullmatch(value):
            return value
        if show(value, limit=None) == value:
            return "'{}'".format(value.replace("'", "''"))
        quoted = json.dumps(value, ensure_ascii=False)
        return "".join(c if show(c) == c else f"\\U{ord(c):08x}" for c in quoted)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return "null" if value is None else str(value).lower()
