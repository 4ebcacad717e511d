"""What programs around libraries need to take near-duplicate paragraphs out of JSON lines.

A paragraph is a line. Those of fewer than 40 characters stay, as in cleaner; all others are compared by the
sets of their five-word shingles.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

PERMUTATIONS, THRESHOLD = 128, 0.7
_SHORTEST = 40


def read(file: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the records, and the paragraphs of all of them that are compared, in order."""
    with open(file, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return records, [line for record in records for line in _compared(record["text"])]


def shingles(paragraph: str) -> list[str]:
    """Return the five words from each word on; all words where there are fewer."""
    words = paragraph.lower().split()
    five = zip(words, words[1:], words[2:], words[3:], words[4:], strict=False)
    return list(map(" ".join, five)) or [" ".join(words)]


def write(file: str, records: Iterable[dict[str, Any]], keep: Iterable[bool]) -> None:
    """Write the records with those of the compared paragraphs that are to be kept, and all others."""
    kept = iter(keep)
    with open(file, "w", encoding="utf-8") as output:
        for record in records:
            lines = (line for line in record["text"].split("\n") if len(line) < _SHORTEST or next(kept))
            output.write(json.dumps({**record, "text": "\n".join(lines)}, ensure_ascii=False) + "\n")


def _compared(text: str) -> Iterator[str]:
    return (line for line in text.split("\n") if len(line) >= _SHORTEST)
