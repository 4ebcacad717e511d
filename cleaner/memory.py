"""What a process does with memory that it does not need any more."""

from __future__ import annotations

import gc
import sys

_OBJECTS = 50_000  # made between two searches, which find next to nothing: 5 % of the time of a run
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_KEPT = 64 << 20  # bytes of freed memory at most that are not given back
_LARGE = 8 << 20  # bytes: what is as large is given back at once


def search_seldom() -> None:
    """Let this process search seldom for objects that refer to each other in a circle. Loading modules makes
    many objects that stay: searching among them takes 70 ms of a start.
    """
    gc.set_threshold(_OBJECTS)


def search_no_more() -> None:
    """Let this process end without a last search among all its objects, whose memory goes back anyway: that
    takes 50 ms.
    """
    gc.disable()
    gc.freeze()


def keep_freed() -> None:
    """Let this process keep what it frees for what it needs next. Arrays of some 100 kB come and go all the
    time, and glibc gives their pages back each time: fetching them anew is 2 % of the time of a run.
    """
    if sys.platform != "linux":
        return
    import ctypes  # 2 ms of a start

    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
