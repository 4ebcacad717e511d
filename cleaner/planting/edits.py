"""Edits after which a paragraph says what it said before: of them near-duplicates are made.

Each edit works on the words of a paragraph (split at spaces) in place and tells whether it found anything to
do at one of them. No word is edited twice, none with a digit or a capital but where case is what is changed,
and a slip never makes another word of the source.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from cleaner.planting.dice import Dice
from cleaner.planting.pool import Pool
from cleaner.planting.words import Lookup
from cleaner.vietnamese.tone_style import styled

_DATE = re.compile(r"(?<![\d/.-])([1-9]|[12]\d|3[01])/([1-9]|1[0-2])(?![\d/]|-\d)")
_GROUPED = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:[.,]\d{3})+(?![\d.,]*\d)")
_CLAUSE = re.compile(r", [^,.]{24,60}(?=,|\.$)")
_OPEN_SYLLABLE = re.compile(r"(?:[oòóỏõọ][aàáảãạeèéẻẽẹ]|[uùúủũụ][yỳýỷỹỵ])$")
_SLIP = 4  # letters; shorter words have no slips


class Words:
    """The words of a paragraph while it is edited: each edited one stays in its place, perhaps empty."""

    def __init__(self, text: str) -> None:
        self.words = text.split(" ")
        self.done = [False] * len(self.words)

    @property
    def text(self) -> str:
        """The paragraph as it is now."""
        return " ".join(word for word in self.words if word)

    def plain(self, at: int) -> bool:
        """Tell whether a word is of small letters alone, and not edited yet."""
        return not self.done[at] and self.words[at].isalpha() and self.words[at].islower()

    def put(self, at: int, *words: str) -> bool:
        """Put words in the place of those from `at` on."""
        for place, word in enumerate(words, at):
            self.words[place], self.done[place] = word, True
        return True


Edit = Callable[[Words, int, Dice, Pool], bool]  # at one word


def edited(
    text: str, count: int, dice: Dice, pool: Pool, choice: Sequence[str]
) -> tuple[str, tuple[str, ...]] | None:
    """Return `text` after `count` edits of a choice, and their names; None where there was nothing to do.

    It is fewer edits where the text has no room for more.
    """
    words = Words(text)
    names: list[str] = []
    for _ in range(4 * count):
        name = dice.one(choice)
        if _anywhere(EDITS[name], words, dice, pool):
            names.append(name)
            if len(names) == count:
                break
    if not names or words.text == text:
        return None
    return words.text, tuple(names)


def reformatted(text: str, dice: Dice, pool: Pool) -> str:
    """Return `text` with its first date, number or unit written in another way, unchanged if it has none."""
    month = pool.languages[0].month if pool.languages else ""
    form = dice.one((r"\1-\2", "zeros", rf"\1 {month} \2" if month else r"\1.\2"))
    if form == "zeros":
        found = _DATE.sub(lambda date: f"{int(date[1]):02}/{int(date[2]):02}", text, count=1)
    else:
        found = _DATE.sub(form, text, count=1)
    if found != text:
        return found
    for language in pool.languages:
        sign = language.thousands
        found = _GROUPED.sub(lambda number, sign=sign: number[0].replace(sign, ""), text, count=1)  # type: ignore[misc]
        for one, other in language.units:
            if found == text:
                found = re.sub(rf"(?<=[\d\s]){re.escape(one)}(?!\w)", other, text, count=1)
        if found != text:
            return found
    return text


def without_clause(text: str, dice: Dice) -> str | None:
    """Return `text` without one of the clauses that stand between two of its commas or stops."""
    clauses = list(_CLAUSE.finditer(text))
    if not clauses:
        return None
    clause = dice.one(clauses)
    return text[: clause.start()] + text[clause.end() :]


def with_other_words(text: str, count: int, dice: Dice, pool: Pool) -> str:
    """Return `text` with some plain words replaced by others of the source."""
    words = Words(text)
    for at in dice.order(len(words.words)):
        if count and words.plain(at):
            words.put(at, dice.one(pool.common))
            count -= 1
    return words.text


def with_synonym(text: str, dice: Dice, pool: Pool) -> str | None:
    """Return `text` with one phrase replaced by what an editor may find to be the same."""
    words = Words(text)
    return words.text if _anywhere(_synonym, words, dice, pool) else None


def with_sentence_moved(text: str, dice: Dice) -> str | None:
    """Return `text` with one of its sentences in another place; None if it has one only."""
    sentences = text.rstrip(".").split(". ")
    if len(sentences) < 2:
        return None
    moved = min(range(len(sentences)), key=lambda at: len(sentences[at]))
    others = [at for at in range(len(sentences)) if at != moved]
    place = dice.one([at for at in range(len(sentences)) if at != moved])
    others.insert(place, moved)
    return ". ".join(sentences[at] for at in others) + "."


def _comma(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    word = words.words[at]
    after = words.words[at + 1] if at + 1 < len(words.words) else ""
    if words.plain(at):
        links = after in pool.phrasing.equivalents or after in pool.phrasing.particles
        return links and words.put(at, f"{word},")
    bare = word.removesuffix(",")
    free = bare != word and bare.isalpha() and after.isalpha() and not words.done[at]
    return free and words.put(at, bare)


def _stop(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    last = len(words.words) - 1
    if words.done[last] or not words.words[last].endswith("."):
        return False
    return words.put(last, words.words[last].rstrip(".") + dice.one(("", "…", "...", "!")))


def _space(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    return words.plain(at) and words.put(at, words.words[at] + dice.one((" ", "\xa0")))


def _capital(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    word = words.words[at]
    if not at or words.done[at] or word.lower() not in pool.phrasing.offices or not word[1:].islower():
        return False
    return words.put(at, word.lower() if word[0].isupper() else word.capitalize())


def _tone_style(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    word = words.words[at]
    if not _OPEN_SYLLABLE.search(word) or not words.plain(at):
        return False
    old = styled(word, "old")
    other = old if old != word else styled(word, "new")
    return other != word and words.put(at, other)


def _spelling(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    return _swapped(words, at, pool.phrasing.spellings)


def _equivalent(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    return _swapped(words, at, pool.phrasing.equivalents)


def _synonym(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    return _swapped(words, at, pool.phrasing.synonyms)


def _slip(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    word = words.words[at]
    if len(word) < _SLIP or not words.plain(at):
        return False
    place = 1 + dice.below(len(word) - 2)
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    slip = dice.one((swapped, word[:place] + word[place] + word[place:], word[:place] + word[place + 1 :]))
    return slip != word and slip not in pool.words and words.put(at, slip)


def _particle_out(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    found = words.words[at] in pool.phrasing.particles and at > 0 and not words.done[at]
    return found and words.put(at, "")


def _particle_in(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    if words.words[at] not in pool.phrasing.before or not at or words.done[at] or not words.plain(at - 1):
        return False
    if words.words[at - 1] in pool.phrasing.kept:
        return False
    return words.put(at, f"{dice.one(pool.phrasing.particles)} {words.words[at]}")


def _opener(words: Words, at: int, dice: Dice, pool: Pool) -> bool:
    first = words.words[0]
    if words.done[0] or not pool.phrasing.openers or first.lower() not in pool.words:
        return False
    return words.put(0, f"{dice.one(pool.phrasing.openers)} {first[0].lower()}{first[1:]}")


def _swapped(words: Words, at: int, others: Lookup) -> bool:
    """Put the other side of a pair in the place of a phrase of one word or two."""
    for second, other in others.get(words.words[at], ()):
        if not second:
            return not words.done[at] and words.put(at, other)
        if words.words[at + 1 : at + 2] == [second] and not (words.done[at] or words.done[at + 1]):
            return words.put(at, other, "")
    return False


def _anywhere(edit: Edit, words: Words, dice: Dice, pool: Pool) -> bool:
    """Make an edit at the first word, from any on in a circle, where it finds something to do."""
    count = len(words.words)
    start = dice.below(count)
    for places in (range(start, count), range(start)):
        for at in places:
            if edit(words, at, dice, pool):
                return True
    return False


EDITS: dict[str, Edit] = {
    "comma": _comma,
    "stop": _stop,
    "space": _space,
    "capital": _capital,
    "tone_style": _tone_style,
    "spelling": _spelling,
    "equivalent": _equivalent,
    "slip": _slip,
    "particle_out": _particle_out,
    "particle_in": _particle_in,
    "opener": _opener,
}
SLIPS = ("slip",)
EDITORIAL = tuple(name for name in EDITS if name not in SLIPS)
