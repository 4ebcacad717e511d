"""`show`: the only way of data to a terminal, a log or an error line.

File names, ids and text come from strangers; printed raw, they could move the cursor, forge log
lines or reorder what a reviewer reads (CVE-2021-42574). Everything that is not plain, visible text
is spelled out.
"""

from __future__ import annotations

import os
import unicodedata

# fmt: off
_HIDDEN = frozenset([
    0xAD, 0x061C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
    *range(0xFFF9, 0xFFFC), 0xE0001, *range(0xE0020, 0xE0080),
])
# fmt: on
_HIDDEN_CATEGORIES = frozenset(["Cc", "Cs", "Zl", "Zp", "Co", "Cn"])


class _Shown(dict[int, str]):
    """What stands for each character, by its code; worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as os.fsdecode and our codec keep it
            character = f"\\x{code - 0xDC00:02x}"
        elif code in _HIDDEN or unicodedata.category(character) in _HIDDEN_CATEGORIES:
            character = f"[U+{code:04X}]"
        self[code] = character
        return character


_SHOWN = _Shown()


def show(data: str | bytes, *, limit: int | None = 200) -> str:
    r"""Return `data` with controls, bidi marks, zero-width characters and stray bytes spelled out.

    The result has at most `limit` characters (None: no limit); a cut is marked by an ellipsis.

    >>> show("a\x1b[31mb\u202e")
    'a[U+001B][31mb[U+202E]'
    >>> show(b"d\x80/x.txt")
    'd\\x80/x.txt'
    """
    text = os.fsdecode(data) if isinstance(data, bytes) else data
    cut = limit is not None and len(text) > limit
    if cut:
        text = text[:limit]
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_SHOWN)
        cut = cut or (limit is not None and len(text) > limit)
    return text[: limit - 1] + "…" if cut and limit else text
