"""Measures the candidates of the judge on pairs found by brute force.

    python benchmarks/candidate_recall.py CORPUS.jsonl[.gz|.zst] TRUTH.jsonl

CORPUS holds records with `id` and `text`. The first line of TRUTH names the documents that were
compared, as {"documents": [id, ...]}; every other line is a pair of their paragraphs with its rapidfuzz
ratio: {"a_id", "a_line", "b_id", "b_line", "ratio"}, lines counted from 0.

Printed are the shares of these pairs that become candidates, before and after column agreement is asked
for, with and without cutting up crowded buckets, and what each costs over the whole corpus: candidates a
paragraph, and seconds of one processor.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cleaner.dedup.candidates import Pairing, agreeing, copies, few_partners, packed, unpacked
from cleaner.dedup.columns import columns
from cleaner.dedup.signatures import BANDS, ROWS_A_BAND, U32, Ints
from cleaner.dedup.verify import FLOOR
from cleaner.io.compression import decompressed, split_suffix
from cleaner.judging.grouping import PARTNERS, rows_of_block
from cleaner.settings import NearDuplicateSettings
from cleaner.text.normalize import matching_forms

_CROWDED = 2, 4, 8  # rows beyond which buckets are cut up
_RATIOS = (95.0, 90.0, 85.0, 80.0)


def _read(path: str) -> tuple[list[str], dict[tuple[str, int], int]]:
    """Return the paragraphs of a corpus, and the number of each by document id and line."""
    texts: list[str] = []
    places: dict[tuple[str, int], int] = {}
    with open(path, "rb") as raw:
        for line in decompressed(raw, split_suffix(path.encode())[1]):
            record = json.loads(line)
            for number, text in enumerate(record["text"].split("\n")):
                if text.strip():
                    places[record["id"], number] = len(texts)
                    texts.append(text)
    return texts, places


def _true_pairs(path: str, places: dict[tuple[str, int], int]) -> list[tuple[int, int, float]]:
    lines = Path(path).read_text(encoding="utf-8").splitlines()[1:]
    found = []
    for pair in map(json.loads, lines):
        a, b = places[pair["a_id"], pair["a_line"]], places[pair["b_id"], pair["b_line"]]
        found.append((min(a, b), max(a, b), pair["ratio"]))
    return found


def main(corpus: str, truth: str) -> None:
    """Print the table."""
    texts, places = _read(corpus)
    settings = NearDuplicateSettings()
    forms = [
        form for start in range(0, len(texts), 1000) for form in matching_forms(texts[start : start + 1000])
    ]
    limits = settings.min_characters, settings.max_characters
    made = columns(forms, np.zeros((len(forms), 3), np.int64), limits)
    counted = np.flatnonzero(made.length >= limits[0])
    first = np.arange(len(texts))
    copied = copies(counted, made.exact[counted], counted)
    first[copied[:, 0]] = copied[:, 1]
    own = np.setdiff1d(counted, copied[:, 0])
    rows = own[made.length[own] <= limits[1]]
    pairs = [(int(first[a]), int(first[b]), ratio) for a, b, ratio in _true_pairs(truth, places)]
    print(f"{len(texts):,} paragraphs, {len(rows):,} compared, {len(pairs):,} true pairs")
    print(f"{BANDS} bands of {ROWS_A_BAND}\n")
    shares = "".join(f"{f'>= {ratio:.0f}':>8}" for ratio in _RATIOS)
    print(f"{'cut up':>12}{shares}  (and agreeing) {shares}{'pairs':>8}{'agreeing':>10}{'seconds':>9}")
    for crowded in (*_CROWDED, len(rows)):
        started = time.process_time()
        found = _candidates(made.sketch, rows, settings.bucket_cap, crowded)
        agreed = agreeing(found, made.sketch, made.sketch, FLOOR)
        compared = found[agreed > 0]
        compared = compared[_kept(compared, agreed[agreed > 0], rows_of_block(len(texts)))]
        seconds = time.process_time() - started
        told = "".join(f"{_recall(found, pairs, ratio):8.4f}" for ratio in _RATIOS)
        then = "".join(f"{_recall(compared, pairs, ratio):8.4f}" for ratio in _RATIOS)
        costs = f"{len(found) / len(texts):8.3f}{len(compared) / len(texts):10.3f}{seconds:9.1f}"
        name = f"of {crowded}" if crowded < len(rows) else "never"
        print(f"{name:>12}{told}{'':17}{then}{costs}")


def _kept(pairs: Ints, agreed: NDArray[np.uint8], block: int) -> NDArray[np.bool_]:
    """Tell which likely pairs are compared: a row keeps some partners of each block before it."""
    kept = np.zeros(len(pairs), np.bool_)
    for number in np.unique(pairs[:, 0] // block):
        own = np.flatnonzero(pairs[:, 0] // block == number)
        kept[own] = few_partners(pairs[own], agreed[own], *PARTNERS)
    return kept


def _candidates(sketch: U32, rows: Ints, cap: int, crowded: int) -> Ints:
    """Return the pairs of rows that share a key, in order."""
    found = [np.empty(0, np.uint64)]
    for band in range(BANDS):
        entries = np.sort(packed(sketch[rows, band], rows))
        words = sketch[:, (band + 1) % BANDS][unpacked(entries)[:, 1]]
        parts = list(Pairing(entries, words, cap=cap, settled=0, crowded=crowded))
        found.append(np.unique(np.concatenate([found[0], *parts])))
    return unpacked(np.unique(np.concatenate(found)))


def _recall(found: Ints, pairs: list[tuple[int, int, float]], ratio: float) -> float:
    """Return the share of true pairs, from a ratio on, that are found; equal texts need no finding."""
    wanted = np.array([sorted((a, b)) for a, b, score in pairs if score >= ratio and a != b])
    return float(np.isin(wanted @ [1 << 32, 1], found @ [1 << 32, 1]).mean())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
