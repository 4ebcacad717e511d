"""Promise three, for the judge: how it is cut up decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from shuffling import ShufflingEngine
from small_corpora import Corpus, Judgement, judged

from cleaner.dedup.candidates import Pairing, unpacked
from cleaner.engine.local import LocalEngine
from cleaner.errors import OutputError
from cleaner.io import scans
from cleaner.judging import grouping, judge, keys, settling, verifying
from cleaner.rows import join_rows, scanned_segment

derandomized = settings(derandomize=True, deadline=None, max_examples=40)
BASES = [
    "bà con trong bản cùng nhau sửa lại con đường dẫn ra chợ huyện trước mùa mưa lũ",
    "the ferry left at dawn with twelve cars and their drivers on board again today",
]
WORDS = ["này", "kia", "5", "Mường", "không", "", "đã", "12 km", "again"]


@contextmanager
def cut_up(ranges: int, block: int, pairs: int, edges: int) -> Iterator[int]:
    """Let the judge work in so many ranges of keys, blocks of so many rows, files and tasks of so many pairs;
    yield the memory that lets it decide so many edges at a time, where the engine is asked to.
    """
    with (
        patch.object(
            judge,
            "grouping",
            lambda rows, folder, cap, _: grouping.Grouping(rows, folder, ranges, block, cap),
        ),
        patch.object(keys, "_KEYS_AT_ONCE", block),
        patch.object(keys, "_ROWS_AT_ONCE", block),
        patch.object(scans, "_AT_ONCE", block),
        patch.object(grouping, "_PAIRS_A_FILE", pairs),
        patch.object(grouping, "_COMPARED", pairs),
        patch.object(verifying, "_PAIRS_A_TASK", pairs),
        patch.object(verifying, "_SAMPLED", 1),
        patch.object(settling, "_HERE", 0),
    ):
        yield edges * settling._EDGE_BYTES


@pytest.fixture(autouse=True, scope="module")
def all_partners() -> Iterator[None]:
    """How many partners a row keeps is a matter of blocks, which depend on the number of rows alone."""
    with patch.object(grouping, "PARTNERS", (1000, 1000)), patch.object(grouping, "_CROWDED", 10**6):
        yield


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    """Documents of one to three paragraphs that are often alike, short lines among them."""
    texts: list[str] = []
    documents: list[int] = []
    count = draw(st.integers(1, 7))
    for number in range(count):
        for _ in range(draw(st.integers(1, 3))):
            base = draw(st.sampled_from(BASES)).split(" ")
            at = draw(st.integers(0, len(base)))
            words = [*base[:at], draw(st.sampled_from(WORDS)), *base[at:]]
            texts.append("Hết." if draw(st.integers(0, 5)) == 0 else " ".join(filter(None, words)))
            documents.append(number)
    rank = draw(st.none() | st.lists(st.integers(0, 2), min_size=count, max_size=count))
    return Corpus(texts, documents, draw(st.integers(0, count)) if draw(st.booleans()) else 0, rank)


def in_one_go(corpus: Corpus) -> Judgement:
    return judged(corpus)


@derandomized
@given(corpora(), st.data())
def test_any_cut_into_segments(corpus: Corpus, data: st.DataObject) -> None:
    cuts = data.draw(st.frozensets(st.integers(0, corpus.count)))
    assert judged(replace(corpus, cuts=cuts)) == in_one_go(corpus)


@pytest.mark.parametrize(
    ("ranges", "block", "pairs", "edges"),
    [(1, 3, 1, 1), (1, 1000, 1000, 2), (2, 7, 2, 1000), (4, 2, 5, 3), (4, 1000, 1000, 1)],
)
@settings(derandomized, max_examples=15)
@given(corpora(), st.data())
def test_any_ranges_blocks_and_numbers_of_edges(
    ranges: int, block: int, pairs: int, edges: int, corpus: Corpus, data: st.DataObject
) -> None:
    cuts = data.draw(st.frozensets(st.integers(0, corpus.count)))
    expected = in_one_go(corpus)
    with cut_up(ranges, block, pairs, edges) as memory:
        assert judged(replace(corpus, cuts=cuts), memory=memory) == expected


@pytest.fixture(scope="module")
def pair_of_workers() -> Iterator[LocalEngine]:
    with LocalEngine(2) as engine:
        yield engine


def crowd(ranked: bool) -> Corpus:
    """40 documents of three paragraphs, most of them alike: crowded buckets, long rounds."""
    random = Random(3)
    texts: list[str] = []
    documents: list[int] = []
    for number in range(40):
        for _ in range(3):
            words = random.choice(BASES).split(" ")
            for _ in range(random.randint(0, 2)):
                words.insert(random.randint(0, len(words)), random.choice([*WORDS[:-4], "lại", "x"]))
            texts.append(" ".join(words))
            documents.append(number)
    return Corpus(texts, documents, 10, [random.randint(0, 3) for _ in range(40)] if ranked else None)


@pytest.mark.parametrize("ranked", [False, True], ids=["not ranked", "ranked"])
def test_any_number_of_workers(pair_of_workers: LocalEngine, ranked: bool) -> None:
    corpus = crowd(ranked)
    expected = in_one_go(corpus)
    assert {fate.rule for fate in expected.fates} == {"exact", "near"} and expected.held_back
    assert expected.counts["usable"] > 200
    for ranges, block, pairs, edges in [(1, 1000, 1000, 10_000), (8, 23, 500, 7)]:
        cuts = frozenset(range(0, corpus.count, block % 17 + 1))
        with cut_up(ranges, block, pairs, edges) as memory:
            for engine in (LocalEngine(1), pair_of_workers):
                assert judged(replace(corpus, cuts=cuts), engine, memory=memory) == expected


@pytest.mark.parametrize(("ranges", "block"), [(1, 1000), (1, 7), (4, 1000), (64, 23)])
def test_keys_that_are_sent_meet_as_those_that_are_gathered(ranges: int, block: int) -> None:
    corpus = crowd(ranked=True)
    with cut_up(ranges, block, 500, 7) as memory:
        assert judged(corpus, ShufflingEngine(1), memory=memory) == in_one_go(corpus)


def test_segments_without_rows_or_documents_change_nothing() -> None:
    """A shard may hold documents of which nothing is left, or records of which none is a document."""
    corpus = Corpus([f"{BASES[0]} này", f"{BASES[0]} đã"], [1, 3], 0, [3, 2, 1, 2])
    expected = in_one_go(corpus)
    assert [(fate.row, fate.survivor) for fate in expected.fates] == [(1, 0)]
    assert judged(replace(corpus, cuts=frozenset(range(4)))) == expected


def test_more_rows_than_have_numbers_are_refused(tmp_path: Path) -> None:
    many = scanned_segment(bytes(tmp_path / "scan"), 1 << 31, 1, 0)
    with pytest.raises(OutputError, match="more than 4,294,967,295 paragraphs"):
        join_rows(bytes(tmp_path / "joined"), [many, many], 0, LocalEngine(1))
    assert not list(tmp_path.iterdir())


def met(values: list[int], settled: int, *, all_of_them: bool = False) -> tuple[set[int], int, int]:
    """Return the pairs of rows with these keys, how many full buckets left out, and how many were asked."""
    told = keys.Keys(None, b"", 1, (0,), 0, 0 if all_of_them else settled)  # type: ignore[arg-type]
    rows = np.arange(len(values), dtype=np.uint32)
    entries = told._together(np.stack((np.array(values, np.uint32), rows)))
    words = unpacked(entries.both)[:, 1].astype(np.uint32)
    pairing = Pairing(entries.both, words, cap=3, settled=settled)
    return {pair for part in pairing for pair in part.tolist()}, pairing.left_out, len(entries.both)


@derandomized
@given(st.lists(st.sampled_from([0, 1, 2, 3, 2**31, 2**32 - 1]), min_size=1, max_size=40), st.integers(0, 5))
def test_keys_that_only_settled_rows_have_change_nothing(values: list[int], new: int) -> None:
    settled = max(0, len(values) - new)
    assert met(values, settled)[:2] == met(values, settled, all_of_them=True)[:2]


def test_of_many_settled_rows_few_are_asked() -> None:
    values = 2 * Random(1).sample(range(2**32), 1000)
    assert met([*values, values[7]], 2000)[2] < 300
    assert met([*values, values[7]], 2000, all_of_them=True)[2] == 2001


@pytest.mark.parametrize("memory", [1, 1000, 10**9])
def test_what_a_task_holds_of_keys_follows_from_the_memory(memory: int) -> None:
    told = grouping.grouping(range(300_000), b"", 100, memory)  # type: ignore[arg-type]  # its length is all
    assert told.ranges & (told.ranges - 1) == 0
    assert told.ranges == 1 << 16 or 300_000 * grouping._ENTRY / told.ranges <= memory
    assert told.blocks * told.block >= 300_000


@pytest.mark.parametrize(
    ("blocks", "kept"), [(1, (16, 16)), (8, (16, 16)), (16, (8, 8)), (100, (2, 2)), (10_000, (2, 2))]
)
def test_of_many_blocks_a_row_keeps_fewer_partners_each(blocks: int, kept: tuple[int, int]) -> None:
    told = grouping.Grouping(range(100_000), b"", 1, 100_000 // blocks, 100)  # type: ignore[arg-type]
    assert told.blocks == blocks
    with patch.object(grouping, "PARTNERS", (16, 16)):
        assert {each.partners for each in grouping._comparisons(Counter({0: 1, 1: 1}), told)} == {kept}
