"""The ledger: one JSON-lines file for each input file, from which every input byte comes back.

    {"ledger": 3, "path": ..., "format": ...}      the file: paragraph and layout mode
    {"document": {...}}                            a document: digests, codec, layout, recoding
    {"drop": {...}} {"edit": {...}}                what was done to it, by paragraph
    {"suspect": {...}}                             what nearly was
    {"skipped": {...}} {"bytes": "..."}            a record that could not be read, whole
    {"rows": {...}}                                of a table: what the rows before it have to be
    {"end": "...", "offsets": [...]}               a checksum, and where each document begins

Text that is not valid Unicode stands as {"bytes": ...} or {"base64": ...}. The format is
described in docs/ledger.md.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, BinaryIO

import msgspec

from cleaner.errors import StateError
from cleaner.io.formats.base import Sink
from cleaner.io.ledger_headers import Header, packed_digest, packed_header, read_header
from cleaner.io.ledger_records import (
    packed,
    packed_change,
    packed_suspect,
    read_change,
    read_suspect,
    read_text,
)
from cleaner.io.ledger_versions import upgraded
from cleaner.text.changes import Change, Suspect
from cleaner.text.show import show

LEDGER_VERSION = 3  # older ones are read, see ledger_versions.py
_SUFFIX = b".ledger.jsonl"
_LONGEST_NAME = 255
_CUT = re.compile(rb"~[0-9a-f]{32}\.ledger\.jsonl\Z")
BYTES_A_LINE = 48 * 1024  # of a skipped record
_BEGIN = (b'{"document":', b'{"skipped":', b'{"rows":')  # the first line of an entry
_END = b'{"end":'
_encode_lines = msgspec.json.Encoder().encode_lines
DROP, EDIT = "drop", "edit"  # lines of changes


class FileHead(msgspec.Struct, frozen=True):
    """What holds for all documents of one input file; `column` has the text of a table."""

    path: str
    format: str = "txt"
    paragraph: str = "line"
    layout: str = "blank_line"
    column: str = ""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A document with all that was done to it."""

    header: Header
    changes: tuple[Change, ...] = ()
    suspects: tuple[Suspect, ...] = ()


class Skipped(msgspec.Struct, frozen=True):
    """A record that could not be read. `kept` tells that it stands unchanged in the clean file;
    otherwise `data` is all of it.
    """

    record: int
    reason: str
    kept: bool
    data: bytes = b""


class RowsEnd(msgspec.Struct, frozen=True):
    """Some rows of a table end with row `record`; their values had this digest. `ends` tells that they are
    the last ones of a group.
    """

    record: int
    values: str
    ends: bool = True


def digest(data: bytes) -> str:
    """Return the content hash that all of state and ledger use (blake2b, 128 bits, hex)."""
    return blake2b(data, digest_size=16).hexdigest()


def ledger_name(path: bytes) -> bytes:
    """Return the path of the ledger of input `path`, below the ledger folder: one to one.

    A name too long to take the suffix is cut and told apart by a hash of the whole.
    """
    folder, name = os.path.split(path)
    if len(name) + len(_SUFFIX) > _LONGEST_NAME:
        name = name[:180] + b"~" + blake2b(name, digest_size=16).hexdigest().encode()
    return os.path.join(folder, name + _SUFFIX)


def input_of_ledger(name: bytes) -> bytes | None:
    """Return the input path whose ledger has this path; None where only the ledger itself tells.

    >>> input_of_ledger(b"sub/a.txt.ledger.jsonl"), input_of_ledger(b"a.txt")
    (b'sub/a.txt', None)
    """
    if not name.endswith(_SUFFIX) or _CUT.search(name):
        return None
    return name[: -len(_SUFFIX)]


class EntryWriter:
    """Writes the entries of the ledger of input `path`, or of a part of one; `offsets` tells where each
    of them begins.
    """

    def __init__(self, file: Sink, path: str) -> None:
        self._file, self._path = file, path
        self._at = 0
        self.offsets: list[int] = []

    def write(self, entry: Entry) -> None:
        """Append a document with its changes and suspects."""
        self.offsets.append(self._at)
        header = entry.header
        here = self._path, header.record, header.id
        dropped = sum(change.dropped for change in entry.changes)
        lines: list[dict[str, Any]] = [{"document": packed_header(header, self._path, dropped)}]
        lines += ({DROP if each.dropped else EDIT: packed_change(each, here)} for each in entry.changes)
        lines += ({"suspect": packed_suspect(each, here)} for each in entry.suspects)
        self._append(_encode_lines(lines))

    def skip(self, record: int, reason: str, *, kept: bool) -> None:
        """Append a record that was skipped; unless it is `kept` in the clean file, `add` its bytes."""
        self.offsets.append(self._at)
        self._line({"skipped": {"record": record, "reason": reason, "kept": kept}})

    def add(self, data: bytes) -> None:
        """Append bytes of the record skipped last."""
        for start in range(0, len(data), BYTES_A_LINE):
            self._line({"bytes": b64encode(data[start : start + BYTES_A_LINE]).decode()})

    def end_rows(self, record: int, values: str, *, ends: bool) -> None:
        """Append what tells of rows up to `record`: the digest of their values, whether a group `ends`."""
        self.offsets.append(self._at)
        self._line({"rows": {"record": record, "values": values} | ({} if ends else {"ends": False})})

    def _line(self, value: dict[str, Any]) -> None:
        self._append(msgspec.json.encode(value) + b"\n")

    def _append(self, data: bytes) -> None:
        self._file.write(data)
        self._at += len(data)


