"""The judge over small corpora: who goes, for whose sake, and who is held back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rapidfuzz.fuzz import ratio
from small_corpora import Corpus, judged

from cleaner.dedup.facts import Answer, FactGuard
from cleaner.dedup.verify import FLOOR, verify
from cleaner.text.normalize import matching_form

CASES = json.loads((Path(__file__).parents[1] / "cases" / "judge.json").read_text(encoding="utf-8"))
derandomized = hypothesis_settings(derandomize=True, deadline=None, max_examples=60)
SENTENCE = "bà con trong bản cùng nhau sửa lại con đường dẫn ra chợ huyện trước mùa mưa lũ"
BASE = SENTENCE.split(" ")
variants = st.tuples(st.integers(0, 16), st.sampled_from(["này", "kia", "5", "Mường", "không", ""]))
corpora = st.lists(variants, max_size=8).map(
    lambda found: [" ".join(w for w in [*BASE[:at], word, *BASE[at:]] if w) for at, word in found]
)


@pytest.mark.parametrize("cut", [False, True], ids=["one segment", "a segment a document"])
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_small_corpora_are_judged_as_told(case: dict[str, Any], cut: bool) -> None:
    documents = case.get("documents")
    settled = case.get("settled", 0)
    settled = documents[settled - 1] + 1 if documents and settled else settled  # rows, in the cases
    cuts = frozenset(range(len(case["texts"]))) if cut else frozenset()
    found = judged(
        Corpus(case["texts"], documents, settled, case.get("rank"), cuts), **case.get("settings", {})
    )
    if documents:
        assert found.duplicates == {int(one): other for one, other in case.get("duplicates", {}).items()}
    assert [[fate.row, fate.rule, fate.survivor] for fate in found.fates] == case["goes"]
    assert [[held.row, held.other] for held in found.held_back] == case.get("held", [])


def test_no_fewer_cases_must_stay_than_go() -> None:
    assert sum(not case["goes"] for case in CASES) >= len(CASES) / 2


@derandomized
@given(corpora, st.integers(0, 4))
def test_what_goes_is_new_and_its_survivor_stays(texts: list[str], settled: int) -> None:
    settled = min(settled, len(texts))
    found = judged(Corpus(texts, settled=settled))
    gone = {fate.row for fate in found.fates}
    assert [fate.row for fate in found.fates] == sorted(gone)
    for fate in found.fates:
        assert fate.row >= settled
        assert fate.survivor not in gone
        if fate.rule == "exact":
            assert matching_form(texts[fate.row]) == matching_form(texts[fate.survivor])
        else:
            assert ratio(matching_form(texts[fate.row]), matching_form(texts[fate.survivor])) >= 90


@derandomized
@given(corpora)
def test_no_fact_goes_with_a_duplicate(texts: list[str]) -> None:
    for fate in judged(texts).fates:
        kept = texts[fate.survivor].split(" ")
        for fact in ("5", "Mường", "không"):
            assert texts[fate.row].split(" ").count(fact) <= kept.count(fact)


@derandomized
@given(corpora)
def test_what_is_held_back_stays_with_what_it_resembles(texts: list[str]) -> None:
    found = judged(texts)
    gone = {fate.row for fate in found.fates}
    for held in found.held_back:
        assert held.other < held.row
        assert held.reason
        assert not gone & {held.row, held.other}


@derandomized
@given(corpora)
def test_what_stays_is_not_dropped_by_a_second_judgement(texts: list[str]) -> None:
    gone = {fate.row for fate in judged(texts).fates}
    assert judged([text for row, text in enumerate(texts) if row not in gone]).fates == ()


@derandomized
@given(corpora, corpora)
def test_published_text_never_goes(published: list[str], new: list[str]) -> None:
    found = judged(Corpus([*published, *new], settled=len(published)))
    assert all(fate.row >= len(published) for fate in found.fates)
    assert all(max(edge[0], edge[1]) >= len(published) for edge in found.edges)


@derandomized
@given(corpora, corpora)
def test_two_runs_come_to_what_one_does_unless_a_newcomer_says_more(first: list[str], new: list[str]) -> None:
    before = {fate.row for fate in judged(first).fates}
    standing = [row for row in range(len(first)) if row not in before]
    later = judged(Corpus([*(first[row] for row in standing), *new], settled=len(standing)))
    numbers = [*standing, *range(len(first), len(first) + len(new))]
    gone = before | {numbers[fate.row] for fate in later.fates}
    if not later.counts.get("richer"):
        assert gone == {fate.row for fate in judged([*first, *new]).fates}


@pytest.mark.parametrize(
    ("new", "count"),
    [
        pytest.param(f"{SENTENCE}.", 0, id="the same"),
        pytest.param(SENTENCE.upper(), 0, id="the same in capitals"),
        pytest.param(SENTENCE.replace(" cùng nhau", ""), 0, id="less"),
        pytest.param(f"{SENTENCE} 5", 1, id="a number more"),
        pytest.param(SENTENCE.replace("bản", "thôn bản ta"), 1, id="more words of its own"),
        pytest.param(SENTENCE.replace("bản", "bản Mường 5"), 1, id="a name and a number more"),
        pytest.param("một con đường mới vừa được khánh thành ở vùng cao sau 5 năm", 0, id="something else"),
    ],
)
def test_newcomers_that_say_more_are_counted(new: str, count: int) -> None:
    assert judged(Corpus([SENTENCE, new], settled=1)).counts.get("richer", 0) == count
    assert not judged([SENTENCE, new]).counts.get("richer")


def test_full_buckets_are_counted() -> None:
    texts = [f"{SENTENCE} lần {number}" for number in range(30)]
    full, all_pairs = judged(texts, bucket_cap=3).counts, judged(texts).counts
    assert full["left_out"] > 0
    assert "left_out" not in all_pairs
    assert 0 < full["compared"] < all_pairs["compared"] == 30 * 29 // 2


@pytest.mark.parametrize(
    ("crowded", "kept"),
    [
        pytest.param(10**6, 32, id="a template among other texts"),
        pytest.param(0, 3, id="next to nothing but one template"),
    ],
)
def test_of_a_template_a_row_is_compared_with_some(
    monkeypatch: pytest.MonkeyPatch, crowded: int, kept: int
) -> None:
    monkeypatch.setattr("cleaner.judging.grouping._CROWDED", crowded)
    counts = judged([f"{SENTENCE} lần {number}" for number in range(60)]).counts
    assert counts["compared"] == sum(min(row, kept) for row in range(60))
    assert counts["compared"] + counts["left_out"] == 60 * 59 // 2


@pytest.mark.parametrize(("threshold", "asked"), [(90, False), (81, True)])
def test_pairs_below_the_threshold_are_stored_without_the_answer_of_the_guard(
    threshold: int, asked: bool
) -> None:
    texts = [SENTENCE, " ".join([*BASE[:-5], "vào tháng sau"])]
    found = judged(texts, threshold=threshold)
    (line,) = map(json.loads, found.told)
    assert max(FLOOR, 81) <= line["score"] < 90
    assert ("reason" in line, "facts" in line) == (asked, asked)
    assert found.fates == ()
    assert len(found.held_back) == len(found.edges) == asked


def test_verification_leaves_out_what_is_below_the_floor_and_keeps_the_order() -> None:
    texts = ["a" * 50, "a" * 50 + "b", "c" * 50, "a" * 49, "a" * 40 + "d" * 8]
    pairs = np.array([[1, 3], [0, 2], [0, 4], [0, 1]])
    edges = verify(pairs, lambda rows: [texts[row] for row in rows], FactGuard([], "off"), 90.0)
    assert list(zip(edges.a.tolist(), edges.b.tolist(), strict=True)) == [(1, 3), (0, 1)]
    assert edges.score.tolist() == [98.0, 99.0099]
    assert (edges.weaker.tolist(), edges.weaker_score.tolist()) == ([[0, 4]], [81.6327])


@pytest.mark.parametrize(
    ("threshold", "alike"), [(98.0, 2), (98.0001, 1), (99.0099, 1), (99.01, 0), (80.0, 2)]
)
def test_the_guard_is_asked_from_the_threshold_on(threshold: float, alike: int) -> None:
    texts = ["a" * 50, "a" * 50 + "b", "a" * 49]
    guard = _Counting([], "off")
    edges = verify(np.array([[1, 2], [0, 1]]), lambda rows: [texts[row] for row in rows], guard, threshold)
    assert (len(edges), len(edges.weaker), guard.asked) == (alike, 2 - alike, alike)


class _Counting(FactGuard):
    """Counts how often it is asked."""

    asked = 0

    def compare(self, a: str, b: str) -> Answer:
        self.asked += 1
        return super().compare(a, b)
