"""What the system refuses: space, larger files, descriptors, memory, processes, rights. It is said in one
line, nothing half-written is published, and a plain rerun comes to what an undisturbed run does.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from in_child import HANG, Ended, folder_in_memory, in_child

from cleaner.cli import main as command_line
from cleaner.errors import OutputError, StateError
from cleaner.io.publish import Disk
from cleaner.restoring import verify_output

TOWNS = ["Hà Nội", "Huế", "Đà Nẵng", "Cần Thơ", "Vinh", "Nha Trang"]
TEXTS = {
    f"{number}.txt": f"Chợ ở {town} mở cửa từ {number + 4} giờ sáng, bán đủ thứ cho bà con.\nĐọc thêm\n"
    for number, town in enumerate(TOWNS)
}
RUN = ("run", "in", "-o", "out")
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

Call = Callable[..., Ended]
Prepare = Callable[[], object]


@pytest.fixture
def folder(fill: Any) -> Iterator[Path]:
    with folder_in_memory() as folder:
        fill(folder / "in", TEXTS)
        yield folder


@pytest.fixture
def call(folder: Path, environment: dict[str, str]) -> Call:
    def call(*arguments: str, **more: Any) -> Ended:
        return in_child(*arguments, cwd=folder, environment=environment, **more)

    return call


@pytest.fixture
def undisturbed(folder: Path, clean: Any, tree: Any) -> dict[str, bytes]:
    """What a run comes to that nothing disturbs."""
    clean(folder / "in", folder / "undisturbed")
    found: dict[str, bytes] = tree(folder / "undisturbed", "clean", "ledger")
    return found


def limited(what: int, most: int) -> Prepare:
    return lambda: resource.setrlimit(what, (most, most))


def memory_in_use() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


LIMITS: dict[str, Callable[[], Prepare]] = {
    "files of 10 bytes": lambda: limited(resource.RLIMIT_FSIZE, 10),
    "files of 300 bytes": lambda: limited(resource.RLIMIT_FSIZE, 300),
    "8 open files": lambda: limited(resource.RLIMIT_NOFILE, 8),
    "12 open files": lambda: limited(resource.RLIMIT_NOFILE, 12),
    "no more memory": lambda: limited(resource.RLIMIT_AS, memory_in_use()),
}


def is_one_line(ended: Ended, code: int) -> bool:
    line = rb"cleaner: error: .+ \(exit %d\)\n" % code
    return ended.returncode == code and bool(re.fullmatch(line, ended.stderr))


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_of_the_system(
    folder: Path, call: Call, undisturbed: dict[str, bytes], tree: Any, limit: str
) -> None:
    ended = call(*RUN, prepare=LIMITS[limit]())
    if limit == "no more memory" and ended.returncode == 0:  # what this process once gave back was enough
        assert tree(folder / "out", "clean", "ledger") == undisturbed
        return
    if limit != "files of 10 bytes":  # of which stderr is one, here
        assert is_one_line(ended, 4), ended
    assert ended.returncode == 4 and tree(folder / "out", "clean", "ledger") == {}
    assert call(*RUN).returncode == 0
    assert tree(folder / "out", "clean", "ledger") == undisturbed


def to_nobody(folder: Path, processes: int | None = None) -> Prepare:
    """Return what makes a process that of a user who owns the folder, and who may have so many processes."""

    def prepare() -> None:
        for at, folders, files in os.walk(folder):
            for name in (".", *folders, *files):
                os.chown(os.path.join(at, name), NOBODY, NOBODY)
        if processes is not None:
            resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    return prepare


@as_root
def test_without_a_further_process_it_works_alone(
    folder: Path, call: Call, undisturbed: dict[str, bytes], tree: Any
) -> None:
    with ProcessPoolExecutor(1, get_context("fork")) as pool:  # what a user without rights may not load here
        pool.submit(int).result()
    ended = call(*RUN, "--workers", "3", prepare=to_nobody(folder, 1))
    assert ended.returncode == 0, ended
    assert tree(folder / "out", "clean", "ledger") == undisturbed


@as_root
def test_the_output_of_another_user(folder: Path, call: Call, stamps: Any) -> None:
    assert call(*RUN).returncode == 0
    shutil.copytree(folder / "out", folder / "other/out")
    os.chmod(folder, 0o755)
    before = stamps(folder / "other/out")

    def nobody() -> None:
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    ended = call("run", "in", "-o", "other/out", prepare=nobody)
    assert is_one_line(ended, 4) and b"it is a file of root; run as that user" in ended.stderr, ended
    assert stamps(folder / "other/out") == before


@pytest.fixture
def mounted() -> Iterator[Callable[[Path, str], None]]:
    """Return what mounts a small disk on a folder, or lets it have another size."""
    places: list[Path] = []

    def mount(place: Path, options: str) -> None:
        place.mkdir(parents=True, exist_ok=True)
        again = ["-o", f"remount,{options}"] if place in places else ["-t", "tmpfs", "-o", options, "none"]
        if subprocess.run(["mount", *again, place], capture_output=True).returncode:
            pytest.skip("nothing can be mounted here")
        places.append(place)

    yield mount
    for place in {*places}:
        subprocess.run(["umount", place], check=True)


@as_root
@pytest.mark.parametrize("options", ["size=16k", "size=48k", "size=1m,nr_inodes=9", "size=1m,nr_inodes=30"])
def test_a_full_disk(
    folder: Path, call: Call, undisturbed: dict[str, bytes], tree: Any, mounted: Any, options: str
) -> None:
    mounted(folder / "out", options)
    ended = call(*RUN)
    assert is_one_line(ended, 4) and b"No space left on device" in ended.stderr, ended
    assert tree(folder / "out", "clean", "ledger") == {}
    mounted(folder / "out", "size=8m,nr_inodes=900")
    assert call(*RUN).returncode == 0
    assert tree(folder / "out", "clean", "ledger") == undisturbed


@as_root
@pytest.mark.parametrize("part", ["clean", "ledger", "state/runs", "state/index"])
def test_an_output_on_two_disks(folder: Path, call: Call, tree: Any, mounted: Any, part: str) -> None:
    mounted(folder / "out" / part, "size=8m")
    ended = call(*RUN)
    assert is_one_line(ended, 4), ended
    assert b"on another disk than state/" in ended.stderr or b"cross-device" in ended.stderr
    assert tree(folder / "out", "clean", "ledger") == {}


def test_a_temporary_folder_without_room(call: Call) -> None:
    ended = call("run", "-", stdin=b"A line of text.\n" * 99, prepare=limited(resource.RLIMIT_FSIZE, 300))
    assert (
        is_one_line(ended, 4) and b"error: the temporary folder: File too large; let TMPDIR" in ended.stderr
    )


def test_an_input_that_cannot_be_read_to_its_end(folder: Path, call: Call, tree: Any) -> None:
    """Of /proc/self/mem the first byte is an I/O error."""
    ended = call("run", "in", "/proc/self/mem", "--format", "txt", "-o", "out")
    assert ended.returncode == 3
    assert b"cleaner: skipped: mem: cannot be read: Input/output error\n" in ended.stderr
    assert len(tree(folder / "out", "clean")) == len(TEXTS)


@pytest.mark.parametrize("operation", [9, 25, 40, 55])
def test_an_output_that_is_removed_meanwhile(
    folder: Path, clean: Any, undisturbed: dict[str, bytes], tree: Any, operation: int
) -> None:
    left = operation

    def remove(_operation: str, _path: bytes) -> None:
        nonlocal left
        left -= 1
        if not left:
            shutil.rmtree(folder / "out")

    with pytest.raises(OutputError):
        clean(folder / "in", folder / "out", disk=Disk(remove))
    clean(folder / "in", folder / "out")
    assert tree(folder / "out", "clean", "ledger") == undisturbed


def test_a_copy_that_was_made_meanwhile_is_an_output(
    folder: Path, clean: Any, undisturbed: dict[str, bytes], tree: Any
) -> None:
    """As a backup makes one. What it holds of the run depends on the moment."""
    copies = []

    def copy(operation: str, _path: bytes) -> None:
        if operation == "rename":
            copies.append(folder / f"copy-{len(copies)}")
            shutil.copytree(folder / "out", copies[-1])

    clean(folder / "in", folder / "out", disk=Disk(copy))
    assert len(copies) > 9
    for each in copies[::3]:
        clean(folder / "in", each)
        assert tree(each, "clean", "ledger") == undisturbed
        assert verify_output(str(each)).differences == ()


@pytest.mark.parametrize("committed", [False, True])
def test_settings_that_change_after_a_run_was_cut_off(
    folder: Path, clean: Any, undisturbed: dict[str, bytes], tree: Any, committed: bool
) -> None:
    """What was committed is completed as it was; what was not is done under the new settings."""

    def refuse(operation: str, path: bytes) -> None:
        if operation == "rename" and (b"/state/runs/" in path) is not committed:
            raise OSError(5, "injected")

    with pytest.raises(OutputError):
        clean(folder / "in", folder / "out", disk=Disk(refuse))
    clean(folder / "in", folder / "out", boilerplate={"enabled": False})
    clean(folder / "in", folder / "new", boilerplate={"enabled": False})
    new = tree(folder / "new", "clean", "ledger")
    assert new != undisturbed
    assert tree(folder / "out", "clean", "ledger") == (undisturbed if committed else new)


def test_a_state_of_an_older_backup_is_refused(folder: Path, clean: Any, fill: Any, tree: Any) -> None:
    clean(folder / "in", folder / "out")
    shutil.copytree(folder / "out/state", folder / "backup")
    fill(folder / "in", {"new.txt": "Một bài mới của hôm sau.\n"})
    clean(folder / "in", folder / "out")
    shutil.rmtree(folder / "out/state")
    shutil.copytree(folder / "backup", folder / "out/state")
    before = tree(folder / "out")
    with pytest.raises(StateError, match="the report is that of run 2, but the last run known here is 1"):
        clean(folder / "in", folder / "out")
    assert tree(folder / "out") == before
    for file in (folder / "out/report").iterdir():
        file.unlink()
    clean(folder / "in", folder / "out")  # who removes the report says that it is all the same


@pytest.mark.parametrize("times", [(4e9, 1e9), (1e9, -1e9), (2**31 - 1, 2**31 + 1)])
def test_a_clock_that_is_moved_changes_nothing(
    folder: Path, clean: Any, fill: Any, tree: Any, times: tuple[float, float]
) -> None:
    for clock, out in zip((iter(times), iter((0.0, 1.0))), ("moved", "straight"), strict=True):
        for number in (1, 2):
            fill(folder / "in", {"late.txt": f"{TEXTS['1.txt']}Bài thứ {number} của hôm nay.\n"})
            clean(folder / "in", folder / out, clock=lambda clock=clock: next(clock))
    assert tree(folder / "moved", "clean", "ledger") == tree(folder / "straight", "clean", "ledger")


def test_another_version_of_a_library_is_said(folder: Path, clean: Any, monkeypatch: Any) -> None:
    clean(folder / "in", folder / "out")
    assert "other settings" not in clean(folder / "in", folder / "out").note
    monkeypatch.setattr("cleaner.job.versions", lambda: {"ftfy": "99"})
    assert "other settings" in clean(folder / "in", folder / "out").note


def test_a_run_that_is_stopped_for_a_while_keeps_its_lock(
    folder: Path, call: Call, environment: dict[str, str], fill: Any
) -> None:
    lines = (f"Line {number} of text with {number * 7919} in it.\n" for number in range(20_000))
    fill(folder / "in", {"long.txt": "".join(lines)})
    run = subprocess.Popen(
        [sys.executable, "-m", "cleaner", *RUN], cwd=folder, env=environment, stderr=subprocess.PIPE
    )
    try:
        until = time.monotonic() + HANG
        while not list(folder.glob("out/state/stage/0*")):
            assert run.poll() is None and time.monotonic() < until
            time.sleep(0.01)
        run.send_signal(signal.SIGSTOP)
        assert call(*RUN).returncode == 6
        run.send_signal(signal.SIGCONT)
        assert run.wait(HANG) == 0
    finally:
        run.kill()
        run.communicate()


def test_a_bug_has_one_file_however_often_it_comes_up(
    folder: Path, call: Call, environment: dict[str, str]
) -> None:
    temporary = folder / "tmp"
    temporary.mkdir()
    environment["TMPDIR"] = str(temporary)

    def break_it() -> None:
        def broken(*_: object) -> None:
            raise ValueError(f"in {os.getpid()}")

        command_line.cli.callback = broken

    told = [call("verify", prepare=break_it) for _ in range(3)]
    (file,) = temporary.iterdir()
    assert all(each.stderr.endswith(f"please report it with {file} (exit 1)\n".encode()) for each in told)
    assert file.name.startswith("cleaner-bug-") and file.stat().st_mode & 0o777 == 0o600
    assert "ValueError: in " in file.read_text()
