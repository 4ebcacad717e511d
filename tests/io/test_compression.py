"""Compressed files: nothing is ever taken for a shorter file, and bytes are the same every time."""

from __future__ import annotations

import io
import json
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import tracemalloc
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.errors import InputError
from cleaner.io.compression import compressed, decompressed, split_suffix

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CASES = json.loads((Path(__file__).parents[1] / "cases/compression.json").read_text(encoding="utf-8"))
CHECKED = {zstd.CompressionParameter.checksum_flag: 1}
TEXT = "Thủ tướng họp báo sáng nay về giá xăng dầu.\n".encode() * 3
_GENERATOR = random.Random(1)
LONG = "".join(_GENERATOR.choices("ăâđêôơư abcdefgh\n", k=300_000)).encode()
KINDS = ("gzip", "zstd")


def gzipped(data: bytes, head: bytes = b"\x1f\x8b\x08\0\0\0\0\0\0\x03") -> bytes:
    """Return a member, put together by hand."""
    deflate = zlib.compressobj(wbits=-15)
    body = deflate.compress(data) + deflate.flush()
    return head + body + struct.pack("<II", zlib.crc32(data), len(data))


def skippable(data: bytes) -> bytes:
    return struct.pack("<II", 0x184D2A53, len(data)) + data


MAKE = {
    "gzip": lambda text: gzipped(text.encode()),
    "gzip named": lambda text: gzipped(text.encode(), b"\x1f\x8b\x08\x18abcd\0\x03a name\0a comment\0"),
    "zstd": lambda text: zstd.compress(text.encode(), options=CHECKED),
    "zstd unchecked": lambda text: zstd.compress(text.encode()),
    "skippable": lambda text: skippable(text.encode()),
    "text": str.encode,
    "zeros": bytes,
    "hex": bytes.fromhex,
}


def unpacked(data: bytes, kind: str, size: int = -1) -> bytes:
    """Return all of it, read in pieces of `size`."""
    stream = decompressed(io.BytesIO(data), kind)
    return stream.read() if size < 0 else b"".join(iter(lambda: stream.read(size), b""))


def packed(data: bytes, kind: str) -> bytes:
    sink = io.BytesIO()
    with compressed(sink, kind) as stream:
        stream.write(data)
    return sink.getvalue()


def reason(data: bytes, kind: str, size: int = -1) -> str:
    with pytest.raises(InputError) as caught:
        unpacked(data, kind, size)
    assert "\n" not in str(caught.value)
    return caught.value.message


@pytest.mark.parametrize("size", [-1, 1, 7])
@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_case(case, size):
    data = b"".join(MAKE[how](content) for how, content in case["parts"])
    if "gives" in case:
        assert unpacked(data, case["kind"], size).decode() == case["gives"]
    else:
        assert reason(data, case["kind"], size) == case["refused"]


@pytest.mark.parametrize(
    "data, kind",
    [
        (gzipped(TEXT), "gzip"),
        (packed(TEXT, "gzip"), "gzip"),
        (zstd.compress(TEXT), "zstd"),
        (packed(TEXT, "zstd"), "zstd"),
        (gzipped(LONG), "gzip"),
        (zstd.compress(LONG), "zstd"),
    ],
    ids=["gzip", "own gzip", "zstd without checksum", "own zstd", "large gzip", "large zstd"],
)
def test_a_cut_is_noticed_wherever_it_is(data, kind):
    for size in range(0, len(data), 1 if len(data) < 1000 else 4999):
        assert reason(data[:size], kind) == f"{kind} data, cut off after {size:,} bytes; copy the file again"
    assert unpacked(data, kind) in (TEXT, LONG)


@pytest.mark.parametrize("make, kind", [(gzipped, "gzip"), (zstd.compress, "zstd")], ids=KINDS)
def test_a_cut_among_several_members_is_noticed_but_between_two(make, kind):
    parts = [make(TEXT), make(b""), make(TEXT[:20])]
    ends = {sum(map(len, parts[:count])) for count in (1, 2)}
    data = b"".join(parts)
    for size in range(len(data)):
        if size in ends:
            assert unpacked(data[:size], kind) == TEXT
        else:
            assert "cut off" in reason(data[:size], kind)


@pytest.mark.parametrize("make, kind", [(gzipped, "gzip"), (MAKE["zstd"], "zstd")], ids=KINDS)
def test_a_flipped_bit_never_gives_other_bytes(make, kind):
    text = TEXT.decode() if kind == "zstd" else TEXT
    data = make(text) + (skippable(b"index") if kind == "zstd" else b"")
    refused = 0
    for at in range(len(data)):
        for bit in range(8):
            damaged = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            try:
                assert unpacked(damaged, kind) == TEXT, (at, bit)
            except InputError:
                refused += 1
    assert refused > len(data) * 5  # what may change: time, system and comment of a header


def test_what_failed_fails_again():
    stream = decompressed(io.BytesIO(gzipped(LONG)[:-1]), "gzip", where="a.gz")
    for _ in range(3):
        with pytest.raises(InputError, match=r"^a\.gz: gzip data, cut off"):
            stream.read()


def test_zstd_is_imported_only_where_it_is_met():
    program = """
import io, sys
from cleaner.io.compression import decompressed
from cleaner.io.inputs import find_inputs
assert find_inputs([b"."], "auto").files[0].compression == "zstd"
decompressed(io.BytesIO(bytes.fromhex("1f8b080000000000000303000000000000000000")), "gzip").read()
assert not [name for name in sys.modules if "zstd" in name]
"""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.txt.zst").touch()
        subprocess.run([sys.executable, "-c", program], cwd=folder, check=True, timeout=60)


