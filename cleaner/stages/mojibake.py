"""UTF-8 that was read as another encoding, once to three times.

Whole texts first, strictly, so that the reading can be taken back; then single Vietnamese words
(`vietnamese/mojibake.py`); at last ftfy, for everything else. ftfy runs with the options that only
repair (straight quotes and ligatures are style) and line by line, since one good line hides a bad one.
"""

from __future__ import annotations

import re
from functools import cache

import ftfy
import regex
from ftfy.badness import BADNESS_RE

from cleaner.text.anchored import anchored
from cleaner.text.recoding import VIEWS, encoded
from cleaner.vietnamese.mojibake import CERTAIN, HINT, ROUNDS
from cleaner.vietnamese.words import MODERN, WITH_TWO_MARKS, is_vietnamese

ONLY_REPAIRS = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    replace_lossy_sequences=False,  # what is left of a letter may tell a person more than U+FFFD
    remove_control_chars=False,
    normalization=None,
    explain=True,  # without it ftfy ignores the options of encoding repair
)
_LOST = "\ufffd\x1a"  # ftfy writes the second for the first
# A repaired word that mixes scripts was no mojibake: VISCII "Ð¸nh" would become "иnh", TCVN3 "cã “" "c㠓".
# Yet three such letters in a row are no chance but a word, as in "الطبقةIPv4"; and "APIの" is no mixture.
# Nor were the letters around pinyin ǎ mojibake, which no press writes: VPS "Ç¶ng" would become "Ƕng".
_OTHER = r"(?:[\p{L}--[\p{Latin}\p{Common}\p{Hiragana}\p{Katakana}\p{Hangul}\u4e00-\u9fff]]\p{M}*)"
_PARTIAL = "decode_inconsistent_utf8"  # what ftfy calls a repair of single characters of a line
# After it, beside letters of Windows-1252 that are left, one of another script is half of a word, "Ì죿".
_HALF_WORD = re.compile("[À-ÿ][\u1100-\u11ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]|[\u02bb\u02bc][À-ÿşğı]")
_OTHER_WORD = regex.compile(rf"(?V1){_OTHER}{{3}}")
_MIXED_WORD = regex.compile(rf"(?V1)\p{{Latin}}\p{{M}}*{_OTHER}|{_OTHER}\p{{Latin}}")
_NO_LETTER = re.compile("[\u01c0-\u01cc\u01dd-\u01ff]")
# Nor are others beyond Latin Extended-A, if only some of a line becomes such: GBK "Â³Æ½" would become "³ƽ".
_RARE_LETTER = re.compile(
    "[\u0180-\u018e\u0190\u0191\u0193-\u019f\u01a2-\u01ae\u01b1-\u01cc\u01dd-\u01ff\u0200-\u0217\u021c-\u0258"
    "\u025a-\u02ba\u02bd-\u02c5\u02c8-\u02d7\u02df-\u02ff\u0304\u0305\u030d-\u031a\u031c-\u0322\u0324-\u0326"
    "\u0329-\u0383\u0560\u0588]"
)
_CYRILLIC_HINT = re.compile("[є»](?<=б.)")  # ạ to ỹ as Windows-1251 shows them
# Letters that only Vietnamese has, or the beginning of one of UTF-8 beside another.
_HALF_READ = re.compile(f"[{WITH_TWO_MARKS}]|[ÃÄÅÆ][à-ỹ]|[à-ỹ][ÃÄÅÆ]")
_TOKEN = re.compile(r"[^ \t\r\n]+")
_READ = {name: {ord(shown): chr(byte) for byte, shown in view.items()} for name, view in VIEWS.items()}


@cache  # made when first needed: it takes 15 ms
def badness() -> re.Pattern[str]:
    """Return what is found in just the texts that are bad for `ftfy.badness.is_bad`."""
    return anchored(BADNESS_RE)


def unread(text: str) -> tuple[str, str, str] | None:
    """Undo one reading of all of `text`: return what it was, the codec that takes this back if one
    does, and what it had been read as.

    None where the text is no UTF-8 in any view, or makes sense as it stands.
    """
    if not (HINT.search(text) or _CYRILLIC_HINT.search(text) or badness().search(text)):
        return None
    for name, view in _READ.items():
        try:
            read = text.translate(view).encode("latin-1").decode("utf-8")
        except UnicodeError:
            continue
        if read != text and _is_better(text, read):
            exact = (each for each in VIEWS if encoded(read, f"mojibake/{each}") == text)
            seen_as = next(exact, "")
            return read, f"mojibake/{seen_as}" if seen_as else "", seen_as or name
    return None


def _is_better(text: str, read: str) -> bool:
    if _worse(text, read):
        return False
    return badness().search(text) is not None or (_is_all_vietnamese(read) and not _is_all_vietnamese(text))


def _is_all_vietnamese(text: str) -> bool:
    tokens = [token for token in _TOKEN.findall(text) if not token.isascii()]
    return bool(tokens) and all(is_vietnamese(token) and not CERTAIN.search(token) for token in tokens)


def _worse(text: str, fixed: str, *, partial: bool = False) -> bool:
    """Tell whether a repair loses letters, or makes words that mix scripts; of one that is `partial`, whether
    it makes letters that hardly anybody writes.
    """
    return (
        any(fixed.count(lost) > text.count(lost) for lost in _LOST)
        or _more(_NO_LETTER, text, fixed)
        or (partial and (_more(_RARE_LETTER, text, fixed) or _more(_HALF_WORD, text, fixed)))
        or (_more(_MIXED_WORD, text, fixed) and not _OTHER_WORD.search(fixed))
    )


def _is_half_read(text: str, fixed: str) -> bool:
    """Tell whether a repair makes words with Vietnamese letters that are no syllables ("BỠ" of "Bá» "), or
    in a line that has other Vietnamese words changes one that is right ("“ĐÃ”" to "“ĐÔ").
    """
    before, after = set(_TOKEN.findall(text)), set(_TOKEN.findall(fixed))
    if any(_HALF_READ.search(token) and not is_vietnamese(token) for token in after - before):
        return True
    right = {token for token in before if is_vietnamese(token) and not CERTAIN.search(token)}
    return any(map(MODERN.search, right)) and not right <= after


def _more(pattern: re.Pattern[str] | regex.Pattern[str], before: str, after: str) -> bool:
    found = len(pattern.findall(after))
    return found > 0 and found > len(pattern.findall(before))


def mojibake(text: str) -> str:
    """Undo what ftfy can undo, line by line.

    >>> mojibake("Tiáº¿ng hÃ¡t giá»¯a rá»«ng")
    'Tiếng hát giữa rừng'
    """
    return "\n".join(map(_repaired_line, text.split("\n")))


def _repaired_line(text: str) -> str:
    for _ in range(ROUNDS):
        if not badness().search(text):
            break
        fixed, explanation = ftfy.fix_and_explain(text, ONLY_REPAIRS)
        partial = any(step.parameter == _PARTIAL for step in explanation or ())
        if fixed == text or _worse(text, fixed, partial=partial) or _is_half_read(text, fixed):
            break
        text = fixed
    return text
