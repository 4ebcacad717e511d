"""Documents whose bytes are neither UTF-8 nor a Vietnamese code page: read where their charset is proven, or
where a person says in which they may be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cleaner.stages.base import Step
from cleaner.stages.characters import is_unread
from cleaner.text.charsets import Reading, detect, likeliest
from cleaner.text.codec import decode_clean, encode_clean
from cleaner.text.recoding import encoded

# What a charset does not define: controls in the places of letters, characters of private use.
_UNDEFINED = re.compile("[\x80-\x9f\ufffd\ue000-\uf8ff]")


def read_charset(paragraphs: Sequence[str], expected: tuple[str, ...] = ()) -> Mapping[int, Step]:
    """Read the paragraphs of one document whose bytes are in a charset that all of them prove together; where
    they prove none, in the likeliest of those that are `expected`.

    A paragraph that holds what this charset has not stays as it is; so do those that are UTF-8 but for some
    bytes.
    """
    unread = {number: encode_clean(text) for number, text in enumerate(paragraphs) if is_unread(text)}
    if not unread:
        return {}
    data = b"\n".join(unread.values())
    if reading := detect(data):
        charset, reason = reading.charset, _reason(reading)
    elif expected and (charset := likeliest(data, expected)):
        reason = f"{charset}: the likeliest of those expected"
    else:
        return {}
    steps = {number: _step(data, charset, reason) for number, data in unread.items()}
    return {number: step for number, step in steps.items() if step}


def _step(data: bytes, charset: str, reason: str) -> Step | None:
    try:
        text = data.decode(charset)
    except UnicodeDecodeError:
        return None
    if _UNDEFINED.search(text):
        return None
    codec = f"charset/{charset}"
    return Step("charset", text, codec=codec if _gives(text, codec, data) else "", reason=reason)


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
