"""`cleaner config`: write, check and show the settings.

The modules that read settings take long to import, so each command imports what it needs.
"""

from __future__ import annotations

from pathlib import Path

import click

_FILE = click.Path(path_type=Path)


@click.group(
    epilog="""\b
    Examples:
      cleaner config init     start a config.yaml with every setting in it
      cleaner config check    find what is wrong with it
      cleaner config show     see what is in force
    """
)
def config() -> None:
    """Write, check and show the settings."""


@config.command(
    epilog="""\b
    Examples:
      cleaner config init
      cleaner config init --stdout > my.yaml
    """
)
@click.argument("target", metavar="[-]", required=False, type=click.Choice(["-"]))
@click.option("--stdout", is_flag=True, help="Print the text and write no file; so does '-'.")
def init(target: str | None, stdout: bool) -> None:
    """Write a config.yaml with every setting.

    Each stands there with its default and its reason. A file that is there already is not overwritten.
    """
    from cleaner.io.places import SETTINGS_FILE
    from cleaner.io.settings_file import write_default_config
    from cleaner.io.settings_writing import default_config

    if stdout or target:
        click.echo(default_config(), nl=False)
    else:
        write_default_config(Path(SETTINGS_FILE))
        click.echo(f"wrote {SETTINGS_FILE}", err=True)


@config.command(
    epilog="""\b
    Examples:
      cleaner config check
      cleaner config check other.yaml && cleaner run -c other.yaml
    """
)
@click.argument("file", required=False, type=_FILE)
def check(file: Path | None) -> None:
    """Name every fault of a settings file.

    Each fault of FILE, or of config.yaml here, is named by line and key; the exit code is then 2.
    """
    from cleaner.io.places import SETTINGS_FILE
    from cleaner.io.settings_file import load_settings
    from cleaner.text.show import show as shown

    path = file or Path(SETTINGS_FILE)
    load_settings(path)
    click.echo(f"{shown(str(path))}: ok")


@config.command(
    epilog="""\b
    Examples:
      cleaner config show
      cleaner config show | grep '# default'
    """
)
@click.argument("file", required=False, type=_FILE)
def show(file: Path | None) -> None:
    """Print the settings that are in force.

    They are those of FILE, or of config.yaml here, or the defaults where there is none. The output is
    YAML, with a comment at each that is not the default.
    """
    from cleaner.io.settings_file import describe, find_settings_file

    click.echo(describe(file or find_settings_file()), nl=False)
