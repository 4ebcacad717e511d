"""Shards: every record of a file is in one of its pieces, whatever their size; so is every byte."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cleaner.errors import InputError
from cleaner.io.inputs import InputFile, find_inputs
from cleaner.io.shards import Piece, Shard, make_shards, open_records
from cleaner.settings import Settings

derandomized = settings(derandomize=True, deadline=None, max_examples=150)
LIMIT = 1000  # bytes of a record
LINES = [
    b'{"text": "one"}\n', b'{"text": "two", "id": "b"}\r\n', b'{"text": null}\n', b"no record\n",
    b"\n", b" \n", b"\n\n\n", b"[\n", b"\xff\xfe\n",
    b'{"text": "' + b"x" * 1500 + b'"}\n', '{"text": "Đọc\u2028thêm"}\n'.encode(),
]  # fmt: skip
contents = st.tuples(
    st.lists(st.sampled_from(LINES), max_size=12), st.sampled_from([b"", b'{"text": "last"}', b"cut {"])
).map(lambda parts: b"".join(parts[0]) + parts[1])


def input_file(folder: Path, data: bytes, name: str = "a.jsonl") -> InputFile:
    (folder / name).write_bytes(data)
    (file,) = find_inputs([os.fsencode(folder / name)], "auto", (), ()).files
    return file


def cut(file: InputFile, size: int, limits: dict[bytes, int] | None = None) -> list[Shard]:
    return make_shards([(file, file)], b"scratch", limits=limits or {}, shard_bytes=size)


def read(pieces: list[Piece]) -> tuple[list[tuple[int, bytes, str | None, str | None]], list[str]]:
    """Return number in the file, bytes, text and problem of each record, and the digest of each piece."""
    found, digests = [], []
    base = 0
    for piece in pieces:
        number = 0
        with open_records(piece, Settings(record_limit=LIMIT)) as (records, stream):
            for record in records:
                raw = record.raw + b"".join(record.more)
                number = record.number
                text = record.source and record.source.text
                found.append((base + number, raw, text, record.problem))
            digests.append(stream.hexdigest())
        base += number
    return found, digests


@derandomized
@given(contents, st.integers(1, 400))
def test_pieces_hold_the_records_of_the_file(tmp_path_factory, data: bytes, size: int) -> None:
    file = input_file(tmp_path_factory.mktemp("cut"), data)
    whole, _ = read([Piece(file, file)])
    pieces = [piece for shard in cut(file, size) for piece in shard.pieces]
    assert read(pieces)[0] == whole
    assert b"".join(raw for _, raw, _, _ in whole) == data


@pytest.mark.parametrize("opening", [b"[\n", b"\xff\xfe{\x00", b"\x00\x01\x02" * 40 + b"\n"])
def test_the_first_piece_takes_all_of_a_file_that_is_no_such_file(tmp_path: Path, opening: bytes) -> None:
    data = opening + b'{"text": "one"}\n' * 20
    file = input_file(tmp_path, data)
    pieces = [piece for shard in cut(file, 50) for piece in shard.pieces]
    assert len(pieces) > 5
    ((number, raw, text, problem),), _ = read(pieces)
    assert (number, raw, text) == (1, data, None)
    assert problem


def test_where_pieces_end_depends_on_the_file_alone(tmp_path: Path) -> None:
    file = input_file(tmp_path, b'{"text": "one"}\n' * 100)
    assert [(shard.pieces[0].span.start, shard.pieces[0].span.end) for shard in cut(file, 600)] == [
        (0, 600),
        (600, 1200),
        (1200, None),
    ]
    assert all(shard.cut for shard in cut(file, 600))


@pytest.mark.parametrize(
    ("name", "size", "limits"),
    [
        pytest.param("a.jsonl", 1600, {}, id="as large as a shard"),
        pytest.param("a.txt", 10, {}, id="text"),
        pytest.param("a.jsonl", 10, {b"a.jsonl": 3}, id="taken in part"),
    ],
)
def test_what_is_not_cut(tmp_path: Path, name: str, size: int, limits: dict[bytes, int]) -> None:
    file = input_file(tmp_path, b'{"text": "one"}\n' * 100, name)
    (shard,) = cut(file, size, limits)
    assert not shard.cut
    assert shard.pieces == (Piece(file, file, limit=limits.get(file.path)),)


def test_small_files_go_together_and_a_large_one_apart(tmp_path: Path) -> None:
    files = [input_file(tmp_path, b"x" * size, f"{size}.txt") for size in (10, 20, 30)]
    large = input_file(tmp_path, b'{"text": "one"}\n' * 10, "large.jsonl")
    order = [files[0], files[1], large, files[2]]
    shards = make_shards([(file, file) for file in order], b"scratch", limits={}, shard_bytes=100)
    names = [[piece.file.path for piece in shard.pieces] for shard in shards]
    assert names == [[b"10.txt", b"20.txt"], [b"large.jsonl"], [b"large.jsonl"], [b"30.txt"]]
    assert len({shard.scratch for shard in shards}) == 4


def test_pieces_tell_that_the_file_has_changed(tmp_path: Path) -> None:
    file = input_file(tmp_path, b'{"text": "one"}\n' * 100)
    pieces = [piece for shard in cut(file, 600) for piece in shard.pieces]
    before = read(pieces)[1]
    (tmp_path / "a.jsonl").write_bytes((b'{"text": "one"}\n' * 99) + b'{"text": "two"}\n')
    with pytest.raises(InputError, match="changed while it was read"):
        read(pieces)
    status = os.stat(tmp_path / "a.jsonl")
    now = replace(file, mtime_ns=status.st_mtime_ns, inode=status.st_ino)
    after = read([replace(piece, source=now) for piece in pieces])[1]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, True, False]


def test_records_name_their_source_and_date(tmp_path: Path) -> None:
    lines = [
        {"text": "a", "site": "vnexpress", "published": 1735603200, "": "x"},
        {"text": "b", "site": 5, "published": "31/12/2024"},
        {"text": "c", "site": ["no"], "published": None},
    ]
    file = input_file(tmp_path, "".join(json.dumps(line) + "\n" for line in lines).encode())
    named = Settings.model_validate({"source_field": "site", "priority": {"date_field": "published"}})
    for chosen, expected in (
        (named, [("vnexpress", "1735603200"), ("5", "31/12/2024"), ("", "")]),
        (Settings(), [("", "")] * 3),
    ):
        with open_records(Piece(file, file), chosen) as (records, _):
            found = [(record.source.origin, record.source.date) for record in records if record.source]
        assert found == expected


@pytest.mark.parametrize(
    ("size", "shards", "largest"),
    [
        pytest.param(900_000, 1, 900_000, id="too small to be cut"),
        pytest.param(3 << 20, 3, 1 << 20, id="not below a megabyte"),
        pytest.param(64 << 20, 32, 2 << 20, id="enough for each worker to have its share"),
        pytest.param((64 << 20) + 12, 32, (2 << 20) + 1, id="what is left over is no shard of its own"),
        pytest.param(1 << 30, 256, 4 << 20, id="not above what is wanted"),
    ],
)
def test_small_inputs_are_cut_smaller(tmp_path: Path, size: int, shards: int, largest: int) -> None:
    file = replace(input_file(tmp_path, b'{"text": "one"}\n'), size=size)
    found = make_shards([(file, file)], b"scratch", limits={})
    spans = [shard.pieces[0].span for shard in found]
    assert len(found) == shards
    assert max((span.end or size) - span.start for span in spans) == largest
