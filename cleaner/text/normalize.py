"""The matching form: what two paragraphs are compared by, never what is written.

It folds what an editor would not call a difference: case, composition, tone style, kinds of quotes,
dashes and spaces. It keeps everything that can be a fact: letters, tones, digits, order.
"""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import is_normalized, normalize

from cleaner.vietnamese.tone_style import fold_tone_style

_FOLDED = {
    **dict.fromkeys("“”„‟«»″〝〞＂", '"'),
    **dict.fromkeys("‘’‚‛′`´\u1fef\u1ffd", "'"),  # the last two compose to ` and ´
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...",
    "\xad": "",  # soft hyphen
    "\u200b": " ",
    "\ufeff": "",
}
_last: dict[str, str] = {}  # the forms of the last call that had to make them


def matching_form(text: str) -> str:
    """Return `text` as it is compared: NFC, case-folded, quotes, dashes, tone style and spaces folded.

    Two texts with the same matching form state the same. The form is idempotent.

    >>> matching_form("Uỷ  ban “Hoà Bình” –\xa02025…")
    'ủy ban "hòa bình" - 2025...'
    """
    return _forms([text])[0]


def matching_forms(texts: Sequence[str]) -> list[str]:
    """Return the matching form of each text, in a third of the time that one by one takes.

    While a document is scanned its paragraphs are asked for again, with some of them gone: forms are
    remembered until a call brings a new text. So this is meant for a document at a time.
    """
    global _last
    known = _last
    if not all(map(known.__contains__, texts)):
        _last = known = dict(zip(texts, _forms(texts), strict=True))
    return [known[text] for text in texts]


def _forms(texts: Sequence[str]) -> list[str]:
    """Fold the texts as the lines of one text: no step looks across a line end."""
    lines = "\n".join(texts)
    if lines.count("\n") >= len(texts):  # a line end inside a text is a space to its form
        lines = "\n".join([text.replace("\n", " ") for text in texts])
    folded = lines.casefold()
    for sign, plain in _FOLDED.items():  # half the time of one pass with a pattern, a tenth of translate
        if sign in folded:
            folded = folded.replace(sign, plain)
    if not is_normalized("NFC", folded):
        folded = normalize("NFC", normalize("NFC", folded).casefold())
    if not _spaced_singly(folded):
        folded = "\n".join([" ".join(line.split()) for line in folded.split("\n")])
    return fold_tone_style(folded).split("\n")


def _spaced_singly(lines: str) -> bool:
    """Tell whether single spaces stand inside the lines and none outside; never yes where it is not so."""
    words = f" {lines} ".replace("\n", " ")
    return "  " not in words and words.isprintable()  # the one space that is printable is U+0020
