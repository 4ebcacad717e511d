"""Candidates: representatives of equal texts, pairs that share a key, and the pairs that can be alike."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.fuzz import ratio

from cleaner.dedup.candidates import (
    agreeing,
    pairs_of_buckets,
    repeated,
    representatives,
    unique_pairs,
)
from cleaner.dedup.signatures import COLUMNS, band_keys, short_signatures, signatures

derandomized = settings(derandomize=True, deadline=None, max_examples=300)
BIG = 2**64 - 1
buckets = st.dictionaries(st.sampled_from([0, 1, 7, 2**63, BIG]), st.sets(st.integers(0, 12)), max_size=5)


def paired(found: dict[int, set[int]], cap: int) -> tuple[list[list[int]], int]:
    """Return the pairs of buckets, given as key -> rows, and how many rows were left out."""
    table = sorted((row, key) for key, rows in found.items() for row in rows)
    keys, rows = np.array([key for _, key in table], np.uint64), np.array([row for row, _ in table], np.int64)
    pairs = pairs_of_buckets(keys, rows, cap)
    return unique_pairs(pairs.rows).tolist(), pairs.left_out


@derandomized
@given(buckets, st.integers(2, 6))
def test_pairs_are_all_that_share_a_key_among_the_first_rows(found: dict, cap: int) -> None:
    expected = {pair for rows in found.values() for pair in combinations(sorted(rows)[:cap], 2)}
    left_out = sum(max(0, len(rows) - cap) for rows in found.values())
    assert paired(found, cap) == ([list(pair) for pair in sorted(expected)], left_out)


def test_a_full_bucket_costs_no_more_than_its_cap() -> None:
    pairs, left_out = paired({5: set(range(50_000))}, 100)
    assert len(pairs) == 100 * 99 // 2
    assert max(map(max, pairs)) == 99
    assert left_out == 49_900


@derandomized
@given(st.lists(st.sampled_from([0, 1, 7, 2**63, BIG]), max_size=20))
def test_repeated_keys_are_found_with_their_places(keys: list[int]) -> None:
    expected = sorted((key, place) for place, key in enumerate(keys) if keys.count(key) > 1)
    assert repeated(np.array(keys, np.uint64)).tolist() == [place for _, place in expected]


@derandomized
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), max_size=15))
def test_the_first_of_equal_rows_stands_for_them(rows: list[tuple[int, int, bool]]) -> None:
    order = np.arange(len(rows))
    exact = np.array([[BIG - a, b] for a, b, _ in rows], np.uint64).reshape(-1, 2)
    counted = np.array([each[2] for each in rows], np.bool_)
    expected = [
        next(other for other in range(row + 1) if rows[other] == each) if each[2] else row
        for row, each in enumerate(rows)
    ]
    assert representatives(exact, counted, order).tolist() == expected


def test_of_equal_rows_the_lowest_in_order_stands_for_them() -> None:
    exact = np.array([[1, 1], [2, 2], [1, 1], [1, 1]], np.uint64)
    order = np.array([3, 0, 1, 2])
    assert representatives(exact, np.ones(4, np.bool_), order).tolist() == [2, 1, 2, 2]


@derandomized
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=20))
def test_unique_pairs_are_sorted_and_distinct(pairs: list[tuple[int, int]]) -> None:
    found = unique_pairs(np.array(pairs, np.int64).reshape(-1, 2))
    assert found.tolist() == [list(pair) for pair in sorted(set(pairs))]


@pytest.mark.parametrize(
    ("columns_alike", "lengths", "stays"),
    [
        (128, (100, 100), True),
        (44, (100, 100), True),
        (43, (100, 100), False),
        (0, (100, 100), False),
        (128, (100, 150), True),  # 200 * 100 / 250 is 80
        (128, (100, 151), False),
        (128, (151, 100), False),
    ],
)
def test_pairs_that_cannot_reach_the_floor_are_left_out(
    columns_alike: int, lengths: tuple[int, int], stays: bool
) -> None:
    signature = np.zeros((2, COLUMNS), np.uint8)
    signature[1, columns_alike:] = 1
    pairs = np.array([[0, 1]])
    found = agreeing(pairs, signature, np.array(lengths, np.uint32), 80.0)
    assert found.tolist() == ([[0, 1]] if stays else [])
    assert agreeing(pairs[:0], signature, np.array(lengths, np.uint32), 80.0).shape == (0, 2)


def test_texts_with_a_word_changed_are_candidates() -> None:
    sentence = "bà con trong bản cùng nhau sửa lại con đường dẫn ra chợ huyện trước mùa mưa lũ năm nay"
    words = sentence.split(" ")
    texts = [" ".join(words)]
    texts += [" ".join([*words[:at], "kia", *words[at + 1 :]]) for at in range(len(words))]
    texts += [
        "trường học mới bên suối đã mở cửa đón các em nhỏ vào lớp từ sáng sớm",
        "a b c d e f g h i j k l",
    ]
    rows = signatures(texts)
    numbers = np.arange(len(texts))
    found = unique_pairs(
        np.concatenate([pairs_of_buckets(keys, numbers, 100).rows for keys in band_keys(rows)])
    )
    lengths = np.array([len(text) for text in texts], np.uint32)
    pairs = {tuple(pair) for pair in agreeing(found, short_signatures(rows), lengths, 80.0).tolist()}
    alike = {
        pair for pair in combinations(range(len(texts)), 2) if ratio(texts[pair[0]], texts[pair[1]]) >= 90
    }
    assert len(alike) > 100
    assert len(alike & pairs) / len(alike) > 0.97
    assert not {pair for pair in pairs if pair[1] >= len(texts) - 2}
