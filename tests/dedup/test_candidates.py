"""Candidates: copies of equal texts, pairs that share a key, and the pairs that can be alike."""

from __future__ import annotations

from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.fuzz import ratio

from cleaner.dedup.candidates import (
    CROWDED,
    Pairing,
    agreeing,
    copies,
    few_partners,
    packed,
    ranked,
    shared,
    unpacked,
    unranked,
)
from cleaner.dedup.columns import LENGTH, WORDS, columns
from cleaner.dedup.signatures import BANDS, COLUMNS, U32, Ints
from cleaner.text.normalize import matching_form

derandomized = settings(derandomize=True, deadline=None, max_examples=300)
BIG = 2**64 - 1
MOST = 2**32 - 1  # of a key, and of a row
HUBS = 2  # first rows of a full bucket, with which the others are compared
buckets = st.dictionaries(st.sampled_from([0, 1, 7, 2**31, MOST]), st.sets(st.integers(0, 12)), max_size=5)


def entries(found: dict[int, set[int]]) -> np.ndarray:
    """Return buckets, given as key -> rows, as pairing wants them."""
    table = sorted((key, row) for key, rows in found.items() for row in rows)
    return packed(
        np.array([key for key, _ in table], np.int64), np.array([row for _, row in table], np.int64)
    )


def strangers(rows: Ints) -> U32:
    return rows.astype(np.uint32) * np.uint32(0x01010101)  # no two of them agree in a column


def paired(
    found: dict[int, set[int]], cap: int, settled: int = 0, words=strangers, crowded: int = 50_000
) -> tuple[set, int]:
    """Return the pairs of buckets, and how many rows full ones kept from some pairs."""
    both = entries(found)
    pairing = Pairing(both, words(unpacked(both)[:, 1]), cap=cap, settled=settled, crowded=crowded)
    pairs = {tuple(pair) for part in pairing for pair in unpacked(part).tolist()}
    return pairs, pairing.left_out


def expected_of(rows: list[int], cap: int, settled: int) -> tuple[set, int]:
    """Return the pairs of one bucket, one row after the other."""
    pairs = {
        (rows[other], row)
        for place, row in enumerate(rows)
        if row >= settled
        for other in range(place if place < cap else HUBS)
    }
    return pairs, sum(row >= settled for row in rows[cap:])


@derandomized
@given(buckets, st.integers(HUBS, 7), st.integers(0, 13))
def test_pairs_are_all_that_share_a_key_but_those_of_full_buckets(
    found: dict, cap: int, settled: int
) -> None:
    parts = [expected_of(sorted(rows), cap, settled) for rows in found.values() if len(rows) > 1]
    pairs = set().union(*(each for each, _ in parts))
    assert paired(found, cap, settled) == (pairs, sum(left_out for _, left_out in parts))


def test_no_two_published_rows_are_paired() -> None:
    assert paired({1: {0, 1, 2}}, 100, 3) == (set(), 0)
    assert paired({1: {0, 1, 2}}, 100, 2) == ({(0, 2), (1, 2)}, 0)


def alike(rows: Ints) -> U32:
    """The further words of rows that are all alike."""
    return np.full(len(rows), 0x01020304, np.uint32)


def test_a_full_bucket_costs_its_cap_and_a_few_more_for_each_row() -> None:
    pairs, left_out = paired({5: set(range(50_000))}, 100, words=alike, crowded=CROWDED)
    assert len(pairs) == 100 * 99 // 2 + 49_900 * HUBS
    assert {row for _, row in pairs} == set(range(1, 50_000)), "every row has a chance"
    assert {first for first, second in pairs if second >= 100} == set(range(HUBS))
    assert left_out == 49_900
    pairs, left_out = paired({5: set(range(50_000))}, 100, words=strangers, crowded=CROWDED)
    assert (len(pairs), left_out) == (49_900 * HUBS, 49_900), "its first rows are cut up"


@derandomized
@given(
    st.sets(st.tuples(st.integers(0, 30), st.integers(0, 30)).filter(lambda pair: pair[0] < pair[1])),
    st.data(),
)
def test_few_partners_are_the_first_and_the_most_alike(
    found: set[tuple[int, int]], data: st.DataObject
) -> None:
    pairs = sorted(found)
    agreed = data.draw(st.lists(st.integers(44, 128), min_size=len(pairs), max_size=len(pairs)))
    few, likeliest = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3))
    array = np.array(pairs, np.int64).reshape(-1, 2)
    of_all = ranked(array, np.array(agreed, np.uint8))
    kept = few_partners(of_all, few, likeliest)
    expected = set()
    for second in {second for _, second in pairs}:
        own = [
            (first, -alike) for (first, other), alike in zip(pairs, agreed, strict=True) if other == second
        ]
        chosen = [*own[:few], *sorted(own[few:], key=lambda each: each[::-1])[:likeliest]]
        expected |= {(first, second) for first, _ in chosen}
    assert unranked(kept).tolist() == [list(pair) for pair in sorted(expected, key=lambda pair: pair[::-1])]
    some = data.draw(st.integers(0, len(pairs)))
    again = np.concatenate((few_partners(of_all[:some], few, likeliest), of_all[some:]))
    assert few_partners(again, few, likeliest).tolist() == kept.tolist(), "as well some after the others"


