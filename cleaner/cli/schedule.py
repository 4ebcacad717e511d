"""`cleaner schedule`: a job for cron or systemd that starts this very installation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_DAYS = click.Choice(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
_PATH = click.Path(path_type=Path)


@click.group(
    epilog="""\b
    Examples:
      cleaner schedule cron                    a line for crontab, every night
      cleaner schedule systemd                 a service and a timer
    """
)
def schedule() -> None:
    """Print a job that runs `cleaner run` here, for cron or systemd. Nothing is installed."""


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what both kinds of jobs have."""
    added = (
        click.option("--at", default="04:15", metavar="HH:MM", show_default=True, help="When it starts."),
        click.option("--day", type=_DAYS, help="On this day of the week only."),
        click.option("-c", "--config", "config_file", type=_PATH, help="Settings file."),
        click.option("--log", metavar="FILE", help="As of `cleaner run`."),
        click.option("--metrics-file", metavar="FILE.prom", help="As of `cleaner run`."),
    )
    return added[0](added[1](added[2](added[3](added[4](command)))))


@schedule.command(
    epilog="""\b
    Examples:
      cleaner schedule cron
      cleaner schedule cron --at 23:30 --day sun -c /srv/news/config.yaml
      (crontab -l; cleaner schedule cron) | crontab -
    """
)
@_options
def cron(
    at: str, day: str | None, config_file: Path | None, log: str | None, metrics_file: str | None
) -> None:
    """Print a line for `crontab -e`. It starts in the folder of the settings, with absolute paths, and
    prints nothing on success, so that cron sends mail only when something is wrong.
    """
    from cleaner.scheduling import cron_command, make_schedule

    cron_command(make_schedule(at, day, config_file, log, metrics_file))


@schedule.command(
    epilog="""\b
    Examples:
      cleaner schedule systemd
      cleaner schedule systemd --only service > /etc/systemd/system/cleaner.service
      cleaner schedule systemd --only timer > /etc/systemd/system/cleaner.timer
    """
)
@click.option("--only", type=click.Choice(["service", "timer"]), help="Print one of the two files.")
@_options
def systemd(
    only: str | None,
    at: str,
    day: str | None,
    config_file: Path | None,
    log: str | None,
    metrics_file: str | None,
) -> None:
    """Print a service and a timer. The service runs as the owner of the folder, may write only where the
    run writes, and has no network.
    """
    from cleaner.scheduling import make_schedule, systemd_command

    systemd_command(make_schedule(at, day, config_file, log, metrics_file), only)
