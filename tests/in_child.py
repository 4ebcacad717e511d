"""`cleaner` as a user calls it, in a forked child of the tests: a real process, real streams and a real exit
code, without the start of an interpreter and its imports.
"""

from __future__ import annotations

import os
import pty
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cleaner.cli.main import main

HANG = 120  # seconds after which a command hangs


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (negative for a signal), what it printed, and the most memory that
    it took, in bytes. On a terminal, which is both of its streams, all is in `stdout`.
    """

    returncode: int
    stdout: bytes
    stderr: bytes
    memory: int


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Make a folder for tests that say nothing about disks, which may be slow to sync."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="cleaner-tests-", dir=memory) as name:
        yield Path(name)


def in_child(
    *arguments: object,
    cwd: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    terminal: bool = False,
    hang: int = HANG,
    prepare: Callable[[], object] = lambda: None,
) -> Ended:
    """Call `cleaner` with `arguments` in a folder; `prepare` is called before, in its process."""
    _loaded()
    words = ["cleaner", *(os.fsdecode(word) if isinstance(word, bytes) else str(word) for word in arguments)]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        streams = given.fileno(), out.fileno(), err.fileno()
        child, screen = pty.fork() if terminal else (os.fork(), -1)
        if not child:
            _call(words, cwd, environment, () if terminal else streams, prepare, hang)
        shown = _read_all(screen) if terminal else b""
        _, status, used = os.wait4(child, 0)
        for file in (out, err):
            file.seek(0)
        code = os.waitstatus_to_exitcode(status)
        return Ended(code, shown or out.read(), err.read(), used.ru_maxrss << 10)


@cache
def _loaded() -> None:
    """Load here what children would each load, by doing once what most of them do."""
    from cleaner.job import Job, run
    from cleaner.plan import Options
    from cleaner.report import diff  # noqa: F401
    from cleaner.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.txt").write_text("Thá»§ tÆ°á»›ng há»\x8dp bÃ¡o.\nĐọc thêm\n", encoding="utf-8")
        settings = Settings(input=(f"{folder}/a.txt",), output=f"{folder}/out", workers=1)
        run(Job(settings, Path("/"), Options()), lambda _what, _done, _all: None)


def _call(
    words: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    streams: Sequence[int],
    prepare: Callable[[], object],
    hang: int,
) -> Any:
    """Become a `cleaner` that was just started; never return."""
    code: object = 99
    try:
        signal.alarm(hang)
        for descriptor, place in enumerate(streams):
            os.dup2(place, descriptor)
        sys.stdin, sys.stdout, sys.stderr = (
            open(descriptor, mode, encoding="utf-8", errors="surrogateescape", closefd=False)
            for descriptor, mode in enumerate("rww")
        )
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environment)
        tempfile.tempdir = None
        sys.argv = list(words)
        prepare()
        main()
    except SystemExit as ended:
        code = ended.code or 0
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code if isinstance(code, int) else 98)


def _read_all(screen: int) -> bytes:
    pieces = []
    while True:
        try:
            piece = os.read(screen, 1 << 16)
        except OSError:  # EIO: who wrote has ended
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(screen)
    return b"".join(pieces)
