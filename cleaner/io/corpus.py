"""The documents of some inputs, for commands that read them one after the other and change nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cleaner.errors import InputError, OutputError, UsageError
from cleaner.io.formats import FORMATS
from cleaner.io.formats.base import Source
from cleaner.io.inputs import InputFile, find_inputs, open_input
from cleaner.io.settings_file import LoadedSettings
from cleaner.io.shards import document_place
from cleaner.io.urls import placed
from cleaner.text.show import show


@contextmanager
def in_temporary_folder() -> Iterator[None]:
    """Say of what the system refuses that it was the temporary folder, and what to do. Raises OutputError."""
    try:
        yield
    except OSError as error:
        where, hint = "the temporary folder", "let TMPDIR name one with room"
        raise OutputError(str(error.strerror), where=where, hint=hint) from None


class Documents:
    """The documents of inputs (none: those of the settings). What cannot be read is passed over, and named in
    `problems` once all was read.

    Raises UsageError when it has been read and there was no document.
    """

    def __init__(self, loaded: LoadedSettings, names: Sequence[str]) -> None:
        self._loaded, self._names = loaded, names
        self.problems: list[str] = []

    def __iter__(self) -> Iterator[tuple[InputFile, str, int, Source]]:
        """Yield file, path, record (0: the whole file) and content of each document."""
        settings = self._loaded.settings
        base = os.curdir if self._names else self._loaded.base
        places = [os.fsencode(placed(base, name)) for name in self._names or settings.input]
        inputs = find_inputs(places, settings.format, settings.include, settings.exclude)
        self.problems += [str(problem) for problem in inputs.problems]
        count = 0
        for file in inputs.files:
            try:
                for found in self._of_file(file):
                    yield found
                    count += 1
            except InputError as error:
                self.problems.append(f"{show(file.path)}: {error.message}")
        if not count:
            raise UsageError("no documents found", hint="name files or folders with .txt, .jsonl or .parquet")

    def _of_file(self, file: InputFile) -> Iterator[tuple[InputFile, str, int, Source]]:
        with open_input(file) as stream:
            for record in FORMATS[file.format].reader(stream, self._loaded.settings).records():
                if record.source:
                    path, number, _ = document_place(file, record, 0)
                    yield file, path, number, record.source
                elif record.problem:
                    self.problems.append(f"{show(file.path)}:{record.number}: {show(record.problem)}")
                for _ in record.more:
                    pass
