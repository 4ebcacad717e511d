"""Values that go to other processes with each of many tasks."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import lru_cache
from typing import Any

_KEPT = 4  # values; a process works on tasks of one kind at a time


def sent_once(make: Callable[..., Any], *made_of: Any) -> tuple[Callable[[bytes], Any], tuple[bytes]]:
    """Return what `__reduce__` does of a value that is `make(*made_of)`: a process to which it is sent again
    takes the one that it has, with all that this has learnt.
    """
    return _made, (pickle.dumps((make, made_of)),)


@lru_cache(maxsize=_KEPT)
def _made(pickled: bytes) -> Any:
    make, made_of = pickle.loads(pickled)
    return make(*made_of)
