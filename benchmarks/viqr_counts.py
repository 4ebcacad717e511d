"""Counts what tells a tone from a full stop in VIQR, and writes cleaner/vietnamese/data/viqr_ends.tsv.

    python benchmarks/viqr_counts.py CORPUS [--half 0]

CORPUS is a file of JSON lines (.zst, .gz or plain) with articles in `text`. Only every second one is asked,
so that the others can measure what was learnt. Each line is spelled in VIQR without backslashes; every word
whose last sign may be either is counted as what it was.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from unicodedata import is_normalized

from breakages import TABLES, naive_viqr
from clean_texts import folded, in_order

from cleaner.vietnamese.syllables import is_syllable
from cleaner.vietnamese.viqr import endings
from cleaner.vietnamese.viqr_ends import PLACES, Ending, first_word, last_word

OUT = TABLES / "viqr_ends.tsv"
_FEWEST = {"behind": 4, "next": 6}  # times that a row was seen; what is rarer is counted by its class
_HEAD = (
    "# VIQR: how often words stand with nặng (.) or hỏi (?) as their last sign, and how often before a full"
    " stop or a question mark. Made by benchmarks/viqr_counts.py of 10,000 Vietnamese news articles.\n"
    f"# kind: {', '.join(PLACES)}: what follows the word; behind: key is the word before it; next: key is the"
    " capitalised word after any; length: of the line, key words or some more, that ends in one. <...>: all"
    " others of a class.\n"
    "kind\tword\tkey\ttones\tstops\n"
)
_Row = tuple[str, str, str]
_Counts = dict[_Row, Counter[bool]]  # by whether it was a tone


def seen(texts: Iterable[str]) -> Iterator[tuple[Ending, bool]]:
    """Yield every ending in doubt, and whether it is a tone."""
    for text in texts:
        for line in text.split("\n"):
            tokens = folded(line).split()
            for at, ending in endings(naive_viqr(" ".join(tokens)) or ""):
                meant = tokens[at][: len(tokens[at]) - len(ending.closers)]
                if meant.endswith((ending.toned, ending.plain + ending.sign)):
                    yield ending, meant.endswith(ending.toned)


def counted(texts: Sequence[str]) -> _Counts:
    """Return the rows: those seen often, and the others by their class."""
    rows, classes = defaultdict[_Row, Counter[bool]](Counter), dict[_Row, _Row]()

    def count(kind: str, word: str, key: str, others: str, is_tone: bool) -> None:
        rows[kind, word, key][is_tone] += 1
        classes[kind, word, key] = kind, word, others

    for word in starts(texts):
        count("next", "", word, "<word>", False)
    for ending, is_tone in seen(texts):
        if is_syllable(last_word(ending.toned)):
            count(ending.place, ending.word, "", "", is_tone)
            count("behind", ending.word.lower(), *ending.behind, is_tone)
            if ending.place == "capital":
                count("next", "", first_word(ending.after), "<word>", is_tone)
            if ending.place == "end":
                count("length", "", ending.size, ending.size, is_tone)
    kept = defaultdict[_Row, Counter[bool]](Counter)
    for row, found in rows.items():
        kept[row if found.total() >= _FEWEST.get(row[0], 1) else classes[row]] += found
    both = defaultdict[str, Counter[bool]](Counter)
    for (kind, word, _), found in kept.items():
        if kind == "behind":
            both[word] += found
    return {row: found for row, found in kept.items() if row[0] != "behind" or len(both[row[1]]) > 1}


def starts(texts: Iterable[str]) -> Iterator[str]:
    """Yield the first words of the lines of texts but for their titles: these stand behind a stop."""
    for text in texts:
        for line in text.split("\n")[1:]:
            for token in folded(line).split()[:1]:
                if word := first_word(naive_viqr(token) or ""):
                    yield word


def written(rows: Mapping[_Row, Counter[bool]]) -> str:
    """Return the table."""
    lines = ["\t".join((*row, str(found[True]), str(found[False]))) for row, found in rows.items()]
    return _HEAD + "".join(f"{line}\n" for line in sorted(lines))


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Count what tells a tone from a full stop in VIQR.")
    parser.add_argument("corpus", type=Path, help="JSON lines with `text` (.zst, .gz), or a folder of .txt")
    parser.add_argument("--half", type=int, choices=(0, 1), default=0, help="which articles are asked")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    texts = [text for text in in_order(options.corpus)[options.half :: 2] if is_normalized("NFC", text)]
    options.out.write_text(written(counted(texts)), encoding="utf-8")


if __name__ == "__main__":
    main()
