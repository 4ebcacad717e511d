"""Changes after which a paragraph says something else, though nearly all its words are the same: both stay.

Each returns the changed text, or None where the text has nothing of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from cleaner.planting.dice import Dice
from cleaner.planting.pool import NAME, Pool, behind_place_word

_NUMBER = re.compile(r"(?<![\w.,/-])[1-9]\d{0,5}(?![\w/%-]|[.,]\d)")
_DATE = re.compile(r"(?<![\d/.-])([1-9]|[12]\d|3[01])([/-])([1-9]|1[0-2])(?![\d/-])")
_ATTEMPTS = 8

Trap = Callable[[str, Dice, Pool], str | None]


def number(text: str, dice: Dice, pool: Pool) -> str | None:
    """Another number of as many digits; no part of a date, a time or a range."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    old = dice.one(found)
    low = 10 ** (len(old[0]) - 1)
    other = low + dice.below(9 * low)
    other = other if other != int(old[0]) else low + (other - low + 1) % (9 * low)
    return text[: old.start()] + str(other) + text[old.end() :]


def date(text: str, dice: Dice, pool: Pool) -> str | None:
    """The same date on another day of the month."""
    found = list(_DATE.finditer(text))
    if not found:
        return None
    old = dice.one(found)
    day = 1 + (int(old[1]) + dice.below(26)) % 28
    day = day if day != int(old[1]) else day % 28 + 1
    return f"{text[: old.start()]}{day}{old[2]}{old[3]}{text[old.end() :]}"


def name(text: str, dice: Dice, pool: Pool) -> str | None:
    """Another name of as many words, of which it shares none."""
    return _renamed(text, dice, pool, pool.names, places=False)


def place(text: str, dice: Dice, pool: Pool) -> str | None:
    """Another place behind the word for it (district, in)."""
    return _renamed(text, dice, pool, pool.places, places=True)


def polarity(text: str, dice: Dice, pool: Pool) -> str | None:
    """A word denied that was not denied."""
    words = text.split(" ")
    for language in pool.languages:
        for at in dice.order(len(words)):
            word, before = words[at], words[at - 1] if at else ""
            after = words[at + 1] if at + 1 < len(words) else ""
            if word not in language.negated or language.negation in (before, after):
                continue
            if not at or not before.isalpha() or before in _DENYING:
                continue
            both = [word, language.negation] if language.negated_behind else [language.negation, word]
            return " ".join([*words[:at], *both, *words[at + 1 :]])
    return None


def direction(text: str, dice: Dice, pool: Pool) -> str | None:
    """A word replaced by its contrary: rose and fell, before and after."""
    pairs = [pair for language in pool.languages for pair in language.opposites]
    for at in dice.order(len(pairs)):
        for old, new in (pairs[at], pairs[at][::-1]):
            found = list(re.finditer(rf"(?<!\w){old}(?!\w)", text))
            if found:
                chosen = dice.one(found)
                return text[: chosen.start()] + new + text[chosen.end() :]
    return None


def event(text: str, dice: Dice, pool: Pool) -> str | None:
    """Another event told in the same words: at least two of name, place, number and date are others."""
    changes = 0
    for trap in (name, place, number, date):
        changed = trap(text, dice, pool)
        if changed is not None:
            text, changes = changed, changes + 1
    return text if changes >= 2 else None


def _renamed(text: str, dice: Dice, pool: Pool, names: Sequence[str], *, places: bool) -> str | None:
    found = [old for old in NAME.finditer(text) if behind_place_word(text, old.start()) == places]
    if not found or not names:
        return None
    old = dice.one(found)
    for _ in range(_ATTEMPTS):
        new = dice.one(names)
        if new.count(" ") == old[0].count(" ") and not _shares(new, old[0]):
            return text[: old.start()] + new + text[old.end() :]
    return None


def _shares(one: str, other: str) -> bool:
    return not set(one.casefold().split()).isdisjoint(other.casefold().split())


_DENYING = frozenset(["chưa", "chẳng", "hàng", "đừng", "never", "no"])
TRAPS: dict[str, Trap] = {
    "number": number,
    "date": date,
    "name": name,
    "place": place,
    "polarity": polarity,
    "direction": direction,
    "event": event,
}
