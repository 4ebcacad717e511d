"""`cleaner run --metrics-file`: figures for Prometheus, on success and on failure, never half a file."""

from __future__ import annotations

import os
import re
import stat
import time
from pathlib import Path

import pytest

from cleaner.errors import OutputError
from cleaner.io.lock import locked
from cleaner.io.publish import Disk
from cleaner.report.metrics import GAUGES, metrics_text, read_metric

RUN, SUCCESS = "cleaner_last_run_timestamp_seconds", "cleaner_last_success_timestamp_seconds"
CODE, ROWS = "cleaner_last_run_exit_code", "cleaner_index_rows"
DOCUMENTS, SKIPPED, REMOVED = (f"cleaner_last_run_{name}" for name in ("documents", "skipped", "removed"))
SAMPLE = re.compile(r'(\w+)\{name="((?:[^"\\\n]|\\[\\"n])*)"\} (\d+(?:\.\d+)?)')


@pytest.fixture
def inputs(tmp_path, fill) -> Path:
    return fill(tmp_path / "in", {"a.txt": "A line of text, long enough to be compared with.\nĐọc thêm\n"})


def values(file: Path, name: str | None = None) -> dict[str, float]:
    """Return what a metrics file says, read as strictly as its reader does."""
    found, told = {}, set()
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            kind, gauge, text = line[2:].split(" ", 2)
            assert kind == "HELP" or (kind, text) == ("TYPE", "gauge")
            told.add((kind, gauge))
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        assert {("HELP", sample[1]), ("TYPE", sample[1])} <= told and sample[1] not in found
        assert sample[2] == (file.name.removesuffix(".prom") if name is None else name)
        found[sample[1]] = float(sample[3])
    return found


def test_a_run_tells_what_it_did(inputs, command, tmp_path):
    begun = time.time()
    ended = command("run", "in", "-o", "out", "--metrics-file", "night.prom", "--quiet")
    assert (ended.returncode, ended.stderr) == (0, b"")
    found = values(tmp_path / "night.prom")
    assert set(found) == set(GAUGES)
    assert begun - 1 < found[RUN] == found[SUCCESS] < time.time() + 1
    assert [found[gauge] for gauge in (CODE, DOCUMENTS, SKIPPED, REMOVED, ROWS)] == [0, 1, 0, 1, 1]
    assert stat.S_IMODE((tmp_path / "night.prom").stat().st_mode) == 0o666 & ~umask(), "others read it"
    assert command("run", "in", "-o", "out", "--metrics-file", "night.prom").returncode == 0
    again = values(tmp_path / "night.prom")
    assert again[SUCCESS] > found[SUCCESS]
    assert [again[gauge] for gauge in (DOCUMENTS, REMOVED, ROWS)] == [0, 0, 1]
    assert sorted(os.listdir(tmp_path)) == ["in", "night.prom", "out"]


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_was_skipped_is_counted_and_no_failure(inputs, command, tmp_path, fill):
    fill(inputs, {"b.jsonl": "x\n{}\n"})
    assert command("run", "in", "-o", "out", "--metrics-file", "m.prom").returncode == 3
    found = values(tmp_path / "m.prom")
    assert found[SUCCESS] == found[RUN] and (found[CODE], found[SKIPPED]) == (3, 2)


def test_a_failure_keeps_when_it_last_went_well(inputs, command, tmp_path, fill):
    arguments = ("run", "in", "-o", "out", "--metrics-file", "m.prom")
    fill(tmp_path, {"config.yaml": "no_such: 1\n"})
    assert command(*arguments).returncode == 2
    found = values(tmp_path / "m.prom")
    assert (found[CODE], found[SUCCESS], ROWS in found) == (2, 0, False), "it never went well"
    (tmp_path / "config.yaml").unlink()
    assert command(*arguments).returncode == 0
    good = values(tmp_path / "m.prom")
    manifest = tmp_path / "out/state/runs/000001.json"
    manifest.write_bytes(manifest.read_bytes()[:-3])
    for _ in range(2):
        assert command(*arguments).returncode == 5
        bad = values(tmp_path / "m.prom")
        assert bad[CODE] == 5 and bad[RUN] > bad[SUCCESS] == good[SUCCESS]
        assert (bad[ROWS], bad[DOCUMENTS], bad[REMOVED]) == (good[ROWS], 0, 0)


def test_a_busy_output(inputs, command, tmp_path, fill, stamps):
    arguments = ("run", "in", "-o", "out", "--metrics-file", "m/m.prom")
    (tmp_path / "m").mkdir()
    assert command(*arguments).returncode == 0
    good = values(tmp_path / "m/m.prom")
    before = stamps(tmp_path / "m")
    with locked(os.fsencode(tmp_path / "out/state/lock")):
        assert command(*arguments, "--busy-ok").returncode == 0
        assert stamps(tmp_path / "m") == before, "that was no run"
        assert command(*arguments).returncode == 6
    bad = values(tmp_path / "m/m.prom")
    assert (bad[CODE], bad[SUCCESS]) == (6, good[SUCCESS])


