"""Broken encodings: mojibake, entities, order of marks, composition, controls, zero-width characters.

The order is fixed: what strips characters runs after what reads them, because old code pages keep
letters in the places of controls and soft hyphens; what may be such a letter stays. ftfy does the
mojibake, with the options that only repair (straight quotes and ligatures are style) and line by line,
since one good line hides a bad one. Letters damaged beyond repair are left and listed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html.entities import html5
from unicodedata import is_normalized, normalize

import ftfy
import regex
from ftfy.badness import BADNESS_RE

from cleaner.settings import EncodingSettings
from cleaner.stages.base import NearMiss, Outcome, Step
from cleaner.text.anchored import anchored

_CONSERVATIVE = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=True,  # without it ftfy ignores the options of encoding repair
)
_ROUNDS = 3  # mojibake is at most triple in the wild; entities are escaped at most twice
_PASSES = 16  # of all rules over one text; a bound for hostile text, others need two or three
_LOST = "\ufffd"
# A repaired word that mixes scripts was no mojibake: VISCII "Ð¸nh" would become "иnh", TCVN3 "cã “" "c㠓".
# Yet three such letters in a row are no chance but a word, as in "الطبقةIPv4"; and "APIの" is no mixture.
# Nor were the letters around pinyin ǎ mojibake, which no press writes: VPS "Ç¶ng" would become "Ƕng".
_OTHER = r"(?:[\p{L}--[\p{Latin}\p{Common}\p{Hiragana}\p{Katakana}\p{Hangul}\u4e00-\u9fff]]\p{M}*)"
_OTHER_WORD = regex.compile(rf"(?V1){_OTHER}{{3}}")
_MIXED_WORD = regex.compile(rf"(?V1)\p{{Latin}}\p{{M}}*{_OTHER}|{_OTHER}\p{{Latin}}")
_NO_LETTER = re.compile("[\u01c0-\u01cc\u01dd-\u01ff]")

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CESU8_PAIR = re.compile("\udced[\udca0-\udcaf][\udc80-\udcbf]\udced[\udcb0-\udcbf][\udc80-\udcbf]")
_STRAY_BYTE = re.compile("[\udc80-\udcff]")
# A tone typed before the shape of its vowel (e + acute + circumflex), which NFC does not compose.
_TONE_FIRST = re.compile("(?<=[AEOaeo])([\u0300\u0301\u0303\u0309])([\u0302\u0306])")
_TERMINAL_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_C1_CONTROL = re.compile("[\x80-\x9f]")
_ZERO_WIDTH = regex.compile("[\u00ad\u200b\u2060\ufeff]|(?<=\\p{Latin})[\u200c\u200d](?=\\p{Latin})")
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
# What no text needs that every rule below leaves alone; mojibake and composition are asked apart.
_SUSPICIOUS = re.compile(
    "[&\x00-\x08\x0e-\x1b\x7f-\x9f\u00ad\u0300-\u036f\u200b-\u200d\u2060\ufeff\ufffd\udc80-\udcff]"
)


@cache  # made when first needed: it takes 15 ms
def _badness() -> re.Pattern[str]:
    """Return what is found in just the texts that are bad for `ftfy.badness.is_bad`."""
    return anchored(BADNESS_RE)


def cesu8(text: str) -> str:
    """Mend characters whose two surrogates were each written as UTF-8 (CESU-8)."""
    if not _STRAY_BYTE.search(text):
        return text
    return _CESU8_PAIR.sub(_from_cesu8, text)


def _from_cesu8(found: re.Match[str]) -> str:
    surrogates = found[0].encode("utf-8", "surrogateescape").decode("utf-8", "surrogatepass")
    return surrogates.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def mojibake(text: str) -> str:
    """Undo UTF-8 read as another encoding, once to three times, line by line.

    >>> mojibake("Tiáº¿ng hÃ¡t giá»¯a rá»«ng")
    'Tiếng hát giữa rừng'
    """
    return "\n".join(map(_repaired_line, text.split("\n")))


def _repaired_line(text: str) -> str:
    for _ in range(_ROUNDS):
        if not _badness().search(text):
            break
        fixed = ftfy.fix_and_explain(text, _CONSERVATIVE).text
        if fixed == text or fixed.count(_LOST) > text.count(_LOST):
            break
        if _more(_NO_LETTER, text, fixed) or (
            _more(_MIXED_WORD, text, fixed) and not _OTHER_WORD.search(fixed)
        ):
            break
        text = fixed
    return text


def _more(pattern: re.Pattern[str] | regex.Pattern[str], before: str, after: str) -> bool:
    return len(pattern.findall(after)) > len(pattern.findall(before))


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
    if _STRAY_BYTE.search(text):
        return text
    return _C1_CONTROL.sub(_from_c1, _CONTROL.sub("", _TERMINAL_ESCAPE.sub("", text)))


def _from_c1(found: re.Match[str]) -> str:
    return found[0].encode("latin-1").decode("sloppy-windows-1252")


def zero_width(text: str) -> str:
    """Remove zero-width spaces, soft hyphens and marks, save where a script or a code page needs them.

    Joiners go only between Latin letters: they shape Arabic, Persian, Indic text and emoji.
    """
    if not _ZERO_WIDTH.search(text) or _NEEDS_ZERO_WIDTH.search(text):
        return text
    kept = "\u00ad" if _SOFT_HYPHEN_LETTER.search(text) else ""
    return str(_ZERO_WIDTH.sub(lambda found: found[0] if found[0] == kept else "", text))


def _by_chance(text: str) -> bool:
    """Whether what reads as UTF-8 here is chance: stray bytes outnumber the characters outside ASCII.

    It holds for 3,295 of 3,300 lines in 33 old charsets, Shift JIS and Thai among them, and for 32 of 3,747
    lines of UTF-8 that lost a byte and had hardly another letter outside ASCII (benchmarks/languages.py).
    """
    stray = len(_STRAY_BYTE.findall(text))
    return stray > 0 and 2 * stray > sum(character > "\x7f" for character in text)


# What changes characters that are there; the other rules change stray bytes or ASCII.
_OF_READ_TEXT = (mojibake, mark_order, nfc, zero_width)


class Encoding:
    """The encoding stage."""

    name = "encoding"
    by_place = False

    def __init__(self, settings: EncodingSettings) -> None:
        rules: list[tuple[Callable[[str], str], bool]] = [
            (cesu8, True),
            (mojibake, settings.mojibake),
            (entities, settings.entities),
            (mark_order, True),
            (nfc, True),
            (controls, True),
            (zero_width, settings.zero_width),
        ]
        self._rules = [rule for rule, wanted in rules if wanted]

    def __call__(self, paragraphs: Sequence[str], _blocks: Sequence[int] = (), /) -> Mapping[int, Outcome]:
        """Return the repaired paragraphs, and those with damage that cannot be repaired."""
        outcomes: dict[int, Outcome] = {}
        suspicious, bad = _SUSPICIOUS.search, _badness().search
        for index, text in enumerate(paragraphs):
            if suspicious(text) or not (text.isascii() or (is_normalized("NFC", text) and not bad(text))):
                outcome = self._repaired(text)
                if outcome.steps or outcome.near_misses:
                    outcomes[index] = outcome
        return outcomes

    def _repaired(self, text: str) -> Outcome:
        """Apply the rules until none changes the text, at most `_PASSES` times."""
        steps: list[Step] = []
        for _ in range(_PASSES):
            before = text
            for rule in self._rules:
                if rule in _OF_READ_TEXT and _by_chance(text):
                    continue
                if (after := rule(text)) != text:
                    text = after
                    steps.append(Step(rule.__name__, text))
            if text == before:
                break
        return Outcome(tuple(steps), tuple(_damage(text)))


def _damage(text: str) -> list[NearMiss]:
    found: list[NearMiss] = []
    if lost := text.count(_LOST):
        found.append(NearMiss("lost_letters", text, f"{lost} letters were lost before this text came here"))
    if stray := len(_STRAY_BYTE.findall(text)):
        found.append(NearMiss("stray_bytes", text, f"{stray} bytes are not UTF-8 and were left as they are"))
    if unread := len(_C1_CONTROL.findall(text)):
        found.append(NearMiss("stray_controls", text, f"{unread} controls may be old letters"))
    return found
