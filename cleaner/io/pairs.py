"""Stored pairs of near-duplicates, read for their scores: `state/edges/`, see docs/ledger.md."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from cleaner.errors import StateError
from cleaner.io.state import PAIRS, Folders
from cleaner.text.show import show


class _Line(msgspec.Struct, frozen=True, gc=False):
    score: float
    drop_a: bool | None = None
    drop_b: bool = False


_decode = msgspec.json.Decoder(_Line).decode


@dataclass(frozen=True, slots=True)
class Score:
    """The ratio of a pair, and whether the fact guard lets one of it go: None if it was not asked, because
    the pair is below the threshold.
    """

    ratio: float
    may_go: bool | None


def read_scores(folders: Folders) -> Iterator[Score]:
    """Yield the scores of all stored pairs. Raises StateError where a file of them is damaged."""
    try:
        names = sorted(os.listdir(folders.at(PAIRS)))
    except FileNotFoundError:
        return
    for name in names:
        place = folders.at(PAIRS, name)
        try:
            with open(place, "rb") as stream:
                for pair in map(_decode, stream):
                    yield Score(pair.score, None if pair.drop_a is None else pair.drop_a or pair.drop_b)
        except FileNotFoundError:  # a run let it go meanwhile
            continue
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            raise StateError(
                "stored pairs cannot be read", where=show(place), hint="bring state/ back from a backup"
            ) from None
