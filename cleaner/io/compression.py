"""Compressed files: read whole or refused, and written with the same bytes every time.

zlib is used without `gzip`, and zstd without `ZstdFile`: only so is the end of every member and frame
seen, and a file that was cut, or that goes on with something else, never taken for a shorter one.
"""

from __future__ import annotations

import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from msgspec import Struct

from cleaner.errors import InputError
from cleaner.io.formats.base import Sink

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_SUFFIXES = {b".gz": "gzip", b".zst": "zstd", b".zstd": "zstd"}
_BLOCK = 1 << 16  # bytes read, and compressed, at once
_PIECE = 1 << 18  # bytes taken from a decompressor at once
_WINDOW_LOG = 27  # 128 MB, what `zstd` itself takes unless told otherwise
_FREE = 100_000_000  # bytes that any archive may give
_RATIO = 250  # bytes out for one in, beyond these; news gives 3 to 6
_GZIP_LEVEL = 4  # three times as fast as 6, and 9 % larger, on Vietnamese news
_ZSTD_LEVEL = 3


class _Member(Protocol):
    """A member of gzip data or a frame of zstd data, being decompressed; see zstd.ZstdDecompressor."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Packer(Protocol):
    """What compresses one member or frame."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Kind(Struct, frozen=True):
    """One kind of compression: how a member may begin, what reads it and says that it is damaged, what
    writes it, and which bytes may stand behind the last one.
    """

    name: str
    magics: tuple[bytes, ...]
    member: Callable[[], _Member]
    error: type[Exception]
    packer: Callable[[], _Packer]
    padding: bytes


def split_suffix(path: bytes) -> tuple[bytes, str]:
    """Return a path without the suffix of a compressed file, and the kind of compression ("" for none).

    >>> split_suffix(b"news/a.jsonl.gz"), split_suffix(b"a.txt")
    ((b'news/a.jsonl', 'gzip'), (b'a.txt', ''))
    """
    stem, suffix = os.path.splitext(path)
    kind = _SUFFIXES.get(suffix.lower(), "")
    return (stem, kind) if kind else (path, "")


def decompressed(stream: BinaryIO, kind: str, where: str | None = None) -> BinaryIO:
    """Return a buffered reader of what `stream` holds compressed: all members of "gzip", all frames of
    "zstd", one after the other; for "" the stream itself.

    Reading raises InputError, naming `where`, for data that is not of this kind, is cut off (empty is
    cut off), is damaged, is followed by something else (but zeros behind gzip data, which tapes leave),
    asks for a window of more than 128 MB, or swells like an archive bomb. What was read is proven only
    once the end is reached: checksums stand there, in gzip always, in zstd unless packed with --no-check.
    Closing the reader leaves `stream` open.
    """
    if not kind:
        return stream
    return io.BufferedReader(_Unpacked(_pieces(stream, _KINDS[kind](), where)), _PIECE)


@contextmanager
def compressed(sink: Sink, kind: str) -> Iterator[Sink]:
    """Give a sink that compresses into `sink`, as one member or frame; for "" the sink itself.

    The result depends on the bytes written and the version of the library, and on no clock, name or
    size of the pieces. One frame only, since many readers of zstd stop after the first. It is complete
    on leaving, and stays cut off where an error leaves it.
    """
    if not kind:
        yield sink
        return
    packed = _Packed(sink, _KINDS[kind]().packer())
    yield packed
    packed.finish()


def _pieces(stream: BinaryIO, kind: _Kind, where: str | None) -> Iterator[bytes]:
    """Yield what `stream` holds. How much is read and put out at once is fixed, so that a bomb is refused
    at the same byte whoever reads.
    """
    data = stream.read(_BLOCK)
    taken, given = len(data), 0
    if data and not _begins(data, kind):
        raise InputError(f"named as {kind.name} but holds {_looks_like(data)}; rename it", where=where)
    while data or not taken:
        member = kind.member()
        while not member.eof:
            if member.needs_input and not data:
                data = stream.read(_BLOCK)
                taken += len(data)
                if not data:
                    raise InputError(
                        f"{kind.name} data, cut off after {taken:,} bytes; copy the file again", where=where
                    )
            try:
                piece, data = member.decompress(data, _PIECE), b""
            except kind.error as error:
                raise InputError(_damage(kind, error), where=where) from None
            given += len(piece)
            if given > _FREE and given > taken * _RATIO:
                raise InputError(
                    f"{taken:,} bytes of {kind.name} data give more than {given:,}, over {_RATIO} for one, as"
                    " archive bombs do; if it is none, unpack it yourself",
                    where=where,
                )
            if piece:
                yield piece
        data = member.unused_data.lstrip(kind.padding)
        while len(data) < 4 and (more := stream.read(_BLOCK)):
            taken += len(more)
            data = (data + more).lstrip(kind.padding)
        if data and not _begins(data, kind):
            raise InputError(
                f"the {kind.name} data ends after {taken - len(data):,} bytes and something else follows;"
                " copy the file again, or cut that off",
                where=where,
            )


