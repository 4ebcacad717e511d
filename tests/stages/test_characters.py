"""Repairs of single characters, one by one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from unicodedata import is_normalized, normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import SENTENCES, composite

from cleaner.stages import characters
from cleaner.stages.characters import damage, entities, is_unread, mark_order, nfc, width

NAMES = ("cesu8", "controls", "entities", "mark_order", "nfc", "width", "zero_width")
RULES: dict[str, Callable[[str], str]] = {name: getattr(characters, name) for name in NAMES}
CASES = json.loads((Path(__file__).parents[1] / "cases" / "characters.json").read_text(encoding="utf-8"))
derandomized = settings(derandomize=True, deadline=None, max_examples=300)
pieces = st.sampled_from([
    "a", "Đ", " ", "&", "amp;", "&#7897;", "&eacute;", "<", "\u0301", "\u0302", "\u0306", "e",
    "\x00", "\x1b[0m", "\x85", "\x81", "\u200b",
    "\u00ad", "\u200d", "\ufeff", "Ａ", "１", "\u3000", "今", "ខ",
    "\udced\udca0\udcbd\udced\udcb8\udc80", "\udce9", "\ufffd", "\n", "¬i",
])  # fmt: skip
texts = st.lists(pieces, max_size=10).map("".join) | st.text(max_size=30) | st.sampled_from(SENTENCES)


@pytest.mark.parametrize("case", CASES, ids=[f"{case['rule']}: {case['name']}" for case in CASES])
def test_case(case: dict[str, str]) -> None:
    assert RULES[case["rule"]](case["before"]) == case["after"]


@pytest.mark.parametrize("rule", NAMES)
def test_as_many_cases_must_not_change_as_must(rule: str) -> None:
    own = [case["before"] == case["after"] for case in CASES if case["rule"] == rule]
    assert len(own) >= 6
    assert sum(own) >= len(own) / 2


@derandomized
@given(texts, st.sampled_from([name for name in NAMES if name not in ("entities", "controls")]))
def test_a_second_time_changes_nothing(text: str, rule: str) -> None:
    once = RULES[rule](text)
    assert RULES[rule](once) == once


@derandomized
@given(texts, st.sampled_from(NAMES))
def test_no_line_end_is_made_or_lost(text: str, rule: str) -> None:
    made = RULES[rule](text)
    assert [sign for sign in made if sign in "\r\n"] == [sign for sign in text if sign in "\r\n"]


@derandomized
@given(st.sampled_from(SENTENCES), st.sampled_from(NAMES))
def test_right_sentences_stay(text: str, rule: str) -> None:
    assert RULES[rule](text) == text


@derandomized
@given(st.sampled_from(SENTENCES))
def test_every_form_of_marks_comes_back(text: str) -> None:
    for broken in (normalize("NFD", text), composite(text)):
        assert nfc(broken) == text
    tones_first = normalize("NFD", text)
    for shape in "\u0302\u0306":
        for tone in "\u0300\u0301\u0303\u0309":
            tones_first = tones_first.replace(shape + tone, tone + shape)
    assert nfc(mark_order(tones_first)) == text


@derandomized
@given(texts)
def test_composition_is_nfc(text: str) -> None:
    assert is_normalized("NFC", nfc(text))


@derandomized
@given(st.sampled_from(SENTENCES))
def test_full_width_comes_back(text: str) -> None:
    wide = "".join(
        chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else "\u3000" if sign == " " else sign for sign in text
    )
    assert width(wide) == text


@derandomized
@given(st.sampled_from(SENTENCES))
def test_entities_of_every_letter_come_back(text: str) -> None:
    for entity in ("&#{};", "&#x{:x};", "&amp;#{};"):
        assert (
            entities("".join(sign if sign.isascii() else entity.format(ord(sign)) for sign in text)) == text
        )


@pytest.mark.parametrize(("text", "rules"), [
    ("", []), ("Đường", []), ("B? tr??ng", []), ("\ufffd", ["lost_letters"]),
    ("a\udce9", ["stray_bytes"]), ("a\x81", ["stray_controls"]),
    ("\x81\udce9\ufffd", ["lost_letters", "stray_bytes", "stray_controls"]),
])  # fmt: skip
def test_damage(text: str, rules: list[str]) -> None:
    assert [miss.rule for miss in damage(text)] == rules
    assert all(miss.match == text for miss in damage(text))


@pytest.mark.parametrize(
    "text", ["\udce9", "a\udce9", "été".replace("é", "\udce9"), "\udce9é\udce9", "\udced\udca0"]
)
def test_unread(text: str) -> None:
    assert is_unread(text)


@pytest.mark.parametrize("text", ["", "a", "é", "Đường", "Đường về\udce9", "éé\udce9", "é\udce9"])
def test_not_unread(text: str) -> None:
    assert not is_unread(text)
