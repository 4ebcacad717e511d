"""VIQR: Vietnamese in ASCII, as RFC 1456 spells it: a vowel, its shape, its tone (Vie^.t Nam).

The marks are punctuation, too, and few who wrote it put a backslash before what is none. A sign inside a word
is a mark where that gives a syllable; of one at its end see `viqr_ends.py`. Where neither is sure the line is
left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from cleaner.vietnamese.syllables import is_syllable
from cleaner.vietnamese.viqr_ends import Ending, last_word, log_odds
from cleaner.vietnamese.viqr_words import CORE, Word, read_word
from cleaner.vietnamese.words import LETTERS, LONGEST, is_vietnamese

# Text that has none of these is no VIQR: a vowel with a shape, as no other writing has it.
HINT = re.compile(r"(?<=[aeouAEOU])[\^(+*]")
_WORD = re.compile(r"[^ \t\r\n]+")
_ESCAPE = re.compile(r"(?<=[aeiouyAEIOUY^(+*])\\[.?']")
_FEWEST = 4  # words with marks, as many different ones
_SHARE_MARKED, _SHARE_VALID = 0.3, 0.85  # of all words; of those with marks
_SHARE_OF_WORDS = 0.6  # that must be syllables once read, of all words


_SENTENCE = re.compile(r"[.?!][\"')]*$")
_STOP = re.compile(r"(?<![aeiouyAEIOUY])[aeiouyăâêôơưAEIOUYĂÂÊÔƠƯ][.?][\"')]*$")
_FOREIGN = "éÉ"  # that end foreign words: José, café
_K = re.compile(r"k\b")  # ends words of minorities: Đắk Lắk
_VOWEL = re.compile("[aeiouyà-ãè-íò-õùúýăĩũơưạ-ỹ]", re.I)
_OPENED = re.compile(r"(?<![^\s\"])'(?=[A-Za-z])")
_CLOSED = re.compile(r"(?<=[^aeiouyAEIOUY^(+*\s])'(?![A-Za-z'])")
# Log-odds from which a sign is a tone and a stop; at the end of a line and inside.
_TONE = {True: 3.5, False: 2.0}
_FULL_STOP = {True: -5.0, False: -5.5}
_A_SENTENCE = 0.3  # what a sentence that ends in no such sign adds, in a document where none does
_MOST_OF_SENTENCES = {True: 3.0, False: 4.0}
_STOPS, _OF_STOPS = 2, 3.0  # so many ends of sentences in a document add this


class Evidence(Struct, frozen=True):
    """What the lines of a document tell together of the signs at the ends of its words: whether what is no
    mark has a backslash; how many sentences end; how many of these surely in what may be a mark.
    """

    escaped: bool = False
    sentences: int = 0
    stops: int = 0


class Spelling(Struct, frozen=True):
    """What a line spells, and the words of it that may be read in another way, as they stand."""

    text: str
    doubts: tuple[str, ...] = ()


NOTHING = Evidence()


def evidence(lines: Iterable[str]) -> Evidence:
    """Return what the lines of a document tell; those in VIQR, and those that were read before."""
    escaped, sentences, stops = False, 0, 0
    for line in lines:
        if _SENTENCE.search(line):
            sentences += 1
            if not line.isascii():
                stops += _STOP.search(line) is not None
            elif is_viqr(line):
                escaped = escaped or _ESCAPE.search(line) is not None
                stops += any(
                    ending.place == "end" and is_tone(ending) is False for _, ending in endings(line)
                )
    return Evidence(escaped, sentences, stops)


def spelling(line: str, evidence: Evidence = NOTHING) -> Spelling:
    """Return what a line spells.

    >>> spelling("Bo^. tru+o+?ng ddo'ng vai."), spelling("A^'y la` ba.n!").text
    (Spelling(text='Bộ trưởng đóng vai.', doubts=()), 'Ấy là bạn!')
    """
    found = {at: is_tone(ending, evidence) for at, ending in endings(line)}
    pieces: list[str] = []
    doubts: list[str] = []
    done = 0
    for at, token in enumerate(_WORD.finditer(line)):
        word = read_word(token[0])
        toned = _is_tone_in_quotes(word, line, *token.span()) if word.sign == "'" else found.get(at, True)
        read = word.plain + word.sign if toned is False else word.toned or word.plain
        pieces += (line[done : token.start()], read, word.closers)
        done = token.end()
        if (toned is None or not word.sure) and not evidence.escaped:
            doubts.append(token[0])
    return Spelling("".join((*pieces, line[done:])), tuple(dict.fromkeys(doubts)))


def endings(line: str) -> Iterator[tuple[int, Ending]]:
    """Yield the words of a line whose last sign may be a tone, with their places among its words."""
    tokens = _WORD.findall(line)
    for at, token in enumerate(tokens):
        word = read_word(token)
        if word.sign in (".", "?"):
            before, after = tokens[at - 1] if at else "", "".join(tokens[at + 1 : at + 2])
            yield at, Ending(word.plain, word.toned, word.sign, word.closers, before, after, len(tokens))


def is_tone(ending: Ending, evidence: Evidence = NOTHING) -> bool | None:
    """Tell whether the last sign of a word is its tone; nothing where that is not sure."""
    score, at_end = log_odds(ending), ending.place == "end"
    of_sentences = 0.0 if evidence.stops else _A_SENTENCE * evidence.sentences
    if evidence.escaped or score + min(of_sentences, _MOST_OF_SENTENCES[at_end]) >= _TONE[at_end]:
        return True
    of_stops = _OF_STOPS if evidence.stops >= _STOPS else 0.0
    return False if score - of_stops <= _FULL_STOP[at_end] else None


def _is_tone_in_quotes(word: Word, line: str, start: int, end: int) -> bool | None:
    """Tell whether a ' at the end of a word, from `start` to `end` of a line, is its tone, and no quotation
    mark.
    """
    letters = last_word(word.toned)
    if len(_OPENED.findall(line, 0, end)) <= len(_CLOSED.findall(line, 0, start)):
        is_word = is_syllable(letters) or letters[-1] in _FOREIGN or _is_run_together(last_word(word.plain))
        return True if is_word and letters != "Í" else None  # I'm
    if not is_syllable(letters):
        return False
    return True if _CLOSED.search(line, end) else None


def _is_run_together(piece: str) -> bool:
    """Tell whether letters with marks are no syllable: words without a space (THƯƠNGPho)."""
    return not piece.isascii() and not is_syllable(piece)


def is_mostly_viqr(lines: Iterable[str]) -> bool:
    """Tell whether most of the text of some lines is VIQR by itself."""
    lengths = Counter[bool]()
    for line in lines:
        lengths[is_viqr(line)] += len(line)
    return lengths[True] > lengths[False]


def is_viqr(text: str, *, beside_others: bool = False) -> bool:
    """Tell whether a text is VIQR: enough words with marks, and nearly all of them syllables. Half of
    those with marks are enough `beside_others`.

    >>> is_viqr("Bo^. tru+o+?ng Lu+o+ng Tam Quang ho^.i kie^'n"), is_viqr("f(x) = a^2 + b^2, or so?")
    (True, False)
    """
    if not text.isascii() or not (beside_others or HINT.search(text)):
        return False
    words = [found[0] for found in _WORD.finditer(text) if CORE.search(found[0]) and len(found[0]) <= LONGEST]
    marked = [word for word in words if (core := CORE.search(word)) and not core[0].rstrip(".?'").isalpha()]
    valid = {word for word in marked if is_vietnamese(_K.sub("c", _as_tone(word)))}
    pieces = [piece for word in words for piece in LETTERS.findall(_as_tone(word))]
    if beside_others:
        return 2 * sum(word in valid for word in marked) > len(marked) or all(map(_may_be_vietnamese, pieces))
    return (
        len(valid) >= _FEWEST
        and len(marked) >= _SHARE_MARKED * len(words)
        and sum(word in valid for word in marked) >= _SHARE_VALID * len(marked)
        and sum(map(is_syllable, pieces)) >= _SHARE_OF_WORDS * len(pieces)
    )


def _may_be_vietnamese(piece: str) -> bool:
    """Tell whether a word is a syllable or an abbreviation."""
    return is_syllable(piece) or not _VOWEL.search(piece)


def _as_tone(token: str) -> str:
    """Return a word read alone, with its last sign as a tone where that gives a syllable."""
    word = read_word(token)
    if word.toned and is_syllable(last_word(word.toned)):
        return word.toned + word.closers
    return word.plain + word.sign + word.closers
