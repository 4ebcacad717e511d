"""`cleaner review` as people run it: on a real terminal, by prompts, in a pipe; stopped, hung up, killed."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pexpect
import pytest

from cleaner.io.decisions import append_decisions, read_decisions
from cleaner.text.decisions import Decision, latest

ROOT = Path(__file__).parents[2]
CLEANER = ["-m", "cleaner"]
FARE = "Giá vé mỗi lượt là 7.000 đồng, sinh viên được giảm một nửa trong ba tháng đầu tiên."
NEARLY = FARE.replace("được", "thì được")
FILES = {
    "a.txt": f"Xe buýt điện\n{FARE}\n{FARE.replace('7.000', '9.000')}\nĐọc thêm\nHết bài rồi nhé.\n",
    "b.txt": f"Bài khác hẳn\n{NEARLY}\nHết bài, cảm ơn bạn đọc.\n",
}
ORDER = ["near_duplicate.facts", "near_duplicate.near", "boilerplate.vi.read_more"]  # as they are asked
HOSTILE = "\x1b[200~rrddkk\x1b[2J\x1b]0;x\x07\r\ny\r\nq\r\nd\x1b[201~"


def _environment(**more: str) -> dict[str, str]:
    plain = {
        name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")
    }
    return {**plain, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **more}


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cleaned")
    (folder / "in").mkdir()
    for name, text in FILES.items():
        (folder / "in" / name).write_text(text, encoding="utf-8")
    (folder / "config.yaml").write_text("input: [in]\n")
    _call(folder, "run", "--quiet")
    return folder


@pytest.fixture
def folder(cleaned: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(cleaned, tmp_path / "copy"))


def _call(folder: Path, *arguments: str, answers: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *CLEANER, *arguments], cwd=folder, env=_environment(), input=answers,
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip


def _terminal(folder: Path, *arguments: str, **environment: str) -> pexpect.spawn:
    return pexpect.spawn(
        sys.executable, [*CLEANER, "review", *arguments], cwd=str(folder), timeout=30,
        env=_environment(**environment), dimensions=(30, 110),
    )  # fmt: skip


def _kinds(folder: Path) -> list[str]:
    return [each.kind for each in read_decisions(bytes(folder / "decisions.jsonl")).decisions]


def _ended(child: pexpect.spawn) -> int:
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def _answered(child: pexpect.spawn, key: str, said: str) -> None:
    child.send(key)
    child.expect(said)


needs_textual = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", "import textual"], capture_output=True).returncode != 0,
    reason="the full screen needs textual: pip install '.[review]'",
)


@needs_textual
def test_on_the_full_screen(folder: Path) -> None:
    """What is pasted is no answer; a resized, stopped and continued review goes on."""
    child = _terminal(folder)
    child.expect("3 left")
    child.send(HOSTILE)
    time.sleep(0.5)
    assert _kinds(folder) == []
    _answered(child, "a", "2 left")
    assert _kinds(folder) == ["accept"]
    child.setwinsize(20, 40)
    child.kill(signal.SIGWINCH)
    child.send("\x1a")
    end = time.monotonic() + 20
    while Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < end, "Ctrl-Z suspends it"
        time.sleep(0.05)
    child.kill(signal.SIGCONT)
    time.sleep(0.3)
    _answered(child, "r", "1 left")
    child.send("q")
    assert _ended(child) == 0
    assert b"\x1b[?1049l" in child.before, "the screen is as it was before"
    assert b"2 answers -> decisions.jsonl" in child.before
    assert _kinds(folder) == ["accept", "reject"]


@needs_textual
@pytest.mark.parametrize(("number", "code"), [(None, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_a_full_screen_that_is_stopped(folder: Path, number: int | None, code: int) -> None:
    child = _terminal(folder)
    child.expect("3 left")
    _answered(child, "k", "2 left")
    if number is None:
        child.send("\x03")
    else:
        child.kill(number)
    assert _ended(child) == code
    assert b"\x1b[?1049l" in child.before
    assert _kinds(folder) == ["keep"]


@needs_textual
def test_a_terminal_that_hangs_up(folder: Path) -> None:
    child = _terminal(folder)
    child.expect("3 left")
    _answered(child, "k", "2 left")
    os.close(child.child_fd)
    child.closed, child.child_fd = True, -1
    end = time.monotonic() + 30
    while child.isalive():
        assert time.monotonic() < end, "it ends with its terminal"
        time.sleep(0.05)
    assert _kinds(folder) == ["keep"]


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(["--plain"], {}), ([], {"TERM": "dumb"})],
    ids=["--plain", "a dumb terminal"],
)
def test_by_prompts(folder: Path, arguments: list[str], environment: dict[str, str]) -> None:
    child = _terminal(folder, *arguments, **environment)
    child.expect("3 left.*\n> ")
    coloured = b"\x1b[" in (child.before + child.after).replace(b"\x1b[?2004h", b"")
    assert coloured == (not environment)
    if arguments:
        child.send(f"{HOSTILE}\n")
        child.expect("pasted text is no answer.*> ")
        assert _kinds(folder) == []
    _answered(child, "yes\n", "no answer of that name.*> ")
    _answered(child, "a\n", "2 left.*\n> ")
    _answered(child, "reject\n", "1 left.*\n> ")
    assert _kinds(folder) == ["accept", "reject"]
    child.send("\x03")
    assert _ended(child) == 130
    assert _kinds(folder) == ["accept", "reject"]


def test_in_a_pipe(folder: Path) -> None:
    done = _call(folder, "review", answers="f vi.read_more\nd\nf\n\nx\n?\na\n")
    assert (done.returncode, _kinds(folder)) == (0, ["drop", "accept"]), "the end of answers is an end"
    assert "\x1b" not in done.stdout and "no answer of that name" in done.stdout
    assert done.stderr == "2 answers -> decisions.jsonl\n"


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["out", "no.txt"], "no document 'no.txt'", 2),
        (["-c", "no.yaml"], "no.yaml: no such file", 2),
    ],
)
def test_what_cannot_be_reviewed(folder: Path, arguments: list[str], said: str, code: int) -> None:
    done = _call(folder, "review", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["run"], ["review"]])
def test_damaged_decisions_are_one_line(folder: Path, command: list[str]) -> None:
    (folder / "decisions.jsonl").write_text('{"decision":1,"kind":"keep","text":"a"}\nnonsense\n\n')
    done = _call(folder, *command)
    assert done.returncode == 2 and "decisions.jsonl:2: found 'nonsense'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_line_that_was_cut_off_is_told(folder: Path) -> None:
    (folder / "decisions.jsonl").write_text('{"decision":1,"kind":"keep","text":"a"}\n{"decision":1,"ki')
    assert "the last line was cut off" in _call(folder, "review", answers="a\n").stderr
    assert _kinds(folder) == ["keep", "accept"]


def test_decisions_are_listed_those_first_that_match_nothing(folder: Path) -> None:
    _call(folder, "review", answers="a\nr\n")
    lost = json.dumps({"decision": 1, "kind": "drop", "text": "nicht \x1b[2J da"})
    with (folder / "decisions.jsonl").open("a") as stream:
        stream.write(f"{lost}\n")
    done = _call(folder, "review", "--decisions")
    assert done.stdout.splitlines()[0] == "drop   [-matches nothing-] nicht [U+001B][2J da"
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["drop", "accept", "reject"]
    assert "3 decisions in" in done.stderr and "1 of which match no text of the output" in done.stderr


def test_what_was_rejected_stays_and_a_rule_takes_new_lines(folder: Path) -> None:
    """With one worker and with four, and after the output was deleted."""
    answers = "s\nr\nm\ny\nq\n"
    done = _call(folder, "review", answers=answers)
    assert done.stderr == "2 answers -> decisions.jsonl\n"
    (folder / "in/c.txt").write_text(f"Bài ba\nĐọc thêm\n{FARE}\nCòn một câu.\n", encoding="utf-8")
    for workers in ("1", "4"):
        shutil.rmtree(folder / "out")
        _call(folder, "run", "--quiet", "--workers", workers)
        clean = {
            name: (folder / "out/clean" / name).read_text(encoding="utf-8")
            for name in ("a.txt", "b.txt", "c.txt")
        }
        assert NEARLY in clean["b.txt"] and FARE in clean["a.txt"]
        assert clean["c.txt"] == "Bài ba\n\nCòn một câu.\n"
    (folder / "config.yaml").write_text("input: [in]\nboilerplate: {packs: []}\n")
    _call(folder, "run", "--quiet", "--reprocess")
    assert "Đọc thêm" not in (folder / "out/clean/c.txt").read_text(encoding="utf-8"), "by the rule alone"


def _killed(folder: Path, answers: int, delay: float) -> None:
    """Answer as fast as it asks, kill it some seconds after it told of so many answers, and count them."""
    before = len(_kinds(folder))
    told = 0
    with subprocess.Popen(
        [sys.executable, *CLEANER, "review", "--plain"], cwd=folder, env=_environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
    ) as child:  # fmt: skip
        child.stdin.write("k\nu\n" * 500)
        child.stdin.flush()
        for line in child.stdout:
            if line.startswith(("this text will always stay", "taken back")):
                told += 1
                if told == answers:
                    threading.Timer(delay, child.kill).start()
    assert len(_kinds(folder)) - before >= told >= answers


def test_a_kill_loses_no_answer(folder: Path) -> None:
    _killed(folder, 3, 0.003)


@pytest.mark.torture
def test_kills_at_200_moments_lose_no_answer(folder: Path) -> None:
    dice = random.Random(7)
    place = bytes(folder / "decisions.jsonl")
    for _ in range(200):
        _killed(folder, dice.randrange(1, 30), dice.uniform(0, 0.02))
        held = latest(read_decisions(place).decisions).values()
        assert {each.kind for each in held} <= {"keep"}
        append_decisions(place, [Decision("forget", each.text) for each in held])
    print(f"{len(_kinds(folder)):,} answers in 200 reviews, none lost")
