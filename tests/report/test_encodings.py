"""What `cleaner encoding` counts and prints, for texts of any kind: counts add up, and nothing is unsafe."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.pipeline import scan
from cleaner.report.encodings import TITLES, Survey, as_json, evidence, survey_lines, title
from cleaner.report.findings import Findings, changed_words, damaged_words
from cleaner.report.lines import plain
from cleaner.settings import EncodingSettings
from cleaner.stages.encoding import RULES, Encoding
from cleaner.text.document import split
from cleaner.text.show import show

STAGE = Encoding(EncodingSettings())
OLD = "Bé tr\xadëng L\xad¬ng Tam Quang héi kiÕn Tæng thèng; §oµn ®¹i biÓu"
PIECES = [
    OLD, OLD.encode("latin-1").decode("utf-8", "surrogateescape"), "Bá»™ trÆ°á»Ÿng", "Đo&agrave;n",
    "Bộ trưởng", "Vie^.t Nam ho^.i nghi. tho^'ng nha^'t ddo^`ng", "\x1b[31m", "\u202e", "\ufffd",
    "\udcff", "\x85", "e\u0301\u0302", "\n", "\n\n", "\r\n", " ", "a" * 200, "café", "[bold]",
    "ខ្ញុំ\u200bទៅ", "Ｂ", "\u0300",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=10).map("".join)


def surveyed(text: str, examples: int = 2) -> Survey:
    findings = Findings(examples)
    for mode in ("line", "blank_line"):
        paragraphs = split(text, mode)
        findings.add("utf-8", paragraphs, scan(paragraphs, (STAGE,)), 0)
    return Survey(b"a\x1b.txt", "txt", "", len(text), findings)


@settings(derandomize=True, max_examples=300)
@given(texts)
def test_all_that_is_printed_is_safe(text: str) -> None:
    survey = surveyed(text)
    for line in survey_lines(survey, 10):
        printed = plain(line)
        assert show(printed, limit=None) == printed
    told = json.dumps(as_json(survey), ensure_ascii=False)
    assert show(told, limit=None) == told
    told.encode()


@settings(derandomize=True, max_examples=300)
@given(texts)
def test_counts_add_up(text: str) -> None:
    findings = surveyed(text).findings
    assert findings.documents == 2
    assert 0 <= findings.changed_lines <= findings.lines
    assert 0 <= findings.changed_characters <= findings.characters
    assert bool(findings.changed_lines) == bool(findings.found) == bool(findings.changed_documents)
    for finding in findings.found.values():
        assert finding.lines > 0 and finding.documents <= 2
        assert 0 <= finding.syllables <= finding.words
        assert sum(finding.read_as.values()) == finding.characters
        assert len(finding.examples) == min(2, finding.lines)
        assert all(example.before != example.after for example in finding.examples)
        assert finding.confidence is None or 0 <= finding.confidence <= 1
        assert title(finding)


@settings(derandomize=True, max_examples=300)
@given(texts, texts)
def test_examples_are_short_and_differ(before: str, after: str) -> None:
    for words in (*changed_words(before, after), damaged_words(before)):
        assert len(words) <= 120 and "\n" not in words


def test_a_guess_is_only_as_sure_as_the_words_that_it_made() -> None:
    findings = Findings(1)
    paragraphs = split(f"{OLD} Sch\xebller", "line")
    findings.add("utf-8", paragraphs, scan(paragraphs, (STAGE,)), 0)
    finding = findings.found["tcvn3"]
    assert (finding.syllables, finding.words) == (10, 11)
    assert finding.confidence == 10 / 11
    assert evidence(finding) == "90 % sure (10 of 11 words are Vietnamese)"


def test_a_repair_that_guesses_nothing_has_no_confidence() -> None:
    finding = surveyed("Đo&agrave;n").findings.found["entities"]
    assert finding.confidence is None and evidence(finding) == ""


def test_every_rule_has_a_title() -> None:
    assert set(TITLES) == set(RULES)
