"""`cleaner explain`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner explain 003.txt:99             what became of line 99, and why
      cleaner explain news.jsonl:17:12       line 12 of the text in record 17
      cleaner explain train-000017:12        the same, by the id of the document
      cleaner explain cleaned/ news.jsonl:17 every line of a document, in a word each
      cleaner explain 003.txt:40 --clean     line 40 of the clean text

    \b
    Signs:
      ~  edited    =  what stays in its place    ?  nearly happened, or was compared
      [-gone-] {+new+}; of compared texts [-there-] {+here+}
    """
)
@click.argument("names", nargs=-1, required=True, metavar="[OUT] DOCUMENT[:LINE]")
@click.option("--clean", is_flag=True, help="LINE counts in the clean text, not in the input.")
@click.option("-c", "--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, one object a line.")
def explain(names: tuple[str, ...], clean: bool, config_file: Path | None, color: str, as_json: bool) -> int:
    """Tell all that is known of a line: what each stage did to it and nearly did, and why.

    DOCUMENT is an input path (a.txt, a.jsonl:3) or a document id. Lines are those of the input; of JSON
    lines and Parquet those of the text in the record.
    """
    from cleaner.report.explain import explain_command

    return explain_command(names, config_file, color, clean=clean, json=as_json)
