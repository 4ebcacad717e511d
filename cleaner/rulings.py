"""What the judge said, as those who write a shard want it: by document and paragraph, with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct, field

from cleaner.judging.judged import Judged
from cleaner.text.compose import Ruling
from cleaner.text.decisions import DECIDED, KEPT


class Rulings(Struct, frozen=True):
    """What the judge said of the documents of one shard, which count from its start: of paragraphs, by
    document; and of documents, as (path, record, id) of the one that holds almost all of it. `keys` are
    those of documents of which something goes and something stays.
    """

    paragraphs: Mapping[int, Mapping[int, Sequence[Ruling]]] = field(default_factory=dict)
    duplicates: Mapping[int, tuple[str, int, str]] = field(default_factory=dict)
    keys: Mapping[int, int] = field(default_factory=dict)


def rulings_of(judged: Judged, segment: int) -> Rulings:
    """Return what was ruled on the paragraphs and documents of a segment."""
    rows, first = judged.rows, judged.rows.first_document(segment)
    fates, held_back = judged.fates(segment), judged.held_back(segment)
    ruled = np.array([*fates, *(held.row for held in held_back)], np.int64)
    others = [*(fate.survivor for fate in fates.values()), *(held.other for held in held_back)]
    places = rows.placed(np.array(others, np.int64))
    rulings = [
        *(Ruling(True, fate.rule, fate.score, fate.reason, places[fate.survivor]) for fate in fates.values()),
        *(
            Ruling(False, _held_by(held.reason), held.score, held.reason, places[held.other])
            for held in held_back
        ),
    ]
    paragraphs: dict[int, dict[int, list[Ruling]]] = {}
    for (document, paragraph, _), ruling in zip(rows.place.take(ruled).tolist(), rulings, strict=True):
        paragraphs.setdefault(document - first, {}).setdefault(paragraph, []).append(ruling)
    own = judged.documents(segment)
    holders = judged.duplicates(segment, own, fates)
    names = rows.names(np.array([*holders.values()], np.int64))
    named = {document: names[holder] for document, holder in holders.items()}
    return Rulings(paragraphs, named, judged.keys_of_lessened(segment, own))


def _held_by(reason: str) -> str:
    return DECIDED if reason == KEPT else "facts"
