"""What the judge knows of paragraphs: columns, one row a paragraph, never an object a paragraph.

Scanning yields the columns of one shard; the judge sees those of a run, under one numbering: first
the paragraphs of earlier runs, then by path, record and place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
from msgspec import Struct

from cleaner.dedup.signatures import BANDS, U32, U64, Ints, short_signatures, signatures

_EMPTY = blake2b(digest_size=16)
_CHUNK = 4096  # paragraphs signed at a time: 2 MB of full signatures
WORDS = BANDS + 1  # of a sketch
LENGTH = BANDS  # which of them is the length


class Columns(Struct, frozen=True):
    """n rows: `place` (n x 3) says where a paragraph stands: document, paragraph, line (documents count
    from the start of the shard, or of the run); `exact` (n x 2) is the 128-bit hash of its matching form.

    `sketch` (n x 33) is its MinHash, a word of four 8-bit values a band, zero where the paragraph is
    too short or too long to be compared, and at last its characters in matching form. Together they are
    160 bytes a row, and what two rows are compared by lies side by side.
    """

    place: U32
    exact: U64
    sketch: U32

    def __len__(self) -> int:
        return len(self.place)

    @property
    def document(self) -> U32:
        """The document of each row."""
        return self.place[:, 0]

    @property
    def length(self) -> U32:
        """The characters of each row in matching form."""
        return self.sketch[:, LENGTH]

    def between(self, start: int, stop: int) -> Columns:
        """Return the rows from `start` to `stop`."""
        return Columns(self.place[start:stop], self.exact[start:stop], self.sketch[start:stop])


def joined(parts: Iterable[Columns]) -> Columns:
    """Return the columns of several parts, in order; there is one at least."""
    place, exact, sketch = zip(*((part.place, part.exact, part.sketch) for part in parts), strict=True)
    return Columns(np.concatenate(place), np.concatenate(exact), np.concatenate(sketch))


def exact_digest(form: str) -> bytes:
    """Return the hash by which equal forms are known (16 bytes)."""
    digest = _EMPTY.copy()  # in less time than another is made
    digest.update(form.encode("utf-8", "surrogatepass"))
    return digest.digest()


def columns(forms: Sequence[str], place: Ints, limits: tuple[int, int]) -> Columns:
    """Return the columns of paragraphs in matching form; those of limits[0] to limits[1] characters
    get signatures.
    """
    length = np.fromiter(map(len, forms), np.uint32, len(forms))
    digests = b"".join(map(exact_digest, forms))
    compared = np.flatnonzero((length >= limits[0]) & (length <= limits[1]))
    sketch = np.zeros((len(forms), WORDS), np.uint32)
    sketch[:, LENGTH] = length
    for start in range(0, len(compared), _CHUNK):
        rows = compared[start : start + _CHUNK]
        values = short_signatures(signatures([forms[row] for row in rows.tolist()]))
        sketch[rows, :BANDS] = values.view("<u4")
    return Columns(
        place.astype(np.uint32).reshape(-1, 3),
        np.frombuffer(digests, "<u8").reshape(-1, 2).astype(np.uint64),
        sketch,
    )
