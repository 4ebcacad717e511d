"""`cleaner learn`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner learn                         what recurs in the inputs of config.yaml, one by one
      cleaner learn news/                   in other inputs
      cleaner learn cleaned/                in an output: what its rules and repeats have left
      cleaner learn | less                  look only
      cleaner learn --yes byline --yes xem_them_tai_day
      cleaner learn --json | jq '.[] | .rule.id'

    \b
    Answers:
      y  the rule goes to the rule file (boilerplate.rule_file, rules.yaml beside the settings)
      r  so that it only reports     n  switched off, so that nobody is asked again
      s  not now                     q  that is enough

    \b
    Signs:
      -  what the rule matches       =  what it does not: the same words as content
    """
)
@click.argument("names", nargs=-1, metavar="[INPUT|OUT]...")
@click.option("--yes", "approved", multiple=True, metavar="ID", help="Approve this rule (repeatable).")
@click.option(
    "--min-documents", "least", type=click.IntRange(2), default=5, show_default=True, metavar="N",
    help="Look at what recurs in so many documents.",
)  # fmt: skip
@click.option("-c", "--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the proposals as a JSON list.")
def learn(
    names: tuple[str, ...],
    approved: tuple[str, ...],
    least: int,
    config_file: Path | None,
    color: str,
    as_json: bool,
) -> int:
    """Propose rules for lines, and ends and starts of lines, that recur in a corpus and are no content.

    A person approves them, one by one. What the rules in force take already is not proposed; nor is
    what somebody has refused. A rule that is doubtful only reports.
    """
    from cleaner.report.learn import learn_command

    return learn_command(names, config_file, least, approved, color, json=as_json)
