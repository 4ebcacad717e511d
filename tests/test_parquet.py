"""Parquet through whole runs: what is cleaned, what stays, what comes back, what is refused."""

from __future__ import annotations

import datetime
import decimal
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cleaner.io.formats.parquet_values import ValuesDigest
from cleaner.io.output import read_documents
from cleaner.io.publish import Disk
from cleaner.plan import Options
from cleaner.restoring import restore_output, verify_output

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cases" / "parquet.json").read_text(encoding="utf-8")
)
SENTENCES = [
    "Thủ tướng họp báo sáng nay về giá xăng dầu ở Hà Nội.",
    "Bão số 3 đổ bộ vào Quảng Ninh đêm qua, gió giật cấp 12.",
    "Lãi suất huy động tăng nhẹ ở nhiều ngân hàng thương mại.",
    "Giá vàng trong nước giảm 200.000 đồng mỗi lượng so với hôm qua.",
    "Học sinh lớp 12 cả nước bước vào kỳ thi tốt nghiệp trung học phổ thông.",
]


def texts(count: int, first: int = 0) -> list[str | None]:
    """Return texts with something to do, nothing to do, nothing left, and no text at all."""
    made: list[str | None] = []
    for number in range(first, first + count):
        own = f"Bài số {number} kể chuyện riêng của xã {number * 7919 % 997} ở huyện miền núi phía Bắc."
        made.append(
            {
                0: f"{own}\nĐọc thêm\n{SENTENCES[number % 5]}",
                1: own,
                2: "Đọc thêm",
                3: None,
                4: "",
                5: f"{own}\n\n{own}",
            }[number % 6]
        )
    return made


def rich(count: int, kind: pa.DataType | None = None, first: int = 0) -> pa.Table:
    """Return a table with texts and columns of all kinds, some of them with nulls."""
    numbers = range(first, first + count)
    day = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    pair = pa.struct([("a", pa.int64()), ("b", pa.string())])
    columns = {
        "id": pa.array([f"d{number}" for number in numbers]),
        "text": pa.array(texts(count, first), pa.string()).cast(kind or pa.string()),
        "int": pa.array([number % 5 or None for number in numbers], pa.int32()),
        "unsigned": pa.array([2**64 - 1] * count, pa.uint64()),
        "float": pa.array([float("nan") if number % 3 else -0.0 for number in numbers]),
        "half": pa.array([1.5] * count, pa.float16()),
        "bool": pa.array([number % 2 == 0 for number in numbers]),
        "nested": pa.array(
            [[{"a": number, "b": None}, None] if number % 3 else None for number in numbers], pa.list_(pair)
        ),
        "map": pa.array(
            [[("k", number)] if number % 2 else [] for number in numbers], pa.map_(pa.string(), pa.int16())
        ),
        "struct": pa.array([{"x": "y", "z": [1, None]} if number % 4 else None for number in numbers]),
        "vector": pa.array([[1.0, 2.0]] * count, pa.list_(pa.float32(), 2)),
        "time": pa.array([day + datetime.timedelta(number) for number in numbers], pa.timestamp("ns", "UTC")),
        "date": pa.array([datetime.date(2024, 1, 1)] * count),
        "clock": pa.array([datetime.time(1, 2, 3)] * count),
        "duration": pa.array([datetime.timedelta(1)] * count, pa.duration("us")),
        "decimal": pa.array([decimal.Decimal("1.10")] * count, pa.decimal128(10, 2)),
        "category": pa.array([None if n % 9 == 0 else "abc"[n % 3] for n in numbers]).dictionary_encode(),
        "bytes": pa.array([b"\xff\x00"] * count),
        "four": pa.array([b"abcd"] * count, pa.binary(4)),
        "nothing": pa.nulls(count),
    }
    table = pa.table(columns)
    field = table.schema.field("int").with_metadata({"why": "counted"})
    table = table.cast(table.schema.set(2, field))
    return table.replace_schema_metadata({"huggingface": '{"info": {"features": {}}}', "pandas": "{}"})


