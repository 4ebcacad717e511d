"""Restoring and verifying an output: every input byte back, or single rules undone. Bytes are those of
decompressed streams: compressed files are compressed again, which packs them in other bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain, islice
from typing import cast

from msgspec import Struct

from cleaner.errors import RestoreError, StateError, UsageError
from cleaner.io.catalogue import read_catalogue
from cleaner.io.compression import compressed, split_suffix
from cleaner.io.formats import FORMATS
from cleaner.io.formats.base import Restorer, Sink, Source
from cleaner.io.ledger import Entry, FileHead, RowsEnd, Skipped, digest
from cleaner.io.output import OutputRecord, Selection, input_paths, open_output, reading
from cleaner.io.publish import Disk
from cleaner.io.restoring import restore_record, texts_of
from cleaner.io.state import Folders
from cleaner.text.document import ParagraphMode
from cleaner.text.history import LayoutMode, without
from cleaner.text.show import show

Selected = Callable[[str, str], bool]  # (stage, rule) -> whether it is undone


class Restored(Struct, frozen=True):
    """How many files and records were written, and the differences found, one line each."""

    files: int
    records: int
    differences: tuple[str, ...]


def verify_output(out: str) -> Restored:
    """Restore everything in memory and compare it with the digests of ledger and state.

    Raises StateError where a ledger or the state is damaged.
    """
    differences: list[str] = []
    records = 0
    with reading(out) as folders:
        expected = {path: done.digest for path, done in read_catalogue(folders, every=True).done.items()}
        paths = input_paths(folders)
        for lost in sorted(expected.keys() - set(paths)):
            raise StateError("the ledger is missing", where=show(lost), hint="bring it back from a backup")
        for path in paths:
            found = _Hash()
            with open_output(folders, path) as (head, output):
                columnar = FORMATS[head.format].columnar
                back = _restorer(folders, path, head, None if columnar else found)
                for record in _readable(path, output, differences):
                    records += isinstance(record.entry, Entry)
                    raw, difference = _restored(head, record)
                    difference = _put(back, record, raw) or difference
                    if difference:
                        differences.append(_difference(path, record.number, difference))
                back.close()
            same = columnar or path not in expected or found.hexdigest() == expected[path]
            if not same and not _named(differences, path):
                differences.append(_difference(path, 0, "the restored file is not the input"))
    return Restored(len(paths), records, tuple(differences))


def restore_output(
    out: str, target: str, names: Sequence[str], undo: Selected | None, disk: Disk
) -> Restored:
    """Write the inputs back below `target`; with `undo`, the clean texts as if some rules had not acted.

    `names` selects files and documents. Raises UsageError where a file is there already or a name
    matches nothing, StateError where a ledger is damaged.
    """
    differences: list[str] = []
    files = records = 0
    with reading(out) as folders:
        paths = input_paths(folders)
        selection = Selection(names, paths)
        _must_be_free(target, selection.paths)
        for path in selection.paths:
            count = _restore_file(folders, path, os.fsencode(target), selection, undo, disk, differences)
            files += bool(count)
            records += count
        selection.check()
    return Restored(files, records, tuple(differences))


def _restore_file(
    folders: Folders,
    path: bytes,
    target: bytes,
    selection: Selection,
    undo: Selected | None,
    disk: Disk,
    differences: list[str],
) -> int:
    """Write one file, if any of it is selected; return how many records were."""
    with open_output(folders, path) as (head, output):
        wanted = (record for record in output if selection.takes_record(path, record.entry))
        pieces = _pieces(path, head, wanted, undo, differences)
        first = list(islice(pieces, 1))
        if not first and not selection.takes_file(path):
            return 0
        count = 0
        kind = split_suffix(path)[1]
        with disk.create(os.path.join(target, path)) as file, compressed(file, kind) as stream:
            back = _restorer(folders, path, head, stream)
            for count, (record, raw) in enumerate(chain(first, pieces), 1):  # noqa: B007
                difference = _put(back, record, raw)
                if difference and not undo:
                    differences.append(_difference(path, record.number, difference))
            back.close()
        return count or 1


def _restorer(folders: Folders, path: bytes, head: FileHead, sink: Sink | None) -> Restorer:
    return FORMATS[head.format].restorer(folders.at(b"clean", path), head.column, sink)


def _put(back: Restorer, record: OutputRecord, raw: bytes) -> str:
    """Append a record as it came in; return what is wrong with the rows that it ends, if it does."""
    entry = record.entry
    if isinstance(entry, RowsEnd):
        return back.end_rows(entry.values, ends=entry.ends)
    rest = b""
    if record.in_ledger and entry:
        rest = entry.header.rest if isinstance(entry, Entry) else entry.data
    back.put(raw, None if record.in_ledger else record.raw, rest)
    return ""


class _Hash:
    """A sink that keeps the digest of what was written."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)

    def write(self, data: bytes, /) -> None:
        self._hash.update(data)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def _pieces(
    path: bytes,
    head: FileHead,
    records: Iterator[OutputRecord],
    undo: Selected | None,
    differences: list[str],
) -> Iterator[tuple[OutputRecord, bytes]]:
    for record in _readable(path, records, differences):
        raw, difference = _restored(head, record)
        if difference:
            differences.append(_difference(path, record.number, difference))
        elif undo and isinstance(record.entry, Entry):
            before, raw = record.raw, _undone(head, record, record.entry, undo)
            if record.entry.header.emptied is not None and raw == before:
                continue
        elif undo and isinstance(record.entry, Skipped) and not record.entry.kept:
            continue
        yield record, raw


