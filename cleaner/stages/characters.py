"""Repairs of single characters: halves, entities, order of marks, composition, width, controls, zero width.

What strips characters runs after what reads them (`stages/encoding.py` has the order), because old code
pages keep letters in the places of controls and soft hyphens; what may be such a letter stays.
"""

from __future__ import annotations

import html
import re
from html.entities import html5
from unicodedata import is_normalized, normalize

import regex

from cleaner.stages.base import NearMiss
from cleaner.vietnamese.legacy import WINDOWS_1252
from cleaner.vietnamese.syllables import is_syllable
from cleaner.vietnamese.words import ONLY_VIETNAMESE

_LOST = "\ufffd"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CESU8_PAIR = re.compile("\udced[\udca0-\udcaf][\udc80-\udcbf]\udced[\udcb0-\udcbf][\udc80-\udcbf]")
_STRAY_BYTE = re.compile("[\udc80-\udcff]")
_HALF_CHARACTER = re.compile("[\ud800-\udc7f\udd00-\udfff]")
# A tone typed before the shape of its vowel (e + acute + circumflex), which NFC does not compose.
_TONE_FIRST = re.compile("(?<=[AEOaeo])([\u0300\u0301\u0303\u0309])([\u0302\u0306])")
_TERMINAL_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_ANY_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f]")
_C1_CONTROL = re.compile("[\x80-\x9f]")
_ZERO_WIDTH = regex.compile(
    "[\u00ad\u200b\u2060\ufeff]|(?<=\\p{Latin}\\p{M}{0,8})\u034f|(?<=\\p{Latin})[\u200c\u200d](?=\\p{Latin})"
)
# Signs in the places of letters, as TCVN3 and VISCII seen as Latin-1 have them: there the soft hyphen is
# a letter (TCVN3 ư), in 102 of 113 lines. A soft hyphen at the end of a word parts nothing, either.
_SOFT_HYPHEN_LETTER = regex.compile(
    "\u00ad(?:[¬ê-î]|(?!\\p{L}))|[¨¬®µ¶¸¹¼½¾][\\p{Ll}\u00ad]|\\p{L}[¨¬µ¶¸¹¼½¾]"
)
# Scripts whose words are parted by zero-width spaces, or shaped by joiners.
_NEEDS_ZERO_WIDTH = regex.compile(
    r"[\p{Khmer}\p{Lao}\p{Thai}\p{Myanmar}\p{Tibetan}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}"
    r"\p{Oriya}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Mongolian}]"
)
# A word with question marks inside, as programs write letters that they do not have; no address.
_LETTER = f"A-Za-zÀ-ÖØ-öø-ÿ{ONLY_VIETNAMESE}"
_LETTER_ASKED = re.compile(rf"(?<![\w/.=&%?-])[{_LETTER}]+\?+[{_LETTER}]+(?![\w/.=&%?-])")
_FEWEST_ASKED = 3  # words
_FULL_WIDTH_LETTER = re.compile("[\uff21-\uff3a\uff41-\uff5a]")
_EAST_ASIAN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}]")
_NARROW = {0x3000: " ", **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}}


def cesu8(text: str) -> str:
    """Mend characters whose two surrogates were each written as UTF-8 (CESU-8)."""
    if not _STRAY_BYTE.search(text):
        return text
    return _CESU8_PAIR.sub(_from_cesu8, text)


def _from_cesu8(found: re.Match[str]) -> str:
    surrogates = found[0].encode("utf-8", "surrogateescape").decode("utf-8", "surrogatepass")
    return surrogates.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def entities(text: str) -> str:
    """Turn entities into characters, twice at most, and not in text that holds a live `<`.

    >>> entities("B&#7897; tr&#432;&#7903;ng &amp;quot;"), entities("<b>&amp;</b>"), entities("?a=1&copy=2")
    ('Bộ trưởng "', '<b>&amp;</b>', '?a=1&copy=2')
    """
    for _ in range(2):
        if "&" not in text or "<" in text:
            break
        text = _ENTITY.sub(_character, text)
    return text


def _character(found: re.Match[str]) -> str:
    whole = found[0]
    # Of names only the whole counts: html.unescape would read "&section;" as "§ion;".
    character = html.unescape(whole) if whole[1] == "#" else html5.get(whole[1:], whole)
    if character in ("\n", "\r"):
        return " "
    lost = not character or _LOST in character or _CONTROL.search(character) or _C1_CONTROL.search(character)
    return whole if lost else character