def put(path: Path, table: pa.Table, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, **{"row_group_size": 10, **options})
    return path


def values(path: Path) -> str:
    """Return the digest of schema, metadata and values of a file."""
    file = pq.ParquetFile(path)
    found = ValuesDigest(file.schema_arrow)
    for batch in file.iter_batches():
        found.update(batch)
    return found.hexdigest()


def groups(path: Path) -> list[int]:
    metadata = pq.read_metadata(path)
    return [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]


def same_table(one: Path, other: Path) -> bool:
    schemas = [pq.read_schema(path) for path in (one, other)]
    alike = schemas[0].equals(schemas[1], check_metadata=True) and groups(one) == groups(other)
    left, right = (pq.read_table(path).drop_columns(["float"]).to_pylist() for path in (one, other))
    return alike and left == right and values(one) == values(other)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Return a folder of shards, as Hugging Face has them, beside other files."""
    top = tmp_path / "in"
    for number in range(3):
        put(
            top / f"data/train-0000{number}-of-00003.parquet", rich(25, first=25 * number), compression="zstd"
        )
    put(top / "large.parquet", rich(12, pa.large_string(), 100), compression="gzip")
    put(top / "coded.parquet", rich(12, pa.dictionary(pa.int32(), pa.string()), 200), compression="none")
    put(top / "none.parquet", rich(0))
    (top / "z.jsonl").write_text(json.dumps({"text": texts(1)[0]}) + "\n")
    return top


def parquet_files(top: Path) -> list[Path]:
    return sorted(path.relative_to(top) for path in top.rglob("*.parquet"))


@pytest.mark.parametrize("when_empty", ["keep", "drop"])
@pytest.mark.parametrize("shard_bytes", [4 << 20, 2000])
def test_every_value_comes_back(inputs, tmp_path, clean, when_empty, shard_bytes):
    out, back = tmp_path / "out", tmp_path / "back"
    outcome = clean(inputs, out, when_empty=when_empty, shard_bytes=shard_bytes)
    assert outcome.exit_code == 0, outcome.problems
    assert outcome.summary.counts["dropped"] > 50
    assert verify_output(str(out)).differences == ()
    assert restore_output(str(out), str(back), (), None, Disk()).differences == ()
    for path in parquet_files(inputs):
        assert same_table(inputs / path, back / path), path


def test_all_but_the_text_stays(inputs, tmp_path, clean):
    clean(inputs, tmp_path / "out", near_duplicate={"enabled": False})
    for path in parquet_files(inputs):
        before, after = inputs / path, tmp_path / "out/clean" / path
        assert pq.read_schema(before).equals(pq.read_schema(after), check_metadata=True)
        assert groups(before) == groups(after)
        rows = pq.read_table(before).num_rows
        old, new = (pq.read_table(each).drop_columns(["text", "float"]) for each in (before, after))
        assert old.to_pylist() == new.to_pylist()
        if rows:
            codecs = [pq.read_metadata(each).row_group(0).column(1).compression for each in (before, after)]
            assert codecs[0] == codecs[1]
    one = pq.read_table(tmp_path / "out/clean/data/train-00000-of-00003.parquet")["text"].to_pylist()
    assert one[:5] == [
        f"{texts(1)[0].splitlines()[0]}\n{SENTENCES[0]}", texts(2)[1], "", None, "",
    ]  # fmt: skip


def test_dropped_rows_are_gone_and_named(inputs, tmp_path, clean):
    clean(inputs, tmp_path / "out", when_empty="drop")
    path = "data/train-00000-of-00003.parquet"
    before, after = pq.read_table(inputs / path), pq.read_table(tmp_path / "out/clean" / path)
    gone = {document.id for document in read_documents(str(tmp_path / "out"), [path]) if not document.clean}
    assert {"d2", "d4"} <= gone
    assert after["id"].to_pylist() == [each for each in before["id"].to_pylist() if each not in gone]
    (third,) = read_documents(str(tmp_path / "out"), [f"{path}:3"])
    assert (third.id, third.source, third.clean) == ("d2", "Đọc thêm", "")


def test_a_group_of_which_all_rows_go(tmp_path, clean):
    table = pa.table({"text": [*["Đọc thêm"] * 4, SENTENCES[0], None]})
    put(tmp_path / "in/a.parquet", table, row_group_size=2)
    clean(tmp_path / "in", tmp_path / "out", when_empty="drop")
    assert groups(tmp_path / "out/clean/a.parquet") == [0, 0, 2]
    restore_output(str(tmp_path / "out"), str(tmp_path / "back"), (), None, Disk())
    assert groups(tmp_path / "back/a.parquet") == [2, 2, 2]
    assert pq.read_table(tmp_path / "back/a.parquet").equals(table)


@pytest.mark.parametrize(("workers", "shard_bytes"), [(2, 3000), (4, 4 << 20), (1, 1000)])
def test_same_bytes(inputs, tmp_path, clean, tree, workers, shard_bytes):
    clean(inputs, tmp_path / "one", when_empty="drop")
    clean(inputs, tmp_path / "two", when_empty="drop", workers=workers, shard_bytes=shard_bytes)
    assert tree(tmp_path / "one", "clean", "ledger") == tree(tmp_path / "two", "clean", "ledger")


@pytest.mark.parametrize("batch_bytes", [1, 300, 8 << 20])
@pytest.mark.parametrize("shard_bytes", [500, 2000, 4 << 20])
def test_large_groups_are_cut_and_read_in_batches(
    tmp_path, clean, tree, monkeypatch, batch_bytes, shard_bytes
):
    monkeypatch.setattr("cleaner.io.formats.parquet_file._UNIT", 8)
    put(tmp_path / "in/a.parquet", rich(90), row_group_size=50)
    put(tmp_path / "in/b.parquet", rich(16, first=90), row_group_size=16)
    monkeypatch.setattr("cleaner.io.formats.parquet_file._BATCH_BYTES", batch_bytes)
    clean(tmp_path / "in", tmp_path / "one", when_empty="drop")
    clean(tmp_path / "in", tmp_path / "two", when_empty="drop", shard_bytes=shard_bytes)
    assert tree(tmp_path / "one", "clean", "ledger") == tree(tmp_path / "two", "clean", "ledger")
    restore_output(str(tmp_path / "two"), str(tmp_path / "back"), (), None, Disk())
    assert verify_output(str(tmp_path / "two")).differences == ()
    assert all(
        same_table(tmp_path / "in" / name, tmp_path / "back" / name) for name in ("a.parquet", "b.parquet")
    )


def test_clean_text_stays_clean(inputs, tmp_path, clean):
    clean(inputs, tmp_path / "out", near_duplicate={"enabled": False})
    outcome = clean(tmp_path / "out/clean", tmp_path / "again", near_duplicate={"enabled": False})
    counts = outcome.summary.counts
    assert (outcome.exit_code, counts["dropped"], counts["edited"]) == (0, 0, 0)
    for path in parquet_files(inputs):
        assert values(tmp_path / "out/clean" / path) == values(tmp_path / "again/clean" / path)


def test_a_second_run_does_what_is_new(inputs, tmp_path, clean):
    """Clean files of earlier runs are compared with."""
    clean(inputs, tmp_path / "out")
    assert clean(inputs, tmp_path / "out").summary is None
    put(inputs / "new.parquet", pa.table({"text": [texts(2)[1], SENTENCES[2] + " Mới đây."]}))
    outcome = clean(inputs, tmp_path / "out")
    assert outcome.summary.counts["documents"] == 2
    assert pq.read_table(tmp_path / "out/clean/new.parquet")["text"].to_pylist()[0] == ""
    assert verify_output(str(tmp_path / "out")).differences == ()


FIELDS = [
    ("earlier date stays", {"priority": {"date_field": "day"}}, ["", SENTENCES[1]]),
    ("earlier row stays", {}, [SENTENCES[1], ""]),
    (
        "named source stays",
        {"source_field": "from", "priority": {"sources": ["b", "a"]}},
        ["", SENTENCES[1]],
    ),
]


@pytest.mark.parametrize(("settings", "left"), [row[1:] for row in FIELDS], ids=[row[0] for row in FIELDS])
def test_fields_are_columns(tmp_path, clean, settings, left):
    days = pa.array([datetime.datetime(2024, 5, 2), datetime.datetime(2024, 5, 1)], pa.timestamp("us"))
    table = pa.table({"text": [SENTENCES[1]] * 2, "from": ["a", "b"], "day": days, "key": [7, 8]})
    put(tmp_path / "in/a.parquet", table)
    clean(tmp_path / "in", tmp_path / "out", id_field="key", **settings)
    assert pq.read_table(tmp_path / "out/clean/a.parquet")["text"].to_pylist() == left
    assert [document.id for document in read_documents(str(tmp_path / "out"))] == ["7", "8"]


def bomb(rows: int, size: int, name: str = "text") -> bytes:
    """Return a small file of one dictionary value told often."""
    indices = pa.array([0] * rows, pa.int32())
    column = pa.DictionaryArray.from_arrays(indices, pa.array(["x" * size]))
    columns = {name: column.cast(pa.string()) if rows * size < 1 << 30 else column}
    stream = io.BytesIO()
    table = pa.table(columns if name == "text" else {"text": ["a"] * rows, **columns})
    pq.write_table(table, stream, compression="zstd", store_schema=False)
    return stream.getvalue()


def stored(table: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


GOOD = stored(pa.table({"id": ["a", "b"], "text": [SENTENCES[0], SENTENCES[1]]}), use_dictionary=False)
STRAY = pa.array([b"\xffabc", SENTENCES[0].encode()]).cast(pa.binary())
FILES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "magic only": lambda: b"PAR1PAR1",
    "text": lambda: b"no parquet at all\n" * 9,
    "cut": lambda: GOOD[:-20],
    "footer lies": lambda: GOOD[:-8] + b"\xff\xff\xff\x7fPAR1",
    "footer damaged": lambda: GOOD[:-60] + bytes(20) + GOOD[-40:],
    "page damaged": lambda: GOOD[:8] + b"\xff" * 60 + GOOD[68:],
    "encrypted": lambda: GOOD[:-4] + b"PARE",
    "no column": lambda: stored(pa.table({"id": ["a"], "body": ["b"]})),
    "numbers": lambda: stored(pa.table({"text": [1, 2]})),
    "lists": lambda: stored(pa.table({"text": [["a"], []]})),
    "two columns": lambda: stored(pa.Table.from_arrays([pa.array(["a"])] * 2, ["text", "text"])),
    "bomb": lambda: bomb(25_000, 400_000),
    "bomb beside the text": lambda: bomb(25_000, 400_000, "html"),
}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_hostile_files(case, tmp_path, clean):
    """One clear line for what cannot be read; the rest of the run is done."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/bad.parquet").write_bytes(FILES[case["name"]]())
    (tmp_path / "in/good.parquet").write_bytes(GOOD)
    outcome = clean(tmp_path / "in", tmp_path / "out")
    assert outcome.exit_code == 3
    (problem,) = map(str, outcome.problems)
    assert problem.startswith("bad.parquet: ") and case["says"] in problem
    assert os.listdir(tmp_path / "out/clean") == ["good.parquet"]
    assert verify_output(str(tmp_path / "out")).differences == ()


