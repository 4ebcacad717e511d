"""The reasons of the packaged rules, for a report: the packs are not loaded, compiled and tested for it."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the fast one, where PyYAML was built with it
_RULES = resources.files("cleaner") / "rules"


@cache
def rule_reasons(language: str) -> dict[str, str]:
    """Return rule -> reason of a pack, nothing where this version has no such pack."""
    names = {file.name: file for file in _RULES.iterdir()}
    pack = names.get(f"{language}.yaml")
    if pack is None:
        return {}
    return {rule["id"]: rule["reason"] for rule in yaml.load(pack.read_bytes(), _LOADER)["rules"]}