def mark_order(text: str) -> str:
    r"""Put the shape of a Vietnamese vowel before its tone, as Unicode does.

    >>> mark_order("e\u0301\u0302") == "ế"
    True
    """
    if "\u0302" not in text and "\u0306" not in text:
        return text
    decomposed = normalize("NFD", text)
    ordered = _TONE_FIRST.sub(r"\2\1", decomposed)
    return text if ordered == decomposed else normalize("NFC", ordered)


def nfc(text: str) -> str:
    """Compose letters and marks (NFC)."""
    return text if is_normalized("NFC", text) else normalize("NFC", text)


def controls(text: str) -> str:
    """Remove terminal escapes and control characters; those that are spaces are left to whitespace.

    C1 controls are read as the cp1252 characters that they were, as browsers do; five have no reading
    and stay. Beside stray bytes all stay: their old code page may have letters in these places.

    >>> controls("\x93so\x94\x07")
    '“so”'
    """
    if not _ANY_CONTROL.search(text) or _STRAY_BYTE.search(text):
        return text
    return _CONTROL.sub("", _TERMINAL_ESCAPE.sub("", text)).translate(WINDOWS_1252)


def zero_width(text: str) -> str:
    """Remove zero-width spaces, soft hyphens and marks, save where a script or a code page needs them.

    Joiners go only between Latin letters: they shape Arabic, Persian, Indic text and emoji.
    """
    if not _ZERO_WIDTH.search(text) or _NEEDS_ZERO_WIDTH.search(text):
        return text
    kept = "\u00ad" if _SOFT_HYPHEN_LETTER.search(text) else ""
    return str(_ZERO_WIDTH.sub(lambda found: found[0] if found[0] == kept else "", text))


def has_stray_bytes(text: str) -> bool:
    """Tell whether bytes that are no UTF-8 stand in a text."""
    return _STRAY_BYTE.search(text) is not None


def has_half_characters(text: str) -> bool:
    """Tell whether surrogates stand in a text that are no stray bytes: it cannot be written as bytes."""
    return _HALF_CHARACTER.search(text) is not None


def is_unread(text: str) -> bool:
    """Tell whether a text is in an encoding that nobody has read: stray bytes outnumber the other characters
    outside ASCII, which are UTF-8 by chance then.

    So it is for 3,295 of 3,300 lines in 33 old charsets, and for 32 of 3,747 lines of UTF-8 that lost a byte
    and had hardly another letter outside ASCII (benchmarks/languages.py).
    """
    stray = len(_STRAY_BYTE.findall(text))
    if not stray:
        return False
    others = len(text) - len(text.encode("ascii", "ignore"))
    return 2 * stray > others and not has_half_characters(text)


def width(text: str) -> str:
    """Turn full-width letters, digits and signs into ordinary ones, where no Chinese, Japanese or Korean is.

    >>> width("Ｂộ　ｔｒưởｎｇ"), width("ＮＨＫの番組")
    ('Bộ trưởng', 'ＮＨＫの番組')
    """
    if not _FULL_WIDTH_LETTER.search(text) or _EAST_ASIAN.search(text):
        return text
    return text.translate(_NARROW)


def damage(text: str) -> list[NearMiss]:
    """Return what of a text cannot be repaired."""
    found: list[NearMiss] = []
    if lost := text.count(_LOST):
        found.append(NearMiss("lost_letters", text, f"{lost} letters were lost before this text came here"))
    if stray := len(_STRAY_BYTE.findall(text)):
        found.append(NearMiss("stray_bytes", text, f"{stray} bytes are not UTF-8 and were left as they are"))
    if unread := len(_C1_CONTROL.findall(text)):
        found.append(NearMiss("stray_controls", text, f"{unread} controls may be old letters"))
    asked = [
        word for word in _LETTER_ASKED.findall(text) if not all(map(is_syllable, re.split(r"\?+", word)))
    ]
    if len(asked) >= _FEWEST_ASKED:
        found.append(
            NearMiss("lost_letters", text, f"question marks stand for letters in {len(asked)} words")
        )
    return found
