"""Judging a whole run: from the rows of all segments to who goes, for whose sake, and who was held back.

    grouping    rows with the text of another one; then pairs of rows that share a key, and of these the
                ones whose sketches are likely to be of alike texts
    verifying   ratio and fact guard of the likely pairs                        -> edges
    settling    fixed-priority rounds (rounds), and what follows from them      -> verdicts
    judged      what was decided, by rows

What one step leaves for the next stands on disk, and what is held of it at a time follows from `memory`
alone. Results do not depend on it, nor on the engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from cleaner.dedup.documents import Documents, same_documents
from cleaner.dedup.facts import FactGuard
from cleaner.engine.base import Engine
from cleaner.io.scratch import make_folder
from cleaner.judging.grouping import find_copies, find_pairs, grouping
from cleaner.judging.judged import Judged
from cleaner.judging.kept import mark_rejected
from cleaner.judging.settling import settle
from cleaner.judging.verifying import find_edges
from cleaner.rows import Rows
from cleaner.settings import FactWords, NearDuplicateSettings


def judge(
    rows: Rows,
    documents: Documents,
    settings: NearDuplicateSettings,
    facts: Sequence[FactWords],
    engine: Engine,
    folder: bytes,
    memory: int,
    rejected: Sequence[tuple[str, str]] = (),
) -> tuple[Judged, Counter[str]]:
    """Decide which paragraphs go, and leave that in `folder`; return it with what was counted. `memory` is
    what one process may hold of what is judged, in bytes.

    Rows below `rows.settled` are published and stay; of others that state equally much, the one lower in
    `rows.order` stays. Rows that decisions keep stay, too; `rejected` are the matching forms of texts of
    which the first does not go because of the second.
    """
    pairs = mark_rejected(rows, rejected)
    told = grouping(rows, make_folder(folder), settings.bucket_cap, memory)
    find_copies(told, engine)
    likely, left_out = find_pairs(told, engine)
    verified = find_edges(likely, rows, folder, settings, FactGuard(facts, settings.facts), engine, pairs)
    twins = np.empty((0, 3), np.int64)
    if settings.whole_documents:
        twins = same_documents(
            documents, rows.exact.take, rows.document_order(),
            settled=rows.settled, min_characters=settings.min_characters,
        )  # fmt: skip
    judged = settle(rows, verified, twins, folder, memory, engine)
    return judged, verified.counts + Counter(left_out=left_out)
