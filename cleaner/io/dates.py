"""Dates as records write them, made comparable."""

from __future__ import annotations

import re
from datetime import UTC, datetime

UNKNOWN = 2**62  # after every date
_NUMBER = re.compile(r"\d{9,16}(?:\.\d*)?")  # shorter ones are dates: 2024, 20241231
_MILLISECONDS = 10**11  # from here on a number counts these: as seconds it is the year 5138
_YEAR_FIRST = re.compile(r"\d{4}(?:-\d{2})?")
# Day, month, year as they are written in Vietnam and most of Europe, with or without a time.
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ ,T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")


def seconds(text: str) -> int:
    """Return a date as seconds since 1970, UNKNOWN for what is none: ISO 8601, seconds or
    milliseconds, 31/12/2024, 2024, with or without a time. Without a zone it counts as UTC.

    >>> seconds("2024-12-31T07:00:00+07:00") == seconds("31/12/2024") == seconds("1735603200000")
    True
    """
    text = text.strip()
    if _NUMBER.fullmatch(text):
        number = int(float(text))
        return number // 1000 if number >= _MILLISECONDS else number
    try:
        if found := _DAY_FIRST.match(text):
            day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
            moment = datetime(year, month, day, hour, minute, second)
        else:
            whole = text + "-01-01"[len(text) - 4 :] if _YEAR_FIRST.fullmatch(text) else text
            moment = datetime.fromisoformat(whole)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return UNKNOWN
