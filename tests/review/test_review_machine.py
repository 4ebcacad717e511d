"""A review by commands: what is asked, in which order, what an answer does, and what undoes it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.io.decisions import append_decisions
from cleaner.report.lines import plain
from cleaner.report.reasons import reasons
from cleaner.review.contexts import Contexts
from cleaner.review.items import Item, collected
from cleaner.review.machine import KEYS, acted, begun, learnt, with_proposal
from cleaner.review.proposals import Proposal
from cleaner.review.screen import view
from cleaner.text.changes import Place
from cleaner.text.decisions import Decision, latest

RULES = json.loads((Path(__file__).parents[1] / "cases/review_rules.json").read_text(encoding="utf-8"))
MORE = "Đọc thêm"


def shown(desk) -> str:
    return "\n".join(map(plain, desk.view().lines()))


def test_the_doubtful_come_first_and_alike_ones_once(desk):
    state = desk().state
    assert [(item.group, item.rule_name, item.count) for item in state.items] == [
        ("held back", "near_duplicate.facts", 1),
        ("removed", "near_duplicate.near", 1),
        ("removed", "boilerplate.vi.byline_names", 1),
        ("edited", "boilerplate.vi.photo_credit_tail", 1),
        ("removed", "boilerplate.vi.read_more", 3),
        ("removed", "repeats.exact", 1),
    ]


@pytest.mark.parametrize(
    ("number", "command", "wanted"),
    [
        (0, "accept", ("accept", "near_duplicate.facts")),
        (0, "keep", ("keep", "")),
        (0, "drop", ("drop", "")),
        (1, "accept", ("accept", "near_duplicate.near")),
        (1, "reject", ("reject", "near_duplicate.near")),
        (4, "reject", ("reject", "boilerplate.vi.read_more")),
        (4, "keep", ("keep", "")),
    ],
)
def test_an_answer_is_on_disk_and_is_not_asked_again(desk, decided, number, command, wanted):
    first = desk()
    for _ in range(number):
        first.do("skip")
    item = first.state.item
    first.do(command)
    assert decided() == [(*wanted, item.text)]
    assert item not in [first.state.items[at] for at in first.state.open()]
    again = desk().state
    assert item not in [again.items[at] for at in again.open()]
    first.do("undo")
    assert first.state.item == item
    assert [each[0] for each in decided()] == [wanted[0], "forget"]
    assert len(desk().state.open()) == 6


def test_of_an_edit_the_text_before_it_is_kept_and_the_text_after_it_dropped(desk, decided):
    for command in ("keep", "drop"):
        one = desk(filter="edited")
        item = one.state.item
        one.do(command)
        one.do("undo")
        said = decided()[-1][2]
        assert said == (item.text if command == "keep" else item.stands)
        assert item.text.endswith("Ảnh: Minh Hà") and item.stands.endswith("sáng nay.")


def test_what_stays_cannot_be_rejected(desk, decided):
    one = desk()
    assert "nothing was removed here" in one.do("reject").message
    assert decided() == [] and one.state.at == 0
    assert "[r]" not in shown(one)


def test_skip_undo_next_and_filter(desk, decided):
    one = desk()
    one.do("next")
    assert one.state.item.path != "vne/a.txt"
    assert one.do("undo").at == 0
    one.do("filter", "repeats")
    assert [one.state.items[at].stage for at in one.state.open()] == ["repeats"]
    one.do("filter", " vi.read_more ")
    assert one.state.item.text == MORE and "only vi.read_more" in shown(one)
    assert "nothing is left by" in one.do("filter", "nobody").message
    one.do("filter", "vne")
    assert {one.state.items[at].source for at in one.state.open()} == {"vne"}
    one.do("filter")
    for _ in one.state.items:
        one.do("skip")
    assert one.state.item is None and "nothing is left" in shown(one)
    assert one.do("accept").message == "nothing is left to ask"
    assert decided() == []
    assert one.do("undo").item is not None
    assert one.do("quit").ended


def test_the_same_text_is_not_asked_again_for_another_reason(desk):
    one = desk()
    one.do("filter", "vi.byline_names")
    append_decisions(one._path, [Decision("keep", MORE.upper())])
    one.do("skip")
    one.do("filter")
    one.do("accept")
    assert MORE not in [one.state.items[at].text for at in one.state.open()], "two may review at once"


def test_an_answer_that_cannot_be_written_does_not_count(desk, folder):
    one = desk()
    (folder / "decisions.jsonl").mkdir()
    state = one.do("accept")
    assert "the decision cannot be written" in state.message and state.at == 0 and not state.turns


def test_a_rule_is_shown_before_it_is_made(desk, folder, decided):
    one = desk(filter="vi.byline_names")
    one.do("rule")
    assert "own.minh_ha_quoc_bao" in shown(one) and "[3] ( ) any names" in shown(one)
    assert not (folder / "rules.yaml").exists()
    assert one.do("skip").message == "y makes the rule, c leaves it"
    assert one.do("cancel").message == "no rule was made"
    one.do("rule")
    one.do("names")
    assert "{NAME}" in shown(one) and "[3] (x) any names" in shown(one)
    one.do("names")
    assert one.do("confirm").message == "rule own.minh_ha_quoc_bao was made"
    assert "- id: minh_ha_quoc_bao" in (folder / "rules.yaml").read_text(encoding="utf-8")
    assert decided() == [("accept", "boilerplate.vi.byline_names", "Minh Hà - Quốc Bảo")]
    assert one.do("undo").message.startswith("taken back, but for rule own.minh_ha_quoc_bao")
    one.do("rule")
    assert "own.minh_ha_quoc_bao_2" in shown(one)


def test_without_a_rule_file_no_rule_is_made(desk, folder, decided):
    (folder / "config.yaml").write_text("input: [in]\nboilerplate: {rule_file: ''}\n")
    one = desk(filter="vi.byline_names")
    one.do("rule")
    assert "the settings name no rule file" in one.do("confirm").message
    assert decided() == []


@pytest.mark.parametrize("row", RULES, ids=[row["text"][:30] for row in RULES])
def test_rules_made_of_lines(row):
    proposal = Proposal(row["text"], row.get("beside", []), [])
    assert list(proposal.openings) == row["openings"]
    for opening in row.get("open", []):
        proposal = proposal.turned(opening)
    if "fault" in row:
        with pytest.raises(ValueError, match=row["fault"]):
            proposal.rule()
        return
    rule = proposal.rule()
    from cleaner.stages.rule import form_of

    form = form_of(rule)
    assert [text for text in row["matches"] if not form.find(text)] == []
    assert [text for text in row["not"] if form.find(text)] == []


def test_both_paragraphs_are_shown_with_marks_and_what_stands_around_them(desk):
    one = desk()
    assert shown(one).splitlines()[:3] == [
        " 6 left   0 answered",
        'held back  near_duplicate.facts, ratio 98.8: numbers differ: "7.000" there, "9.000" here',
        "",
    ]
    for part in ("vne/a.txt line 5", "[?9.000?]", "{+7.000+}", "Mô hình này", "Hành khách", "Thành phố"):
        assert part in shown(one), part
    one.do("skip")
    for part in ("vne/b.txt line 2", "[-thì -]", "stays: vne/a.txt line 4", "Bài khác", "Hết bài, cảm ơn"):
        assert part in shown(one), part
    one.do("help")
    assert "nothing removes this text" in shown(one)


def test_data_is_never_raw(desk):
    one = desk("n.jsonl")
    text = shown(one)
    assert "[U+001B][2J[U+202E]" in text and "\x1b" not in text and "\u202e" not in text


def test_items_beyond_the_most_are_counted(desk):
    items = list(desk().state.items)
    kept, left_out = collected(iter(items * 2), most=2)
    assert ([item.rule for item in kept], left_out) == (["facts", "near"], 12)
    state = begun(kept, {}, left_out, "")
    text = "\n".join(map(plain, view(state, Contexts(os.devnull), reasons()).lines()))
    assert "(12 less doubtful ones come in another review)" in text


def _item(number: int, group: str, text: str, other: str | None) -> Item:
    place = Place("b.txt", 0, "b.txt", 0, 1, other) if other else None
    stage = "near_duplicate" if other else "boilerplate"
    stands = text if group == "held back" else None
    decision = Decision("accept", text, f"{stage}.x", other)
    keys = frozenset({decision.key(), Decision("keep", text).key()})
    return Item(group, "a.txt", number % 2, 0, 1, "a", stage, "x", "", text, stands, keys, 90.0, place)


TEXTS = st.sampled_from(["một", "hai", "Ba 12", "bốn"])
ITEMS = st.lists(
    st.tuples(st.sampled_from(["held back", "removed"]), TEXTS, st.one_of(st.none(), TEXTS)), max_size=6
)
COMMANDS = st.lists(
    st.one_of(
        st.sampled_from([*KEYS.values(), "numbers", "names", "confirm", "cancel", "propose"]),
        st.builds(Decision, st.sampled_from(["keep", "drop"]), TEXTS),
    ),
    max_size=12,
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(ITEMS, COMMANDS)
def test_any_commands(items, commands):
    """What the state holds is what stands on disk; what is open was never answered; all can be undone."""
    state = begun([_item(number, *item) for number, item in enumerate(items)], {}, 0, "")
    written: list[Decision] = []
    for command in commands:
        if isinstance(command, Decision):  # another reviewer
            written.append(command)
            state = learnt(state, [command])
        elif command == "propose":
            state = with_proposal(state, Proposal(state.item.text, (), ())) if state.item else state
        else:
            state, effect = acted(state, command)
            written += [effect.decision] if effect else []
        assert state.decided == latest(written)
        assert state.at is None or state.is_open(state.at) or state.message.startswith(("taken", "no"))
        for number in state.open():
            assert not state.items[number].keys & state.decided.keys()
    mine = [turn.decision for turn in state.turns if turn.decision]
    for _ in range(len(state.turns) + 1):
        state, effect = acted(state, "undo")
        written += [effect.decision] if effect else []
    assert not state.passed and state.turns == ()
    assert {each.key() for each in mine} >= set() and state.decided == latest(written)
