"""Rules that are proposed take noise that was put into a corpus, and leave content that recurs as well."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import sys
import tempfile
from pathlib import Path

import pexpect
import pytest

from cleaner.audit import audit
from cleaner.errors import OutputError, UsageError
from cleaner.io.settings_file import load_settings
from cleaner.learn import learn
from cleaner.learning.shapes import parts, pattern_of, readings
from cleaner.learning.sketch import Sketch
from cleaner.report.learn import learn_command
from cleaner.stages.boilerplate import Boilerplate

CASES = json.loads((Path(__file__).parent / "cases/learn.json").read_text(encoding="utf-8"))
DOCUMENTS = 240
SEEDS = Path(__file__).parents[1] / "seeds"


def sentence(case, dice: random.Random, person: str = "") -> str:
    words = [dice.choice(case["words"]) for _ in range(dice.randint(13, 22))]
    if person:
        words.insert(dice.randrange(4, len(words)), person)
    text = " ".join(words)
    return text[0].upper() + text[1:] + "."


def article(case, number: int, dice: random.Random) -> tuple[list[str], list[str], list[str]]:
    """Return the paragraphs of an article, and which of them are noise and content that recurs."""
    person, author = dice.choice(case["people"]), dice.choice(case["authors"])
    body = [sentence(case, dice, person if dice.random() < 0.4 else "") for _ in range(dice.randint(6, 9))]
    body[2] = sentence(case, dice, person)
    noise: list[str] = []
    content: list[str] = []
    last: list[str] = []
    for offset, each in enumerate(case["content"]):
        if number % each["every"] == offset:
            line = each["line"].format(person=person)
            content.append(line)
            (body.insert(4, line) if each["where"] == "body" else last.append(line))
        elif "inside" in each and number % 4 == 1:
            phrase = each["line"].rstrip(".")
            body[1] = each["inside"].format(phrase[0].lower() + phrase[1:])
    for offset, each in enumerate(case["noise"]):
        if number % each["every"] != offset or (last and "line" in each):
            continue
        text = (each.get("line") or each.get("end") or each["start"]).format(author=author)
        noise.append(text.strip())
        if "line" in each:
            last.append(text)
        elif "end" in each:
            body[3] = body[3].rstrip(".") + text
        else:
            body[0] = text + body[0]
    return [sentence(case, dice).rstrip("."), *body, *last], noise, content


def corpus(case, folder: Path) -> list[tuple[list[str], list[str], list[str]]]:
    dice = random.Random(case["language"])
    articles = [article(case, number, dice) for number in range(DOCUMENTS)]
    folder.mkdir()
    with open(folder / "news.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": "\n".join(texts)}) + "\n" for texts, _, _ in articles)
    return articles


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text("input: [in]\nboilerplate: {packs: []}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["language"])
def test_noise_goes_and_content_stays(here, case):
    articles = corpus(case, here / "in")
    found = learn(load_settings(Path("config.yaml")), [], 5)
    rules = [(f"own.{each.rule.id}", each.rule) for each in found.proposals]
    stage = Boilerplate(rules, {})
    planted = taken = 0
    for texts, noise, content in articles:
        outcomes = stage(texts)
        after = [
            (outcomes[at].steps[-1].text if at in outcomes and outcomes[at].steps else text) or ""
            for at, text in enumerate(texts)
        ]
        for line in content:
            assert line in after
        changed = [text for text, now in zip(texts, after, strict=True) if text != now]
        assert all(any(part in text for part in noise) for text in changed)
        planted += len(noise)
        taken += sum(not any(part in text for text in after) for part in noise)
    assert taken >= 0.8 * planted, [each.rule.pattern for each in found.proposals]
    assert all(rule.counter_examples and rule.examples for _, rule in rules)


@pytest.mark.parametrize("memory", [100_000_000, 2_000_000_000])
def test_results_do_not_depend_on_memory_or_order(here, memory):
    corpus(CASES[0], here / "in")
    (here / "config.yaml").write_text(f"input: [in]\nmemory: {memory}\nboilerplate: {{packs: []}}\n")
    first = learn(load_settings(Path("config.yaml")), [], 5)
    second = learn(load_settings(Path("config.yaml")), ["in/news.jsonl"], 5)
    assert first == second
    assert first.proposals


def test_an_output_teaches_what_its_inputs_do(here, clean):
    corpus(CASES[0], here / "in")
    clean(here / "in", here / "out", boilerplate={"packs": []})
    loaded = load_settings(Path("config.yaml"))
    assert {each.rule.id for each in learn(loaded, ["out"], 5).proposals} == {
        each.rule.id for each in learn(loaded, [], 5).proposals
    }


def test_what_was_answered_is_not_asked_again(here):
    """In a terminal: one rule is approved, one reports only, one is refused; the next time none is shown."""
    corpus(CASES[0], here / "in")
    proposed = learn(load_settings(Path("config.yaml")), [], 5).proposals
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    shell = pexpect.spawn(
        sys.executable,
        ["-m", "cleaner", "learn"],
        cwd=str(here),
        env=environment,
        encoding="utf-8",
        timeout=120,
    )
    answers = ["y", "x", "r", "n"]
    for answer in answers:
        shell.expect(r"\[q\]uit: ")
        shell.sendline(answer)
    shell.expect(r"\[q\]uit: ")
    shell.sendline("q")
    shell.expect(pexpect.EOF)
    written = load_settings(Path("config.yaml")).settings.boilerplate.rules
    assert [rule.id for rule in written] == [each.rule.id for each in proposed[:3]]
    assert [rule.action for rule in written][1:] == ["report", "off"]
    assert written[0] == proposed[0].rule
    again = {each.rule.id for each in learn(load_settings(Path("config.yaml")), [], 5).proposals}
    assert again == {each.rule.id for each in proposed[3:]}


def test_rules_are_approved_by_name(here, capsys):
    corpus(CASES[0], here / "in")
    assert learn_command([], None, 5, (), "never", json=True) == 0
    told = json.loads(capsys.readouterr().out)
    names = [each["rule"]["id"] for each in told]
    with pytest.raises(UsageError, match="no rule 'none' is proposed; there are "):
        learn_command([], None, 5, ("none",), "never", json=False)
    assert not (here / "rules.yaml").exists()
    learn_command([], None, 5, (names[1], names[0]), "never", json=False)
    rules = load_settings(Path("config.yaml")).settings.boilerplate.rules
    assert [rule.id for rule in rules] == [names[1], names[0]]
    capsys.readouterr()
    assert learn_command([], None, 5, (), "never", json=False) == 0
    assert not re.search(rf"=== {names[0]}\b", capsys.readouterr().out)


def test_no_rule_file_and_no_documents_are_named(here):
    (here / "in").mkdir()
    with pytest.raises(UsageError, match="no documents found"):
        learn_command([], None, 5, (), "never", json=False)
    (here / "config.yaml").write_text("input: [in]\nboilerplate: {rule_file: ''}\n")
    with pytest.raises(UsageError, match="the settings name no rule file"):
        learn_command([], None, 5, (), "never", json=False)


@pytest.mark.parametrize(
    "text, keys",
    [
        ("Ảnh: Minh Anh", {"ảnh: minh anh", "ảnh: {NAME}", "{NAME}: {NAME}", "{NAME}: minh anh"}),
        ("Read more.", {"read more", "{NAME} more"}),
        ("12/3/2017 14:30", set()),
        ("updated 12/3/2017, 14:30", {"updated {DATE}, {TIME}"}),
        ("x" * 121, set()),
        ("---", set()),
        ("Read\u200bmore", set()),
        ("Read more \udcff", set()),
        ("see www.example.org", {"see {LINK}"}),
    ],
)
def test_ways_to_read_a_line(text, keys):
    found = list(readings(text))
    assert {each.key for each in found} == keys
    for each in found:
        pattern = pattern_of(each.kind, each.spelling)
        assert not re.search("[\ufdd0-\ufddf]", pattern)


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("The bridge was closed on Monday (Photo: Ann Lee)", " (Photo: Ann Lee)"),
        ("The bridge was closed on Monday. Photo: Ann Lee.", " Photo: Ann Lee."),
        ("(Newswire) - The bridge was closed on Monday", "(Newswire) - "),
        ("The bridge (a new one) was closed on Monday", None),
        ("Short (Photo: Ann Lee)", None),
    ],
)
def test_parts_of_a_line(text, wanted):
    assert {part for part, _ in parts(text)} == ({wanted} if wanted else set())


def test_a_sketch_never_counts_too_few():
    sketch = Sketch(1)
    keys = [f"key {number % 700}" for number in range(5000)]
    for start in range(0, 5000, 100):
        sketch.add(keys[start : start + 100])
    counts = dict(zip(set(keys), sketch.counts(set(keys)), strict=True))
    assert all(counts[key] >= keys.count(key) for key in counts)
    assert sum(counts[key] == keys.count(key) for key in counts) > 0.9 * len(counts)


@pytest.mark.parametrize("name", ["learn", "audit"])
def test_a_temporary_folder_that_refuses_is_named(here, monkeypatch, name):
    corpus(CASES[0], here / "in")

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for kind in ("TemporaryFile", "TemporaryDirectory"):
        monkeypatch.setattr(tempfile, kind, refused)
    loaded = load_settings(Path("config.yaml"))
    with pytest.raises(OutputError, match="the temporary folder: No space left on device; let TMPDIR"):
        learn(loaded, [], 5) if name == "learn" else audit(loaded, [str(SEEDS)], 100_000, lambda *_: None)
