"""What a format is: it cuts a file into records, finds the text in each, and puts clean text back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

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


@dataclass(frozen=True, slots=True)
class Source:
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


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its number (line of the file, 0 for a whole file), its bytes, and what they hold.

    With a `source` it is a document; with a `problem` it cannot be read; with neither it passes
    through (blank lines, null texts). `more` yields the rest of a record over the size limit, whose
    first bytes are `raw`; it must be used up before the next record is asked for.
    """

    number: int
    raw: bytes
    source: Source | None = None
    problem: str | None = None
    more: Iterable[bytes] = ()


class Format(Protocol):
    """How one kind of file is read and written, record by record."""

    @property
    def blank_line_layout(self) -> bool:
        """Whether clean text is laid out with one blank line between paragraphs by default."""
        ...

    @property
    def line_by_line(self) -> bool:
        """Whether a record is a line, so that a large file can be read in pieces."""
        ...

    def opening_problem(self, line: bytes) -> str | None:
        """Say why a file that begins with `line` is none of this format; None if it may be one."""
        ...

    def records(self, file: Stream, settings: Settings, *, opening: bool) -> Iterator[Record]:
        """Yield the records of `file`; their bytes, joined, are the file.

        `opening` tells that it is read from its beginning, and may turn out to be no such file.
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

    def split_clean(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield the records of a clean file, as bytes."""
        ...
