"""Measures runs over texts that are made to be slow.

    python benchmarks/hostile.py [SCALE [SHAPE ...]]

Printed are, for each shape (all, or those of which the names hold one of the words SHAPE), the seconds that a
run with one process takes and the most memory that it holds. SCALE (1) multiplies the sizes. The aim is 10 s
and 1.5 GB each.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_TEXT = "bà con trong bản cùng nhau sửa lại con đường dẫn ra chợ huyện trước mùa mưa lũ năm nay"
_SENTENCE = _TEXT.split(" ")
_WORDS = ["này", "kia", "ấy", "nọ", "đó"]


def alike(count: int) -> str:
    """Return so many paragraphs that differ in two words, or less, of a sentence, and in a number."""
    rng = random.Random(1)
    lines = []
    for number in range(count):
        words = list(_SENTENCE)
        for _ in range(2):
            words[rng.randrange(len(words))] = rng.choice(_WORDS)
        lines.append(f"{' '.join(words)} {number}.")
    return "\n".join(lines)


def template(count: int) -> str:
    """Return so many paragraphs that differ in a number."""
    return "\n".join(f"{_TEXT} {number}." for number in range(count))


def two_long(characters: int) -> str:
    """Return two paragraphs of so many characters that differ in one word."""
    rng = random.Random(2)
    words = [rng.choice(_SENTENCE) + rng.choice(["", "", ",", "."]) for _ in range(characters // 4)]
    one = " ".join(words)[:characters]
    return f"{one}\n{one.replace(' chợ ', ' phố ', 1)}"


def one_word_lines(count: int) -> str:
    """Return so many lines of one word."""
    rng = random.Random(3)
    return "\n".join(rng.choice(_SENTENCE) for _ in range(count))


def marks(count: int) -> str:
    """Return a text in which so many combining marks stand on one letter."""
    return f"Một chữ a{chr(0x301) * count} có nhiều dấu, và một câu khác đứng ngay sau nó cho đủ dài."


SHAPES: dict[str, tuple[Callable[[int], str], int]] = {
    "paragraphs of one template": (template, 50_000),
    "paragraphs nearly all alike": (alike, 50_000),
    "characters in each of two paragraphs": (two_long, 200_000),
    "lines of one word": (one_word_lines, 1_000_000),
    "combining marks on a letter": (marks, 5_000),
}


def main(scale: float, wanted: list[str]) -> None:
    """Print a line for each shape."""
    for name, (make, size) in SHAPES.items():
        if wanted and not any(word in name for word in wanted):
            continue
        count = max(1, int(size * scale))
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "in.txt").write_text(make(count), encoding="utf-8")
            command = [
                sys.executable,
                "-m",
                "cleaner",
                "run",
                "in.txt",
                "-o",
                "out",
                "--quiet",
                "--workers",
                "1",
            ]
            started = time.monotonic()
            process = subprocess.Popen(command, cwd=folder)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - started
        seconds = usage.ru_utime + usage.ru_stime
        ended = os.waitstatus_to_exitcode(status)
        print(
            f"{count:>9,} {name:<38}{seconds:7.1f} s of one processor{wall:7.1f} s in all"
            f"{usage.ru_maxrss / 1e6:7.2f} GB  exit {ended}",
            flush=True,
        )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1, sys.argv[2:])
