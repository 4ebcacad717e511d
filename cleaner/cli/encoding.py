"""`cleaner encoding`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner encoding old/ letter.txt       what is in a folder and a file
      cleaner encoding --quiet corpus/       only the files in which something is
      cleaner encoding --examples 5 a.txt    more of what would change
      cleaner encoding --all big.jsonl.zst   all of a large file, not only its beginning
      cleaner encoding --json corpus/ | jq -r 'select(.share_of_text > 0.5).file'
      curl -s URL | cleaner encoding -

    \b
    What a line says:
      a.txt  UTF-8: TCVN3 (ABC) read as Windows-1252  41 of 42 lines, 98 % of the text
      the bytes are UTF-8; the letters in them are those of TCVN3, because somebody read
      TCVN3 as Windows-1252. Below it: line, words before -> after; then what is damaged
      or in doubt, and stays as it is.

    \b
    JSON, one object a file: file, format, compression, size (bytes on disk), read (bytes of its
    content, null: all), what, bytes, documents, lines, characters, changed_documents,
    changed_lines, share_of_lines, share_of_text (0 to 1), findings, not_repaired, problems.
      findings: rule, what, read_as, times, documents, lines, share_of_lines, share_of_text,
        confidence (0 to 1; null: nothing was guessed), words, syllables, examples
      not_repaired: rule, paragraphs, line, text, reason      problems: record, reason

    \b
    Exit codes: 0 whatever is found; 2 settings or usage; 3 some file could not be read (each is
    named).
    """
)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=str))
@click.option("-c", "--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option(
    "--format", "format_", type=click.Choice(["auto", "txt", "jsonl", "parquet"]), help="Format of the files."
)
@click.option("--include", multiple=True, metavar="GLOB", help="Only paths that match (repeatable).")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Pass over what matches (repeatable).")
@click.option("--examples", type=click.IntRange(0, 1000), default=1, show_default=True, help="For each kind.")
@click.option("--all", "whole", is_flag=True, help="Read all of each file, not only its first 4 MB.")
@click.option("--quiet", is_flag=True, help="Leave out files with nothing to repair.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def encoding(
    files: tuple[str, ...],
    config_file: Path | None,
    format_: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    examples: int,
    whole: bool,
    quiet: bool,
    as_json: bool,
    color: str,
) -> int:
    """Tell in which encodings FILE is (folders, .txt and .jsonl files, each also as .gz or .zst, - for
    stdin; none: the inputs of config.yaml). Nothing is changed or written.

    For each file: the encoding of its bytes and of the text in them, how much of it, how sure that is,
    an example of what `cleaner run` would make of it, and what cannot be repaired.
    """
    from cleaner.survey import FIRST, SurveyOptions, survey_command

    said = {"format": format_, "include": include or None, "exclude": exclude or None}
    overrides = {name: value for name, value in said.items() if value is not None}
    options = SurveyOptions(None if whole else FIRST, examples, quiet, as_json, color)
    return survey_command(files, config_file, overrides, options)
