"""The outline of a document: what its ledger says but for the texts, read many times faster.

Counting needs no more, and neither does telling whether a document has what a person asked for: only
then is all of it read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import BinaryIO

import msgspec

from cleaner.io.ledger import Entry, FileHead, begins_entry, damaged, read_entry, read_lines
from cleaner.io.ledger_headers import (
    all_paragraphs,
    default_kept,
    own_id,
    own_name,
    read_digest,
    read_key,
    read_layout,
)
from cleaner.io.ledger_records import TypedText, default_separators, names_of, plain_text
from cleaner.text.recoded import counted, covers


class StepOutline(msgspec.Struct, frozen=True, gc=False):
    """One act of one rule."""

    stage: str
    rule: str


class SurvivorOutline(msgspec.Struct, frozen=True, gc=False):
    """Where a paragraph stands that stays; of one that is `published` the number is one of clean text."""

    path: str
    record: int
    paragraph: int
    published: bool


class ChangeOutline(msgspec.Struct, frozen=True, gc=False):
    """A paragraph that was edited or dropped; `text` is what it was, of an edit the part that was changed.

    Where it was recoded before, the steps begin with the chain.
    """

    paragraph: int
    text: str
    steps: tuple[StepOutline, ...]
    dropped: bool
    score: float | None = None
    survivor: SurvivorOutline | None = None


class SuspectOutline(msgspec.Struct, frozen=True, gc=False):
    """What nearly happened; `paired` if it was compared with another paragraph."""

    stage: str
    rule: str
    paired: bool
    score: float | None = None


class _Step(msgspec.Struct, frozen=True, gc=False):
    rule: str


class _Place(msgspec.Struct, frozen=True, gc=False, array_like=True):
    paragraph: int
    line: int
    at: int
    length: int = 0


class _Survivor(msgspec.Struct, frozen=True, gc=False):
    place: tuple[int, int]
    path: TypedText | None = None  # it stands in the same document
    record: int = 0
    published: bool = False

    def outline(self, path: str, record: int) -> SurvivorOutline:
        if self.path is not None:
            path, record = plain_text(self.path), self.record
        return SurvivorOutline(path, record, self.place[0], self.published)


class _Change(msgspec.Struct, frozen=True, gc=False):
    place: _Place
    source: TypedText
    by: str | tuple[str | _Step, ...]
    separators: tuple[int, int] | None = None
    score: float | None = None
    survivor: _Survivor | None = None

    def outline(self, path: str, record: int, *, dropped: bool) -> ChangeOutline:
        source = plain_text(self.source)
        before, after = self.separators or default_separators(source, dropped=dropped)
        by = (self.by,) if isinstance(self.by, str) else self.by
        steps = tuple(_step(each if isinstance(each, str) else each.rule) for each in by)
        text = source[before : len(source) - after] if before or after else source
        survivor = self.survivor.outline(path, record) if self.survivor else None
        return ChangeOutline(self.place.paragraph, text, steps, dropped, self.score, survivor)


class _Suspect(msgspec.Struct, frozen=True, gc=False):
    place: tuple[int, int]
    by: str
    score: float | None = None
    other: _Survivor | None = None

    def outline(self) -> SuspectOutline:
        return SuspectOutline(*names_of(self.by), self.other is not None, self.score)


@lru_cache(maxsize=1_000)
def _step(name: str) -> StepOutline:
    return StepOutline(*names_of(name))


class _Reading(msgspec.Struct, frozen=True, gc=False, array_like=True):
    codec: str
    reason: TypedText = ""
    name: str | None = None

    def step(self) -> StepOutline:
        return _step(own_name(self.codec) if self.name is None else self.name)


class RecodedOutline(msgspec.Struct, frozen=True, gc=False):
    """What a chain of codecs did: its acts, and how many paragraphs it read to which nothing else
    happened.
    """

    steps: tuple[StepOutline, ...]
    paragraphs: int


class _Header(msgspec.Struct, frozen=True, gc=False):
    input: str
    kept: int | None = None
    layout: tuple[str | int, ...] | None = None
    record: int = 0
    id: TypedText | None = None
    source: TypedText = ""
    emptied: str | None = None
    chain: tuple[_Reading, ...] | None = None
    recoded: tuple[tuple[int, int], ...] | None = None  # all
    key: str = ""

    def paragraphs(self) -> int:
        """Return how many paragraphs stayed."""
        return default_kept(read_layout(self.layout)) if self.kept is None else self.kept


class _Skipped(msgspec.Struct, frozen=True, gc=False):
    record: int
    kept: bool


class _Rows(msgspec.Struct, frozen=True, gc=False):
    record: int


class _Line(msgspec.Struct, frozen=True, gc=False):
    document: _Header | None = None
    skipped: _Skipped | None = None
    rows: _Rows | None = None
    drop: _Change | None = None
    edit: _Change | None = None
    suspect: _Suspect | None = None


_decode = msgspec.json.Decoder(_Line).decode


class Outline(msgspec.Struct, frozen=True, gc=False):
    """A document with the rules that acted or nearly did. `kept` counts the paragraphs that stayed;
    of one that is `emptied` no record stands in the clean file. `recoded` are those without a change.

    `after` counts the records of the clean file between it and the document before it; `lines` are
    its lines of the ledger. `key` is what documents are compared by, if what stayed does not tell it.
    """

    path: str
    record: int
    id: str
    source: str
    kept: int
    emptied: bool
    recoded: RecodedOutline | None
    changes: tuple[ChangeOutline, ...]
    suspects: tuple[SuspectOutline, ...]
    after: int
    lines: Sequence[bytes]
    key: int | None

    @property
    def name(self) -> str:
        """How a person names it."""
        return record_name(self.path, self.record)

    def entry(self, name: str) -> Entry:
        """Return all that the ledger says; `name` is for messages. Raises StateError if it is damaged."""
        entry = read_entry(self.lines, name, self.path)
        if not isinstance(entry, Entry):
            raise damaged(name, "an entry is no document")
        return entry


def outlined(file: BinaryIO, name: str) -> tuple[FileHead, Iterator[Outline]]:
    """Return the head of a ledger and the outlines of its documents, in order; `name` is for messages.

    Raises StateError when the ledger is damaged, cut, or newer than this version; damage is found at
    the latest when the last document has been read.
    """
    head, lines = read_lines(file, name)
    return head, _outlines(head, lines, name)


def _outlines(head: FileHead, lines: Iterator[bytes], name: str) -> Iterator[Outline]:
    following = 0 if head.format == "txt" else 1  # the record after the one read last
    passed = 0  # records of the clean file since the last document
    for group, raw in _groups(lines, name):
        if group[0].rows:
            continue
        begin = group[0].document or group[0].skipped
        if begin is None or begin.record < following:
            raise damaged(name, "an entry is out of place")
        passed += begin.record - following
        following = begin.record + 1
        if isinstance(begin, _Skipped):
            passed += begin.kept
            continue
        try:
            kept, own = begin.paragraphs(), own_id(head.path, begin.record, read_digest(begin.input))
            key = read_key(begin.key) if begin.key else None
        except (ValueError, LookupError, TypeError):
            raise damaged(name, "a line cannot be read") from None
        recoded, changes = _changes(head.path, begin, kept, group)
        yield Outline(
            head.path,
            begin.record,
            own if begin.id is None else plain_text(begin.id),
            plain_text(begin.source) or folder_or_name(head.path),
            kept,
            begin.emptied is not None,
            recoded,
            changes,
            tuple(line.suspect.outline() for line in group if line.suspect),
            passed,
            raw,
            key,
        )
        passed = 0


def _changes(
    path: str, header: _Header, kept: int, group: Sequence[_Line]
) -> tuple[RecodedOutline | None, tuple[ChangeOutline, ...]]:
    """Return what was only recoded, and the changes, to whose steps the chain was added."""
    changes = tuple(
        change.outline(path, header.record, dropped=line.drop is not None)
        for line in group
        if (change := line.drop or line.edit)
    )
    if header.chain is None:
        return None, changes
    chain = tuple(reading.step() for reading in header.chain)
    ranges = header.recoded
    if ranges is None:
        ranges = all_paragraphs(kept + sum(change.dropped for change in changes))
    also = [covers(ranges, change.paragraph) for change in changes]
    told = (
        msgspec.structs.replace(change, steps=chain + change.steps) if both else change
        for change, both in zip(changes, also, strict=True)
    )
    return RecodedOutline(chain, counted(ranges) - sum(also)), tuple(told)


def _groups(lines: Iterator[bytes], name: str) -> Iterator[tuple[list[_Line], list[bytes]]]:
    """Yield the lines of each entry, read and as they are; the bytes of a skipped record are passed over."""
    group: list[_Line] = []
    raw: list[bytes] = []
    for line in lines:
        if group and begins_entry(line):
            yield group, raw
            group, raw = [], []
        elif group and group[0].skipped:
            continue
        try:
            group.append(_decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise damaged(name, "a line cannot be read") from None
        raw.append(line)
    if group:
        yield group, raw


def record_name(path: str, record: int) -> str:
    """Return how a person names a document: the path of its file, and its record if there are several."""
    return f"{path}:{record}" if record else path


def folder_or_name(path: str) -> str:
    """Return the first folder of a path, or the name of a file that stands in none.

    >>> folder_or_name("vnexpress/2024/a.txt"), folder_or_name("news.jsonl")
    ('vnexpress', 'news.jsonl')
    """
    return path.partition("/")[0]
