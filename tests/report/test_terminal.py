"""What a reviewer sees of a document: cases as data, then colours, widths and hostile text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from cleaner.errors import SettingsError
from cleaner.io.output import OutputDocument
from cleaner.io.rule_reasons import rule_reasons
from cleaner.io.settings_file import load_rule_pack
from cleaner.report.lines import _NARROW, Line, Piece, for_terminal, plain
from cleaner.report.marks import marked, spelled
from cleaner.report.reasons import REASONS, reasons
from cleaner.report.selection import Selection
from cleaner.report.terminal import document_lines
from cleaner.stages.encoding import RULES

CASES = json.loads((Path(__file__).parents[1] / "cases" / "diff.json").read_text(encoding="utf-8"))
CASE = {case["name"]: case for case in CASES}
HOSTILE = CASE["terminal escapes, C1, bidi, markup"]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff\udc80-\udcff]"
)

Build = Callable[[dict[str, Any]], OutputDocument]


def _reason(stage: str, rule: str) -> str:
    return REASONS.get((stage, rule), "because" if stage == "boilerplate" else "")


def _lines(document: OutputDocument, **selection: Any) -> list[Line]:
    return list(document_lines(document, Selection(**selection), _reason))


@pytest.mark.parametrize("case", CASES, ids=CASE)
def test_case(case: dict[str, Any], build: Build) -> None:
    assert [plain(line) for line in _lines(build(case))] == case["lines"]


@pytest.mark.parametrize("case", CASES, ids=CASE)
@pytest.mark.parametrize("width", [None, 1, 2, 7, 40, 10_000])
@pytest.mark.parametrize("colour", [True, False])
def test_no_raw_control_reaches_a_terminal(
    case: dict[str, Any], width: int | None, colour: bool, build: Build
) -> None:
    spell = for_terminal(width, colour=colour)
    for line in _lines(build(case)):
        text = spell(line)
        assert not RAW.search(COLOUR.sub("", text) if colour else text)


@pytest.mark.parametrize("case", CASES, ids=CASE)
@pytest.mark.parametrize("width", [20, 40, 80])
def test_wrapped_rows_keep_the_width_and_lose_nothing(case: dict[str, Any], width: int, build: Build) -> None:
    for line in _lines(build(case)):
        rows = COLOUR.sub("", for_terminal(width, colour=True)(line)).split("\n")
        assert max(map(cell_len, rows)) <= width
        words = "".join("".join(rows).split())
        assert words == "".join((line.gutter + "".join(text for _, text in line.pieces)).split())


def test_data_never_stands_in_the_first_column(build: Build) -> None:
    case = CASE["text that looks like our lines"]
    spell = for_terminal(24, colour=False)
    rows = [row for line in _lines(build(case)) for row in spell(line).split("\n")]
    first = [row for row in rows if not row.startswith(" ") and row]
    assert first == ["=== a.txt  1 removed, 1", "line 2  repeats.exact:", "line 3  whitespace.squee"]


def test_wide_characters_take_two_cells() -> None:
    spell = for_terminal(12, colour=False)
    assert spell(Line((("same", "中华人民共和国"),), "  - ")) == "  - 中华人民\n    共和国"


def test_narrow_characters_take_one_cell() -> None:
    every = map(chr, range(0x20, 0x3000))
    assert {cell_len(each) for each in every if _NARROW.fullmatch(each)} == {1}
    assert _NARROW.fullmatch("Đường dẫn “cao tốc” – Ngã 3 […] [-tới-]·")


ROWS = st.lists(st.sampled_from(["một", "hai", " ", "  ", "x" * 9, "中", "中" * 5, "é", "[…]"]), max_size=14)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.lists(ROWS.map("".join), max_size=4).map(lambda texts: ["Một", *texts]), st.integers(2, 12))
def test_rows_are_full_and_broken_at_spaces_where_there_are_any(texts: list[str], width: int) -> None:
    pieces: tuple[Piece, ...] = tuple(
        ("same" if number % 2 else "gone", text) for number, text in enumerate(texts)
    )
    text = "".join(texts)
    rows = COLOUR.sub("", for_terminal(width, colour=True)(Line(pieces))).split("\n")
    assert max(map(cell_len, rows)) <= width
    at = 0
    for number, row in enumerate(rows):
        assert text.startswith(row, at)
        end = at + len(row)
        at = end + len(text[end:]) - len(text[end:].lstrip())
        if number + 1 == len(rows):
            assert at == len(text)
        elif at > end:
            following = text[at:].split()[0]
            assert cell_len(text[end - len(row) : at] + following) > width, "there was room for one more"
        else:
            word = text[:end].split()[-1] + text[end:].split()[0]
            assert cell_len(word) > width, "a word was cut that had room in a row"


def test_a_style_ends_with_its_piece(build: Build) -> None:
    line = Line((("same", "a "), ("removed", "b"), ("added", "c"), ("same", " d")), "  ~ ")
    assert for_terminal(None, colour=True)(line) == "  ~ a \x1b[9;31mb\x1b[0m\x1b[4;32mc\x1b[0m d"
    assert for_terminal(None, colour=False)(line) == plain(line) == "  ~ a [-b-]{+c+} d"
    assert for_terminal(None, colour=True)(Line((("same", "a"),), "  - ", "gone")) == "\x1b[31m  - \x1b[0ma"


def test_markup_of_rich_is_text() -> None:
    line = Line((("gone", "[/red] [bold]x[/bold] :smile: [link=http://x]y[/link]"),), "  - ")
    assert COLOUR.sub("", for_terminal(None, colour=True)(line)) == plain(line)
    assert ":smile:" in plain(line)


def test_suspects_are_dim_and_changes_are_not(build: Build) -> None:
    lines = _lines(build(CASE["held back: compared as it was cleaned"]))
    start = next(number for number, line in enumerate(lines) if plain(line).startswith("suspects"))
    assert [line.dim for line in lines[:start] if line.pieces] == [False] * 3
    assert [line.dim for line in lines[start + 1 :] if line.pieces] == [True] * 3


@pytest.mark.parametrize(
    ("selection", "shown"),
    [
        ({}, ["line 1", "line 2", "line 3"]),
        ({"stages": frozenset(["repeats"])}, ["line 2"]),
        ({"stages": frozenset(["boilerplate"])}, ["line 3"]),
        ({"stages": frozenset(["repeats", "boilerplate"])}, ["line 2", "line 3"]),
        ({"rules": frozenset(["whitespace.squeeze"])}, ["line 1", "line 2"]),
        ({"rules": frozenset(["vi.caption"])}, ["line 3"]),
        ({"rules": frozenset(["boilerplate.vi.caption"])}, ["line 3"]),
        ({"rules": frozenset(["caption"])}, []),
        ({"rules": frozenset(["repeats.squeeze"])}, []),
        ({"stages": frozenset(["repeat"])}, []),
        ({"groups": frozenset(["removed"])}, ["line 2"]),
        ({"groups": frozenset(["edited"])}, ["line 1"]),
        ({"groups": frozenset(["suspects"])}, ["line 3"]),
        ({"stages": frozenset(["repeats"]), "groups": frozenset(["edited"])}, []),
    ],
)
def test_selection(selection: dict[str, Any], shown: list[str], build: Build) -> None:
    case = {
        "source": "Một câu  dài.\nMột câu  dài.\nChú thích.\n",
        "acts": [
            [0, "whitespace", "squeeze", "Một câu dài."],
            [1, "whitespace", "squeeze", "Một câu dài."],
            [1, "repeats", "exact", None, 0],
        ],
        "misses": [[2, "boilerplate", "vi.caption", "Chú thích.", "may be content"]],
    }
    lines = [plain(line) for line in _lines(build(case), **selection)]
    assert [line[:6] for line in lines if line.startswith("line")] == shown
    assert bool(lines) == bool(shown)


@pytest.mark.parametrize("words", [3, 60, 5000])
def test_of_a_recoded_document_a_sample_is_shown(
    words: int, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    codecs = {"mirrored/whole": lambda text: text[::-1], "swapped/case": str.swapcase}
    monkeypatch.setattr("cleaner.text.recoded.encoded", lambda text, codec: codecs[codec](text))
    texts = ["1 2 1", *(" ".join(f"{word}t{number}" for number in range(words)) for word in "abc")]
    acts = []
    for number, text in enumerate(texts):
        acts.append([number, "encoding", "first", text[::-1], None, None, "mirrored/whole"])
        acts.append(
            [number, "encoding", "then", text[::-1].swapcase(), None, None, "swapped/case", "so it was"]
        )
    case = {"source": "\n".join(texts), "acts": acts}
    lines = [plain(line) for line in _lines(build(case))]
    assert lines[:4] == [
        "=== a.txt  4 edited",
        "",
        "lines 1-4  encoding.first",
        "           encoding.then: so it was; 4 paragraphs, as here:",
    ]
    assert len(lines) == 6 and len(lines[4]) < 700
    assert "[-at0" in lines[4] and "{+" in lines[4] and "TA" in lines[4]


def test_what_to_say_when_nothing_is_selected() -> None:
    acted = [("boilerplate", "vi.read_more"), ("repeats", "exact")]
    assert Selection().unmatched([]) == "nothing was changed here"
    assert Selection(groups=frozenset(["edited"])).unmatched(acted) == "no change of that kind here"
    assert Selection(stages=frozenset(["repeats"])).unmatched(acted) == "no change of that kind here"
    said = Selection(rules=frozenset(["read_more"])).unmatched(acted)
    assert said == "no change by read_more here; did you mean vi.read_more?"
    assert Selection(stages=frozenset(["\x1b[2J"])).unmatched(acted) == "no change by [U+001B][2J here"


def test_every_rule_of_the_encoding_stage_has_a_reason() -> None:
    names = set(RULES)
    assert names == {rule for stage, rule in REASONS if stage == "encoding"}


def test_reasons_of_rules() -> None:
    reason_of = reasons([("mine", "said so")])
    assert reason_of("boilerplate", "own.mine") == "said so"
    assert reason_of("boilerplate", "vi.read_more") == "link heading, nothing follows it"
    assert reason_of("boilerplate", "own.other") == ""
    assert reason_of("boilerplate", "vi.no_such_rule") == ""
    assert reason_of("boilerplate", "../vi.read_more") == ""
    assert reason_of("repeats", "no_such_rule") == ""


def test_own_rules_are_read_when_one_is_asked_for_and_can_be_missing() -> None:
    read = []

    def own() -> Iterator[tuple[str, str]]:
        read.append("settings")
        raise SettingsError(["damaged"])
        yield

    reason_of = reasons(own())
    assert reason_of("boilerplate", "vi.read_more") and reason_of("repeats", "exact")
    assert read == []
    assert reason_of("boilerplate", "own.mine") == reason_of("boilerplate", "own.other") == ""
    assert read == ["settings"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_reasons_are_those_of_the_packs(language: str) -> None:
    pack = load_rule_pack(language)
    assert rule_reasons(language) == {rule.id: rule.reason for rule in pack.rules}


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_the_texts_the_marks_are_safe(before: str, after: str) -> None:
    text = "".join(map(spelled, marked(before, after)))
    assert not RAW.search(text.replace("\n", ""))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(["một", "hai", " ", "  ", "\xa0", ".", "x" * 60]), max_size=60).map("".join),
       st.integers(0, 60), st.sampled_from(["ba", "  ", "\xa0", "\u200b", ""]))  # fmt: skip
def test_every_change_is_seen(text: str, at: int, put: str) -> None:
    after = text[:at] + put + text[at + 1 :]
    kinds = {kind for kind, piece in marked(text, after) if spelled((kind, piece)).strip(" ")}
    assert bool({"removed", "added"} & kinds) == (text != after)
