"""Whitespace: odd spaces become spaces, runs shrink to one, edges go.

It runs before anything compares paragraphs: in crawled news two copies of a caption often differ in
a no-break space only. The ideographic space stays, it belongs to Chinese and Japanese writing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cleaner.stages.base import Blocks, Outcome, Step, no_blocks
from cleaner.text.kinds import CharacterTable, Lines

# Tab, VT, FF, CR, FS to US, NEL, no-break and typographic spaces, line and paragraph separator.
_ODD = re.compile("[\t\v\f\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f]")
_RUN = re.compile(" *\n[ \n]*|  +")
_DIRTY = re.compile(rf"{_ODD.pattern}|  |\n[ \n]| \n|\A[ \n]|[ \n]\Z")
_SPACE, _ODD_SPACE = 1, 2  # kinds of characters
_KINDS = CharacterTable(lambda character: _ODD_SPACE if _ODD.match(character) else character in " \n")


def _one_for_run(found: re.Match[str]) -> str:
    return "\n" if "\n" in found[0] else " "


class Whitespace:
    """The whitespace stage."""

    name = "whitespace"
    by_place = False

    def __init__(self) -> None:
        self._plain: frozenset[str] = frozenset()

    def expect(self, lines: Lines) -> None:
        """Find out which texts of the documents to come are clean."""
        kinds = _KINDS.of(lines.asked)
        dirty = lines.having(kinds == _ODD_SPACE) | lines.badly_spaced(kinds == _SPACE)
        self._plain = frozenset(lines.chosen(~dirty))

    def __call__(self, paragraphs: Sequence[str], _blocks: Blocks = no_blocks, /) -> Mapping[int, Outcome]:
        """Return the paragraphs that hold odd, doubled or outer spaces."""
        if self._plain.issuperset(paragraphs):
            return {}
        asked = (i for i, text in enumerate(paragraphs) if text not in self._plain)
        return {i: _clean(paragraphs[i]) for i in asked if _DIRTY.search(paragraphs[i])}


def _clean(text: str) -> Outcome:
    steps: list[Step] = []
    for rule, after in _rules(text):
        if after != text:
            text = after
            steps.append(Step(rule, text))
    return Outcome(tuple(steps))


def _rules(text: str) -> list[tuple[str, str]]:
    spaced = _ODD.sub(" ", text.replace("\r\n", "\n"))
    squeezed = _RUN.sub(_one_for_run, spaced)
    return [("odd_spaces", spaced), ("squeeze", squeezed), ("trim", squeezed.strip(" \n"))]
