"""Plain text: the file is one record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from cleaner.io.formats.base import Record, Source, Stream
from cleaner.io.formats.streams import StreamFormat
from cleaner.text.codec import decode, decode_clean, encode, encode_clean, looks_binary

if TYPE_CHECKING:
    from cleaner.settings import Settings


class Txt(StreamFormat):
    """The format of .txt files."""

    blank_line_layout = True
    divisible = False

    def records(self, file: Stream, settings: Settings, *, opening: bool) -> Iterator[Record]:
        """Yield the file as one record; a binary file or one with an endless line is a problem."""
        raw = file.read()
        decoded = decode(raw)
        problem = looks_binary(raw, decoded.codec) or _endless_line(raw, settings.record_limit)
        if problem:
            yield Record(0, raw, problem=problem)
        else:
            yield Record(0, raw, Source(None, decoded.text, (decoded.codec,)))

    def with_text(self, raw: bytes, source: Source, text: str) -> bytes:
        """Return `text` as UTF-8, whatever the encoding of the input was."""
        return encode_clean(text)

    def text_of(self, raw: bytes, source: Source) -> str:
        """Return the text of a clean file."""
        return decode_clean(raw)

    def odd_escapes(self, raw: bytes, source: Source) -> tuple[tuple[int, str], ...]:
        """Return nothing: plain text has no escapes."""
        return ()

    def with_source(self, raw: bytes, source: Source) -> bytes:
        """Return source.text in its own codec."""
        return encode(source.text, source.codec[0])

    def split_clean(self, file: BinaryIO, column: str = "") -> Iterator[bytes]:
        """Yield the file."""
        yield file.read()


def _endless_line(raw: bytes, limit: int) -> str | None:
    if len(raw) <= limit:
        return None
    for number, line in enumerate(raw.splitlines(), 1):
        if len(line) > limit:
            return f"line {number} has {len(line):,} bytes, over the record limit of {limit:,} (record_limit)"
    return None
