"""Documents whose bytes are neither UTF-8 nor a Vietnamese code page: read where their charset is proven."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cleaner.stages.base import Step
from cleaner.stages.characters import is_unread
from cleaner.text.charsets import Reading, detect
from cleaner.text.codec import decode_clean, encode_clean
from cleaner.text.recoding import encoded

# What a charset does not define: controls in the places of letters, characters of private use.
_UNDEFINED = re.compile("[\x80-\x9f\ufffd\ue000-\uf8ff]")


def read_charset(paragraphs: Sequence[str]) -> Mapping[int, Step]:
    """Read the paragraphs of one document whose bytes are in a charset that all of them prove together.

    A paragraph that holds what this charset has not stays as it is; so do those that are UTF-8 but for some
    bytes.
    """
    unread = {number: encode_clean(text) for number, text in enumerate(paragraphs) if is_unread(text)}
    reading = detect(b"\n".join(unread.values())) if unread else None
    if reading is None:
        return {}
    steps = {number: _step(data, reading) for number, data in unread.items()}
    return {number: step for number, step in steps.items() if step}


def _step(data: bytes, reading: Reading) -> Step | None:
    try:
        text = data.decode(reading.charset)
    except UnicodeDecodeError:
        return None
    if _UNDEFINED.search(text):
        return None
    codec = f"charset/{reading.charset}"
    return Step("charset", text, codec=codec if _gives(text, codec, data) else "", reason=_reason(reading))


def _gives(text: str, codec: str, data: bytes) -> bool:
    try:
        return encoded(text, codec) == decode_clean(data)
    except UnicodeError:
        return False


def _reason(reading: Reading) -> str:
    units = "words" if reading.language.spaced else "characters"
    return (
        f"{reading.charset}: {reading.common} of {reading.units} {units} are common ones in"
        f" {reading.language.title}"
    )
