"""Damage that is known: what an earlier run skipped for the same reason, with the same content.

It is read again by every run, and alarms nobody again: who gets a mail every night about a file that was
cut off last year stops reading mails. What could not be read at all has no content to be known by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from msgspec import Struct
from msgspec.structs import replace

from cleaner.io.inputs import InputFile, Problem
from cleaner.io.shards import file_digest

REMEMBERED = 10_000  # records and files a run, so that manifests stay small


class Damage(Struct, frozen=True):
    """What was skipped: what is new, and what is known from earlier runs."""

    new: tuple[Problem, ...]
    known: tuple[Problem, ...]

    def told(self, *, strict: bool) -> tuple[Problem, ...]:
        """Return what a person should hear of; with `strict` all of it."""
        return (*self.new, *self.known) if strict else self.new

    @property
    def known_in_words(self) -> str:
        """How much of it is known, for a person; nothing if nothing is."""
        return f"{len(self.known):,} skipped, as known from earlier runs." if self.known else ""

    def to_remember(self) -> tuple[Problem, ...]:
        """Return what later runs will know by its content."""
        return tuple(problem for problem in self.new if problem.content)[:REMEMBERED]


def sort_out(problems: Iterable[Problem], files: Iterable[InputFile], known: Set[Problem]) -> Damage:
    """Tell new damage from damage that is `known`. Of a whole file that was skipped the content is read."""
    places = {file.path: file for file in files}
    new: list[Problem] = []
    old: list[Problem] = []
    for problem in _with_contents(problems, places):
        (old if problem.anywhere in known else new).append(problem)
    return Damage(tuple(new), tuple(old))


def _with_contents(problems: Iterable[Problem], places: Mapping[bytes, InputFile]) -> Iterator[Problem]:
    for problem in problems:
        if problem.content or problem.line or problem.path not in places:
            yield problem
        else:  # the bytes as they stand, since what is damaged may be how they are compressed
            yield replace(problem, content=file_digest(replace(places[problem.path], compression="")))
