"""What settings are made of: sizes, shares, patterns, charsets, each checked when it is read."""

from __future__ import annotations

from typing import Annotated, Any

import regex
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from cleaner.text.charsets import charsets
from cleaner.text.globs import check_glob

PACKAGED = "packaged"  # context of models of what comes with the package, which its tests have tried
_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


def _size(value: Any) -> Any:
    """Read "64MB" as bytes; leave anything else to the type check, which then names it."""
    if isinstance(value, str) and (found := regex.fullmatch(r"(\d+)\s*([KMG]?B?)", value.strip())):
        return int(found[1]) * _UNITS.get(found[2], 0) or value
    return value


def _glob(pattern: str) -> str:
    check_glob(pattern)
    return pattern


def _charset(name: str) -> str:
    if name not in charsets():
        raise ValueError(f"unknown charset; known are {', '.join(sorted(charsets()))}")
    return name


def refuse_doubled(ids: list[str]) -> None:
    """Raise ValueError where two rules are called the same."""
    for index, rule_id in enumerate(ids):
        if rule_id in ids[:index]:
            raise ValueError(f"two rules are called {rule_id!r}")


Size = Annotated[int, BeforeValidator(_size)]
Share = Annotated[float, Field(ge=0, le=100)]
Words = Annotated[tuple[str, ...], Field(strict=False)]
Charset = Annotated[str, AfterValidator(_charset)]
Patterns = Annotated[tuple[Annotated[str, AfterValidator(_glob)], ...], Field(strict=False)]


class Model(BaseModel):
    """What all settings share: no unknown keys, no silent conversion, no change after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