@pytest.mark.parametrize(
    "old", [b"", b"\xff\x00junk\n", b'cleaner_last_success_timestamp_seconds{name="m"} soon\n']
)
def test_a_file_that_is_not_ours_is_replaced(inputs, command, tmp_path, old):
    (tmp_path / "m.prom").write_bytes(old)
    (tmp_path / "config.yaml").write_text("no_such: 1\n")
    assert command("run", "in", "-o", "out", "--metrics-file", "m.prom").returncode == 2
    assert values(tmp_path / "m.prom")[SUCCESS] == 0


@pytest.mark.parametrize("name", ["m.txt", ".prom", "in/.prom", "m.prom/", "m.PROM", "", "m.prom\n"])
def test_a_name_that_nobody_would_read_is_refused(inputs, command, tmp_path, name):
    ended = command("run", "in", "-o", "out", "--metrics-file", name)
    assert ended.returncode == 2 and b"call it NAME.prom" in ended.stderr
    assert sorted(os.listdir(tmp_path)) == ["in"]


def test_a_dry_run_has_none(inputs, command, tmp_path):
    ended = command("run", "in", "--dry-run", "--metrics-file", "m.prom")
    assert ended.returncode == 2 and b"a dry run has no metrics" in ended.stderr
    assert sorted(os.listdir(tmp_path)) == ["in"]


@pytest.mark.parametrize("place", ["missing/m.prom", "folder.prom", "in/a.txt/m.prom"])
def test_metrics_that_cannot_be_written_are_said_in_one_line(inputs, command, tmp_path, place):
    (tmp_path / "folder.prom").mkdir()
    ended = command("run", "in", "-o", "out", "--quiet", "--metrics-file", place)
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert re.fullmatch(rb"cleaner: warning: the metrics \S+ are not written: [^\n]+\n", ended.stderr)
    assert sorted(os.listdir(tmp_path)) == ["folder.prom", "in", "out"]
    assert (tmp_path / "out/clean/a.txt").exists()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b'a "b" \\', 'a \\"b\\" \\\\'),
        (b"a\nb 7", "a[U+000A]b 7"),
        (b"\x1b[31m", "[U+001B][31m"),
        (b"\xff}", "\\\\xff}"),
        ("Đêm".encode(), "Đêm"),
    ],
)
def test_the_label_is_the_name_of_the_file(inputs, command, tmp_path, name, told):
    assert command("run", "in", "-o", "out", b"--metrics-file=" + name + b".prom").returncode == 0
    file = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name + b".prom")))
    first = values(file, told)
    (tmp_path / "config.yaml").write_text("no_such: 1\n")
    assert command("run", "in", "-o", "out", b"--metrics-file=" + name + b".prom").returncode == 2
    assert values(file, told)[SUCCESS] == first[SUCCESS]


def test_no_value_is_taken_from_a_label():
    text = metrics_text({ROWS: 5}, f'x"}} 7\n{ROWS}{{name="y"}} 8')
    assert read_metric(text, ROWS) == 5
    assert read_metric(text.replace("} 5", "} -5"), ROWS) is None
    assert read_metric(text, CODE) is None


@pytest.mark.parametrize("broken", [None, "create", "write", "fsync", "rename", "fsync folder"])
def test_a_reader_sees_the_old_file_or_the_new_one(tmp_path, broken):
    """The file is never there by half, nor under a name that the collector would read."""
    file = tmp_path / "m.prom"
    file.write_bytes(b"old")
    seen = []

    def before(operation: str, path: bytes) -> None:
        seen.append((operation, file.read_bytes(), os.listdir(tmp_path)))
        if operation == broken:
            raise OSError(28, "No space left on device")

    if broken:
        with pytest.raises(OutputError):
            Disk(before).write_over(os.fsencode(file), b"new")
    else:
        Disk(before).write_over(os.fsencode(file), b"new")
    assert os.listdir(tmp_path) == ["m.prom"]
    assert file.read_bytes() == (b"new" if broken in (None, "fsync folder") else b"old")
    operations = [operation for operation, _, _ in seen]
    if not broken:
        assert operations == ["create", "write", "fsync", "close", "rename", "fsync folder"]
    for operation, data, names in seen:
        assert data == (b"new" if operation == "fsync folder" else b"old")
        assert all(name == "m.prom" or not name.endswith(".prom") for name in names)
