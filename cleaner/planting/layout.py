"""Where the documents of a made corpus stand: in which file, as which record."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from cleaner.planting.corpus import Corpus, Planting, Spot

_FOLDER = 1000  # .txt files in one folder
_SAMPLE = 300  # documents by which the mean size of one is told


class Layout(Struct, frozen=True):
    """Which document stands where."""

    jsonl: bool
    documents: int
    in_a_file: int

    def parts(self) -> range:
        """Return the numbers of the parts that are written one by one: files, or folders of .txt."""
        return range(-(-self.documents // self.in_a_file))

    def numbers(self, part: int) -> range:
        """Return the documents of a part."""
        return range(part * self.in_a_file, min(self.documents, (part + 1) * self.in_a_file))

    def path(self, number: int) -> str:
        """Return the path of a document below corpus/."""
        part = number // self.in_a_file
        return f"part-{part:05}.jsonl" if self.jsonl else f"{part:05}/{number:08}.txt"

    def place(self, spot: Spot | None) -> dict[str, object] | None:
        """Return where a paragraph is, as the truth tells it."""
        if spot is None:
            return None
        name = document_id(spot.document) if self.jsonl else self.path(spot.document)
        record = spot.document % self.in_a_file + 1 if self.jsonl else 0
        place = {"path": self.path(spot.document), "record": record, "document": name}
        return place | {"paragraph": spot.paragraph, "line": spot.line}


def document_id(number: int) -> str:
    """Return the id of a document in JSON lines."""
    return f"d{number:08}"


def layout_for(corpus: Corpus, size: int, files: int, *, jsonl: bool) -> Layout:
    """Return how many documents make up `size`, and how they are shared out to files."""
    mean = sum(len(corpus.document(number).text.encode()) + 34 for number in range(_SAMPLE)) / _SAMPLE
    documents = max(1, round(size / mean))
    return Layout(jsonl, documents, -(-documents // files) if jsonl else _FOLDER)


def truth_row(planting: Planting, layout: Layout) -> dict[str, Any]:
    """Return a row of the truth: what was planted, and where it stands in the files."""
    told: dict[str, Any] = {"kind": planting.kind, "expected": planting.expected, "how": planting.how}
    places = {"a": layout.place(planting.a), "b": layout.place(planting.b)}
    return told | {"edits": len(planting.how), "ratio": planting.ratio} | places
