"""How many processes a run uses, and how much of what is judged each may hold. Results depend on neither."""

from __future__ import annotations

import os
from collections.abc import Sequence

from cleaner.io.formats import FORMATS
from cleaner.io.inputs import InputFile
from cleaner.settings import Settings

_BIG = 4 << 20  # bytes from which a second process is worth its start
_UNPACKED = 4  # times the size of compressed news
_PROCESS = 120_000_000  # bytes that a process takes for itself
_LEAST = 16_000_000  # bytes


def workers_for(settings: Settings, files: Sequence[InputFile]) -> int:
    """Return how many processes to use here: results never depend on it. What a cluster uses is its own."""
    if settings.engine != "local":
        return 1
    if settings.workers != "auto":
        return settings.workers
    size = sum(
        file.size * (_UNPACKED if file.compression else FORMATS[file.format].density) for file in files
    )
    return max(1, min(len(os.sched_getaffinity(0)), size // _BIG))


def allowance(memory: int, workers: int) -> int:
    """Return what one process may hold of what is judged, in bytes, so that all stay within `memory`."""
    processes = workers + (workers > 1)
    return max(_LEAST, (memory - processes * _PROCESS) // workers // 2)
