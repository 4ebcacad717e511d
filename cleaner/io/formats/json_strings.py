"""Strings of JSON as records spell them, over bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from json.encoder import encode_basestring, encode_basestring_ascii

import msgspec

from cleaner.text.codec import encode_clean, has_surrogate

_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_STRAY_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_BACKSLASH = ord("\\")


def _escape_lone(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def spell(text: str) -> str:
        literal = encode_basestring(text)
        if not has_surrogate(text):
            return literal
        return pattern.sub(lambda found: f"\\u{ord(found[0]):04x}", literal)

    return spell


def spelled(text: str, spelling: str) -> bytes:
    """Return the literal of a text, as a clean record holds it."""
    if spelling == "json":
        try:
            return msgspec.json.encode(text)  # the same bytes, in an eighth of the time
        except UnicodeEncodeError:
            pass
    return encode_clean(SPELLINGS[spelling](text))


# How a record spells text: raw, with all but ASCII escaped, or raw with bytes that are not UTF-8.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "json": _escape_lone(_SURROGATE),
    "json-ascii": encode_basestring_ascii,
    "json-bytes": _escape_lone(_NO_STRAY_BYTE),
}


def literal_length(raw: bytes, at: int) -> int:
    """Return how many bytes the literal at `at` has; 0 if none is there, or it has no end."""
    if raw[at : at + 1] != b'"':
        return 0
    end = at
    while (end := raw.find(b'"', end + 1)) > 0:
        last = end - 1
        while raw[last] == _BACKSLASH:
            last -= 1
        if (end - last) % 2:  # an even number of backslashes before a quote: they escape each other only
            return end + 1 - at
    return 0
