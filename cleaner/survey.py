"""`cleaner encoding`: what the encoding stage would do to some files, told and not done.

The real stage reads the documents as a run would read them. Of a large file only the beginning is read
unless all is asked for, and what is kept of each document is counts.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import click
from msgspec import Struct

from cleaner.errors import InputError, UsageError
from cleaner.io.formats import FORMATS
from cleaner.io.formats.base import Record
from cleaner.io.inputs import InputFile, Problem, find_inputs, open_input
from cleaner.io.places import settings_here
from cleaner.io.urls import from_here, is_url, placed
from cleaner.pipeline import scan
from cleaner.report.diff import speller
from cleaner.report.encodings import Survey, as_json, name_width, survey_lines, total
from cleaner.report.findings import Findings
from cleaner.settings import Settings
from cleaner.stages.encoding import Encoding
from cleaner.text.codec import CODECS, decode
from cleaner.text.document import split

STREAM = "-"
FIRST = 4_000_000  # bytes read of a file unless told: one second of clean text, seven of an old code page
_EXIT_SKIPPED = InputError.exit_code
_ENOUGH_TO_TELL = 4096  # bytes that tell in which units a text is written; even
_HALF_CHARACTER = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")


class SurveyOptions(Struct, frozen=True):
    """How much to read of each file (bytes, None: all), and what to tell."""

    first: int | None = FIRST
    examples: int = 1
    only_found: bool = False
    as_json: bool = False
    colour: str = "auto"


def survey_command(
    names: Sequence[str], config_file: Path | None, overrides: dict[str, Any], options: SurveyOptions
) -> int:
    """Tell on stdout what is found in the files `names` (none: the inputs of the settings), and return
    the exit code.
    """
    loaded = settings_here(config_file)
    settings = loaded.settings.model_copy(update=overrides)
    if STREAM in names and list(names) != [STREAM]:
        raise UsageError("- (stdin) stands beside other files", hint="name only - or only files")
    if not settings.encoding.enabled:
        click.echo("cleaner: the encoding stage is switched off here: a run repairs none of this", err=True)
    work = _Work(settings, options, Encoding(settings.encoding))
    if STREAM in names:
        return _tell([work.of_stdin()], 0, options)
    files, problems = _files(
        [placed("", name) for name in names] or [from_here(loaded.base, each) for each in settings.input],
        settings,
    )
    return _tell(work.of_files(files, problems), name_width([file.place for file in files]), options)


def _files(names: Sequence[str], settings: Settings) -> tuple[list[InputFile], list[Problem]]:
    """Return the files that the names stand for. Each is looked for apart: here two may have one name."""
    files: list[InputFile] = []
    problems: list[Problem] = []
    for name in dict.fromkeys(map(os.fsencode, names)):
        found = find_inputs([name], settings.format, settings.include, settings.exclude)
        files += found.files
        root = name if is_url(name) else os.path.normpath(name)
        for problem in found.problems:
            below = problem.path != root and (is_url(root) or os.path.isdir(root))
            place = os.path.join(root, problem.path) if below else root
            problems.append(Problem(place, 0, problem.reason))
    return files, problems


class _Work(Struct):
    """The stage, made once, and what it is asked to read."""

    settings: Settings
    options: SurveyOptions
    stage: Encoding

    def of_files(self, files: Sequence[InputFile], problems: Sequence[Problem]) -> Iterator[Survey]:
        """Yield what is in each file, as soon as it is known; at last those that could not be found."""
        for file in files:
            findings = Findings(self.options.examples)
            survey = Survey(file.place, file.format, file.compression, file.size, findings)
            try:
                with open_input(file) as stream:
                    self._read(survey, stream)
            except InputError as error:
                survey.problems.append((0, error.message))
            yield survey
        for problem in problems:
            survey = Survey(problem.path, "", "", 0, Findings(0))
            survey.problems.append((0, problem.reason))
            yield survey

    def of_stdin(self) -> Survey:
        """Return what is in stdin."""
        kind = "txt" if self.settings.format == "auto" else self.settings.format
        survey = Survey(b"-", kind, "", 0, Findings(self.options.examples))
        stream = sys.stdin.buffer
        try:  # a table is read from its end
            self._read(survey, io.BytesIO(stream.read()) if FORMATS[kind].columnar else stream)
        except InputError as error:
            survey.problems.append((0, error.message))
        return survey

    def _read(self, survey: Survey, stream: BinaryIO) -> None:
        """Read the records of a file, as far as is wanted, into its survey."""
        first = self.options.first
        format = FORMATS[survey.format]
        beginning: _Beginning | _FirstRows | None = None
        if first is None:
            records = format.reader(stream, self.settings).records()
        elif format.columnar:
            beginning = _FirstRows(format.reader(stream, self.settings).records(), first)
            records = iter(beginning)
        else:
            beginning = _Beginning(stream, first)
            records = format.reader(cast(BinaryIO, beginning), self.settings).records()
        for record in records:
            if record.source:
                paragraphs = split(record.source.text, self.settings.paragraph)
                draft = scan(paragraphs, (self.stage,))
                survey.findings.add(record.source.codec[0], paragraphs, draft, record.number)
            elif record.problem:
                survey.problems.append((record.number, record.problem))
                for _ in record.more:
                    pass
        survey.read = beginning.given if beginning and beginning.cut else None


class _FirstRows:
    """The rows of a table that begin within about `size` bytes of its texts."""

    def __init__(self, records: Iterator[Record], size: int) -> None:
        self._records, self._size = records, size
        self.given = 0
        self.cut = False

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            if self.given >= self._size:
                self.cut = True
                return
            self.given += len(record.raw)
            yield record


class _Beginning:
    """A stream that ends after about `size` bytes, at the end of a line."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._size = stream, size
        self.given = 0
        self.cut = False

    def read(self, size: int = -1, /) -> bytes:
        """Read up to `size` bytes, all that is left by default."""
        room = self._size - self.given
        data = self._stream.read(room + 1 if size < 0 else min(size, room + 1))
        if len(data) > room:
            self.cut = True
            data = _whole_lines(data[:room]) if size < 0 else data[:room]
        self.given += len(data)
        return data

    def readline(self, size: int = -1, /) -> bytes:
        """Read a line, up to `size` bytes of it, if it begins in time."""
        line = self._stream.readline(1 if self.given >= self._size else size)
        if self.given >= self._size:
            self.cut = self.cut or bool(line)
            return b""
        self.given += len(line)
        return line


