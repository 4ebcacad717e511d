"""The fate of a line: what each stage did, nearly did, and what it was compared with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaner.stages.near_rules import near_rules

CASES = json.loads((Path(__file__).parent / "cases/explain.json").read_text(encoding="utf-8"))
RULES = """
- id: last
  pattern: 'More about \\w+'
  position: last
  examples: [More about bridges]
  counter_examples: [More is said about bridges.]
"""


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES["near"]])
def test_near_rules(case):
    from cleaner.settings import Rule

    rule = Rule.model_validate(case["rule"])
    found = list(near_rules([("own.r", rule)], {}, case["texts"], case["index"]))
    assert [each.reason for each in found] == ([] if case["reason"] is None else [case["reason"]])


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with settings, rules and a cleaned corpus."""
    folder = tmp_path_factory.mktemp("explain")
    (folder / "in").mkdir()
    (folder / "rules.yaml").write_text(RULES)
    (folder / "config.yaml").write_text("input: [in]\n")
    (folder / "in/a.txt").write_text(
        "Cầu  đóng cửa từ sáng thứ hai cho tới khi sửa xong.\n\nEngineers look at the bridge every month, and"
        " say that it is as sound as it was.\n\nNobody knew.\n\nĐọc thêm\n"
    )
    text = "The council said on Monday that the bridge stays closed{} until engineers look at it."
    texts = [text.format(word) for word in ("", " again", " quite")]
    texts.append(
        "Bridges of the world are old, and older than those who walk on them\nMore about bridges\nThe end."
    )
    names = ("one", "two", "three", "four\x1b")
    with open(folder / "in/b.jsonl", "w") as file:
        file.writelines(
            json.dumps({"id": name, "text": each}) + "\n" for name, each in zip(names, texts, strict=True)
        )
    from cleaner.io.settings_file import load_settings
    from cleaner.job import Job, run

    loaded = load_settings(folder / "config.yaml")
    run(Job(loaded.settings.model_copy(update={"workers": 1}), loaded.base), lambda *_: None)
    return folder


@pytest.mark.parametrize("case", CASES["asked"], ids=lambda case: " ".join(case["ask"]))
def test_explaining(here, case, monkeypatch, capsys):
    from cleaner.cli.main import cli
    from cleaner.errors import UsageError

    monkeypatch.chdir(here)
    if "error" in case:
        with pytest.raises(UsageError) as caught:
            cli.main(["explain", *case["ask"]], standalone_mode=False)
        assert str(caught.value) == case["error"]
        return
    assert cli.main(["explain", *case["ask"]], standalone_mode=False) == 0
    told = capsys.readouterr().out
    at = 0
    for part in case["has"]:
        assert part in told[at:]
        at = told.index(part, at) + len(part)
    for part in case["not"]:
        assert part not in told
    assert "\x1b" not in told
    assert cli.main(["explain", "--json", *case["ask"]], standalone_mode=False) == 0
    for fate in json.loads(capsys.readouterr().out):
        assert (fate["clean_line"] is None) == bool(fate["removed_by"])


def test_decisions_of_people_are_told(here, monkeypatch, capsys):
    from cleaner.cli.main import cli
    from cleaner.io.decisions import append_decisions
    from cleaner.text.decisions import Decision

    (here / "decided.yaml").write_text("input: [in]\ndecisions: decided.jsonl\n")
    append_decisions(
        bytes(here / "decided.jsonl"), [Decision("reject", "đọc thêm", "boilerplate.vi.read_more")]
    )
    monkeypatch.chdir(here)
    cli.main(["explain", "out/", "a.txt:7", "-c", "decided.yaml"], standalone_mode=False)
    told = capsys.readouterr().out
    assert "decision of a person  reject (boilerplate.vi.read_more): this rule, or this survivor," in told
    cli.main(["explain", "out/", "a.txt:5", "-c", "decided.yaml"], standalone_mode=False)
    assert "decision" not in capsys.readouterr().out


def test_other_settings_are_told(here, monkeypatch, capsys):
    from cleaner.cli.main import cli

    (here / "other.yaml").write_text("near_duplicate: {enabled: false}")
    monkeypatch.chdir(here)
    cli.main(["explain", "out/", "a.txt:1", "-c", "other.yaml"], standalone_mode=False)
    assert "cleaned by run 1, with other settings than those here" in capsys.readouterr().out
