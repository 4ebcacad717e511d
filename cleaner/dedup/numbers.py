"""Numbers as facts: one spelling for every way of writing a number, a range, a date or an amount.

"1.250" is "1250", "5-1" is "5/1", "hai mươi lăm" is "25" and "1,5 triệu" is "1500000", so that two
texts differ in a number only where the number differs. Which words are numbers comes from data.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from decimal import Decimal

from msgspec import Struct

from cleaner.dedup.fact_words import JOINED, LIGHT, NUMBER, NUMBER_WORD, UNIT, Lexicon, Word

# A number as it stands in text. Groups of three digits after a space are thousands; a dash, a
# slash or a colon between two numbers makes one token of a range, a date or a time.
_ATOM = r"\d{1,3}(?:[\u00a0\u202f ]\d{3})+(?!\d)|\d+(?:[.,]\d+)*"
NUMBER_PATTERN = rf"(?:(?<!\S)[-\u2212])?(?:{_ATOM})(?:\s?[-\u2013\u2014/:]\s?(?:{_ATOM}))*"

_JOIN = re.compile(r"[-\u2212\u2013\u2014/:]")
_SPACE = re.compile(r"\s")
_MINUS = "-\u2212"
_LONGEST_VALUE = 30  # digits; longer ones are identifiers, never multiplied


def canonical_number(token: str) -> str:
    """Return one spelling of a match of `NUMBER_PATTERN`: no zeros or dots that say nothing.

    >>> [canonical_number(n) for n in ("05/01", "5-1", "1.250", "1400.1479", "2,50", "-7", "5.1.2016")]
    ['5~1', '5~1', '1250', '14001479', '2.5', '-7', '5~1~2016']
    """
    if token.isdecimal():
        return token.lstrip("0") or "0"
    sign = "-" if token[0] in _MINUS else ""
    parts = _JOIN.split(_SPACE.sub("", token.lstrip(_MINUS)))
    return sign + JOINED.join(map(_canonical_atom, parts))


def _canonical_atom(atom: str) -> str:
    """One number without signs: separators before three or more digits only group them."""
    groups = re.split("[.,]", atom)
    marks = [character for character in atom if character in ".,"]
    if not marks or (all(len(group) >= 3 for group in groups[1:]) and groups[0].strip("0")):
        return "".join(groups).lstrip("0") or "0"
    mixed = len(set(marks)) == 2 and marks[-1] not in marks[:-1]
    if len(groups) > 2 and not mixed:  # a dotted date, a version, an address
        return JOINED.join(group.lstrip("0") or "0" for group in groups)
    whole, fraction = "".join(groups[:-1]).lstrip("0") or "0", groups[-1].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def word_value(values: Sequence[int]) -> int:
    """Return what number words say together: a power of ten multiplies the smaller ones before it.

    >>> word_value([100, 2, 10, 5]), word_value([20, 5]), word_value([2, 1000, 3, 100])
    (125, 25, 2300)
    """
    sums: list[int] = []
    for value in values:
        smaller = 0
        while is_power(value) and sums and sums[-1] < value:
            smaller += sums.pop()
        sums.append(smaller * value if smaller else value)
    return sum(sums)


def is_power(value: int) -> bool:
    """Whether `value` is 10, 100, 1000 and so on, hence can multiply what stands before it."""
    return value >= 10 and str(value).rstrip("0") == "1"


def multiply(number: str, factor: int) -> str:
    """Return the canonical number times `factor` ("1.5" times a million is "1500000").

    What is no plain number (a range, an identifier) comes back with the factor as its last part.
    """
    if JOINED in number or len(number) > _LONGEST_VALUE:
        return f"{number}{JOINED}{factor}"
    return _plain(Decimal(number) * factor)


def _plain(number: Decimal) -> str:
    written = format(number, "f")
    return (written.rstrip("0").rstrip(".") if "." in written else written) or "0"


def same_numbers(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether two runs of canonical numbers state the same ones, however they are joined.

    >>> same_numbers(["5~1"], ["5", "1"]), same_numbers(["20~25"], ["25"])
    (True, False)
    """
    return JOINED.join(left) == JOINED.join(right)


def is_part_of(short: str, full: str) -> bool:
    """Whether a date stands in a fuller one.

    >>> is_part_of("4~1", "4~1~2019"), is_part_of("8", "8~9")
    (True, False)
    """
    return JOINED in short and full.startswith(short + JOINED)


