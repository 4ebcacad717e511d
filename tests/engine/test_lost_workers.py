"""A worker that is killed: its task is done again, alone; what kills it every time, or takes too long, is
left out and named: of a file of records, only the records.

The program below runs by itself, because workers are forked, and have what it changed, only where no thread
runs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cleaner.fatal import FATAL as FATAL_REASON
from cleaner.restoring import verify_output

PROGRAM = """
import importlib, json, os, signal, sys
from pathlib import Path

told = json.loads(sys.argv[1])
parent = os.getpid()

def deadly(function):
    def call(*arguments, **keywords):
        if fatal(arguments):
            while told["how"] == "stuck":
                pass
            if os.getpid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **keywords)
    return call

def fatal(arguments):
    if told["always"]:
        return any(all(words in str(arguments[0]) for words in each) for each in told["always"])
    try:
        os.close(os.open(told["marker"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True

if told["at"]:
    module, name = told["at"].split(":")
    place = importlib.import_module(module)
    setattr(place, name, deadly(getattr(place, name)))

from cleaner.job import Job, run
from cleaner.settings import Settings

settings = Settings(
    input=(told["input"],), output=told["output"], workers=told["workers"], document_seconds=1
)
outcome = run(Job(settings, Path("/"), shard_bytes=2000), lambda *_: None)
print(json.dumps([outcome.exit_code, [str(problem) for problem in outcome.problems]]))
"""
STORIES = [
    f"Sáng {day}/3, đoàn kiểm tra của tỉnh đã đến xã thứ {day} để xem việc đắp đê, phát {day * 7} phần quà."
    for day in range(1, 29)
]
# What dies, once: a function of each pass, and of what comes after them.
ONCE = [
    "cleaner.scanning:scan",
    "cleaner.judging.keys:may_repeat",
    "cleaner.judging.verifying:verify",
    "cleaner.writing:write",
    "cleaner.writing:restore_record",
    "cleaner.joining:join_clean",
    "cleaner.indexing:write_segment",
    "cleaner.io.shards:HashedStream",
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number, story in enumerate(STORIES):
        (folder / f"{number:02}.txt").write_text(f"Tin {number}\n{story}\nĐọc thêm\n", encoding="utf-8")
    lines = [json.dumps({"text": f"{one}\n{two}"}) for one in STORIES[:9] for two in STORIES[9:14]]
    (folder / "z.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def cleaned(tmp_path: Path, corpus: Path, name: str, **told: object) -> tuple[int, list[str]]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    given = {"input": str(corpus), "output": str(tmp_path / name), "marker": str(tmp_path / "marker")}
    given |= {"workers": 2, "at": "", "always": [], "how": "killed"} | told
    done = subprocess.run(
        [sys.executable, str(program), json.dumps(given)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    code, problems = json.loads(done.stdout)
    return code, problems


def published(folder: Path) -> dict[str, bytes]:
    tops = ("clean", "ledger", "state/index")
    files = sorted(file for top in tops for file in (folder / top).rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


@pytest.mark.parametrize("at", ONCE)
def test_a_task_whose_worker_is_killed_is_done_again(tmp_path: Path, corpus: Path, at: str) -> None:
    assert cleaned(tmp_path, corpus, "undisturbed", workers=1) == (0, [])
    assert cleaned(tmp_path, corpus, "out", at=at) == (0, [])
    assert (tmp_path / "marker").exists()
    assert published(tmp_path / "out") == published(tmp_path / "undisturbed")
    assert not list((tmp_path / "out" / "state" / "stage").rglob("*"))


# Words that together stand in what is fatal; the files that are lost, and the lines of z.jsonl.
FATAL = [
    ("killed", 2, [["xã thứ 3 "]], ["02.txt"], [11, 12, 13, 14, 15]),
    ("stuck", 1, [["xã thứ 3 ", "xã thứ 12 "], ["Tin 7'"]], ["07.txt"], [13]),
]
REASONS = {
    "killed": FATAL_REASON,
    "stuck": "took longer than 1 s (document_seconds); it is tried again next time",
}


@pytest.mark.parametrize(("how", "workers", "always", "files", "lines"), FATAL)
def test_what_is_fatal_every_time_is_left_out_and_named(
    tmp_path: Path,
    corpus: Path,
    how: str,
    workers: int,
    always: list[list[str]],
    files: list[str],
    lines: list[int],
) -> None:
    out, reason = tmp_path / "out", REASONS[how]
    told = {"at": "cleaner.scanning:scan", "always": always, "how": how, "workers": workers}
    code, problems = cleaned(tmp_path, corpus, "out", **told)
    assert code == 3
    named = [f"{name}: {reason}" for name in files] + [f"z.jsonl:{line}: {reason}" for line in lines]
    assert sorted(problems) == sorted(named)
    assert verify_output(str(out)).differences == ()
    rest = tmp_path / "rest"
    shutil.copytree(corpus, rest)
    for name in files:
        (rest / name).unlink()
    records = (corpus / "z.jsonl").read_bytes().splitlines(keepends=True)
    kept = (record for line, record in enumerate(records, 1) if line not in lines)
    (rest / "z.jsonl").write_bytes(b"".join(kept))
    assert cleaned(tmp_path, rest, "undisturbed", workers=1) == (0, [])
    for name, data in published(tmp_path / "undisturbed").items():
        if name.startswith("clean/"):
            assert (out / name).read_bytes() == data
    if how == "killed":
        assert cleaned(tmp_path, corpus, "out", **told) == (0, []), "it is tried again, and known"
    assert cleaned(tmp_path, corpus, "out", workers=1) == (0, [])
    last = sorted((out / "state/runs").iterdir())[-1].read_bytes()
    assert b'"skipped":[]' in last and b'"reopened":[]' in last
    assert (out / "clean/z.jsonl").read_bytes().count(b"\n") == len(records)
    assert all((out / "clean" / name).exists() for name in files)


def test_a_fatal_row_of_a_table_is_left_out_and_named(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "in").mkdir()
    parquet.write_table(pyarrow.table({"text": STORIES}), tmp_path / "in/a.parquet", row_group_size=10)
    told = {"at": "cleaner.scanning:scan", "always": [["xã thứ 13 "]]}
    assert cleaned(tmp_path, tmp_path / "in", "out", **told) == (3, [f"a.parquet:13: {REASONS['killed']}"])
    assert verify_output(str(tmp_path / "out")).differences == ()
    assert parquet.read_table(tmp_path / "out/clean/a.parquet").num_rows == len(STORIES) - 1


def test_a_pass_of_which_workers_die_every_time_publishes_nothing(tmp_path: Path, corpus: Path) -> None:
    given = {"input": str(corpus), "output": str(tmp_path / "out"), "marker": ""}
    given |= {"workers": 2, "at": "cleaner.writing:write", "always": [["Tin 7'"]], "how": "killed"}
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), json.dumps(given)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert "OutputError: a worker process was killed twice" in done.stderr
    assert not list((tmp_path / "out" / "state" / "runs").glob("*.json"))
    assert not (tmp_path / "out" / "clean").exists()
