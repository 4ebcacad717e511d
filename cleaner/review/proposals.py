"""From a paragraph to a rule: its own words, with numbers, dates and names left open where a person wants."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal
from unicodedata import category, normalize

import regex
from msgspec import Struct
from msgspec.structs import replace

from cleaner.settings import Rule

Opening = Literal["numbers", "dates", "names"]
OPENINGS: tuple[Opening, ...] = ("numbers", "dates", "names")
LONGEST = 400  # characters; a longer line is no boilerplate that comes again

_PARTS = regex.compile(
    r"(?P<DATE>\d{1,2}[/.-]\d{1,2}[/.-]\d{4})(?!\d)|(?P<TIME>\d{1,2}[:hg]\d{2}(?::\d{2})?)(?!\w)"
    r"|(?P<number>\d+(?:[.,]\d+)*)|(?P<NAME>\p{Lu}[\w.’'-]*(?:[ ]\p{Lu}[\w.’'-]*){0,4})"
    r"|(?P<word>[\w\p{M}]+)|(?P<space>\s+)|(?P<sign>.)"
)
_OPENED: dict[str, tuple[Opening, str]] = {
    "DATE": ("dates", "{DATE}"),
    "TIME": ("dates", "{TIME}"),
    "number": ("numbers", r"\d+(?:[.,]\d+)*"),
    "NAME": ("names", "{NAME}"),
}
_BRACES = {"{": "[{]", "}": "[}]"}  # a rule reads {NAME} as a placeholder


class Proposal(Struct, frozen=True):
    """A rule for a text, with what is left open in it; `beside` are texts that it must not match."""

    text: str
    beside: Sequence[str]
    taken: Collection[str]
    opened: frozenset[Opening] = frozenset()

    @property
    def openings(self) -> tuple[Opening, ...]:
        """What can be left open."""
        kinds = {
            _OPENED[found.lastgroup][0] for found in _PARTS.finditer(self.text) if found.lastgroup in _OPENED
        }
        return tuple(each for each in OPENINGS if each in kinds)

    def turned(self, opening: Opening) -> Proposal:
        """Return it with something open that was not, or the other way round."""
        return replace(self, opened=self.opened ^ {opening}) if opening in self.openings else self

    def rule(self) -> Rule:
        """Return the rule, which is tested on its examples. Raises ValueError where it cannot be trusted."""
        text = normalize("NFC", self.text).strip()
        if len(text) > LONGEST:
            raise ValueError(f"a line of more than {LONGEST} characters is no boilerplate that comes again")
        pattern = "".join(self._spelled(found) for found in _PARTS.finditer(text))
        away = [each for each in self.beside if each.strip() != text] or [f"«{text}» {text}"]
        return Rule.model_validate({
            "id": _id(text, self.taken), "pattern": pattern, "max_characters": max(200, len(text) + 100),
            "reason": "a person said so in `cleaner review`", "examples": [text],
            "counter_examples": away[:2],
        })  # fmt: skip

    def _spelled(self, found: regex.Match[str]) -> str:
        kind = found.lastgroup or ""
        if kind in _OPENED and _OPENED[kind][0] in self.opened:
            return _OPENED[kind][1]
        if kind == "space":
            return r"\s+"
        return "".join(_BRACES.get(sign) or regex.escape(sign, literal_spaces=True) for sign in found[0])


def _id(text: str, taken: Collection[str]) -> str:
    """Return a name for a rule: its first words without their marks, as ids are written.

    >>> _id("Đọc thêm: giá vàng hôm nay", ()), _id("123", ["line"])
    ('doc_them_gia_vang', 'line_2')
    """
    plain = normalize("NFD", text.casefold().replace("đ", "d"))
    ascii_only = "".join(each for each in plain if category(each) != "Mn")
    words = regex.findall(r"[a-z]+", ascii_only)[:4]
    name = "_".join(words)[:40].strip("_") or "line"
    number = 2
    while name in taken:
        name = f"{regex.sub(r'_[0-9]+$', '', name)}_{number}"
        number += 1
    return name