def test_every_hostile_file_has_a_case():
    assert sorted(FILES) == sorted(case["name"] for case in CASES)


@pytest.mark.parametrize("bad_records", ["ledger", "keep"])
@pytest.mark.parametrize("limit", [1000, 64_000_000])
def test_rows_that_cannot_be_read(tmp_path, clean, bad_records, limit):
    kind = pa.string()
    stray = pa.array([b"\xffabc", SENTENCES[0].encode(), b"x" * 2000], pa.binary()).view(kind)
    table = pa.table({"text": stray, "n": [1, 2, 3]})
    put(tmp_path / "in/a.parquet", table)
    outcome = clean(tmp_path / "in", tmp_path / "out", bad_records=bad_records, record_limit=limit)
    said = [str(problem) for problem in outcome.problems]
    assert outcome.exit_code == 3
    assert said[0] == "a.parquet:1: the text is not UTF-8 (byte 0xff at 0)"
    assert said[1:] == ["a.parquet:3: a text over the limit of 1,000 bytes (record_limit)"] * (limit == 1000)
    left = pq.read_table(tmp_path / "out/clean/a.parquet")["n"].to_pylist()
    assert left == ([1, 2, 3] if bad_records == "keep" else [2] if limit == 1000 else [2, 3])
    assert verify_output(str(tmp_path / "out")).differences == ()
    restore_output(str(tmp_path / "out"), str(tmp_path / "back"), (), None, Disk())
    assert values(tmp_path / "back/a.parquet") == values(tmp_path / "in/a.parquet")


