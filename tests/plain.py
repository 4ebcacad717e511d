"""What may stand in what a person or a program reads of us: no controls, no marks of direction, nothing
hidden, and nothing that is not UTF-8, wherever it came from.
"""

from __future__ import annotations

import re

# C0 but line feed, DEL, C1; marks of direction, zero-width characters, separators of lines; stray bytes.
_RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0001\U000e0020-\U000e007f\udc80-\udcff]"
)
# What we tell a terminal: colours of our own, a line to be drawn anew (rich), the cursor to go and come.
_OURS = re.compile(r"\x1b\[(?:[0-9]|[0-9];)*m|\x1b\[(?:2K|1A|\?25[lh])|\r(?=\n|\x1b)")


def raw_in(data: bytes, *, terminal: bool = False) -> list[str]:
    """Return each raw character with what stands around it; of a `terminal`, without what is meant for it."""
    text = data.decode("utf-8", "surrogateescape")
    if terminal:
        text = _OURS.sub("", text)
    return [text[max(0, found.start() - 40) : found.end() + 20] for found in _RAW.finditer(text)]
