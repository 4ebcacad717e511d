"""The state of earlier runs: what is damaged, newer or gone is refused, and nothing is touched."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cleaner.errors import StateError
from cleaner.io.catalogue import read_catalogue
from cleaner.io.figures import Figures
from cleaner.io.inputs import InputFile, Problem
from cleaner.io.ledger import digest
from cleaner.io.state import (
    MANIFEST_VERSION,
    Done,
    Folders,
    Manifest,
    manifest_bytes,
    read_manifest,
)
from cleaner.plan import Options

LAST = "state/runs/000002.json"


@pytest.fixture
def out(tmp_path, fill, clean) -> Path:
    """An output after two runs."""
    clean(fill(tmp_path / "in", {"a.txt": "One line.", "b/c.jsonl": '{"text": "x"}\n'}), tmp_path / "out")
    clean(fill(tmp_path / "in", {"a.txt": "Another line."}), tmp_path / "out")
    return tmp_path / "out"


PATHS = st.binary(min_size=1, max_size=20).map(lambda path: path.replace(b"\0", b"x"))
FILES = st.builds(
    InputFile, PATHS, st.just(b""), st.just("txt"), st.integers(0), st.integers(-(2**62), 2**62),
    st.integers(0), st.sampled_from(["", "gzip", "zstd"]),
)  # fmt: skip
DONE = st.builds(Done, FILES, st.text(), st.integers(0), st.just(7), st.just("s"), st.booleans())
COUNTS = st.dictionaries(st.text(), st.integers(0, 2**62), max_size=3)
FIGURES = st.builds(
    Figures, st.text(), st.floats(0, 1e9), st.integers(0), st.integers(0), COUNTS, COUNTS, st.integers(0),
    st.integers(0), st.integers(0), st.lists(st.text()).map(tuple),
)  # fmt: skip
REASONS = st.text(st.characters())  # with what stands for bytes that are no UTF-8
PROBLEMS = st.builds(Problem, PATHS, st.integers(0), REASONS, st.text("0123abc"))


@given(
    st.lists(DONE, max_size=3).map(tuple),
    st.lists(st.tuples(PATHS, st.text("0123abc")), max_size=3).map(tuple),
    st.none() | FIGURES,
    st.lists(PROBLEMS, max_size=3).map(tuple),
)
def test_a_manifest_comes_back_whatever_the_names_are(tmp_path_factory, inputs, files, figures, skipped):
    folders = Folders(os.fsencode(tmp_path_factory.getbasetemp() / "manifests"))
    manifest = Manifest(7, "s", {"cleaner": "1"}, inputs, files, figures=figures, skipped=skipped)
    os.makedirs(os.path.dirname(folders.manifest(7)), exist_ok=True)
    Path(os.fsdecode(folders.manifest(7))).write_bytes(manifest_bytes(manifest))
    assert read_manifest(folders, 7) == manifest


def test_a_manifest_from_before_files_were_compressed_is_read(out):
    folders = Folders(os.fsencode(out))
    assert b"compression" not in (out / LAST).read_bytes()
    assert [done.file.compression for done in read_manifest(folders, 1).inputs] == ["", ""]


def test_a_manifest_from_before_runs_kept_figures_is_read(out):
    folders, manifest = Folders(os.fsencode(out)), out / LAST
    value = json.loads(manifest.read_bytes().splitlines()[0])
    old = {name: each for name, each in value.items() if name not in ("figures", "skipped")}
    line = json.dumps({**old, "manifest": 2}).encode()
    whole = read_manifest(folders, 2)
    manifest.write_bytes(line + b"\n" + digest(line).encode() + b"\n")
    assert whole.figures and read_manifest(folders, 2) == replace(whole, figures=None)
    assert [each.at for each in read_catalogue(folders).figures] == [read_manifest(folders, 1).figures.at]


def refused(out: Path, tmp_path: Path, command, tree) -> bytes:
    """Assert that run, dry run and verify end with 5 and one line, and touch nothing; return the line."""
    before = tree(out)
    lines = set()
    for arguments in (("run", "in", "-o", out), ("run", "in", "-o", out, "--dry-run"), ("verify", out)):
        ended = command(*arguments)
        assert (ended.returncode, ended.stdout) == (5, b""), (arguments, ended.stderr)
        assert ended.stderr.count(b"\n") == 1
        lines.add(ended.stderr)
    after = tree(out)
    after.pop("state/lock", None)
    before.pop("state/lock", None)
    assert after == before
    return lines.pop()


def _damage(how: str, file: Path) -> None:
    data = file.read_bytes()
    damaged = {
        "empty": b"",
        "cut": data[: len(data) // 2],
        "flipped": data[:50] + bytes([data[50] ^ 1]) + data[51:],
        "checksum lost": data.splitlines(keepends=True)[0],
        "text": b"this is no manifest\n",
        "gzip": b"\x1f\x8b\x08\x00" + data[::-1],
        "zeros": bytes(len(data)),
        "another's JSON": b"[1, 2]\n" + digest(b"[1, 2]").encode() + b"\n",
        "deep JSON": b"[" * 100_000,
    }
    file.write_bytes(damaged[how])


@pytest.mark.parametrize(
    "how",
    ["empty", "cut", "flipped", "checksum lost", "text", "gzip", "zeros", "another's JSON", "deep JSON"],
)
@pytest.mark.parametrize("name", ["state/runs/000001.json", LAST])
def test_a_damaged_manifest_is_refused(out, how, name):
    _damage(how, out / name)
    with pytest.raises(StateError) as caught:
        read_catalogue(Folders(os.fsencode(out)))
    assert "damaged run manifest" in str(caught.value) and name in str(caught.value)


def test_every_flipped_byte_of_a_manifest_is_found(out):
    whole = (out / LAST).read_bytes()
    for at in range(len(whole) - 1):  # but the line end after the checksum
        (out / LAST).write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        with pytest.raises(StateError):
            read_catalogue(Folders(os.fsencode(out)))


def test_damage_is_refused_by_every_command(out, tmp_path, command, tree):
    _damage("cut", out / LAST)
    assert b"damaged run manifest; bring state/ back from a backup" in refused(out, tmp_path, command, tree)


def test_a_newer_state_is_refused_untouched(out, tmp_path, command, tree):
    value = json.loads((out / LAST).read_bytes().splitlines()[0])
    line = json.dumps({**value, "manifest": MANIFEST_VERSION + 1, "inputs": "another shape"}).encode()
    (out / LAST).write_bytes(line + b"\n" + digest(line).encode() + b"\n")
    assert b"state of version %d" % (MANIFEST_VERSION + 1) in refused(out, tmp_path, command, tree)


def test_a_lost_state_is_refused(out, tmp_path, command, tree):
    shutil.rmtree(out / "state")
    refused(out, tmp_path, command, tree)


def test_lost_manifests_are_refused(out, tmp_path, command, tree):
    shutil.rmtree(out / "state/runs")
    refused(out, tmp_path, command, tree)


def test_one_lost_manifest_is_refused(out, tmp_path, command, tree):
    os.unlink(out / "state/runs/000001.json")
    assert b"000001.json: the manifest of this run is missing" in refused(out, tmp_path, command, tree)


def test_a_manifest_under_another_number_is_refused(out, tmp_path, command, tree):
    shutil.copy(out / LAST, out / "state/runs/000003.json")
    refused(out, tmp_path, command, tree)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path, fill, command, tree):
    fill(tmp_path, {"in/a.txt": "A line.", "out/clean/a.txt": "mine"})
    ended = command("run", "in", "-o", "out")
    assert ended.returncode == 5 and b"clean files without the state" in ended.stderr
    assert tree(tmp_path / "out", "clean") == {"clean/a.txt": b"mine"}


@pytest.mark.parametrize("lost", ["clean/a.txt", "ledger/a.txt.ledger.jsonl"])
def test_what_a_cut_off_run_had_staged_and_lost_is_refused(out, tmp_path, command, lost):
    """The run was committed; a file of it is in the stage no more, nor in its place as it should be."""
    stage = out / "state/stage/000002"
    (stage / lost).parent.mkdir(parents=True)
    shutil.move(out / lost, stage / lost)
    assert b"cut off" in command("verify", out).stderr
    (stage / lost).write_bytes(b"damaged")
    ended = command("run", "in", "-o", out)
    assert ended.returncode == 5 and b"lost or damaged" in ended.stderr
    assert (stage / lost).read_bytes() == b"damaged"


def test_leftovers_of_a_run_that_was_not_committed_are_cleared(out, clean, tmp_path, fill, tree):
    before = tree(out)
    fill(out / "state/stage/000003", {"clean/a.txt": b"half", "manifest.json": b"{"})
    fill(out / "state/stage/scan", {"x/drafts": b"half"})
    assert clean(tmp_path / "in", out).summary is None
    assert tree(out) == before


def test_a_lost_ledger_is_made_again_by_a_run(out, clean, tmp_path, tree):
    before = tree(out, "clean", "ledger")
    os.unlink(out / "ledger/a.txt.ledger.jsonl")
    assert clean(tmp_path / "in", out).summary.counts["documents"] == 1
    assert tree(out, "clean", "ledger") == before


def test_a_state_that_grows_by_one_manifest_a_run(out, clean, tmp_path):
    for number in range(3, 6):
        clean(tmp_path / "in", out, options=Options(reprocess=True))
        assert len(os.listdir(out / "state/runs")) == number
    assert sorted(os.listdir(out / "state")) == ["edges", "index", "lock", "runs", "stage"]
    assert len(os.listdir(out / "state/index")) == 1, "what is cleaned again leaves no segment behind"
