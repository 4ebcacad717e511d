"""Literal repeats inside one document: the title as caption, a caption twice, a caption that opens a
fuller paragraph. Compared in matching form; the first copy and the fuller paragraph stay.

Literal means that no fact can be lost. Short lines may repeat (answers in an interview, refrains,
table cells) and are only listed. Of 42,805 captions of real news, 22 % repeat a line of the body. Where
blank lines tell the body from lead and captions, it is these that go: of 105 such repeats that were
read, 38 left a gap where the body had lost a sentence, that of the lead or of another place.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Literal
from unicodedata import category

from msgspec import Struct

from cleaner.settings import RepeatSettings
from cleaner.stages.base import Blocks, NearMiss, Outcome, Step, no_blocks
from cleaner.text.kinds import Lines
from cleaner.text.normalize import matching_forms

_FINAL_STOP = " .!;,:"
_BODY = 3  # paragraphs; fewer are no body
_SHORT = "short lines may repeat on purpose"
_TWICE = "the text says it twice, in two places"
_LISTED = 20  # repeats of one text that stay and are listed; nobody reads more of them

Role = Literal["title", "lead", "body", "caption"]


class _Repeat(Struct, frozen=True):
    """A paragraph that repeats `survivor`, and goes; or one that stays, for `reason`."""

    rule: str
    survivor: int | None
    reason: str = ""


class Repeats:
    """The stage of exact and prefix repeats."""

    name = "repeats"
    by_place = True

    def __init__(self, settings: RepeatSettings) -> None:
        self._settings = settings
        self._start = itemgetter(slice(settings.prefix_min_characters))

    def expect(self, lines: Lines) -> None:
        """Nothing is learnt in advance but the matching forms (`text/normalize.py`)."""

    def __call__(self, paragraphs: Sequence[str], blocks: Blocks = no_blocks, /) -> Mapping[int, Outcome]:
        """Drop repeats; every survivor named is a paragraph that stays itself."""
        forms = matching_forms(paragraphs)
        starts = set(map(self._start, forms))
        if len(starts) == len(forms):  # no form is another, or opens it
            return {}
        numbers = blocks()
        roles = _roles(numbers) if len(numbers) == len(forms) else None
        alive = list(range(len(forms)))
        outcomes: dict[int, Outcome] = {}
        while True:  # what goes can bring two others together
            found = self._round(
                [forms[index] for index in alive], roles and [roles[index] for index in alive]
            )
            gone = {rank: one for rank, one in found.items() if one.survivor is not None}
            for rank, one in gone.items():
                survivor = None if one.survivor is None else alive[one.survivor]
                outcomes[alive[rank]] = Outcome((Step(one.rule, None, survivor),))
            if not gone:
                break
            alive = [index for rank, index in enumerate(alive) if rank not in gone]
        for rank, one in found.items():
            index = alive[rank]
            outcomes[index] = Outcome(near_misses=(NearMiss(one.rule, paragraphs[index], one.reason),))
        return dict(sorted(outcomes.items()))

    def _round(self, forms: Sequence[str], roles: Sequence[Role] | None) -> dict[int, _Repeat]:
        """Return what repeats what; a paragraph that goes has a survivor, one that is listed a reason."""
        copies: dict[str, list[int]] = {}
        for index, form in enumerate(forms):
            copies.setdefault(form, []).append(index)
        first = {form: indices[0] for form, indices in copies.items()}
        fuller = self._fuller(first) if self._settings.prefix else {}
        found: dict[int, _Repeat] = {}
        for form, indices in copies.items():
            long_enough = self._long(form, self._settings.min_characters, self._settings.min_words)
            if form in fuller:
                full = _keeper(copies[forms[fuller[form]]], roles)
                for index in indices:
                    if _may_go(index, full, roles):
                        found[index] = _Repeat("prefix" if index == first[form] else "exact", full)
                indices = [index for index in indices if index not in found]
            keeper = _keeper(indices, roles) if indices else None
            listed = 0
            for before, index in zip([None, *indices], indices, strict=False):
                if index == keeper:
                    continue
                if long_enough and (
                    _may_go(index, keeper, roles) or (before is not None and index - before == 1)
                ):
                    found[index] = _Repeat("exact", keeper)
                elif listed < _LISTED:
                    reason = _TWICE if long_enough else _SHORT
                    found[index] = _Repeat("exact", None, reason)
                    listed += 1
        return found

    def _fuller(self, first: Mapping[str, int]) -> dict[str, int]:
        """Map each form that opens a fuller paragraph to the fullest, of equals the first.

        All texts that open with a given start stand together once sorted. The first paragraph of a
        document is its title or lead, and stays.
        """
        limits = self._settings.prefix_min_characters, self._settings.prefix_min_words
        ordered = sorted(first)
        fuller: dict[str, int] = {}
        for form, index in first.items():
            start = form.rstrip(_FINAL_STOP)
            if index == 0 or not self._long(start, *limits):
                continue
            longer = ordered[bisect_right(ordered, start) : bisect_right(ordered, start + "\U0010ffff")]
            found = [other for other in longer if len(other) > len(form) and not _in_word(other, len(start))]
            if found:
                fuller[form] = first[max(found, key=lambda other: (len(other), -first[other]))]
        return fuller

    @staticmethod
    def _long(form: str, characters: int, words: int) -> bool:
        return len(form) >= characters and form.count(" ") + 1 >= words


def _roles(blocks: Sequence[int]) -> list[Role] | None:
    """Tell what each paragraph is, where blank lines show it: a title, perhaps a lead, the body and
    perhaps captions in a block of their own. None where they do not.
    """
    sizes = [len(list(block)) for _, block in groupby(blocks)]
    before = 2 if sizes[:2] == [1, 1] else 1
    if sizes[:1] != [1] or not before < len(sizes) <= before + 2 or sizes[before] < _BODY:
        return None
    parts: tuple[Role, ...] = ("title", "lead", "body", "caption")
    if before == 1:
        parts = ("title", "body", "caption")
    return [part for part, size in zip(parts, sizes, strict=False) for _ in range(size)]


def _keeper(indices: Sequence[int], roles: Sequence[Role] | None) -> int:
    """Return which of equal paragraphs stays: the title, else the first of the body, else the first."""
    if roles is None or roles[indices[0]] == "title":
        return indices[0]
    return next((index for index in indices if roles[index] == "body"), indices[0])


def _may_go(index: int, survivor: int | None, roles: Sequence[Role] | None) -> bool:
    """Tell whether a paragraph can be spared: a sentence of the body cannot, unless it is told twice in a
    row: what follows speaks of it, and a title that stands in the body again heads a part of it.
    """
    if survivor is None or roles is None or roles[index] != "body":
        return True
    return abs(index - survivor) == 1


def _in_word(text: str, at: int) -> bool:
    """Tell whether a cut at `at` falls inside a word (a letter and its marks) or a number (1.2 of 1.250)."""
    before, after, then = text[at - 1], text[at], text[at + 1 : at + 2]
    if after.isalnum() or category(after).startswith("M"):
        return True
    if before.isdigit():
        return after in " .,:/-" and then.isdigit()
    return after in "'-" and then.isalnum()
