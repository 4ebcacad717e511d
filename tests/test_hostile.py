"""Texts that are made to be slow or large: they come through, and come back."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cleaner.io.publish import Disk
from cleaner.restoring import restore_output

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from hostile import SHAPES

SIZES = {
    "paragraphs of one template": 1_000,
    "paragraphs nearly all alike": 300,
    "characters in each of two paragraphs": 60_000,
    "lines of one word": 20_000,
    "combining marks on a letter": 2_000,
}


@pytest.mark.parametrize("name", SHAPES)
def test_hostile_texts_come_through_and_back(tmp_path, fill, clean, name):
    make, _ = SHAPES[name]
    text = make(SIZES[name])
    inputs = fill(tmp_path / "in", {"a.txt": text, "b.txt": "Một tin khác hẳn.\n"})
    outcome = clean(inputs, tmp_path / "out")
    assert outcome.exit_code == 0
    assert outcome.summary.counts["documents"] == 2
    done = restore_output(str(tmp_path / "out"), str(tmp_path / "back"), (), None, Disk())
    assert done.differences == ()
    assert (tmp_path / "back/a.txt").read_text(encoding="utf-8") == text
