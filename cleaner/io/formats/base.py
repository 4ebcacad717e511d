"""What a format is: it cuts a file into records, finds the text in each, and puts clean text back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Protocol

import msgspec

if TYPE_CHECKING:
    from cleaner.settings import Settings


class Stream(Protocol):
    """What a format reads from."""

    def read(self, size: int = -1, /) -> bytes:
        """Read up to `size` bytes, all by default; b"" at the end."""
        ...

    def readline(self, size: int = -1, /) -> bytes:
        """Read up to and with the next LF, at most `size` bytes."""
        ...


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object:
        """Append `data`."""
        ...


class Source(msgspec.Struct, frozen=True, gc=False):
    """The text of a record, and how its bytes spell it (see `Header` of the ledger), in how many bytes
    (0: not known); its source and its date as they are written, where the settings name fields for them.
    """

    id: str | None
    text: str
    codec: tuple[str, ...]
    at: int = 0
    escapes: tuple[tuple[int, str], ...] = ()
    origin: str = ""
    date: str = ""
    length: int = 0


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record: its number (line or row of the file, 0 for a whole file), its bytes, and what they hold.
    Of a row they are those of its text.

    With a `source` it is a document; with a `problem` it cannot be read; with neither it passes
    through (blank lines, null texts). `more` yields the rest of a record over the size limit, whose
    first bytes are `raw`; it must be used up before the next record is asked for.
    """

    number: int
    raw: bytes
    source: Source | None = None
    problem: str | None = None
    more: Iterable[bytes] = ()


class Span(msgspec.Struct, frozen=True):
    """All of a file, or the records that begin at bytes `start` to `end` (None: the last)."""

    start: int = 0
    end: int | None = None

    @property
    def whole(self) -> bool:
        """Whether this is all of the file."""
        return self.start == 0 and self.end is None


WHOLE = Span()


class Reader(Protocol):
    """Reads the records of a span of a file."""

    def records(self) -> Iterator[Record]:
        """Yield the records, numbered from the start of the span. Raises InputError when the file cannot
        be read, or is none of this format at all.
        """
        ...

    def hexdigest(self) -> str:
        """Return the digest of the bytes of the span; of all of them, whatever was read until now."""
        ...


class Writer(Protocol):
    """Writes what becomes of the records of a reader: each goes one of four ways before the next is read."""

    def put(self, raw: bytes) -> None:
        """Append the document just read, as `raw`."""
        ...

    def keep(self, record: Record) -> None:
        """Append the record just read as it came in."""
        ...

    def drop(self) -> bytes:
        """Leave out the document just read; return what else than its text has to be kept elsewhere."""
        ...

    def skip(self, record: Record) -> Iterable[bytes]:
        """Leave out the record just read; return all of it."""
        ...

    def close(self) -> None:
        """End what is written."""
        ...


class Restorer(Protocol):
    """Writes the records of a file as they came in, or only checks that they do."""

    def put(self, raw: bytes, clean: bytes | None, rest: bytes) -> None:
        """Append a record: `raw`, which is `clean` in the clean file (None: it does not stand there) beside
        what else the ledger holds of it.
        """
        ...

    def end_rows(self, values: str, *, ends: bool) -> str:
        """End some rows, and their group if it `ends` with them; return what is wrong where their values do
        not have this digest.
        """
        ...

    def close(self) -> None:
        """End what is written."""
        ...


# Told of some rows of a table: the last record, the digest of their values, whether a group ends with them.
Checked = Callable[[int, str, bool], None]


class Format(Protocol):
    """How one kind of file is read and written, record by record."""

    @property
    def blank_line_layout(self) -> bool:
        """Whether clean text is laid out with one blank line between paragraphs by default."""
        ...

    @property
    def divisible(self) -> bool:
        """Whether a large file can be read in pieces."""
        ...

    @property
    def columnar(self) -> bool:
        """Whether a file is a table: what a writer leaves are parts, of which `join` makes the file, and it
        is restored value for value. Else parts are bytes of the file, and so is what is restored.
        """
        ...

    @property
    def density(self) -> int:
        """About how many bytes of text a byte of a file holds."""
        ...

    def reader(self, file: BinaryIO, settings: Settings, span: Span = WHOLE) -> Reader:
        """Return a reader of a span of `file`. Raises InputError as the reader does."""
        ...

    def writer(self, reader: Reader, create: Callable[[], Sink], checked: Checked) -> Writer:
        """Return a writer for a reader of this format. `create` makes the place where to write, or gives the
        one that it has made; of a table, `checked` is told of the rows, in groups or less.
        """
        ...

    def join(self, parts: Iterable[bytes], sink: Sink) -> None:
        """Write the clean file whose parts, in order, stand at these paths."""
        ...

    def restorer(self, clean: bytes, column: str, sink: Sink | None) -> Restorer:
        """Return what restores the input whose clean file is at `clean` into `sink` (None, of a table: only
        checks it). `column` has the text of a table.
        """
        ...

    def with_text(self, raw: bytes, source: Source, text: str) -> bytes:
        """Return record `raw` with `text` in place of its text, all other bytes kept."""
        ...

    def text_of(self, raw: bytes, source: Source) -> str:
        """Return the text of a record that `with_text` wrote."""
        ...

    def odd_escapes(self, raw: bytes, source: Source) -> tuple[tuple[int, str], ...]:
        """Return the characters of the text (offset, spelling) that record `raw` spells in another way
        than we would; `source.escapes` brings them back.
        """
        ...

    def with_source(self, raw: bytes, source: Source) -> bytes:
        """Return record `raw` with source.text in the place of its text, spelled as it came in."""
        ...

    def split_clean(self, file: BinaryIO, column: str) -> Iterator[bytes]:
        """Yield the records of a clean file, as bytes; `column` has the text of a table. Raises InputError
        where it cannot be read.
        """
        ...
