"""The settings file: good ones load, bad ones give the exact lines, and nothing else ever happens."""

from __future__ import annotations

import base64
import errno
import json
import os
import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic_core import ErrorType

from cleaner.errors import SettingsError
from cleaner.io import settings_file, settings_text, yaml_models
from cleaner.io.settings_file import load_fact_words, load_rule_pack, load_settings, overlap
from cleaner.io.settings_writing import default_config, effective_config
from cleaner.settings import FactWords, Rule, Settings

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests/cases/settings.json").read_text(encoding="utf-8"))
GOOD = [pytest.param(case, id=case["name"]) for case in CASES if "values" in case]
BAD = [pytest.param(case, id=case["name"]) for case in CASES if "lines" in case]
PACK = """
language: {}
rules:
  - id: {}
    pattern: 'See photos: .+'
    examples: ['See photos: the harbour']
    counter_examples: ['See photos']
"""
PACKS = settings_file._packs()
SCHEMA = Settings.model_json_schema()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to stand in, with two small packs, so that the cases depend on none of the real rules."""
    rules = tmp_path / "rules"
    (rules / "facts").mkdir(parents=True)
    for language, name in (("vi", "gallery"), ("en", "photos")):
        (rules / f"{language}.yaml").write_text(PACK.format(language, name))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(settings_file, "_RULES", rules)
    forget()
    yield tmp_path / "here"
    forget()


def forget():
    load_rule_pack.cache_clear()
    load_fact_words.cache_clear()


def load(data: bytes | str) -> Settings:
    path = Path("config.yaml")
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return load_settings(path).settings


def faults(data: bytes | str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(data)
    assert caught.value.exit_code == 2
    return caught.value.lines


def content(case) -> bytes:
    if "base64" in case:
        return base64.b64decode(case["base64"])
    return case["text"].encode() * case.get("times", 1)


@pytest.mark.parametrize("case", GOOD)
def test_good_file(here, case):
    values = load(content(case)).model_dump(mode="json")
    for key, expected in case["values"].items():
        value = values
        for part in key.split("."):
            value = value[int(part)] if part.isdigit() else value[part]
        assert value == expected
        assert type(value) is type(expected)


@pytest.mark.parametrize("case", BAD)
def test_bad_file(here, case):
    assert faults(content(case)) == case["lines"]


def test_where_brackets_end_depends_on_the_parser_but_not_what_is_said(here):
    (line,) = faults(b"[" * 10_000)
    assert line.endswith(": nested deeper than 10 levels")


@pytest.mark.parametrize("case", [case for case in BAD if "text" in case.values[0]])
def test_faults_are_in_order_and_inside_the_file(case):
    found = re.findall(r"(?m)^[^:\n]+:(\d+):(\d+):", "\n".join(case["lines"]))
    spots = [(int(line), int(column)) for line, column in found]
    lines = content(case).decode().split("\n")
    assert spots == sorted(spots)
    assert all(1 <= column <= len(lines[line - 1]) + 1 for line, column in spots)


def limits(schema, keys=()):
    """Yield each setting of the schema that has choices or bounds, with good and bad values."""
    for name, part in schema["properties"].items():
        part = SCHEMA["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        if "properties" in part:
            yield from limits(part, (*keys, name))
        elif part.get("type") == "boolean":
            yield (*keys, name), [True, False], ["yes", 1, None]
        elif "enum" in part:
            yield (*keys, name), part["enum"], ["none of them", True]
        elif "minimum" in part:
            low, high = part["minimum"], part.get("maximum")
            good = [low, low + 1] + ([high, high - 1] if high else [])
            yield (*keys, name), good, [low - 1, "5", [low]] + ([high + 1] if high else [])


@pytest.mark.parametrize("keys, good, bad", list(limits(SCHEMA)), ids=lambda part: str(part)[:40])
def test_every_choice_and_bound(here, keys, good, bad):
    def text(value):
        for key in reversed(keys):
            value = {key: value}
        return json.dumps(value)

    for value in good:
        found = load(text(value))
        for key in keys:
            found = getattr(found, key)
        assert found == value
    for value in bad:
        (line,) = faults(text(value))
        assert f" {'.'.join(keys)}: found " in line


def test_no_file_means_defaults_here(here):
    loaded = load_settings(None)
    assert (loaded.settings, loaded.base, loaded.path) == (Settings(), here, None)


def test_paths_count_from_the_folder_of_the_file(here):
    (here / "sub").mkdir()
    (here / "sub/my.yaml").write_text("output: a")
    loaded = load_settings(Path("sub/my.yaml"))
    assert (loaded.base, loaded.path, loaded.settings.output) == (here / "sub", Path("sub/my.yaml"), "a")


def test_find_settings_file(here):
    assert settings_file.find_settings_file() is None
    (here / "config.yaml").write_text("output: a")
    assert settings_file.find_settings_file() == Path("config.yaml")


@pytest.mark.parametrize(
    "make, line",
    [
        (lambda path: None, "config.yaml: no such file; `cleaner config init` writes config.yaml"),
        (lambda path: path.mkdir(), "config.yaml: cannot be read: Is a directory"),
        (
            lambda path: path.symlink_to(path),
            f"config.yaml: cannot be read: {os.strerror(errno.ELOOP)}",
        ),
    ],
    ids=["missing", "folder", "loop"],
)
def test_file_that_cannot_be_read(here, make, line):
    make(here / "config.yaml")
    with pytest.raises(SettingsError) as caught:
        load_settings(Path("config.yaml"))
    assert caught.value.lines == [line]


def test_name_of_the_file_is_printed_safely(here):
    with pytest.raises(SettingsError) as caught:
        load_settings(Path("a\x1b[2J.yaml"))
    assert str(caught.value).startswith("a[U+001B][2J.yaml: no such file")


def test_large_file_is_refused_before_it_is_read(here):
    with open("config.yaml", "wb") as file:
        file.truncate(10**12)  # a hole: reading it would take all memory
    with pytest.raises(SettingsError, match=r"config\.yaml: larger than 1 MB"):
        load_settings(Path("config.yaml"))


def test_endless_file_is_read_up_to_the_limit(here):
    with pytest.raises(SettingsError, match="/dev/zero: larger than 1 MB"):
        load_settings(Path("/dev/zero"))


def test_largest_file_loads(here):
    assert load(b"#" * 999_989 + b"\noutput: a").output == "a"


def test_settings_come_through_a_pipe(here):
    reading, writing = os.pipe()
    os.write(writing, b"output: a")
    os.close(writing)
    assert load_settings(Path(f"/dev/fd/{reading}")).settings.output == "a"
    os.close(reading)


def test_many_faults_are_cut(here):
    lines = faults("".join(f"key{number}: 1\n" for number in range(150)))
    assert len(lines) == 101
    assert lines[0] == "config.yaml:1:1: key0: unknown key"
    assert lines[-1] == "config.yaml: and more faults"


def test_many_values_are_refused_at_once(here):
    assert load("input: [" + "a, " * 19_000 + "]").input[-1] == "a"
    assert faults("boilerplate: {rules: [" + "{}, " * 200_000 + "]}") == [
        "config.yaml:1:80011: more than 20,000 values"
    ]


def test_error_type_that_we_have_no_words_for(here, monkeypatch):
    monkeypatch.delitem(yaml_models.TEXTS, "bool_type")
    assert faults("repeats: {enabled: 5}") == [
        "config.yaml:1:20: repeats.enabled: Input should be a valid boolean"
    ]


def test_every_table_entry_is_an_error_type_of_pydantic():
    assert set(yaml_models.TEXTS) <= set(get_args(ErrorType))


def test_tags_make_no_objects(here):
    faults("x: !!python/object/apply:os.system ['touch pwned']\n")
    assert not (here / "pwned").exists()


@pytest.mark.parametrize("loader", [yaml.SafeLoader, settings_text._LOADER], ids=["slow", "fast"])
def test_both_parsers_agree(here, monkeypatch, loader):
    monkeypatch.setattr(settings_text, "_LOADER", loader)
    assert load(default_config()) == Settings()
    for case in CASES:
        if "lines" in case and not any("valid YAML" in line or "a tab" in line for line in case["lines"]):
            assert faults(content(case)) == case["lines"], case["name"]


def test_overlap_sees_through_links(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to("in")
    assert overlap(["in"], "link/out", tmp_path) == "output 'link/out' lies inside input 'in'"
    assert overlap(["link"], "in/out", tmp_path) == "output 'in/out' lies inside input 'link'"
    assert overlap(["in", "other"], "out", tmp_path) is None
    assert overlap(["in"], "in2", tmp_path) is None
    assert overlap([str(tmp_path)], "out", tmp_path).endswith(f"lies inside input '{str(tmp_path)[:39]}…'")


# --- the files of the package ---


@pytest.mark.parametrize("language", PACKS)
def test_packs_of_the_package(language):
    pack = load_rule_pack(language)
    assert pack.language == language
    assert pack.rules
    assert pack.facts == load_fact_words(language)


def test_default_packs_exist():
    assert set(Settings().boilerplate.packs) <= set(PACKS)
    assert load_fact_words("en").negators


@pytest.mark.parametrize("language", ["xx", "", "../vi", "vi.yaml"])
def test_language_without_facts(language):
    assert load_fact_words(language) == FactWords()


def test_unknown_pack_names_the_nearest(here):
    with pytest.raises(SettingsError) as caught:
        load_rule_pack("vie")
    assert caught.value.lines == ["unknown rule pack 'vie'; did you mean vi? known packs: en, vi"]


def test_fault_in_a_pack_has_file_and_line(here):
    (settings_file._RULES / "xx.yaml").write_text(PACK.format("xx", "a").replace("See photos: the", "The"))
    with pytest.raises(SettingsError) as caught:
        load_rule_pack("xx")
    (line,) = caught.value.lines
    assert line.startswith("cleaner/rules/xx.yaml:4:5: rules[0]: the rule does not act on its own example 1")


def test_facts_of_a_pack_come_from_their_file(here):
    (settings_file._RULES / "facts/vi.yaml").write_text("negators: [không]\nnumbers: {ba: 3}\n")
    assert load_rule_pack("vi").facts.numbers == {"ba": 3}


# --- the text that is written ---


def test_config_yaml_is_the_generated_text():
    assert (ROOT / "config.yaml").read_text(encoding="utf-8") == default_config()


def test_default_config_loads_as_the_defaults(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(default_config(), encoding="utf-8")
    assert load_settings(path).settings == Settings()


def test_default_config_says_everything():
    text = default_config()
    assert all(len(line) <= 110 and line == line.rstrip() for line in text.splitlines())
    words = re.sub(r"\s+#?\s*", " ", text)
    sections = [type(value) for _, value in Settings() if isinstance(value, BaseModel)]
    for model in (Settings, Rule, *sections):
        for name, about in model.model_fields.items():
            assert f"{name}:" in words
            assert (about.description or "") in words
    assert "(a number from 80 to 100)" in words
    assert "(one of strict, default, off)" in words


def test_examples_in_the_default_config_load(here):
    text = re.sub(r"^( *)#(?=\S|  )", r"\1", default_config(), flags=re.MULTILINE)
    loaded = load(text.replace("  actions: {}\n", "").replace("  rules: []\n", ""))
    assert [rule.id for rule in loaded.boilerplate.rules] == ["read_more"]
    assert loaded.boilerplate.actions == {"vi.gallery": "report"}


def test_what_is_no_default_is_marked():
    chosen = Settings(workers=3, near_duplicate={"threshold": 85.0}, input=("it's", "no"))
    marked = [line for line in effective_config(chosen, "x").splitlines() if "# default" in line]
    assert marked == [
        "input: ['it''s', 'no']  # default: [seeds]",
        "workers: 3  # default: auto",
        "  threshold: 85.0  # default: 90.0",
    ]


def test_own_rules_are_shown_with_what_they_change(here):
    rule = {"id": "a", "pattern": r"x\s", "examples": ["x y"], "counter_examples": ["y"], "scope": "start"}
    chosen = load(json.dumps({"boilerplate": {"rules": [rule | {"action": "strip", "max_words": None}]}}))
    shown = effective_config(chosen, "any").splitlines()
    first = shown.index("  rules:  # default: []")
    assert shown[first + 1 : shown.index("repeats:") - 1] == [
        "    - id: a",
        "      pattern: 'x\\s'",
        "      scope: start",
        "      action: strip",
        "      examples: ['x y']",
        "      counter_examples: ['y']",
    ]


def test_shown_settings_obey_no_terminal():
    shown = effective_config(Settings(text_field="a\u202eb", id_field="c\nd"), "e\x1b")
    assert shown.startswith("# e[U+001B]\n")
    assert 'text_field: "a\\U0000202eb"' in shown
    assert 'id_field: "c\\nd"' in shown


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t'\"\\#:"), min_size=1)
SETTINGS = st.builds(
    Settings,
    input=st.lists(TEXT.map(lambda text: f"in {text}"), min_size=1, max_size=3).map(tuple),
    output=st.just("/out of the way"),
    text_field=TEXT,
    id_field=TEXT | st.sampled_from(["no", "null", "12", "1e3", "~", " a ", "a: b", "- a", "true", "<<"]),
    format=st.sampled_from(["auto", "txt", "jsonl"]),
    workers=st.just("auto") | st.integers(1, 1024),
    record_limit=st.integers(1000, 10**30),
    near_duplicate=st.fixed_dictionaries({"threshold": st.floats(80, 100), "min_characters": st.integers(5)}),
    boilerplate=st.builds(
        lambda word, action, rules: {
            "actions": {"vi.gallery": action} if action else {},
            "rules": [
                {"id": name, "pattern": "x{3}\\s*", "examples": ["xxx"], "counter_examples": ["y", word]}
                for name in rules
            ],
        },
        TEXT.filter(lambda text: "xxx" not in text),
        st.sampled_from([None, "drop", "report", "off"]),
        st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), unique=True, max_size=2),
    ),
)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(SETTINGS)
def test_shown_settings_load_as_the_same(chosen):
    document = settings_text.read(effective_config(chosen, "any").encode())
    assert yaml_models.checked(Settings, document, "any") == chosen


PIECES = r"""
output input near_duplicate boilerplate rules actions packs threshold true no .nan 1e9 0 -1 64MB
vi.gallery id pattern examples counter_examples &a *a !!int <<: ? | > - : , [ ] { } ' " # --- ...
%YAML \x1b \uD800 \U00110000
"""
SPACES = ["\n", "\n  ", "\n    ", "\t", " ", ": ", "- ", "\r\n", "\x85", "\u2028", "\ufeff", "\x00", "é"]
WRITTEN = st.lists(st.sampled_from([*PIECES.split(), *SPACES]), max_size=30).map("".join)


@pytest.mark.parametrize("loader", [yaml.SafeLoader, settings_text._LOADER], ids=["slow", "fast"])
@settings(derandomize=True, max_examples=500, deadline=None)
@given(data=st.binary() | (st.text() | WRITTEN).map(str.encode))
@example(data=b'a: "\\UFFFFFFFF"')
@example(data=b"\xef\xbb\xbf")
@example(data=b"? ")
@example(data=b"[]: 1")
@example(data=b"---\n---\n")
@example(data=b"workers: {x: 1}\nboilerplate: {actions: {x: {y: 1}}, rules: {z: 1}, packs: {}}")
@example(data=b"boilerplate: {rules: [1, [], {id: []}, {id: {}, scope: []}], actions: {own.x: []}}")
@example(data=b"boilerplate: {packs: [[], {}, null]}")
@example(data=b"input: {a: 1}\noutput: [1]")
def test_any_bytes_give_settings_or_faults(loader, data):
    before, settings_text._LOADER = settings_text._LOADER, loader
    try:
        document = settings_text.read(data)
        document.faults += settings_file._settings_faults(document, ROOT, [])
        result = yaml_models.checked(Settings, document, "config.yaml")
        assert isinstance(result, Settings)
    except SettingsError as error:
        assert error.lines
        assert all(line.isprintable() and len(line) < 1000 for line in error.lines)
    finally:
        settings_text._LOADER = before
