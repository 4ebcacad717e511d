"""The kinds of noise, how often each is planted, and how each is made of an original paragraph.

What should happen to a pair (original a, planted b) is one of `EXPECTED`. `free` is for edits of which
reasonable people differ whether they lose something, and for repeats that may be meant: both outcomes are
right, and only counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from cleaner.planting import edits, traps
from cleaner.planting.dice import Dice
from cleaner.planting.pool import Pool
from cleaner.planting.words import BOILERPLATE, CREDITS, LIKE_BOILERPLATE
from cleaner.text.recoding import encoded
from cleaner.vietnamese.legacy import page

Expected = Literal["either", "a", "b", "none", "free"]
EXPECTED: dict[Expected, str] = {
    "either": "one of the two goes",
    "a": "only a may go",
    "b": "only b may go",
    "none": "nothing goes",
    "free": "not judged",
}
_MOST_EDITS = 14
_MOST_SLIPS = 3
_WORDS_AN_EDIT = 3  # so many words a text has, at least, for each edit
_CODE_PAGES = ("tcvn3", "vni", "viscii", "vps")


class Variant(Struct, frozen=True):
    """A planted paragraph: its text, what should happen, and what was done; `readable` is the text before it
    was broken, if it was.
    """

    text: str
    expected: Expected
    how: tuple[str, ...]
    readable: str = ""


Make = Callable[[str, Dice, Pool], Variant | None]
Where = Literal["across", "within", "alone"]


class Kind(Struct, frozen=True):
    """A kind of noise. `weight` is its share among all; the original stands in another document (across), in
    the same one (within), or there is none (alone).
    """

    name: str
    weight: int
    where: Where
    make: Make


def _exact(text: str, dice: Dice, pool: Pool) -> Variant | None:
    return Variant(text, "either", ())


def _near(text: str, dice: Dice, pool: Pool) -> Variant | None:
    most = min(_MOST_EDITS, 1 + text.count(" ") // _WORDS_AN_EDIT)
    found = edits.edited(text, 1 + dice.below(most), dice, pool, edits.EDITORIAL)
    return None if found is None else Variant(found[0], "either", found[1])


def _slip(text: str, dice: Dice, pool: Pool) -> Variant | None:
    found = edits.edited(text, 1 + dice.below(_MOST_SLIPS), dice, pool, edits.SLIPS)
    return None if found is None else Variant(found[0], "either", found[1])


def _reformatted(text: str, dice: Dice, pool: Pool) -> Variant | None:
    found = edits.reformatted(text, dice, pool)
    return None if found == text else Variant(found, "either", ("reformatted",))


def _moved(text: str, dice: Dice, pool: Pool) -> Variant | None:
    found = edits.with_sentence_moved(text, dice)
    return None if found is None else Variant(found, "either", ("moved",))


def _credit(text: str, dice: Dice, pool: Pool) -> Variant | None:
    return Variant(text.rstrip(".") + _filled(dice.one(CREDITS), dice, pool), "either", ("credit",))


def _shorter(text: str, dice: Dice, pool: Pool) -> Variant | None:
    found = edits.without_clause(text, dice)
    return None if found is None else Variant(found, "b", ("clause_out",))


def _fuller(text: str, dice: Dice, pool: Pool) -> Variant | None:
    return Variant(f"{text.rstrip('.')}, {dice.one(pool.long)}.", "a", ("clause_in",))


def _synonym(text: str, dice: Dice, pool: Pool) -> Variant | None:
    found = edits.with_synonym(text, dice, pool)
    return None if found is None else Variant(found, "free", ("synonym",))


def _words(text: str, dice: Dice, pool: Pool) -> Variant | None:
    count = 1 + dice.below(3)
    found = edits.with_other_words(text, count, dice, pool)
    return None if found == text else Variant(found, "free", ("word",) * count)


def _mojibake(text: str, dice: Dice, pool: Pool) -> Variant | None:
    form = dice.one(("windows-1252", "latin-1"))
    return None if text.isascii() else Variant(encoded(text, f"mojibake/{form}"), "either", (form,), text)


def _old_encoding(text: str, dice: Dice, pool: Pool) -> Variant | None:
    name = dice.one(_CODE_PAGES)
    seen = page(name).written(text, "windows-1252")
    if text.isascii() or page(name).read(seen) != text:
        return None
    return Variant(seen, "either", (name,), text)


def _boilerplate(text: str, dice: Dice, pool: Pool) -> Variant | None:
    return Variant(_filled(dice.one(BOILERPLATE), dice, pool), "b", ())


def _like_boilerplate(text: str, dice: Dice, pool: Pool) -> Variant | None:
    return Variant(_filled(dice.one(LIKE_BOILERPLATE), dice, pool), "none", ())


def _filled(template: str, dice: Dice, pool: Pool) -> str:
    name, title = dice.one(pool.names), dice.one(pool.long)
    title = title if template.endswith("{title}.") else title[0].upper() + title[1:]
    return template.format(name=name, caps=name.upper(), title=title)


def _trap(name: str) -> Make:
    def make(text: str, dice: Dice, pool: Pool) -> Variant | None:
        found = traps.TRAPS[name](text, dice, pool)
        return None if found is None or found == text else Variant(found, "none", (name,))

    return make


KINDS = (
    Kind("exact", 14, "across", _exact),
    Kind("near", 24, "across", _near),
    Kind("near_within", 8, "within", _near),
    Kind("repeat", 10, "within", _exact),
    Kind("slip", 6, "across", _slip),
    Kind("moved", 5, "across", _moved),
    Kind("reformatted", 20, "across", _reformatted),
    Kind("credit", 5, "across", _credit),
    Kind("shorter", 5, "across", _shorter),
    Kind("fuller", 5, "across", _fuller),
    Kind("synonym", 5, "across", _synonym),
    Kind("words", 6, "across", _words),
    Kind("mojibake", 4, "across", _mojibake),
    Kind("old_encoding", 4, "across", _old_encoding),
    Kind("boilerplate", 4, "alone", _boilerplate),
    Kind("like_boilerplate", 1, "alone", _like_boilerplate),
    Kind("trap_number", 10, "across", _trap("number")),
    Kind("trap_date", 14, "across", _trap("date")),
    Kind("trap_name", 6, "across", _trap("name")),
    Kind("trap_place", 14, "across", _trap("place")),
    Kind("trap_polarity", 5, "across", _trap("polarity")),
    Kind("trap_direction", 5, "across", _trap("direction")),
    Kind("trap_event", 5, "across", _trap("event")),
)
