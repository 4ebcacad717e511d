"""`cleaner report`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner report                    the page of the output here: out/report/index.html
      cleaner report cleaned/ --open    … of another, and shown in the browser
      cleaner report -o look.html       … written elsewhere
      cleaner report --changes 20000    with more changes than 2,000

    \b
    The page is one file, which needs no network and can be mailed. Keys on it:
      /  search        j k  next, previous        Enter  details        n p  pages
    """
)
@click.argument("out", required=False, metavar="[OUT]")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to this file, not into OUT.",
)
@click.option(
    "--changes",
    type=click.IntRange(0, 100_000),
    default=2000,
    show_default=True,
    metavar="N",
    help="Show up to so many: doubtful ones first, then long ones, of every rule some.",
)
@click.option("--open", "shown", is_flag=True, help="Show the page in the system's browser.")
def report(out: str | None, output: Path | None, changes: int, shown: bool) -> int:
    """Draw an HTML page of OUT: what went and what stays, and why, for looking through.

    Everything on it is drawn from the ledgers. It tells of all that stands in OUT, and goes out of date
    with the next run.
    """
    from cleaner.report.page.command import report_command

    return report_command(out, output, changes, shown=shown)
