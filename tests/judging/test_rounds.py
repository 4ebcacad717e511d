"""Rounds over parts of the edges decide what `decide` does with all of them at once, on any engine."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shuffling import ShufflingEngine
from small_corpora import MEMORY

from cleaner.dedup.survivors import decide
from cleaner.engine.base import Engine
from cleaner.engine.local import LocalEngine
from cleaner.io import edges as edge_files
from cleaner.io.edges import EDGE, EdgeFiles
from cleaner.judging.judged import Pairs
from cleaner.judging.rounds import decide_in_rounds

CASES = json.loads((Path(__file__).parents[1] / "cases/rounds.json").read_text("utf-8"))
PARTS = [1, 3, 7]


class Repeating(LocalEngine):
    """Does every task twice, as an engine may of which machines fail."""

    def group(self, function, grouped):  # type: ignore[no-untyped-def]
        for part in grouped.parts:
            first, again = (function(part, grouped.gather(part)) for _ in range(2))
            assert first == again
            yield again


ENGINES = [LocalEngine(1), ShufflingEngine(1), Repeating(1)]


@dataclass(frozen=True)
class Graph:
    """Edges (goes, stays, score), of which some are usable, and the place of each row in order of priority;
    rows at one place come as they are numbered. Rows below `settled` are published.
    """

    edges: list[tuple[int, int, float, bool]]
    place: list[int]
    settled: int = 0

    def records(self) -> np.ndarray:
        found = np.zeros(len(self.edges), EDGE)
        if self.edges:
            for name, column in zip(
                ("goes", "stays", "score", "usable"), zip(*self.edges, strict=True), strict=True
            ):
                found[name] = column
            found["priority"] = np.array(self.place)[found["goes"]]
            found["before"] = np.array(self.place)[found["stays"]]
        return found

    def one_by_one(self) -> dict[int, int]:
        """Who goes for whom, row by row in the order of priority."""
        gone: dict[int, int] = {}
        for row in sorted(range(self.settled, len(self.place)), key=lambda row: (self.place[row], row)):
            own = [edge for edge in self.edges if edge[0] == row and edge[3] and edge[1] not in gone]
            if own:
                gone[row] = min((-score, stays) for _, stays, score, _ in own)[1]
        return gone


Verdict = tuple[int, int, int, float]  # row, survivor, number of the edge, score


def at_once(graph: Graph, numbers: np.ndarray) -> list[Verdict]:
    records = graph.records()
    usable = np.flatnonzero(records["usable"])
    goes, stays = (records[name][usable].astype(np.int64) for name in ("goes", "stays"))
    found = decide(goes, stays, records["score"][usable])
    edge = usable[found.edge]
    columns = found.row, found.survivor, numbers[edge], records["score"][edge]
    return list(zip(*(column.tolist() for column in columns), strict=True))


def in_rounds(graph: Graph, borders: list[int], size: int, engine: Engine) -> Iterator[list[Verdict]]:
    """Yield what was decided, then (see `Graph.records`) what `decide` says; files hold `size` edges each."""
    records = graph.records()
    with tempfile.TemporaryDirectory(dir=MEMORY) as name, patch.object(edge_files, "_READ", 2):
        folder = name.encode()
        count = -(-len(records) // size)
        files = EdgeFiles(folder, count)
        for number in range(count):
            part = records[number * size :][:size]
            files.save(number, part, [""] * len(part))
        before = set(Path(name).iterdir())
        names = decide_in_rounds(files, folder, np.array(borders, np.uint64), engine)
        assert len(names) == len(borders) + 1
        told = [each for verdicts in names for each in Pairs(folder, verdicts).told(0, len(graph.place))]
        yield [(row, survivor, edge, score) for row, survivor, score, edge in sorted(told)]
        yield at_once(graph, np.concatenate([np.empty(0, np.int64), *(numbers for _, numbers in files)]))
        left = {path.name.split(".")[0].encode() for path in set(Path(name).iterdir()) - before}
        assert left == set(names), "nothing else is left behind"


def cut(places: list[int], parts: int) -> list[int]:
    """Borders that cut what would go into so many parts, or fewer, where many rows stand at one place."""
    ordered = sorted(places)
    return sorted({ordered[len(ordered) * number // parts] for number in range(1, parts)}) if ordered else []


@pytest.mark.parametrize("engine", ENGINES, ids=["gathered", "sent", "done twice"])
@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_cases(case: dict[str, Any], parts: int, engine: Engine) -> None:
    edges = [(*edge, True) for edge in case["edges"]] + [(*edge, False) for edge in case.get("kept", ())]
    rows = max((row for goes, stays, *_ in edges for row in (goes, stays)), default=0) + 1
    graph = Graph(edges, case.get("place", list(range(rows))), case.get("settled", 0))
    borders = cut([graph.place[goes] for goes, *_ in edges], parts)
    found, expected = in_rounds(graph, borders, 1, engine)
    assert found == expected
    assert [list(each[:2]) for each in found] == case["goes"]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Edges to what comes before; some are as alike, or there twice; what is published stands anywhere."""
    count = draw(st.integers(2, 16))
    settled = draw(st.integers(0, 3))
    place = draw(st.lists(st.integers(0, 12), min_size=count, max_size=count))
    row = st.integers(0, count - 1)
    edges = []
    for one, other, score, usable in draw(
        st.lists(st.tuples(row, row, st.sampled_from([85.0, 90.0, 90.5]), st.integers(0, 5)), max_size=40)
    ):
        stays, goes = sorted((one, other), key=lambda row: (row >= settled, place[row], row))
        if goes != stays:
            edges.append((goes, stays, score, usable > 0 and goes >= settled))
    return Graph(edges, place, settled)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(graphs(), st.sampled_from(PARTS), st.integers(1, 9), st.lists(st.integers(0, 14), max_size=4))
def test_any_parts_decide_as_one(graph: Graph, parts: int, size: int, more: list[int]) -> None:
    """`more` borders leave parts without edges."""
    borders = sorted({*cut([graph.place[goes] for goes, *_ in graph.edges], parts), *more})
    for engine in ENGINES:
        found, expected = in_rounds(graph, borders, size, engine)
        assert found == expected
    assert {row: survivor for row, survivor, *_ in found} == graph.one_by_one()


class Counting(LocalEngine):
    """Counts stages."""

    stages = 0

    def group(self, function, grouped):  # type: ignore[no-untyped-def]
        self.stages += 1
        return super().group(function, grouped)


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("places", [range(400), [row % 20 * 20 + row // 20 for row in range(400)]])
def test_a_long_chain_takes_no_more_rounds_than_there_are_parts(places: list[int], parts: int) -> None:
    order = sorted(range(400), key=lambda row: places[row])
    graph = Graph([(row, before, 90.0, True) for before, row in pairwise(order)], places)
    engine = Counting(1)
    found, expected = in_rounds(graph, cut(list(places), parts), 50, engine)
    assert found == expected
    assert len(found) == 200
    assert engine.stages == (1 if parts == 1 else parts + 1)
