"""Compiled patterns that are kept from one start to the next: the same patterns, or none."""

from __future__ import annotations

import os
import pickle
from hashlib import blake2b
from pathlib import Path

import pytest
import regex

from cleaner.io.pattern_cache import keep_patterns, kept_place, read_patterns
from cleaner.io.settings_file import load_rule_pack
from cleaner.stages.rule import _compiled, form_of

PATTERNS = [regex.compile(r"(?<name>\p{Lu}\w+) xa{e<=1}"), regex.compile(r"Theo (?:a|b)(?!\w)")]


@pytest.fixture(autouse=True)
def writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "made" / "vi.kept"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_patterns_of_rules_that_were_kept_match_as_those_that_were_compiled(language: str, place: Path):
    rules = load_rule_pack(language).rules
    compiled = [form_of(rule, literals_too=False) for rule in rules]
    keep_patterns(str(place), [form.pattern for form in compiled])
    kept = read_patterns(str(place))
    assert [each.pattern for each in kept] == [form.pattern.pattern for form in compiled]
    texts = [text for rule in rules for text in (*rule.examples, *rule.counter_examples)]
    matched = 0
    for pattern, form in zip(kept, compiled, strict=True):
        for text in texts:
            found, expected = pattern.search(text), form.pattern.search(text)
            assert (found and found.regs) == (expected and expected.regs)
            assert bool(pattern.match(text[:3], partial=True)) == bool(
                form.pattern.match(text[:3], partial=True)
            )
            matched += found is not None
    assert matched >= len(rules)


def test_what_is_kept_again_replaces_what_was(place: Path):
    keep_patterns(str(place), PATTERNS)
    keep_patterns(str(place), PATTERNS[1:])
    assert [each.pattern for each in read_patterns(str(place))] == [PATTERNS[1].pattern]
    assert os.listdir(place.parent) == [place.name]


def test_no_pattern_is_taken_from_what_is_damaged(place: Path):
    keep_patterns(str(place), PATTERNS)
    data = place.read_bytes()
    for spoilt in (b"", data[:7], data[:-1], data + b"x", data[:40] + b"\0" + data[41:]):
        place.write_bytes(spoilt)
        assert read_patterns(str(place)) == []


def test_nothing_else_is_called_than_what_makes_patterns(place: Path, tmp_path: Path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "evil"),)

    place.parent.mkdir()
    data = pickle.dumps([*PATTERNS, Evil()])
    place.write_bytes(blake2b(data, digest_size=16).digest() + data)
    assert read_patterns(str(place)) == []
    assert not (tmp_path / "evil").exists()


def test_nothing_is_kept_where_python_keeps_nothing(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    keep_patterns(str(place), PATTERNS)
    assert not place.parent.exists()
    monkeypatch.setattr("sys.implementation.cache_tag", None)
    assert kept_place("vi") == ""
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    keep_patterns("", PATTERNS)
    assert read_patterns("") == []


def test_a_folder_that_cannot_be_made_is_no_fault(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    keep_patterns(str(tmp_path / "file" / "vi.kept"), PATTERNS)
    assert read_patterns(str(tmp_path / "file" / "vi.kept")) == []


def test_the_place_tells_what_compiled_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("regex.__version__", "1.2")
    assert kept_place("/a/vi").startswith("/a/__pycache__/vi.")
    assert kept_place("/a/vi").endswith(".regex-1.2")


def test_the_second_start_compiles_nothing(place: Path, monkeypatch: pytest.MonkeyPatch):
    compiled: list[str] = []
    compile_pattern = regex.compile

    def compile_noting(pattern: str) -> regex.Pattern[str]:
        compiled.append(pattern)
        return compile_pattern(pattern)

    monkeypatch.setattr("cleaner.io.settings_file.kept_place", lambda _: str(place))
    monkeypatch.setattr("cleaner.stages.rule.regex.compile", compile_noting)
    for starts in (True, False):
        monkeypatch.setattr("cleaner.stages.rule._KNOWN", {})
        _compiled.cache_clear()
        pack = load_rule_pack.__wrapped__("en")
        assert len(pack.rules) > 5
        assert bool(compiled) == starts
        compiled.clear()
    _compiled.cache_clear()
