"""Numbers as facts: one spelling for every way of writing a number, a range, a date or an amount.

"1.250" is "1250", "5-1" is "5/1", "hai mươi lăm" is "25" and "1,5 triệu" is "1500000", so that two
texts differ in a number only where the number differs. Which words are numbers comes from data.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from decimal import Decimal

from cleaner.dedup.fact_words import JOINED, NUMBER, NUMBER_WORD, UNIT, Reading

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
    product = format(Decimal(number) * factor, "f")
    return (product.rstrip("0").rstrip(".") if "." in product else product) or "0"


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


def merge_numbers(reading: Reading, joiners: Container[str]) -> Reading:
    """Return `reading` with number words as numbers, amounts multiplied, dates and ranges as one number."""
    merged = Reading([], [], [], [])
    done = 0
    for index, kind in enumerate(reading.kinds):
        if index < done or kind not in (NUMBER, NUMBER_WORD):
            continue
        number, end = _dated(reading, index, joiners)
        _extend(merged, reading, done, index)
        merged.keys.append(number)
        merged.kinds.append(NUMBER)
        merged.words.append(" ".join(reading.words[index:end]))
        merged.joined.append(reading.joined[index])
        done = end
    _extend(merged, reading, done, len(reading.keys))
    return merged


def _extend(merged: Reading, reading: Reading, start: int, end: int) -> None:
    merged.keys.extend(reading.keys[start:end])
    merged.kinds.extend(reading.kinds[start:end])
    merged.words.extend(reading.words[start:end])
    merged.joined.extend(reading.joined[start:end])


def _dated(reading: Reading, start: int, joiners: Container[str]) -> tuple[str, int]:
    """The number at `start` with what a joining word ties to it, and where that ends.

    "5 tháng 1" is a date, "5 năm 6 tháng" two amounts: a unit that joins does so only where the
    second number has no unit of its own.
    """
    number, end = _amount(reading, start)
    while _joins(reading, end, joiners):
        second, after = _amount(reading, end + 1)
        own_unit = _at(reading, after) == UNIT and not _joins(reading, after, joiners)
        if reading.kinds[end] == UNIT and own_unit:
            break
        number, end = f"{number}{JOINED}{second}", after
    return number, end


def _joins(reading: Reading, index: int, joiners: Container[str]) -> bool:
    """Whether the word at `index` ties the number before it to one after it."""
    return (
        _at(reading, index) is not None
        and reading.keys[index] in joiners
        and _at(reading, index + 1) in (NUMBER, NUMBER_WORD)
    )


def _at(reading: Reading, index: int) -> int | None:
    """The kind of the word at `index`; None if punctuation or the end of the text comes first."""
    return reading.kinds[index] if index < len(reading.kinds) and reading.joined[index] else None


def _amount(reading: Reading, start: int) -> tuple[str, int]:
    """The number at `start` with its number words, and where it ends."""
    end = start + 1
    if reading.kinds[start] == NUMBER:
        number = reading.keys[start]
        while _at(reading, end) == NUMBER_WORD and is_power(int(reading.keys[end])):
            number = multiply(number, int(reading.keys[end]))
            end += 1
        return number, end
    while _at(reading, end) == NUMBER_WORD:
        end += 1
    return str(word_value([int(key) for key in reading.keys[start:end]])), end