def _begins(data: bytes, kind: _Kind) -> bool:
    """Tell whether a member begins here, or what is left of one that was cut."""
    return any(magic.startswith(data[: len(magic)]) for magic in kind.magics)


def _looks_like(data: bytes) -> str:
    others = (name for name, kind in _KINDS.items() if len(data) > 3 and _begins(data, kind()))
    return f"{name} data" if (name := next(others, "")) else "something else"


def _damage(kind: _Kind, error: Exception) -> str:
    reason = str(error).rpartition(": ")[2]
    if "too much memory" in reason:
        return "zstd data with a window of more than 128 MB; pack it again with --long=27 or less"
    if "Dictionary" in reason:
        return "zstd data that needs a dictionary; pack it again without one"
    return f"damaged {kind.name} data ({reason}); copy the file again"


class _Unpacked(io.RawIOBase):
    """The pieces as a raw stream. What failed once fails again: an error is never an end."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")
        self._failed: InputError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if self._failed:
            raise self._failed
        if not self._piece:
            try:
                self._piece = memoryview(next(self._pieces, b""))
            except InputError as error:
                self._failed = error
                raise
        wanted = memoryview(buffer).cast("B")
        size = min(len(wanted), len(self._piece))
        wanted[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size


class _Packed:
    """A sink that compresses in blocks of one size, however the bytes come."""

    def __init__(self, sink: Sink, packer: _Packer) -> None:
        self._sink, self._packer = sink, packer
        self._waiting = bytearray()

    def write(self, data: bytes, /) -> None:
        """Append `data`."""
        self._waiting += data
        while len(self._waiting) >= _BLOCK:
            self._put(self._packer.compress(bytes(self._waiting[:_BLOCK])))
            del self._waiting[:_BLOCK]

    def finish(self) -> None:
        """Write what is left, and the end."""
        self._put(self._packer.compress(bytes(self._waiting)))
        self._put(self._packer.flush())

    def _put(self, data: bytes) -> None:
        if data:
            self._sink.write(data)


class _GzipMember:
    """zlib with the duties of _Member."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)  # a gzip header and trailer, checked

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)


def _gzip() -> _Kind:
    def packer() -> _Packer:
        return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, wbits=31)  # no name, and 0 for the time

    return _Kind("gzip", (b"\x1f\x8b",), _GzipMember, zlib.error, packer, padding=b"\0")


def _zstd_module() -> ModuleType:
    """Imported only where it is needed: most runs start without."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def pack_block(data: bytes) -> bytes:
    """Return a block of text as `unpack_block` reads it. For speed: twice as fast as files are packed."""
    packer = _block_packer()
    found: bytes = packer.compress(data, packer.FLUSH_FRAME)
    return found


@cache
def _block_packer() -> Any:
    """One for all blocks: a seventh of the time of packing them goes into making one for each."""
    return _zstd_module().ZstdCompressor(level=1)


def unpack_block(data: bytes) -> bytes:
    """Return a block of text. Raises ValueError when it is damaged."""
    zstd = _zstd_module()
    try:
        found: bytes = zstd.decompress(data)
    except zstd.ZstdError as error:
        raise ValueError(str(error)) from None
    return found


def _zstd() -> _Kind:
    zstd = _zstd_module()

    def member() -> _Member:
        most = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}
        found: _Member = zstd.ZstdDecompressor(options=most)
        return found

    def packer() -> _Packer:
        settings = zstd.CompressionParameter
        options = {settings.compression_level: _ZSTD_LEVEL, settings.checksum_flag: 1}
        found: _Packer = zstd.ZstdCompressor(options=options)
        return found

    frame, skippable = b"\x28\xb5\x2f\xfd", (bytes([low]) + b"\x2a\x4d\x18" for low in range(0x50, 0x60))
    return _Kind("zstd", (frame, *skippable), member, zstd.ZstdError, packer, padding=b"")


_KINDS: dict[str, Callable[[], _Kind]] = {"gzip": _gzip, "zstd": _zstd}
