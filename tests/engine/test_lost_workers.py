"""A worker that is killed: its task is done again, alone; inputs that kill every time are left out and named.

The program below runs by itself, because workers are forked, and have what it changed, only where no thread
runs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import importlib, json, os, signal, sys
from pathlib import Path

told = json.loads(sys.argv[1])
parent = os.getpid()

def deadly(function):
    def call(*arguments, **keywords):
        if os.getpid() != parent and fatal(arguments):
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **keywords)
    return call

def fatal(arguments):
    if told["always"]:
        return told["always"] in str(arguments[0])
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

settings = Settings(input=(told["input"],), output=told["output"], workers=told["workers"])
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
    given |= {"workers": 2, "at": "", "always": ""} | told
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


@pytest.mark.parametrize(("always", "fatal"), [("Tin 7'", "07.txt"), ("xã thứ 3 ", "z.jsonl")])
def test_inputs_of_which_workers_die_are_left_out_and_named(
    tmp_path: Path, corpus: Path, always: str, fatal: str
) -> None:
    code, problems = cleaned(tmp_path, corpus, "out", at="cleaner.scanning:scan", always=always)
    assert code == 3
    named = [problem for problem in problems if problem.startswith(f"{fatal}: the process that cleaned it")]
    assert len(named) == 1
    lost = {problem.partition(":")[0] for problem in problems}
    for name in lost:
        (corpus / name).unlink()
    assert cleaned(tmp_path, corpus, "undisturbed", workers=1) == (0, [])
    assert published(tmp_path / "out") == published(tmp_path / "undisturbed")


def test_a_pass_of_which_workers_die_every_time_publishes_nothing(tmp_path: Path, corpus: Path) -> None:
    given = {"input": str(corpus), "output": str(tmp_path / "out"), "marker": ""}
    given |= {"workers": 2, "at": "cleaner.writing:write", "always": "Tin 7'"}
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), json.dumps(given)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert "OutputError: a worker process was killed twice" in done.stderr
    assert not list((tmp_path / "out" / "state" / "runs").glob("*.json"))
    assert not (tmp_path / "out" / "clean").exists()
