"""Frozen codecs from clean text back to the text that came in: the inverses of repairs.

A repair that names its codec needs no copy of what it replaced: the ledger keeps the name, and the clean
text gives the rest. A codec is named `<rule>/<form>`: the rule that read the text, and how it was written.
A name never changes its meaning, because ledgers of years ago hold it.
"""

from __future__ import annotations

from unicodedata import normalize

from cleaner.text.codec import STRAY_BYTES
from cleaner.vietnamese.legacy import FORMS, WINDOWS_1252, page, shown_by
from cleaner.vietnamese.syllables import TONES

# As what the bytes of UTF-8 are read: byte -> character, where it is not that of Latin-1.
VIEWS: dict[str, dict[int, str]] = {
    "windows-1252": WINDOWS_1252,
    "latin-1": {},
    "windows-1258": shown_by("windows-1258"),
    "windows-1251": shown_by("windows-1251"),
}


class _Composite(dict[int, str]):
    """Letters with their shape, and their tone as a combining mark behind them; filled as it is asked."""

    def __missing__(self, code: int) -> str:
        marks = normalize("NFD", chr(code))
        shaped = "".join(mark for mark in marks if mark not in TONES)
        self[code] = normalize("NFC", shaped) + "".join(mark for mark in marks if mark in TONES)
        return self[code]


_COMPOSITE = _Composite()


def encoded(text: str, codec: str) -> str:
    r"""Return `text` as it was written before it was read by `codec`.

    Raises LookupError for a codec that is not known, UnicodeError for a text that it cannot write.

    >>> encoded("é", "nfc/decomposed") == "e\u0301", encoded("é", "mojibake/latin-1")
    (True, 'Ã©')
    >>> encoded("ộ", "vni/bytes"), encoded("да", "charset/koi8-r")
    ('o\udce4', '\udcc4\udcc1')
    """
    rule, _, form = codec.partition("/")
    if rule == "nfc" and form == "decomposed":
        return normalize("NFD", text)
    if rule == "nfc" and form == "composite":
        return text.translate(_COMPOSITE)
    if rule == "mojibake" and form in VIEWS:
        return text.encode().decode("latin-1").translate(VIEWS[form])
    if rule == "charset":
        return text.encode(form).decode("utf-8", STRAY_BYTES)
    if form in FORMS:
        return page(rule).written(text, form)
    raise LookupError(f"no codec {codec!r}")