KINDS = [
    pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.string_view(), pa.binary_view(),
    pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int8(), pa.large_string()),
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_kinds_of_text(tmp_path, clean, kind):
    column = pa.array(texts(30)).cast(kind.value_type if pa.types.is_dictionary(kind) else kind)
    table = pa.table({"text": column.dictionary_encode().cast(kind) if column.type != kind else column})
    put(tmp_path / "in/a.parquet", table)
    outcome = clean(tmp_path / "in", tmp_path / "out", when_empty="drop")
    assert outcome.exit_code == 0, outcome.problems
    assert pq.read_schema(tmp_path / "out/clean/a.parquet") == pq.read_schema(tmp_path / "in/a.parquet")
    assert verify_output(str(tmp_path / "out")).differences == ()
    restore_output(str(tmp_path / "out"), str(tmp_path / "back"), (), None, Disk())
    assert values(tmp_path / "back/a.parquet") == values(tmp_path / "in/a.parquet")


def with_value(path: Path, column: str, row: int, value: object) -> None:
    """Change one value of a file."""
    table = pq.read_table(path)
    number = table.schema.get_field_index(column)
    told = table[column].to_pylist()
    told[row] = value
    table = table.set_column(
        number, table.schema.field(number), pa.array(told, table.schema.field(number).type)
    )
    pq.write_table(table, path, row_group_size=10)