class LedgerWriter(EntryWriter):
    """Writes one ledger to an open file; `close` ends it with its index and checksum."""

    def __init__(self, file: Sink, head: FileHead) -> None:
        super().__init__(file, head.path)
        self._hash = blake2b(digest_size=16)
        default = FileHead(head.path)
        told = {name: getattr(head, name) for name in ("format", "paragraph", "layout", "column")}
        self._line({
            "ledger": LEDGER_VERSION, "path": packed(head.path),
            **{name: value for name, value in told.items() if value != getattr(default, name)},
        })  # fmt: skip

    def extend(self, entries: Iterable[bytes], offsets: Iterable[int]) -> None:
        """Append what an EntryWriter has written, in pieces."""
        self.offsets += (self._at + offset for offset in offsets)
        for data in entries:
            self._append(data)

    def _append(self, data: bytes) -> None:
        super()._append(data)
        self._hash.update(data)

    def close(self) -> None:
        """Write the last line."""
        self._file.write(_end_lines(self.offsets, self._hash.hexdigest())[0])


def read_ledger(file: BinaryIO, name: str) -> tuple[FileHead, Iterator[Entry | Skipped | RowsEnd]]:
    """Return the head of a ledger and its entries, in order; `name` is for messages.

    Raises StateError when the ledger is damaged, cut, or newer than this version; damage is found at
    the latest when the last entry has been read.
    """
    head, lines = read_lines(file, name)
    return head, _entries(lines, name, head.path)


def read_lines(file: BinaryIO, name: str) -> tuple[FileHead, Iterator[bytes]]:
    """Return the head of a ledger and the lines of its entries, as this version would have written them.

    Raises StateError as `read_ledger` does.
    """
    lines = _checked_lines(file, name)
    head, version = _read_head(lines, name)
    return head, lines if version == LEDGER_VERSION else _upgraded(lines, name)


def _upgraded(lines: Iterator[bytes], name: str) -> Iterator[bytes]:
    for line in lines:
        try:
            yield upgraded(line)
        except (msgspec.DecodeError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
            raise damaged(name, "a line cannot be read") from None


def _checked_lines(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield the lines of a ledger but the last, by which they are checked.

    Raises StateError as `read_ledger` does.
    """
    seen = blake2b(digest_size=16)
    at = 0
    offsets: list[int] = []
    for line in file:
        if line.startswith(_END):
            if line not in _end_lines(offsets, seen.hexdigest()) or file.read(1):
                raise damaged(name, "its checksum does not match")
            return
        if line.startswith(_BEGIN):
            offsets.append(at)
        at += len(line)
        seen.update(line)
        yield line
    raise damaged(name, "its last line is missing")


def _read_head(lines: Iterator[bytes], name: str) -> tuple[FileHead, int]:
    """Take the first of the lines of a ledger: head and version. Raises StateError as `read_ledger`."""
    first = _decoded(next(lines, b"{}"), name)
    version = first.get("ledger")
    if not isinstance(version, int):
        raise damaged(name, "the first line is no ledger head")
    if version > LEDGER_VERSION:
        raise StateError(
            f"ledger of version {version}, this cleaner reads up to {LEDGER_VERSION}",
            where=show(name),
            hint="use the newer cleaner that wrote it",
        )
    try:
        return msgspec.convert({**first, "path": read_text(first["path"])}, FileHead), version
    except (msgspec.ValidationError, KeyError, TypeError, ValueError):
        raise damaged(name, "the first line is no ledger head") from None


def begins_entry(line: bytes) -> bool:
    """Tell whether a line is the first one of a document or skipped record, or ends rows."""
    return line.startswith(_BEGIN)


def _entries(lines: Iterator[bytes], name: str, path: str) -> Iterator[Entry | Skipped | RowsEnd]:
    group: list[bytes] = []
    for line in lines:
        if group and begins_entry(line):
            yield read_entry(group, name, path)
            group = []
        group.append(line)
    if group:
        yield read_entry(group, name, path)


def read_entry(lines: Sequence[bytes], name: str, path: str) -> Entry | Skipped | RowsEnd:
    """Read the lines of one document, skipped record or end of rows of input `path`; `name` is for messages.

    Raises StateError where they have no sense.
    """
    group = [_decoded(line, name) for line in lines]
    try:
        if "skipped" in group[0]:
            skipped = group[0]["skipped"]
            data = b"".join(b64decode(line["bytes"]) for line in group[1:])
            return Skipped(skipped["record"], skipped["reason"], skipped["kept"], data)
        if "rows" in group[0]:
            return RowsEnd(**group[0]["rows"])
        header = read_header(group[0]["document"], path, sum(DROP in line for line in group))
        here = path, header.record, header.id
        changes = tuple(
            read_change(line[kind], here, dropped=kind == DROP)
            for line in group
            for kind in (DROP, EDIT)
            if kind in line
        )
        suspects = (read_suspect(line["suspect"], here) for line in group if "suspect" in line)
        return Entry(header, changes, tuple(suspects))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise damaged(name, f"an entry cannot be read ({type(error).__name__})") from None


def _decoded(line: bytes, name: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise damaged(name, "a line is no JSON object") from None


def _end_lines(offsets: list[int], checksum: str) -> list[bytes]:
    """Return the last line, as it is written and as older versions wrote it. Where only one entry begins is
    plain, but version 1 told it.
    """
    index: dict[str, Any] = {} if len(offsets) == 1 else {"offsets": offsets}
    ends: list[Any] = [
        {"end": packed_digest(checksum), **index},
        {"end": {**index, "digest": checksum}},
        {"end": {"offsets": offsets, "digest": checksum}},
    ]
    return [msgspec.json.encode(end) + b"\n" for end in ends]


def damaged(name: str, what: str) -> StateError:
    """Return the error that says what is wrong with a ledger."""
    return StateError(f"damaged ledger: {what}", where=show(name), hint="bring it back from a backup")
