"""`cleaner try`: one text through the real pipeline, in a folder that is thrown away."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cleaner.io.output import read_documents
from cleaner.io.places import settings_here
from cleaner.job import Job, run
from cleaner.report.diff import speller
from cleaner.report.lines import Line
from cleaner.report.reasons import reasons
from cleaner.report.selection import Selection
from cleaner.report.terminal import document_lines
from cleaner.text.show import show

_NAME = "text.txt"


def try_command(text: str, config_file: Path | None, colour: str) -> int:
    """Show on stdout what would be done to `text` ("-": stdin), and what would be left; return the exit
    code.
    """
    loaded = settings_here(config_file)
    data = sys.stdin.buffer.read() if text == "-" else os.fsencode(text)
    with tempfile.TemporaryDirectory(prefix="cleaner-") as folder:
        source = Path(folder) / "in" / _NAME
        source.parent.mkdir()
        source.write_bytes(data)
        places: dict[str, Any] = {
            "input": (str(source.parent),),
            "output": str(Path(folder) / "out"),
            "format": "txt",
        }
        places |= {"include": (), "exclude": (), "workers": 1}
        settings = loaded.settings.model_copy(update=places)
        outcome = run(Job(settings, loaded.base), lambda _what, _done, _all: None)
        own = [(rule.id, rule.reason) for rule in settings.boilerplate.rules]
        spelled = speller(colour)
        for line in _lines(settings.output, own):
            click.echo(spelled(line))
    for problem in outcome.problems:
        click.echo(f"cleaner: {problem.reason}", err=True)
    return outcome.exit_code


def _lines(out: str, own: list[tuple[str, str]]) -> Iterator[Line]:
    for document in read_documents(out):
        told = list(document_lines(document, Selection(), reasons(own)))[2:]  # no title: there is one text
        yield from told or [Line((("note", "nothing to change"),)), Line()]
        yield Line((("path", "=== clean text"),))
        for line in document.clean.split("\n")[: -1 if document.clean.endswith("\n") else None]:
            yield Line((("same", show(line, limit=None)),))
