"""What was judged, looked up: packed pairs by their first row, twins row by row, the rows that go."""

from __future__ import annotations

import tempfile

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.dedup.candidates import packed
from cleaner.judging.judged import Pairs, save_pairs, spanned, twin_rows

derandomized = settings(derandomize=True, deadline=None, max_examples=150)
MOST = 2**32 - 1
rows = st.integers(0, 12) | st.sampled_from([MOST - 1, MOST])
pairs = st.lists(st.tuples(rows, rows), unique=True, max_size=12).map(sorted)


def as_array(found: list[tuple[int, int]]) -> np.ndarray:
    return packed(*np.array(found, np.int64).reshape(-1, 2).T)


@derandomized
@given(pairs, rows, rows)
def test_pairs_are_found_by_their_first_row(found: list[tuple[int, int]], start: int, stop: int) -> None:
    start, stop = sorted((start, stop))
    inside = [place for place, (row, _) in enumerate(found) if start <= row < stop]
    first, last = spanned(as_array(found), start, stop)
    assert list(range(first, last)) == inside
    with tempfile.TemporaryDirectory() as name:
        folder = name.encode()
        numbers, scores = np.arange(len(found)) + 100, np.arange(len(found)) / 2
        known = Pairs(folder, save_pairs(folder, b"p", as_array(found), numbers, scores))
        assert known.pairs(start, stop).tolist() == [list(found[place]) for place in inside]
        assert known.told(start, stop) == [(*found[place], place / 2, place + 100) for place in inside]
        columns = zip(*(column.tolist() for column in known.columns(start, stop)), strict=True)
        assert [*columns] == [(as_array(found).tolist()[place], place + 100, place / 2) for place in inside]
        asked = [*range(14), MOST]
        has = {row for row, _ in found}
        assert known.has(np.array(asked, np.int64)).tolist() == [row in has for row in asked]


@derandomized
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 50), st.booleans()), max_size=8), st.data())
def test_twins_are_told_row_by_row(documents: list[tuple[int, int, bool]], data: st.DataObject) -> None:
    borders = np.cumsum([0, *(count for count, _, _ in documents)]).tolist()
    twins = [
        (start, other, count)
        for start, (count, other, has) in zip(borders, documents, strict=False)
        if has
    ]  # fmt: skip
    start, stop = sorted(data.draw(st.lists(st.sampled_from(borders), min_size=2, max_size=2)))
    expected = [
        [first + nth, other + nth]
        for first, other, count in twins if start <= first < stop for nth in range(count)
    ]  # fmt: skip
    assert twin_rows(np.array(twins, np.int64).reshape(-1, 3), start, stop).tolist() == expected
