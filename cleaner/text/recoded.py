"""A document that came in wholly in an old encoding: its paragraphs were read by one chain of codecs.

The ledger keeps the chain and the numbers of the paragraphs in place of a copy of their text. Everything
after starts from the recoded text, as if it had come in already read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set

from msgspec import Struct
from msgspec.structs import replace

from cleaner.text.changes import edits
from cleaner.text.document import ParagraphMode, Paragraphs, split
from cleaner.text.draft import Act, Draft
from cleaner.text.edit import Edit, splice
from cleaner.text.recoding import encoded

Ranges = Sequence[tuple[int, int]]  # paragraph numbers, first and last, ascending

_ENOUGH = 3  # recoded paragraphs; fewer are worth a chain where they are half of the document
_BYTES_AN_EDIT = 12  # that it takes in a ledger besides its text


class Reading(Struct, frozen=True):
    """One act of a chain: by a rule, undone by `codec`; `reason` is that of the first paragraph."""

    stage: str
    rule: str
    codec: str
    reason: str = ""


class Recoded(Struct, frozen=True):
    """The chain, in the order in which it read, and the paragraphs that it read. `exceptions` are edits of
    what its codecs write, by paragraph, where something else had stood.
    """

    chain: tuple[Reading, ...]
    paragraphs: tuple[tuple[int, int], ...]
    exceptions: tuple[tuple[int, tuple[Edit, ...]], ...] = ()

    def numbers(self) -> Iterator[int]:
        """Yield the number of each paragraph that was recoded."""
        return (number for first, last in self.paragraphs for number in range(first, last + 1))

    def is_by(self, selected: Callable[[str, str], bool]) -> bool:
        """Tell whether any act of the chain is by a (stage, rule) that is `selected`."""
        return any(selected(reading.stage, reading.rule) for reading in self.chain)

    def written(self, text: str, first: int = 0) -> str:
        """Return a recoded paragraph as it stood before act `first` of the chain.

        Raises LookupError for a codec that is not known, ValueError for a text that it cannot write.
        """
        for reading in reversed(self.chain[first:]):
            text = encoded(text, reading.codec)
        return text

    def source(self, number: int, text: str) -> str:
        """Return a paragraph, which was read as `text`, as it came in. Raises as `written` does."""
        written = self.written(text)
        other = next((found for paragraph, found in self.exceptions if paragraph == number), None)
        return splice(written, other)[0] if other else written


def counted(ranges: Ranges) -> int:
    """Return how many paragraphs some ranges hold.

    >>> counted([(0, 4), (6, 6)])
    6
    """
    return sum(last + 1 - first for first, last in ranges)


def covers(ranges: Ranges, number: int) -> bool:
    """Tell whether a paragraph lies in any range.

    >>> [covers([(0, 4), (6, 6)], number) for number in (4, 5, 6, 7)]
    [True, False, True, False]
    """
    before = bisect_right(ranges, number, key=lambda each: each[0])
    return before > 0 and number <= ranges[before - 1][1]


def written_back(text: str, recoded: Recoded | None, mode: ParagraphMode) -> str:
    """Return the text that came in, of the recoded one.

    Raises LookupError or ValueError where they do not belong together.
    """
    if recoded is None:
        return text
    paragraphs = split(text, mode)
    texts = list(paragraphs.texts)
    for first, last in recoded.paragraphs:
        if not 0 <= first <= last < len(texts):
            raise ValueError(f"paragraphs {first} to {last} were recoded, of {len(texts)}")
        texts[first : last + 1] = map(recoded.written, texts[first : last + 1])
    for number, found in recoded.exceptions:
        texts[number] = splice(texts[number], found)[0]
    return replace(paragraphs, texts=tuple(texts)).text


def recode(
    paragraphs: Paragraphs, draft: Draft, mode: ParagraphMode
) -> tuple[Recoded, Paragraphs, Draft] | None:
    """Return what was recoded, the recoded paragraphs, and what was done to these; None to leave it.

    The chain of a paragraph is its first acts, as long as they have a codec. Of the chains of a document,
    the one that read most characters is taken (of equals, the first by name), if it read half of all that
    such acts read, and three paragraphs or half of the document. It stands for the first acts of all
    paragraphs that begin with it, if the recoded text gives the source back.

    A chain of one act also stands for other acts of the same rule, whose source it writes but for some
    exceptions.
    """
    chains = {
        number: chain for number, acts in draft.acts.items() if acts[0].codec and (chain := _chain(acts))
    }
    if not chains:
        return None
    chosen = _chosen(chains, paragraphs.texts)
    if len(chosen) == 1:
        chosen = _widest(chosen, chains, draft, paragraphs.texts)
    if not chosen:
        return None
    size = len(chosen)
    by_chain = {number for number, chain in chains.items() if _names(chain[:size]) == chosen}
    exceptions = _exceptions(chosen, by_chain, draft, paragraphs.texts) if size == 1 else {}
    numbers = sorted(by_chain | exceptions.keys())
    if len(numbers) < _ENOUGH and 2 * len(numbers) < len(paragraphs.texts):
        return None
    first = draft.acts[numbers[0]][:size]
    readings = tuple(
        Reading(stage, rule, codec, act.reason)
        for (codec, stage, rule), act in zip(chosen, first, strict=True)
    )
    otherwise = tuple((number, exceptions[number]) for number in numbers if exceptions.get(number))
    recoded = Recoded(readings, tuple(_ranges(numbers)), otherwise)
    read = list(paragraphs.texts)
    for number in numbers:
        read[number] = draft.acts[number][size - 1].text or ""
    now = replace(paragraphs, texts=tuple(read))
    if not _gives_back(now, recoded, mode, paragraphs.text):
        return None
    covered = set(numbers)
    left = {number: acts[size:] if number in covered else acts for number, acts in draft.acts.items()}
    return recoded, now, Draft({number: acts for number, acts in left.items() if acts}, draft.misses)


_Names = tuple[tuple[str, str, str], ...]


def _chain(acts: Sequence[Act]) -> list[Act]:
    """Return the first acts, as long as they have a codec."""
    end = next((count for count, act in enumerate(acts) if not act.codec or act.text is None), len(acts))
    return list(acts[:end])


def _names(chain: Iterable[Act]) -> _Names:
    return tuple((act.codec, act.stage, act.rule) for act in chain)


def _chosen(chains: dict[int, list[Act]], texts: Sequence[str]) -> _Names:
    """Return the chain that read most characters, if it read half of those that any read; else nothing."""
    characters: Counter[_Names] = Counter()
    for number, chain in chains.items():
        characters[_names(chain)] += len(texts[number])
    most = min(characters, key=lambda names: (-characters[names], names))
    return most if 2 * characters[most] >= characters.total() else ()


def _widest(chosen: _Names, chains: dict[int, list[Act]], draft: Draft, texts: Sequence[str]) -> _Names:
    """Return the chain of one act, by the same rule as `chosen`, whose codec writes most characters.

    One form can write what came in another, as long as no letter is there in which they differ.
    """
    rule = chosen[0][1:]
    rivals = {_names(chain[:1]) for chain in chains.values() if (chain[0].stage, chain[0].rule) == rule}
    if len(rivals) < 2:
        return chosen

    def characters(names: _Names) -> int:
        return sum(
            len(texts[number])
            for number, acts in draft.acts.items()
            if (acts[0].stage, acts[0].rule) == rule and _written(acts[0], names) == texts[number]
        )

    return min(rivals, key=lambda names: (-characters(names), names != chosen, names))


def _exceptions(
    chosen: _Names, by_chain: Set[int], draft: Draft, texts: Sequence[str]
) -> dict[int, tuple[Edit, ...]]:
    """Return the paragraphs beside those `by_chain` whose first act the chain can stand for, and what had
    stood otherwise in them.
    """
    found = {}
    for number, acts in draft.acts.items():
        if number not in by_chain and (acts[0].stage, acts[0].rule) == chosen[0][1:]:
            written = _written(acts[0], chosen)
            if written is not None:
                found[number] = tuple(_joined(edits(written, texts[number]), written))
    return found


def _joined(found: Iterable[Edit], before: str) -> Iterator[Edit]:
    """Yield edits of a text as fewer ones: what stands between two is told again where that is shorter."""
    last: Edit | None = None
    for edit in found:
        if last and edit.start - last.end < _BYTES_AN_EDIT:
            last = Edit(last.start, edit.end, last.text + before[last.end : edit.start] + edit.text)
            continue
        if last:
            yield last
        last = edit
    if last:
        yield last


def _written(act: Act, names: _Names) -> str | None:
    """Return what the codec of a chain of one act makes of the text that an act left; None if nothing."""
    try:
        return None if act.text is None else encoded(act.text, names[0][0])
    except ValueError:
        return None


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return ascending numbers as ranges.

    >>> _ranges([0, 1, 2, 5])
    [(0, 2), (5, 5)]
    """
    found: list[tuple[int, int]] = []
    for number in numbers:
        first = found.pop()[0] if found and found[-1][1] == number - 1 else number
        found.append((first, number))
    return found


def _gives_back(read: Paragraphs, recoded: Recoded, mode: ParagraphMode, source: str) -> bool:
    text = read.text
    try:
        return split(text, mode) == read and written_back(text, recoded, mode) == source
    except (LookupError, ValueError):
        return False
