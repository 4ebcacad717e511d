"""Reading an output folder: ledgers beside clean files, record by record, whole or by name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from cleaner.errors import InputError, RestoreError, StateError, UsageError
from cleaner.io.compression import decompressed, split_suffix
from cleaner.io.formats import FORMATS
from cleaner.io.ledger import Entry, FileHead, Skipped, ledger_name, read_ledger
from cleaner.io.ledger_records import Header
from cleaner.io.lock import locked
from cleaner.io.restoring import texts_of
from cleaner.io.state import Folders, interrupted
from cleaner.text.changes import Change, Suspect
from cleaner.text.document import ParagraphMode
from cleaner.text.history import LayoutMode
from cleaner.text.show import show


@dataclass(frozen=True, slots=True)
class OutputRecord:
    """A record of a clean file (None: it stands in the ledger only) and its entry (None: it passed
    through as it was).
    """

    number: int
    raw: bytes | None
    entry: Entry | Skipped | None


@dataclass(frozen=True, slots=True)
class OutputDocument:
    """A cleaned document: the text that came in, the clean text before layout and after it, and all
    that was done to it.
    """

    path: str
    record: int
    id: str
    header: Header
    source: str
    edited: str
    clean: str
    mode: ParagraphMode
    layout: LayoutMode
    changes: tuple[Change, ...]
    suspects: tuple[Suspect, ...]


@contextmanager
def reading(out: str) -> Iterator[Folders]:
    """Hold an output still while it is read.

    Raises UsageError when there is none, LockedError while a run writes to it, StateError when one was
    cut off while it published.
    """
    folders = Folders(os.path.normpath(os.fsencode(out)))
    if not os.path.isdir(folders.at(b"ledger")):
        raise UsageError(
            "no output of cleaner here", where=show(out), hint="name the folder that `cleaner run` wrote"
        )
    if not os.path.isdir(folders.at(b"state")):
        raise StateError(
            "the state of the runs that wrote it is missing",
            where=show(folders.out),
            hint="bring state/ back from a backup",
        )
    with locked(folders.lock, shared=True):
        if interrupted(folders):
            raise StateError(
                "the last run was cut off while it published",
                where=show(out),
                hint="`cleaner run` completes it",
            )
        yield folders


def input_paths(folders: Folders) -> list[bytes]:
    """Return the paths of all inputs that have a ledger, in order."""
    top = folders.at(b"ledger")
    found = []
    for folder, _, names in os.walk(top):
        for name in names:
            place = os.path.join(folder, name)
            with open(place, "rb") as stream:
                head, _ = read_ledger(stream, show(place))
            path = os.fsencode(head.path)
            if os.path.join(top, ledger_name(path)) != place:
                raise StateError("this ledger belongs to another file", where=show(place))
            found.append(path)
    return sorted(found)


@contextmanager
def open_output(folders: Folders, path: bytes) -> Iterator[tuple[FileHead, Iterator[OutputRecord]]]:
    """Open the output of input `path`: its head, and its records in the order of the input.

    Raises StateError where the ledger is missing or damaged; a clean file that is missing, too short or
    too long shows as records without bytes, or without entry.
    """
    place = folders.at(b"ledger", ledger_name(path))
    try:
        ledger = open(place, "rb")
    except OSError as error:
        raise StateError(f"ledger cannot be read: {error.strerror}", where=show(place)) from None
    with ledger:
        head, entries = read_ledger(ledger, show(place))
        if head.format not in FORMATS:
            raise StateError(f"unknown format {show(head.format)!r}", where=show(place))
        yield head, _records(folders.at(b"clean", path), head, entries)


def _records(clean_path: bytes, head: FileHead, entries: Iterator[Entry | Skipped]) -> Iterator[OutputRecord]:
    number = 0 if head.format == "txt" else 1
    clean = _clean_records(clean_path, head)
    for entry in entries:
        wanted = entry.record if isinstance(entry, Skipped) else entry.header.record
        while number < wanted:
            yield OutputRecord(number, next(clean, None), None)
            number += 1
        in_ledger_only = isinstance(entry, Skipped) and not entry.kept
        yield OutputRecord(number, None if in_ledger_only else next(clean, None), entry)
        number += 1
    for raw in clean:
        yield OutputRecord(number, raw, None)
        number += 1


def _clean_records(path: bytes, head: FileHead) -> Iterator[bytes]:
    try:
        stream = open(path, "rb", buffering=1 << 20)
    except FileNotFoundError:
        return
    with stream:
        try:
            yield from FORMATS[head.format].split_clean(decompressed(stream, split_suffix(path)[1]))
        except InputError as error:
            raise RestoreError(f"the clean file cannot be read: {error.message}", where=show(path)) from None


def read_documents(out: str, names: Sequence[str] = ()) -> Iterator[OutputDocument]:
    """Yield the documents of an output in order, as they are read; `names` selects by input path
    (a.jsonl, a.jsonl:3) or by document id.

    Raises UsageError when a name matches nothing, StateError where a ledger is damaged.
    """
    with reading(out) as folders:
        paths = input_paths(folders)
        wanted = Selection(names, paths)
        for path in wanted.paths:
            with open_output(folders, path) as (head, records):
                for record in records:
                    if isinstance(record.entry, Entry) and wanted.takes(path, record.entry):
                        yield _document(head, record, record.entry)
        wanted.check()


class Selection:
    """Names of documents, matched against what is there."""

    def __init__(self, names: Sequence[str], paths: Sequence[bytes]) -> None:
        known = {os.fsdecode(path) for path in paths}
        self._files = {name for name in names if name in known}
        rest = [name for name in names if name not in self._files]
        self._records = {name for name in rest if name.rpartition(":")[0] in known}
        self._ids = {name for name in rest if name not in self._records}
        self._missing = self._records | self._ids
        named = {os.fsencode(name.rpartition(":")[0]) for name in self._records} | set(
            map(os.fsencode, self._files)
        )
        self.paths = list(paths) if self._ids or not names else sorted(named)
        self._all = not names

    def takes_file(self, path: bytes) -> bool:
        """Tell whether all of a file is selected."""
        return self._all or os.fsdecode(path) in self._files

    def takes_record(self, path: bytes, entry: Entry | Skipped | None) -> bool:
        """Tell whether a record is selected: of a file that is not wholly so, only documents are."""
        return self.takes(path, entry) if isinstance(entry, Entry) else self.takes_file(path)

    def takes(self, path: bytes, entry: Entry) -> bool:
        """Tell whether a document is selected."""
        if self.takes_file(path):
            return True
        name = os.fsdecode(path)
        matching = {f"{name}:{entry.header.record}", entry.header.id} & (self._records | self._ids)
        self._missing -= matching
        return bool(matching)

    def check(self) -> None:
        """Raise UsageError when a name has matched nothing."""
        if self._missing:
            raise UsageError(
                f"no document {show(min(self._missing))!r} in this output",
                hint="name an input path (a.txt, a.jsonl, a.jsonl:3) or a document id",
            )


def _document(head: FileHead, record: OutputRecord, entry: Entry) -> OutputDocument:
    header = entry.header
    try:
        if record.raw is None:
            raise ValueError("the clean text is missing")
        clean, edited, source = texts_of(FORMATS[head.format], record.raw, entry)
    except ValueError as error:
        raise StateError(
            f"clean text and ledger do not match: {error}", where=show(head.path), hint="see `cleaner verify`"
        ) from None
    mode, layout = cast(ParagraphMode, head.paragraph), cast(LayoutMode, head.layout)
    return OutputDocument(
        head.path, header.record, header.id, header, source, edited, clean, mode, layout,
        entry.changes, entry.suspects,
    )  # fmt: skip
