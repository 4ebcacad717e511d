"""What the judge knows of paragraphs: columns, one row a paragraph, never an object a paragraph.

`Batch` is what scanning one shard yields; `Rows` is all batches of a run under one numbering. Rows
are numbered in the order of survivor priority: earlier runs first, then by path, record, paragraph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import Self

import numpy as np

from cleaner.dedup.signatures import (
    BANDS,
    COLUMNS,
    U8,
    U32,
    U64,
    Ints,
    band_keys,
    short_signatures,
    signatures,
)
from cleaner.text.normalize import matching_form


@dataclass(frozen=True, slots=True)
class Columns:
    """n rows: `document`, `paragraph`, `line` say where a paragraph stands (document counts from the
    start of the shard, or of the run), `length` its characters in matching form, `exact` (n x 2) the
    128-bit hash of that form, `signature` (n x 128) and `keys` (n x 32) its MinHash; these are zero
    where a paragraph is too short or too long to be compared.
    """

    document: U32
    paragraph: U32
    line: U32
    length: U32
    exact: U64
    signature: U8
    keys: U64

    def __len__(self) -> int:
        return len(self.length)

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """Return all rows of `parts`, in order."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def columns(
    texts: Sequence[str], document: Ints, paragraph: Ints, line: Ints, limits: tuple[int, int]
) -> Columns:
    """Return the columns of `texts`; only those of limits[0] to limits[1] characters get signatures."""
    forms = [matching_form(text) for text in texts]
    length = np.fromiter(map(len, forms), np.uint32, len(forms))
    digests = b"".join(
        blake2b(form.encode("utf-8", "surrogatepass"), digest_size=16).digest() for form in forms
    )
    compared = np.flatnonzero((length >= limits[0]) & (length <= limits[1]))
    full = signatures([forms[i] for i in compared.tolist()])
    signature = np.zeros((len(forms), COLUMNS), np.uint8)
    signature[compared] = short_signatures(full)
    keys = np.zeros((len(forms), BANDS), np.uint64)
    keys[compared] = band_keys(full)
    return Columns(
        document.astype(np.uint32),
        paragraph.astype(np.uint32),
        line.astype(np.uint32),
        length,
        np.frombuffer(digests, "<u8").reshape(-1, 2).astype(np.uint64),
        signature,
        keys,
    )
