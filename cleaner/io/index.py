"""The index: all paragraphs that stand in clean texts, so that new ones can be compared with them.

    state/index/000003.000/    one segment, never changed: columns, texts, names of documents
        head.json              what it holds, which other segments it replaces, and a digest

It can be made again from clean texts and ledgers. What a segment says of a document counts as long as the
run that cleaned it last is the one that the segment names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from unicodedata import unidata_version

import msgspec
import numpy as np

from cleaner.dedup.columns import WORDS, Columns
from cleaner.dedup.documents import document_keys, documents_of
from cleaner.dedup.signatures import SIGNATURE_VERSION, U64, Ints
from cleaner.errors import StateError
from cleaner.io.index_texts import REBUILD, IndexTexts, TextWriter, damaged_segment
from cleaner.io.ledger import digest
from cleaner.io.ledger_records import packed, read_text
from cleaner.io.publish import Disk, NewFile
from cleaner.io.scratch import Blob, Joined, array_bytes, ends_of, joined_texts, read_array
from cleaner.text.show import show

INDEX_VERSION = 1
_HEAD = b"head.json"
_DATES, _KEYS = b"dates", b"keys"  # of documents
_UNTOLD = 0, 0, ""  # what the first segments were made for: they are made anew, as for other settings

# The shortest and the longest paragraphs that are compared, and the setting `paragraph`.
MadeFor = tuple[int, int, str]


class IndexFile(msgspec.Struct, frozen=True):
    """An input in a segment: the run that cleaned it, and how many documents it has."""

    path: bytes
    run: int
    documents: int


class IndexSegment(msgspec.Struct, frozen=True):
    """A segment. Its documents are those of `files`, in order; `made_for` tells the lengths of
    paragraphs that can be compared, and what a paragraph is: with other settings it is made anew.
    """

    folder: bytes
    rows: int
    documents: int
    files: tuple[IndexFile, ...]
    made_for: MadeFor
    unicode: str = unidata_version
    replaces: tuple[bytes, ...] = ()

    @property
    def name(self) -> bytes:
        """The name of its folder."""
        return os.path.basename(self.folder)

    def size(self) -> int:
        """Return how many bytes it takes on disk."""
        return sum(entry.stat().st_size for entry in os.scandir(self.folder))


class Part(msgspec.Struct, frozen=True):
    """Some paragraphs on their way into a segment: their columns, whose documents count from the first of
    the part; their texts; name, date and key of each document; and the files that these belong to.
    """

    columns: Columns
    texts: Joined
    names: Sequence[bytes]
    dates: Ints
    keys: U64
    files: Sequence[IndexFile]


def read_index(folder: bytes) -> list[IndexSegment]:
    """Return the segments of an index, oldest first; those that another one replaces are left out.

    Raises StateError where one is damaged, or was made in another way than this version does.
    """
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    found = [_read_segment(os.path.join(folder, name)) for name in names]
    replaced = {name for segment in found for name in segment.replaces}
    return [segment for segment in found if segment.name not in replaced]


def _read_segment(folder: bytes) -> IndexSegment:
    place = os.path.join(folder, _HEAD)
    try:
        with open(place, "rb") as stream:
            line, _, check = stream.read().partition(b"\n")
        head = msgspec.json.decode(line)
        if head["index"] > INDEX_VERSION:
            raise StateError(
                f"index of version {head['index']}, this cleaner reads up to {INDEX_VERSION}",
                where=show(folder),
                hint="use the newer cleaner that wrote it",
            )
        if check.strip().decode() != digest(line):
            raise ValueError("checksum")
        if head["signatures"] != SIGNATURE_VERSION:
            raise StateError(
                f"signatures of version {head['signatures']}, this cleaner has {SIGNATURE_VERSION}",
                where=show(folder),
                hint=REBUILD,
            )
        for name, size in head["sizes"].items():
            if os.path.getsize(os.path.join(folder, os.fsencode(name))) != size:
                raise ValueError(name)
        files = tuple(
            IndexFile(os.fsencode(read_text(path)), run, documents) for path, run, documents in head["files"]
        )
        replaces = tuple(os.fsencode(name) for name in head["replaces"])
        low, high, paragraph = head.get("made_for", _UNTOLD)
        return IndexSegment(
            folder, head["rows"], head["documents"], files, (low, high, paragraph), head["unicode"], replaces
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, msgspec.DecodeError):
        raise damaged_segment(folder) from None


class _Counted:
    """A file being written, and how many bytes went into it."""

    def __init__(self, file: NewFile) -> None:
        self._file = file
        self.size = 0

    def write(self, data: bytes | memoryview, /) -> None:
        self._file.write(data)
        self.size += len(data)


class _Written(msgspec.Struct):
    rows: int = 0
    documents: int = 0
    files: list[IndexFile] = msgspec.field(default_factory=list)
    dates: list[Ints] = msgspec.field(default_factory=list)
    keys: list[U64] = msgspec.field(default_factory=list)
    names: list[bytes] = msgspec.field(default_factory=list)


def write_segment(
    folder: bytes, parts: Iterable[Part], made_for: MadeFor, replaces: Sequence[bytes], disk: Disk
) -> None:
    """Write a segment. Raises OutputError."""
    written = _Written()
    with ExitStack() as stack:
        sinks = {
            name: _Counted(stack.enter_context(disk.create(os.path.join(folder, name))))
            for name in (
                b"place",
                b"exact",
                b"sketch",
                b"texts",
                b"ends",
                b"blocks",
                b"names",
                b"names.ends",
                _DATES,
                _KEYS,
            )
        }
        texts = TextWriter(sinks[b"texts"])
        for part in parts:
            _add(part, written, sinks, texts)
        texts.close()
        sinks[b"ends"].write(array_bytes(np.concatenate(texts.ends)).tobytes())
        sinks[b"blocks"].write(array_bytes(np.array(texts.blocks, np.int64)).tobytes())
        sinks[b"names"].write(b"".join(written.names))
        sinks[b"names.ends"].write(array_bytes(ends_of(written.names)).tobytes())
        sinks[_DATES].write(array_bytes(np.concatenate([np.empty(0, np.int64), *written.dates])).tobytes())
        sinks[_KEYS].write(array_bytes(np.concatenate([np.empty(0, np.uint64), *written.keys])).tobytes())
    line = msgspec.json.encode({
        "index": INDEX_VERSION, "signatures": SIGNATURE_VERSION, "unicode": unidata_version,
        "rows": written.rows, "documents": written.documents, "made_for": made_for,
        "replaces": [name.decode() for name in replaces],
        "files": [(packed(os.fsdecode(each.path)), each.run, each.documents) for each in written.files],
        "sizes": {name.decode(): sink.size for name, sink in sinks.items()},
    })  # fmt: skip
    disk.write(os.path.join(folder, _HEAD), line + b"\n" + digest(line).encode() + b"\n")


def _add(part: Part, written: _Written, sinks: dict[bytes, _Counted], texts: TextWriter) -> None:
    place = part.columns.place.copy()
    place[:, 0] += np.uint32(written.documents)
    sinks[b"place"].write(array_bytes(place))
    sinks[b"exact"].write(array_bytes(part.columns.exact))
    sinks[b"sketch"].write(array_bytes(part.columns.sketch))
    texts.add(part.texts)
    written.names += part.names
    written.dates.append(part.dates)
    written.keys.append(part.keys)
    for file in part.files:  # pieces of one file follow each other
        last = written.files[-1] if written.files else None
        if last and (last.path, last.run) == (file.path, file.run):
            written.files[-1] = IndexFile(file.path, file.run, last.documents + file.documents)
        else:
            written.files.append(file)
    written.rows += len(part.columns)
    written.documents += len(part.names)


def alive_ranges(segment: IndexSegment, alive: Iterable[bool]) -> list[tuple[int, int]]:
    """Return the ranges of documents (first, first after) of the files that are alive."""
    ranges: list[tuple[int, int]] = []
    at = 0
    for file, wanted in zip(segment.files, alive, strict=True):
        if wanted and file.documents:
            if ranges and ranges[-1][1] == at:
                ranges[-1] = ranges[-1][0], at + file.documents
            else:
                ranges.append((at, at + file.documents))
        at += file.documents
    return ranges


def row_starts(segment: IndexSegment) -> Ints:
    """Return the first row of each document of a segment, and its rows at last (documents + 1)."""
    document = read_array(segment.folder, b"place", np.uint32, 3)[:, 0]
    starts = np.searchsorted(document, np.arange(segment.documents + 1))
    return starts.astype(np.int64)


def read_columns(folder: bytes, start: int, stop: int) -> Columns:
    """Return some rows of a segment."""
    return Columns(
        read_array(folder, b"place", np.uint32, 3, start, stop),
        read_array(folder, b"exact", np.uint64, 2, start, stop),
        read_array(folder, b"sketch", np.uint32, WORDS, start, stop),
    )


def keys_of(folder: bytes, start: int, stop: int, columns: Columns) -> U64:
    """Return the keys of documents `start` to `stop`, whose rows are `columns` and count them from 0. Where a
    segment does not tell them, as early ones do not, they are those of what stands.
    """
    if not os.path.exists(os.path.join(folder, _KEYS)):
        return document_keys(documents_of(columns), stop - start)
    keys: U64 = read_array(folder, _KEYS, np.uint64, 0, start, stop)
    return keys


def parts_of(segment: IndexSegment, alive: Sequence[bool]) -> Iterator[Part]:
    """Yield the files of a segment that are alive, to be written into another one."""
    starts = row_starts(segment)
    dates = read_array(segment.folder, _DATES, np.int64)
    names, texts = Blob(segment.folder, b"names"), IndexTexts(segment.folder)
    at = 0
    for file, wanted in zip(segment.files, alive, strict=True):
        stop = at + file.documents
        if wanted:
            first, last = starts[[at, stop]].tolist()
            columns = read_columns(segment.folder, first, last)
            columns.place[:, 0] -= np.uint32(at)
            yield Part(
                columns, joined_texts([texts[row] for row in range(first, last)]),
                [names[number] for number in range(at, stop)], dates[at:stop],
                keys_of(segment.folder, at, stop, columns), [file],
            )  # fmt: skip
        at = stop
    texts.close()
    names.close()
