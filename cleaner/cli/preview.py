"""`cleaner preview`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner preview --threshold 88             what would go and come back at 88
      cleaner preview --threshold 95 cleaned/ -n 100
      cleaner preview --threshold 85 --json | jq .would_go

    \b
    Signs:
      -  would go             =  what stays in its place
      +  would come back      [-only gone-] {+only kept+}

    Counts are those of a run with this threshold on the same inputs, to the paragraph: all pairs from
    ratio 80 up are stored with each run (OUT/state/edges). The fact guard is asked as it would be then.
    """
)
@click.argument("out", required=False, metavar="[OUT]")
@click.option(
    "--threshold",
    required=True,
    type=click.FloatRange(80, 100),
    metavar="N",
    help="Ratio from 80 to 100, as near_duplicate.threshold.",
)
@click.option(
    "-n", "count", type=click.IntRange(0), default=20, show_default=True, metavar="N",
    help="Show so many of each kind, those nearest to the threshold first.",
)  # fmt: skip
@click.option("-c", "--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def preview(
    out: str | None, threshold: float, count: int, config_file: Path | None, color: str, as_json: bool
) -> int:
    """Show what would go and what would come back in OUT if another ratio made near-duplicates.

    Nothing is changed. `cleaner run --reprocess` with the threshold in the settings does it.
    """
    from cleaner.report.preview import preview_command

    return preview_command(out, threshold, count, config_file, color, json=as_json)
