"""What is known of all earlier runs, kept in one file: the same as all manifests say, and never needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cleaner.errors import StateError
from cleaner.io import catalogue as module
from cleaner.io.catalogue import Catalogue, read_catalogue, stage_catalogue
from cleaner.io.figures import Figures
from cleaner.io.inputs import InputFile, Problem
from cleaner.io.publish import Disk
from cleaner.io.state import Done, Folders, Manifest, manifest_bytes

PATHS = st.sampled_from([b"a", b"b/c", "é".encode(), b"\xff\n", b"d e"])  # few, so that runs meet
LISTS = st.lists(PATHS, max_size=2).map(tuple)
FILES = st.builds(
    InputFile, PATHS, st.just(b""), st.just("txt"), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9),
    st.sampled_from(["", "gzip"]),
)  # fmt: skip
DONE = st.builds(Done, FILES, st.text("ab"), st.integers(0, 3), partial=st.booleans())
PROBLEMS = st.builds(Problem, PATHS, st.integers(0, 3), st.sampled_from(["bad", "\udcff"]), st.text("ab"))
MANIFESTS = st.builds(
    Manifest, st.just(0), st.sampled_from(["", "s", "t"]), st.just({}), st.lists(DONE, max_size=3).map(tuple),
    st.just(()), st.just(()), LISTS, LISTS, st.none() | st.builds(Figures, st.text(), st.floats(0, 9)),
    st.lists(PROBLEMS, max_size=2).map(tuple),
)  # fmt: skip


def commit(folders: Folders, manifest: Manifest) -> None:
    done = tuple(replace(each, run=manifest.run, settings=manifest.settings) for each in manifest.inputs)
    os.makedirs(os.path.dirname(folders.manifest(1)), exist_ok=True)
    file = Path(os.fsdecode(folders.manifest(manifest.run)))
    file.write_bytes(manifest_bytes(replace(manifest, inputs=done)))


def known(catalogue: Catalogue) -> Catalogue:
    return replace(catalogue, folded=0, note="")


@settings(max_examples=50)
@given(st.lists(MANIFESTS, min_size=1, max_size=6), st.data())
def test_it_says_what_all_manifests_say(tmp_path_factory, manifests, data):
    folders = Folders(os.fsencode(tmp_path_factory.mktemp("folded")))
    at = data.draw(st.integers(1, len(manifests)))
    for run, manifest in enumerate(manifests, 1):
        commit(folders, replace(manifest, run=run))
        if run == at:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(module, "_EVERY", 1)
                stage_catalogue(folders, Disk(), read_catalogue(folders), run + 1)
            os.rename(os.path.join(folders.stage(run + 1), module.FILE), folders.at(module.FILE))
    folded, read = read_catalogue(folders), read_catalogue(folders, every=True)
    assert (folded.folded, read.folded, folded.note) == (at, 0, "")
    assert known(folded) == read
    assert list(folded.done) == list(read.done)


@pytest.fixture
def grown(tmp_path, fill, clean, monkeypatch) -> Callable[[int], Path]:
    """Return what makes runs of an output, each with one more text, which keeps the file of every second."""
    monkeypatch.setattr(module, "_EVERY", 2)

    def grown(runs: int) -> Path:
        for _ in range(runs):
            fill(tmp_path / "in", {f"{len(list(tmp_path.glob('in/*')))}.txt": "A line of text."})
            assert clean(tmp_path / "in", tmp_path / "out").summary
        return tmp_path / "out"

    return grown


def test_it_is_written_now_and_then_and_the_rest_read_from_manifests(grown):
    kept = []
    for _ in range(5):
        catalogue = read_catalogue(Folders(os.fsencode(grown(1))))
        kept.append((catalogue.last_run, catalogue.folded, len(catalogue.done)))
    assert kept == [(1, 0, 1), (2, 0, 2), (3, 2, 3), (4, 2, 4), (5, 4, 5)]


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


def _flip(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:50] + bytes([data[50] ^ 1]) + data[51:])


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _of_a_later_version(file: Path) -> None:
    file.write_bytes(module.sealed({"catalogue": [9, 9]}))


def _of_other_manifests(file: Path) -> None:
    (file.parent / "runs/000002.json").write_bytes(manifest_bytes(Manifest(2, "s", {}, (), ())))


HARMS = (os.unlink, _empty, _cut, _flip, _of_a_later_version, _of_other_manifests)


def test_without_it_all_manifests_are_read_and_a_run_writes_it_anew(grown, clean, tmp_path, fill, tree):
    out = grown(3)
    folders, whole = Folders(os.fsencode(out)), tree(out)
    for harm in HARMS:
        harm(out / "state/catalogue.json")
        catalogue = read_catalogue(folders)
        assert known(catalogue) == known(read_catalogue(folders, every=True)), harm
        assert (catalogue.folded, bool(catalogue.note)) == (0, True), harm
        fill(out, whole)
    os.unlink(out / "state/catalogue.json")
    before = tree(out)
    outcome = clean(tmp_path / "in", out)
    assert outcome.summary is None and "catalogue.json is missing" in outcome.note
    assert tree(out) == before
    grown(1)
    catalogue = read_catalogue(folders)
    assert (catalogue.folded, catalogue.note) == (3, "")


def test_lost_and_damaged_manifests_are_noticed_though_they_are_folded(grown, fill, tree, command):
    out = grown(4)
    whole = tree(out)
    for lost in ([1], [2], [3], [2, 3, 4], [1, 2, 3, 4]):
        for run in lost:
            os.unlink(out / f"state/runs/{run:06}.json")
        with pytest.raises(StateError, match="is missing"):
            read_catalogue(Folders(os.fsencode(out)))
        fill(out, whole)
    _flip(out / "state/runs/000001.json")
    assert read_catalogue(Folders(os.fsencode(out))).folded == 2, "a run does not read it any more"
    ended = command("verify", out)
    assert ended.returncode == 5 and b"000001.json: damaged run manifest" in ended.stderr
