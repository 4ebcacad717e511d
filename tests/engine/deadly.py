"""Functions of the passes that kill, once for each, the process that runs them, or the one above it.

Executors load them by name, as they load those of cleaner. What is killed, where it is noted that this has
been done, and in which passes stands in the environment: DEADLY=executor:/folder:scan,write (or worker:...).
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from cleaner.judging import grouping, verifying
from cleaner.scanning import scan_shard as _scan_shard
from cleaner.writing import write_shard as _write_shard

_pair, _verify = grouping._pair, verifying._verify


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _die_once(name: str) -> None:
    kind, folder, passes = os.environ["DEADLY"].split(":")
    if name not in passes.split(","):
        return
    try:
        os.close(os.open(Path(folder) / name, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    daemon = os.getppid()  # of Python processes, which the executor has started
    os.kill(_parent(daemon) if kind == "executor" else os.getpid(), signal.SIGKILL)
    signal.pause()


def dies_of_three(number: int) -> int:
    """Return a number other than three."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def scan_shard(*arguments: Any, **keywords: Any) -> Any:
    _die_once("scan")
    return _scan_shard(*arguments, **keywords)


def pair(*arguments: Any, **keywords: Any) -> Any:
    _die_once("group")
    return _pair(*arguments, **keywords)


def verify(*arguments: Any, **keywords: Any) -> Any:
    _die_once("judge")
    return _verify(*arguments, **keywords)


def write_shard(*arguments: Any, **keywords: Any) -> Any:
    written = _write_shard(*arguments, **keywords)
    _die_once("write")  # with files in the stage that the next try has to make again
    return written
