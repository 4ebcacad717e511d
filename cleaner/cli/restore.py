"""`cleaner restore`."""

from __future__ import annotations

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner restore -o back/                          every input of out/, byte for byte
      cleaner restore out/ -o back/ 003.txt             one file
      cleaner restore s3://news/out -o back/            of an output by URL
      cleaner restore out/ -o back/ news.jsonl:17       one record
      cleaner restore -o look/ --rule vi.byline_names   the clean texts, with bylines left in
      cleaner restore -o look/ --stage near_duplicate   the clean texts, near-duplicates left in
    """
)
@click.argument("out", required=False, metavar="[OUT]")
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@click.option("-o", "--output", "target", required=True, metavar="DIR", help="Where the files go.")
@click.option("--stage", "stages", multiple=True, metavar="NAME", help="Undo only this stage (repeatable).")
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="Undo only this rule (repeatable).")
def restore(
    out: str | None, documents: tuple[str, ...], target: str, stages: tuple[str, ...], rules: tuple[str, ...]
) -> int:
    """Give the inputs of OUT back, byte for byte, or undo single rules in the clean texts. Of compressed
    files (.gz, .zst) that is what they hold: they are compressed again, which may pack it in other bytes.

    DOCUMENT is an input path (a.txt, a.jsonl, a.jsonl:3) or a document id. A rule is named as the diff
    names it: repeats.exact, vi.read_more. Nothing is overwritten.
    """
    from cleaner.session import restore_command

    return restore_command(out, documents, target, stages, rules)
