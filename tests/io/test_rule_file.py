"""A person's rule file: its rules count as those of the settings, and what is added leaves the rest alone."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cleaner.errors import CleanerError, OutputError, SettingsError, UsageError
from cleaner.io.rule_file import append_rules
from cleaner.io.settings_file import describe, load_settings
from cleaner.io.settings_writing import item_lines
from cleaner.job import load_recipe
from cleaner.settings import Rule

CASES = json.loads((Path(__file__).parents[1] / "cases/rule_file.json").read_text(encoding="utf-8"))
NEW = {"id": "new", "pattern": "New: .+", "examples": ["New: this"], "counter_examples": ["New"]}


def rows(kind):
    return [pytest.param(case, id=case["name"]) for case in CASES[kind]]


def rule(**changes) -> Rule:
    return Rule.model_validate(NEW | changes)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", rows("load"))
def test_loading(here, case):
    (here / "config.yaml").write_text(case.get("settings", "{}"))
    path = here / case.get("at", "rules.yaml")
    path.parent.mkdir(exist_ok=True)
    if case["file"] is not None:
        path.write_bytes(b"# \xe9\n" if case["file"] == "latin-1" else case["file"].encode())
    if "ids" in case:
        loaded = load_settings(Path("config.yaml"))
        assert [each.id for each in loaded.settings.boilerplate.rules] == case["ids"]
        return
    with pytest.raises(SettingsError) as caught:
        load_settings(Path("config.yaml"))
    lines = [line.replace(f"{here}/", "") for line in caught.value.lines]
    starts = case.get("starts")
    assert (
        [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts
        if starts
        else (lines == case["lines"])
    )


@pytest.mark.parametrize("case", rows("append"))
def test_appending(here, case):
    path = Path("rules.yaml")
    if case["before"] is not None:
        path.write_bytes(case["before"].encode())
    if "after" in case:
        append_rules(path, [rule()])
        assert path.read_bytes().decode() == case["after"]
        assert [each.id for each in load_settings(None).settings.boilerplate.rules][-1] == "new"
        return
    with pytest.raises(CleanerError) as caught:
        append_rules(path, [rule()], case.get("taken", ()))
    assert (str(caught.value), caught.value.exit_code) == (case["error"], 2)
    assert path.read_bytes() == case["before"].encode()
    assert os.listdir() == ["rules.yaml"]


def test_what_is_appended_loads_as_the_same(here):
    odd = 'it\'s "odd": #\t- {x} \\ \u202e é'
    rules = [
        rule(),
        rule(
            id="strip", pattern=r"\s*\(x\)", scope="end", action="strip", risk="high", reason=odd,
            examples=["a (x)"], counter_examples=[odd, "x" * 200, ""],
        ),
        rule(id="refused", action="off"),
    ]  # fmt: skip
    append_rules(Path("rules.yaml"), rules[:1])
    append_rules(Path("rules.yaml"), rules[1:])
    assert list(load_settings(None).settings.boilerplate.rules) == rules


def test_two_new_rules_of_one_name_are_refused(here):
    with pytest.raises(UsageError, match="a rule called new already"):
        append_rules(Path("rules.yaml"), [rule(), rule()])
    assert not os.listdir()


def test_nobody_loses_what_another_appends_at_the_same_time(here):
    names = [f"rule_{number}" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: append_rules(Path("rules.yaml"), [rule(id=name)]), names))
    assert sorted(each.id for each in load_settings(None).settings.boilerplate.rules) == sorted(names)


def test_a_link_stays_a_link(here):
    (here / "kept").mkdir()
    (here / "rules.yaml").symlink_to("kept/mine.yaml")
    append_rules(Path("rules.yaml"), [rule()])
    assert (here / "rules.yaml").is_symlink()
    assert (here / "kept/mine.yaml").read_text().endswith("\n".join(item_lines(rule())) + "\n")


def test_a_folder_that_is_not_there(here):
    with pytest.raises(OutputError, match=r"none: cannot be opened: No such file"):
        append_rules(Path("none/rules.yaml"), [rule()])


def digest() -> str:
    return load_recipe(load_settings(None).settings).digest


def test_a_changed_rule_is_a_changed_setting_and_nothing_else_is(here):
    nothing = digest()
    append_rules(Path("rules.yaml"), [rule(action="off")])
    assert digest() == nothing
    append_rules(Path("rules.yaml"), [rule(id="other")])
    in_a_file = digest()
    assert in_a_file != nothing
    Path("rules.yaml").write_text("# said otherwise\n" + Path("rules.yaml").read_text())
    assert digest() == in_a_file
    Path("rules.yaml").rename("mine.yaml")
    assert digest() == nothing
    (here / "config.yaml").write_text("boilerplate: {rule_file: mine.yaml}")
    assert load_recipe(load_settings(Path("config.yaml")).settings).digest == in_a_file


def test_settings_are_shown_without_the_rules_of_the_file(here):
    append_rules(Path("rules.yaml"), [rule()])
    shown = describe(None)
    assert "new" not in shown
    (here / "config.yaml").write_text(shown)
    assert load_settings(Path("config.yaml")).settings == load_settings(None).settings
