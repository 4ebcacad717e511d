"""A document and its paragraphs. Nothing is ever lost: lead + (paragraph + separator)* is the text.

Separators are the line ends and blank lines *after* a paragraph, so that a paragraph can go with its
separator. Lines end at LF or CRLF, or at CR in a document without any LF; nothing else ends a line,
because NEL, FS, GS, RS and the like are letters in old Vietnamese code pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, chain
from operator import add
from typing import Literal

import msgspec

ParagraphMode = Literal["line", "blank_line"]


def _patterns(newline: str) -> dict[str, re.Pattern[str]]:
    blank_line = rf"[ \t]*{newline}"
    return {
        "lead": re.compile(rf"(?:{blank_line})*(?:[ \t]*\Z)?"),
        "line": re.compile(rf"({newline}(?:{blank_line})*(?:[ \t]+\Z)?)"),
        "blank_line": re.compile(rf"({newline}(?:(?:{blank_line})+(?:[ \t]+\Z)?|[ \t]*\Z))"),
    }


# Three times as fast as the next, which opens with what may be missing. A separator ends with a newline, or
# the text does.
_LF = _patterns(r"\n") | {"line": re.compile(r"(\n[ \t\n]*(?:(?<=\n)|\Z))")}
_LF_OR_CRLF = _patterns(r"\r?\n")
_CR = _patterns(r"\r")


class Document(msgspec.Struct, frozen=True):
    """One text as it came in. `record` is the line of a record in its file, 0 for a whole file.

    `codec` names, outermost first, the frozen codecs that lead from the bytes to `text`; the
    inverse of each was verified on this very text.
    """

    path: str
    record: int
    id: str
    text: str
    codec: tuple[str, ...]


class Paragraphs(msgspec.Struct, frozen=True, dict=True):
    """The paragraphs of a text, and the separator that follows each."""

    lead: str
    texts: tuple[str, ...]
    separators: tuple[str, ...]

    @cached_property
    def text(self) -> str:
        """The whole text."""
        pairs = zip(self.texts, self.separators, strict=True)
        return self.lead + "".join(chain.from_iterable(pairs))

    def remaining(self, final: Sequence[str | None]) -> Paragraphs:
        """Return what is left when each paragraph becomes its text in `final` (None: it goes).

        The last one takes the separator that ended the text; with no paragraph left the lead goes, too.
        """
        kept = [number for number, text in enumerate(final) if text is not None]
        separators = [self.separators[number] for number in kept]
        if separators:
            separators[-1] = self.separators[-1]
        texts = tuple(text for text in final if text is not None)
        return Paragraphs(self.lead if texts or not final else "", texts, tuple(separators))

    def starts(self) -> list[int]:
        """Return the offset of each paragraph in the text (characters), and of the text's end."""
        lengths = map(add, map(len, self.texts), map(len, self.separators))
        return list(accumulate(lengths, initial=len(self.lead)))

    def blocks(self) -> list[int]:
        """Return the number of the block of each paragraph: a blank line stands between two blocks."""
        kinds = {each: each.count("\n") > 1 or each.count("\r") > 1 for each in set(self.separators)}
        return list(accumulate(map(kinds.__getitem__, self.separators), initial=0))[: len(self.texts)]

    @cached_property
    def lines(self) -> list[int]:
        """The 1-based number of the first line of each paragraph."""
        between = self.lead + "".join(self.separators)
        newline = "\n" if "\n" in between else "\r"
        if between.count(newline) == len(between):
            breaks = list(map(len, self.separators))
        else:
            breaks = [separator.count(newline) for separator in self.separators]
        if newline in "".join(self.texts):
            breaks = [own + text.count(newline) for own, text in zip(breaks, self.texts, strict=True)]
        return list(accumulate(breaks, initial=1 + self.lead.count(newline)))[:-1]


def first_lines(text: str, mode: ParagraphMode) -> list[int]:
    r"""Return the 1-based number of the first line of each paragraph, as `split(text, mode)` tells it.

    >>> first_lines("\na\n \nb\n", "line")
    [2, 4]
    """
    if mode != "line" or "\r" in text:
        return split(text, mode).lines
    # In a third of the time: a line is a paragraph, unless it is blank.
    return [number for number, line in enumerate(text.split("\n"), 1) if line.strip(" \t")]


def split(text: str, mode: ParagraphMode) -> Paragraphs:
    r"""Return the paragraphs of `text`; joined with lead and separators they are `text` again.

    A paragraph is never empty and holds no blank line; in mode "line" it holds no line end.

    >>> split("a\n\nb\r\n c ", "line")
    Paragraphs(lead='', texts=('a', 'b', ' c '), separators=('\n\n', '\r\n', ''))
    >>> split("\na\nb\n\nc\n", "blank_line")
    Paragraphs(lead='\n', texts=('a\nb', 'c'), separators=('\n\n', '\n'))
    """
    if mode == "line" and (plain := _plain_lines(text)):
        return plain
    patterns = _LF if "\r" not in text else _LF_OR_CRLF if "\n" in text else _CR
    found = patterns["lead"].match(text)
    lead = found[0] if found else ""
    parts = patterns[mode].split(text[len(lead) :])
    if len(parts) % 2 and not parts[-1]:
        parts.pop()
    else:
        parts.append("")
    return Paragraphs(lead, tuple(parts[::2]), tuple(parts[1::2]))


def _plain_lines(text: str) -> Paragraphs | None:
    """Split a text that opens with a paragraph, whose lines end at LF, and the blank ones are empty, as most
    are: in half the time, and their numbers are known with them. None for any other.
    """
    if "\r" in text:
        return None
    texts: list[str] = []
    separators: list[str] = []
    numbers: list[int] = []
    last = number = 1
    for number, line in enumerate(text.split("\n"), 1):
        if line:
            if line.isspace():
                return None
            if texts:
                separators.append("\n" * (number - last))
            texts.append(line)
            numbers.append(number)
            last = number
        elif not texts:
            return None
    separators.append("\n" * (number - last))
    found = Paragraphs("", tuple(texts), tuple(separators))
    found.__dict__.update(text=text, lines=numbers)
    return found
