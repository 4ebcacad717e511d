"""Scratch files: arrays read at random, however large they are; texts of an index, however they lie."""

from __future__ import annotations

import pickle
import tempfile
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.io import index_texts, scratch
from cleaner.io.index_texts import IndexTexts, TextWriter
from cleaner.io.scratch import Blob, Column, joined_texts, read_blob, write_array, write_blob, write_texts

derandomized = settings(derandomize=True, deadline=None, max_examples=60)
texts = st.lists(st.binary(max_size=12) | st.just(b"") | st.integers(30, 90).map(lambda size: b"x" * size))


@pytest.mark.parametrize(("held", "fault"), [(64 << 20, 64 << 10), (0, 1), (64, 32), (100, 7)])
@derandomized
@given(st.integers(1, 40), st.integers(0, 3), st.integers(0, 9), st.data())
def test_rows_of_a_column(held: int, fault: int, count: int, width: int, first: int, data) -> None:
    held = max(held, fault)
    array = np.arange((count + first) * max(1, width), dtype=np.uint32) * 7
    array = array.reshape(-1, width) if width else array
    rows = np.array(data.draw(st.lists(st.integers(0, count - 1), max_size=30)), np.int64)
    start = data.draw(st.integers(0, count))
    stop = data.draw(st.integers(start, count))
    with (
        tempfile.TemporaryDirectory() as name,
        patch.object(scratch, "_HELD", held),
        patch.object(scratch, "_FAULT", fault),
    ):
        folder = name.encode()
        write_array(folder, b"a", array)
        for column in (
            made := Column(folder, b"a", np.uint32, width, first),
            pickle.loads(pickle.dumps(made)),
        ):
            assert column.take(rows).tolist() == array[first:][rows].tolist()
            assert column.take(rows).dtype == np.uint32
            assert column.between(start, stop).tolist() == array[first + start : first + stop].tolist()
            assert column.array.tolist() == array[first:].tolist()


@pytest.mark.parametrize("width", [0, 3])
def test_a_column_without_rows(tmp_path: Path, width: int) -> None:
    write_array(bytes(tmp_path), b"a", np.empty((0, width) if width else 0, np.uint32))
    column = Column(bytes(tmp_path), b"a", np.uint32, width)
    assert column.take(np.empty(0, np.int64)).shape == ((0, 3) if width else (0,))
    assert len(column.between(0, 0)) == len(column.array) == 0


@derandomized
@given(texts, st.lists(st.integers(0, 10), max_size=4), st.data())
def test_texts_of_an_index_come_back(found: list[bytes], cuts: list[int], data) -> None:
    """Empty ones, at the end too, and those larger than a block; added in any number of parts."""
    borders = [0, *sorted(min(cut, len(found)) for cut in cuts), len(found)]
    numbers = data.draw(st.permutations(range(len(found))))
    with tempfile.TemporaryDirectory() as name, patch.object(index_texts, "BLOCK", 32):
        folder = name.encode()
        with (Path(name) / "texts").open("wb") as sink:
            writer = TextWriter(sink)
            for start, stop in pairwise(borders):
                writer.add(joined_texts(found[start:stop]))
            writer.close()
        write_array(folder, b"ends", np.concatenate(writer.ends))
        write_array(folder, b"blocks", np.array(writer.blocks, np.int64))
        write_array(folder, b"chosen", np.array(numbers, np.uint32))
        write_blob(folder, b"blob", found)
        all_texts, blob = IndexTexts(folder), Blob(folder, b"blob")
        some = np.array(data.draw(st.lists(st.sampled_from(range(len(found))))) if found else [], np.int64)
        assert all_texts.some(some) == blob.some(some) == [found[number] for number in some.tolist()]
        chosen = pickle.loads(pickle.dumps(IndexTexts(folder, (folder, b"chosen"))))
        for place, number in enumerate(numbers):
            assert all_texts[number] == chosen[place] == blob[number] == found[number]
            if place % 3 == 0:
                all_texts.close()
                blob.close()
        for each in (all_texts, chosen, blob):
            each.close()


@derandomized
@given(st.lists(st.tuples(st.binary(max_size=5), st.booleans()), max_size=9))
def test_some_of_joined_texts_are_chosen(found: list[tuple[bytes, bool]]) -> None:
    texts = joined_texts([text for text, _ in found])
    chosen = texts.chosen(np.array([wanted for _, wanted in found], np.bool_))
    expected = [text for text, wanted in found if wanted]
    assert (len(texts.texts()), len(chosen.texts())) == (len(found), len(expected))
    assert chosen.texts() == expected
    assert chosen.ends.tolist() == joined_texts(expected).ends.tolist()


@derandomized
@given(st.lists(st.text(st.sampled_from("aĐ\n\r\u2028\udc80\U0001f600"), max_size=5), max_size=6))
@example([])
@example([""])
@example(["", ""])
@example(["a\n"])
def test_texts_are_written_as_one_by_one(found: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = name.encode()
        write_texts(folder, b"texts", found)
        write_blob(folder, b"blob", [text.encode("utf-8", "surrogatepass") for text in found])
        assert read_blob(folder, b"texts") == read_blob(folder, b"blob")
        both = [(Path(name) / f"{kind}.ends").read_bytes() for kind in ("texts", "blob")]
        assert both[0] == both[1]