def _readable(path: bytes, records: Iterator[OutputRecord], differences: list[str]) -> Iterator[OutputRecord]:
    """Yield records until the clean file cannot be read further, which is a difference."""
    try:
        yield from records
    except RestoreError as error:
        differences.append(_difference(path, 0, error.message))


def _restored(head: FileHead, record: OutputRecord) -> tuple[bytes, str]:
    """Return the bytes of a record as they came in, and what is wrong with them, if anything is."""
    entry, raw = record.entry, record.raw
    if isinstance(entry, Skipped) and not entry.kept:
        return entry.data, ""
    if raw is None:
        return b"", "the clean text is missing"
    if not isinstance(entry, Entry):
        return raw, ""
    if digest(raw) != entry.header.clean_digest:
        return raw, "the clean text was changed after it was written"
    try:
        restored = restore_record(FORMATS[head.format], raw, entry, cast(ParagraphMode, head.paragraph))
    except (ValueError, LookupError) as error:
        return raw, f"clean text and ledger do not match ({error})"
    return restored, "" if digest(
        restored
    ) == entry.header.input_digest else "the restored text is not the input"


def _undone(head: FileHead, record: OutputRecord, entry: Entry, undo: Selected) -> bytes:
    raw = record.raw or b""
    header, recoded = entry.header, entry.header.recoded
    if not (recoded and recoded.is_by(undo)) and not any(change.is_by(undo) for change in entry.changes):
        return raw
    format = FORMATS[head.format]
    texts = texts_of(format, raw, entry)
    mode, layout = cast(ParagraphMode, head.paragraph), cast(LayoutMode, head.layout)
    text = without(
        texts.recoded, texts.edited, entry.changes, undo, mode=mode, layout=layout, recoded=recoded
    )
    return format.with_text(raw, Source(header.id, "", header.codec, header.at), text)


def _must_be_free(target: str, paths: Sequence[bytes]) -> None:
    for path in paths:
        place = os.path.join(os.fsencode(target), path)
        if os.path.lexists(place):
            raise UsageError(
                "is there already, and nothing is overwritten", where=show(place), hint="name an empty folder"
            )


def _difference(path: bytes, record: int, what: str) -> str:
    return f"{show(path)}:{record}: {what}" if record else f"{show(path)}: {what}"


def _named(differences: Sequence[str], path: bytes) -> bool:
    return any(line.startswith(f"{show(path)}:") for line in differences)
