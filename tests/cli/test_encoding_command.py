"""`cleaner encoding`: what it says of files of every kind, and that it changes none."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CASES = json.loads((Path(__file__).parents[1] / "cases" / "encodings_told.json").read_text(encoding="utf-8"))
GOOD = "Bộ trưởng Lương Tam Quang hội kiến Tổng thống; Đoàn đại biểu"
OLD = "Bé tr\xadëng L\xad¬ng Tam Quang héi kiÕn Tæng thèng; §oµn ®¹i biÓu"  # the same in TCVN3
TOLD = "UTF-8: TCVN3 (ABC) read as Windows-1252"


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_said(case: dict[str, Any], command, fill, tmp_path, tree):
    fill(tmp_path, {raw(name): raw(text) for name, text in case["files"].items()})
    before = tree(tmp_path)
    ended = command("encoding", *map(raw, case["arguments"]), input=raw(case.get("stdin", "")))
    told = (ended.stdout.decode().splitlines(), ended.stderr.decode().splitlines(), ended.returncode)
    assert told == (case["stdout"], case["stderr"], case["code"])
    assert tree(tmp_path) == before


def test_as_many_cases_have_nothing_to_repair() -> None:
    repaired = [case for case in CASES if any(" -> " in line for line in case["stdout"])]
    assert 2 * len(repaired) <= len(CASES) + 2


@pytest.mark.parametrize("name", ["a.txt.gz", "a.txt.zst", "a.jsonl.gz"])
def test_compressed_files_are_read_as_what_they_hold(name, command, fill, tmp_path):
    data = f"{OLD}\n" if name.startswith("a.txt") else json.dumps({"text": OLD})
    pack = gzip.compress if name.endswith(".gz") else zstd.compress
    fill(tmp_path, {name: pack(data.encode())})
    ended = command("encoding", name)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.decode().startswith(f"{name}  {TOLD} ")


def test_a_damaged_compressed_file_is_named(command, fill, tmp_path):
    fill(tmp_path, {"in/a.txt.gz": gzip.compress(OLD.encode())[:-9], "in/b.txt": GOOD})
    ended = command("encoding", "in")
    assert ended.returncode == 3
    assert b"cleaner: skipped: in/a.txt.gz: gzip data, cut off" in ended.stderr
    assert ended.stdout == b"in/b.txt     UTF-8, nothing to repair\n"


LONG = 4_200_000


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32"], ids=lambda name: str(name)
)
def test_of_a_large_file_whole_lines_of_the_beginning_are_read(encoding, command, fill, tmp_path):
    line = f"{GOOD}; Ċ\u0a00\n"  # letters that hold the byte of a line end
    text = line * (LONG // len(line.encode(encoding)) + 1)
    fill(tmp_path, {"a.txt": (text + OLD + "\n").encode(encoding)})
    told = json.loads(command("encoding", "--json", "a.txt").stdout)
    assert 3_900_000 < told["read"] <= 4_000_000
    assert told["findings"] == told["not_repaired"] == told["problems"] == []
    assert told["bytes"].split()[0] == encoding[:6].upper().removesuffix("-")
    assert told["characters"] == told["lines"] * (len(line) - 1)


def test_all_of_a_large_file_is_read_where_that_is_asked_for(command, fill, tmp_path):
    records = [json.dumps({"text": GOOD}, ensure_ascii=False)] * (LONG // 90) + [json.dumps({"text": OLD})]
    fill(tmp_path, {"a.jsonl": "\n".join(records) + "\n"})
    beginning, whole = (
        json.loads(command("encoding", "--json", *extra, "a.jsonl").stdout) for extra in ([], ["--all"])
    )
    assert beginning["read"] and beginning["documents"] < len(records) and not beginning["findings"]
    assert whole["read"] is None and whole["documents"] == len(records)
    assert [finding["rule"] for finding in whole["findings"]] == ["tcvn3"]
    said = command("encoding", "a.jsonl").stdout.decode()
    assert "(only the first 4.0 MB of 4.4 MB; --all reads all)" in said


def test_a_file_just_as_long_as_what_is_read_is_read_whole(command, fill, tmp_path):
    line = "a line of thirty-two characters\n"
    fill(tmp_path, {"a.txt": line * (4_000_000 // len(line))})
    assert json.loads(command("encoding", "--json", "a.txt").stdout)["read"] is None


def test_json_tells_all_that_the_help_promises(command, fill, tmp_path):
    fill(tmp_path, {"a.txt": f"{GOOD}\n{OLD}\nTh\ufffd\n", "b.txt": "\x00" * 99})
    ended = command("encoding", "--json", "a.txt", "b.txt", "c.txt")
    told, binary, missing = map(json.loads, ended.stdout.splitlines())
    assert ended.returncode == 3
    assert (told["file"], told["format"], told["compression"], told["read"]) == ("a.txt", "txt", "", None)
    assert (told["bytes"], told["what"]) == ("UTF-8", TOLD)
    assert (told["documents"], told["lines"], told["changed_lines"], told["share_of_lines"]) == (
        1,
        3,
        1,
        0.3333,
    )
    (finding,) = told["findings"]
    assert finding == {
        "rule": "tcvn3", "what": "TCVN3 (ABC) read as Windows-1252", "read_as": "windows-1252", "times": 1,
        "documents": 1, "lines": 1, "share_of_lines": 0.3333, "share_of_text": told["share_of_text"],
        "confidence": 1.0, "words": 10, "syllables": 10,
        "examples": [{"line": 2, "before": "Bé tr[U+00AD]ëng L[U+00AD]¬ng Tam Quang héi kiÕn",
                      "after": "Bộ trưởng Lương Tam Quang hội kiến"}],
    }  # fmt: skip
    (left,) = told["not_repaired"]
    assert (left["rule"], left["paragraphs"], left["line"], left["text"]) == (
        "lost_letters",
        1,
        3,
        "Th\ufffd",
    )
    assert binary["bytes"] == "" and "control characters" in binary["problems"][0]["reason"]
    assert missing["problems"] == [{"record": 0, "reason": "cannot be read: No such file or directory"}]
    help_text = command("encoding", "--help").stdout.decode()
    for key in (*told, *finding, *left, *missing["problems"][0]):
        assert key in help_text


def test_colours_only_where_they_are_wanted(command, fill, tmp_path):
    fill(tmp_path, {"a.txt": OLD})
    assert b"\x1b[" not in command("encoding", "a.txt").stdout
    coloured = command("encoding", "--color", "always", "a.txt").stdout
    assert b"\x1b[31m" in coloured and TOLD.encode() in coloured


def test_a_link_is_not_followed(command, fill, tmp_path):
    fill(tmp_path, {"a.txt": OLD})
    (tmp_path / "b.txt").symlink_to("a.txt")
    ended = command("encoding", "b.txt")
    assert (ended.returncode, ended.stdout) == (3, b"")
    assert ended.stderr == b"cleaner: skipped: b.txt: no regular file\n"


def test_what_cannot_be_written_is_said(command, fill, tmp_path):
    fill(tmp_path, {f"in/{number}.txt": OLD for number in range(300)})
    ended = command("encoding", "in", stdout=open("/dev/full", "wb"))
    assert ended.returncode == 4 and b"cannot write to stdout" in ended.stderr
