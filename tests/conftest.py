"""What all tests share: a home that nobody touches, trees of files, runs in this process and as a command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import s3_server

from cleaner.io.publish import Disk
from cleaner.job import Job, Outcome, run
from cleaner.plan import Options
from cleaner.settings import Settings

# A shell that starts the tests in the background has Ctrl-C ignored, and commands would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No test is about speed, and machines that run them may be busy.
hypothesis.settings.register_profile("cleaner", deadline=None)
hypothesis.settings.load_profile("cleaner")

_buckets = count(1)
HANG = 120  # seconds after which a command hangs
_PRIVATE = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")

Tree = dict[str, bytes]


@pytest.fixture(scope="session")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def _temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(autouse=True)
def _no_temporary_folder(_temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what goes into the temporary folder go into one of the tests."""
    monkeypatch.setenv("TMPDIR", str(_temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture(autouse=True)
def _no_home(_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put an empty folder in the place of the home, and see that it stays empty."""
    for name in _PRIVATE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(_home))
    yield
    assert os.listdir(_home) == [], "something was written to the home"


@pytest.fixture
def fill() -> Callable[[Path, Mapping[str | bytes, bytes | str]], Path]:
    """Return what writes files below a folder."""

    def fill(folder: Path, files: Mapping[str | bytes, bytes | str]) -> Path:
        for name, data in files.items():
            place = os.path.join(os.fsencode(folder), os.fsencode(name))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as stream:
                stream.write(data.encode() if isinstance(data, str) else data)
        return folder

    return fill


@pytest.fixture
def tree() -> Callable[..., Tree]:
    """Return what reads all files below a folder: path -> bytes; `only` names some of its folders."""

    def tree(folder: Path, *only: str) -> Tree:
        tops = [folder / name for name in only] or [folder]
        files = (Path(at) / name for top in tops for at, _, names in os.walk(top) for name in names)
        return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(files)}

    return tree


@pytest.fixture
def stamps() -> Callable[[Path], dict[str, tuple[int, int, bytes]]]:
    """Return what tells inode, modification time and bytes of all files below a folder."""

    def stamps(folder: Path) -> dict[str, tuple[int, int, bytes]]:
        files = sorted(Path(at) / name for at, _, names in os.walk(folder) for name in names)
        told = ((file, file.stat(), file.read_bytes()) for file in files)
        return {
            str(file.relative_to(folder)): (each.st_ino, each.st_mtime_ns, data) for file, each, data in told
        }

    return stamps


@pytest.fixture
def clean() -> Callable[..., Outcome]:
    """Return what makes one run in this process, with one worker unless told."""

    def clean(
        inputs: Path | tuple[Path, ...],
        out: Path,
        *,
        options: Options | None = None,
        disk: Disk | None = None,
        shard_bytes: int | None = None,
        clock: Callable[[], float] | None = None,
        **settings: Any,
    ) -> Outcome:
        names = inputs if isinstance(inputs, tuple) else (inputs,)
        values = {"workers": 1, **settings, "input": [str(name) for name in names], "output": str(out)}
        extra: dict[str, Any] = {"shard_bytes": shard_bytes, "clock": clock}
        extra = {name: value for name, value in extra.items() if value is not None}
        job = Job(Settings.model_validate(values), Path("/"), options or Options(), disk or Disk(), **extra)
        return run(job, lambda _what, _done, _all: None)

    return clean


@pytest.fixture(scope="session")
def s3_port() -> int:
    """Return where the S3-compatible store of the tests is, once it is there."""
    return s3_server.free_port()


@pytest.fixture(scope="session")
def _s3(s3_port: int) -> Iterator[None]:
    if reason := s3_server.missing():
        pytest.skip(reason)
    with s3_server.server(s3_port):
        yield


@pytest.fixture
def bucket(_s3: None, s3_port: int) -> s3_server.Bucket:
    """Return a new bucket in a real S3-compatible store."""
    return s3_server.Bucket(s3_port, f"bucket-{next(_buckets)}")


@pytest.fixture
def environment() -> dict[str, str]:
    """Return the environment of a command: little enough that nothing of the machine is in it."""
    return {**{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR")}, "LC_ALL": "C.UTF-8"}


@pytest.fixture
def command(tmp_path: Path, environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Return what runs `cleaner` as a user does, in `tmp_path`; keywords are those of subprocess.run."""

    def command(*arguments: object, **keywords: Any) -> subprocess.CompletedProcess[bytes]:
        words = [argument if isinstance(argument, bytes) else str(argument) for argument in arguments]
        keywords = {"cwd": tmp_path, "env": environment, "timeout": HANG, **keywords}
        if "input" not in keywords:
            keywords.setdefault("stdin", subprocess.DEVNULL)
        for name in ("stdout", "stderr"):
            keywords.setdefault(name, subprocess.PIPE)
        return subprocess.run([sys.executable, "-m", "cleaner", *words], check=False, **keywords)

    return command


@pytest.fixture
def entries() -> Callable[[Path], list[dict[str, Any]]]:
    """Return what reads the lines of a ledger as plain JSON."""
    return lambda ledger: [json.loads(line) for line in ledger.read_bytes().splitlines()]
