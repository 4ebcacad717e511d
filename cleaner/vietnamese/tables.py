"""The tables of this package as rows: tab-separated files in `data/`, each row with its sources."""

from __future__ import annotations

from importlib import resources

_DATA = resources.files("cleaner.vietnamese") / "data"


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table, each as column -> cell."""
    text = (_DATA / f"{name}.tsv").read_text(encoding="utf-8")
    head, *lines = (line.split("\t") for line in text.split("\n") if line and not line.startswith("#"))
    return [dict(zip(head, line, strict=True)) for line in lines]
