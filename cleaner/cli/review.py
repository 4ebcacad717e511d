"""`cleaner review`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner review                        what is most doubtful, first
      cleaner review cleaned/ a.txt         one document
      cleaner review --only near_duplicate  what one stage did; also a rule, or a source
      cleaner review --plain                prompts, for screen readers and simple terminals
      cleaner review --decisions            all that was decided, and what matches nothing any more

    \b
    Keys:
      a  accept: it is right          r  reject: it stays from the next run on
      k  always keep this text        d  always drop this text
      m  make a rule of it            s  skip          n  next document
      u  undo                         f  filter        q  quit

    Each answer is on disk at once, in decisions.jsonl beside the settings, and every later run minds it.
    """
)
@click.argument("out", required=False, metavar="[OUT]")
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@click.option(
    "--only", default="", metavar="NAME", help="Only what this stage or rule did, or of this source."
)
@click.option("--plain", is_flag=True, help="Ask by prompts, not on the full screen.")
@click.option("--decisions", is_flag=True, help="List what was decided instead.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option(
    "-c", "--config", type=click.Path(path_type=Path), help="Settings file; config.yaml here if there is one."
)
def review(
    out: str | None,
    documents: tuple[str, ...],
    only: str,
    plain: bool,
    decisions: bool,
    color: str,
    config: Path | None,
) -> int:
    """Look at what was done to the documents of OUT, the doubtful first, and say yes or no in one key.

    DOCUMENT is an input path (a.txt, a.jsonl, a.jsonl:3) or a document id.
    """
    from cleaner.review.command import ReviewOrder, review_command

    return review_command(ReviewOrder(out, documents, only, config, plain, decisions, color))
