"""Promise: a run whose output is in a store may be cut off at any operation there; any machine completes it.

Every operation of a run is the last one of it once: it is not begun, or it is done and its answer is lost.
Then another machine, which has no copy, runs. The store is one in memory; planted bugs show that the sweep
can fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from in_child import folder_in_memory

import cleaner.job
from cleaner.errors import CleanerError, LockedError, OutputError, StateError
from cleaner.io import stores, urls, working_copy
from cleaner.io.output_objects import key_of
from cleaner.io.publish import Disk
from cleaner.io.state import Folders
from cleaner.io.working_copy import WorkingCopy, refresh
from cleaner.restoring import verify_output

fsspec = pytest.importorskip("fsspec", reason="needs fsspec: pip install '.[s3]'")

OUT = "memory://machine/out"
ONE = "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường.\n"
TWO = "Bão số 3 đổ bộ vào Quảng Ninh đêm qua, 12 tàu cá phải vào bờ tránh trú.\n"
EARLIER = {"a.txt": ONE, "b.txt": TWO, "gone.txt": "A text.\n"}
LATER = {"b.txt": ONE + TWO, b"odd \xff/c.txt": TWO + "Tin mới.\n", "gone.txt": bytes(range(32)) * 9}

Objects = dict[str, bytes]


class Killed(BaseException):
    """The process is gone: nothing more is done in the store."""


class Dying(Disk):
    """A disk of a process that dies ahead of operation number `at` in the store."""

    def __init__(self, at: int = 0) -> None:
        super().__init__(self._tick)
        self.count, self._at = 0, at

    def _tick(self, operation: str, path: bytes) -> None:
        if path.startswith(b"memory://"):
            self.count += 1
            if self._at and self.count >= self._at:
                raise Killed(operation)


@dataclass
class Machines:
    """Machines that run over one corpus into one output; each has no copy of it before."""

    folder: Path
    clean: Callable[..., object]
    count: int = 0

    def run(self, disk: Disk | None = None) -> Path:
        """Run on a new machine; return where its copies are."""
        self.count += 1
        copies = self.folder / f"copies-{self.count}"
        near = {"near_duplicate": {"enabled": False}}  # an index has many objects
        self.clean(self.folder / "in", OUT, disk=disk, clock=lambda: 0.0, working_copy=str(copies), **near)
        return copies

    def copy_is_right(self, copies: Path) -> bool:
        (copy,) = (each for each in copies.iterdir() if each.is_dir())
        top = os.fsencode(copy)
        files = (os.path.join(at, name) for at, _, names in os.walk(top) for name in names)
        found = {
            f"/machine/out/{key_of(os.path.relpath(file, top))}": Path(os.fsdecode(file)).read_bytes()
            for file in files
        }
        found.pop("/machine/out/state/lock")
        return found == objects() and not verify_output(str(copy)).differences


def objects() -> Objects:
    return {name: file.getvalue() for name, file in fsspec.filesystem("memory").store.items()}


def reset(to: Objects) -> None:
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]
    for name, data in to.items():
        memory.pipe_file(name, data)


@dataclass
class Sweep:
    machines: Machines
    before: Objects
    want: Objects
    operations: int

    def faults(self, at: int) -> Iterator[str]:
        """Yield what is wrong after a process has died ahead of operation `at`, and after another run."""
        reset(self.before)
        try:
            self.machines.run(Dying(at))
            yield "it did not die"
        except Killed:
            pass
        yield from self.torn()
        try:
            copies = self.machines.run()
        except CleanerError as error:
            yield f"the next run ended with {error}"
            return
        now = objects()
        if other := sorted(name for name in {*now, *self.want} if now.get(name) != self.want.get(name)):
            yield f"other than undisturbed: {other}"
        elif not self.machines.copy_is_right(copies):
            yield "the copy is another one"

    def torn(self) -> Iterator[str]:
        """Yield what is not whole, or published without a commit."""
        committed = "/machine/out/state/runs/000002.json" in objects()
        for name, data in objects().items():
            allowed = {self.before.get(name), *([self.want.get(name)] if committed else [])}
            if "/state/stage/" not in name and data not in allowed:
                yield f"{name} is torn, or published without commit"


@pytest.fixture
def machines(clean: Any, fill: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machines]:
    monkeypatch.setattr(cleaner.job, "time", SimpleNamespace(monotonic=lambda: 0.0))  # for the summary
    monkeypatch.setitem(urls.KINDS, "memory", urls.Kind("fsspec", ""))
    monkeypatch.setattr(stores, "_AT_ONCE", 1)
    reset({})
    with folder_in_memory() as folder:
        fill(folder / "in", EARLIER)
        yield Machines(folder, clean)
    reset({})


@pytest.fixture
def sweep(machines: Machines, fill: Any) -> Sweep:
    machines.run()
    before = objects()
    fill(machines.folder / "in", LATER)
    disk = Dying()
    assert machines.copy_is_right(machines.run(disk))
    assert len(objects()) > len(before) and not [name for name in objects() if "stage" in name]
    return Sweep(machines, before, objects(), disk.count)


def test_any_operation_may_be_the_last(sweep):
    assert sweep.operations > 40
    for at in range(1, sweep.operations + 1):
        assert list(sweep.faults(at)) == [], f"operation {at} of {sweep.operations}"
    assert list(sweep.faults(sweep.operations + 1)) == ["it did not die"]


def _unconditionally(self: Any, path: str, content: bytes) -> None:
    self._files.pipe_file(self.at(path), content)


def _manifest_first(self: WorkingCopy, manifest: Any) -> None:
    self._objects.put_new(working_copy._manifest(manifest.run), working_copy.manifest_bytes(manifest))
    _offer(self, manifest)


def _published_before(self: WorkingCopy, manifest: Any) -> None:
    here = self._folders.stage(manifest.run)
    self._objects.put((os.path.join(here, path), path) for path, _ in manifest.files)
    _offer(self, manifest)


_offer = WorkingCopy.offer
PLANTED = {
    "the manifest before the stage": (WorkingCopy, "offer", _manifest_first),
    "published before the commit": (WorkingCopy, "offer", _published_before),
    "the mark of a stage goes first": (working_copy, "_MARK", b"state/edges/000002.jsonl"),
    "stages of others stay": (working_copy, "_staged_by", lambda path: 0),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_sweep_finds_planted_bugs(sweep, monkeypatch, name):
    monkeypatch.setattr(*PLANTED[name])
    assert any(list(sweep.faults(at)) for at in range(sweep.operations, 0, -1))


VERBS = ("put_file", "pipe_file", "cp_file", "rm_file")


def test_an_answer_may_be_lost(sweep, monkeypatch):
    """Of each kind of change once: the run fails, or finds that it was done; the next one completes it."""
    memory = fsspec.filesystem("memory")
    for verb in VERBS:
        with monkeypatch.context() as patch:
            done = getattr(type(memory), verb)

            def lost(self: Any, *words: Any, done: Any = done, patch: Any = patch, **more: Any) -> None:
                done(self, *words, **more)
                patch.undo()
                raise OSError("the connection was lost")

            reset(sweep.before)
            patch.setattr(type(memory), verb, lost)
            if verb == "pipe_file":  # the commit
                sweep.machines.run()
            else:
                with pytest.raises(OutputError, match="the connection was lost; nothing half-written"):
                    sweep.machines.run()
        sweep.machines.run()
        assert objects() == sweep.want


def test_of_two_that_commit_the_second_publishes_nothing(sweep, monkeypatch):
    """Its conditional put is refused; without the condition this test fails."""
    _commit_meanwhile(sweep, monkeypatch)
    with pytest.raises(LockedError, match="another machine has committed run 2 meanwhile"):
        sweep.machines.run()
    assert objects() == sweep.want


def test_without_the_condition_both_would(sweep, monkeypatch):
    _commit_meanwhile(sweep, monkeypatch)
    monkeypatch.setattr(stores.Store, "put_new", _unconditionally)
    sweep.machines.run()
    assert objects() != sweep.want


def _commit_meanwhile(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let another machine commit the same run, of other inputs, while one is about to."""
    reset(sweep.before)
    put_new = stores.Store.put_new

    def late(self: stores.Store, path: str, content: bytes) -> None:
        reset({**{name: data for name, data in objects().items() if "/stage/" in name}, **sweep.want})
        stores.Store.put_new(self, path, content)

    def once(self: stores.Store, path: str, content: bytes) -> None:
        monkeypatch.setattr(stores.Store, "put_new", put_new)
        late(self, path, content)

    (sweep.machines.folder / "in/b.txt").write_text(TWO + TWO)
    monkeypatch.setattr(stores.Store, "put_new", once)


def test_who_reads_completes_nothing(sweep):
    """What was cut off while it published is said, and the store stays as it is."""
    for at in range(sweep.operations, 0, -1):
        reset(sweep.before)
        with pytest.raises(Killed):
            sweep.machines.run(Dying(at))
        if "/machine/out/state/runs/000002.json" in objects() and any(
            "/stage/" in name for name in objects()
        ):
            break
    there = objects()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(working_copy, "_PATIENCE", 0.0)
        folders = Folders(os.fsencode(sweep.machines.folder / "reader"), OUT)
        with pytest.raises(
            StateError, match="run 2 is being published, or was cut off; `cleaner run` completes"
        ):
            refresh(folders)
    assert objects() == there
    shutil.rmtree(sweep.machines.folder / "in")
    (sweep.machines.folder / "in").mkdir()
    sweep.machines.run()
    assert objects() == sweep.want
