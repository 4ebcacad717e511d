"""JSON lines: what is a record, and that nothing but the text literal ever changes."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from cleaner.io.formats.base import Record
from cleaner.io.formats.jsonl import Jsonl
from cleaner.settings import Settings

CASES = json.loads((Path(__file__).parents[1] / "cases/jsonl.json").read_text(encoding="utf-8"))
NAMED = [pytest.param(case, id=case["name"]) for case in CASES]


def raw_of(case: dict[str, str]) -> bytes:
    """Return the line of a case; §x*3§ in it stands for xxx."""
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    return re.sub("§(.)\\*(\\d+)§", lambda run: run[1] * int(run[2]), case["line"]).encode()


def records(data: bytes, **settings) -> list[Record]:
    """Return the records of a file, with all of what is over the limit; their bytes are the file."""
    found, whole = [], b""
    for record in Jsonl().records(io.BytesIO(data), Settings.model_validate(settings), opening=True):
        whole += record.raw + b"".join(record.more)
        found.append(record)
    assert whole == data
    assert [record.number for record in found] == list(range(1, len(found) + 1))
    return found


@pytest.mark.parametrize("case", NAMED)
def test_each_line_is_read_or_said_to_be_no_record(case):
    raw = raw_of(case)
    first, third = b'{"text": "first"}\n', b'{"text": "third"}'
    lines = (raw + b"\n", first) if raw.startswith("\ufeff".encode()) else (first, raw + b"\n")
    found = records(b"".join(lines) + third)
    assert [record.source and record.source.text for record in found if record.raw in (first, third)] == [
        "first",
        "third",
    ]
    (record,) = [record for record in found if record.raw == raw + b"\n"]
    if case.get("passes"):
        assert record.source is None and record.problem is None
    elif case.get("problem_is_short"):
        assert record.problem and record.problem.isprintable() and len(record.problem) < 300
    elif "problem" in case:
        assert (record.source, record.problem) == (None, case["problem"])
    else:
        assert record.source.text == case["text"] or record.source.text == case["text"].encode(
            "utf-16", "surrogatepass"
        ).decode("utf-16", "surrogatepass")
        assert record.source.id == case.get("id")


@pytest.mark.parametrize("case", [case for case in NAMED if "text" in case.values[0]])
@pytest.mark.parametrize("text", ["", "b", 'Đọc "thêm"\n\\ \u2028', "\U0001f600\x7f\x01", "a\ud800"])
def test_another_text_changes_the_literal_alone_and_the_old_one_comes_back(case, text):
    raw = raw_of(case)
    (record,) = records(raw)
    source = replace(record.source, escapes=Jsonl().odd_escapes(raw, record.source))
    if "\udcff" in source.text and "\ud800" in text:
        pytest.skip("no clean text holds both stray bytes and half characters")
    written = Jsonl().with_text(raw, source, text)
    assert Jsonl().text_of(written, source) == text
    assert Jsonl().with_source(written, source) == raw
    (again,) = records(written)
    assert again.source and again.source.text == text
    before, literal_at = raw[: source.at], written[source.at :]
    assert written.startswith(before) and literal_at.startswith(b'"')
    old, new = (decoded_tail(line, source.at) for line in (raw, written))
    assert old == new


def decoded_tail(line: bytes, at: int) -> bytes:
    """Return what follows the literal at `at`."""
    return re.match(rb'"(?:[^"\\]|\\.)*"(.*)', line[at:], re.DOTALL)[1]


@given(st.text(), st.text(), st.booleans())
def test_any_text_may_stand_for_any_other(old, new, ascii):
    raw = json.dumps({"x": 1, "text": old, "y": [2]}, ensure_ascii=ascii).encode()
    (record,) = records(raw)
    source = replace(record.source, escapes=Jsonl().odd_escapes(raw, record.source))
    assert source.text == old
    written = Jsonl().with_text(raw, source, new)
    assert json.loads(written) == {"x": 1, "text": new, "y": [2]}
    assert Jsonl().with_source(written, source) == raw


KEYS = ("text", "id", "n", "te\\u0078t", ",", "", ":", "n\\\\", 'n\\"', ',\\"n')
VALUES = (
    '"Đọc"', '"a\\nb"', '"a\\u1ecdb"', '"\\"text\\": \\""', '":"', '","', '"\\ud800"', '"\\\\"', '"a\\\\"',
    "0", "7", "1.10", "1e999", "01", "true", "null", "NaN", "\x01",
)  # fmt: skip
MEMBERS = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from((":", " : ")), st.sampled_from(VALUES)))


@example([("id", ":", '","'), (":", ":", '"a"'), ("\\u002c", ":", '"b"')], ",", ",")
@example([("id", ":", '","'), ("n", ":", '"a"'), (',\\"n', ":", '"b"')], ",", ',"n')
@given(MEMBERS, st.sampled_from((",", ", ", " , ", ",,")), st.sampled_from(("text", ",", ":", "n", ',"n')))
def test_a_record_is_read_the_same_beside_a_list(members, comma, field):
    """A record that holds a list or object is read in another way than those that most files have."""
    written = comma.join(f'"{key}"{colon}{value}' for key, colon, value in members)
    more = '"list": [], '
    (plain,) = records(f"{{{written}}}".encode(), text_field=field)
    (exact,) = records(f"{{{more if written else more[:-2]}{written}}}".encode(), text_field=field)
    assert (plain.problem is None) == (exact.problem is None)
    assert plain.source == (exact.source and replace(exact.source, at=exact.source.at - len(more)))


def test_a_record_writes_text_as_it_is_written_there():
    for raw in (b'{"text": "\\u0111"}', '{"text": "đ"}'.encode()):
        (record,) = records(raw)
        assert Jsonl().with_text(raw, record.source, "ọ") == raw.replace(
            b"\\u0111" if b"\\" in raw else "đ".encode(), b"\\u1ecd" if b"\\" in raw else "ọ".encode()
        )


def test_J18_a_last_line_cut_off():
    found = records(b'{"text": "a"}\n{"text": "b')
    assert [record.problem is None for record in found] == [True, False]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_J20_utf_16_is_one_problem_of_the_whole_file(codec):
    (record,) = records('{"text": "a"}\n{"text": "b"}\n'.encode(codec))
    assert record.problem == "the file is UTF-16; JSON lines are UTF-8"


def test_J21_one_array_over_many_lines_is_one_problem_with_a_way_out():
    (record,) = records(b'[\n{"text": "a"},\n{"text": "b"}\n]\n')
    assert "looks like one JSON array" in record.problem and "jq" in record.problem


def test_a_record_over_the_limit_is_passed_by_in_pieces():
    long = b'{"text": "' + b"x" * 3_000_000 + b'"}\n'
    before, skipped, after = records(b'{"text": "a"}\n' + long + b'{"text": "b"}\n', record_limit=1000)
    assert before.source and after.source
    assert skipped.problem == "record over the limit of 1,000 bytes (record_limit)"
    assert len(skipped.raw) == 1001


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_record_at_the_limit_is_read(end):
    line = b'{"text": "' + b"x" * 988 + b'"}' + end
    assert len(line) - len(end) == 1000
    assert records(line + b'{"text": "b"}' * bool(end), record_limit=1000)[0].source


def test_other_fields_may_be_named():
    data = b'{"content": "a", "url": "u", "id": "x", "text": "t"}'
    (record,) = records(data, text_field="content", id_field="url")
    assert (record.source.text, record.source.id) == ("a", "u")
