"""`cleaner history`."""

from __future__ import annotations

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner history                  the last 20 runs of the output of config.yaml here
      cleaner history cleaned/ -n 100
      cleaner history --json | jq -s 'map(.seconds) | add'

    \b
    Times are UTC. - is what is not known: an older version did not write it down.
    """
)
@click.argument("out", required=False, metavar="[OUT]")
@click.option("-n", "count", type=click.IntRange(1), default=20, show_default=True, metavar="N")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a run, with counts by rule.")
def history(out: str | None, count: int, as_json: bool) -> int:
    """Show the last N runs of OUT, the latest last: what they did, when, how long it took.

    Waits for no run, and makes none wait.
    """
    from cleaner.report.history import history_command

    return history_command(out, count, json=as_json)
