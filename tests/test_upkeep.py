"""What is withdrawn is gone, and said; what went for its sake comes back; an index is a way to be faster."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cleaner.errors import UsageError
from cleaner.index_commands import forget_command
from cleaner.io.decisions import append_decisions, read_decisions
from cleaner.io.index import read_index
from cleaner.io.index_texts import IndexTexts
from cleaner.io.publish import Disk
from cleaner.job import Job
from cleaner.plan import Options
from cleaner.report.page.command import report_command
from cleaner.restoring import verify_output
from cleaner.settings import Settings
from cleaner.text.decisions import Decision
from cleaner.upkeep import compact_index, forget, index_info, orphaned, rebuild_index

ROAD = "Một con đường mới vừa được khánh thành ở vùng cao sau bốn năm thi công"
PRICE = "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường"
STORM = "Bão số 3 đổ bộ vào Quảng Ninh đêm qua, 12 tàu cá phải vào bờ tránh trú an toàn"
MIRROR = Options(mirror=True)


@pytest.fixture
def output(tmp_path: Path, fill: Callable[..., Path], clean: Callable[..., object]) -> Path:
    """An output of two runs; of b.txt a line went for a.txt, of c.jsonl one for b.txt."""
    fill(tmp_path / "in", {"a.txt": f"{ROAD}.\nMột.\n"})
    clean(tmp_path / "in", tmp_path / "out")
    lines = json.dumps({"text": f"{PRICE}.\nBa."}, ensure_ascii=False) + "\n"
    fill(tmp_path / "in", {"b.txt": f"{PRICE}.\n{ROAD}!\nHai.\n", "c.jsonl": lines})
    clean(tmp_path / "in", tmp_path / "out")
    return tmp_path / "out"


def text(out: Path, name: str) -> str:
    return (out / "clean" / name).read_text(encoding="utf-8")


def holds(folder: Path, words: str) -> list[str]:
    """Return the files of an output that hold some words, compressed ones of the index included."""
    found = [
        str(file.relative_to(folder))
        for file in sorted(folder.rglob("*"))
        if file.is_file() and words.encode() in file.read_bytes()
    ]
    for segment in read_index(bytes(folder / "state/index")):
        texts = IndexTexts(segment.folder)
        found += ["index"] * any(words.encode() in texts[row] for row in range(segment.rows))
    return found


def test_what_is_no_input_any_more_stays_unless_told(output, clean):
    (output.parent / "in/a.txt").unlink()
    assert clean(output.parent / "in", output).summary is None
    assert ROAD in text(output, "a.txt")


@pytest.mark.parametrize("left", ["b.txt", "c.jsonl"])
def test_a_mirror_withdraws_what_is_no_input_any_more(output, clean, left):
    for name in {"a.txt", "b.txt", "c.jsonl"} - {left}:
        (output.parent / "in" / name).unlink()
    outcome = clean(output.parent / "in", output, options=MIRROR)
    assert outcome.summary.withdrawn == 2
    assert [file.name for file in (output / "clean").iterdir()] == [left]
    assert verify_output(str(output)).differences == ()


def test_a_mirror_of_nothing_withdraws_nothing(output, clean):
    shutil.rmtree(output.parent / "in")
    (output.parent / "in").mkdir()
    clean(output.parent / "in", output, options=MIRROR)
    assert {file.name for file in (output / "clean").iterdir()} == {"a.txt", "b.txt", "c.jsonl"}


def test_nothing_is_compared_with_what_was_withdrawn(output, clean, fill):
    forget(str(output), ["a.txt", "b.txt"], Disk(), reinstate=False, erase=False)
    (output.parent / "in/a.txt").unlink()
    (output.parent / "in/b.txt").unlink()
    fill(output.parent / "in", {"d.txt": f"{ROAD}.\nBốn.\n"})
    clean(output.parent / "in", output)
    assert ROAD in text(output, "d.txt")


def test_orphans_are_told_and_come_back(output, clean):
    found = forget(str(output), ["a.*"], Disk(), reinstate=True, erase=False)
    assert [str(orphan) for orphan in found.orphans] == ["b.txt line 2 went for a.txt"]
    assert found.reopened == (b"b.txt",)
    assert ROAD not in text(output, "b.txt")
    (output.parent / "in/a.txt").unlink()
    clean(output.parent / "in", output)
    assert ROAD in text(output, "b.txt")
    assert orphaned(str(output), Disk(), reinstate=False).orphans == ()


def test_text_that_changed_leaves_orphans_and_text_that_stayed_does_not(output, clean, fill):
    fill(output.parent / "in", {"a.txt": f"{ROAD}.\nKhác.\n"})
    assert "went for text" not in clean(output.parent / "in", output).note
    fill(output.parent / "in", {"a.txt": f"{STORM}.\nKhác hẳn.\n"})
    assert "1 paragraph went for text" in clean(output.parent / "in", output).note
    assert [orphan.path for orphan in orphaned(str(output), Disk(), reinstate=True).orphans] == [b"b.txt"]
    clean(output.parent / "in", output)
    assert ROAD in text(output, "b.txt")


def test_what_is_erased_stands_nowhere(output):
    report_command(str(output), None, 100, shown=False)
    own = holds(output, ROAD)
    assert {"clean/a.txt", "index", "report/index.html"} <= set(own)
    forget(str(output), ["a.txt"], Disk(), reinstate=False, erase=True)
    left = holds(output, ROAD)
    assert left == ["ledger/b.txt.ledger.jsonl"], "what b.txt said itself stays"
    assert holds(output, PRICE), "and so does all else"
    assert verify_output(str(output)).differences == ()


def test_decisions_about_what_is_erased_go_and_others_stay(output, monkeypatch, capsys):
    monkeypatch.chdir(output.parent)
    pair, road, price = "near_duplicate.near", f"{ROAD}.", f"{PRICE}."
    gone = [
        Decision("keep", road, document="a.txt"),
        Decision("reject", "Một.", "repeats.exact", document="a.txt:12"),
        Decision("reject", f"{ROAD}!", pair, road, "b.txt"),
    ]
    stay = [
        Decision("keep", road, document="a.txt:b"),
        Decision("reject", f"{ROAD}!", pair, price, "b.txt"),
        Decision("drop", road, document="x/a.txt"),
    ]
    place = bytes(output.parent / "decisions.jsonl")
    append_decisions(place, [gone[0], stay[0], gone[1], stay[1], gone[2], stay[2]])
    forget_command(["out/", "c.jsonl"], reinstate=False, erase=True)
    assert len(read_decisions(place).decisions) == 6
    forget_command(["out/", "a.txt"], reinstate=False, erase=True)
    assert read_decisions(place).decisions == tuple(stay)
    told = capsys.readouterr().err
    assert told.count("purged from") == 1 and "3 decisions purged from" in told


@pytest.mark.parametrize("patterns", [["d.txt"], ["A.TXT"], ["*.md"], ["x/**"]])
def test_what_matches_nothing_is_refused_and_nothing_changes(output, tree, patterns):
    before = tree(output)
    with pytest.raises(UsageError, match="no input of this output matches"):
        forget(str(output), patterns, Disk(), reinstate=True, erase=True)
    assert tree(output) == before


def test_an_index_is_compacted_and_made_anew_without_a_difference(output, clean, fill, tree):
    fill(output.parent / "in", {"a.txt": f"{STORM}.\nKhác.\n"})
    clean(output.parent / "in", output)
    outs = {name: output.parent / name for name in ("plain", "compact", "anew")}
    for out in outs.values():
        shutil.copytree(output, out)
    compact_index(str(outs["compact"]), Disk())
    settings = Settings(input=("in",), output="anew", workers=1)
    rebuild_index(Job(settings, output.parent), lambda _what, _done, _all: None)
    for name in ("compact", "anew"):
        assert index_info(str(outs[name])).dead_documents == 0
        assert index_info(str(outs[name])).missing_inputs == 0
    fill(output.parent / "in", {"e.txt": f"{STORM}!\n{PRICE} .\nNăm.\n"})
    for out in outs.values():
        clean(output.parent / "in", out)
    found = [tree(out, "clean", "ledger") for out in outs.values()]
    assert found[0] == found[1] == found[2]


def test_commands_say_what_they_did(output, command):
    shown = command("index", "info", output)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert b"paragraphs" in shown.stdout
    told = json.loads(command("index", "info", output, "--json").stdout)
    assert told["documents"] == 3
    gone = command("index", "forget", f"{output}/", "a.txt")
    assert gone.stdout.decode().splitlines() == ["withdrawn: a.txt", "orphan: b.txt line 2 went for a.txt"]
    assert b"--reinstate" in gone.stderr
    assert command("index", "orphans", output, "--reinstate").returncode == 0
    assert command("index", "compact", output).returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["index", "forget", "out/"], 2, b"no input is named"),
        (["index", "forget", "out/", "/a.txt"], 2, b"begins with no slash"),
        (["index", "info", "nowhere/"], 2, b"no output of cleaner here"),
        (["index", "compact", "nowhere/"], 2, b"no output of cleaner here"),
    ],
)
def test_a_mistake_gets_one_line(output, command, words, code, said):
    done = command(*words)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count(b"\n") == 1
