"""The output folder is told without loading the settings, and then is the one that they name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cleaner.errors import SettingsError
from cleaner.io.places import output_soon, settings_here

SAME = {
    "only comments are no settings": "# output: no\ninput: [in]\n",
    "plain": "output: cleaned\n",
    "last": "input: [a, output]\nformat: txt\noutput: cleaned # here\n",
    "quoted": 'output: "a \\u0111 b"\n',
    "a word of YAML 1.1": "output: no\n",
    "a number": "output: 012\n",
    "over two lines": "output: one\n  two\n",
    "folded": "output: >-\n  one\n  two\n",
    "a flow map": "{input: [in], output: ../up}\n",
    "absolute": "output: /srv/out/../clean/\n",
    "a key of another section": "boilerplate:\n  rules: []\nnear_duplicate: {threshold: 91}\noutput: o\n",
    "a text like the key": "text_field: output\nid_field: x\n",
}
UNKNOWN = {
    "no YAML": "output: [\n",
    "a list": "output: [a]\n",
    "a map": "output: {a: b}\n",
    "an alias": "input: &a x\noutput: *a\n",
    "a control character": "output: a\x00b\n",
    "deep": "input: " + "[" * 100_000,
}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", SAME)
def test_what_is_told_soon_is_what_the_settings_say(tmp_path, name):
    for file, given in ((tmp_path / "config.yaml", None), (tmp_path / "d/my.yaml", Path("d/my.yaml"))):
        file.parent.mkdir(exist_ok=True)
        file.write_text(SAME[name], encoding="utf-8")
        loaded = settings_here(given)
        told = os.path.normpath(os.fsencode(loaded.base / loaded.settings.output))
        assert output_soon(None, given) == told


@pytest.mark.parametrize("name", UNKNOWN)
def test_where_settings_are_faulty_nothing_is_told(tmp_path, name):
    (tmp_path / "config.yaml").write_text(UNKNOWN[name], encoding="utf-8")
    with pytest.raises(SettingsError):
        settings_here(None)
    assert output_soon(None, None) is None


def test_without_settings_and_by_name(tmp_path):
    assert output_soon(None, None) == output_soon("", None) == os.fsencode(tmp_path / "out")
    assert output_soon("a/../b", Path("missing.yaml")) == os.fsencode(tmp_path / "b")
    assert output_soon("/x/y/", None) == b"/x/y"
    assert output_soon(None, Path("missing.yaml")) is None
    (tmp_path / "config.yaml").mkdir()
    assert output_soon(None, None) is None
