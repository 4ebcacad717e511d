"""Learns what tells a tone from a full stop in VIQR: writes cleaner/vietnamese/data/viqr_ends.tsv and
viqr_weights.tsv.

    python benchmarks/viqr_counts.py CORPUS

CORPUS is a file of JSON lines (.zst, .gz or plain) with articles in `text`. Of every four the first and the
third are counted, the weights are fitted on the second; the fourth is left to measure what was learnt. Each
line is spelled in VIQR without backslashes; of every word whose last sign may be either it is known which it
was.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from unicodedata import is_normalized, normalize

import numpy as np
from breakages import TABLES, naive_viqr
from clean_texts import folded, in_order

from cleaner.vietnamese.syllables import is_syllable
from cleaner.vietnamese.viqr import endings
from cleaner.vietnamese.viqr_ends import PLACES, START, Ending, Signs, first_word, last_of, last_word, signs

COUNTS, WEIGHTS = TABLES / "viqr_ends.tsv", TABLES / "viqr_weights.tsv"
_RARE_NEXT = 6  # times that a capitalised word was seen: rarer ones are counted together
_FEWEST_PAIRS = 4
_SIGNS = {"\u0323": ".", "\u0309": "?"}
_VOWELS = "aăâeêioôơuưy"
_SENTENCE_ENDS = (".", "?", "!", '."', '?"', '!"', ".)", "?)", "!)")
_ROUNDS, _RIDGE = 50, 0.5  # of Newton's method; of the squares of weights
_HEAD = (
    "# VIQR: how often words stand with nặng (.) or hỏi (?) as their last sign, and how often before a full"
    " stop or a question mark. Made by benchmarks/viqr_counts.py of 10,000 Vietnamese news articles.\n"
    f"# kind: {', '.join(PLACES)}: what follows the word; word: anywhere, with and without the tone, whatever"
    " follows; pair: behind the word in key; next: key is the capitalised word after any; length: of the"
    " line, key words or some more, that ends in one.\n"
    "kind\tword\tkey\ttones\tstops\n"
)
_WEIGHTS_HEAD = (
    "# VIQR: what the signs of an ending are worth, as log-odds of a tone, by what follows it. Fitted by"
    " benchmarks/viqr_counts.py on 5,000 other articles than those in viqr_ends.tsv.\n"
    f"place\tbias\t{chr(9).join(Signs._fields)}\n"
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
    rows = defaultdict[_Row, Counter[bool]](Counter)
    for word in starts(texts):
        rows["next", "", word][False] += 1
    for ending, is_tone in seen(texts):
        if is_syllable(last_word(ending.toned)):
            rows[ending.place, ending.word, ""][is_tone] += 1
            if ending.place == "capital":
                rows["next", "", first_word(ending.after)][is_tone] += 1
            if ending.place == "end":
                rows["length", "", ending.size][is_tone] += 1
    kept = defaultdict[_Row, Counter[bool]](Counter)
    for row, found in rows.items():
        kept[("next", "", "<word>") if row[0] == "next" and found.total() < _RARE_NEXT else row] += found
    return kept | words(texts)


def words(texts: Iterable[str]) -> _Counts:
    """Return how often words stand with and without a tone, anywhere and behind others."""
    alone, pairs = defaultdict[_Row, Counter[bool]](Counter), defaultdict[_Row, Counter[bool]](Counter)
    for text in texts:
        for line in text.split("\n"):
            before = START
            for token in folded(line).split():
                word = last_of(token)
                for plain, is_tone in _plain(word):
                    alone["word", plain, ""][is_tone] += 1
                    pairs["pair", plain, before][is_tone] += 1
                before = START if token.endswith(_SENTENCE_ENDS) else word
    both = {word for (_, word, _), found in alone.items() if len(found) > 1}
    often = {row: found for row, found in pairs.items() if row[1] in both and found.total() >= _FEWEST_PAIRS}
    return {row: found for row, found in alone.items() if found[True]} | often


def _plain(word: str) -> Iterator[tuple[str, bool]]:
    """Yield the words with their sign that a word in small letters is one of, and whether it has the tone."""
    (*marks,) = normalize("NFD", word[-1])
    if sign := next((mark for mark in marks if mark in _SIGNS), ""):
        marks.remove(sign)
        yield word[:-1] + normalize("NFC", "".join(marks)) + _SIGNS[sign], True
    elif word[-1] in _VOWELS:
        yield from ((word + sign, False) for sign in _SIGNS.values())


def fitted(texts: Iterable[str]) -> dict[str, list[float]]:
    """Return bias and weights of each place: logistic regression, by Newton's method."""
    found = defaultdict[str, list[tuple[Signs, bool]]](list)
    for ending, is_tone in seen(texts):
        found[ending.place].append((signs(ending), is_tone))
    weights = {}
    for place, rows in found.items():
        told = np.column_stack((np.ones(len(rows)), np.array([each for each, _ in rows])))
        scale = np.append(1.0, told[:, 1:].std(axis=0))
        scale[scale == 0] = 1.0
        told, is_tone = told / scale, np.array([tone for _, tone in rows], float)
        weight = np.zeros(told.shape[1])
        for _ in range(_ROUNDS):
            likely = 1 / (1 + np.exp(-np.clip(told @ weight, -30, 30)))
            slope = told.T @ (is_tone - likely) - _RIDGE * weight
            bend = (told.T * (likely * (1 - likely))) @ told + _RIDGE * np.eye(len(weight))
            weight += np.linalg.solve(bend, slope)
        weights[place] = [float(each) for each in weight / scale]
    return weights


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
    """Write the tables."""
    parser = argparse.ArgumentParser(description="Learn what tells a tone from a full stop in VIQR.")
    parser.add_argument("corpus", type=Path, help="JSON lines with `text` (.zst, .gz), or a folder of .txt")
    options = parser.parse_args()
    texts = in_order(options.corpus)
    even, others = (
        [text for text in part if is_normalized("NFC", text)] for part in (texts[::2], texts[1::4])
    )
    COUNTS.write_text(written(counted(even)), encoding="utf-8")
    lines = [
        "\t".join((place, *(f"{weight:.3f}" for weight in weights)))
        for place, weights in sorted(fitted(others).items())
    ]
    WEIGHTS.write_text(_WEIGHTS_HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
