"""`cleaner audit`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner audit                       the inputs and the settings of config.yaml
      cleaner audit news/                 another corpus
      cleaner audit -c strict.yaml        the same corpus, other settings
      cleaner audit --json | jq '.summary'

    \b
    What is told:
      recall      of what should go, the share that went, the side that says more staying
      precision   of what went of it, the share that should
      traps       near-duplicates that state another number, date, name, place: nothing may go
      not planted what went though nothing was planted there, short paragraphs for themselves
    """
)
@click.argument("names", nargs=-1, metavar="[INPUT]...")
@click.option(
    "--size", type=click.IntRange(1, 1000), default=12, show_default=True, metavar="MB",
    help="How much is made and cleaned; more makes the intervals narrower.",
)  # fmt: skip
@click.option("--show", "show_wrong", is_flag=True, help="Name some of what went wrong, and was missed.")
@click.option("-c", "--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def audit(
    names: tuple[str, ...], size: int, show_wrong: bool, config_file: Path | None, as_json: bool
) -> int:
    """Measure how right the pipeline is on texts like yours, with your settings.

    Documents are made of a sample of INPUT; known duplicates and traps are planted in them, the pipeline
    cleans them in a temporary folder, and what became of each kind is counted. Nothing else is written.
    """
    from cleaner.report.audit import audit_command

    return audit_command(names, config_file, size * 1_000_000, json=as_json, show_wrong=show_wrong)
