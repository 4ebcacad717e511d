"""The judge over small corpora: who goes, for whose sake, and who is held back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cleaner.dedup.judge import Judgement, judge
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rapidfuzz.fuzz import ratio

from cleaner.dedup.columns import columns
from cleaner.dedup.facts import FactGuard
from cleaner.dedup.verify import FLOOR, join_edges, verify
from cleaner.engine.local import LocalEngine
from cleaner.io.settings_file import load_fact_words
from cleaner.settings import NearDuplicateSettings
from cleaner.text.normalize import matching_form

CASES = json.loads((Path(__file__).parents[1] / "cases" / "judge.json").read_text(encoding="utf-8"))
FACTS = [load_fact_words(language) for language in ("vi", "en")]
derandomized = hypothesis_settings(derandomize=True, deadline=None, max_examples=60)
SENTENCE = "bà con trong bản cùng nhau sửa lại con đường dẫn ra chợ huyện trước mùa mưa lũ"
BASE = SENTENCE.split(" ")
variants = st.tuples(st.integers(0, 16), st.sampled_from(["này", "kia", "5", "Mường", "không", ""]))
corpora = st.lists(variants, max_size=8).map(
    lambda found: [" ".join(w for w in [*BASE[:at], word, *BASE[at:]] if w) for at, word in found]
)


def judged(
    texts: list[str],
    settled: int = 0,
    documents: list[int] | None = None,
    order: list[int] | None = None,
    **changes: Any,
) -> Judgement:
    """Judge paragraphs, each a document of its own (and no more is asked of it) unless told otherwise."""
    settings = NearDuplicateSettings(**{"whole_documents": documents is not None, **changes})
    place = np.arange(len(texts), dtype=np.int64)
    limits = (settings.min_characters, settings.max_characters)
    document = place if documents is None else np.array(documents, np.int64)
    rows = columns([matching_form(text) for text in texts], document, place, place, limits)
    ordered = place if order is None else np.array(order, np.int64)
    with LocalEngine(1) as engine:
        return judge(
            lambda: rows, texts.__getitem__, ordered,
            settled=settled, settings=settings, facts=FACTS, engine=engine,
        )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_small_corpora_are_judged_as_told(case: dict[str, Any]) -> None:
    found = judged(
        case["texts"],
        case.get("settled", 0),
        case.get("documents"),
        case.get("order"),
        **case.get("settings", {}),
    )
    if "documents" in case:
        assert found.duplicates == {int(one): other for one, other in case.get("duplicates", {}).items()}
    assert [[fate.row, fate.rule, fate.survivor] for fate in found.fates] == case["goes"]
    assert [[held.row, held.other] for held in found.held_back] == case.get("held", [])


def test_no_fewer_cases_must_stay_than_go() -> None:
    assert sum(not case["goes"] for case in CASES) >= len(CASES) / 2


@derandomized
@given(corpora, st.integers(0, 4))
def test_what_goes_is_new_and_its_survivor_stays(texts: list[str], settled: int) -> None:
    found = judged(texts, settled)
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
    found = judged([*published, *new], len(published))
    assert all(fate.row >= len(published) for fate in found.fates)
    assert all(edge >= len(published) for edge in found.edges.b.tolist())


def test_full_buckets_are_counted() -> None:
    texts = [f"{SENTENCE} lần {number}" for number in range(12)]
    assert judged(texts, bucket_cap=3).left_out > 0
    assert judged(texts).left_out == 0
    assert judged(texts, bucket_cap=3).compared < judged(texts).compared == 66


def test_edges_below_the_threshold_are_stored() -> None:
    texts = [SENTENCE, " ".join([*BASE[:-5], "vào tháng sau"])]
    found = judged(texts)
    assert found.fates == found.held_back == ()
    assert FLOOR <= found.edges.score[0] < 90


def test_verification_leaves_out_what_is_below_the_floor_and_keeps_the_order() -> None:
    texts = ["a" * 50, "a" * 50 + "b", "c" * 50, "a" * 49]
    pairs = np.array([[1, 3], [0, 2], [0, 1]])
    edges = verify(pairs, texts.__getitem__, FactGuard([], "off"))
    assert list(zip(edges.a.tolist(), edges.b.tolist(), strict=True)) == [(1, 3), (0, 1)]
    assert edges.score.tolist() == [98.0, 99.0099]
    assert len(join_edges([edges, join_edges([]), edges])) == 4
