"""An audit tells what the pipeline does, on texts like those given, with the settings given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaner.audit import audit
from cleaner.errors import UsageError
from cleaner.io.settings_file import load_settings
from cleaner.report.audit import audit_command

ROOT = Path(__file__).parents[1]
SIZE = 1_000_000


def audited(settings: str, *names: str):
    Path("config.yaml").write_text(settings)
    return audit(load_settings(Path("config.yaml")), names, SIZE, lambda *_: None)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").symlink_to(ROOT / "seeds")
    return tmp_path


def test_the_guard_keeps_traps_and_without_it_they_go(here):
    usual = audited("workers: 1", f"{ROOT}/seeds").verdicts
    unguarded = audited("workers: 1\nnear_duplicate: {facts: 'off'}", f"{ROOT}/seeds").verdicts
    assert usual.total(["none"]).planted == unguarded.total(["none"]).planted > 8
    assert usual.total(["none"]).wrong == 0
    assert unguarded.total(["none"]).wrong > 4
    assert usual.total(["either"], kind="exact").right == usual.total(["either"], kind="exact").planted > 10


def test_settings_show_in_the_figures(here):
    off = audited(
        "workers: 1\nboilerplate: {enabled: false}\nnear_duplicate: {enabled: false}", f"{ROOT}/seeds"
    )
    assert off.verdicts.total(["b"], kind="boilerplate").dropped == 0
    assert off.verdicts.total(["either"], kind="near").dropped == 0


def test_the_same_corpus_gives_the_same_figures_in_any_order(here, tmp_path, capsys):
    texts = [file.read_text(encoding="utf-8") for file in sorted((ROOT / "seeds").iterdir())]
    told = []
    for name, order in (("a", texts), ("b", texts[::-1])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps({"text": each}) + "\n" for each in order))
        Path("config.yaml").write_text("workers: 1")
        assert audit_command([f"{name}.jsonl"], None, SIZE, json=True, show_wrong=False) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1]
    summary = told[0]["summary"]
    assert summary["traps that went"]["count"] == 0
    for figure in summary.values():
        assert figure["of"] == 0 or 0 <= figure["low"] <= figure["share"] <= figure["high"] <= 1
    assert {each["kind"] for each in told[0]["kinds"]} >= {"exact", "near", "trap_number", "boilerplate"}


def test_a_person_reads_it(here, capsys):
    Path("config.yaml").write_text("workers: 1")
    assert audit_command([f"{ROOT}/seeds"], None, SIZE, json=False, show_wrong=True) == 0
    told = capsys.readouterr().out
    assert "made of pieces of 5 of 5 documents" in told
    for row in (
        "exact ",
        "trap_number ",
        "recall at ratio 90 or more",
        "of paragraphs shorter than 40 characters",
    ):
        assert row in told
    assert not [path for path in here.iterdir() if path.name not in ("config.yaml", "in")]


def test_too_little_text_is_told(here):
    (here / "a.txt").write_text("Nothing much.\n")
    with pytest.raises(UsageError, match="the corpus cannot be audited: too little text"):
        audited("workers: 1", "a.txt")
    (here / "empty").mkdir()
    with pytest.raises(UsageError, match="no documents found"):
        audited("workers: 1", "empty")
