"""The boilerplate stage: the cases as data, and what must hold for every document and every rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.errors import UsageError
from cleaner.io.settings_file import load_rule_pack
from cleaner.settings import Rule
from cleaner.stages.boilerplate import Boilerplate
from cleaner.stages.rule import RuleTimeoutError, form_of
from cleaner.text.kinds import lines_of

CASES = json.loads((Path(__file__).parent.parent / "cases" / "boilerplate.json").read_bytes())
RULES = [(f"{pack}.{rule.id}", rule) for pack in ("vi", "en") for rule in load_rule_pack(pack).rules]
STAGE = Boilerplate(RULES, {})
SENTENCE = "Cơ quan chức năng đang tiếp tục điều tra, làm rõ nguyên nhân của vụ việc."

SAMPLES = [text for _, rule in RULES for text in (*rule.examples, *rule.counter_examples)]
PLAIN = [SENTENCE, "Giá vàng giảm nhẹ.", "Bridge opens", "Nước dâng (cao 2 m) - dân di dời.", "A", "…"]
LETTERS = st.text(alphabet="ĐẢảnh TheoXmMinhHà:()>-–./12\n«»", max_size=40)
PARAGRAPHS = st.one_of(st.sampled_from(SAMPLES), st.sampled_from(PLAIN), LETTERS)
JOINED = st.tuples(PARAGRAPHS, PARAGRAPHS).map(" ".join)


def rule(pattern: str, example: str, **settings: object) -> Rule:
    """Return a tested rule with what is needed filled in."""
    values = {"id": "r", "pattern": pattern, "examples": [example], "counter_examples": ["khác hẳn"]}
    return Rule.model_validate(values | settings)


def cleaned(stage: Boilerplate, paragraphs: list[str]) -> list[str]:
    """Return the paragraphs that stay, as the pipeline would pass them on."""
    outcomes = stage(paragraphs)
    texts = [outcomes[i].steps[-1].text if i in outcomes and outcomes[i].steps else text
             for i, text in enumerate(paragraphs)]  # fmt: skip
    return [text for text in texts if text is not None]


def rules_of(stage: Boilerplate, paragraphs: list[str]) -> tuple[list[str], list[str]]:
    """Return the rules that acted and those that only reported, in order of the paragraphs."""
    outcomes = [outcome for _, outcome in sorted(stage(paragraphs).items())]
    acted = [step.rule for outcome in outcomes for step in outcome.steps]
    return acted, [miss.rule for outcome in outcomes for miss in outcome.near_misses]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, list[str]]) -> None:
    assert cleaned(STAGE, case["paragraphs"]) == case["clean"]
    assert rules_of(STAGE, case["paragraphs"]) == (case["acted"], case["reported"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_clean_text_stays_clean(case: dict[str, list[str]]) -> None:
    assert rules_of(STAGE, case["clean"])[0] == []


def test_cases_hold_more_that_stays_than_goes() -> None:
    staying = sum(not case["acted"] for case in CASES)
    assert staying >= len(CASES) - staying


@pytest.mark.parametrize(("label", "rule"), RULES, ids=[label for label, _ in RULES])
def test_packs_say_why_and_do_not_remove_at_high_risk(label: str, rule: Rule) -> None:
    assert rule.reason
    if rule.risk == "high" and rule.action not in ("report", "off"):
        assert rule.position in ("last", "above_captions"), "only a place can take the risk away"
        assert rule.after_sentence


@pytest.mark.parametrize(("label", "rule"), RULES, ids=[label for label, _ in RULES])
def test_every_example_is_found_in_a_document(label: str, rule: Rule) -> None:
    """All other rules are off, so each one is reached, whatever its place, by the tests before it."""
    others = {other: "off" for other, _ in RULES if other != label}
    stage = Boilerplate(RULES, {**others, label: "report"})
    for example in rule.examples:
        document = {
            "first": [example, SENTENCE, SENTENCE, SENTENCE],
            "first_three": [SENTENCE, example, SENTENCE, SENTENCE, SENTENCE],
            "above_captions": [*[SENTENCE] * 4, example, "Các bị cáo tại phiên toà sơ thẩm."],
        }.get(rule.position, [SENTENCE, SENTENCE, *[example] * rule.min_run])
        assert rules_of(stage, document)[1] == [label] * rule.min_run


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.one_of(PARAGRAPHS, JOINED), max_size=12))
def test_a_second_pass_changes_nothing(paragraphs: list[str]) -> None:
    once = cleaned(STAGE, paragraphs)
    assert cleaned(STAGE, once) == once
    assert rules_of(STAGE, once)[0] == []


# All rules as if for any place and reporting only, so that every match comes out of the stage.
ANYWHERE = [
    (label, rule.model_copy(update={"position": "any", "min_run": 1, "after_sentence": False}))
    for label, rule in RULES
]
REPORTING = Boilerplate(ANYWHERE, {label: "report" for label, _ in ANYWHERE})
FORMS = [(label, form_of(rule)) for label, rule in ANYWHERE]


def found_by_patterns(text: str) -> list[str]:
    return [label for label, form in FORMS if text.strip() and form.find(text.strip())]


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.one_of(PARAGRAPHS, JOINED))
def test_the_quick_tests_hide_no_match(text: str) -> None:
    assert rules_of(REPORTING, [text])[1] == found_by_patterns(text)


def test_the_quick_tests_hide_no_match_on_any_sample() -> None:
    for text in SAMPLES:
        assert rules_of(REPORTING, [text])[1] == found_by_patterns(text)


SHORT = [
    ("own.nothing", rule(r"\w+ \d", "ab 1", scope="inline", action="strip")),
    ("own.sign", rule("=", "=", scope="inline", action="strip")),
    ("own.two_signs", rule("(?:Mm|mM)", "Mm", scope="inline", action="strip")),
    ("own.some", rule("(?:Xin|Anh) ơi", "Anh ơi", scope="inline", action="strip")),
]
PIECES = st.sampled_from(
    ["=", "Mm", "mM", "Xin ơi", "Anh ơi", "Anh", "ơi", "a 1", "Theo", " ", "\u00a0", "ab"]
)


@pytest.mark.parametrize("own", [[], SHORT], ids=["packs", "own"])
def test_what_is_learnt_of_many_lines_changes_nothing(own: list[tuple[str, Rule]]) -> None:
    rules = [*ANYWHERE, *RULES, *own]
    stage, learned = Boilerplate(rules, {}), Boilerplate(rules, {})

    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(st.lists(st.one_of(PARAGRAPHS, JOINED, st.lists(PIECES).map("".join)), max_size=12))
    def same(paragraphs: list[str]) -> None:
        texts = [line for text in paragraphs for line in text.split("\n")]
        if lines := lines_of(texts):
            learned.expect(lines)
        assert learned(texts) == stage(texts)
        assert learned(texts[1:]) == stage(texts[1:])

    same()
    lines = lines_of([line for text in SAMPLES for line in text.split("\n")])
    assert lines
    learned.expect(lines)
    for text in lines.texts:
        assert learned([text]) == stage([text])


def test_a_step_tells_rule_text_and_metadata() -> None:
    title = "Hai nước tăng hợp tác phòng, chống tội phạm"
    outcomes = STAGE([f"{title} 31/05/2025 08:05", SENTENCE, "Minh Hà - Quốc Bảo"])
    assert {i: [(s.rule, s.text, s.metadata) for s in outcome.steps] for i, outcome in outcomes.items()} == {
        0: [("vi.title_timestamp", title, ("time", "31/05/2025 08:05"))],
        2: [("vi.byline_names", None, ("author", "Minh Hà - Quốc Bảo"))],
    }


def test_a_near_miss_tells_match_and_reason() -> None:
    misses = STAGE(["Trận đấu khép lại. Tin liên quan Đội khách gây sốc"])[0].near_misses
    assert [(miss.rule, miss.match) for miss in misses] == [
        ("vi.related_tail", "Tin liên quan Đội khách gây sốc")
    ]
    assert misses[0].reason


def test_rules_act_in_order_and_each_from_the_text_before_it() -> None:
    stage = Boilerplate([
        ("own.a", rule("x ", "x y", scope="start", action="strip")),
        ("own.b", rule("y", "y", scope="line")),
    ], {})  # fmt: skip
    assert [(step.rule, step.text) for step in stage(["x x y"])[0].steps] == [
        ("own.a", "x y"),
        ("own.a", "y"),
        ("own.b", None),
    ]


def test_actions_can_be_changed_rule_by_rule() -> None:
    caption = "Các đại biểu chụp ảnh lưu niệm."
    assert cleaned(Boilerplate(RULES, {"vi.generic_caption": "drop"}), [SENTENCE, caption]) == [SENTENCE]
    switched = Boilerplate(RULES, {"vi.read_more": "off", "vi.related": "report", "vi.wire_end": "drop"})
    document = ["Đọc thêm", "Tin liên quan", "Đoàn rời thủ đô./."]
    assert cleaned(switched, document) == ["Đọc thêm", "Tin liên quan", "Đoàn rời thủ đô"]
    assert rules_of(switched, document)[1] == ["vi.related"]


def test_a_rule_without_replacement_cannot_be_made_to_replace() -> None:
    with pytest.raises(UsageError, match=r"vi\.read_more: action replace needs a replacement"):
        Boilerplate(RULES, {"vi.read_more": "replace"})


def test_a_replacement_that_does_not_shorten_is_not_made() -> None:
    stage = Boilerplate([
        ("own.a", rule("TP+", "TPP", scope="inline", action="replace", replacement="TP")),
    ], {})  # fmt: skip
    assert cleaned(stage, ["TPPP và TP"]) == ["TP và TP"]
    again = rule("TPP?", "TPP", action="replace", replacement="TP", min_run=2)
    assert Boilerplate([("own.a", again)], {})(["TP", "TP"]) == {}


def test_runs_count_only_living_neighbours() -> None:
    stage = Boilerplate([
        ("own.menu", rule(r"\p{Lu}\w+", "Xe", min_run=3)),
        ("own.ad", rule("qc", "qc")),
    ], {})  # fmt: skip
    assert cleaned(stage, ["Xe", "qc", "Nhà", "Đất", "đủ rồi", "Xe", "Nhà"]) == ["đủ rồi", "Xe", "Nhà"]


def test_rules_that_look_at_neighbours_look_again_when_an_end_was_peeled() -> None:
    stage = Boilerplate([
        ("own.menu", rule(r"\p{Lu}\w+", "Xe", min_run=3)),
        ("own.ad", rule("qc", "qc", position="first_three")),
    ], {})  # fmt: skip
    assert cleaned(stage, ["Xe", "qc", "Nhà", "Đất", "đủ rồi"]) == ["đủ rồi"]


def test_a_slow_own_rule_is_named() -> None:
    slow = Rule.model_construct(id="r", pattern="(a|aa)+b", examples=("ab",), counter_examples=("c",))
    with pytest.raises(RuleTimeoutError, match=r"own\.slow took more than") as caught:
        Boilerplate([("own.slow", slow)], {})(["a" * 150 + "cb"])
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("line", ["Theo VOV", "Trang chủ", "Quảng cáo", "Minh Hà", ">> Tin A hôm nay"])
def test_long_documents_of_one_kind_take_linear_time(line: str) -> None:
    """20,000 paragraphs; a step that looked at all of them for each one would take minutes."""
    assert len(cleaned(STAGE, [SENTENCE] + [line] * 20_000)) in (1, 20_001)
