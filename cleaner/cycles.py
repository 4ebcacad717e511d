"""How often Python looks for objects that refer to each other in a circle and are wanted by nobody else."""

from __future__ import annotations

import gc

_OBJECTS = 50_000  # made between two searches, which find next to nothing: 5 % of the time of a run


def search_seldom() -> None:
    """Let this process search seldom. Loading modules makes many objects that stay: searching among them
    takes 70 ms of a start.
    """
    gc.set_threshold(_OBJECTS)
