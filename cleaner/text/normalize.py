"""The matching form: what two paragraphs are compared by, never what is written.

It folds what an editor would not call a difference: case, composition, tone style, kinds of quotes,
dashes and spaces. It keeps everything that can be a fact: letters, tones, digits, order.
"""

from __future__ import annotations

import re
from unicodedata import is_normalized, normalize

from cleaner.vietnamese.tone_style import fold_tone_style

_FOLDED: dict[int, str | None] = {
    **dict.fromkeys(map(ord, "“”„‟«»″〝〞＂"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛′`´\u1fef\u1ffd"), "'"),  # the last two compose to ` and ´
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    ord("…"): "...",
    0xAD: None,  # soft hyphen
    0x200B: " ",
    0xFEFF: None,
}

_HAS_FOLDED = re.compile(f"[{re.escape(''.join(map(chr, _FOLDED)))}]")


def matching_form(text: str) -> str:
    """Return `text` as it is compared: NFC, case-folded, quotes, dashes, tone style and spaces folded.

    Two texts with the same matching form state the same. The form is idempotent.

    >>> matching_form("Uỷ  ban “Hoà Bình” –\xa02025…")
    'ủy ban "hòa bình" - 2025...'
    """
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    folded = text.casefold()
    if _HAS_FOLDED.search(folded):  # translating costs more than all the rest
        folded = folded.translate(_FOLDED)
    if not is_normalized("NFC", folded):
        folded = normalize("NFC", normalize("NFC", folded).casefold())
    return fold_tone_style(" ".join(folded.split()))
