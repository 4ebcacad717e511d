"""Compressed files and path patterns through whole runs."""

from __future__ import annotations

import gzip
import io
import json
import os
from hashlib import blake2b

import pytest

from cleaner.io.compression import compressed, decompressed, split_suffix
from cleaner.io.publish import Disk
from cleaner.plan import Options
from cleaner.restoring import restore_output, verify_output

FIRST = "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường."
NEARLY = "Thủ tướng đã họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường."
OTHER = "The committee will meet again on Monday to discuss the budget of the harbour."
TEXT = f"{FIRST}\nĐọc thêm\r\n{FIRST}\nA title\xa0here\n"


def records(*texts: str) -> str:
    return "".join(json.dumps({"id": f"n{number}", "text": text}) + "\n" for number, text in enumerate(texts))


PLAIN = {
    "a.txt": TEXT,
    "b/c.jsonl": records(f"{NEARLY}\nmore", OTHER, "x") + "no record\n",
    "d.jsonl": "",
    "e.txt": b"\xff\xfe" + OTHER.encode("utf-16-le"),
}


def packed(data: bytes | str, kind: str) -> bytes:
    sink = io.BytesIO()
    with compressed(sink, kind) as stream:
        stream.write(data.encode() if isinstance(data, str) else data)
    return sink.getvalue()


