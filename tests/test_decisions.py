"""What people decided is minded by every later run: by content, by all stages, and by nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner.concerned import removals_of
from cleaner.io.decisions import append_decisions
from cleaner.io.output import read_documents
from cleaner.plan import Options
from cleaner.restoring import verify_output
from cleaner.text.decisions import Decision, Decisions, decisions_of
from cleaner.text.document import split
from cleaner.text.normalize import matching_form

FARE = "Giá vé mỗi lượt là 7.000 đồng, sinh viên được giảm một nửa trong ba tháng đầu tiên."
FARE_SAID = "Giá vé mỗi lượt là 7.000 đồng, sinh viên thì được giảm một nửa trong ba tháng đầu tiên."
FARE_AGAIN = "Giá vé mỗi lượt là 7.000 đồng, sinh viên đều được giảm một nửa trong ba tháng đầu tiên."
HARBOUR = "The committee will meet again on Monday to discuss the budget of the harbour."
ROAD = "Một con đường mới vừa được khánh thành ở vùng cao sau bốn năm thi công."
MORE = "Đọc thêm"
READ_MORE = "boilerplate.vi.read_more"
CASES = json.loads((Path(__file__).parent / "cases/decisions.json").read_text(encoding="utf-8"))


@pytest.fixture
def run(tmp_path, clean, fill) -> Callable[..., object]:
    """Return what makes a run in `tmp_path`: files to write, then settings and options."""

    def run(files=None, *decisions: Decision, **changes):
        if files:
            fill(tmp_path / "in", files)
        if decisions:
            append_decisions(bytes(tmp_path / "decisions.jsonl"), decisions)
        place = str(tmp_path / "decisions.jsonl")
        return clean(tmp_path / "in", tmp_path / "out", decisions=place, **changes)

    return run


@pytest.fixture
def text(tmp_path) -> Callable[[str], list[str]]:
    """Return what reads the paragraphs of a clean text."""
    return lambda name: [
        line for line in (tmp_path / "out/clean" / name).read_text(encoding="utf-8").split("\n") if line
    ]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_decision_is_minded(run, text, tmp_path, case):
    files = {name: "".join(f"{line}\n" for line in lines) for name, lines in case["files"].items()}
    if case.get("after_a_run", True):
        run(files)
    run(files, Decision(**case["decision"]))
    assert {name: text(name) for name in files} == case["clean"]
    assert verify_output(str(tmp_path / "out")).differences == ()
    assert run().summary is None, "and then there is nothing to do"


def test_as_many_rows_are_of_what_a_decision_does_not_do():
    nothing = [
        case for case in CASES if case["name"].startswith(("another", "it ", "and ", "a third", "what"))
    ]
    assert len(nothing) >= len(CASES) / 3


def test_what_one_rule_must_not_remove_no_other_does_there(run, text):
    """Two rules match the line; where the first is held back, the second is, too, and so are duplicates."""
    rules = [
        {"id": name, "pattern": "Xem tin khác.*", "examples": ["Xem tin khác"], "counter_examples": ["Tin"]}
        for name in ("one", "two")
    ]
    line = "Xem tin khác của chúng tôi trên trang nhất ngày hôm nay"
    files = {"a.txt": f"{ROAD}\n{line}\n{HARBOUR}\n", "b.txt": f"{line}\n{FARE}\n{line}\n"}
    run(files, Decision("reject", line, "boilerplate.own.one"), boilerplate={"rules": rules})
    assert text("a.txt") == [ROAD, line, HARBOUR] and text("b.txt") == [line, FARE, line]
    run(None, Decision("forget", line, "boilerplate.own.one"), boilerplate={"rules": rules})
    assert line not in text("a.txt") + text("b.txt")


def test_only_inputs_that_a_new_decision_concerns_are_written_again(run, text, tmp_path, stamps):
    run(
        {
            "a.txt": f"{ROAD}\n{MORE}\n{HARBOUR}\n",
            "b.txt": f"{MORE} sách\n{FARE}\n",
            "c.jsonl": _records(FARE, MORE),
        }
    )
    before = stamps(tmp_path / "out")
    outcome = run(None, Decision("reject", MORE, READ_MORE), Decision("keep", "not there"))
    assert (outcome.summary.run, outcome.summary.counts["documents"], outcome.summary.unchanged) == (2, 3, 1)
    assert "2 inputs cleaned anew because of decisions." in outcome.note
    assert "1 of 2 decisions match no text any more; see `cleaner review --decisions`." in outcome.note
    after = stamps(tmp_path / "out")
    places = [name for name in after if name.startswith(("clean", "ledger"))]
    written = {name for name in places if after[name] != before[name]}
    assert written == {
        "clean/a.txt", "clean/c.jsonl", "ledger/a.txt.ledger.jsonl", "ledger/c.jsonl.ledger.jsonl",
    }  # fmt: skip
    assert text("a.txt") == [ROAD, MORE, HARBOUR]
    manifest = json.loads((tmp_path / "out/state/runs/000002.json").read_text().split("\n")[0])
    assert manifest["versions"]["decisions"] == json.loads(_state(tmp_path))["digest"]


def test_a_decision_that_is_taken_back_is_undone(run, text, tmp_path, stamps):
    files = {"a.txt": f"{ROAD}\n{MORE}\n{HARBOUR}\n", "b.txt": f"{FARE}\n"}
    run(files)
    fresh = {
        name: data
        for name, (*_, data) in stamps(tmp_path / "out").items()
        if name.startswith(("clean", "ledger"))
    }
    for kind in ("keep", "drop"):
        said = ROAD if kind == "drop" else MORE
        run(None, Decision(kind, said))
        assert (said in text("a.txt")) == (kind == "keep")
        outcome = run(None, Decision("forget", said))
        assert (outcome.summary.counts["documents"], outcome.summary.unchanged) == (1, 1)
        found = {name: stamps(tmp_path / "out")[name][2] for name in fresh}
        assert found == fresh
    (tmp_path / "decisions.jsonl").unlink()
    assert run().summary is None


def test_what_went_for_a_text_that_now_goes_is_judged_anew(run, text):
    run({"a.txt": f"{ROAD}\n{FARE}\n", "b.txt": f"{HARBOUR}\n{FARE_SAID}\n"})
    assert text("b.txt") == [HARBOUR]
    run(None, Decision("drop", FARE))
    assert text("a.txt") == [ROAD] and text("b.txt") == [HARBOUR, FARE_SAID]


def test_an_input_that_is_gone_is_named_and_done_when_it_is_back(run, text, tmp_path):
    line = f"{ROAD}\n{MORE}\n{HARBOUR}\n"
    run({"a.txt": line, "b.txt": f"{FARE}\n"})
    (tmp_path / "in/a.txt").rename(tmp_path / "a.txt")
    outcome = run(None, Decision("keep", MORE))
    assert outcome.summary is None
    assert "decisions concern 1 input that can be read no more (a.txt)" in outcome.note
    assert text("a.txt") == [ROAD, HARBOUR]
    assert "concern" not in run().note, "that is said once"
    (tmp_path / "a.txt").rename(tmp_path / "in/a.txt")
    run()
    assert text("a.txt") == [ROAD, MORE, HARBOUR]


def test_what_a_limit_leaves_out_is_done_by_the_next_run(run, text):
    run({name: f"{ROAD}\n{MORE}\n{name}\n" for name in ("a.txt", "b.txt")})
    run(None, Decision("keep", MORE), options=Options(limit=1))
    assert MORE in text("a.txt") and MORE not in text("b.txt")
    run()
    assert MORE in text("b.txt")


def test_a_dry_run_tells_and_changes_nothing(run, tmp_path, stamps):
    run({"a.txt": f"{ROAD}\n{MORE}\n{HARBOUR}\n"})
    before = stamps(tmp_path / "out")
    outcome = run(None, Decision("keep", MORE), options=Options(dry_run=True))
    assert outcome.summary.counts["dropped"] == 0
    assert stamps(tmp_path / "out") == before


def test_decisions_that_match_nothing_any_more_are_counted(run):
    files = {"a.txt": f"{ROAD}\n{MORE}\n{HARBOUR}\n", "b.txt": f"{FARE}\n"}
    assert "match" not in run(files, Decision("keep", MORE), Decision("reject", FARE, "x.y", HARBOUR)).note
    assert "match" not in run({"c.txt": "x"}).note
    assert "1 of 2 decisions match no text any more" in run({"a.txt": f"{ROAD}\n"}).note
    assert "match" not in run({"c.txt": MORE}).note


def test_the_ledger_says_that_a_decision_did_it(run, tmp_path, entries):
    said = [
        Decision("keep", MORE),
        Decision("drop", HARBOUR),
        Decision("reject", FARE_SAID, "near_duplicate.near", FARE),
    ]
    run({"a.txt": f"{ROAD}\n{FARE}\n{MORE}\n{HARBOUR}\n", "b.txt": f"{FARE_SAID}\n"}, *said)
    (drop,) = [line["drop"] for line in entries(tmp_path / "out/ledger/a.txt.ledger.jsonl") if "drop" in line]
    assert drop["by"] == [{"rule": "decision.drop", "reason": "a decision: this text always goes"}]
    suspects = {
        line["suspect"]["by"]: line["suspect"]["reason"]
        for name in ("a", "b")
        for line in entries(tmp_path / f"out/ledger/{name}.txt.ledger.jsonl")
        if "suspect" in line
    }
    assert suspects == dict.fromkeys([READ_MORE, "near_duplicate.decision"], "a decision keeps it")


def test_a_last_line_that_was_cut_off_is_told(run, tmp_path):
    (tmp_path / "decisions.jsonl").write_text('{"decision":1,"ki')
    assert "decisions.jsonl: the last line was cut off, and is no decision." in run({"a.txt": "x"}).note


def test_the_file_of_decisions_is_no_input(tmp_path, clean, fill):
    fill(tmp_path / "in", {"a.txt": f"{ROAD}\n{MORE}\n{FARE}\n"})
    append_decisions(bytes(tmp_path / "in/decisions.jsonl"), [Decision("keep", MORE)])
    place = str(tmp_path / "in/decisions.jsonl")
    assert clean(tmp_path / "in", tmp_path / "out", decisions=place).summary.counts["documents"] == 1


LINES = st.lists(
    st.sampled_from([FARE, FARE_SAID, FARE_AGAIN, ROAD, HARBOUR, MORE, f"{ROAD} {FARE}"]), max_size=5
)
DECISIONS = st.lists(
    st.builds(
        Decision,
        st.sampled_from(["accept", "reject", "keep", "drop", "forget"]),
        st.sampled_from([FARE, FARE_SAID, ROAD, MORE, f"{ROAD} {FARE}"]),
        st.sampled_from(["", READ_MORE, "repeats.exact", "repeats.prefix"]),
        st.sampled_from([None, None, FARE, FARE_AGAIN, ROAD]),
    ),
    max_size=4,
)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=5,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(LINES, min_size=1, max_size=4), DECISIONS, DECISIONS)
def test_the_promises_hold_for_any_decisions(tmp_path_factory, clean, fill, tree, texts, first, then):
    """All is restored; nothing is lost to a duplicate; the same bytes, whole or in pieces."""
    folder = tmp_path_factory.mktemp("any")
    fill(
        folder / "in",
        {"n.jsonl": _records(*("\n".join(lines) for lines in texts)), "a.txt": f"{FARE}\n{ROAD}\n"},
    )
    place = folder / "decisions.jsonl"
    for number, said in enumerate((first, then)):
        append_decisions(bytes(place), said)
        outs = [folder / f"out{each}" for each in range(2)]
        for out, shard_bytes in zip(outs, (1 << 22, 500), strict=True):
            clean(folder / "in", out, decisions=str(place), shard_bytes=shard_bytes)
            assert verify_output(str(out)).differences == ()
        assert tree(outs[0] / "clean") == tree(outs[1] / "clean"), number
        assert tree(outs[0] / "ledger") == tree(outs[1] / "ledger"), number
    fresh = folder / "fresh"
    clean(folder / "in", fresh, decisions=str(place))
    known = decisions_of([*first, *then])
    standing = {matching_form(text) for out in (outs[0], fresh) for text in _paragraphs(out)}
    assert not standing & known.drop
    for out in (outs[0], fresh):
        _no_fact_is_lost(out, known)
    assert known.keep & {matching_form(line) for lines in texts for line in lines} <= standing


def _no_fact_is_lost(out: Path, known: Decisions) -> None:
    """Whatever went as a duplicate has a survivor that stands, in its own output."""
    standing = {matching_form(text) for text in _paragraphs(out)}
    for document in read_documents(str(out)):
        for removal in removals_of(document):
            if removal.rule.startswith("near_duplicate"):
                assert matching_form(removal.other) in standing
                assert matching_form(removal.text) not in known.keep


def _paragraphs(out: Path) -> Iterator[str]:
    for document in read_documents(str(out)):
        yield from split(document.clean, document.mode).texts


def _records(*texts: str) -> str:
    return "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)


def _state(folder: Path) -> str:
    return (folder / "out/state/decisions.json").read_text(encoding="utf-8")
