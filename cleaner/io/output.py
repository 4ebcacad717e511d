"""Reading an output folder: ledgers beside clean files, record by record, whole or by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from typing import BinaryIO, cast

from msgspec import Struct

from cleaner.errors import InputError, RestoreError, StateError, UsageError
from cleaner.io.compression import decompressed, split_suffix
from cleaner.io.formats import FORMATS
from cleaner.io.ledger import Entry, FileHead, RowsEnd, Skipped, input_of_ledger, ledger_name, read_ledger
from cleaner.io.ledger_headers import Header
from cleaner.io.lock import locked
from cleaner.io.outlines import Outline, outlined
from cleaner.io.published import Published, cleaned_after, cut_off, refreshed
from cleaner.io.restoring import texts_of
from cleaner.io.state import Folders, interrupted
from cleaner.text.changes import Change, Suspect
from cleaner.text.document import ParagraphMode
from cleaner.text.history import LayoutMode
from cleaner.text.recoded import written_back
from cleaner.text.show import show


class OutputRecord(Struct, frozen=True):
    """A record of a clean file (None: it is missing there) and its entry (None: it passed through as it
    was). What is `in_ledger` does not stand in the clean file; the end of some rows is no record.
    """

    number: int
    raw: bytes | None
    entry: Entry | Skipped | RowsEnd | None
    in_ledger: bool = False


class OutputDocument(Struct, frozen=True):
    """A cleaned document: the text that came in, the same recoded (if the header says so) as changes count
    in it, the clean text before layout and after it, and all that was done to it.
    """

    path: str
    record: int
    id: str
    header: Header
    source: str
    recoded: str
    edited: str
    clean: str
    mode: ParagraphMode
    layout: LayoutMode
    changes: tuple[Change, ...]
    suspects: tuple[Suspect, ...]


def output_folders(out: str | Folders) -> Folders:
    """Return the folders of an output, a working copy as the store has it. Raises UsageError when there is
    none, StateError without a state.
    """
    folders = out if isinstance(out, Folders) else Folders(os.path.normpath(os.fsencode(out)))
    refreshed(folders)
    if not os.path.isdir(folders.at(b"ledger")):
        where = out if isinstance(out, str) else folders.url or folders.out
        hint = "name the folder that `cleaner run` wrote"
        raise UsageError("no output of cleaner here", where=show(where), hint=hint)
    if not os.path.isdir(folders.at(b"state")):
        raise StateError(
            "the state of the runs that wrote it is missing",
            where=show(folders.out),
            hint="bring state/ back from a backup",
        )
    return folders


@contextmanager
def reading(out: str | Folders) -> Iterator[Folders]:
    """Hold an output still while it is read.

    Raises UsageError when there is none, LockedError while a run writes to it, StateError when one was
    cut off while it published.
    """
    folders = output_folders(out)
    with locked(folders.lock, shared=True):
        if interrupted(folders):
            raise cut_off(folders)
        yield folders


def input_paths(folders: Folders) -> list[bytes]:
    """Return the paths of all inputs that have a ledger, in order.

    Ledgers are opened only where a name was too long to be that of its input.
    """
    top = folders.at(b"ledger")
    return sorted(
        _path_of_ledger(top, os.path.join(folder[len(top) + 1 :], name))
        for folder, _, names in os.walk(top)
        for name in names
    )


def _path_of_ledger(top: bytes, name: bytes) -> bytes:
    """Return the path of the input whose ledger has this name."""
    path = input_of_ledger(name)
    if path is None:
        place = os.path.join(top, name)
        with _open_ledger(place) as ledger:
            head, _ = read_ledger(ledger, show(place))
        path = os.fsencode(head.path)
        _check_head(head, path, place, top)
    return path


def _open_ledger(place: bytes) -> BinaryIO:
    try:
        return open(place, "rb")
    except OSError as error:
        raise StateError(f"ledger cannot be read: {error.strerror}", where=show(place)) from None


def _check_head(head: FileHead, path: bytes, place: bytes, top: bytes) -> None:
    if os.fsencode(head.path) != path or os.path.join(top, ledger_name(path)) != place:
        raise StateError("this ledger belongs to another file", where=show(place))
    if head.format not in FORMATS:
        raise StateError(f"unknown format {show(head.format)!r}", where=show(place))


@contextmanager
def open_output(folders: Folders, path: bytes) -> Iterator[tuple[FileHead, Iterator[OutputRecord]]]:
    """Open the output of input `path`: its head, and its records in the order of the input.

    Raises StateError where the ledger is missing or damaged; a clean file that is missing, too short or
    too long shows as records without bytes, or without entry.
    """
    place = folders.at(b"ledger", ledger_name(path))
    with _open_ledger(place) as ledger:
        head, entries = read_ledger(ledger, show(place))
        _check_head(head, path, place, folders.at(b"ledger"))
        yield head, _records(folders.at(b"clean", path), head, entries)


def _records(
    clean_path: bytes, head: FileHead, entries: Iterator[Entry | Skipped | RowsEnd]
) -> Iterator[OutputRecord]:
    number = 0 if head.format == "txt" else 1
    clean = _clean_records(clean_path, head)
    for entry in entries:
        wanted = entry.header.record if isinstance(entry, Entry) else entry.record
        wanted += isinstance(entry, RowsEnd)  # its last row is before it
        while number < wanted:
            yield OutputRecord(number, next(clean, None), None)
            number += 1
        if isinstance(entry, RowsEnd):
            yield OutputRecord(entry.record, b"", entry, in_ledger=True)
            continue
        emptied = entry.header.emptied if isinstance(entry, Entry) else None
        in_ledger = emptied is not None or (isinstance(entry, Skipped) and not entry.kept)
        yield OutputRecord(number, emptied if in_ledger else next(clean, None), entry, in_ledger)
        number += 1
    for raw in clean:
        yield OutputRecord(number, raw, None)
        number += 1


def _clean_records(path: bytes, head: FileHead) -> Iterator[bytes]:
    stream = _open_clean(path)
    if stream:
        with stream:
            yield from _split(stream, path, head)


def _split(stream: BinaryIO, path: bytes, head: FileHead) -> Iterator[bytes]:
    try:
        yield from FORMATS[head.format].split_clean(decompressed(stream, split_suffix(path)[1]), head.column)
    except InputError as error:
        raise RestoreError(f"the clean file cannot be read: {error.message}", where=show(path)) from None


def _open_clean(path: bytes) -> BinaryIO | None:
    try:
        return open(path, "rb", buffering=1 << 16)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"clean text cannot be read: {error.strerror}", where=show(path)) from None


def read_documents(
    out: str,
    names: Sequence[str] = (),
    wanted: Callable[[Outline], bool] = lambda _outline: True,
    *,
    since: int | None = None,
) -> Iterator[OutputDocument]:
    """Yield the documents of an output in order, as they are read; `names` selects by input path
    (a.jsonl, a.jsonl:3) or by document id, `since` those of inputs that were cleaned after that run. Of
    those that are not `wanted` no text is read.

    The output is not locked: runs may go on meanwhile, and each input is shown as one run left it.

    Raises UsageError when a name matches nothing or there was no such run, StateError where a ledger is
    damaged.
    """
    for opened, chosen in _inputs(out, names, since):
        name, head = show(opened.ledger), opened.head
        path = os.fsencode(head.path)
        records = _split(opened.clean, path, head) if opened.clean else iter(())
        passed = 0
        for outline in opened.outlines:
            passed += outline.after
            if chosen.takes_document(outline.path, outline.record, outline.id) and wanted(outline):
                entry = outline.entry(name)
                raw = entry.header.emptied
                if raw is None:
                    raw, passed = next(islice(records, passed, None), None), 0
                yield _document(head, raw, entry)
            elif not outline.emptied:
                passed += 1


def read_outlines(out: str, names: Sequence[str] = (), *, since: int | None = None) -> Iterator[Outline]:
    """Yield the outlines of documents, in the way of `read_documents`."""
    for opened, chosen in _inputs(out, names, since, texts=False):
        for outline in opened.outlines:
            if chosen.takes_document(outline.path, outline.record, outline.id):
                yield outline


class _Opened(Struct, frozen=True):
    """Ledger and clean file of an input, as one run left them; no clean file if none is wanted or there."""

    ledger: bytes
    head: FileHead
    outlines: Iterator[Outline]
    clean: BinaryIO | None


def _opened(folders: Folders, path: bytes, texts: bool, stack: ExitStack) -> _Opened:
    place = folders.at(b"ledger", ledger_name(path))
    head, outlines = outlined(stack.enter_context(_open_ledger(place)), show(place))
    _check_head(head, path, place, folders.at(b"ledger"))
    clean = _open_clean(folders.at(b"clean", path)) if texts else None
    return _Opened(place, head, outlines, clean and stack.enter_context(clean))


def _inputs(
    out: str, names: Sequence[str], since: int | None, *, texts: bool = True
) -> Iterator[tuple[_Opened, Selection]]:
    """Yield each input that may have such documents, opened, and what tells which of them."""
    folders = output_folders(out)
    published = Published(folders)
    chosen = Selection(names, input_paths(folders))
    paths = chosen.paths
    if since is not None:
        cleaned = cleaned_after(folders, since)
        paths = [path for path in paths if path in cleaned]
    for path in paths:
        with published.together(partial(_opened, folders, path, texts)) as opened:
            yield opened, chosen
    if len(paths) == len(chosen.paths):  # else what is named may stand in the others
        chosen.check()


class Selection:
    """Names of documents, matched against what is there."""

    def __init__(self, names: Sequence[str], paths: Sequence[bytes]) -> None:
        known = set(map(os.fsdecode, paths)) if names else set()
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

    def takes_record(self, path: bytes, entry: Entry | Skipped | RowsEnd | None) -> bool:
        """Tell whether a record is selected: of a file that is not wholly so, only documents are."""
        if isinstance(entry, Entry):
            return self.takes_document(os.fsdecode(path), entry.header.record, entry.header.id)
        return self.takes_file(path)

    def takes_document(self, path: str, record: int, identity: str) -> bool:
        """Tell whether a document is selected."""
        if self._all or path in self._files:
            return True
        matching = {f"{path}:{record}", identity} & (self._records | self._ids)
        self._missing -= matching
        return bool(matching)

    def check(self) -> None:
        """Raise UsageError when a name has matched nothing."""
        if self._missing:
            raise UsageError(
                f"no document {show(min(self._missing))!r} in this output",
                hint="name an input path (a.txt, a.jsonl, a.jsonl:3) or a document id",
            )


def _document(head: FileHead, raw: bytes | None, entry: Entry) -> OutputDocument:
    header = entry.header
    mode, layout = cast(ParagraphMode, head.paragraph), cast(LayoutMode, head.layout)
    try:
        if raw is None:
            raise ValueError("the clean text is missing")
        texts = texts_of(FORMATS[head.format], raw, entry)
        source = written_back(texts.recoded, header.recoded, mode)
    except (ValueError, LookupError) as error:
        raise StateError(
            f"clean text and ledger do not match: {error}", where=show(head.path), hint="see `cleaner verify`"
        ) from None
    return OutputDocument(
        head.path, header.record, header.id, header, source, texts.recoded, texts.edited, texts.clean,
        mode, layout, entry.changes, entry.suspects,
    )  # fmt: skip
