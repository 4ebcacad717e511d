"""Which old code page a text is written in: the one that makes Vietnamese syllables of its words.

Every word with a sign beyond ASCII is read by each code page. The right one makes a syllable of 99.8 % of
the words; a wrong one, or one of text that is not Vietnamese, of a few. Evidence is summed over *different*
words, so that one that repeats ("è", "là") proves no more than once. Where two code pages both give
syllables, the more frequent ones decide; where that is close, the other lines of the document do.

The limits were set on news in each encoding and on clean text of 20 languages (docs/encodings.md).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice

from msgspec import Struct

from cleaner.vietnamese.legacy import CodePage, pages, shown
from cleaner.vietnamese.letters import with_lost_u
from cleaner.vietnamese.syllables import UNHEARD, is_syllable, rarity
from cleaner.vietnamese.words import LETTERS, LONGEST, is_abbreviation, is_of_one_case, is_ordinary

Reader = Callable[[str], str]

FEWEST = 4  # different words with signs beyond ASCII that must become syllables
_SIGNS_A_WORD = 0.3  # characters beyond ASCII; Vietnamese has 0.5 to 1.2, French and German 0.1 to 0.4
_FEWEST_TO_DOUBT = 2
_LEAST_GAIN = 0.25  # of the words with signs that must become syllables, and were none before
_FOR, _AGAINST = 1.2, -3.5  # evidence of a word that becomes a syllable, of one that does not (log odds)
_NEAR = 4.0  # by which the likelihood must exceed that of the next reading (log)
_SHARE_OF_WORDS = 0.55  # of all words that must be syllables; other languages have 0.08 to 0.30
_MANY = 10  # different words that become syllables, and none that does not: then even code may be around
_SHARE_BESIDE_NAMES = 0.35  # of a sentence full of foreign names
_PRIOR = 4.0  # for the encoding of the other lines, in the same unit as _NEAR
_SHORT_LINE = 2, 4  # words with signs, and all words, of a line that follows its document though none tells
_FAR = 25.0  # by which a line must tell of another encoding than the whole
_SHORTEST = 2  # letters of a word that proves something
_SIGN = 3.0  # rarity of a dash or a quotation mark beside letters
_REMEMBERED = 50_000
_MOST_WORDS, _MOST_DIFFERENT = 20_000, 1_000  # by which a text is judged

_SMALL = re.compile("[a-z]")
_HAS_ASCII_LETTER = re.compile("[A-Za-z]")
TOKEN = re.compile(r"[^\t\n\r !-/:-@\[-`{-~]+")


class Reading(Struct, frozen=True):
    """A code page, and of the different `words` that tell anything how many are syllables by it."""

    page: CodePage
    syllables: int
    words: int


class Doubt(Struct, frozen=True):
    """A text that is in some old code page, `likeliest` or another; of its `words` that tell anything so many
    would be syllables.
    """

    likeliest: CodePage
    syllables: int
    words: int


class _Tally(Struct):
    """What one reader makes of some words: evidence and likelihood in logs."""

    evidence: float = 0.0
    likelihood: float = 0.0
    good: int = 0
    bad: int = 0


class _Words(Struct):
    """The words of a text: different ones with signs beyond ASCII (`affected`), and counts of all."""

    affected: frozenset[str]
    counts: Counter[str]
    possible: bool

    def tally(self, read: Reader, *, tcvn3: bool = False) -> _Tally:
        """Return what a reader makes of the affected words; that of TCVN3 may have lost letters ư, and has
        small letters between capitals.
        """
        tally = _Tally()
        for token in sorted(self.affected):
            verdict, rare = _worth(token, read, tcvn3=tcvn3)
            tally.likelihood -= rare
            if verdict > 0:
                tally.evidence += _FOR
                tally.good += 1
            elif verdict < 0:
                tally.evidence += _AGAINST
                tally.bad += 1
        return tally

    def share_of_syllables(self, read: Reader) -> float:
        """Return the share of all words that are syllables once read."""
        good = total = 0
        for token, count in self.counts.items():
            if len(token) > LONGEST:
                continue
            words, syllables = _counted(token, read)
            total += count * words
            good += count * syllables
        return good / max(1, total)


def detect(lines: Sequence[str]) -> list[Reading | Doubt | None]:
    """Return how each line of a document is to be read, None where as it is, a doubt where nobody can tell.

    Lines are as Windows-1252 or Latin-1 shows them. The whole is asked first; a line that tells nothing
    of its own follows the whole, or where the whole is of several kinds, the kind of most lines.
    """
    if not is_possible(lines):
        return [None] * len(lines)
    different = list(dict.fromkeys(lines))
    whole = _own(_words(different))
    if whole is None:
        own = {line: _own(_words([line])) for line in different}
        lengths: Counter[CodePage] = Counter()
        for line, reading in own.items():
            if reading:
                lengths[reading.page] += len(line)
        page = lengths.most_common(1)[0][0] if lengths else None
    else:
        page = whole.page
    found = {line: _in_whole(_words([line]), page) for line in different}
    proven = {each.page: None for each in found.values() if isinstance(each, Reading)}
    if len(proven) > 1:  # lines that do not follow the most may follow the others
        for line, as_whole in found.items():
            if not isinstance(as_whole, Reading):
                found[line] = _like_others(_words([line]), proven) or as_whole
    return [found[line] for line in lines]


def is_possible(lines: Sequence[str]) -> bool:
    """Tell fast whether `detect` could find anything: whether there are signs enough for it."""
    return _signs_enough(*_signs_and_words(lines)) or any(
        _signs_enough(*_signs_and_words([line])) for line in lines
    )


def _signs_and_words(lines: Iterable[str]) -> tuple[int, int]:
    """Return how many characters beyond ASCII lines have, and how many words, by their spaces."""
    signs = words = 0
    for line in lines:
        signs += len(line) - len(line.encode("ascii", "ignore"))
        words += line.count(" ") + 1
    return signs, words


def _signs_enough(signs: int, words: int) -> bool:
    return signs >= FEWEST and signs >= _SIGNS_A_WORD * words


def _words(lines: Sequence[str]) -> _Words:
    """Return the words of a text, of a long one enough to judge it by."""
    possible = _signs_enough(*_signs_and_words(lines))
    counts = Counter(islice((found[0] for line in lines for found in TOKEN.finditer(line)), _MOST_WORDS))
    affected = [token for token in counts if not _plain(token) and len(token) <= LONGEST]
    return _Words(frozenset(affected[:_MOST_DIFFERENT]), counts, possible)


def _plain(token: str) -> bool:
    return token.isascii() and token.isprintable()


def _own(words: _Words) -> Reading | None:
    """Return the reading that a text proves by itself."""
    if len(words.affected) < FEWEST or not words.possible:
        return None
    (best, page), (second, _) = _ranked(words)[:2]
    as_it_is = words.tally(shown)
    if (
        best.good < FEWEST
        or best.evidence < FEWEST * _FOR
        or best.good - as_it_is.good < _LEAST_GAIN * (best.good + best.bad)
        or best.likelihood < max(second.likelihood, as_it_is.likelihood) + _NEAR
        or words.share_of_syllables(page.read) < _needed_share(best)
    ):
        return None
    return Reading(page, best.good, best.good + best.bad)


def _needed_share(tally: _Tally) -> float:
    """Return the share of words that must be syllables: less where many became one, and none did not."""
    if tally.bad or tally.good < 2 * FEWEST:
        return _SHARE_OF_WORDS
    return _SHARE_BESIDE_NAMES if tally.good < _MANY else 0.0


def _doubt(words: _Words) -> Doubt | None:
    """Tell whether a text that proves no reading makes more sense in some code page than as it is."""
    if len(words.affected) < _FEWEST_TO_DOUBT or not words.possible:
        return None
    best, page = _ranked(words)[0]
    as_it_is = words.tally(shown)
    if (
        best.good < _FEWEST_TO_DOUBT
        or best.evidence <= 0
        or best.good - as_it_is.good < _LEAST_GAIN * (best.good + best.bad)
        or best.likelihood < as_it_is.likelihood + _NEAR
        or words.share_of_syllables(page.read) < _SHARE_BESIDE_NAMES
    ):
        return None
    return Doubt(page, best.good, best.good + best.bad)


def _tally(words: _Words, page: CodePage) -> _Tally:
    return words.tally(page.read, tcvn3=not page.capitals)


def _ranked(words: _Words) -> list[tuple[_Tally, CodePage]]:
    """Return what each code page makes of a text, the likeliest first."""
    return sorted(((_tally(words, page), page) for page in pages()), key=lambda each: -each[0].likelihood)


def _in_whole(words: _Words, page: CodePage | None) -> Reading | Doubt | None:
    """Return the reading of a line in a document that is in a code page for the most part, or in none."""
    if not words.affected:
        return None
    if page is None:
        return _own(words) or _doubt(words)
    tally = _tally(words, page)
    fits = _fits(words, tally)
    if tally.bad or not fits:
        own = _own(words)
        if own and (own.page is page or _tally(words, own.page).likelihood > tally.likelihood + _FAR):
            return own
    return Reading(page, tally.good, tally.good + tally.bad) if fits else _doubt(words)


def _fits(words: _Words, tally: _Tally) -> bool:
    """Tell whether a line may follow its document: of the words that tell anything two thirds became
    syllables. Without any it may if it is short, and its signs stand in words.

    Of 146 lines of real files that followed, 135 do by this rule; the other 11 were read wrongly. Of 200
    lines in other languages beside three of TCVN3, 3 do, and 51 did without it.
    """
    short = len(words.affected) <= _SHORT_LINE[0] and len(words.counts) <= _SHORT_LINE[1]
    short = short and all(map(_HAS_ASCII_LETTER.search, words.affected))
    return (
        tally.likelihood + _PRIOR >= words.tally(shown).likelihood
        and tally.good >= 2 * tally.bad
        and (tally.good > 0 or short)
    )


def _like_others(words: _Words, pages: Iterable[CodePage]) -> Reading | None:
    """Return the first reading by some code pages in which all words that tell anything are syllables."""
    for page in pages:
        tally = _tally(words, page)
        if tally.good and not tally.bad and _fits(words, tally):
            return Reading(page, tally.good, tally.good)
    return None


@lru_cache(maxsize=_REMEMBERED)
def _worth(token: str, read: Reader, *, tcvn3: bool) -> tuple[int, float]:
    """Return 1 if a word becomes a marked syllable, -1 if not, 0 if it tells nothing; and how rare it is."""
    text = read(token)
    pieces = LETTERS.findall(text)
    odd = 0.0 if is_ordinary(text) else UNHEARD
    marked = [
        piece
        for piece in pieces
        if not piece.isascii()
        and not is_abbreviation(piece.upper() if tcvn3 and not _SMALL.search(piece) else piece)
    ]
    if not marked:
        return 0, _SIGN + odd
    if not LETTERS.search(token) or sum(map(len, pieces)) < _SHORTEST:  # lists of signs, of letters
        return 0, odd + sum(map(rarity, marked))
    if not tcvn3 and not all(map(is_of_one_case, marked)):
        return -1, odd + UNHEARD * len(marked)
    if all(map(is_syllable, marked)):
        return 1, odd + sum(map(rarity, marked))
    whole = [with_lost_u(piece) for piece in marked] if tcvn3 else marked
    return (0 if all(map(is_syllable, whole)) else -1), odd + sum(map(rarity, whole))


@lru_cache(maxsize=_REMEMBERED)
def _counted(token: str, read: Reader) -> tuple[int, int]:
    """Return how many words a token holds, and how many of them are syllables."""
    pieces = LETTERS.findall(read(token))
    return len(pieces), sum(map(is_syllable, pieces))
