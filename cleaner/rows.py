"""The rows of a run: all paragraphs of its shards under one numbering, and where each of them stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import msgspec
import numpy as np

from cleaner.dedup.columns import Columns
from cleaner.dedup.signatures import Ints
from cleaner.dedup.survivors import row_order
from cleaner.io.ledger_records import packed_place
from cleaner.io.scratch import JoinedColumns, Texts, join_columns, load_documents, load_ranks
from cleaner.io.shards import Shard, numbered
from cleaner.scanning import Scanned
from cleaner.text.changes import Place


class Rows:
    """The rows of all shards, of which the first `published` ones hold what earlier runs published.

    `bases` tells for each shard how many records of its file come before it. There is a row at least.
    """

    def __init__(
        self, shards: Sequence[Shard], scanned: Sequence[Scanned], bases: Sequence[int], joined: bytes
    ) -> None:
        self._shards, self._bases = shards, bases
        folders, rows = [shard.scratch for shard in shards], [found.rows for found in scanned]
        documents = [found.documents for found in scanned]
        self._first_rows = np.cumsum([0, *rows]).tolist()
        self._first_documents = np.cumsum([0, *documents]).tolist()
        self._documents: dict[int, list[tuple[str, int, str]]] = {}
        self.settled = sum(
            found.rows for shard, found in zip(shards, scanned, strict=True) if shard.published
        )
        self.texts = Texts(folders, rows)
        self.source: JoinedColumns = join_columns(joined, folders, rows, documents)

    @property
    def columns(self) -> Columns:
        """The columns of all rows."""
        return self.source()

    def order(self) -> Ints:
        """Return the order in which equals stay."""
        ranks = load_ranks([shard.scratch for shard in self._shards])
        return row_order(self.columns.document, ranks, self.settled)

    def locate(self, row: int) -> tuple[int, int, int]:
        """Return shard, document in it, and paragraph of a row."""
        shard = bisect_right(self._first_rows, row) - 1
        document = int(self.columns.document[row]) - self._first_documents[shard]
        return shard, document, int(self.columns.paragraph[row])

    def locate_document(self, document: int) -> tuple[int, int]:
        """Return the shard of a document, and its number there."""
        shard = bisect_right(self._first_documents, document) - 1
        return shard, document - self._first_documents[shard]

    def named(self, shard: int, document: int) -> tuple[str, int, str]:
        """Return (path, record, id) of a document of a shard."""
        if shard not in self._documents:
            self._documents[shard] = load_documents(self._shards[shard].scratch)
        path, record, identity = self._documents[shard][document]
        return path, numbered(self._bases[shard], record), identity

    def place(self, row: int) -> Place:
        """Name the paragraph of a row, and give its text."""
        return self._place(row, self.texts(row))

    def packed_place(self, row: int) -> msgspec.Raw:
        """Name the paragraph of a row as the ledger does, without its text."""
        return msgspec.Raw(msgspec.json.encode(packed_place(self._place(row, None))))

    def _place(self, row: int, text: str | None) -> Place:
        shard, document, paragraph = self.locate(row)
        path, record, identity = self.named(shard, document)
        return Place(path, record, identity, paragraph, int(self.columns.line[row]), text, row < self.settled)
