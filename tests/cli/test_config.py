"""`cleaner config`: init, check and show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleaner.cli.config import config
from cleaner.errors import OutputError, SettingsError, UsageError
from cleaner.io.settings_writing import default_config


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> str:
    """Return what a command prints on stdout; what it raises is for `main` and comes through."""
    return CliRunner().invoke(config, arguments, catch_exceptions=False).stdout


def test_init_writes_the_defaults_and_check_finds_no_fault():
    assert run("init") == ""
    assert Path("config.yaml").read_text(encoding="utf-8") == default_config()
    assert run("check") == "config.yaml: ok\n"


@pytest.mark.parametrize("argument", ["-", "--stdout"])
def test_init_prints(argument):
    assert run("init", argument) == default_config()
    assert not Path("config.yaml").exists()


def test_init_never_overwrites():
    Path("config.yaml").write_text("output: mine")
    with pytest.raises(UsageError) as caught:
        run("init")
    assert caught.value.exit_code == 2
    assert str(caught.value) == (
        "config.yaml: exists and is not overwritten; "
        "move it away first, or print the defaults with `cleaner config init --stdout`"
    )
    assert Path("config.yaml").read_text() == "output: mine"


def test_init_follows_no_dangling_link():
    Path("config.yaml").symlink_to("elsewhere")
    with pytest.raises(UsageError):
        run("init")
    assert not Path("elsewhere").exists()


def test_init_where_nothing_can_be_written(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(OutputError, match=r"^config\.yaml: cannot be written: Permission denied$"):
        run("init")


def test_check_names_all_faults():
    Path("my.yaml").write_text("output: 5\nworker: 2\n")
    with pytest.raises(SettingsError) as caught:
        run("check", "my.yaml")
    assert caught.value.lines == [
        "my.yaml:1:9: output: found 5, expected text, not empty",
        "my.yaml:2:1: worker: unknown key; did you mean workers?",
    ]


def test_check_without_a_file():
    with pytest.raises(SettingsError, match=r"^config\.yaml: no such file; `cleaner config init` writes"):
        run("check")


def test_show_without_a_file_gives_the_defaults():
    shown = run("show")
    assert shown.startswith(f"# no settings file: the defaults; relative paths count from {os.getcwd()}\n")
    assert "# default" not in shown


def test_show_reads_config_yaml_here_and_marks_what_differs():
    Path("config.yaml").write_text("near_duplicate: {threshold: 95}\n")
    shown = run("show")
    assert shown.startswith("# settings of config.yaml; ")
    assert "  threshold: 95.0  # default: 90.0\n" in shown
    assert shown.count("# default") == 1


def test_shown_settings_can_be_loaded():
    Path("a.yaml").write_text("workers: 4\ninput: [x, 'y z']\nrecord_limit: 5KB\n")
    Path("b.yaml").write_text(run("show", "a.yaml"), encoding="utf-8")
    assert run("show", "a.yaml").splitlines()[1:] == run("show", "b.yaml").splitlines()[1:]


@pytest.mark.parametrize("command", [[], ["init"], ["check"], ["show"]], ids=str)
def test_help_ends_with_examples(command):
    *_, last = run(*command, "--help").split("\n\n")
    assert last.strip().startswith("Examples:")
    assert all(line.strip().startswith("cleaner config") for line in last.strip().splitlines()[1:])


def test_help_imports_nothing_heavy():
    code = "import sys, cleaner.cli.config; print({'yaml', 'pydantic', 'regex'} & sys.modules.keys())"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout == "set()\n"
