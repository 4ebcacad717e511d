"""The file of decisions: every answer on disk at once, none lost to another writer or to a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest

from cleaner.errors import OutputError, SettingsError
from cleaner.io.decisions import append_decisions, erase_decisions, read_decisions
from cleaner.io.publish import Disk
from cleaner.text.decisions import Decision, decisions_of, latest

FIRST = Decision("keep", "Một câu.", document="a.txt")
PAIR = Decision("reject", "Một \udc80\x9b\u202e\U000e0020 câu", "near_duplicate.near", "", "n.jsonl:3")
ROWS = json.loads((Path(__file__).parents[1] / "cases/decision_file.json").read_text(encoding="utf-8"))


@pytest.fixture
def place(tmp_path) -> bytes:
    return bytes(tmp_path / "decisions.jsonl")


def test_nothing_hides_in_the_file(place):
    append_decisions(place, [Decision("keep", "a\x9b\u202e\u200b\U000e0020\x7fđ")])
    assert Path(os.fsdecode(place)).read_text(encoding="utf-8").split('"text":')[1] == (
        '"a\\u009b\\u202e\\u200b\\udb40\\udc20\\u007fđ"}\n'
    )


def test_what_is_added_is_read_as_it_was(place):
    assert read_decisions(place).decisions == ()
    assert append_decisions(place, [FIRST]).decisions == (FIRST,)
    known = append_decisions(place, [PAIR]).size
    assert append_decisions(place, [FIRST], known).decisions == (FIRST,)
    assert read_decisions(place).decisions == (FIRST, PAIR, FIRST)


def test_what_cannot_be_erased_is_said_in_a_line(place):
    os.mkdir(place)
    with pytest.raises(OutputError, match="decisions cannot be erased: Is a directory"):
        erase_decisions(place, lambda _decision: True, Disk())


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_lines(place, row):
    Path(os.fsdecode(place)).write_bytes("\n".join(row["lines"]).encode())
    if "fault" in row:
        with pytest.raises(SettingsError) as found:
            read_decisions(place)
        assert (found.value.exit_code, len(found.value.lines)) == (2, 1)
        assert f"decisions.jsonl:{row['line']}: " in str(found.value) and row["fault"] in str(found.value)
        assert "\x1b" not in str(found.value)
        return
    file = read_decisions(place)
    assert (len(file.decisions), file.torn) == (row["decisions"], row.get("torn", False))
    after = append_decisions(place, [FIRST])
    assert after.decisions == (*file.decisions, FIRST)
    assert read_decisions(place) == after, "the next answer mends it"


def test_the_last_decision_about_the_same_holds():
    said = [Decision("keep", "Một  câu"), Decision("drop", "MỘT CÂU"), Decision("keep", "hai")]
    assert [each.kind for each in latest(said).values()] == ["drop", "keep"]
    assert decisions_of([*said, Decision("forget", "một câu")]).drop == frozenset()
    assert decisions_of([Decision("accept", "một câu", "a.b")]).digest == ""


def test_many_writers_lose_nothing(place):
    context = get_context("spawn")
    writers = [context.Process(target=_write, args=(place, number)) for number in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    texts = [each.text for each in read_decisions(place).decisions]
    assert sorted(texts) == sorted(f"{number} {each}" for number in range(2) for each in range(50))


def _write(place: bytes, number: int) -> None:
    for each in range(50):
        append_decisions(place, [Decision("keep", f"{number} {each}")])


def test_a_file_that_is_put_in_its_place_meanwhile_gets_the_answer(place, monkeypatch):
    append_decisions(place, [FIRST])
    real, done = os.open, []

    def opened(path, *arguments, **keywords):
        descriptor = real(path, *arguments, **keywords)
        if path == place and not done:
            done.append(True)
            os.replace(place, place + b"~")
            append_decisions(place, [PAIR])
        return descriptor

    monkeypatch.setattr(os, "open", opened)
    append_decisions(place, [FIRST])
    assert read_decisions(place).decisions == (PAIR, FIRST)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_takes_no_answer_and_says_so(place, monkeypatch):
    append_decisions(place, [FIRST])
    real = os.pwrite

    def full(descriptor, data, at):
        if len(data) > 5:
            return real(descriptor, data[:5], at)
        with open("/dev/full", "wb", buffering=0) as stream:
            return stream.write(data)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OutputError, match=r"cannot be written: No space left on device; it was not taken"):
        append_decisions(place, [PAIR])
    assert read_decisions(place).decisions == (FIRST,)


WRITER = """
import sys
from cleaner.io.decisions import append_decisions
from cleaner.text.decisions import Decision
for number in range(10**6):
    append_decisions(sys.argv[1].encode(), [Decision("keep", f"{number} " + "x" * 300)])
    print(number, flush=True)
"""


def killed_while_writing(place: bytes, after: int) -> None:
    """Kill a writer once it has told of `after` answers; none of which it told may be lost."""
    before = len(read_decisions(place).decisions)
    command = [sys.executable, "-c", WRITER, os.fsdecode(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        told = -1
        while told < after:
            told = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        told = max([told, *(int(line) for line in writer.stdout if line.endswith("\n"))])
    assert len(read_decisions(place).decisions) - before >= told + 1


def test_a_kill_loses_no_answer_that_was_told(place):
    killed_while_writing(place, 3)
    append_decisions(place, [FIRST])
    assert read_decisions(place).decisions[-1] == FIRST