def contents(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return what files hold, under their names without the suffix of compression."""
    found = {}
    for path, data in files.items():
        stem, kind = split_suffix(path.encode())
        found[stem.decode()] = decompressed(io.BytesIO(data), kind).read()
    return found


@pytest.fixture(params=[".gz", ".zst", ".zstd"])
def suffix(request) -> str:
    return request.param


@pytest.fixture
def inputs(tmp_path, fill, suffix):
    kind = split_suffix(b"a" + suffix.encode())[1]
    return fill(tmp_path / "in", {name + suffix: packed(data, kind) for name, data in PLAIN.items()})


@pytest.fixture
def out(inputs, tmp_path, clean):
    assert clean(inputs, tmp_path / "out").exit_code == 3  # the line that is no record
    return tmp_path / "out"


def test_clean_text_is_that_of_the_plain_twins(out, tmp_path, fill, clean, tree, suffix):
    clean(fill(tmp_path / "plain", PLAIN), tmp_path / "twin")
    names = sorted(tree(out / "clean"))
    assert names == sorted(name + suffix for name in tree(tmp_path / "twin" / "clean"))
    assert contents(tree(out / "clean")) == tree(tmp_path / "twin" / "clean")
    assert verify_output(str(out)).differences == ()


def test_restoring_gives_the_content_back_packed_again(out, tmp_path, tree):
    assert restore_output(str(out), str(tmp_path / "back"), [], None, Disk()).differences == ()
    assert sorted(tree(tmp_path / "back")) == sorted(tree(tmp_path / "in"))
    assert contents(tree(tmp_path / "back")) == contents(tree(tmp_path / "in"))


def test_the_same_bytes_each_time(out, inputs, tmp_path, clean, tree):
    clean(inputs, tmp_path / "again", workers=2, shard_bytes=1)
    assert tree(tmp_path / "again", "clean", "ledger") == tree(out, "clean", "ledger")


def test_one_document_is_restored_alone(out, tmp_path, suffix, tree):
    name = f"b/c.jsonl{suffix}"
    restore_output(str(out), str(tmp_path / "back"), [f"{name}:2"], None, Disk())
    assert contents(tree(tmp_path / "back")) == {"b/c.jsonl": PLAIN["b/c.jsonl"].splitlines(True)[1].encode()}


def test_a_later_run_reads_compressed_clean_text_again(out, inputs, tmp_path, fill, clean, tree):
    before = tree(out, "clean")
    fill(inputs, {"z.txt": f"{FIRST}\nSomething of its own"})
    outcome = clean(inputs, out)
    assert outcome.summary.counts["dropped near_duplicate.exact"] == 1
    assert tree(out, "clean") == {**before, "clean/z.txt": b"Something of its own\n"}


def test_what_was_only_packed_anew_is_unchanged(out, inputs, clean, suffix, stamps):
    kind = split_suffix(b"a" + suffix.encode())[1]
    for name, data in PLAIN.items():
        data = data.encode() if isinstance(data, str) else data
        anew = packed(data[:9], kind) + packed(data[9:], kind)
        assert anew != (inputs / (name + suffix)).read_bytes()
        (inputs / (name + suffix)).write_bytes(anew)
    before = stamps(out / "clean")
    assert clean(inputs, out).summary is None
    assert stamps(out / "clean") == before
    (inputs / f"a.txt{suffix}").write_bytes(packed(TEXT.replace("title", "tilte"), kind))
    assert clean(inputs, out).summary.counts["documents"] == 1


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-1], id="cut"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut in the middle"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data + b"more", id="grown"),
        pytest.param(lambda data: data[:-5] + bytes([data[-5] ^ 1]) + data[-4:], id="flipped"),
        pytest.param(lambda data: b"plain text\n", id="not compressed"),
    ],
)
def test_damage_is_named_in_one_line(inputs, out, tmp_path, clean, damage, suffix, command):
    name = f"a.txt{suffix}"
    whole = (out / "clean" / name).read_bytes()
    (out / "clean" / name).write_bytes(damage(whole))
    (difference,) = verify_output(str(out)).differences
    assert difference.startswith(f"{name}: the clean file cannot be read: ")
    for arguments in (("verify", out), ("restore", out, "-o", tmp_path / "back")):
        told = command(*arguments)
        assert told.returncode == 7 and b"Traceback" not in told.stderr
        assert told.stderr.count(b"the clean file cannot be read") == 1
    shown = command("diff", out, name)
    assert shown.returncode == 7 and shown.stderr.count(b"\n") == 1
    (inputs / name).write_bytes(damage((inputs / name).read_bytes()))
    outcome = clean(inputs, tmp_path / "fresh")
    assert outcome.exit_code == 3
    assert {str(problem.path, "utf-8") for problem in outcome.problems} == {name, f"b/c.jsonl{suffix}"}
    assert not os.path.exists(tmp_path / "fresh/clean" / name)
    assert verify_output(str(tmp_path / "fresh")).differences == ()


def test_another_content_in_sound_packing_is_found(out, suffix):
    name = f"a.txt{suffix}"
    text = contents({name: (out / "clean" / name).read_bytes()})["a.txt"]
    kind = split_suffix(name.encode())[1]
    (out / "clean" / name).write_bytes(packed(text[:20], kind) + packed(text[20:], kind))
    assert verify_output(str(out)).differences == ()
    (out / "clean" / name).write_bytes(packed(text + b"more", kind))
    (difference,) = verify_output(str(out)).differences
    assert difference == f"{name}: the clean text was changed after it was written"


def test_of_a_damaged_clean_file_all_before_the_damage_is_restored(tmp_path, fill, clean, tree):
    lines = [json.dumps({"text": f"{number} {hash_of(number)}"}) + "\n" for number in range(20_000)]
    fill(tmp_path, {"in/a.jsonl.gz": gzip.compress("".join(lines).encode())})
    clean(tmp_path / "in", tmp_path / "out")
    file = tmp_path / "out/clean/a.jsonl.gz"
    os.truncate(file, file.stat().st_size // 2)
    told = restore_output(str(tmp_path / "out"), str(tmp_path / "back"), [], None, Disk()).differences
    assert len(told) == 1 and "gzip data, cut off after" in told[0]
    back = contents(tree(tmp_path / "back"))["a.jsonl"].decode()
    assert 2000 < back.count("\n") < 12_000 and "".join(lines).startswith(back)


def hash_of(number: int) -> str:
    return blake2b(b"%d" % number).hexdigest()


def test_stdout_gets_plain_text(tmp_path, fill, command):
    fill(tmp_path, {"a.txt.gz": gzip.compress(b"A line.\n\n\nAnother one\xc2\xa0here.")})
    told = command("run", "a.txt.gz", "-o", "-")
    assert (told.returncode, told.stdout) == (0, b"A line.\n\nAnother one here.\n")


def test_a_limit_counts_documents_in_compressed_files(inputs, tmp_path, clean, suffix, tree):
    outcome = clean(inputs, tmp_path / "look", options=Options(limit=2))
    assert outcome.summary.counts["documents"] == 2
    assert contents(tree(tmp_path / "look" / "clean")).keys() == {"a.txt", "b/c.jsonl"}


def test_the_command_line_takes_patterns_in_place_of_the_settings(tmp_path, fill, command, tree):
    fill(
        tmp_path, {"in/a.txt": "A.", "in/b.jsonl": '{"text": "B."}\n', "in/x/c.txt": "C.", "in/x/d.txt": "D."}
    )
    fill(tmp_path, {"config.yaml": "input: [in]\ninclude: ['*.jsonl']\n"})
    assert command("run").returncode == 0
    assert tree(tmp_path / "out/clean").keys() == {"b.jsonl"}
    told = command("run", "--include", "*.txt", "--include", "b*", "--exclude", "x/d*")
    assert told.returncode == 0 and b"other settings" not in told.stderr
    assert tree(tmp_path / "out/clean").keys() == {"a.txt", "b.jsonl", "x/c.txt"}
    told = command("run", "--include", "/a.txt")
    assert told.returncode == 2 and b"include '/a.txt': a pattern begins with no slash" in told.stderr


def test_patterns_that_leave_nothing_are_named(tmp_path, fill, command):
    fill(tmp_path, {"in/a.txt": "A.", "in/b.txt": "B."})
    told = command("run", "in", "--include", "*.gz")
    assert told.returncode == 0
    assert told.stderr == b"cleaner: nothing to do: no input files found; include and exclude left out 2.\n"
    assert b"include" not in command("run", "in", "--format", "jsonl", "-o", "o").stderr


def test_patterns_of_the_settings_do_not_touch_one_text(tmp_path, fill, command):
    fill(tmp_path, {"config.yaml": "include: ['*.gz']\n"})
    assert command("run", "-", input=b"A line.").stdout == b"A line.\n"
    assert b"A line." in command("try", "A line.").stdout
