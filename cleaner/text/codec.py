"""Bytes to text and back, with the inverse verified for every document.

The last codec of the list reads any bytes: UTF-8 where they are UTF-8, and each stray byte as one
lone surrogate (U+DC80 to U+DCFF), so that a file of mixed encodings is a text whose damaged lines a
stage may mend and whose restoring is exact all the same.
"""

from __future__ import annotations

import codecs

from msgspec import Struct

STRAY_BYTES = "surrogateescape"

# name -> (byte order mark, Python codec, error handler); the order is the order of trial.
CODECS: dict[str, tuple[bytes, str, str]] = {
    "utf-8-bom": (codecs.BOM_UTF8, "utf-8", "strict"),
    "utf-32-le-bom": (codecs.BOM_UTF32_LE, "utf-32-le", "strict"),
    "utf-32-be-bom": (codecs.BOM_UTF32_BE, "utf-32-be", "strict"),
    "utf-16-le-bom": (codecs.BOM_UTF16_LE, "utf-16-le", "strict"),
    "utf-16-be-bom": (codecs.BOM_UTF16_BE, "utf-16-be", "strict"),
    "utf-8": (b"", "utf-8", "strict"),
    "utf-16-le": (b"", "utf-16-le", "strict"),
    "utf-16-be": (b"", "utf-16-be", "strict"),
    "utf-8-bytes": (b"", "utf-8", STRAY_BYTES),
}
# fmt: off
_MAGIC = (
    b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"%PDF-", b"PK\x03\x04", b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd", b"\x7fELF", b"SQLite format 3\0", b"PAR1", b"7z\xbc\xaf", b"\xfd7zXZ", b"BZh9",
    b"\xd0\xcf\x11\xe0", b"RIFF", b"\xca\xfe\xba\xbe", b"ID3\x03", b"OggS", b"wOFF", b"II*\0", b"MM\0*",
)
# fmt: on
_CONTROL_BYTES = bytes(sorted({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b")))
_FEWEST_CONTROLS = 16  # a short text with a few stray ones is a text all the same
_CONTROL_SHARE = 0.05  # of text with NUL or VPS capitals under 1 %; of random bytes 10 %


class Decoded(Struct, frozen=True):
    """A text and the name of the codec whose `encode` gives its bytes back."""

    text: str
    codec: str


def decode(data: bytes) -> Decoded:
    r"""Return the text of `data` by the first codec that reads it and whose inverse gives `data` back.

    Never fails. UTF-16 without a mark is read only when the zero bytes are unambiguous.

    >>> decode("Đọc".encode("utf-16"))
    Decoded(text='Đọc', codec='utf-16-le-bom')
    >>> decode(b"a\xff")
    Decoded(text='a\udcff', codec='utf-8-bytes')
    """
    zero_test = _utf16_by_zeros(data) if b"\0" in data else None
    for name, (mark, _, _) in CODECS.items():
        if mark and not data.startswith(mark):
            continue
        if (name == "utf-8" and zero_test) or (name.startswith("utf-16") and not mark and name != zero_test):
            continue
        try:
            text = _decode(data, name)
            if encode(text, name) == data:
                return Decoded(text, name)
        except UnicodeError:
            continue
    raise AssertionError("utf-8-bytes reads everything")


def encode(text: str, codec: str) -> bytes:
    """Return the bytes of `text`. Raises UnicodeError where the codec has no bytes for it."""
    mark, encoding, errors = CODECS[codec]
    return mark + text.encode(encoding, errors)


def has_surrogate(text: str) -> bool:
    """Tell whether half a character, or a byte that is no UTF-8, stands in a text."""
    try:
        text.encode()  # twenty times as fast as a search
    except UnicodeEncodeError:
        return True
    return False


def _decode(data: bytes, codec: str) -> str:
    mark, encoding, errors = CODECS[codec]
    return data[len(mark) :].decode(encoding, errors)


def encode_clean(text: str) -> bytes:
    """Return `text` as clean files hold it: UTF-8, each stray byte as it came in."""
    return text.encode("utf-8", STRAY_BYTES)


def decode_clean(data: bytes) -> str:
    """The inverse of `encode_clean`."""
    return data.decode("utf-8", STRAY_BYTES)


def _utf16_by_zeros(data: bytes) -> str | None:
    """Name the UTF-16 codec that the places of the zero bytes prove, if they do.

    In Vietnamese UTF-16 the high bytes are 85 % zeros and the low bytes 0 %; in UTF-8 text with stray
    NULs both halves hold the same few.
    """
    if len(data) < 8 or len(data) % 2:
        return None
    half = len(data) // 2
    even, odd = data[::2].count(0) / half, data[1::2].count(0) / half
    if odd >= 0.4 and even <= 0.02:
        return "utf-16-le"
    if even >= 0.4 and odd <= 0.02:
        return "utf-16-be"
    return None


def looks_binary(data: bytes, codec: str) -> str | None:
    """Say why `data`, read by `codec`, is no text (a file signature, many control bytes), or None."""
    if not codec.startswith("utf-8"):
        return None
    if data.startswith(_MAGIC):
        return "the file begins like an image, archive or program"
    controls = len(data) - len(data.translate(None, _CONTROL_BYTES))
    if controls >= _FEWEST_CONTROLS and controls > _CONTROL_SHARE * len(data):
        return f"{100 * controls / len(data):.0f} % of the bytes are control characters"
    return None
