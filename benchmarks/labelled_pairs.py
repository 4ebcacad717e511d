"""How right the fact guard is: precision and recall on near-duplicate pairs that a person has judged.

Reads JSON lines with the fields `a`, `b` (texts), `label` (duplicate, distinct, unsure) and `keep`
(the side that must stay, if any). Each pair counts in both orders, because the corpus has either
first; a drop is right if the pair is a duplicate and the side that goes is not the one to keep.

With `--whole` the guard is not asked alone: each pair is cleaned by a run of its own, as two documents,
so that what the other stages make of them and whether they become candidates counts, too.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from rapidfuzz.fuzz import ratio

from cleaner.dedup.facts import FactGuard
from cleaner.io.output import read_documents
from cleaner.io.settings_file import load_fact_words
from cleaner.job import Job, run
from cleaner.planting.intervals import share
from cleaner.settings import Settings
from cleaner.text.decisions import JUDGE
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


def outcomes_of_runs(rows: Sequence[dict[str, str]], options: argparse.Namespace) -> Iterator[Outcome]:
    """Yield what a run with the default settings makes of each pair, in both orders."""
    for number, row in enumerate(rows):
        score = ratio(*(matching_form(normalize("NFC", row[side])) for side in "ab"))
        if row["label"] == "unsure" or score < options.threshold:
            continue
        for first, second in ("ab", "ba"):
            dropped, reason = _cleaned([(side, row[side]) for side in (first, second)], options)
            right = row["label"] == "duplicate" and row.get("keep") != dropped
            name = f"{row.get('n', number)} {first}{second}"
            yield Outcome(name, row["label"] == "duplicate", dropped, right, score, reason)


def _cleaned(documents: Sequence[tuple[str, str]], options: argparse.Namespace) -> tuple[str, str]:
    """Clean two documents; return the one that went as a near-duplicate ("" if none), and why."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "in.jsonl"), Path(folder, "out")
        records = (json.dumps({"id": side, "text": text}) for side, text in documents)
        source.write_text("\n".join(records), encoding="utf-8")
        values = {"input": [str(source)], "output": str(out), "workers": 1}
        near = {"threshold": options.threshold, "facts": options.level}
        settings = Settings.model_validate({**values, "near_duplicate": near})
        run(Job(settings, Path("/")), lambda _what, _done, _all: None)
        for document in read_documents(str(out)):
            for change in document.changes:
                if change.dropped and change.steps[-1].stage == JUDGE:
                    return document.id, change.reason
    return "", "stayed, or went by another stage"


def report(found: Sequence[Outcome]) -> Iterator[str]:
    """Yield precision and recall, then every wrong drop and every duplicate that stays.

    The two orders of a pair count as one observation.
    """
    drops = [outcome for outcome in found if outcome.dropped]
    duplicates = [outcome for outcome in found if outcome.duplicate]
    right, dropped = sum(one.right for one in drops), sum(bool(one.dropped) for one in duplicates)
    yield f"precision {share(right, len(drops), observations=0.5)}"
    yield f"recall    {share(dropped, len(duplicates), observations=0.5)}"
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
    parser.add_argument("--whole", action="store_true", help="by runs of the whole pipeline (vi, en)")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.path.read_text(encoding="utf-8").splitlines()]
    guard = FactGuard([load_fact_words(language) for language in options.languages], options.level)
    alone = outcomes(rows, guard, options.threshold)
    print(*report(list(outcomes_of_runs(rows, options) if options.whole else alone)), sep="\n")


if __name__ == "__main__":
    main()
