"""One rule: what is refused when it is loaded and why, and what the quick tests may rule out."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from cleaner.io.settings_file import load_rule_pack
from cleaner.settings import Rule
from cleaner.stages.rule import Form, check_rule, form_of, replaced

RULES = [(f"{pack}.{rule.id}", rule) for pack in ("vi", "en") for rule in load_rule_pack(pack).rules]


def rule(pattern: str, example: str = "Đọc thêm", **values: object) -> Rule:
    """Return a rule that passed its checks."""
    given = {"id": "r", "pattern": pattern, "examples": [example], "counter_examples": ["khác hẳn"]}
    return Rule.model_validate(given | values)


def form(pattern: str, scope: str = "line") -> Form:
    """Return the compiled form of an unchecked rule."""
    return form_of(Rule.model_construct(pattern=pattern, scope=scope))


REFUSED = {
    "does not compile": (
        {"pattern": "Đọc (thêm"},
        "the pattern is not a regular expression: missing ) at position 9",
    ),
    "does not compile, behind a placeholder": (
        {"pattern": "{NAME} và {UP} [đ"},
        "the pattern is not a regular expression: unterminated character set at position 17",
    ),
    "does not compile, at the end of a paragraph": (
        {"pattern": "*Đọc", "scope": "end", "action": "strip"},
        "the pattern is not a regular expression: nothing to repeat at position 0",
    ),
    "too deep": ({"pattern": "(" * 20_000}, "not a regular expression: it is too large or too deep"),
    "unknown placeholder": (
        {"pattern": "{NAMES}"},
        "unknown placeholder {NAMES} in the pattern; there are {UP}, ",
    ),
    "matches nothing at all": ({"pattern": "(?:Đọc thêm)?"}, "the pattern matches the empty string"),
    "matches an empty part": (
        {"pattern": r"\b", "scope": "inline", "action": "strip"},
        "does not act on its own example 1: 'Đọc thêm'",
    ),
    "misses an example": (
        {"pattern": "Đọc thêm", "examples": ["Đọc thêm", "Xem thêm"]},
        "does not act on its own example 2: 'Xem thêm'",
    ),
    "misses an example that is too long": (
        {"pattern": "[Đđọc thêm]+", "max_characters": 7},
        "does not act on its own example 1",
    ),
    "misses an example of too many words": (
        {"pattern": "[Đđọc thêm]+", "max_words": 1},
        "does not act on its own example 1",
    ),
    "hits a counter-example": (
        {"pattern": ".*", "counter_examples": ["Đọc thêm sách"]},
        "the pattern matches the empty string",
    ),
    "hits the second counter-example": (
        {"pattern": "Đọc.+", "counter_examples": ["khác", "Đọc thêm sách"]},
        "the rule acts on its counter-example 2: 'Đọc thêm sách'",
    ),
    "replaces by nothing": ({"action": "replace"}, "action replace needs a replacement"),
    "a replacement that is not made": ({"replacement": "."}, "a replacement has no effect with action drop"),
    "a replacement that is no shorter": (
        {"action": "replace", "replacement": "Đọc thêm."},
        "the replacement must be shorter than what it replaces, see example 1",
    ),
    "drops a part": ({"scope": "end"}, "action drop is for whole lines; for scope end use action: strip"),
    "strips a line": ({"action": "strip"}, "action strip is for parts; for scope line use action: drop"),
    "counts neighbours of a part": (
        {"scope": "end", "action": "strip", "min_run": 2},
        "max_words, min_run and after_sentence are for scope line only",
    ),
    "runs without end": (
        {"pattern": "(a|aa)+c", "examples": ["aac"]},
        "the pattern takes more than 0.2 s on ",
    ),
    "runs without end behind its literal": (
        {"pattern": r"Xem: (\w|\w\w)+!", "examples": ["Xem: a!"]},
        "the pattern takes more than 0.2 s on ",
    ),
    "slow on a long paragraph": (
        {"pattern": r"\w*\s*\w*\s*\w*\.$", "scope": "inline", "action": "strip", "examples": ["a."]},
        "the pattern takes more than 0.2 s on ",
    ),
}


@pytest.mark.parametrize(("values", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_rule_is_refused_with_one_sentence(values: dict[str, object], problem: str) -> None:
    started = time.monotonic()
    with pytest.raises(ValidationError) as caught:
        rule(**({"pattern": "Đọc thêm"} | values))
    (error,) = caught.value.errors()
    assert problem in error["msg"]
    assert "\n" not in error["msg"]
    assert len(error["msg"]) <= 200
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("{UP}+", "ĐỌC", "đọc"),
        ("{NAME}", "Jean-Luc O’Neil Minh Hà Đ.", "Minh Hà và Bảo"),
        ("{NAME}", "Một Hai Ba Bốn Năm", "Một Hai Ba Bốn Năm Sáu"),
        ("{CREDIT}", "Báo Pháp luật Thủ đô", "Hai bên ký kết biên bản"),
        ("{CREDIT}", "Q.BẢO - TTXVN", "nhân vật"),
        ("{DATE}", "3/12/2024", "3/12"),
        ("{DATE} {TIME}", "03-12-2024 08h05", "03-12-2024 8"),
    ],
)
def test_placeholders(pattern: str, yes: str, no: str) -> None:
    assert rule(pattern, yes, counter_examples=[no]).pattern == pattern


def test_a_decomposed_pattern_matches_composed_text() -> None:
    assert rule("Đo\u0323c the\u0302m").pattern
    assert form("Đo\u0323c the\u0302m").find("Đọc thêm") == (0, 8)


def test_an_empty_part_is_never_found() -> None:
    assert form("(?<=a)x*", "inline").find("ab axx") == (4, 6)
    assert form("(?<=a)x*", "inline").find("ab") is None
    assert form("(?=A)x*", "start").find("A") is None


@pytest.mark.parametrize(
    ("pattern", "literals", "one_of"),
    [
        ("Đọc thêm", ("Đọc thêm",), ()),
        (r"\./\.", ("./.",), ()),
        (r"\((?:[Ảả]nh|Hình)\s*:\s*[^()]{1,60}\)", (":", ")"), ("(Ảnh", "(ảnh", "(Hình")),
        (r"a+bc?d*e{2}f", ("a", "b", "e", "f"), ()),
        (r"(?:vàng){1,3}[^x]", ("vàng",), ()),
        (r"(?:vàng){0,3}[^x]", (), ()),
        (r"(?:vàng){,3}[^x]", (), ()),
        (r"(?:vàng){e<=1}[^x]", (), ()),
        (r"(?:vàng){1<=e<=2}[^x]", (), ()),
        (r"(?:vàng){1i+1d<=2}[^x]", (), ()),
        (r"(?:vàng|bạc)+?[^x]", (), ("bạc", "vàng")),
        (r"(?:vàng|b?)+[^x]", (), ()),
        (r"\w+(?:\s[-–&]\s\w+){1,3}", (), ("&", "-", "–")),
        (r"\w+[&|]\w", (), ("&", "|")),
        (r"\w+[&&a]\w", (), ()),
        (r"\A(?!x\Z)vàng", ("vàng",), ()),
        (r"(?!(?:bạc|x(?=y))(?:\s|\Z))(?:vàng)", ("vàng",), ()),
        (r"(?!(?i:bạc))vàng", ("vàng",), ()),
        (r"[\]x]yz|b", (), ()),
        (r"(?:yz|bq)[^]]", (), ("bq", "yz")),
        (r"(?:yz|b)[^]]", (), ()),
        (r"(?:yz|ayzb)c", (), ("yzc", "ayzbc")),
        (r"(?i)đọc", (), ()),
        (r"(?:ab){0}cd", ("cd",), ()),
        (r"(?:ab)?cd", ("cd",), ()),
        (r"(?P<a>b)cd", (), ()),
        (r"\(?(?:x)sẽ", ("xsẽ",), ()),
        (r"\x41bc", (), ()),
        (r"\pLbc", (), ()),
        (r"\p{Lu}bc\d", ("bc",), ()),
        (r"(?<=vi)et(?!na)m", ("etm",), ()),
        (r"x (?#:comment)y", (), ()),
        (r"(?:Theo\s+\w+|Nguồn:) TTXVN", (" TTXVN",), ("Theo", "Nguồn:")),
        (r"(?:\d|TTXVN)+", (), ()),
        (r"(?:Theo (?:TTXVN|VOV)|\w+ TTXVN)\.", (".",), (" TTXVN", "Theo VOV")),
    ],
)
def test_literals_stand_in_every_match(
    pattern: str, literals: tuple[str, ...], one_of: tuple[str, ...]
) -> None:
    assert (form(pattern).literals, form(pattern).one_of) == (literals, one_of)


@pytest.mark.parametrize(
    ("pattern", "by_start"),
    [
        ("Đọc thêm", True),
        (r"Bạ\Bn", False),
        (r"(?!.*x$)Bạn", False),
        (r"(?!xa)Bạn", True),
        (r"Ảnh:\b", False),
    ],
)
def test_patterns_that_look_on_are_not_judged_by_their_start(pattern: str, by_start: bool) -> None:
    assert form(pattern).by_start is by_start
    assert form(pattern).may_open("Bạ") is (pattern != "Đọc thêm")


@pytest.mark.parametrize("rule", [rule for _, rule in RULES], ids=[label for label, _ in RULES])
def test_a_packaged_rule_takes_long_on_no_text(rule: Rule) -> None:
    """Which is not tried when it is loaded."""
    check_rule(rule, speed=True)


@pytest.mark.parametrize(("label", "rule"), RULES, ids=[label for label, _ in RULES])
def test_no_start_of_an_example_is_ruled_out(label: str, rule: Rule) -> None:
    for example in rule.examples:
        assert form_of(rule).may_stand_in(example)
        for end in range(len(example) + 1):
            assert form_of(rule).may_open(example[:end])


PIECES = st.sampled_from(
    [
        "a",
        "b",
        "Đ",
        " ",
        ":",
        r"\.",
        r"\d",
        "[ab]",
        "[.1-]",
        "(?:a|b)",
        "(?:ab|Đ|a:)",
        "(?:Đ:)",
        "(?:a|b.|:(?:a|Đ)b)",
        "(?=a)",
        "(?!b)",
        "|",
    ]
)
PATTERNS = st.lists(
    st.tuples(PIECES, st.sampled_from(["", "", "?", "*", "+", "{0,2}"])), min_size=1, max_size=6
)


@settings(derandomize=True, deadline=None, max_examples=500)
@given(PATTERNS, st.text("abĐ :.1", max_size=8), st.sampled_from(["line", "start", "end", "inline"]))
def test_the_quick_tests_hide_no_match_of_any_pattern(
    pieces: list[tuple[str, str]], text: str, scope: str
) -> None:
    bare = ("(?=a)", "(?!b)", "|")
    quantified = [piece + ("" if piece in bare else by) for piece, by in pieces]
    known = form("".join(quantified), scope)
    if known.find(text):
        assert known.may_stand_in(text)
        assert known.may_stand_in(f"b\n{text}\na")
        assert all(known.may_open(text[:end]) for end in range(len(text) + 1))


@pytest.mark.parametrize(
    ("text", "part", "replacement", "result"),
    [
        ("Nhà máy (Ảnh: A).", "(Ảnh: A)", "", "Nhà máy."),
        ("Nhà máy (Ảnh: A) cháy", "(Ảnh: A)", "", "Nhà máy cháy"),
        ("Nhà máy cháy. (Ảnh: A).", "(Ảnh: A)", "", "Nhà máy cháy."),
        ("Nhà máy (Ảnh: A), kho", "(Ảnh: A)", "", "Nhà máy, kho"),
        ("TTO - Mưa lớn", "TTO - ", "", "Mưa lớn"),
        ("Tại Lào./.", "./.", ".", "Tại Lào."),
        ("(Ảnh: A)", "(Ảnh: A)", "", ""),
        ("Nhà máy cháy chiều 27-2 -. Ảnh: A", " Ảnh: A", "", "Nhà máy cháy chiều 27-2."),
        ("Nhà máy cháy – Ảnh: A", "Ảnh: A", "", "Nhà máy cháy"),
        ("Nhà máy Dana - Ý. Ảnh: A", "Ảnh: A", "", "Nhà máy Dana - Ý."),
        ("Nhà máy (Ảnh: A) - kho", "(Ảnh: A)", "", "Nhà máy - kho"),
    ],
)
def test_a_removed_part_leaves_no_hole(text: str, part: str, replacement: str, result: str) -> None:
    start = text.index(part)
    assert replaced(text, (start, start + len(part)), replacement) == result