def merge_numbers(
    words: Sequence[Word], candidates: Sequence[int], gaps: Container[int], lexicon: Lexicon
) -> list[Word]:
    """Return `words` with number words as numbers, amounts multiplied, dates and ranges as one number.

    Numbers stand only at the `candidates`; `gaps` tells before which words punctuation stands, and no
    number goes across.
    """
    text = _Words(words, gaps, lexicon.joiners, lexicon.minutes)
    merged: list[Word] = []
    done = 0
    for index in candidates:
        word = words[index]
        if index < done or word.kind not in (NUMBER, NUMBER_WORD):
            continue
        number, end = (word.key, index + 1) if text.is_alone(index) else _dated(text, index)
        merged += words[done:index]
        if index not in gaps and words[index - 1].key in lexicon.days and JOINED in number:
            merged[-1] = merged[-1]._replace(kind=LIGHT)  # "day 5/1" says no more than "5/1"
        written = word.word if end == index + 1 else " ".join([word.word for word in words[index:end]])
        merged.append(Word(NUMBER, number, written))
        done = end
    return merged + list(words[done:])


class _Words(Struct, frozen=True):
    """Words as the functions below look at them: one by one, up to the next gap."""

    words: Sequence[Word]
    gaps: Container[int]
    joiners: Container[str]
    minutes: Container[str]

    def kind(self, index: int) -> int | None:
        """The kind of the word at `index`; None if punctuation or the end of the text comes first."""
        return self.words[index].kind if index < len(self.words) and index not in self.gaps else None

    def is_alone(self, index: int) -> bool:
        """Whether nothing follows the number at `index` that could belong to it: most stand like this."""
        if self.words[index].kind != NUMBER:
            return False
        if index + 1 in self.gaps or index + 1 == len(self.words):
            return True
        kind, key, _ = self.words[index + 1]
        return (
            kind != NUMBER_WORD and key not in self.joiners and not (kind == UNIT and self.joins(index + 2))
        )

    def counts(self, index: int) -> bool:
        """Whether a number stands at `index`."""
        return self.kind(index) in (NUMBER, NUMBER_WORD)

    def joins(self, index: int) -> bool:
        """Whether the word at `index` ties the number before it to one after it."""
        known = self.kind(index) is not None and self.words[index].key in self.joiners
        return known and self.counts(index + 1)


def _dated(text: _Words, start: int) -> tuple[str, int]:
    """The number at `start` with what a joining word ties to it, and where that ends.

    "5 tháng 1" is a date, "5 năm 6 tháng" two amounts: a unit that joins does so only where the
    second number has no unit of its own. In "8h30 ngày 5/1" the unit is that of the date.
    """
    number, end = _amount(text, start)
    while True:
        joiner = end
        if text.kind(end) == UNIT and text.joins(end + 1):  # "20 km to 25 km" is "20 to 25 km"
            _, after = _amount(text, end + 2)
            same = text.kind(after) == UNIT and text.words[after].key == text.words[end].key
            joiner += same
        if not text.joins(joiner):
            return number, end
        second, after = _amount(text, joiner + 1)
        if text.kind(joiner) == text.kind(after) == UNIT and text.words[after].key in text.minutes:
            return f"{number}{JOINED}{second}", after + 1
        own_unit = text.kind(after) == UNIT and not (text.joins(after) or text.counts(after + 1))
        if text.words[joiner].kind == UNIT and own_unit:
            return number, end
        number, end = f"{number}{JOINED}{second}", after


def _amount(text: _Words, start: int) -> tuple[str, int]:
    """The number at `start` with its number words, and where it ends; "1 tỷ 260 triệu" is one amount."""
    number, power, end = _scaled(text, start)
    while power > 1 and text.kind(end) == NUMBER:
        second, smaller, after = _scaled(text, end)
        if not 1 < smaller < power or JOINED in number + second:
            break
        number, power, end = _plain(Decimal(number) + Decimal(second)), smaller, after
    return number, end


def _scaled(text: _Words, start: int) -> tuple[str, int, int]:
    """A number, the power of ten that multiplied it last (1: none), and where it ends."""
    end, power = start + 1, 1
    if text.words[start].kind == NUMBER:
        number = text.words[start].key
        while text.kind(end) == NUMBER_WORD and is_power(int(text.words[end].key)):
            power = int(text.words[end].key)
            number = multiply(number, power)
            end += 1
        return number, power, end
    values = [int(text.words[start].key)]
    while text.kind(end) == NUMBER_WORD:
        value = int(text.words[end].key)
        if values[-1] < 10 and value < 10:  # "một ba lô": two digits in a row are two numbers
            break
        values.append(value)
        end += 1
    return str(word_value(values)), 1, end
