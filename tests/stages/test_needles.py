"""Texts are found in many lines at once: wherever they stand, and hardly anywhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.stages.needles import Needles
from cleaner.text.kinds import lines_of

TEXTS = ["Ảnh", "ảnh: ", "(TTXVN", "./.", "aaa", "sẽ tiếp tục đưa tin", "\U0001f600 ab", "\ud800bc"]
PIECES = [*TEXTS, *(text[1:] for text in TEXTS), *(text[:-1] for text in TEXTS), "x", " ", ""]
SENTENCES = [
    "Cơ quan chức năng đang tiếp tục điều tra, làm rõ nguyên nhân của vụ việc.",
    "Bộ trưởng Bộ Y tế (Hà Nội) cho biết: dịch bệnh đã được kiểm soát từ ngày 12/5.",
    "ẢNH, hình ảnh", "TTX Việt Nam", "a. / .", "", "aa", "a" + "\u0301a",
]  # fmt: skip


def found(needles: Needles[str], texts: list[str]) -> set[tuple[int, str]]:
    lines = lines_of(texts)
    return {(number, text) for number, meant in needles.found(lines) for text in meant} if lines else set()


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.lists(st.sampled_from(PIECES)).map("".join)))
def test_no_text_is_missed(texts: list[str]) -> None:
    standing = {(number, text) for number, line in enumerate(texts) for text in TEXTS if text in line}
    assert standing <= found(Needles([(text, text) for text in TEXTS]), texts)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_found_in_no_other_line(text: str) -> None:
    assert found(Needles([(text, text)]), [*SENTENCES, f"x{text}"]) == {(len(SENTENCES), text)}


def test_a_text_does_not_stand_across_a_line_end() -> None:
    assert found(Needles([("abc", "abc")]), ["xab", "c", "a", "bc"]) == set()


def test_texts_with_the_same_characters_are_told_together() -> None:
    needles = Needles([("(Ảnh", "one"), ("xẢnh", "other"), ("(Ảnh", "one")])
    assert found(needles, ["Ảnh", "(Ảnh"]) >= {(1, "one")}
