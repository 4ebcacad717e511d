"""Fixed-priority rounds over all edges, in parts: the edges of what would go in some range of priority.

A part decides what follows from its own edges. What a row would go for comes before it, so it belongs to the
same part or to one before: of what other parts decide a part asks once, and is told when it is known. A round
is a stage over the parts that were asked or told something. Each gives at least one more part all that it has
asked for, so that after the first two there are no more rounds than parts, however long chains are.

Each part leaves files of its own in each round, made from those of rounds before, and what it has to say to
others in another one. The driver knows which parts speak, and in which round each was last told something.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import count

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from cleaner.dedup.candidates import each_once, packed, unpacked
from cleaner.dedup.signatures import U64
from cleaner.dedup.survivors import follow
from cleaner.engine.base import Engine
from cleaner.io.edges import EdgeFiles
from cleaner.io.scratch import read_value, remove, write_value
from cleaner.judging.judged import save_pairs
from cleaner.judging.spreading import Found, Spread, all_of

# An edge that counts. `of` is the part that decides `stays`: the own one, too, once that is known to stay.
_EDGE = np.dtype([
    ("goes", "<u4"), ("stays", "<u4"), ("score", "<f8"), ("edge", "<i8"), ("of", "<u4"),
])  # fmt: skip
_GOES, _STAYS, _ASKED = range(3)  # what is said of a row: from _ASKED on the number of the part that asks


class _Round(Struct, frozen=True):
    """What tasks are told: the edges, the first priority of each part but the first, the number of this
    round, and that of the last one in which each part was told something.
    """

    edges: EdgeFiles
    folder: bytes
    borders: U64
    number: int
    before: Sequence[int]


class _State(Struct, frozen=True):
    """What a part knows: the edges that count; one for each row that goes for the best of all it could go
    for; and (row, part) of what it was asked and cannot answer yet, packed.
    """

    edges: NDArray[np.void]
    final: NDArray[np.void]
    asked: U64


def decide_in_rounds(edges: EdgeFiles, folder: bytes, borders: U64, engine: Engine) -> list[bytes]:
    """Leave the verdicts of each part, in row order; return the names of the files. Parts begin at
    `borders`, which ascend, and hold what fits into memory.
    """
    parts = len(borders) + 1
    told = _Round(edges, folder, borders, 0, (0,) * parts)
    usable = Spread(parts, edges.spans, _EDGE, partial(_usable, told=told))
    speak: list[bool | None] = [*engine.group(partial(_begin, told=told), usable)]
    for number in count(1):
        speaking = [part for part, speaks in enumerate(speak) if speaks]
        if not speaking:
            break
        words = Spread(parts, speaking, np.uint64, partial(_words, folder=folder, number=number - 1))
        told = replace(told, number=number)
        speak = [*engine.group(partial(_listen, told=told), words)]
        remove(folder, *(_said(part, number - 1) for part in speaking))
        listened = [part for part, speaks in enumerate(speak) if speaks is not None]
        remove(folder, *(_left(part, told.before[part]) for part in listened))
        before = np.array(told.before)
        before[listened] = number
        told = replace(told, before=before.tolist())
    remove(folder, *(_left(part, number) for part, number in enumerate(told.before)))
    return [_verdicts(part) for part in range(parts)]


def _usable(files: Iterable[int], told: _Round) -> Found:
    """Return the edges of some files that may be used, and which part decides each."""
    found = [all_of(_EDGE, ())]
    parts = [np.empty(0, np.int64)]
    for edges, numbers in told.edges.some(files):
        usable = edges["usable"]
        own = np.searchsorted(told.borders, edges["priority"][usable], side="right")
        other = np.searchsorted(told.borders, edges["before"][usable], side="right")
        records = np.empty(len(own), _EDGE)
        for name in ("goes", "stays", "score"):
            records[name] = edges[name][usable]
        records["edge"] = numbers[usable]
        records["of"] = other
        found.append(records)
        parts.append(own)
    return np.concatenate(found), np.concatenate(parts)


def _words(part: int, folder: bytes, number: int) -> Found:
    """Return what a part has said to others in a round."""
    found: Found = read_value(folder, _said(part, number))
    return found


def _begin(part: int, found: Iterable[NDArray[np.void]], told: _Round) -> bool:
    """Decide what follows from the edges of a part; ask other parts for the rest. Tell whether it did."""
    edges = all_of(_EDGE, found)
    edges = edges[np.argsort(edges["edge"], kind="stable")]
    foreign = edges[edges["of"] != part]
    asked = unpacked(each_once(packed(foreign["of"], foreign["stays"])))
    questions = packed(asked[:, 1], np.full(len(asked), _ASKED + part))
    state = _State(edges, edges[:0], np.empty(0, np.uint64))
    return _go_on(part, state, [(questions, asked[:, 0])], told)


def _listen(part: int, heard: Iterable[U64], told: _Round) -> bool | None:
    """Decide what follows from what others have said. Tell whether the part has something to say in turn;
    None where nothing was said to it.
    """
    row, said = unpacked(all_of(np.uint64, heard)).T
    if not len(row):
        return None
    state: _State = read_value(told.folder, _left(part, told.before[part]))
    edges, foreign = state.edges, state.edges["of"] != part
    stays = edges["stays"]
    edges["of"][foreign & np.isin(stays, row[said == _STAYS])] = part
    edges = edges[~(foreign & np.isin(stays, row[said == _GOES]))]
    asks = said >= _ASKED
    asked = np.concatenate((state.asked, packed(row[asks], said[asks] - _ASKED)))
    return _go_on(part, _State(edges, state.final, asked), [], told)


def _go_on(part: int, state: _State, words: list[Found], told: _Round) -> bool:
    """Leave what is known now, tell others what they asked for, and whether there is anything to say."""
    edges = state.edges
    followed = follow(edges["goes"], edges["stays"], edges["score"], edges["of"] != part)
    row, asking = unpacked(state.asked).T
    stays, goes = followed.of(row)
    goes |= np.isin(row, state.final["goes"])
    known = stays | goes
    words.append((packed(row[known], np.where(goes, _GOES, _STAYS)[known]), asking[known]))
    left = edges[followed.edge]
    waits = np.isin(left["goes"], left["goes"][followed.open])
    final = np.concatenate((state.final, left[~waits]))
    write_value(told.folder, _left(part, told.number), _State(left[waits], final, state.asked[~known]))
    if not waits.any():
        left = final[np.argsort(final["goes"])]
        save_pairs(
            told.folder, _verdicts(part), packed(left["goes"], left["stays"]), left["edge"], left["score"]
        )
    said, to = (np.concatenate(each) for each in zip(*words, strict=True))
    if len(said):
        write_value(told.folder, _said(part, told.number), (said, to))
    return len(said) > 0


def _left(part: int, number: int) -> bytes:
    return b"part-%05d-%05d" % (part, number)


def _said(part: int, number: int) -> bytes:
    return b"words-%05d-%05d" % (part, number)


def _verdicts(part: int) -> bytes:
    return b"verdicts-%05d" % part