def _whole_lines(data: bytes) -> bytes:
    """Return the beginning of a text up to its last line end; without one, up to its last whole character."""
    encoding = CODECS[decode(data[:_ENOUGH_TO_TELL]).codec][1]
    newline = "\n".encode(encoding)
    end = len(data)
    while (at := data.rfind(newline, 0, end)) >= 0:
        if at % len(newline) == 0:
            return data[: at + len(newline)]
        end = at + len(newline) - 1
    return _HALF_CHARACTER.sub(b"", data) if encoding == "utf-8" else data[: len(data) // 4 * 4]


def _tell(surveys: Iterable[Survey], width: int, options: SurveyOptions) -> int:
    """Print what is known of each file, as soon as it is; return the exit code."""
    spelled = speller(options.colour)
    kinds: Counter[str] = Counter()
    for survey in surveys:
        kinds["files"] += 1
        kinds["clean"] += not survey.found_anything and not survey.problems
        kinds["skipped"] += bool(survey.problems)
        if options.as_json:
            click.echo(json.dumps(as_json(survey), ensure_ascii=False))
        elif survey.found_anything or not (options.only_found or survey.is_unread):
            for line in survey_lines(survey, width):
                click.echo(spelled(line), color=True)  # else click takes colours out
        if survey.problems:
            click.echo(f"cleaner: skipped: {survey.problem}", err=True)
    if kinds["files"] != 1 and not (options.as_json or options.only_found):
        click.echo(f"cleaner: {total(kinds)}", err=True)
    return _EXIT_SKIPPED if kinds["skipped"] else 0
