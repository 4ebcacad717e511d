"""Reading an output: the same document by whatever way, and beside runs that publish meanwhile."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from cleaner.errors import LockedError, StateError, UsageError
from cleaner.io import published
from cleaner.io.lock import locked
from cleaner.io.output import OutputDocument, input_paths, read_documents, read_outlines
from cleaner.io.published import Published
from cleaner.io.state import Folders
from cleaner.report.lines import plain
from cleaner.report.selection import Selection
from cleaner.report.terminal import document_lines

LONG = "d" * 240 + ".txt"  # its ledger has another name
RECORDS = [
    {"id": "tin-1", "text": "Một  câu.\nĐọc thêm\n"},
    {"id": "tin-2", "text": "Không có gì để sửa."},
    {"id": "tin-3", "text": None},
    {"id": "tin-4", "text": "Ba  bốn.\nNăm sáu bảy tám chín mười.\nNăm sáu bảy tám chín mười."},
]
LINES = [json.dumps(record, ensure_ascii=False) for record in RECORDS]
INPUTS = {
    "a/x.txt": "Một câu của bài.\nXem thêm:\n",
    "a.txt": "Câu khác  của bài.\n",
    # a blank line, two records that cannot be read, and one more document after them
    "n.jsonl": "\n".join([LINES[0], "", LINES[1], "{damaged", LINES[2], "[1]", LINES[3]]) + "\n",
    "same.txt": "Không có gì để sửa.\n",
    LONG: "Hai ba  bốn.\n",
}
SELECTIONS: list[dict[str, frozenset[str]]] = [
    {},
    {"groups": frozenset(["removed"])},
    {"groups": frozenset(["edited"])},
    {"groups": frozenset(["suspects"])},
    {"stages": frozenset(["whitespace"])},
    {"rules": frozenset(["vi.read_more"])},
    {"rules": frozenset(["no_such_rule"])},
]


@pytest.fixture
def out(tmp_path: Path, fill: Any, clean: Any) -> Path:
    """An output of INPUTS, and one of the same with bad records kept."""
    fill(tmp_path / "in", INPUTS)
    clean(tmp_path / "in", tmp_path / "out")
    clean(tmp_path / "in", tmp_path / "kept", bad_records="keep")
    return tmp_path / "out"


def lines_of(documents: Iterator[OutputDocument], selection: Selection) -> list[str]:
    return [
        plain(line)
        for document in documents
        for line in document_lines(document, selection, lambda stage, rule: "")
    ]


@pytest.mark.parametrize("folder", ["out", "kept"])
@pytest.mark.parametrize("chosen", SELECTIONS, ids=range(len(SELECTIONS)))
def test_what_is_passed_over_had_no_lines(out: Path, folder: str, chosen: Any) -> None:
    place, selection = str(out.parent / folder), Selection(**chosen)
    everything = lines_of(read_documents(place), selection)
    assert lines_of(read_documents(place, wanted=selection.any_of), selection) == everything
    assert bool(everything) == (chosen not in (SELECTIONS[3], SELECTIONS[6]))


@pytest.mark.parametrize("folder", ["out", "kept"])
def test_a_document_by_name_is_the_one_that_reading_all_gives(out: Path, folder: str) -> None:
    place = str(out.parent / folder)
    everything = list(read_documents(place))
    assert [(each.path, each.record) for each in everything] == [
        ("a.txt", 0), ("a/x.txt", 0), (LONG, 0), ("n.jsonl", 1), ("n.jsonl", 3), ("n.jsonl", 7),
        ("same.txt", 0),
    ]  # fmt: skip
    assert [each.source for each in everything if each.record] == [
        RECORDS[0]["text"], RECORDS[1]["text"], RECORDS[3]["text"],
    ]  # fmt: skip
    for document in everything:
        name = f"{document.path}:{document.record}" if document.record else document.path
        assert list(read_documents(place, [name])) == [document]
        assert list(read_documents(place, [document.id])) == [document]
        (outline,) = read_outlines(place, [name])
        assert (outline.name, outline.kept) == (name, document.header.kept)


def test_texts_of_documents_that_are_not_wanted_are_not_read(out: Path) -> None:
    (out / "clean/a.txt").write_bytes(b"something else")
    (out / "clean/same.txt").unlink()
    wanted = read_documents(str(out), wanted=lambda outline: outline.path == "n.jsonl")
    assert [document.record for document in wanted] == [1, 3, 7]
    assert len(list(read_outlines(str(out)))) == 7
    with pytest.raises(StateError, match="the clean text is missing"):
        list(read_documents(str(out), ["same.txt"]))


def test_a_clean_file_that_cannot_be_read_is_said(out: Path) -> None:
    (out / "clean/a.txt").unlink()
    (out / "clean/a.txt").mkdir()
    with pytest.raises(StateError, match="clean text cannot be read: Is a directory"):
        list(read_documents(str(out)))


@pytest.mark.parametrize("names", [["n.jsonl:2"], ["n.jsonl:4"], ["n.jsonl:8"], ["tin-3"], ["a.txt", "b"]])
def test_a_name_of_nothing_is_refused(out: Path, names: list[str]) -> None:
    for read in (read_documents, read_outlines):
        with pytest.raises(UsageError, match="no document"):
            list(read(str(out), names))


def test_a_document_by_name_needs_no_other_ledger(out: Path) -> None:
    (out / "ledger/a.txt.ledger.jsonl").write_bytes(b"damaged")
    assert [document.path for document in read_documents(str(out), ["same.txt"])] == ["same.txt"]
    with pytest.raises(StateError, match="damaged ledger"):
        list(read_documents(str(out), ["tin-1"]))


@pytest.mark.parametrize("name", ["a.txt", LONG])
def test_the_ledger_of_another_file_is_refused(out: Path, name: str) -> None:
    ledgers = dict(zip(input_paths(Folders(os.fsencode(out))), _ledgers(out), strict=True))
    shutil.copy(ledgers[b"same.txt"], ledgers[name.encode()])
    with pytest.raises(StateError, match="belongs to another file"):
        list(read_documents(str(out)))


def _ledgers(out: Path) -> list[Path]:
    """Return the ledgers in the order of their inputs."""
    found = [file for file in (out / "ledger").rglob("*") if file.is_file()]
    return sorted(found, key=lambda file: json.loads(file.read_bytes().partition(b"\n")[0])["path"].encode())


@pytest.mark.parametrize(
    "command_line", [["diff", "out"], ["diff", "out", "--stat"], ["diff", "out", "n.jsonl:7"]]
)
def test_a_damaged_ledger_is_exit_5_and_one_line(
    out: Path, command: Callable[..., CompletedProcess[bytes]], command_line: list[str]
) -> None:
    ledger = out / "ledger/n.jsonl.ledger.jsonl"
    data = ledger.read_bytes()
    end = data.rindex(b"\n", 0, -1) + 1
    shifted = data[:end] + data[end:].replace(b"[", b"[1", 1)
    for damaged in (data[:end], data[:-20], shifted, data.replace(b"tin-4", b"tin-5"), b""):
        ledger.write_bytes(damaged)
        done = command(*command_line)
        assert done.returncode == 5
        assert done.stderr.startswith(b"cleaner: error: ") and done.stderr.count(b"\n") == 1


def test_a_run_beside_a_reader_is_not_refused_and_the_reader_sees_whole_inputs(
    out: Path, command: Callable[..., CompletedProcess[bytes]]
) -> None:
    before = {document.path: document for document in read_documents(str(out)) if not document.record}
    documents = read_documents(str(out))
    assert next(documents) == before["a.txt"]
    for path in INPUTS:
        if path != "n.jsonl":
            (out.parent / "in" / path).write_text("Bài đã  được viết lại hẳn.\n", encoding="utf-8")
    records = (out.parent / "in/n.jsonl").read_text(encoding="utf-8")
    (out.parent / "in/n.jsonl").write_text(LINES[3] + "\n" + records, encoding="utf-8")
    done = command("run", "in", "-o", "out", "--quiet")
    assert done.returncode in (0, 3), done.stderr
    rest = list(documents)
    assert [each.record for each in rest if each.path == "n.jsonl"] == [1, 2, 4, 8]
    assert {each.source for each in rest if not each.record} == {"Bài đã  được viết lại hẳn.\n"}


def test_an_input_that_is_open_stays_as_it_was(
    out: Path, command: Callable[..., CompletedProcess[bytes]]
) -> None:
    documents = (each for each in read_documents(str(out)) if each.path == "n.jsonl")
    assert next(documents).record == 1
    (out.parent / "in/n.jsonl").write_text(LINES[1] + "\n", encoding="utf-8")
    assert command("run", "in", "-o", "out", "--quiet").returncode == 0
    assert [each.source for each in documents] == [RECORDS[1]["text"], RECORDS[3]["text"]]
    assert len(list(read_documents(str(out), ["n.jsonl"]))) == 1


def test_a_reader_needs_no_lock(out: Path) -> None:
    with locked(os.fsencode(out / "state/lock")):
        assert len(list(read_documents(str(out)))) == 7
    (out / "state/lock").unlink()
    assert len(list(read_outlines(str(out)))) == 7
    assert not (out / "state/lock").exists()


def committed(out: Path) -> Path:
    """Make a second run that is committed and not yet published; return its stage."""
    stage = out / "state/stage/000002"
    stage.mkdir(parents=True)
    (out / "state/runs/000002.json").touch()
    return stage


def test_files_opened_while_a_run_publishes_are_opened_anew(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first time a file is opened, a run commits; while the reader waits, it ends publishing."""
    lock = locked(os.fsencode(out / "state/lock"))
    opened: list[str] = []
    stage: list[Path] = []

    def end_publishing(_seconds: float) -> None:
        opened.append("waited")
        stage[0].rmdir()
        lock.__exit__(None, None, None)

    def open_file(_stack: object) -> str:
        if not opened:
            lock.__enter__()
            stage.append(committed(out))
        opened.append("opened")
        return "file"

    monkeypatch.setattr(published.time, "sleep", end_publishing)
    with Published(Folders(os.fsencode(out))).together(open_file) as file:
        assert file == "file"
    assert opened == ["opened", "waited", "opened"]


def test_a_run_that_publishes_too_long_is_named(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "_PATIENCE", 0.1)
    committed(out)
    with locked(os.fsencode(out / "state/lock")) as announce:
        announce()
        with pytest.raises(LockedError, match=f"pid {os.getpid()}"):
            list(read_documents(str(out)))


def test_a_run_that_was_cut_off_while_it_published_is_said(out: Path) -> None:
    (out / "state/stage/000001").mkdir()
    with pytest.raises(StateError, match="cut off while it published; `cleaner run` completes it"):
        list(read_documents(str(out)))
    with pytest.raises(StateError, match="cut off while it published"):
        list(read_outlines(str(out)))


def test_a_run_that_is_not_committed_means_nothing(out: Path) -> None:
    (out / "state/stage/000002/clean").mkdir(parents=True)
    assert len(list(read_documents(str(out)))) == 7
