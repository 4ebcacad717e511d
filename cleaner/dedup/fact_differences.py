"""What one of two texts says and the other does not, sorted by what kind of statement it is.

Words are aligned (longest common subsequence), so that only what differs is looked at, and only
where it differs: two swapped names or numbers are two differences, not none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from rapidfuzz.distance import Indel

from cleaner.dedup.fact_words import (
    INITIAL,
    LIGHT,
    NAME,
    NUMBER,
    STATING,
    TURNING,
    UNIT,
    Reading,
    Word,
)
from cleaner.dedup.names import without_same
from cleaner.dedup.numbers import is_part_of, same_numbers

ALIGNED_WORDS = 12_000  # longer texts are compared as multisets: 12,000 words take 18 MB to align
LONGEST_PASSAGE = 60  # words; spellings are not looked for in longer ones, where they prove nothing


@dataclass(frozen=True, slots=True)
class Said:
    """What only one of two texts says, in its own words."""

    turning: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    content: list[str] = field(default_factory=list)

    def all(self) -> list[str]:
        """All that is said, gravest first."""
        return self.turning + self.numbers + self.names + self.content


_LISTS = {
    TURNING: "turning",
    NUMBER: "numbers",
    UNIT: "numbers",
    STATING: "numbers",
    NAME: "names",
    INITIAL: "names",
}


def differences(left: Reading, right: Reading) -> tuple[Said, Said]:
    """Return what only `left` and what only `right` says."""
    said, other = Said(), Said()
    aligned = max(len(left.keys), len(right.keys)) <= ALIGNED_WORDS
    for passage, counterpart in (_aligned if aligned else _counted)(left, right):
        passage, counterpart = _without_same_facts(passage, counterpart)
        _sort(passage, said)
        _sort(counterpart, other)
    return said, other


def _aligned(left: Reading, right: Reading) -> Iterator[tuple[list[Word], list[Word]]]:
    """The passages between words that both texts share, side by side."""
    left_at = right_at = 0
    for step in Indel.opcodes(left.keys, right.keys):
        if step.tag == "equal":
            if left_at < step.src_start or right_at < step.dest_start:
                yield _passage(left, left_at, step.src_start), _passage(right, right_at, step.dest_start)
            left_at, right_at = step.src_end, step.dest_end
    if left_at < len(left.keys) or right_at < len(right.keys):
        yield _passage(left, left_at, len(left.keys)), _passage(right, right_at, len(right.keys))


def _passage(reading: Reading, start: int, end: int) -> list[Word]:
    return [Word(reading.kinds[at], reading.keys[at], reading.words[at]) for at in range(start, end)]


def _counted(left: Reading, right: Reading) -> Iterator[tuple[list[Word], list[Word]]]:
    """One passage: the words that one text has more often than the other."""
    yield _surplus(left, right), _surplus(right, left)


def _surplus(left: Reading, right: Reading) -> list[Word]:
    spare = Counter(right.keys)
    words = []
    for at, key in enumerate(left.keys):
        spare[key] -= 1
        if spare[key] < 0:
            words += _passage(left, at, at + 1)
    return words


def _without_same_facts(left: list[Word], right: list[Word]) -> tuple[list[Word], list[Word]]:
    if not left or not right or max(len(left), len(right)) > LONGEST_PASSAGE:
        return left, right
    numbers, others = _numbers(left), _numbers(right)
    same = same_numbers(numbers, others) and _units(left) == _units(right)  # no "2 years 6 months" for "2-6"
    left = [word for word in left if not _stands_in(word, others, same=same)]
    right = [word for word in right if not _stands_in(word, numbers, same=same)]
    return without_same(left, right)


def _numbers(words: list[Word]) -> list[str]:
    return [word.key for word in words if word.kind == NUMBER]


def _units(words: list[Word]) -> set[str]:
    return {word.key for word in words if word.kind == UNIT}


def _stands_in(word: Word, others: list[str], *, same: bool) -> bool:
    return word.kind == NUMBER and (same or any(is_part_of(word.key, other) for other in others))


def _sort(passage: list[Word], said: Said) -> None:
    for word in passage:
        if word.kind != LIGHT:
            getattr(said, _LISTS.get(word.kind, "content")).append(word.word)
