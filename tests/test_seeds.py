"""The five sample articles: clean texts as expected, and the verdict on each of their 217 lines.

Nothing of them may stand in the code or the rules: what cleans them has to clean other articles too.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cleaner.io.output import OutputDocument, read_documents

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
GOLDEN = ROOT / "tests/golden/seeds"
NAMES = sorted(file.name for file in SEEDS.glob("*.txt"))
VERDICTS = [json.loads(line) for line in (GOLDEN / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()]
BY_LINE = {(verdict["file"], verdict["line_no"]): verdict for verdict in VERDICTS}

# The stage of a verdict -> how (stage, rule) of the ledger begins.
STAGES = {
    "exact_dup": "repeats.exact",
    "prefix_dup": "repeats.prefix",
    "near_dup": "near_duplicate.",
    "boilerplate": "boilerplate.",
    "title_timestamp": "boilerplate.",
    "metadata_prefix": "boilerplate.",
    "end_mark": "boilerplate.",
    "whitespace": "whitespace.",
}
_A_RUN = 5  # words of a seed in a row that no other text holds by chance
_COMMON = {("một", "số", "hình", "ảnh", "về")}  # but these: how galleries are headed everywhere


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds, cleaned once with the settings of the project."""
    from cleaner.io.settings_file import load_settings
    from cleaner.job import Job, run

    out = tmp_path_factory.mktemp("seeds") / "out"
    loaded = load_settings(ROOT / "config.yaml")
    settings = loaded.settings.model_copy(update={"output": str(out)})
    assert run(Job(settings, loaded.base), lambda _what, _done, _all: None).exit_code == 0
    return out


@pytest.fixture(scope="module")
def documents(out: Path) -> dict[str, OutputDocument]:
    return {document.path: document for document in read_documents(str(out))}


def test_there_are_five_with_217_lines():
    assert len(NAMES) == 5
    assert Counter(verdict["file"] for verdict in VERDICTS) == {
        name: len((SEEDS / name).read_text(encoding="utf-8").splitlines()) for name in NAMES
    }
    assert len(VERDICTS) == 217


@pytest.mark.parametrize("name", NAMES)
def test_clean_text_is_as_expected(out, name):
    assert (out / "clean" / name).read_bytes() == (GOLDEN / "clean" / name).read_bytes()


def survivor_of(verdict: dict[str, Any]) -> int:
    """Return the line that stays in the end: a repeat may name one that went for the sake of another."""
    line = int(verdict["match_line"])
    while BY_LINE[verdict["file"], line]["verdict"] == "drop":
        line = int(BY_LINE[verdict["file"], line]["match_line"])
    return line


@pytest.mark.parametrize("name", NAMES)
def test_every_line_has_its_verdict(documents, name):
    changes = {change.line: change for change in documents[name].changes}
    wrong = []
    for verdict in VERDICTS:
        if verdict["file"] != name or verdict["stage"] == "layout":
            continue
        change = changes.pop(verdict["line_no"], None)
        told = "keep" if change is None else "drop" if change.dropped else "edit"
        if told != verdict["verdict"]:
            wrong.append((verdict, told))
        elif change:
            acts = [f"{step.stage}.{step.rule}" for step in change.steps]
            acts = acts[-1:] if change.dropped else acts
            if not any(act.startswith(STAGES[verdict["stage"]]) for act in acts):
                wrong.append((verdict, acts))
            if "match_line" in verdict and (
                change.survivor is None or change.survivor.line != survivor_of(verdict)
            ):
                wrong.append((verdict, change.survivor))
    assert wrong == []
    assert changes == {}, "changes on lines that have no verdict"


@pytest.mark.parametrize("name", NAMES)
def test_edited_lines_read_as_expected(documents, name):
    kept = documents[name].edited.splitlines()
    for verdict in VERDICTS:
        if verdict["file"] == name and "output" in verdict:
            assert verdict["output"] in kept


def test_every_input_byte_comes_back(out, tmp_path, tree, command):
    assert command("restore", out, "-o", tmp_path / "back").returncode == 0
    assert tree(tmp_path / "back") == tree(SEEDS)
    assert command("verify", out).returncode == 0


def test_cleaning_the_clean_texts_changes_nothing(out, tmp_path, clean, tree):
    outcome = clean(out / "clean", tmp_path / "again")
    assert outcome.summary.counts["dropped"] == outcome.summary.counts["edited"] == 0
    assert tree(tmp_path / "again" / "clean") == tree(out / "clean")


def test_a_second_run_rewrites_no_file_and_says_so(tmp_path, command, stamps):
    out = tmp_path / "out"
    assert command("run", SEEDS, "-o", out).returncode == 0
    before = stamps(out)
    again = command("run", SEEDS, "-o", out)
    assert (again.returncode, again.stdout) == (0, b"")
    assert again.stderr == (b"cleaner: nothing to do: 5 inputs unchanged since run 1; no file was written.\n")
    assert stamps(out) == before


def test_code_and_rules_hold_nothing_of_the_seeds():
    sources = [*(ROOT / "cleaner").rglob("*.py"), *(ROOT / "cleaner").rglob("*.yaml"), ROOT / "config.yaml"]
    assert len(sources) > 20
    runs = set()
    for name in NAMES:
        for line in (SEEDS / name).read_text(encoding="utf-8").splitlines():
            words = re.findall(r"\w+", line.casefold())
            if len(words) >= 8:
                runs |= {tuple(words[at : at + _A_RUN]) for at in range(len(words) - _A_RUN + 1)}
    for source in sources:
        text = source.read_text(encoding="utf-8")
        words = re.findall(r"\w+", text.casefold())
        found = {tuple(words[at : at + _A_RUN]) for at in range(len(words) - _A_RUN + 1)} & runs - _COMMON
        assert not found, f"{source}: {sorted(found)[:3]}"
        for name in NAMES:
            assert name not in text and Path(name).stem.split("_")[1] not in text
