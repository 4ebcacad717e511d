"""Rows that decisions keep, as the judge minds them: before anything is decided, so that others may go for
their sake.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from cleaner.dedup.columns import exact_digest
from cleaner.dedup.signatures import Ints
from cleaner.dedup.verify import Edges
from cleaner.io.scans import KEPT
from cleaner.io.scratch import write_at
from cleaner.rows import Rows

Pairs = frozenset[bytes]  # the exact hashes of two texts, behind each other
_ROWS = 1 << 20  # at a time


def mark_rejected(rows: Rows, rejected: Sequence[tuple[str, str]]) -> Pairs:
    """Mark the rows that must not go because of another text which is among the rows, too; `rejected` are
    (form, form of the other). Return the pairs of which neither goes for the other.
    """
    pairs = [(exact_digest(form), exact_digest(other)) for form, other in rejected]
    found: dict[bytes, list[int]] = {}
    sought = np.frombuffer(b"".join(digest for pair in pairs for digest in pair), "<u8")[::2]
    for start in range(0, len(rows) if pairs else 0, _ROWS):
        exact = rows.exact.between(start, min(start + _ROWS, len(rows)))
        for row in np.flatnonzero(np.isin(exact[:, 0], sought)).tolist():
            found.setdefault(exact[row].tobytes(), []).append(start + row)
    kept = [row for digest, other in pairs if other in found for row in found.get(digest, ())]
    if kept:
        flags = rows.flags.between(0, len(rows))
        flags[kept] |= KEPT
        write_at(os.path.join(rows.folder, b"flags"), 0, flags)
    return frozenset(one + other for pair in pairs for one, other in (pair, pair[::-1]))


def kept(rows: Rows, chosen: Ints) -> NDArray[np.bool_]:
    """Tell which rows a decision keeps."""
    found: NDArray[np.bool_] = rows.flags.take(chosen) & KEPT != 0
    return found


def hold_back(edges: Edges, rows: Rows, pairs: Pairs) -> Edges:
    """Let no row go that a decision keeps, and of a rejected pair neither for the other."""
    stays = staying(np.stack((edges.a, edges.b), axis=1), rows, pairs)
    return replace(edges, drop_a=edges.drop_a & ~stays[:, 0], drop_b=edges.drop_b & ~stays[:, 1])


def staying(both: Ints, rows: Rows, pairs: Pairs) -> NDArray[np.bool_]:
    """Tell of pairs of rows (m x 2) which sides a decision keeps, whatever the guard says."""
    stays = kept(rows, both.ravel()).reshape(-1, 2)
    for number in np.flatnonzero(stays.any(axis=1)).tolist() if pairs else ():
        stays[number] |= rows.exact.take(both[number]).tobytes() in pairs
    return stays
