"""Patches between inputs and clean text: `git apply -R` and `patch -R` must give the inputs back."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner.report import patch
from cleaner.report.patch import unified_diff

SEEDS = Path(__file__).parents[2] / "seeds"
GIT = ["git", "-c", "core.safecrlf=false", "apply", "-R", "--whitespace=nowarn", "-"]
ODD_NAMES = [
    b"plain.txt",
    b"two words.txt",
    b" leading and trailing ",
    b"folder/sub folder/a.txt",
    b"tab\there.txt",
    b"new\nline.txt",
    b'quote".txt',
    b"back\\slash.txt",
    b"-dash",
    "Đại hội.txt".encode(),
    b"latin\xe9.txt",
    b"bell\x07\x1b[31m.txt",
    b"a b/b a/b.txt",
    b"CR\r",
]

CASES = json.loads((Path(__file__).parents[1] / "cases/patch.json").read_text(encoding="utf-8"))

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
needs_patch = pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")


def _write(folder: Path, name: bytes, data: bytes) -> None:
    target = os.path.join(os.fsencode(folder), name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(data)


def _read(folder: Path, name: bytes) -> bytes:
    with open(os.path.join(os.fsencode(folder), name), "rb") as file:
        return file.read()


def _check(command: list[str], folder: Path, documents: dict[bytes, tuple[bytes, bytes]]) -> None:
    """Apply the diffs of all documents (name: before, after) backwards over the clean files."""
    folder.mkdir()
    for name, (_, after) in documents.items():
        _write(folder, name, after)
    diffs = b"".join(unified_diff(name, *pair) for name, pair in documents.items())
    if diffs:
        alone = {
            **os.environ,
            "GIT_CEILING_DIRECTORIES": str(folder.parent),
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }
        done = subprocess.run(command, cwd=folder, input=diffs, env=alone, capture_output=True)
        assert done.returncode == 0, done.stderr
    for name, (before, _) in documents.items():
        assert _read(folder, name) == before, name


def _seeds() -> dict[bytes, tuple[bytes, bytes]]:
    """The seed articles, each with every third line dropped, trimmed and laid out anew."""
    documents = {}
    for seed in sorted(SEEDS.glob("*.txt")):
        lines = seed.read_bytes().split(b"\n")
        kept = [line.strip() for number, line in enumerate(lines) if line and number % 3]
        documents[seed.name.encode()] = (seed.read_bytes(), b"\n\n".join(kept) + b"\n")
    return documents


PAIRS = {
    "one line gone": (b"a\nb\nc\n", b"a\nc\n"),
    "empty before": (b"", b"a\nb\n"),
    "empty after": (b"a\nb\n", b""),
    "one byte to nothing": (b"a", b""),
    "nothing to one byte": (b"", b"a"),
    "newline alone": (b"\n", b""),
    "newline to two": (b"\n", b"\n\n"),
    "final newline added": (b"a\nb", b"a\nb\n"),
    "final newline gone": (b"a\nb\n", b"a\nb"),
    "no final newline in either": (b"a\nb\nc", b"a\nc"),
    "no final newline, far from the change": (b"x\na\nb\nc\nd\ne\nf\ng", b"a\nb\nc\nd\ne\nf\ng"),
    "CRLF stays": (b"a\r\nb\r\nc\r\n", b"a\r\nc\r\n"),
    "CRLF goes": (b"a\r\nb\r\nc\r\n", b"a\nb\nc\n"),
    "CRLF mixed": (b"a\r\nb\nc\r\nd\r\n", b"a\nb\r\nd\n"),
    "lone CR": (b"a\rb\rc\r", b"a\rc\r"),
    "blank lines only": (b"a\n\n\n\nb\n \nc\n", b"a\n\nb\n\nc\n"),
    "trailing spaces": (b"a  \nb\t\nc\n", b"a\nb\nc\n"),
    "not UTF-8": (b"\xff\xfe\n\x80\n\xc3\n", b"\xff\xfe\n\xc3\n"),
    "byte order mark": (b"\xef\xbb\xbfa\nb\n", b"a\nb\n"),
    "NUL in context": (b"a\0b\nx\nc\n", b"a\0b\nc\n"),
    "NUL removed": (b"a\n\0x\0\nc\n", b"a\nc\n"),
    "UTF-16": ("Đọc\nthêm\n".encode("utf-16"), "Đọc\n".encode()),
    "line separators inside lines": (
        "a\x0bb\x0cc\x1cd\x85e\u2028f\ng\n".encode(),
        b"a\x0bb\x0cc\ng\n",
    ),
    "lines like a diff": (
        b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-- \n\\ No newline at end of file\ndiff --git a/x b/x\n",
        b"+++ b/x\n-- \n\\ No newline at end of file\n",
    ),
    "repeated lines": (b"x\n\nx\n\nx\n\ny\n\nx\n", b"x\n\ny\n\nx\n"),
    "two hunks": (
        b"".join(b"%d\n" % n for n in range(40)),
        b"".join(b"%d\n" % n for n in range(40) if n % 20 != 3),
    ),
}


def test_nothing_differs() -> None:
    assert unified_diff(b"a.txt", b"a\nb", b"a\nb") == b""
    assert unified_diff(b"a.txt", b"", b"") == b""


def test_one_change_is_one_small_hunk() -> None:
    before = b"".join(b"%d\n" % number for number in range(20))
    assert unified_diff(b"n.txt", before, before.replace(b"\n10\n", b"\n")) == (
        b"diff --git a/n.txt b/n.txt\n--- a/n.txt\n+++ b/n.txt\n"
        b"@@ -8,7 +8,6 @@\n 7\n 8\n 9\n-10\n 11\n 12\n 13\n"
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_blank_lines_are_told_from_others(case: dict[str, str]) -> None:
    diff = unified_diff(b"a.txt", case["before"].encode(), case["after"].encode())
    assert diff.decode().split("+++ b/a.txt\n")[1] == case["hunks"]


def test_a_missing_final_newline_is_marked_on_its_side_only() -> None:
    diff = unified_diff(b"n.txt", b"a\nb", b"a\nb\n")
    assert diff.endswith(b"@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n")


def test_changes_six_lines_apart_share_a_hunk_and_seven_apart_do_not() -> None:
    def hunks(distance: int) -> int:
        middle = b"".join(b"%d\n" % number for number in range(distance))
        return unified_diff(b"n", b"x\n" + middle + b"x\n", middle).count(b"\n@@ ")

    assert [hunks(6), hunks(7)] == [1, 2]


def test_bytes_that_move_a_cursor_stand_in_no_name() -> None:
    diff = unified_diff(b"a\x1b[2J\x9b\r.txt", b"a\n", b"b\n")
    assert diff.startswith(b'diff --git "a/a\\033[2J\\233\\r.txt" "b/a\\033[2J\\233\\r.txt"\n')


@needs_git
def test_git_gives_every_pair_back(tmp_path: Path) -> None:
    _check(GIT, tmp_path / "all", {name.encode(): pair for name, pair in PAIRS.items()})


@needs_patch
def test_patch_gives_every_pair_back(tmp_path: Path) -> None:
    documents = {name.encode(): pair for name, pair in PAIRS.items()}
    _check(["patch", "-R", "-p1", "-s", "--binary"], tmp_path / "all", documents)


@needs_git
def test_git_gives_the_seeds_back(tmp_path: Path) -> None:
    documents = _seeds()
    assert len(documents) == 5
    _check(GIT, tmp_path / "all", documents)


@needs_git
def test_git_reads_odd_names(tmp_path: Path) -> None:
    _check(GIT, tmp_path / "all", dict.fromkeys(ODD_NAMES, (b"a\nb\n", b"b\n")))


@needs_patch
def test_patch_reads_odd_names(tmp_path: Path) -> None:
    documents = dict.fromkeys(ODD_NAMES, (b"a\nb\n", b"b\n"))
    _check(["patch", "-R", "-p1", "-s"], tmp_path / "all", documents)


@needs_git
def test_a_patch_does_not_apply_to_other_bytes(tmp_path: Path) -> None:
    _write(tmp_path, b"a.txt", b"c\r\nd\n")
    diff = unified_diff(b"a.txt", b"b\nc\nd\n", b"c\nd\n")
    assert subprocess.run(GIT, cwd=tmp_path, input=diff, capture_output=True).returncode == 1


LINES = st.sampled_from(
    [
        b"",
        b"a",
        b"b",
        b"c",
        b" a",
        b"a\r",
        b"\r",
        b"\0",
        b"\xff",
        b"-",
        b"+",
        b"\\ No newline at end of file",
        b"@@ -1 +1 @@",
    ]
)
TEXTS = st.builds(
    lambda lines, end: b"\n".join(lines) + end, st.lists(LINES, max_size=14), st.sampled_from([b"", b"\n"])
)


@needs_git
@settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=20, max_size=20))
def test_git_gives_any_bytes_back(tmp_path: Path, pairs: list[tuple[bytes, bytes]]) -> None:
    folder = tmp_path / "batch"
    shutil.rmtree(folder, ignore_errors=True)
    _check(GIT, folder, {b"%d" % number: pair for number, pair in enumerate(pairs)})


@needs_git
@pytest.mark.parametrize("window", [1, 2, 3, 5])
def test_small_windows_give_the_same_bytes_back(
    window: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patch, "_WINDOW", window)
    documents = {name.encode(): pair for name, pair in PAIRS.items()} | _seeds()
    _check(GIT, tmp_path / "all", documents)


@needs_git
def test_a_long_file_is_aligned_window_by_window(tmp_path: Path) -> None:
    """300,000 lines: quadratic work would take minutes, one hunk for all would be 300,000 lines long."""
    chance = random.Random(5)
    lines = [b"line %d\n" % chance.randrange(50_000) for _ in range(300_000)]
    kept = [line for line in lines if chance.random() > 0.01]
    before, after = b"".join(lines), b"".join(kept)
    diff = unified_diff(b"long.txt", before, after)
    assert diff.count(b"\n-") < 1.05 * (len(lines) - len(kept)) + 2
    _check(GIT, tmp_path / "all", {b"long.txt": (before, after)})
