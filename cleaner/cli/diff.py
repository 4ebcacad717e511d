"""`cleaner diff`."""

from __future__ import annotations

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner diff                              everything, document by document
      cleaner diff --stat                       how often each rule acted
      cleaner diff --stat --by source           the same for each source
      cleaner diff out/ 003.txt news.jsonl:17   two documents
      cleaner diff --rule vi.read_more          what one rule did
      cleaner diff --only suspects              what nearly happened
      cleaner diff --since 12                   what runs 13 and later did
      cleaner diff --side-by-side | less -R     old and new beside each other, as on a wide terminal
      cleaner diff --patch | patch -R -p1 -d COPY   the inputs back, from a copy of out/clean

    \b
    Signs:
      -  removed              =  what stays in its place
      ~  edited               ?  nearly happened; nothing was changed
      [-gone-] {+new+}        […]  nothing changed there        ·  a space that changed

    Environment: CLEANER_PAGER, else PAGER, else less -FRX; NO_COLOR.
    """
)
@click.argument("out", required=False, metavar="[OUT]")
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@click.option(
    "--stage", "stages", multiple=True, metavar="NAME", help="Only what this stage did (repeatable)."
)
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="Only what this rule did (repeatable).")
@click.option("--only", type=click.Choice(["removed", "edited", "suspects"]), help="Only this kind.")
@click.option("--no-suspects", is_flag=True, help="Leave out what nearly happened.")
@click.option("--stat", is_flag=True, help="Print counts by rule instead.")
@click.option(
    "--by",
    type=click.Choice(["rule", "stage", "source", "document"]),
    help="Print counts by this instead; a source is the first folder of a path.",
)
@click.option("--patch", is_flag=True, help="Print unified diffs of the .txt files instead.")
@click.option(
    "--since",
    type=click.IntRange(min=0),
    metavar="RUN",
    help="Only inputs that were cleaned by runs after this one (see `cleaner history`).",
)
@click.option(
    "--side-by-side/--unified",
    default=None,
    help="Old and new beside each other, or one below the other.  [default: beside each other on a terminal"
    " of 120 columns and more]",
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("--no-pager", is_flag=True, help="Print straight to the terminal.")
def diff(
    out: str | None,
    documents: tuple[str, ...],
    stages: tuple[str, ...],
    rules: tuple[str, ...],
    only: str | None,
    no_suspects: bool,
    stat: bool,
    by: str | None,
    patch: bool,
    since: int | None,
    side_by_side: bool | None,
    color: str,
    no_pager: bool,
) -> int:
    """Show what was removed from the documents of OUT (a folder, or a URL), why, and what stays in its place.

    DOCUMENT is an input path (a.txt, a.jsonl, a.jsonl:3) or a document id. A rule is named as it is
    shown: repeats.exact, or boilerplate.vi.read_more, or vi.read_more.
    """
    from cleaner.report.diff import diff_command, diff_options

    options = diff_options(
        stages,
        rules,
        only,
        suspects=not no_suspects,
        stat=stat,
        by=by,
        patch=patch,
        colour=color,
        pager=not no_pager,
        side_by_side=side_by_side,
        since=since,
    )
    return diff_command(out, documents, options)
