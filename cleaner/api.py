"""The Python interface: documents in, clean documents out, and back; docs/api.md shows it.

Documents become JSON lines in a folder that is thrown away, and go through the same run as files do.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple, Self, cast, overload

import numpy as np
from msgspec import Struct

from cleaner.errors import RestoreError, UsageError
from cleaner.io.formats.json_strings import spelled
from cleaner.io.ledger import (
    Entry,
    FileHead,
    LedgerWriter,
    Skipped,
    begins_entry,
    digest,
    ledger_name,
    read_entry,
    read_ledger,
    read_lines,
)
from cleaner.io.restoring import text_before
from cleaner.job import Job, Outcome, Progress, run
from cleaner.plan import Options
from cleaner.settings import Settings
from cleaner.text.changes import Change, Suspect
from cleaner.text.document import ParagraphMode
from cleaner.text.recoded import Reading

_NAME = "documents.jsonl"
_LEDGER = "the ledger"
# What the way through JSON lines decides, whatever the settings say: one document comes out for each.
_OWN: dict[str, Any] = {
    "input": ("in",), "output": "out", "include": (), "exclude": (), "format": "jsonl", "text_field": "text",
    "id_field": "id", "source_field": "source", "when_empty": "keep", "bad_records": "keep",
    "engine": "local",
}  # fmt: skip


class Document(NamedTuple):
    """A text, its name (by default its number, from 0 on), and where it comes from (`priority.sources`)."""

    text: str
    id: str = ""
    source: str = ""


class CleanDocument(Struct, frozen=True):
    """A document as it was cleaned: by what all of it was read where it came in an old encoding (`readings`),
    what was done to it then (`edits`), what nearly was (`suspects`), the id of the document of which it is a
    duplicate, and the ledger from which `restore` brings it back. With a `problem` it was not cleaned at all.
    """

    text: str
    id: str
    source: str
    readings: tuple[Reading, ...]
    edits: tuple[Change, ...]
    suspects: tuple[Suspect, ...]
    duplicate_of: str | None
    ledger: str
    problem: str = ""


def clean(
    documents: Iterable[str | Document], settings: Settings | None = None, *, folder: str | None = None
) -> CleanDocuments:
    """Return the documents cleaned, in their order, each compared with all others.

    All of them are read before the first comes out; they wait on disk, below `folder` (by default where
    temporary files go), and need there about six times their size until the result is let go of. One process
    works unless `settings.workers` is a number. Nothing is published, so `settings.limits` do not count.

    Raises CleanerError, TypeError where a document is neither a text nor a Document.
    """
    settings = settings or Settings()
    place = tempfile.mkdtemp(prefix="cleaner-", dir=folder)
    try:
        os.mkdir(os.path.join(place, "in"))
        with open(os.path.join(place, "in", _NAME), "wb") as stream:
            stream.writelines(map(_record, _named(documents)))
        workers = 1 if settings.workers == "auto" else settings.workers
        own = settings.model_copy(update={**_OWN, "workers": workers})
        outcome = run(Job(own, Path(place), Options(force_publish=True)), _silent)
    except BaseException:
        shutil.rmtree(place)
        raise
    made = CleanDocuments(place, outcome.summary.as_json() if outcome.summary else {})
    weakref.finalize(made, shutil.rmtree, place, ignore_errors=True)
    return made


def restore(text: str, ledger: str) -> str:
    """Return the text that came in, of a clean text and its ledger. Proven: it has the digest that the text
    had which came in.

    Raises RestoreError where the two do not belong together, StateError where the ledger is damaged.
    """
    head, entries = read_ledger(BytesIO(ledger.encode()), _LEDGER)
    found = list(entries)
    entry = found[0] if len(found) == 1 else None
    if isinstance(entry, Skipped):
        return text
    if not isinstance(entry, Entry):
        raise RestoreError("no ledger of one document", hint="give the ledger that came with the text")
    header = entry.header
    try:
        source = text_before(text, entry, cast(ParagraphMode, head.paragraph))
        if digest(_record(Document(source, header.id, header.source))) == header.input_digest:
            return source
    except (ValueError, LookupError):
        pass
    raise RestoreError(
        "text and ledger do not belong together", hint="the text was changed after it was cleaned"
    )


def clean_files(
    settings: Settings,
    base: str | Path = ".",
    *,
    spark: Any = None,
    progress: Progress | None = None,
    **options: Any,
) -> Outcome:
    """Do what `cleaner run` does, under these settings, and return how it ended. Their paths count from
    `base`. With a session of `spark`, that does the work, and is left running. `options` are those of the
    command: dry_run, limit, force, reprocess, force_publish, strict.

    Raises CleanerError where nothing was published: its `exit_code` is that of the command.
    """
    known = Options.__struct_fields__
    if unknown := sorted(set(options) - set(known)):
        raise UsageError(f"unknown option {unknown[0]!r}", hint=f"known are {', '.join(known)}")
    chosen = Options(**{"mirror": settings.inputs == "mirror", **options})
    if spark is not None:
        settings = settings.model_copy(update={"engine": "spark"})
    return run(Job(settings, Path(base).absolute(), chosen, spark=spark), progress or _silent)


def _silent(_what: str, _done: int, _all: int) -> None:
    """Progress that nobody wants to see."""


def _named(documents: Iterable[str | Document]) -> Iterator[Document]:
    for number, each in enumerate(documents):
        document = Document(each) if isinstance(each, str) else each
        if not isinstance(document, Document):
            raise TypeError(
                f"document {number} is {type(each).__name__}, expected a str or a cleaner.Document"
            )
        yield document if document.id else document._replace(id=str(number))


def _record(document: Document) -> bytes:
    """Return a document as a line of JSON."""
    told = {name: value for name, value in document._asdict().items() if value or name == "text"}
    return b"{%s}\n" % b",".join(b'"%s":%s' % (name.encode(), spelled(told[name], "json")) for name in told)


class CleanDocuments(Sequence[CleanDocument]):
    """Clean documents, read from disk as they are asked for, and the `summary` of the run that made them: the
    object of `cleaner run --json`. Pickles as the place where they are, which goes with the first of all
    copies.
    """

    def __init__(self, place: str, summary: dict[str, Any]) -> None:
        self.summary = summary
        self._place = place
        out = os.path.join(place, "out")
        self._texts = _Lines(os.path.join(out, "clean", _NAME))
        self._ledger = _Lines(os.path.join(out, "ledger", os.fsdecode(ledger_name(_NAME.encode()))))
        self._head, self._entries = FileHead(_NAME), np.zeros(1, np.int64)
        if os.path.exists(self._ledger.path):
            with open(self._ledger.path, "rb") as stream:
                self._head, lines = read_lines(stream, _LEDGER)
                begins = [begins_entry(line) for line in lines]
            self._entries = np.append(np.flatnonzero(begins), len(begins)) + 1  # behind the head

    def __reduce__(self) -> tuple[Any, ...]:
        return CleanDocuments, (self._place, self.summary)

    def __len__(self) -> int:
        return len(self._entries) - 1

    @overload
    def __getitem__(self, number: int) -> CleanDocument: ...
    @overload
    def __getitem__(self, number: slice) -> list[CleanDocument]: ...

    def __getitem__(self, number: int | slice) -> CleanDocument | list[CleanDocument]:
        """Return one document, or some."""
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        return self._read(number % len(self))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._place, ignore_errors=True)

    def _read(self, number: int) -> CleanDocument:
        told = json.loads(self._texts.between(number, number + 1))
        start, stop = self._entries[number : number + 2].tolist()
        lines = self._ledger.between(start, stop).splitlines(keepends=True)
        entry = read_entry(lines, _LEDGER, _NAME)
        ledger = BytesIO()
        writer = LedgerWriter(ledger, self._head)
        made = partial(CleanDocument, told["text"], told["id"], told.get("source", ""))
        if isinstance(entry, Skipped):
            writer.skip(entry.record, entry.reason, kept=True)
            writer.close()
            return made((), (), (), None, ledger.getvalue().decode(), entry.reason)
        if not isinstance(entry, Entry):
            raise ValueError("rows of a table among lines")
        writer.write(entry)
        writer.close()
        recoded, other = entry.header.recoded, entry.header.duplicate_of
        readings = recoded.chain if recoded else ()
        known_as = other and other[2]
        return made(readings, entry.changes, entry.suspects, known_as, ledger.getvalue().decode())


class _Lines:
    """The lines of a file, read at random; none where there is no file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._starts = np.zeros(1, np.int64)
        if os.path.exists(path):
            with open(path, "rb") as lines:
                self._starts = np.cumsum(np.fromiter((0, *map(len, lines)), np.int64))
            self._file = open(path, "rb", buffering=0)

    def between(self, start: int, stop: int) -> bytes:
        """Return the lines from `start` to `stop`."""
        at, end = self._starts[[start, stop]].tolist()
        return os.pread(self._file.fileno(), end - at, at)
