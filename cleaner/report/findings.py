"""What the encoding stage did to the documents of one file, counted: `cleaner encoding` tells it.

Only counts and a few short examples are kept, so that a file of any number of documents takes no more
memory than one of few.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct, field

from cleaner.text.document import Paragraphs
from cleaner.text.draft import Act, Draft, Miss
from cleaner.vietnamese.legacy import pages
from cleaner.vietnamese.syllables import is_syllable
from cleaner.vietnamese.words import LETTERS, is_abbreviation

# Rules that read by a guess, which Vietnamese syllables prove or not; and those that read whole lines.
PROVEN_BY_SYLLABLES = frozenset(["viqr", "mojibake_words", "mojibake_cuts", *(page.name for page in pages())])
OF_LINES = PROVEN_BY_SYLLABLES - {"mojibake_words", "mojibake_cuts"} | {"mojibake", "charset"}
_DAMAGE = re.compile("[\ufffd\udc80-\udcff\x80-\x9f]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_STRAY_BYTE = re.compile("[\udc80-\udcff]")
_WORDS_BEFORE, _WORDS = 2, 7  # of an example: before the first change, and together
_LONGEST = 120  # characters of an example; the lines of some files have no spaces


class Example(Struct, frozen=True):
    """The words around the first change of a line, before and after it. `line` is that of the file, or
    of a file of records the record.
    """

    line: int
    before: str
    after: str


class Finding(Struct):
    """What one rule did in a file. `characters` are those of the lines that it read, or of the words that
    it mended. `read_as` counts them by (form of the codec, times in a row): how the text had been seen. Of
    `words` with letters beyond ASCII that it made, `syllables` are Vietnamese. `strict` tells that all
    of it could be read in no other way: bytes that are UTF-8.
    """

    rule: str
    read_as: Counter[tuple[str, int]] = field(default_factory=Counter)
    documents: int = 0
    lines: int = 0
    characters: int = 0
    words: int = 0
    syllables: int = 0
    strict: bool = True
    examples: list[Example] = field(default_factory=list)

    @property
    def confidence(self) -> float | None:
        """How sure the reading is, 0 to 1; None for a repair that guesses nothing, or that cannot tell."""
        if self.rule in PROVEN_BY_SYLLABLES and self.words:
            return self.syllables / self.words
        return 1.0 if self.rule == "mojibake" and self.strict else None


class Left(Struct):
    """What a rule found and could not repair: in how many paragraphs; the first of them, and why."""

    rule: str
    paragraphs: int
    line: int
    text: str
    reason: str


class Findings(Struct):
    """All that was found in a file. Blank lines count nowhere; `changed` are (lines, characters)."""

    most_examples: int
    documents: int = 0
    lines: int = 0
    characters: int = 0
    changed_documents: int = 0
    changed_lines: int = 0
    changed_characters: int = 0
    lines_beyond_ascii: int = 0
    lines_with_stray_bytes: int = 0
    codecs: Counter[str] = field(default_factory=Counter)
    found: dict[str, Finding] = field(default_factory=dict)
    left: dict[str, Left] = field(default_factory=dict)

    def add(self, codec: str, paragraphs: Paragraphs, draft: Draft, record: int) -> None:
        """Count one document, read by `codec`; `record` is 0 where it is a whole file."""
        self.documents += 1
        self.codecs[codec] += 1
        self.changed_documents += bool(draft.acts)
        for text in paragraphs.texts:
            self._count(text)
        firsts = paragraphs.lines if draft.acts or draft.misses else ()
        rules: set[str] = set()
        for number, acts in draft.acts.items():
            source = paragraphs.texts[number]
            rules.update(act.rule for act in acts)
            after = acts[-1].text or ""
            whole = any(act.rule in OF_LINES for act in acts)
            changed = [_size(old, new, whole=whole) for _, old, new in _pairs(source, after) if old != new]
            self.changed_lines += len(changed)
            self.changed_characters += sum(changed)
            self._add_acts(source, acts, firsts[number], record)
        for rule in rules:
            self.found[rule].documents += 1
        for number, misses in draft.misses.items():
            for miss in misses:
                self._add_miss(miss, record or firsts[number])

    def _count(self, paragraph: str) -> None:
        lines = paragraph.split("\n")
        self.lines += len(lines)
        self.characters += sum(map(len, lines))
        if not paragraph.isascii():
            self.lines_beyond_ascii += sum(not line.isascii() for line in lines)
            self.lines_with_stray_bytes += sum(_STRAY_BYTE.search(line) is not None for line in lines)

    def _add_acts(self, source: str, acts: Sequence[Act], first_line: int, record: int) -> None:
        before = source
        for rule, group in groupby(acts, key=lambda act: act.rule):
            same = list(group)
            after = same[-1].text or ""
            finding = self.found.setdefault(rule, Finding(rule))
            form = same[0].codec.partition("/")[2] or ("bytes" if _STRAY_BYTE.search(before) else "")
            for offset, old, new in _pairs(before, after):
                if old == new:
                    continue
                finding.lines += 1
                size = _size(old, new, whole=rule in OF_LINES)
                finding.characters += size
                finding.read_as[form, len(same)] += size
                if rule in PROVEN_BY_SYLLABLES:
                    _count_syllables(finding, old, new)
                if len(finding.examples) < self.most_examples:
                    finding.examples.append(Example(record or first_line + offset, *changed_words(old, new)))
            finding.strict = finding.strict and all(act.codec or act.reason for act in same)
            before = after

    def _add_miss(self, miss: Miss, line: int) -> None:
        if known := self.left.get(miss.rule):
            known.paragraphs += 1
        else:
            self.left[miss.rule] = Left(miss.rule, 1, line, damaged_words(miss.match), miss.reason)


def _pairs(before: str, after: str) -> Iterator[tuple[int, str, str]]:
    """Yield the lines of a paragraph before and after a rule, numbered from 0."""
    old, new = before.split("\n"), after.split("\n")
    if len(old) != len(new):
        yield 0, before, after
        return
    for number, (line, now) in enumerate(zip(old, new, strict=True)):
        yield number, line, now


def _size(before: str, after: str, *, whole: bool) -> int:
    """Return how many characters of a line changed: all, or those of the words that did."""
    old, new = before.split(" "), after.split(" ")
    if whole or len(old) != len(new):
        return len(before)
    return sum(len(word) for word, now in zip(old, new, strict=True) if word != now)


def _count_syllables(finding: Finding, before: str, after: str) -> None:
    known = set(LETTERS.findall(before))
    made = [
        word
        for word in LETTERS.findall(after)
        if not word.isascii() and word not in known and not is_abbreviation(word)
    ]
    finding.words += len(made)
    finding.syllables += sum(map(is_syllable, made))


def changed_words(before: str, after: str) -> tuple[str, str]:
    """Return the words around the first change of a line, before and after it.

    >>> changed_words("một hai ba cña bèn", "một hai ba của bốn")
    ('hai ba cña bèn', 'hai ba của bốn')
    """
    at = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(after))
    start = _words_back(before, min(at, len(before)))
    return _opening(before[start:]), _opening(after[start:])


def damaged_words(text: str) -> str:
    r"""Return the words around the first damage of a text.

    >>> damaged_words("một hai ba bốn n\ufffdm sáu")
    'ba bốn n\ufffdm sáu'
    """
    found = _DAMAGE.search(text) or _BEYOND_ASCII.search(text)
    start = _words_back(text, found.start()) if found else 0
    return _opening(text[start:])


def _words_back(text: str, at: int) -> int:
    """Return where the words begin that stand before the one at `at`; `at` where there are no spaces near."""
    earliest = max(0, at - _LONGEST // 4)
    start = end = at
    for _ in range(_WORDS_BEFORE + 1):
        end = text.rfind(" ", earliest, end)
        if end < 0:
            return start if earliest else 0
        start = end + 1
    return start


def _opening(text: str) -> str:
    line = text.partition("\n")[0][: _LONGEST * 4]
    words = " ".join(line.split(" ")[:_WORDS])
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
