"""Clean text of many languages stays as it is, and its mojibake is mended wherever ftfy mends it."""

from __future__ import annotations

import json
from pathlib import Path
from unicodedata import is_normalized

import ftfy
import pytest

from cleaner.settings import EncodingSettings
from cleaner.stages.encoding import Encoding
from cleaner.stages.mojibake import ONLY_REPAIRS

CASES = json.loads((Path(__file__).parents[1] / "cases" / "languages.json").read_text(encoding="utf-8"))
LINES = {case["language"]: case["lines"] for case in CASES}
ALL = [line for lines in LINES.values() for line in lines]
STAGE = Encoding(EncodingSettings())


def cleaned(text: str) -> str:
    outcome = STAGE([text]).get(0)
    return (outcome.steps[-1].text or "") if outcome and outcome.steps else text


def misread(text: str, codec: str, times: int) -> str:
    for _ in range(times):
        text = text.encode().decode(codec)
    return text


def by_ftfy(text: str) -> str:
    for _ in range(3):
        text = ftfy.fix_text(text, ONLY_REPAIRS)
    return text


@pytest.mark.parametrize("language", LINES)
def test_clean_text_is_left_alone(language: str) -> None:
    assert all(is_normalized("NFC", line) for line in LINES[language]), "the case itself must be clean"
    for line in LINES[language]:
        assert not STAGE([line]), line


def test_languages_in_one_document_are_left_alone() -> None:
    assert not STAGE(ALL)
    assert not STAGE([" ".join(ALL)])


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("codec", ["sloppy-windows-1252", "latin-1"])
@pytest.mark.parametrize("language", LINES)
def test_mojibake_is_mended_wherever_ftfy_mends_it(language: str, codec: str, times: int) -> None:
    for line in LINES[language]:
        broken = misread(line, codec, times)
        if line in (by_ftfy(broken), ftfy.fix_encoding(broken)):
            assert cleaned(broken) == line, line


@pytest.mark.parametrize("language", LINES)
def test_most_mojibake_is_mended(language: str) -> None:
    mended = [cleaned(misread(line, "sloppy-windows-1252", 1)) == line for line in LINES[language]]
    assert sum(mended) >= len(mended) - 1


@pytest.mark.parametrize("language", LINES)
def test_mojibake_beside_clean_lines_is_mended_alone(language: str) -> None:
    line = LINES[language][0]
    broken = misread(line, "sloppy-windows-1252", 1)
    if by_ftfy(broken) == line:
        outcomes = STAGE([*ALL, broken])
        assert list(outcomes) == [len(ALL)]
        assert outcomes[len(ALL)].steps[-1].text == line
