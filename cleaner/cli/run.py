"""`cleaner run`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="""\b
    Examples:
      cleaner run                           what config.yaml says; seeds/ into out/ without one
      cleaner run news/ -o cleaned/         a folder
      cleaner run a.jsonl b.jsonl.gz        some files
      cleaner run news/ --include '2024/**' --exclude '*.txt'
      cleaner run --dry-run                 what would happen, nothing written
      cleaner run big/ --master spark://head:7077       on a cluster of Apache Spark
      cleaner run s3://news/in -o s3://news/out         in a store; also gs://, hdfs://
      cleaner run --reprocess               clean unchanged inputs anew, under new settings
      cat a.txt | cleaner run - > clean.txt

    \b
    Exit codes: 0 done or nothing to do; 2 settings or usage; 3 done, some input newly skipped (each
    is named); 4 disk or memory failed; 5 state damaged; 6 another run is going on; 7 a document could not
    be restored; 8 more would be removed or skipped than limits allow; 128+N stopped by signal N.
    After 2, 4, 5, 6, 7, 8 nothing new was published.
    """
)
@click.argument("inputs", nargs=-1, metavar="[INPUT]...", type=click.Path(path_type=str))
@click.option(
    "-o", "--output", metavar="DIR", help="Output folder or URL; - for clean text on stdout, nothing else."
)
@click.option("-c", "--config", "config_file", type=click.Path(path_type=Path), help="Settings file.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["auto", "txt", "jsonl", "parquet"]),
    help="Format of the inputs.",
)
@click.option(
    "--include", multiple=True, metavar="GLOB", help="Only paths that match: '2024/**' (repeatable)."
)
@click.option("--exclude", multiple=True, metavar="GLOB", help="Pass over what matches: '*.gz' (repeatable).")
@click.option("--workers", type=click.IntRange(1, 1024), help="Processes; the result never depends on it.")
@click.option(
    "--engine", type=click.Choice(["local", "spark"]), help="Where: processes here, or Apache Spark."
)
@click.option(
    "--master", metavar="URL", help="Of Spark: spark://host:7077, local[4], yarn; sets --engine spark."
)
@click.option("--dry-run", is_flag=True, help="Do everything but write; print what would happen.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Clean only the first N documents.")
@click.option("--force", is_flag=True, help="Read inputs that look unchanged, too.")
@click.option("--reprocess", is_flag=True, help="Clean unchanged inputs again, e.g. under new settings.")
@click.option("--force-publish", is_flag=True, help="Publish even what goes beyond the limits (see config).")
@click.option("--strict", is_flag=True, help="Name damage that is known, too, and end with 3 for it.")
@click.option(
    "--wait",
    type=click.IntRange(0, 86_400),
    default=0,
    metavar="SECONDS",
    help="If another run is at work, wait up to so long for its end.",
)
@click.option("--busy-ok", is_flag=True, help="If another run is at work, end with 0 and say nothing.")
@click.option("--log", metavar="FILE", help="Append what happens to FILE, as JSON lines.")
@click.option(
    "--metrics-file", metavar="FILE.prom", help="Write figures for Prometheus' node_exporter to FILE."
)
@click.option("--quiet", is_flag=True, help="Print nothing on success.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on stdout.")
def run(
    inputs: tuple[str, ...],
    output: str | None,
    config_file: Path | None,
    format_: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    workers: int | None,
    engine: str | None,
    master: str | None,
    dry_run: bool,
    limit: int | None,
    force: bool,
    reprocess: bool,
    force_publish: bool,
    strict: bool,
    wait: int,
    busy_ok: bool,
    log: str | None,
    metrics_file: str | None,
    quiet: bool,
    as_json: bool,
) -> int:
    """Clean INPUT (folders, files, URLs, - for stdin) into the output folder: .txt and .jsonl files, each
    also as .gz or .zst, and .parquet files.

    \b
    OUT/clean    the clean texts, same tree, names, formats and compression as the inputs
    OUT/ledger   what was changed and why; gives every input byte back
    OUT/report   summary.json and changes.patch of the last run
    OUT/state    what is done; keep it with the rest

    Inputs that have not changed since they were cleaned are left alone.
    """
    from cleaner.starting import Order, start_run

    options = {
        "dry_run": dry_run, "limit": limit, "force": force, "reprocess": reprocess,
        "force_publish": force_publish, "strict": strict,
    }  # fmt: skip
    said = {
        "format": format_, "include": include or None, "exclude": exclude or None, "workers": workers,
        "engine": engine, "spark": master and {"master": master},
    }  # fmt: skip
    overrides = {name: value for name, value in said.items() if value is not None}
    order = Order(
        inputs, output, config_file, overrides, options,
        quiet=quiet, as_json=as_json, wait=wait, busy_ok=busy_ok, log=log, metrics=metrics_file,
    )  # fmt: skip
    return start_run(order)