def test_pairs_that_are_made_some_at_a_time_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {key: set(range(key, key + 20)) for key in (1, 5, 9)}
    expected = paired(found, 6)
    monkeypatch.setattr("cleaner.dedup.candidates._PAIRS", 7)
    assert paired(found, 6) == expected


def test_rows_of_a_crowded_bucket_are_paired_where_further_columns_agree() -> None:
    """Two of four columns, four times: the first two, the last two, the middle ones, and the outer ones."""
    words = np.array([0x11223344, 0xFFFF3344, 0x1122FFFF, 0xFF2233FF, 0x11FFFF44, 0x55667788], np.uint32)
    crowd = {3: set(range(len(words)))}
    pairs, _ = paired(crowd, 100, words=words.__getitem__, crowded=len(words) - 1)
    assert pairs == {(0, 1), (0, 2), (0, 3), (0, 4)}
    pairs, _ = paired(crowd, 100, words=words.__getitem__, crowded=len(words))
    assert len(pairs) == len(words) * (len(words) - 1) // 2, "a bucket with fewer rows is not cut up"


@derandomized
@given(st.lists(st.tuples(st.integers(0, MOST), st.integers(0, MOST)), max_size=20))
def test_packed_numbers_come_back_in_the_same_order(pairs: list[tuple[int, int]]) -> None:
    both = packed(*np.array(pairs, np.int64).reshape(-1, 2).T)
    assert unpacked(both).tolist() == [list(pair) for pair in pairs]
    assert unpacked(np.sort(both)).tolist() == [list(pair) for pair in sorted(pairs)]


@derandomized
@given(buckets)
def test_rows_that_share_a_key_are_found(found: dict) -> None:
    expected = [row for key in sorted(found) for row in sorted(found[key]) if len(found[key]) > 1]
    assert shared(entries(found)).tolist() == expected


@derandomized
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=15), st.randoms(use_true_random=False)
)
def test_copies_are_of_the_lowest_in_order(hashes: list[tuple[int, int]], random: Random) -> None:
    exact = np.array([[BIG - a, b] for a, b in hashes], np.uint64).reshape(-1, 2)
    rows = np.arange(len(hashes)) * 3 + 1
    order = random.sample(range(len(hashes)), len(hashes))
    first: dict[tuple[int, int], int] = {}
    for place in np.argsort(order).tolist():
        first.setdefault(hashes[place], place)
    expected = [[row * 3 + 1, first[each] * 3 + 1] for row, each in enumerate(hashes) if first[each] != row]
    shuffled = np.array(random.sample(range(len(hashes)), len(hashes)), np.int64)
    found = copies(rows[shuffled], exact[shuffled], np.array(order, np.int64)[shuffled])
    assert found.tolist() == expected


@pytest.mark.parametrize(
    ("columns_alike", "lengths", "stays"),
    [
        (128, (100, 100), True),
        (52, (100, 100), True),
        (51, (100, 100), False),
        (0, (100, 100), False),
        (128, (100, 150), True),  # 200 * 100 / 250 is 80
        (128, (100, 151), False),
        (128, (151, 100), False),
    ],
)
def test_pairs_that_cannot_reach_the_floor_are_left_out(
    columns_alike: int, lengths: tuple[int, int], stays: bool
) -> None:
    sketch = np.zeros((2, WORDS), np.uint32)
    sketch[:, LENGTH] = lengths
    sketch.view(np.uint8)[1, columns_alike:COLUMNS] = 1
    assert agreeing(np.array([[0, 1]]), sketch, sketch, 80.0).tolist() == [columns_alike * stays]
    assert agreeing(np.array([[0, 0]]), sketch[:1], sketch[1:], 80.0).tolist() == [columns_alike * stays]
    assert agreeing(np.empty((0, 2), np.int64), sketch, sketch, 80.0).tolist() == []


def test_texts_with_a_word_changed_are_candidates() -> None:
    sentence = "bà con trong bản cùng nhau sửa lại con đường dẫn ra chợ huyện trước mùa mưa lũ năm nay"
    words = sentence.split(" ")
    texts = [" ".join(words)]
    texts += [" ".join([*words[:at], "kia", *words[at + 1 :]]) for at in range(len(words))]
    texts += [
        "trường học mới bên suối đã mở cửa đón các em nhỏ vào lớp từ sáng sớm",
        "a b c d e f g h i j k l",
    ]
    place = np.zeros((len(texts), 3), np.int64)
    sketch = columns([matching_form(text) for text in texts], place, (5, 1000)).sketch
    found = []
    for band in range(BANDS):
        entries = np.sort(packed(sketch[:, band], np.arange(len(texts))))
        words = sketch[:, (band + 1) % BANDS][unpacked(entries)[:, 1]]
        found.append(Pairing(entries, words, cap=100, settled=0))
    both = np.unique(np.concatenate([part for pairing in found for part in pairing]))
    pairs = unpacked(both)
    pairs = {tuple(pair) for pair in pairs[agreeing(pairs, sketch, sketch, 80.0) > 0].tolist()}
    alike = {
        pair for pair in combinations(range(len(texts)), 2) if ratio(texts[pair[0]], texts[pair[1]]) >= 90
    }
    assert len(alike) > 100
    assert len(alike & pairs) / len(alike) > 0.97
    assert not {pair for pair in pairs if pair[1] >= len(texts) - 2}
