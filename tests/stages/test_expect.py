"""What is learnt of many lines at once makes results faster, never different."""

from __future__ import annotations

import json
from pathlib import Path
from unicodedata import is_normalized

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.settings import EncodingSettings
from cleaner.stages.encoding import Encoding
from cleaner.stages.suspicion import is_clean, unquestioned
from cleaner.stages.whitespace import Whitespace
from cleaner.text.kinds import always_composed, lines_of
from cleaner.text.normalize import _forms, expect_forms, matching_forms

CASES = Path(__file__).parents[1] / "cases"
SIGNS = "aouyàáỳýOUQq hnĐđ“”…–ß\u0130\xa0\u200b\xad\ufeff"
MORE_SIGNS = "\u0301\u0303\u1100\u1161\u09c7\u09be\t\r\x0b\x85?&\udc80Ãº"
derandomized = settings(derandomize=True, deadline=None, max_examples=300)
texts = st.lists(
    st.text(st.sampled_from(SIGNS + MORE_SIGNS), max_size=12)
    | st.text(st.characters(exclude_characters="\n"))
)
plain = st.lists(
    st.sampled_from(["hoà bình", "hoàn toàn", "quý", "uỷ", "uỷ ban", "toạ đàm", "xoá.", "Huế", "hoa "])
)


def case_lines() -> list[str]:
    """Return every line of every text of the cases."""
    found: list[str] = []

    def collect(value: object) -> None:
        if isinstance(value, str):
            found.extend(value.split("\n"))
        elif isinstance(value, list | dict):
            for each in value.values() if isinstance(value, dict) else value:
                collect(each)

    for name in (
        "encoding",
        "encodings_doc",
        "mojibake",
        "characters",
        "whitespace",
        "normalize",
        "code_pages",
    ):
        collect(json.loads((CASES / f"{name}.json").read_text(encoding="utf-8")))
    return found


def check(lines: list[str]) -> None:
    found = lines_of(lines)
    if found is None:
        assert not lines
        return
    expect_forms(found)
    assert matching_forms(lines) == [_forms([line])[0] for line in lines]
    assert all(map(is_clean, unquestioned(found)))
    for make in (Whitespace, lambda: Encoding(EncodingSettings())):
        learned, other = make(), make()
        learned.expect(found)
        assert learned(lines) == other(lines)
        for line in lines[:20]:
            assert learned([line]) == other([line])


@derandomized
@given(texts | plain)
def test_nothing_changes_for_any_text(lines: list[str]) -> None:
    check(lines)


def test_nothing_changes_for_the_cases() -> None:
    lines = case_lines()
    assert len(lines) > 1000
    check(lines)


@pytest.mark.parametrize("line", ["Chủ tịch nước đã ký quyết định.", "Hội nghị toàn quốc (2024), 12.5 %"])
def test_most_lines_need_not_be_asked(line: str) -> None:
    found = lines_of([line, "x", "Ã¡"])
    assert found
    assert line in unquestioned(found)


def test_what_is_always_composed_is_so_beside_everything_that_is() -> None:
    characters = [character for character in map(chr, range(0x110000)) if always_composed(character)]
    assert len(characters) > 1000
    for first in characters:
        pairs = "".join(first + second for second in characters)
        assert is_normalized("NFC", pairs)


def test_a_line_end_in_a_text_makes_no_lines() -> None:
    assert lines_of(["a\nb"]) is None
    assert lines_of([]) is None
