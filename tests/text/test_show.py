"""`show`: nothing that moves a cursor, hides or reorders text gets through to a terminal."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner.text.show import show

CASES = json.loads((Path(__file__).parents[1] / "cases" / "show.json").read_text(encoding="utf-8"))
# Words in the names of format characters that have a shape.
SEEN_FORMATS = ["Arabic", "Syriac", "Kaithi", "Egyptian", "Shorthand", "Musical"]
derandomized = settings(derandomize=True, deadline=None, max_examples=400)
any_text = st.text(st.characters(), max_size=60) | st.text(
    st.characters(categories=["Cc", "Cf", "Cs", "Co", "Zl", "Zp"]), max_size=20
)


def is_raw(character: str) -> bool:
    """Tell whether a terminal would obey or hide `character`."""
    category = unicodedata.category(character)
    if category == "Cf":
        return not any(part in unicodedata.name(character, "").title() for part in SEEN_FORMATS)
    return category in {"Cc", "Cs", "Co", "Zl", "Zp"}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_shown(case: dict[str, str]) -> None:
    assert show(case["data"]) == case["shown"]


@derandomized
@given(any_text)
@example("".join(map(chr, range(0x300))))
@example("".join(map(chr, range(0x2000, 0x2100))))
@example("".join(map(chr, range(0xE0000, 0xE0100))))
@example("".join(map(chr, range(0xFF00, 0x10000))))
def test_nothing_raw_is_shown(text: str) -> None:
    shown = show(text, limit=None)
    assert [character for character in shown if is_raw(character) and character != "\u061c"] == []
    assert "\u061c" not in shown
    shown.encode("utf-8")


@derandomized
@given(st.binary(max_size=40))
def test_any_file_name_can_be_shown(name: bytes) -> None:
    assert not any(is_raw(character) for character in show(name))


@derandomized
@given(any_text, st.integers(1, 40))
def test_the_limit_holds(text: str, limit: int) -> None:
    shown = show(text, limit=limit)
    assert len(shown) <= limit
    if shown != show(text, limit=None):
        assert shown.endswith("…")


@derandomized
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=60))
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    assert show(text) == text


def test_two_different_names_are_not_shown_alike() -> None:
    names = ["a", "a\u200b", "a\u202e", "a\xad", "a\x07", "a\udcff", "a\ufeff", "a\u2060"]
    assert len({show(name) for name in names}) == len(names)