@pytest.mark.parametrize(
    ("column", "row", "value", "says"),
    [
        ("text", 1, "khác", "a.parquet:2: the clean text was changed after it was written"),
        ("bool", 11, True, "a.parquet:20: the values of the rows up to this one are not those of the input"),
        ("nested", 2, [{"a": 9, "b": ""}, None], "a.parquet:10: the values of the rows up to this one"),
    ],
)
def test_verify_finds_what_was_changed(tmp_path, clean, column, row, value, says):
    put(tmp_path / "in/a.parquet", rich(25))
    clean(tmp_path / "in", tmp_path / "out")
    with_value(tmp_path / "out/clean/a.parquet", column, row, value)
    assert any(line.startswith(says) for line in verify_output(str(tmp_path / "out")).differences)


@pytest.mark.parametrize("data", [b"", b"PAR1 no more", None])
def test_verify_without_a_clean_file(tmp_path, clean, data):
    put(tmp_path / "in/a.parquet", rich(25))
    clean(tmp_path / "in", tmp_path / "out")
    place = tmp_path / "out/clean/a.parquet"
    place.unlink()
    if data is not None:
        place.write_bytes(data)
    assert verify_output(str(tmp_path / "out")).differences


def test_a_rule_is_undone(tmp_path, clean):
    put(tmp_path / "in/a.parquet", rich(6))
    clean(tmp_path / "in", tmp_path / "out", when_empty="drop")
    restore_output(
        str(tmp_path / "out"), str(tmp_path / "back"), (), lambda _stage, rule: rule == "vi.read_more", Disk()
    )
    left = pq.read_table(tmp_path / "back/a.parquet").select(["id", "text"]).to_pylist()
    first = texts(6)
    assert [row["id"] for row in left] == ["d0", "d1", "d2", "d3", "d5"]
    assert [row["text"] for row in left][:4] == first[:4]


