"""Compiled patterns, kept beside the code as Python keeps its own: to compile those of our rules would take a
third of a start.

They are found by the text that they are compiled of, under a name that tells which versions of `regex` and
Python compiled them. Where nothing can be kept, as PYTHONDONTWRITEBYTECODE asks, each start compiles them.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from importlib.util import cache_from_source
from typing import Any

import regex

_DIGEST = 16  # bytes, before all else
_COMPILE = "regex._regex", "compile"  # all that a pickled pattern calls


def kept_place(source: str) -> str:
    """Return where the patterns of a source file are kept; "" where nothing is."""
    try:
        place = cache_from_source(f"{source}.py")
    except NotImplementedError:  # this Python keeps nothing
        return ""
    return f"{place.removesuffix('.pyc')}.regex-{regex.__version__}"


def read_patterns(place: str) -> list[regex.Pattern[str]]:
    """Return the patterns that are kept there; none where they cannot be read."""
    try:
        with open(place, "rb") as stream:
            check, data = stream.read(_DIGEST), stream.read()
        if check != _digest(data):
            return []
        found: list[regex.Pattern[str]] = _Unpickler(io.BytesIO(data)).load()
    except (OSError, pickle.UnpicklingError):
        return []
    return found


def keep_patterns(place: str, patterns: Sequence[regex.Pattern[str]]) -> None:
    """Keep patterns there, if that can be."""
    if not place or sys.dont_write_bytecode:
        return
    data = pickle.dumps(list(patterns), pickle.HIGHEST_PROTOCOL)
    part = f"{place}.{os.getpid()}"
    with suppress(OSError):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        try:
            with open(part, "xb") as stream:
                stream.write(_digest(data) + data)
            os.replace(part, place)
        except OSError:
            os.unlink(part)


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST).digest()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) != _COMPILE:
            raise pickle.UnpicklingError(f"{module}.{name} is no pattern")
        return super().find_class(module, name)
