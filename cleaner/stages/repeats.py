"""Literal repeats inside one document: the title as caption, a caption twice, a caption that opens a
fuller paragraph. Compared in matching form; the first copy and the fuller paragraph stay.

Literal means that no fact can be lost. Short lines may repeat (answers in an interview, refrains,
table cells) and are only listed. Of 42,805 captions of real news, 22 % repeat a line of the body.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from unicodedata import category

from cleaner.settings import RepeatSettings
from cleaner.stages.base import NearMiss, Outcome, Step
from cleaner.text.normalize import matching_forms

_FINAL_STOP = " .!;,:"


class Repeats:
    """The stage of exact and prefix repeats."""

    name = "repeats"
    by_place = True

    def __init__(self, settings: RepeatSettings) -> None:
        self._settings = settings

    def __call__(self, paragraphs: Sequence[str]) -> Mapping[int, Outcome]:
        """Drop repeats; every survivor named is a paragraph that stays itself."""
        forms = matching_forms(paragraphs)
        starts = {form[: self._settings.prefix_min_characters] for form in forms}
        if len(starts) == len(forms):  # no form is another, or opens it
            return {}
        first: dict[str, int] = {}
        for index, form in enumerate(forms):
            first.setdefault(form, index)
        fuller = self._fuller(first) if self._settings.prefix else {}
        outcomes: dict[int, Outcome] = {}
        for index, form in enumerate(forms):
            survivor = fuller.get(form, first[form])
            if survivor == index:
                continue
            if form in fuller and index == first[form]:
                outcomes[index] = Outcome((Step("prefix", None, survivor),))
            elif form in fuller or self._long(form, self._settings.min_characters, self._settings.min_words):
                outcomes[index] = Outcome((Step("exact", None, survivor),))
            else:
                reason = "short lines may repeat on purpose"
                outcomes[index] = Outcome(near_misses=(NearMiss("exact", paragraphs[index], reason),))
        return outcomes

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


def _in_word(text: str, at: int) -> bool:
    """Tell whether a cut at `at` falls inside a word (a letter and its marks) or a number (1.2 of 1.250)."""
    before, after, then = text[at - 1], text[at], text[at + 1 : at + 2]
    if after.isalnum() or category(after).startswith("M"):
        return True
    if before.isdigit():
        return after in " .,:/-" and then.isdigit()
    return after in "'-" and then.isalnum()
