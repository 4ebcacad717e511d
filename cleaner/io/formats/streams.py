"""What the formats have in common whose files are their records, one behind the other, as bytes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, BinaryIO, Protocol
from zlib import crc32

from cleaner.io.formats.base import WHOLE, Checked, Reader, Record, Sink, Span, Stream

if TYPE_CHECKING:
    from cleaner.settings import Settings

_BLOCK = 1 << 20


class Hash(Protocol):
    """What takes bytes, and tells others from them."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        ...

    def hexdigest(self) -> str:
        """Return what stands for all that was taken."""
        ...


class HashedStream:
    """A stream that hashes all that is read from it: as ledger and state do, or by another `hash`."""

    def __init__(self, stream: Stream, hash: Hash | None = None) -> None:
        self._stream = stream
        self._hash = hash or blake2b(digest_size=16)

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes."""
        return self._seen(self._stream.read(size))

    def readline(self, size: int = -1) -> bytes:
        """Read a line, up to `size` bytes of it."""
        return self._seen(self._stream.readline(size))

    def hexdigest(self) -> str:
        """Read what is left, and return the digest of the whole stream."""
        while self.read(_BLOCK):
            pass
        return self._hash.hexdigest()

    def _seen(self, data: bytes) -> bytes:
        self._hash.update(data)
        return data


class _Checksum:
    """Tells whether a piece is what it was a minute ago, in a quarter of the time that a digest takes."""

    def __init__(self) -> None:
        self._sum = 0

    def update(self, data: bytes) -> None:
        self._sum = crc32(data, self._sum)

    def hexdigest(self) -> str:
        return f"{self._sum:08x}"


class StreamFormat(ABC):
    """A format of records that stand one behind the other; each file or piece is a stream of them."""

    columnar = False
    density = 1

    @abstractmethod
    def records(self, file: Stream, settings: Settings, *, opening: bool) -> Iterator[Record]:
        """Yield the records of `file`; their bytes, joined, are the file.

        `opening` tells that it is read from its beginning, and may turn out to be no such file.
        """

    def stream(self, file: BinaryIO, settings: Settings, span: Span) -> Stream:
        """Return the stream of the records that begin in a span of a file."""
        return file

    def reader(self, file: BinaryIO, settings: Settings, span: Span = WHOLE) -> Reader:
        """Return a reader of a span of `file`. Only of a whole file anybody keeps the digest."""
        stream = HashedStream(self.stream(file, settings, span), None if span.whole else _Checksum())
        return _StreamReader(self.records(stream, settings, opening=span.start == 0), stream)

    def writer(self, reader: Reader, create: Callable[[], Sink], checked: Checked) -> _StreamWriter:
        """Return a writer that creates its file when there is something to write."""
        return _StreamWriter(create)

    def join(self, parts: Iterable[bytes], sink: Sink) -> None:
        """Write the parts one behind the other."""
        for part in parts:
            for data in blocks(part):
                sink.write(data)

    def restorer(self, clean: bytes, column: str, sink: Sink | None) -> _StreamRestorer:
        """Return what writes records as they are."""
        return _StreamRestorer(sink)


class Lines:
    """The lines of a file that begin before byte `end`; it stands at byte `at`."""

    def __init__(self, stream: BinaryIO, at: int, end: int) -> None:
        self._stream, self._at, self._end = stream, at, end
        self._between = True  # lines

    def readline(self, size: int = -1, /) -> bytes:
        """Read a line, up to `size` bytes of it; b"" when none begins in time."""
        if self._between and self._at >= self._end:
            return b""
        data = self._stream.readline(size)
        self._at += len(data)
        self._between = data.endswith(b"\n")
        return data

    read = readline


def go_to_line(stream: BinaryIO, start: int) -> int:
    """Go to the first line that begins at byte `start` or later; return where that is."""
    if start:
        stream.seek(start - 1)
        while (data := stream.readline(_BLOCK)) and not data.endswith(b"\n"):
            pass
    return stream.tell()


def blocks(path: bytes) -> Iterator[bytes]:
    """Yield the bytes of a file."""
    with open(path, "rb") as stream:
        while data := stream.read(_BLOCK):
            yield data


class _StreamReader:
    def __init__(self, records: Iterator[Record], stream: HashedStream) -> None:
        self._records, self._stream = records, stream

    def records(self) -> Iterator[Record]:
        return self._records

    def hexdigest(self) -> str:
        return self._stream.hexdigest()


class _StreamWriter:
    def __init__(self, create: Callable[[], Sink]) -> None:
        self._create = create

    def put(self, raw: bytes) -> None:
        self._create().write(raw)

    def keep(self, record: Record) -> None:
        for data in (record.raw, *record.more):
            self._create().write(data)

    def drop(self) -> bytes:
        return b""

    def skip(self, record: Record) -> Iterable[bytes]:
        yield record.raw
        yield from record.more

    def close(self) -> None:
        pass


class _StreamRestorer:
    def __init__(self, sink: Sink | None) -> None:
        self._sink = sink

    def put(self, raw: bytes, clean: bytes | None, rest: bytes) -> None:
        if self._sink:
            self._sink.write(raw)

    def end_rows(self, values: str, *, ends: bool) -> str:
        return ""

    def close(self) -> None:
        pass
