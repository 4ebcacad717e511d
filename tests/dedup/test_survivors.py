"""Who stays: against every drop stands a paragraph that stays, an edge that allows it, and no chain."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from cleaner.dedup.survivors import Verdicts, decide, direct, document_order
from cleaner.dedup.verify import Edges

derandomized = settings(derandomize=True, deadline=None, max_examples=300)


class Graph(Struct, frozen=True):
    """Edges over few rows; `settled` rows are published."""

    edges: Edges
    settled: int

    def directed(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        a_first = self.edges.a < self.edges.b  # no document is ranked
        return direct(self.edges, settled=self.settled, a_first=a_first)

    def verdicts(self) -> Verdicts:
        goes, stays, usable = self.directed()
        edge = np.flatnonzero(usable)
        found = decide(goes[edge], stays[edge], self.edges.score[edge])
        return replace(found, edge=edge[found.edge])


def made(rows: list[tuple[int, int, float, bool, bool]], weights: list[int]) -> Edges:
    a, b, score, drop_a, drop_b = zip(*rows, strict=True) if rows else ((),) * 5
    return Edges(
        np.array(a, np.int64),
        np.array(b, np.int64),
        np.array(score, np.float64),
        np.array(drop_a, np.bool_),
        np.array(drop_b, np.bool_),
        np.array([weights[row] for row in a], np.int64),
        np.array([weights[row] for row in b], np.int64),
        ("same facts",) * len(rows),
        np.empty((0, 2), np.int64),
        np.empty(0),
    )


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(2, 9))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
        lambda pair: pair[0] < pair[1]
    )
    scores = st.sampled_from([80.0, 90.0, 95.0, 100.0])
    rows = [
        (a, b, draw(scores), draw(st.integers(0, 3)) > 0, draw(st.integers(0, 3)) > 0)
        for a, b in draw(st.lists(pairs, unique=True, max_size=16))
    ]
    weights = draw(st.lists(st.sampled_from([0, 1, 100, 204]), min_size=count, max_size=count))
    return Graph(made(rows, weights), draw(st.integers(0, count)))


@derandomized
@given(graphs())
def test_every_row_that_goes_has_a_survivor_that_stays(graph: Graph) -> None:
    verdicts = graph.verdicts()
    assert not set(verdicts.row.tolist()) & set(verdicts.survivor.tolist())
    assert len(set(verdicts.row.tolist())) == len(verdicts.row)


@derandomized
@given(graphs())
def test_the_edge_of_a_verdict_allows_it(graph: Graph) -> None:
    verdicts, edges = graph.verdicts(), graph.edges
    for row, survivor, edge in zip(verdicts.row, verdicts.survivor, verdicts.edge, strict=True):
        assert {int(edges.a[edge]), int(edges.b[edge])} == {int(row), int(survivor)}
        assert (edges.drop_a if row == edges.a[edge] else edges.drop_b)[edge]


@derandomized
@given(graphs())
def test_nothing_settled_goes(graph: Graph) -> None:
    assert all(row >= graph.settled for row in graph.verdicts().row.tolist())


@derandomized
@given(graphs())
def test_of_two_the_one_that_goes_says_less_or_came_later(graph: Graph) -> None:
    verdicts, edges = graph.verdicts(), graph.edges
    for row, edge in zip(verdicts.row.tolist(), verdicts.edge.tolist(), strict=True):
        own, other = edges.weight_b[edge], edges.weight_a[edge]
        if row == edges.a[edge]:
            assert other < own
        else:
            assert own <= other or edges.a[edge] < graph.settled


@derandomized
@given(graphs())
def test_no_row_stays_beside_a_survivor_that_allows_it_to_go(graph: Graph) -> None:
    goes, stays, usable = graph.directed()
    gone = set(graph.verdicts().row.tolist())
    for loser, winner in zip(goes[usable].tolist(), stays[usable].tolist(), strict=True):
        assert loser in gone or winner in gone


@derandomized
@given(graphs())
def test_of_several_survivors_the_most_alike_is_named(graph: Graph) -> None:
    goes, stays, usable = graph.directed()
    verdicts = graph.verdicts()
    gone = set(verdicts.row.tolist())
    for row, survivor, edge in zip(verdicts.row, verdicts.survivor, verdicts.edge, strict=True):
        possible = [
            (-graph.edges.score[number], stays[number])
            for number in np.flatnonzero(usable & (goes == row))
            if int(stays[number]) not in gone
        ]
        assert min(possible) == (-graph.edges.score[edge], survivor)


@derandomized
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_the_edges_does_not_matter(graph: Graph, random) -> None:
    order = list(range(len(graph.edges)))
    random.shuffle(order)
    names = ("a", "b", "score", "drop_a", "drop_b", "weight_a", "weight_b")
    shuffled = replace(graph.edges, **{name: getattr(graph.edges, name)[order] for name in names})
    one, other = graph.verdicts(), replace(graph, edges=shuffled).verdicts()
    assert (one.row.tolist(), one.survivor.tolist()) == (other.row.tolist(), other.survivor.tolist())
    assert one.edge.tolist() == [order[edge] for edge in other.edge.tolist()]


@derandomized
@given(graphs(), st.integers(0, 8))
def test_more_published_rows_are_never_a_loss_of_published_text(graph: Graph, settled: int) -> None:
    assert all(row >= settled for row in replace(graph, settled=settled).verdicts().row.tolist())


def test_a_chain_drops_only_what_is_near_a_survivor() -> None:
    edges = made([(0, 1, 95.0, True, True), (1, 2, 95.0, True, True)], [0, 0, 0])
    verdicts = Graph(edges, 0).verdicts()
    assert (verdicts.row.tolist(), verdicts.survivor.tolist()) == ([1], [0])


def test_a_long_chain_ends() -> None:
    rows = [(number, number + 1, 95.0, True, True) for number in range(3_000)]
    verdicts = Graph(made(rows, [0] * 3_001), 0).verdicts()
    assert verdicts.row.tolist() == list(range(1, 3_001, 2))


def test_the_side_that_says_more_stays_though_it_came_later() -> None:
    verdicts = Graph(made([(0, 1, 95.0, True, False)], [100, 200]), 0).verdicts()
    assert (verdicts.row.tolist(), verdicts.survivor.tolist()) == ([0], [1])


def test_published_text_stays_though_the_newcomer_says_more() -> None:
    assert Graph(made([(0, 1, 95.0, True, False)], [100, 200]), 1).verdicts().row.tolist() == []


def test_a_newcomer_that_may_go_goes_for_published_text() -> None:
    verdicts = Graph(made([(0, 1, 95.0, True, True)], [100, 200]), 1).verdicts()
    assert (verdicts.row.tolist(), verdicts.survivor.tolist()) == ([1], [0])


def test_of_two_that_say_as_much_the_one_that_comes_first_stays() -> None:
    edges = made([(0, 1, 95.0, True, True)] * 2, [7, 7])
    goes, stays, _ = direct(edges, settled=0, a_first=np.array([True, False]))
    assert (goes.tolist(), stays.tolist()) == ([1, 0], [0, 1])
    goes, _, usable = direct(edges, settled=1, a_first=np.array([True, False]))
    assert (goes.tolist(), usable.tolist()) == ([1, 1], [True, True]), "what is published stays"


@derandomized
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=9), st.integers(0, 9))
def test_documents_are_ordered_by_rank_once_they_are_new(rank: list[tuple[int, int]], settled: int) -> None:
    """What is published has no rank."""
    rank[:settled] = [(0, 0)] * len(rank[:settled])
    expected = sorted(range(len(rank)), key=lambda each: (each >= settled, rank[each], each))
    found = document_order(np.array(rank, np.int64).reshape(-1, 2), settled)
    assert np.argsort(found).tolist() == expected
