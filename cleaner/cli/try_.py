"""`cleaner try`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    name="try",
    epilog="""\b
    Examples:
      cleaner try 'Bá»™ trÆ°á»Ÿng'
      cleaner try - < article.txt
      printf 'Một câu.\\n\\nĐọc thêm\\n' | cleaner try -
    """,
)
@click.argument("text", metavar="TEXT|-")
@click.option("-c", "--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def try_(text: str, config_file: Path | None, color: str) -> int:
    """Show what would be changed in one text, and why. Nothing is written."""
    from cleaner.trial import try_command

    return try_command(text, config_file, color)
