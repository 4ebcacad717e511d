"""Frozen codecs from clean text back to the text that came in: the inverses of repairs.

A repair that names its codec needs no copy of what it replaced: the ledger keeps the name, and the clean
text gives the rest. A codec is named `<rule>/<form>`: the rule that read the text, and how it was written.
A name never changes its meaning, because ledgers of years ago hold it.
"""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import normalize


def _decomposed(text: str) -> str:
    return normalize("NFD", text)


_CODECS: dict[str, Callable[[str], str]] = {
    "nfc/decomposed": _decomposed,
}


def encoded(text: str, codec: str) -> str:
    r"""Return `text` as it was written before it was read by `codec`.

    Raises LookupError for a codec that is not known, UnicodeError for a text that it cannot write.

    >>> encoded("é", "nfc/decomposed") == "e\u0301"
    True
    """
    if codec not in _CODECS:
        raise LookupError(f"no codec {codec!r}")
    return _CODECS[codec](text)
