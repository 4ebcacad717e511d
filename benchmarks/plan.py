"""What a corpus of many terabytes would ask of this design, from what a small one shows.

    python benchmarks/plan.py CORPUS [--sizes 0.1,1,10,100]

CORPUS are some thousand documents, JSON lines or a folder of .txt. Its different paragraphs get the sketches
that a run gives them. Of the pairs of rows that share the key of a band those are counted that are no
near-duplicates (they agree in less than 35 of 100 columns): they met by chance, or by a common phrase, and
grow with the square of a corpus. How many there would be is carried on to the sizes asked for (terabytes of
text), for keys of 4, 5, 6 ... columns, beside what a run moves and keeps for each row. Nothing of that size
is run: it is a plan, and trusts that a large corpus is more of the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from clean_texts import in_order

from cleaner.dedup.columns import LENGTH, columns
from cleaner.dedup.signatures import COLUMNS, U32, Ints
from cleaner.io.scans import KEYS
from cleaner.rows import MOST_ROWS
from cleaner.settings import NearDuplicateSettings
from cleaner.text.normalize import matching_forms

_ROW = 292  # bytes of a row in files that all tasks read (cleaner/rows.py)
_ENTRIES = 12 * (KEYS - 1) + 8  # bytes of a row that are shuffled: its keys, its number, and words beside
_BLOCK = 1 << 19  # rows of a block (cleaner/judging/grouping.py)
_BAND = 4  # columns of 8 bits that are a key
_WIDEST = 32
_SEEN = 30  # pairs, at least, where a number of them tells something
_AT_ONCE = 1 << 16  # pairs
_BANDS = 8  # of which pairs are counted
_ALIKE = int(0.35 * COLUMNS)


def main() -> None:
    """Count, carry on, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--sizes", default="0.1,1,10,100")
    arguments = parser.parse_args()
    texts = [line for text in in_order(arguments.corpus) for line in text.split("\n") if line.strip()]
    size = sum(len(text.encode("utf-8", "surrogatepass")) + 1 for text in texts)
    limits = NearDuplicateSettings().limits
    forms = sorted({form for form in matching_forms(texts) if limits[0] <= len(form) <= limits[1]})
    np.random.default_rng(1).shuffle(forms)
    print(
        f"{len(texts):,} paragraphs of {size / len(texts):.0f} bytes, {len(forms):,} different ones compared"
    )
    sketch = columns(forms, np.zeros((len(forms), 3), np.int64), limits).sketch[:, :LENGTH]
    alike, chance = _counted(sketch)
    print(f"pairs of near-duplicates that a row has in a band: {alike / len(forms):.3f}")
    told = [(width, count) for width, count in enumerate(chance, _BAND) if count >= _SEEN]
    slope, start = np.polyfit([width for width, _ in told], np.log([count for _, count in told]), 1)
    print("other pairs in a band, by columns of its key:", ", ".join(f"{w}: {c:,.0f}" for w, c in told))
    print(f"each further column leaves one in {np.exp(-slope):.1f}; below {_SEEN} pairs this is carried on")
    print(
        f"\n{'TB':>6}{'rows':>10}{'numbers':>9}{'keys TB':>9}{'columns TB':>12}{'blocks':>10}"
        f"{'others':>10}{'columns of a key':>18}"
    )
    for terabytes in map(float, arguments.sizes.split(",")):
        times = terabytes * 1e12 / size
        rows = times * len(texts)
        others = 2 * chance[0] / len(forms) * times
        wanted = np.log(len(forms) / 2 / times)  # pairs, here, so that a row meets one other there
        width = max(_BAND, int(np.ceil((wanted - start) / slope)))
        print(
            f"{terabytes:6g}{rows:10.1e}{rows / MOST_ROWS:9.2f}{rows * _ENTRIES / 1e12:9.2f}"
            f"{rows * _ROW / 1e12:12.2f}{rows / _BLOCK:10.0f}{others:10.1f}{width:>18}"
        )
    print(
        "\nnumbers: how many times the rows that a run can tell apart; others: how many rows that are not"
        "\nalike one meets in a band, with keys of four columns; columns of a key: those with which it is one"
    )


def _counted(sketch: U32) -> tuple[float, list[float]]:
    """Return how many pairs of near-duplicates meet in a band, and how many others, by columns of the key."""
    flat = np.ascontiguousarray(sketch).view(np.uint8)
    alike, others = 0.0, np.zeros(_WIDEST - _BAND + 1)
    for at in range(0, COLUMNS, COLUMNS // _BANDS):
        turned = np.roll(flat, -at, axis=1)
        for first, second in _pairs(np.ascontiguousarray(turned[:, :_BAND]).view(np.uint32).ravel()):
            same = turned[first] == turned[second]
            likely = same.sum(axis=1) >= _ALIKE
            alike += likely.sum() / _BANDS
            agreed = np.where(same.all(axis=1), COLUMNS, same.argmin(axis=1))[~likely]
            for width in range(_BAND, _WIDEST + 1):
                others[width - _BAND] += (agreed >= width).sum() / _BANDS
    return alike, others.tolist()


def _pairs(keys: U32) -> Iterator[tuple[Ints, Ints]]:
    """Yield the pairs of rows that share a key: each with the one so many places behind it."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    for behind in range(1, len(keys)):
        at = np.flatnonzero(ordered[behind:] == ordered[:-behind])
        if not len(at):
            return
        for some in np.array_split(at, len(at) // _AT_ONCE + 1):
            yield order[some], order[some + behind]


if __name__ == "__main__":
    main()
