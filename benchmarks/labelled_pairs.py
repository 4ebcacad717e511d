"""How right the fact guard is: precision and recall on near-duplicate pairs that a person has judged.

Reads JSON lines with the fields `a`, `b` (texts), `label` (duplicate, distinct, unsure) and `keep`
(the side that must stay, if any). Each pair counts in both orders, because the corpus has either
first; a drop is right if the pair is a duplicate and the side that goes is not the one to keep.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from unicodedata import normalize

from rapidfuzz.fuzz import ratio

from cleaner.dedup.facts import FactGuard
from cleaner.io.settings_file import load_fact_words
from cleaner.text.normalize import matching_form


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one pair in one order: `dropped` is "a", "b" or "" and `right` judges it."""

    name: str
    duplicate: bool
    dropped: str
    right: bool
    score: float
    reason: str


def outcomes(rows: Sequence[dict[str, str]], guard: FactGuard, threshold: float) -> Iterator[Outcome]:
    """Yield the outcome of each pair that reaches the threshold, in both orders."""
    for number, row in enumerate(rows):
        texts = {side: normalize("NFC", row[side]) for side in "ab"}
        score = ratio(matching_form(texts["a"]), matching_form(texts["b"]))
        if row["label"] == "unsure" or score < threshold:
            continue
        for first, second in ("ab", "ba"):
            answer = guard.compare(texts[first], texts[second])
            first_goes = guard.weight(texts[first]) < guard.weight(texts[second])
            goes, may_go = (first, answer.drop_a) if first_goes else (second, answer.drop_b)
            right = row["label"] == "duplicate" and row.get("keep") != goes
            name = f"{row.get('n', number)} {first}{second}"
            dropped = goes if may_go else ""
            yield Outcome(name, row["label"] == "duplicate", dropped, right, score, answer.reason)


def wilson(hits: int, total: int) -> str:
    """Return a share with its Wilson 95 % interval; the two orders of a pair count as one observation."""
    if not total:
        return "none"
    z, share, pairs = 1.96, hits / total, total / 2
    middle = share + z * z / (2 * pairs)
    half = z * sqrt(share * (1 - share) / pairs + z * z / (4 * pairs * pairs))
    low, high = ((middle + sign * half) / (1 + z * z / pairs) for sign in (-1, 1))
    return f"{share:.3f} ({hits} of {total}; {low:.3f} to {high:.3f})"


def report(found: Sequence[Outcome]) -> Iterator[str]:
    """Yield precision and recall, then every wrong drop and every duplicate that stays."""
    drops = [outcome for outcome in found if outcome.dropped]
    duplicates = [outcome for outcome in found if outcome.duplicate]
    yield f"precision {wilson(sum(outcome.right for outcome in drops), len(drops))}"
    yield f"recall    {wilson(sum(bool(outcome.dropped) for outcome in duplicates), len(duplicates))}"
    for outcome in found:
        if outcome.dropped and not outcome.right:
            yield f"wrong   {outcome.name} {outcome.score:.1f} drops {outcome.dropped}: {outcome.reason}"
        elif outcome.duplicate and not outcome.dropped:
            yield f"missed  {outcome.name} {outcome.score:.1f}: {outcome.reason}"


def main() -> None:
    """Read the pairs and the options, print the report."""
    parser = argparse.ArgumentParser(description="Precision and recall of the fact guard on judged pairs.")
    parser.add_argument("path", type=Path, help="JSON lines: a, b, label, keep")
    parser.add_argument("--threshold", type=float, default=90.0, help="lowest ratio (default: 90)")
    parser.add_argument("--level", choices=["strict", "default", "off"], default="default")
    parser.add_argument("--languages", nargs="+", default=["vi", "en"], help="fact words in use")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.path.read_text(encoding="utf-8").splitlines()]
    guard = FactGuard([load_fact_words(language) for language in options.languages], options.level)
    print(*report(list(outcomes(rows, guard, options.threshold))), sep="\n")


if __name__ == "__main__":
    main()
