"""Real texts to break: the articles of a corpus, and sentences of them, spread by a seed over all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from unicodedata import is_normalized

import regex

from cleaner.io.compression import decompressed, split_suffix
from cleaner.settings import EncodingSettings
from cleaner.stages.base import Outcome
from cleaner.stages.encoding import Encoding
from cleaner.text.codec import decode
from cleaner.text.document import split

FEWEST_WORDS = 15  # of a sentence
_SENTENCE_END = regex.compile(r"(?<=[.!?…]) (?=\p{Lu})")
_FOLDED = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "…": "..."})


def articles(corpus: Path, seed: int, *, held_out: bool = False) -> list[str]:
    """Return the texts of a corpus (JSON lines with `text`, or a folder of .txt), shuffled by `seed`;
    `held_out`: every fourth, of which nothing was learnt (`viqr_counts.py`).
    """
    texts = in_order(corpus)[3::4] if held_out else in_order(corpus)
    Random(seed).shuffle(texts)
    return texts


def in_order(corpus: Path) -> list[str]:
    """Return the texts of a corpus in its order."""
    if corpus.is_dir():
        return [decode(path.read_bytes()).text for path in sorted(corpus.rglob("*.txt"))]
    with corpus.open("rb") as raw:
        lines = decompressed(raw, split_suffix(bytes(corpus))[1])
        return [json.loads(line)["text"] for line in lines]


def sentences(texts: Sequence[str], count: int, seed: int) -> list[str]:
    """Return at most `count` long sentences: one from each text, then a second from each, and so on."""
    random = Random(seed)
    return list(islice(_in_turns([_shuffled_sentences(text, random) for text in texts]), count))


def _in_turns(sources: list[Iterator[str]]) -> Iterator[str]:
    while sources:
        left = []
        for source in sources:
            for sentence in islice(source, 1):
                yield sentence
                left.append(source)
        sources = left


def _shuffled_sentences(text: str, random: Random) -> Iterator[str]:
    found = [part.strip() for line in text.split("\n") for part in _SENTENCE_END.split(line)]
    long = [sentence for sentence in found if len(sentence.split()) >= FEWEST_WORDS]
    random.shuffle(long)
    yield from long


def folded(text: str) -> str:
    """Return the text with curly quotes, en dashes and ellipses as ASCII."""
    return text.translate(_FOLDED)


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the lines of a text that are not blank."""
    return split(text, "line").texts


class Stage:
    """The encoding stage with its default settings, and which texts it leaves alone."""

    def __init__(self, encoding: Encoding | None = None) -> None:
        self.encoding = encoding or Encoding(EncodingSettings())
        self._clean: dict[str, bool] = {}

    def repaired(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Return the paragraphs of one document after the stage."""
        return after(texts, self.encoding(texts))

    def leaves(self, text: str) -> bool:
        """Say whether a text is in NFC and the stage changes nothing in it."""
        if text not in self._clean:
            lines = paragraphs(text)
            self._clean[text] = is_normalized("NFC", text) and self.repaired(lines) == lines
        return self._clean[text]


def after(texts: Sequence[str], outcomes: Mapping[int, Outcome]) -> tuple[str, ...]:
    """Return the paragraphs as `outcomes` leave them."""
    left = list(texts)
    for index, outcome in outcomes.items():
        if outcome.steps:
            left[index] = outcome.steps[-1].text or ""
    return tuple(left)
