"""Likely pairs become edges: ratio and fact guard, some thousand pairs at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec
import numpy as np
from msgspec.structs import replace

from cleaner.dedup.candidates import unpacked
from cleaner.dedup.facts import FactGuard
from cleaner.dedup.signatures import U64, Ints
from cleaner.dedup.survivors import direct
from cleaner.dedup.verify import Edges, verify
from cleaner.engine.base import Engine
from cleaner.io.edges import EDGE, EdgeFiles
from cleaner.io.ledger_records import packed, packed_place
from cleaner.io.pairs import B_FIRST, kept_sides
from cleaner.io.scratch import read_array, write_lines
from cleaner.judging.grouping import Likely
from cleaner.judging.kept import Pairs, hold_back, staying
from cleaner.rows import Rows
from cleaner.settings import NearDuplicateSettings
from cleaner.text.decisions import KEPT

_PAIRS_A_TASK = 4_000
_SAMPLED = 64  # one priority in so many tells how edges are shared out
_HEAVIEST = (1 << 24) - 1

_Slice = tuple[bytes, int, int]  # of a file of likely pairs


class Verified(msgspec.Struct, frozen=True):
    """All edges, what was counted, and priorities drawn from those that may be used (sorted)."""

    edges: EdgeFiles
    counts: Counter[str]
    sample: U64


class _Verifying(msgspec.Struct, frozen=True):
    rows: Rows
    folder: bytes
    settings: NearDuplicateSettings
    guard: FactGuard
    pairs: Pairs


def find_edges(
    likely: Sequence[Likely],
    rows: Rows,
    folder: bytes,
    settings: NearDuplicateSettings,
    guard: FactGuard,
    engine: Engine,
    pairs: Pairs = frozenset(),
) -> Verified:
    """Return the near-duplicate pairs among the likely ones; of `pairs` a decision keeps both."""
    tasks = list(enumerate(_shared_out(likely)))
    counts = Counter(compared=sum(each.pairs for each in likely))
    samples = [np.empty(0, np.uint64)]
    told = _Verifying(rows, folder, settings, guard, pairs)
    for found, sample in engine.map(partial(_verify, told=told), tasks):
        counts.update(found)
        samples.append(sample)
    return Verified(EdgeFiles(folder, len(tasks)), counts, np.sort(np.concatenate(samples)))


def _shared_out(likely: Sequence[Likely]) -> Iterator[list[_Slice]]:
    """Yield what each task takes: slices of files."""
    task: list[_Slice] = []
    room = _PAIRS_A_TASK
    for each in likely:
        at = 0
        while at < each.pairs:
            stop = min(each.pairs, at + room)
            task.append((each.name, at, stop))
            room -= stop - at
            at = stop
            if not room:
                yield task
                task, room = [], _PAIRS_A_TASK
    if task:
        yield task


def _verify(task: tuple[int, list[_Slice]], told: _Verifying) -> tuple[Counter[str], U64]:
    """Leave the edges of some pairs, and say how many there are of which kind."""
    number, slices = task
    rows, settings = told.rows, told.settings
    pairs = unpacked(
        np.concatenate([read_array(told.folder, name, np.uint64, 0, *part) for name, *part in slices])
    )
    allowed = _titles_stay(verify(pairs, rows.texts, told.guard, settings.threshold), rows)
    edges = hold_back(allowed, rows, told.pairs)
    a_first = rows.order(edges.a) < rows.order(edges.b)
    goes, stays, usable = direct(edges, settled=rows.settled, a_first=a_first)
    records = np.empty(len(edges), EDGE)
    records["goes"], records["stays"], records["score"] = goes, stays, edges.score
    a_goes = goes == edges.a
    records["priority"] = _priority(goes, np.where(a_goes, edges.weight_a, edges.weight_b), rows)
    before = _priority(stays, np.where(a_goes, edges.weight_b, edges.weight_a), rows)
    records["before"] = np.where(stays < rows.settled, records["priority"], before)
    records["usable"] = usable
    held = ~usable & np.where(a_goes, allowed.drop_a & ~edges.drop_a, allowed.drop_b & ~edges.drop_b)
    if held.any():
        edges = replace(
            edges, reason=tuple(KEPT if own else told for own, told in zip(held, edges.reason, strict=True))
        )
    files = EdgeFiles(told.folder, 0)
    files.save(number, records, edges.reason)
    _write_lines(files.path(number), edges, rows, told.pairs)
    outweighed = (edges.a < rows.settled) & (edges.weight_b > edges.weight_a)
    richer = outweighed & (edges.drop_a | edges.drop_b)  # in one run the newcomer would come first
    counts = Counter(usable=int(usable.sum()), blocked=int((~usable).sum()), richer=int(richer.sum()))
    return counts, np.sort(records["priority"][usable])[::_SAMPLED]


def _titles_stay(edges: Edges, rows: Rows) -> Edges:
    """Let no first paragraph, which is a title or a lead, go for the sake of its own document."""
    a, b = rows.place.take(edges.a), rows.place.take(edges.b)
    return replace(edges, drop_a=edges.drop_a & ~((a[:, 0] == b[:, 0]) & (a[:, 1] == 0)))


def _priority(goes: Ints, weight: Ints, rows: Rows) -> U64:
    """Return the place of rows among all that may go: what states more comes first, then `rows.order`, in
    which rows of one document may be equal here.
    """
    heavy = (_HEAVIEST - np.minimum(weight, _HEAVIEST)).astype(np.uint64)
    place: U64 = (heavy << np.uint64(40)) | rows.coarse_order(goes).astype(np.uint64)
    return place


def _write_lines(path: bytes, edges: Edges, rows: Rows, kept: Pairs) -> None:
    """Write edges as `state/edges/` holds them."""
    encode = msgspec.json.Encoder().encode
    places = rows.placed(np.concatenate((edges.a, edges.b, edges.weaker.ravel())), text=False)
    sides = {row: msgspec.Raw(encode(packed_place(place))) for row, place in places.items()}
    lists = (edges.a, edges.b, edges.score, edges.drop_a, edges.drop_b, edges.weight_a, edges.weight_b)
    ranked = _ranks_told(edges.a, edges.b, rows)
    lines = [
        encode({
            "a": sides[a], "b": sides[b], "score": score, "drop_a": drop_a, "drop_b": drop_b,
            "facts": [weight_a, weight_b], "reason": packed(reason), **rank,
        })
        for a, b, score, drop_a, drop_b, weight_a, weight_b, reason, rank in zip(
            *(column.tolist() for column in lists), edges.reason, ranked, strict=True
        )
    ]  # fmt: skip
    ranked = _ranks_told(edges.weaker[:, 0], edges.weaker[:, 1], rows)
    stays = staying(edges.weaker, rows, kept)
    weaker = zip(edges.weaker.tolist(), edges.weaker_score.tolist(), ranked, stays.tolist(), strict=True)
    lines += [
        encode({"a": sides[a], "b": sides[b], "score": score, **rank, **kept_sides(*stay)})
        for (a, b), score, rank, stay in weaker
    ]
    write_lines(path, lines)


def _ranks_told(a: Ints, b: Ints, rows: Rows) -> list[dict[str, str]]:
    """Return what is said of each pair beside the rest: that b is ranked first, where it is."""
    return [B_FIRST if b_first else {} for b_first in (rows.order(b) < rows.order(a)).tolist()]
