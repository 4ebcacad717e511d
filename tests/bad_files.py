"""Makes the bad inputs of tests/cases/bad_inputs.json: what a case says is data, what it means stands here.

A content is a text or a list of contents, one behind the other, or `{verb: value, …}` (`_VERBS`). In texts
and names `§ab*3§` stands for ababab, and a character \\udc80 to \\udcff for a byte that is not UTF-8. Where
there are two numbers (`*3/9`, `[3, 9]`) the first is the small size of a case, the second the full. A file
is a content, or `{kind: value, …}` (`_KINDS`): a link, a pipe, a tree.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import re
import socket
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

SENTENCE = "Giá xăng dầu trong nước được điều chỉnh từ chiều nay, theo thông báo của hai bộ."
_REPEATED = re.compile(r"§([^§]+?)\*(\d+)(?:/(\d+))?§")
_TIME = 1_700_000_000  # seconds since 1970, of files of which none is said
_LARGEST_BLOCK = 1 << 17  # bytes of a zstd block


class Maker:
    """Makes the files of one case, in its small or its full size."""

    def __init__(self, *, full: bool = False) -> None:
        self._full = full

    def make(self, folder: Path, files: Mapping[str, Any]) -> None:
        """Make all files of a case below a folder."""
        for name, said in files.items():
            place = os.path.join(os.fsencode(folder), os.fsencode(self._text(name)))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            kind = next((kind for kind in _KINDS if isinstance(said, dict) and kind in said), None)
            if kind:
                _KINDS[kind](self, place, said)
            else:
                self.file(place, said)

    def file(self, place: bytes, said: Any) -> None:
        """Make a plain file."""
        with open(place, "wb") as file:
            file.write(self.content(said))
        os.utime(place, (_TIME, _TIME))

    def content(self, said: Any) -> bytes:
        """Return the bytes of a content."""
        if isinstance(said, str):
            return self._text(said).encode("utf-8", "surrogateescape")
        if isinstance(said, list):
            return b"".join(map(self.content, said))
        verb = next(iter(said))
        return _VERBS[verb](self, **said)

    def number(self, said: int | list[int]) -> int:
        """Return the number of the size that is wanted."""
        return said if isinstance(said, int) else said[self._full]

    def _text(self, said: str) -> str:
        return _REPEATED.sub(lambda run: run[1] * int(run[3] if run[3] and self._full else run[2]), said)


def _frame(
    maker: Maker, zstd: Any, window: int = 17, descriptor: int = 0, extra: str = "", tail: str = ""
) -> bytes:
    """Return a zstd frame as no program makes one: of contents, and of `{"run": a, "times": n}`."""
    blocks: list[tuple[int, int, bytes]] = []  # kind, size, body
    for said in zstd if isinstance(zstd, list) else [zstd]:
        if isinstance(said, dict) and "run" in said:
            left = maker.number(said["times"])
            while left:
                blocks.append((1, min(left, _LARGEST_BLOCK), said["run"].encode()))
                left -= blocks[-1][1]
        else:
            data = maker.content(said)
            pieces = (data[at : at + _LARGEST_BLOCK] for at in range(0, len(data), _LARGEST_BLOCK))
            blocks += ((0, len(piece), piece) for piece in pieces)
    head = b"\x28\xb5\x2f\xfd" + bytes([descriptor])
    if not descriptor & 0x20:
        head += bytes([(window - 10) << 3])
    body = b"".join(
        (size << 3 | kind << 1 | (number == len(blocks))).to_bytes(3, "little") + block
        for number, (kind, size, block) in enumerate(blocks, 1)
    )
    return head + bytes.fromhex(extra) + body + bytes.fromhex(tail)


def _changed(maker: Maker, change: Any, cut: int | None = None, flip: int | None = None) -> bytes:
    data = maker.content(change)
    if flip is not None:
        data = data[:flip] + bytes([data[flip] ^ 0xFF]) + data[flip + 1 :]
    return data[:cut]


def _numbered(maker: Maker, numbered: str, times: int | list[int]) -> bytes:
    return "".join(numbered.format(n=n, few=n % 97) for n in range(maker.number(times))).encode()


_VERBS: dict[str, Callable[..., bytes]] = {
    "hex": lambda _maker, hex: bytes.fromhex(hex),
    "text": lambda _maker, text, codec: text.encode(codec, "surrogatepass"),
    "noise": lambda _maker, noise: random.Random(noise).randbytes(noise),
    "repeat": lambda maker, repeat, times: maker.content(repeat) * maker.number(times),
    "numbered": _numbered,
    "gz": lambda maker, gz: gzip.compress(maker.content(gz), 6, mtime=0),
    "zstd": _frame,
    "skippable": lambda maker, skippable: struct.pack("<II", 0x184D2A50, len(skippable)) + skippable.encode(),
    "change": _changed,
    "parquet": lambda _maker, parquet: PARQUET[parquet](),
}


def _link(_maker: Maker, place: bytes, said: Mapping[str, Any]) -> None:
    os.symlink(said["link"], place)


def _hard_link(_maker: Maker, place: bytes, said: Mapping[str, Any]) -> None:
    os.link(os.path.join(os.path.dirname(place), os.fsencode(said["hard_link"])), place)


def _socket(_maker: Maker, place: bytes, _said: Mapping[str, Any]) -> None:
    here = os.getcwd()
    os.chdir(os.path.dirname(place))  # the path of a socket may have no more than 100 bytes
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(os.path.basename(place))
    finally:
        os.chdir(here)


def _sparse(maker: Maker, place: bytes, said: Mapping[str, Any]) -> None:
    with open(place, "wb") as file:
        file.truncate(maker.number(said["sparse"]))


def _with_status(maker: Maker, place: bytes, said: Mapping[str, Any]) -> None:
    maker.file(place, said["content"])
    if "time" in said:
        os.utime(place, (said["time"], said["time"]))
    os.chmod(place, int(said.get("mode", "644"), 8))


def _many(maker: Maker, place: bytes, said: Mapping[str, Any]) -> None:
    for number in range(maker.number(said["many"])):
        folder = os.path.join(place, b"%04d" % (number // 1000))
        if not number % 1000:
            os.makedirs(folder)
        with open(os.path.join(folder, b"%07d.txt" % number), "wb") as file:
            file.write(f"{SENTENCE} {number}\n".encode())


def _copies(maker: Maker, place: bytes, said: Mapping[str, Any]) -> None:
    os.mkdir(place)
    for number in range(maker.number(said["times"])):
        maker.file(os.path.join(place, b"%03d.txt" % number), said["copies"])


def _deep(_maker: Maker, place: bytes, said: Mapping[str, Any]) -> None:
    """Make folders in folders, deeper than a path may be long, and a file in the last."""
    here = os.open(os.path.dirname(place), os.O_RDONLY)
    for _ in range(said["deep"]):
        os.mkdir(b"d" * 250, dir_fd=here)
        below = os.open(b"d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open(b"a.txt", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=here))
    os.close(here)


_KINDS: dict[str, Callable[[Maker, bytes, Mapping[str, Any]], None]] = {
    "link": _link,
    "hard_link": _hard_link,
    "pipe": lambda _maker, place, _said: os.mkfifo(place),
    "socket": _socket,
    "sparse": _sparse,
    "content": _with_status,
    "many": _many,
    "copies": _copies,
    "deep": _deep,
}


def _stored(columns: Mapping[str, Any] | pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), stream, **options)
    return stream.getvalue()


def _bomb() -> bytes:
    """Return a file of some hundred bytes that says the same 400 kB 25,000 times."""
    told = pa.DictionaryArray.from_arrays(pa.array([0] * 25_000, pa.int32()), pa.array(["x" * 400_000]))
    return _stored({"text": told}, compression="zstd", store_schema=False)


PARQUET: dict[str, Callable[[], bytes]] = {
    "good": lambda: _stored({"id": ["a", "b"], "text": [SENTENCE, "Another text."]}, use_dictionary=False),
    "no rows": lambda: _stored({"text": pa.array([], pa.string())}),
    "no text": lambda: _stored({"id": ["a"], "body": ["b"]}),
    "numbers": lambda: _stored({"text": [1, 2]}),
    "lists": lambda: _stored({"text": [["a"], []]}),
    "two columns": lambda: _stored(pa.Table.from_arrays([pa.array(["a"])] * 2, ["text", "text"])),
    "nulls": lambda: _stored({"text": [None, SENTENCE, None]}),
    "bytes": lambda: _stored({"text": [SENTENCE.encode(), b"a  b"]}),
    "stray": lambda: _stored(
        {"text": pa.array([b"\xffabc", SENTENCE.encode()]).cast(pa.string(), safe=False)}
    ),
    "bomb": _bomb,
}
