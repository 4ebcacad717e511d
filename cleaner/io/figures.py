"""What a run leaves in its manifest for later runs and for people: how much it did, how long it took, when.

Nothing of this stands in clean texts or ledgers, which are the same bytes whenever they are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct, field


class Figures(Struct, frozen=True):
    """`at` is when the run began, in UTC, `seconds` how long it took up to its commit. `unchanged` counts
    inputs, `skipped` inputs and records that were not cleaned, `known` those that were skipped before.
    `counts` are those of the summary, `dropped` the paragraphs that each rule dropped, by stage.rule. Of the
    `standing` documents of earlier runs so many were `withdrawn`. `over` names the limits that a person let
    it go beyond.
    """

    at: str
    seconds: float
    unchanged: int = 0
    skipped: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    standing: int = 0
    withdrawn: int = 0
    known: int = 0
    over: tuple[str, ...] = ()


def time_of(seconds: float) -> str:
    """Return a time (seconds since 1970) as manifests write it, in UTC.

    >>> time_of(1000000000.5)
    '2001-09-09T01:46:40Z'
    """
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
