"""What one of two texts says and the other does not, sorted by what kind of statement it is.

Words are aligned (longest common subsequence), so that only what differs is looked at, and only
where it differs: two swapped names or numbers are two differences, not none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct, field
from rapidfuzz.distance import Indel

from cleaner.dedup.fact_words import (
    INITIAL,
    JOINED,
    LIGHT,
    NAME,
    NUMBER,
    PLURAL,
    STATING,
    TURNING,
    UNIT,
    Lexicon,
    Reading,
    Word,
    is_specific,
)
from cleaner.dedup.names import without_same
from cleaner.dedup.numbers import is_part_of, same_numbers

ALIGNED_WORDS = 12_000  # longer texts are compared as multisets: 12,000 words take 18 MB to align
LONGEST_PASSAGE = 60  # words; spellings are not looked for in longer ones, where they prove nothing


class Said(Struct):
    """What only one of two texts says, in its own words; `specific` if any of it names or numbers."""

    turning: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    content: list[str] = field(default_factory=list)
    specific: bool = False

    def all(self) -> list[str]:
        """All that is said, gravest first."""
        return self.turning + self.numbers + self.names + self.content


_LISTS = {
    TURNING: "turning",
    UNIT: "numbers",
    STATING: "numbers",
    PLURAL: "numbers",
    NAME: "names",
    INITIAL: "names",
}


def differences(left: Reading, right: Reading, lexicon: Lexicon) -> tuple[Said, Said]:
    """Return what only `left` and what only `right` says."""
    said, other = Said(), Said()
    if left.keys == right.keys:
        return said, other
    aligned = max(len(left.keys), len(right.keys)) <= ALIGNED_WORDS
    for passage, counterpart in (_aligned if aligned else _counted)(left, right):
        if passage and counterpart:
            for mine, theirs in _opposed(passage, counterpart, lexicon.opposites):
                said.turning.append(mine.word)
                other.turning.append(theirs.word)
            if len(passage) <= LONGEST_PASSAGE and len(counterpart) <= LONGEST_PASSAGE:
                passage, counterpart = _without_same_facts(passage, counterpart)
        _sort(passage, said)
        _sort(counterpart, other)
    return said, other


def _aligned(left: Reading, right: Reading) -> Iterator[tuple[Sequence[Word], Sequence[Word]]]:
    """The passages between words that both texts share, side by side."""
    left_at = right_at = 0
    for left_from, right_from, size in Indel.opcodes(left.keys, right.keys).as_matching_blocks():
        if left_at < left_from or right_at < right_from:
            yield left.words[left_at:left_from], right.words[right_at:right_from]
        left_at, right_at = left_from + size, right_from + size


def _counted(left: Reading, right: Reading) -> Iterator[tuple[Sequence[Word], Sequence[Word]]]:
    """One passage: the words that one text has more often than the other."""
    yield _surplus(left, right), _surplus(right, left)


def _surplus(left: Reading, right: Reading) -> list[Word]:
    spare = Counter(right.keys)
    words = []
    for word in left.words:
        spare[word.key] -= 1
        if spare[word.key] < 0:
            words.append(word)
    return words


def _opposed(
    left: Sequence[Word], right: Sequence[Word], opposites: Mapping[str, tuple[int, int]]
) -> Sequence[tuple[Word, Word]]:
    """Words that contradict each other, one for each set of opposites that both passages touch."""
    if not (mine := _sides(left, opposites)) or not (theirs := _sides(right, opposites)):
        return ()
    return [
        (min(mine[number].values()), min(theirs[number].values()))
        for number in sorted(mine.keys() & theirs.keys())
        if mine[number].keys().isdisjoint(theirs[number])
    ]


def _sides(words: Sequence[Word], opposites: Mapping[str, tuple[int, int]]) -> dict[int, dict[int, Word]]:
    """Set of opposites -> side of it -> a word on that side. A name is on no side."""
    found: dict[int, dict[int, Word]] = {}
    for word in words:
        if word[1] in opposites and word[0] != NAME:
            number, side = opposites[word[1]]
            found.setdefault(number, {})[side] = word
    return found


def _without_same_facts(left: Sequence[Word], right: Sequence[Word]) -> tuple[Sequence[Word], Sequence[Word]]:
    """What remains of two passages that share no word: nine in ten are one word for another."""
    if len(left) == len(right) == 1:
        mine, theirs = left[0], right[0]
        if mine[0] != NUMBER or theirs[0] != NUMBER:
            return _one_for_one(mine, theirs)
        if JOINED not in mine[1] and JOINED not in theirs[1]:
            return left, right
    return _many_for_many(left, right)


@lru_cache(maxsize=4096)
def _one_for_one(mine: Word, theirs: Word) -> tuple[Sequence[Word], Sequence[Word]]:
    """The same of two words; editors change the same ones again and again."""
    return _many_for_many((mine,), (theirs,))


def _many_for_many(left: Sequence[Word], right: Sequence[Word]) -> tuple[Sequence[Word], Sequence[Word]]:
    numbers, others = _numbers(left), _numbers(right)
    if numbers or others:
        same = same_numbers(numbers, others) and _units(left) == _units(
            right
        )  # no "2 years 6 months" for "2-6"
        left, right = (
            [word for word in left if not _stands_in(word, others, same=same)],
            [word for word in right if not _stands_in(word, numbers, same=same)],
        )
    return without_same(left, right)


def _numbers(words: Sequence[Word]) -> list[str]:
    return [word[1] for word in words if word[0] == NUMBER]


def _units(words: Sequence[Word]) -> set[str]:
    return {word[1] for word in words if word[0] == UNIT}


def _stands_in(word: Word, others: Sequence[str], *, same: bool) -> bool:
    """Whether the other side's numbers say what `word` says: a number, or that there are several."""
    if word.kind == NUMBER:
        return same or any(is_part_of(word.key, other) for other in others)
    return word.kind == PLURAL and any(other != "1" for other in others)


def _sort(passage: Sequence[Word], said: Said) -> None:
    for word in passage:
        kind = word[0]
        if kind == NUMBER:
            said.numbers.append(word[2])
        elif kind != LIGHT:
            getattr(said, _LISTS.get(kind, "content")).append(word[2])
        said.specific = said.specific or is_specific(word)
