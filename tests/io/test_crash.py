"""Promise: safe to interrupt anywhere. Every operation of a run fails once, in four ways; each time what
is published is whole and known to a manifest, and a plain rerun gives what an undisturbed run gives.

kill: the process is killed ahead of the operation; power: besides, all that was not fsynced is gone
(contents, names, renames); ENOSPC, EIO: the operation fails, for want of space or with an I/O error. Planted
bugs show that the sweep can fail.
"""

from __future__ import annotations

import errno
import gzip
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

import cleaner.io.catalogue
import cleaner.io.state
import cleaner.job
from cleaner.errors import CleanerError, StateError
from cleaner.io.publish import Disk
from cleaner.io.state import Folders, Manifest, read_manifest
from cleaner.restoring import verify_output

ONE = "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường.\n"
TWO = "Bão số 3 đổ bộ vào Quảng Ninh đêm qua, 12 tàu cá phải vào bờ tránh trú.\n"
EARLIER = {"a.txt": ONE, "b.txt": TWO, "gone.txt": "A text.\n", "r.jsonl": '{"text": "A record."}\n'}
LATER = {
    "b.txt": ONE + TWO,
    "new/deep/c.txt": TWO + "Đọc thêm\n",
    "gone.txt": bytes(range(32)) * 9,  # no text any more: its clean file is removed
    "r.jsonl": '{"text": "A new record."}\nbad\n{"text": "Another one."}\n',
    "s.txt": "Giá vé tàu Tết tăng 7 % so với năm ngoái, đường sắt cho biết.\n",
    "t.txt.gz": gzip.compress(TWO.encode(), mtime=0),
}
SHARD_BYTES = 30  # so that r.jsonl is cleaned in pieces, and these are joined
ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO}
KEPT = ("clean", "ledger", "report", "state/runs", "state/stage")  # but the lock, which a start empties


Forgotten = tuple[tuple[str, bytes], ...]