def test_single_rows_are_restored(tmp_path, clean):
    put(tmp_path / "in/a.parquet", rich(25))
    clean(tmp_path / "in", tmp_path / "out", when_empty="drop")
    restore_output(str(tmp_path / "out"), str(tmp_path / "back"), ["a.parquet:3", "d12"], None, Disk())
    rows = pq.read_table(tmp_path / "back/a.parquet").select(["id", "text"]).to_pylist()
    assert rows == [{"id": "d2", "text": texts(3)[2]}, {"id": "d12", "text": texts(13)[12]}]


def test_limit_counts_documents(tmp_path, clean):
    put(tmp_path / "in/a.parquet", rich(25))
    outcome = clean(tmp_path / "in", tmp_path / "out", options=Options(limit=12))
    assert outcome.summary.counts["documents"] == 12
    assert groups(tmp_path / "out/clean/a.parquet") == [10, 4]
    assert verify_output(str(tmp_path / "out")).differences == ()


def test_commands(tmp_path, command):
    put(tmp_path / "in/a.parquet", rich(12))
    ended = command("run", "in", "-o", "-")
    assert ended.returncode == 0, ended.stderr
    assert pq.read_table(io.BytesIO(ended.stdout)).num_rows == 12
    ended = command("run", "-", "--format", "parquet", input=(tmp_path / "in/a.parquet").read_bytes())
    assert pq.read_table(io.BytesIO(ended.stdout)).num_rows == 12, ended.stderr
    assert command("run", "in", "-o", "out", "--quiet").stderr == b""
    told = command("diff", "out").stdout.decode()
    assert "a.parquet:1" in told and "  - Đọc thêm" in told
    told = command("encoding", "in").stdout.decode()
    assert "a.parquet" in told and "nothing to repair" in told
    ended = command("encoding", "--format", "parquet", "-", input=(tmp_path / "in/a.parquet").read_bytes())
    assert ended.returncode == 0, ended.stderr
    put(tmp_path / "in/b.parquet", rich(12))
    ended = command("run", "in", "-o", "-")
    assert ended.returncode == 2 and b"one Parquet file" in ended.stderr


def test_parquet_in_another_compression(tmp_path, clean, fill):
    import gzip

    fill(tmp_path / "in", {"a.parquet.gz": gzip.compress(GOOD)})
    outcome = clean(tmp_path / "in", tmp_path / "out")
    assert outcome.exit_code == 3
    assert "unpack it" in str(outcome.problems[0])


def test_without_pyarrow(tmp_path, command, environment, fill):
    """What needs it is named, the rest is done."""
    fill(tmp_path, {"hide/sitecustomize.py": HIDE, "in/a.parquet": GOOD, "in/b.txt": SENTENCES[0]})
    hidden = environment | {"PYTHONPATH": str(tmp_path / "hide")}
    ended = command("run", "in", "-o", "out", env=hidden)
    assert ended.returncode == 3
    assert b"skipped: a.parquet: " in ended.stderr and b"pip install 'cleaner[parquet]'" in ended.stderr
    assert os.listdir(tmp_path / "out/clean") == ["b.txt"]


HIDE = """
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "pyarrow" else found(name, package)
"""


def test_arrow_is_imported_only_where_a_table_is_met(command, tmp_path, fill, environment):
    fill(tmp_path, {"in/b.txt": SENTENCES[0]})
    ended = command("run", "in", "-o", "out", env=environment | {"PYTHONPROFILEIMPORTTIME": "1"})
    assert ended.returncode == 0
    assert b"cleaner.io.formats" in ended.stderr and b"pyarrow" not in ended.stderr
