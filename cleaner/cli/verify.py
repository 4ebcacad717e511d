"""`cleaner verify`."""

from __future__ import annotations

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner verify            the output of config.yaml here
      cleaner verify cleaned/

    \b
    Exit codes: 0 everything can be restored; 5 a ledger or the state is damaged; 7 something differs
    (each document is named).
    """
)
@click.argument("out", required=False, metavar="[OUT]")
def verify(out: str | None) -> int:
    """Check that clean texts and ledgers of OUT give back every input byte; writes nothing."""
    from cleaner.session import verify_command

    return verify_command(out)
