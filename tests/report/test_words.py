"""Word marks: nothing is lost, words and numbers are marked whole, a space that changed is seen."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.report.words import word_marks


def _plain(before: str, after: str) -> str:
    marks = {"same": "%s", "removed": "[-%s-]", "added": "{+%s+}"}
    return "".join(marks[tag] % text for tag, text in word_marks(before, after))


CASES = {
    "nothing differs": ("một hai ba", "một hai ba", "một hai ba"),
    "both empty": ("", "", ""),
    "all removed": ("một hai", "", "[-một hai-]"),
    "all added": ("", "một hai", "{+một hai+}"),
    "one word": ("ngày 5 tháng 6", "ngày 7 tháng 6", "ngày [-5-]{+7+} tháng 6"),
    "a number is marked whole": (
        "14.001.479 người",
        "14.001.480 người",
        "[-14.001.479-]{+14.001.480+} người",
    ),
    "a decimal comma is of the number": ("lên 2,5%", "lên 2,6%", "lên [-2,5-]{+2,6+}%"),
    "a comma after a number is not": ("năm 2025, cả", "năm 2025 cả", "năm 2025[-,-] cả"),
    "a time is marked whole": ("lúc 08:05.", "lúc 08:15.", "lúc [-08:05-]{+08:15+}."),
    "a unit goes with its number": ("2ha đất", "3ha đất", "[-2ha-]{+3ha+} đất"),
    "one doubled space": ("a  b", "a b", "a [- -]b"),
    "no-break space": ("a\xa0b", "a b", "a[-\xa0-]{+ +}b"),
    "two no-break spaces": ("a\xa0b\xa0c", "a b c", "a[-\xa0-]{+ +}b[-\xa0-]{+ +}c"),
    "space at the end": ("a b ", "a b", "a b[- -]"),
    "tone marks are of the letter": ("Bo\u0323\u0302 ta", "Bộ ta", "[-Bo\u0323\u0302-]{+Bộ+} ta"),
    "a space between marked words": ("ba bốn năm", "sáu bảy năm", "[-ba bốn-]{+sáu bảy+} năm"),
    "a word between marked words": ("ba và bốn", "sáu và bảy", "[-ba-]{+sáu+} và [-bốn-]{+bảy+}"),
    "a short word between marked words": ("ba à bốn", "sáu à bảy", "[-ba-]{+sáu+} à [-bốn-]{+bảy+}"),
    "many signs between marked words": (
        "ba ***** bốn",
        "sáu ***** bảy",
        "[-ba-]{+sáu+} ***** [-bốn-]{+bảy+}",
    ),
    "case counts": ("Bộ Công an", "bộ Công an", "[-Bộ-]{+bộ+} Công an"),
    "only a full stop": ("tại Lào./.", "tại Lào.", "tại Lào.[-/.-]"),
    "Chinese by character": ("中國人民", "中国人民", "中[-國-]{+国+}人民"),
    "words count for more than spaces": ("hai  ba\nbốn", "hai ba bốn", "hai [- -]ba[-\n-]{+ +}bốn"),
    "a word that moved": ("a b c d", "b c d a", "[-a -]b c d{+ a+}"),
    "line ends": ("a\nb", "a b", "a[-\n-]{+ +}b"),
    "a stray byte": ("a\udcff b", "a b", "a[-\udcff-] b"),
    "marks in the text itself": ("[-a-] b", "[-a-] c", "[-a-] [-b-]{+c+}"),
}


@pytest.mark.parametrize(("before", "after", "expected"), CASES.values(), ids=CASES)
def test_word_marks(before: str, after: str, expected: str) -> None:
    assert _plain(before, after) == expected


WORDS = [
    "một",
    "hai",
    " ",
    "  ",
    "\xa0",
    ",",
    ".",
    "1.250",
    "1",
    "Bộ",
    "Bo\u0323\u0302",
    "中",
    "\udcff",
    "\n",
]
TEXTS = st.one_of(st.text(max_size=30), st.lists(st.sampled_from(WORDS), max_size=25).map("".join))


@settings(derandomize=True, deadline=None, max_examples=500)
@given(TEXTS, TEXTS)
def test_runs_join_to_both_texts(before: str, after: str) -> None:
    runs = word_marks(before, after)
    assert "".join(text for tag, text in runs if tag != "added") == before
    assert "".join(text for tag, text in runs if tag != "removed") == after
    assert all(text for _, text in runs)
    tags = [tag for tag, _ in runs]
    assert not [pair for pair in pairwise(tags) if pair[0] == pair[1] or pair == ("added", "removed")]


@settings(derandomize=True, deadline=None)
@given(TEXTS)
def test_equal_texts_are_one_run(text: str) -> None:
    assert word_marks(text, text) == ((("same", text),) if text else ())


def test_long_texts_take_no_quadratic_time() -> None:
    before = " ".join(map(str, range(300_000)))
    after = "x " + " ".join(map(str, range(299_999, 0, -1))) + " " + before[-50:]
    started = time.monotonic()
    runs = word_marks(before, after)
    assert time.monotonic() - started < 10
    assert [tag for tag, _ in runs] == ["removed", "added", "same"]