class Faulty(Disk):
    """A disk whose operation number `at` fails. It knows what is durable, to lose the rest with power;
    `forgotten` operations (kind, part of the path) are done, but make nothing durable.
    """

    def __init__(self, at: int = 0, mode: str = "kill", forgotten: Forgotten = ()) -> None:
        super().__init__(self._tick)
        self.count, self._at, self._mode, self._forgotten = 0, at, mode, forgotten
        self._written: set[bytes] = set()  # files whose content may be lost
        self._named: set[bytes] = set()  # files and folders whose names may be lost
        self._renamed: list[tuple[bytes, bytes, bytes | None]] = []
        self._removed: dict[bytes, bytes] = {}  # files that may come back
        self._trees: dict[bytes, dict[bytes, bytes]] = {}  # folders that may, with their files

    def _tick(self, operation: str, path: bytes) -> None:
        self.count += 1
        if self.count == self._at:
            if self._mode in ERRORS:
                raise OSError(ERRORS[self._mode], "injected")
            if self._mode == "power":
                self._lose_power()
            os.kill(os.getpid(), signal.SIGKILL)
        if operation == "create":
            self._written.add(path)
            self._named.add(path)
        if operation == "close" and self._last == ("fsync", path) and self._lasts("fsync", path):
            self._written.discard(path)
        self._last = operation, path

    def finish(self) -> None:
        """Fail after the last operation, if that is when to."""
        self._tick("end", b"")

    def _lasts(self, operation: str, path: bytes) -> bool:
        return not any(operation == kind and part in path for kind, part in self._forgotten)

    def make_folder(self, path: bytes) -> None:
        folder = path
        while not os.path.isdir(folder):
            self._named.add(folder)
            folder = os.path.dirname(folder)
        super().make_folder(path)

    def replace(self, source: bytes, target: bytes) -> None:
        old = Path(os.fsdecode(target)).read_bytes() if os.path.exists(target) else None
        super().replace(source, target)
        self._renamed.append((source, target, old))
        if source in self._written:
            self._written.add(target)

    def remove(self, path: bytes) -> None:
        data = Path(os.fsdecode(path)).read_bytes() if os.path.exists(path) else None
        super().remove(path)
        if data is not None:
            self._removed[path] = data

    def remove_tree(self, path: bytes) -> None:
        lost = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
        data = {file: Path(os.fsdecode(file)).read_bytes() for file in lost if b"/stage" not in file}
        super().remove_tree(path)
        if not os.path.lexists(path) and data:
            self._trees[path] = data

    def sync_folders(self, paths: Iterable[bytes]) -> None:
        for folder in sorted(set(paths)):
            super().sync_folders([folder])
            if self._lasts("fsync folder", folder):
                self._named = {path for path in self._named if os.path.dirname(path) != folder}
                self._renamed = [each for each in self._renamed if os.path.dirname(each[1]) != folder]
                self._removed = {
                    path: data for path, data in self._removed.items() if os.path.dirname(path) != folder
                }
                self._trees = {
                    path: data for path, data in self._trees.items() if os.path.dirname(path) != folder
                }

    def _lose_power(self) -> None:
        for data in self._trees.values():
            for path, content in data.items():
                os.makedirs(os.path.dirname(path), exist_ok=True)
                Path(os.fsdecode(path)).write_bytes(content)
        for path in self._written:
            if os.path.exists(path):
                os.truncate(path, os.path.getsize(path) // 2)
        for source, target, old in reversed(self._renamed):
            if os.path.isdir(os.path.dirname(source)):
                os.replace(target, source)
            else:
                os.unlink(target)  # its old folder is gone, and no new one knows it
            if old is not None:
                Path(os.fsdecode(target)).write_bytes(old)
        for path, data in self._removed.items():
            Path(os.fsdecode(path)).write_bytes(data)
        for path in self._named:
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.unlink(path)


@dataclass
class Sweep:
    """A run over `inputs` into copies of an output with an earlier run: what it starts from, what it
    comes to, and how many operations that takes.
    """

    folder: Path
    clean: Callable[..., object]
    tree: Callable[..., dict[str, bytes]]
    stamps: Callable[[Path], object]
    before: dict[str, bytes]
    want: dict[str, bytes]
    operations: int

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def run(self, disk: Disk | None = None) -> object:
        return self.clean(self.folder / "in", self.out, disk=disk, shard_bytes=SHARD_BYTES, clock=lambda: 0.0)

    def fresh(self) -> None:
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.copytree(self.folder / "earlier", self.out)

    def faults(self, at: int, mode: str, forgotten: Forgotten = ()) -> Iterator[str]:
        """Yield what is wrong after operation `at` has failed, at once and after a rerun."""
        self.fresh()
        disk = Faulty(at, mode, forgotten)
        status = in_child(lambda: (self.run(disk), disk.finish()))
        if status != (4 if mode in ERRORS else -signal.SIGKILL):
            yield f"the run ended with {status}"
        try:
            yield from self.torn()
        except StateError as error:
            yield f"readers say {error}"
        try:
            self.run()
        except CleanerError as error:
            yield f"the rerun ended with {error}"
            return
        got = self.tree(self.out)
        if other := [name for name in {*got, *self.want} if got.get(name) != self.want.get(name)]:
            yield f"other than undisturbed: {sorted(other)}"
        if self.tree(self.out / "state/stage"):
            yield "the stage is not empty"
        if verify_output(str(self.out)).differences:
            yield "not verified"
        stamps = self.stamps(self.out)
        self.run()
        if self.stamps(self.out) != stamps:
            yield "a further run is no no-op"

    def torn(self) -> Iterator[str]:
        """Yield what is published but not whole, or not of a committed run; and if readers see it."""
        now = self.tree(self.out, "clean", "ledger")
        committed = (self.out / "state/runs/000002.json").exists()
        for name in {*now, *(name for name in self.before if name.startswith(("clean", "ledger")))}:
            data = now.get(name)
            if data != self.before.get(name) and not (committed and data == self.want.get(name)):
                yield f"{name} is torn, or published without commit"
        if committed:
            known = dict(read_manifest(Folders(os.fsencode(self.out)), 2).files)
            if not {os.fsencode(name) for name in now if now[name] != self.before.get(name)} <= known.keys():
                yield "published files that no manifest knows"
            yield from self.unnoticed()
        cut_off = committed and (self.out / "state/stage/000002").exists()
        if not cut_off and verify_output(str(self.out)).differences:
            yield "what stands there cannot be verified"

    def unnoticed(self) -> Iterator[str]:
        """Yield that a manifest which says something else by now is believed."""
        manifest = self.out / "state/runs/000002.json"
        whole = manifest.read_bytes()
        manifest.write_bytes(whole.replace(b'"documents":1', b'"documents":2', 1))
        damaged = self.tree(self.out, *KEPT)
        try:
            self.run()
            yield "a damaged manifest is not noticed"
        except StateError:
            pass
        if self.tree(self.out, *KEPT) != damaged:
            yield "something was changed beside a damaged manifest"
        manifest.write_bytes(whole)


def in_child(action: Callable[[], object]) -> int:
    """Run `action` in a forked process; return its exit code, negative for a signal."""
    child = os.fork()
    if not child:
        code = 99
        try:
            action()
            code = 0
        except CleanerError as error:
            code = error.exit_code
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def sweep(clean, fill, tree, stamps, monkeypatch) -> Iterator[Sweep]:
    monkeypatch.setattr(cleaner.job, "time", SimpleNamespace(monotonic=lambda: 0.0))  # for the summary
    monkeypatch.setattr(cleaner.io.catalogue, "_EVERY", 1)  # so that there is one
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="sweep-", dir=memory) as name:
        folder = Path(name)
        fill(folder / "in", EARLIER)
        clean(folder / "in", folder / "earlier")
        fill(folder / "in", LATER)
        sweep = Sweep(folder, clean, tree, stamps, {}, {}, 0)
        sweep.fresh()
        sweep.before = tree(sweep.out)
        disk = Faulty()
        sweep.run(disk)
        sweep.operations, sweep.want = disk.count, tree(sweep.out)
        assert verify_output(str(sweep.out)).differences == ()
        assert "clean/gone.txt" in sweep.before and "clean/gone.txt" not in sweep.want
        merged, index = "state/index/000001.000/head.json", "state/index/000002.000/head.json"
        assert "state/catalogue.json" in sweep.want
        assert merged in sweep.before and merged not in sweep.want and index in sweep.want
        yield sweep


