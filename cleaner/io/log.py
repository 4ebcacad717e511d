"""A log of JSON lines that outlives logrotate: each event is written to what stands at the path then."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from cleaner.text.show import show

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_LONGEST = 1000  # characters of one text


def append_events(path: str, events: Iterable[Mapping[str, Any]]) -> None:
    """Append events, a line each, all texts as `show` has them. Raises OSError; what was begun of a line is
    taken back then, so that the next one is whole.
    """
    data = "".join(f"{json.dumps(_shown(event), ensure_ascii=False)}\n" for event in events).encode()
    descriptor = os.open(path, _FLAGS, 0o666)
    written = 0
    try:
        while written < len(data):
            written += os.write(descriptor, data[written:])
    except OSError:
        torn = written - (data[:written].rfind(b"\n") + 1)
        if torn:
            with suppress(OSError):
                os.ftruncate(descriptor, os.fstat(descriptor).st_size - torn)
        raise
    finally:
        os.close(descriptor)


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {show(str(key)): _shown(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(each) for each in value]
    return show(value, limit=_LONGEST) if isinstance(value, str | bytes) else value