@pytest.mark.parametrize("kind", KINDS)
def test_lines_are_read_as_from_a_plain_file(kind):
    assert list(decompressed(io.BytesIO(packed(LONG, kind)), kind)) == LONG.splitlines(keepends=True)


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_bomb_is_refused_at_the_same_byte_in_little_memory(kind):
    sink = io.BytesIO()
    with compressed(sink, kind) as stream:
        for _ in range(120):
            stream.write(bytes(1 << 20))
    tracemalloc.start()
    told = {reason_of_bomb(sink.getvalue(), kind, size) for size in (1 << 20, 999_999)}
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(told) == 1 and "as archive bombs do; if it is none, unpack it yourself" in told.pop()
    assert peak < 8 << 20


def reason_of_bomb(data: bytes, kind: str, size: int) -> str:
    stream = decompressed(io.BytesIO(data), kind)
    with pytest.raises(InputError) as caught:
        while stream.read(size):
            pass
    return caught.value.message


@pytest.mark.parametrize("kind", KINDS)
def test_what_swells_but_is_small_is_no_bomb(kind):
    text = bytes(90_000_000)
    assert len(packed(text, kind)) * 250 < len(text)
    assert len(unpacked(packed(text, kind), kind)) == len(text)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(kind=st.sampled_from(["", *KINDS]), cuts=st.lists(st.integers(0, len(LONG)), max_size=6))
def test_the_same_bytes_however_they_are_cut(kind, cuts):
    sink = io.BytesIO()
    with compressed(sink, kind) as stream:
        for start, end in pairwise(sorted({0, *cuts, len(LONG)})):
            stream.write(LONG[start:end])
    assert sink.getvalue() == packed(LONG, kind)
    assert unpacked(sink.getvalue(), kind) == LONG


@settings(derandomize=True, deadline=None, max_examples=200)
@given(kind=st.sampled_from(["", *KINDS]), text=st.binary(max_size=300))
def test_what_was_written_is_read(kind, text):
    assert unpacked(packed(text, kind), kind) == text


def test_the_bytes_hold_no_clock_name_or_system_and_are_one_frame():
    assert packed(TEXT, "gzip")[:10] == b"\x1f\x8b\x08\0\0\0\0\0\0\x03"
    data = packed(LONG, "zstd")
    assert zstd.get_frame_size(data) == len(data)
    with pytest.raises(zstd.ZstdError, match="checksum"):
        zstd.decompress(data[:-1] + bytes([data[-1] ^ 1]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_an_error_leaves_is_cut_off(kind):
    sink = io.BytesIO()
    with pytest.raises(ZeroDivisionError), compressed(sink, kind) as stream:
        stream.write(LONG)
        raise ZeroDivisionError
    assert "cut off" in reason(sink.getvalue(), kind)


@pytest.mark.parametrize(
    "path, stem, kind",
    [
        (b"a.jsonl.gz", b"a.jsonl", "gzip"),
        (b"x.y/a.TXT.GZ", b"x.y/a.TXT", "gzip"),
        (b"a.txt.zst", b"a.txt", "zstd"),
        (b"a.zstd", b"a", "zstd"),
        (b"a.gz.zst", b"a.gz", "zstd"),
        (b"\xff.txt.gz", b"\xff.txt", "gzip"),
        (b"a.txt", b"a.txt", ""),
        (b"a.gz.txt", b"a.gz.txt", ""),
        (b"x.gz/a.txt", b"x.gz/a.txt", ""),
        (b"x.gz/a", b"x.gz/a", ""),
        (b"agz", b"agz", ""),
        (b".gz", b".gz", ""),
        (b"a.tgz", b"a.tgz", ""),
        (b"a.bz2", b"a.bz2", ""),
    ],
)
def test_the_suffix_tells_the_kind(path, stem, kind):
    assert split_suffix(path) == (stem, kind)


def piped(data: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    if not shutil.which(words[0]):
        pytest.skip(f"no {words[0]} on this machine")
    return subprocess.run(words, input=data, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize("kind", KINDS)
def test_the_usual_programs_read_what_was_written(kind):
    read = piped(packed(LONG, kind), kind, "-dc")
    assert (read.returncode, read.stdout, read.stderr) == (0, LONG, b"")


@pytest.mark.parametrize(
    "words, kind",
    [
        (("gzip", "-1"), "gzip"),
        (("gzip", "-9"), "gzip"),
        (("zstd", "-1"), "zstd"),
        (("zstd", "-19", "--no-check"), "zstd"),
        (("zstd", "--long=27"), "zstd"),
        (("zstd", "-T2", "--fast"), "zstd"),
    ],
    ids=" ".join,
)
def test_what_the_usual_programs_write_is_read(words, kind):
    made = piped(LONG, *words, "-c")
    assert made.returncode == 0, made.stderr
    assert unpacked(made.stdout + made.stdout, kind) == LONG + LONG


def test_a_window_over_the_limit_of_the_usual_program_is_refused():
    made = piped(LONG, "zstd", "--ultra", "--long=31", "-c")
    assert made.returncode == 0, made.stderr
    assert "window of more than 128 MB" in reason(made.stdout, "zstd")
