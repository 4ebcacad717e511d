"""`cleaner index`: what new paragraphs are compared with, and how to let it go."""

from __future__ import annotations

from pathlib import Path

import click


@click.group(
    epilog="""\b
    Examples:
      cleaner index info                       what out/ can be compared with
      cleaner index forget 2019/**             withdraw inputs: clean texts, ledgers, index
      cleaner index orphans                    what went for text that does not stand any more
    """
)
def index() -> None:
    """See and keep the index: the paragraphs of all earlier runs, with which new ones are compared.

    It stands in state/index of the output, and is written by every run.
    """


@index.command(
    epilog="""\b
    Examples:
      cleaner index info
      cleaner index info cleaned/ --json
    """
)
@click.argument("out", required=False, metavar="[OUT]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def info(out: str | None, as_json: bool) -> int:
    """Tell what the index of OUT holds."""
    from cleaner.index_commands import info_command

    return info_command(out, as_json=as_json)


@index.command(
    epilog="""\b
    Examples:
      cleaner index forget 2019/**               all below 2019/
      cleaner index forget cleaned/ old.jsonl    one input of another output
      cleaner index forget --reinstate a.txt     and clean anew what went for its sake, with the next run
      cleaner index forget --erase a.txt         and purge its text wherever it was noted
    """
)
@click.argument("names", nargs=-1, required=True, metavar="[OUT] PATTERN...")
@click.option("--reinstate", is_flag=True, help="Let the next run clean anew what went for their sake.")
@click.option(
    "--erase",
    is_flag=True,
    help="Purge their text from index, other ledgers, stored pairs and the decisions of the settings here.",
)
def forget(names: tuple[str, ...], reinstate: bool, erase: bool) -> int:
    """Withdraw inputs: their clean texts and ledgers are removed, and nothing is compared with them any more.

    PATTERN is a path of an input, as it stands in the output, or a glob. What went as a duplicate of their
    text is listed. The inputs themselves are not touched: if they are still there, the next run cleans them
    again as new ones.
    """
    from cleaner.index_commands import forget_command

    return forget_command(names, reinstate=reinstate, erase=erase)


@index.command(
    epilog="""\b
    Examples:
      cleaner index orphans
      cleaner index orphans cleaned/ --reinstate && cleaner run
    """
)
@click.argument("out", required=False, metavar="[OUT]")
@click.option("--reinstate", is_flag=True, help="Let the next run clean their inputs anew.")
def orphans(out: str | None, reinstate: bool) -> int:
    """List paragraphs that went as duplicates of text which does not stand any more.

    It was withdrawn, or its input has changed. Their own text is in the ledger; cleaned anew, they stay.
    """
    from cleaner.index_commands import orphans_command

    return orphans_command(out, reinstate=reinstate)


@index.command(
    epilog="""\b
    Examples:
      cleaner index compact
    """
)
@click.argument("out", required=False, metavar="[OUT]")
def compact(out: str | None) -> int:
    """Write the index smaller: small segments together, and without what counts no more.

    Runs do most of this by themselves.
    """
    from cleaner.index_commands import compact_command

    return compact_command(out)


@index.command(
    epilog="""\b
    Examples:
      cleaner index rebuild
      cleaner index rebuild -c other.yaml
    """
)
@click.argument("out", required=False, metavar="[OUT]")
@click.option("-c", "--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
def rebuild(out: str | None, config_file: Path | None) -> int:
    """Make the index anew from clean texts and ledgers, with the settings here.

    For one that is damaged, or was made by another version. One that is merely missing the next run makes
    by itself.
    """
    from cleaner.index_commands import rebuild_command

    return rebuild_command(out, config_file)
