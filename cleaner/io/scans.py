"""What a scan leaves on disk for the judge and for writing: columns, texts, drafts. One folder a shard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from cleaner.dedup.candidates import copies
from cleaner.dedup.columns import LENGTH, WORDS, Columns
from cleaner.dedup.documents import Documents, documents_of
from cleaner.dedup.signatures import BANDS, U32, U64, Ints
from cleaner.dedup.survivors import document_order
from cleaner.io.document_names import packed_name
from cleaner.io.scratch import (
    make_folder,
    new_files,
    read_array,
    read_value,
    write_array,
    write_blob,
    write_texts,
    write_to,
    write_value,
)
from cleaner.text.draft import Act, Draft, Miss

OWN = 1  # a row that may be compared for equality, and is no copy of another row
COMPARED = 2  # a row of a length that is compared for likeness
KEPT = 4  # a row that a decision keeps
EXACT = BANDS  # the word of a row that is made of its exact hash
KEYS = BANDS + 1  # words by which rows are grouped: one a band, one for equality
_AT_ONCE = 1 << 15  # rows whose keys are written, or read, at a time: 4 MB
TEXTS, DRAFTS = b"texts", b"drafts"  # files that may go before the others do


class ScannedDocument(Struct, frozen=True):
    """A document of a shard: its path, its record there (counted from the start of the piece that was
    scanned), its id, its date (seconds since 1970), and its ranks: what decides, lowest first, which of
    two equals stays.
    """

    path: str
    record: int
    id: str
    date: int
    rank: tuple[int, ...]


def save_scan(
    folder: bytes,
    columns: Columns,
    texts: Sequence[str],
    documents: Sequence[ScannedDocument],
    drafts: Sequence[Draft],
    limits: tuple[int, int],
    kept: Sequence[int] = (),
) -> None:
    """Write the scan of one shard; `texts` are one a row, `limits` the lengths that are compared, `kept` the
    rows that a decision keeps.
    """
    make_folder(folder)
    width = len(documents[0].rank) if documents else 0
    ranks = np.array([document.rank for document in documents], np.int64).reshape(len(documents), width)
    save_columns(folder, columns, documents_of(columns), ranks, limits, kept)
    write_texts(folder, TEXTS, texts)
    names = [packed_name((each.path, each.record, each.id)) for each in documents]
    write_blob(folder, b"names", names)
    write_array(folder, b"dates", np.array([each.date for each in documents], np.int64))
    write_value(folder, DRAFTS, [_plain(draft) for draft in drafts])


def save_columns(
    folder: bytes,
    columns: Columns,
    documents: Documents,
    ranks: Ints,
    limits: tuple[int, int],
    kept: Sequence[int] = (),
) -> None:
    """Write the columns of a shard, what its rows may be compared for, and which are copies of others. Of
    sketches the keys are written, which are the same.
    """
    length = columns.length
    rows = np.flatnonzero(length >= limits[0])
    order = rows
    if ranks.shape[1]:
        order = (document_order(ranks, 0)[columns.document[rows]] << 32) + rows
    copied = copies(rows, columns.exact[rows], order)
    flags = np.zeros(len(columns), np.uint8)
    flags[rows] = OWN
    flags[copied[:, 0]] = 0
    flags[(length >= limits[0]) & (length <= limits[1])] |= COMPARED
    flags[list(kept)] |= KEPT
    for name, array in (
        (b"place", columns.place), (b"exact", columns.exact),
        (b"length", columns.length), (b"flags", flags),
        (b"copies", copied.astype(np.uint32)), (b"ranks", ranks),
        *((name.encode(), getattr(documents, name)) for name in documents.__struct_fields__),
    ):  # fmt: skip
        write_array(folder, name, array)
    with new_files(folder, b"words") as (stream,):
        for start in range(0, len(columns), _AT_ONCE):
            write_to(stream, words_of(columns.between(start, start + _AT_ONCE)))


def words_of(columns: Columns) -> U32:
    """Return the keys of rows: a line a band (33 x n), the last one of exact hashes."""
    words = np.empty((KEYS, len(columns)), np.uint32)
    words[:BANDS] = columns.sketch[:, :LENGTH].T
    words[EXACT] = (columns.exact[:, 0] >> np.uint64(32)).astype(np.uint32)
    return words


def load_documents(folder: bytes) -> Documents:
    """Return the documents of a shard that have rows."""
    kinds = {name: np.uint64 if name == "key" else np.uint32 for name in Documents.__struct_fields__}
    return Documents(*(read_array(folder, name.encode(), kind) for name, kind in kinds.items()))


def load_columns(folder: bytes) -> Iterator[tuple[Columns, U32]]:
    """Yield the columns of a shard and the keys, as `words_of` gives them, of some rows at a time; of none
    once.
    """
    length: U32 = read_array(folder, b"length", np.uint32)
    for start in range(0, max(1, len(length)), _AT_ONCE):
        stop = min(start + _AT_ONCE, len(length))
        place: U32 = read_array(folder, b"place", np.uint32, 3, start, stop)
        exact: U64 = read_array(folder, b"exact", np.uint64, 2, start, stop)
        words: U32 = read_array(folder, b"words", np.uint32, 0, start * KEYS, stop * KEYS).reshape(KEYS, -1)
        sketch = np.empty((len(place), WORDS), np.uint32)
        sketch[:, :LENGTH] = words[:BANDS].T
        sketch[:, LENGTH] = length[start:stop]
        yield Columns(place, exact, sketch), words


_PlainDraft = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]


def _plain(draft: Draft) -> _PlainDraft:
    """Return a draft as tuples, which pickle ten times as fast."""
    acts = [
        (number, act.stage, act.rule, act.text, act.survivor, act.metadata, act.codec, act.reason)
        for number, found in draft.acts.items()
        for act in found
    ]
    misses = [
        (number, miss.stage, miss.rule, miss.match, miss.reason)
        for number, found in draft.misses.items()
        for miss in found
    ]
    return acts, misses


def load_drafts(folder: bytes) -> Iterator[Draft]:
    """Yield the drafts of a shard, in order."""
    drafts: list[_PlainDraft] = read_value(folder, DRAFTS)
    for acts, misses in drafts:
        draft = Draft()
        for number, *act in acts:
            draft.acts.setdefault(number, []).append(Act(*act))
        for number, *miss in misses:
            draft.misses.setdefault(number, []).append(Miss(*miss))
        yield draft
