"""What a corpus of many terabytes would ask of this design, from what a small one shows.

    python benchmarks/plan.py CORPUS [--sizes 0.1,1,10,100]

CORPUS are some thousand documents, JSON lines or a folder of .txt. Its different paragraphs get the sketches
that a run gives them. How many pairs of rows share 4, 5, 6 ... columns of a band is counted among a quarter
of the rows, a half, and all of them: repeats of texts grow with the rows, chance and common phrases with
their square. Both are carried on to the sizes asked for (terabytes of text), beside what a run moves and
keeps for each row. Nothing of that size is run: it is a plan, and trusts that a large corpus is more of the
same.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from clean_texts import in_order

from cleaner.dedup.columns import LENGTH, columns
from cleaner.dedup.signatures import COLUMNS, U32, Ints
from cleaner.io.scans import KEYS
from cleaner.settings import NearDuplicateSettings
from cleaner.text.normalize import matching_forms

_ROW = 292  # bytes of a row in files that all tasks read (cleaner/rows.py)
_ENTRY = 8  # bytes of a key and its row, as they are shuffled
_NUMBERS = 1 << 32  # rows that a run can tell apart
_BLOCK = 1 << 19  # rows of a block (cleaner/judging/grouping.py)
_WIDTHS = (4, 5, 6, 7, 8, 10, 12)  # columns of 8 bits
_SHARES = (4, 2, 1)
_BANDS = 8  # of which pairs are counted


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
    found = {width: _growth(sketch, width) for width in _WIDTHS}
    print(
        "\npairs of a row in a band, at the sizes of a quarter, a half and all, and at 1 TB by their growth"
    )
    rows_a_terabyte = 1e12 / size * len(forms)
    for width, (repeats, chance, counted) in found.items():
        told = " ".join(f"{each:8.4f}" for each in counted)
        print(f"  {width:2} columns: {told}   1 TB: {repeats + chance * rows_a_terabyte:12.2f}")
    print(
        f"\n{'TB':>6}{'rows':>10}{'numbers':>9}{'keys TB':>9}{'columns TB':>12}{'blocks':>10}"
        f"{'columns of a band':>19}"
    )
    for terabytes in map(float, arguments.sizes.split(",")):
        rows = terabytes * 1e12 / size * len(texts)
        compared = terabytes * rows_a_terabyte
        width = next((each for each in _WIDTHS if found[each][1] * compared < 1), 0)
        print(
            f"{terabytes:6g}{rows:10.1e}{rows / _NUMBERS:9.2f}{rows * KEYS * _ENTRY / 1e12:9.2f}"
            f"{rows * _ROW / 1e12:12.2f}{rows / _BLOCK:10.0f}{width or 'more':>19}"
        )
    print(
        "\nnumbers: how many times the rows that a run can tell apart; columns of a band: the fewest with"
        "\nwhich a row meets less than one other by chance in a band"
    )


def _growth(sketch: U32, width: int) -> tuple[float, float, list[float]]:
    """Return for `width` columns how many pairs a row has by repeats, how many by chance for each other row,
    and how many were counted among shares of the rows.
    """
    sizes = [len(sketch) // share for share in _SHARES]
    counted = [_pairs(sketch[:size], width) / size for size in sizes]
    chance, repeats = np.polyfit(sizes, counted, 1)
    return max(0.0, float(repeats)), max(0.0, float(chance)), counted


def _pairs(sketch: U32, width: int) -> float:
    """Return how many pairs of rows agree in `width` columns that lie side by side, a band."""
    flat = np.ascontiguousarray(sketch).view(np.uint8)
    step = COLUMNS // _BANDS
    return sum(_alike(flat[:, at : at + width]) for at in range(0, COLUMNS, step)) / _BANDS


def _alike(keys: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> int:
    packed = np.ascontiguousarray(keys).view(f"V{keys.shape[1]}").ravel()
    times: Ints = np.unique(packed, return_counts=True)[1].astype(np.int64)
    return int((times * (times - 1) // 2).sum())


if __name__ == "__main__":
    main()