# The two errors share the operations: of each pair that follow one another one has no space, one no device.
SHARES = [("kill", 1, 1), ("power", 1, 1), ("ENOSPC", 1, 2), ("EIO", 2, 2)]
ALL = [pytest.param(mode, 1, 1, marks=pytest.mark.torture) for mode in ERRORS]


@pytest.mark.parametrize(("mode", "first", "step"), [*SHARES, *ALL])
def test_every_operation_may_fail(sweep, mode, first, step):
    assert sweep.operations >= 200
    ends = sweep.operations + (mode not in ERRORS)
    found = {at: list(sweep.faults(at, mode)) for at in range(first, ends + 1, step)}
    assert {at: faults for at, faults in found.items() if faults} == {}


def _publish_then_commit(folders: Folders, disk: Disk, manifest: Manifest) -> None:
    for path, _ in manifest.files:
        disk.replace(os.path.join(folders.stage(manifest.run), path), folders.at(path))
    cleaner.io.state.commit(folders, disk, manifest)


def _recover_nothing(folders: Folders, disk: Disk) -> None:
    disk.remove_tree(folders.stages)


def _write_in_place(folders: Folders, disk: Disk, manifest: Manifest) -> None:
    for path, _ in manifest.files:
        data = Path(os.fsdecode(os.path.join(folders.stage(manifest.run), path))).read_bytes()
        folders_above = os.path.dirname(folders.at(path))
        disk.make_folder(folders_above)
        if os.path.exists(folders.at(path)):
            os.unlink(folders.at(path))
        disk.write(folders.at(path), data)
    for path in manifest.removed:
        disk.remove_tree(folders.at(path))
    disk.remove_tree(folders.stage(manifest.run))


def _own_folder_only(folder: bytes, _top: bytes) -> Iterator[bytes]:
    yield folder


def _believe(_line: bytes, _check: bytes) -> bool:
    return True


PLANTED = {
    "published ahead of the commit": (
        "kill", ("cleaner.committing.commit", _publish_then_commit), (), "published without commit"),
    "a cut-off publish not completed": (
        "kill", ("cleaner.job.recover", _recover_nothing), (), "rerun|undisturbed"),
    "published by writing in place": (
        "kill", ("cleaner.committing.publish", _write_in_place), (), "torn|rerun"),
    "no manifest check": (
        "kill", ("cleaner.io.state.is_whole", _believe), (), "a damaged manifest is not noticed"),
    "files not fsynced": ("power", None, (("fsync", b""),), "rerun"),
    "the stage not fsynced": ("power", None, (("fsync folder", b"state/stage"),), "undisturbed|rerun"),
    "what is published not fsynced": ("power", None, (("fsync folder", b"out/clean"),), "undisturbed|rerun"),
    "the index not fsynced": ("power", None, (("fsync folder", b"out/state/index"),), "undisturbed|rerun"),
    "folders above not fsynced": (
        "power", ("cleaner.io.state._folders_up_to", _own_folder_only), (), "undisturbed|rerun"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_the_sweep_finds_planted_bugs(sweep, tree, monkeypatch, name):
    mode, bug, forgotten, found = PLANTED[name]
    if bug:
        monkeypatch.setattr(*bug)
    sweep.fresh()
    sweep.run(disk := Faulty())
    assert tree(sweep.out) == sweep.want, "without faults there is nothing to find"
    for at in range(disk.count + 1, 0, -1):
        faults = list(sweep.faults(at, mode, forgotten))
        if any(re.search(found, fault) for fault in faults):
            return
    pytest.fail("nothing found")
