"""What the judge knows of paragraphs: columns, one row a paragraph, never an object a paragraph.

Scanning yields the columns of one shard; the judge sees those of a run, under one numbering: first
the paragraphs of earlier runs, then by path, record and place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

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

_CHUNK = 4096  # paragraphs signed at a time: 2 MB of full signatures


@dataclass(frozen=True, slots=True)
class Columns:
    """n rows: `document`, `paragraph`, `line` say where a paragraph stands (documents count from the
    start of the shard, or of the run), `length` its characters in matching form, `exact` (n x 2) the
    128-bit hash of that form, `signature` (n x 128) and `keys` (32 x n) its MinHash; these are zero
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


def columns(
    forms: Sequence[str], document: Ints, paragraph: Ints, line: Ints, limits: tuple[int, int]
) -> Columns:
    """Return the columns of paragraphs in matching form; those of limits[0] to limits[1] characters
    get signatures.
    """
    length = np.fromiter(map(len, forms), np.uint32, len(forms))
    digests = b"".join(
        blake2b(form.encode("utf-8", "surrogatepass"), digest_size=16).digest() for form in forms
    )
    compared = np.flatnonzero((length >= limits[0]) & (length <= limits[1]))
    signature = np.zeros((len(forms), COLUMNS), np.uint8)
    keys = np.zeros((BANDS, len(forms)), np.uint64)
    for start in range(0, len(compared), _CHUNK):
        rows = compared[start : start + _CHUNK]
        full = signatures([forms[row] for row in rows.tolist()])
        signature[rows] = short_signatures(full)
        keys[:, rows] = band_keys(full)
    return Columns(
        document.astype(np.uint32),
        paragraph.astype(np.uint32),
        line.astype(np.uint32),
        length,
        np.frombuffer(digests, "<u8").reshape(-1, 2).astype(np.uint64),
        signature,
        keys,
    )
