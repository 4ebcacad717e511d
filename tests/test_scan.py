"""Scanning one document: stages are asked until they find nothing more, and no more often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.job import load_rules
from cleaner.pipeline import local_stages, scan
from cleaner.settings import Settings
from cleaner.stages.base import Blocks, Outcome, Step, no_blocks
from cleaner.text.document import Paragraphs
from cleaner.text.draft import Miss

SETTINGS = Settings.model_validate({"repeats": {"min_characters": 3, "min_words": 1}})
STAGES = local_stages(SETTINGS, load_rules(SETTINGS))
derandomized = settings(derandomize=True, deadline=None, max_examples=300)

LINES = [
    "Cây cầu mới bắc qua sông", "CÂY CẦU MỚI BẮC QUA SÔNG",
    "Cây cầu mới bắc qua sông Lô, nối hai xã của huyện.", "Đọc thêm", "Xem thêm tại đây.",
    "Cơ quan chức năng đang tiếp tục điều tra, làm rõ nguyên nhân của vụ việc.",
    "Theo TTXVN", "Minh Hà", "Ảnh: Minh Hà", "Nguồn: Báo Lao Động", "Ngày 12/3/2024", "- Ông có khỏe không?",
    "1", " lạc\u00a0 lõng ", "NgÆ°á»\u009di dÃ¢n", "\u200b", "\u00a0",
]  # fmt: skip
UNREADABLE = "\udcc3 | \udca9"  # two stray bytes; joined they are a letter


def as_paragraphs(texts: Sequence[str]) -> Paragraphs:
    return Paragraphs("", tuple(texts), ("\n",) * len(texts))


@dataclass(slots=True)
class Stage:
    """Changes each paragraph that is in `changes` (None: it is dropped), and counts how often it is asked."""

    name: str
    changes: Mapping[str, str | None]
    by_place: bool = True
    asked: list[list[str]] = field(default_factory=list)

    def __call__(self, paragraphs: Sequence[str], _blocks: Blocks = no_blocks, /) -> Mapping[int, Outcome]:
        self.asked.append(list(paragraphs))
        steps = {i: self.changes[text] for i, text in enumerate(paragraphs) if text in self.changes}
        return {i: Outcome((Step("rule", after),)) for i, after in steps.items()}


@pytest.mark.parametrize(
    ("changes", "texts", "asked"),
    [
        ([{}, {}, {}], ["a", "b"], ["ab", "ab", "ab"]),
        ([{}, {}, {}], [], ["", "", ""]),
        ([{"a": "c"}, {"b": "d"}, {}], ["a", "b"], ["ab", "cb", "cd"]),
        ([{"a": None}, {}, {}], ["a", "b"], ["ab", "b", "b"]),
        ([{"a": ""}, {}, {}], ["a", "b"], ["ab", "b", "b"]),
        ([{}, {"a": None}, {}], ["a", "b"], ["ab", "ab", "b"]),
        ([{}, {}, {"a": "c"}], ["a", "b"], ["ab", "ab", "ab"]),
        ([{}, {}, {"a": None}], ["a", "b"], ["ab", "ab b", "ab"]),
        ([{}, {}, {"a": ""}], ["a", "b"], ["ab", "ab b", "ab"]),
        ([{}, {"a": None}, {"b": "d"}], ["a", "b"], ["ab", "ab d", "b"]),
        ([{}, {"c": None}, {"a": "c", "b": None}], ["a", "b", "d"], ["abd", "abd cd", "abd d"]),
        ([{}, {"c": "e"}, {"a": "c", "b": None}], ["a", "b", "d"], ["abd", "abd cd", "abd ed"]),
        ([{"c": None}, {}, {"a": "c", "b": None}], ["a", "b", "d"], ["abd", "abd cd", "abd"]),
    ],
)
def test_a_stage_is_asked_about_what_it_has_not_left_so(
    changes: list[dict[str, str | None]], texts: list[str], asked: list[str]
) -> None:
    stages = [Stage(f"stage {number}", each, by_place=number > 0) for number, each in enumerate(changes)]
    scan(as_paragraphs(texts), stages)
    assert [" ".join("".join(texts) for texts in stage.asked) for stage in stages] == asked


def test_a_change_that_could_not_be_read_back_is_asked_for_again_and_listed_once() -> None:
    first = Stage("first", {UNREADABLE: "\udcc3\udca9"})
    draft = scan(as_paragraphs([UNREADABLE, "a", "b"]), [first, Stage("second", {"a": None})])
    assert first.asked == [[UNREADABLE, "a", "b"], [UNREADABLE, "b"]]
    assert draft.alive([UNREADABLE, "a", "b"]) == ([0, 2], [UNREADABLE, "b"])
    assert draft.misses == {0: [Miss("first", "rule", UNREADABLE, "stray bytes would have run together")]}


@derandomized
@given(st.lists(st.sampled_from(LINES), max_size=10))
def test_in_what_is_left_nothing_more_is_found(texts: list[str]) -> None:
    draft = scan(as_paragraphs(texts), STAGES)
    numbers, left = draft.alive(texts)
    for stage in STAGES:
        for index, outcome in stage(left).items():
            assert outcome.steps == ()
            for miss in outcome.near_misses:
                known = draft.misses[numbers[index]]
                assert Miss(stage.name, miss.rule, miss.match, miss.reason) in known
