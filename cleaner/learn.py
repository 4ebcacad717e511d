"""`cleaner learn`: from a corpus, or an output, to proposals of rules; within a bounded memory.

The corpus is read once, through the local stages of the settings: what is left is what no rule takes. It
waits in a scratch file, and is read twice more: to gather evidence of what recurs, and to see where else its
words stand.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Generic, TypeVar

import msgspec

from cleaner.io.corpus import Documents, in_temporary_folder
from cleaner.io.outlines import folder_or_name, record_name
from cleaner.io.output import OutputDocument, read_documents
from cleaner.io.places import output_at
from cleaner.io.settings_file import LoadedSettings
from cleaner.job import load_rules
from cleaner.learning.content import Sentences
from cleaner.learning.evidence import Article, Evidence, Occurrence, occurrences, speaks_of
from cleaner.learning.proposals import Proposal, form_for, proposals
from cleaner.learning.sketch import Sketch
from cleaner.learning.verdicts import worth_asking
from cleaner.pipeline import local_stages, scan
from cleaner.scanning import source_of
from cleaner.stages.base import LocalStage
from cleaner.text.decisions import JUDGE
from cleaner.text.document import Paragraphs, split
from cleaner.text.history import stories
from cleaner.text.kinds import lines_of

_BATCH = 100_000  # characters that the stages learn from at once
_AT_ONCE = 64  # documents whose keys are counted at once
_KEY_BYTES = 6_000  # of evidence, with its examples
_SKETCH = 8  # of the memory allowed, one part in so many; likewise for evidence
_LENGTH = struct.Struct("<I")
T = TypeVar("T")


class Learned(msgspec.Struct, frozen=True):
    """What was found in how many documents, in `least` of which it recurs; and what could not be read."""

    proposals: tuple[Proposal, ...]
    documents: int
    least: int
    problems: tuple[str, ...]


def learn(loaded: LoadedSettings, names: Sequence[str], least: int) -> Learned:
    """Return rules for what recurs in the inputs named (none: those of the settings), or in an output.

    Raises UsageError, InputError or StateError where these cannot be read.
    """
    settings = loaded.settings
    documents = Documents(loaded, names)
    with (
        in_temporary_folder(),
        tempfile.TemporaryFile(prefix="cleaner-") as scratch,
        tempfile.TemporaryFile(prefix="cleaner-") as spare,
    ):
        corpus = _Corpus(scratch)
        sketch = Sketch(settings.memory // _SKETCH)
        _count(corpus.kept(_articles(documents, loaded, names)), sketch)
        least = sketch.least_for(least, settings.memory // _SKETCH // _KEY_BYTES)
        evidence, marks = _gather(corpus, sketch, least, spare)
        asked = {
            key: (each, form)
            for key, each in evidence.items()
            if worth_asking(each, least) and (form := form_for(each))
        }
        sentences = Sentences(asked)
        for article, own in zip(corpus, marks, strict=True):
            sentences.look(article, [(key, paragraph) for key, paragraph in own if key in asked])
    known = load_rules(settings).boilerplate
    taken = [rule.id for label, rule in known if label.startswith("own.")]
    judged = {key: each for key, (each, _) in asked.items()}
    found = proposals(judged, sentences.judged(), known, taken, least, corpus.documents)
    return Learned(tuple(found), corpus.documents, least, tuple(documents.problems))


class _Corpus:
    """Articles in a scratch file."""

    def __init__(self, file: BinaryIO) -> None:
        self._articles: _Values[tuple[bytes, bytes, tuple[bytes, ...]]] = _Values(
            file, tuple[bytes, bytes, tuple[bytes, ...]]
        )

    @property
    def documents(self) -> int:
        """How many there are."""
        return self._articles.count

    def kept(self, articles: Iterable[Article]) -> Iterator[Article]:
        """Yield articles, each after it was written down."""
        for article in articles:
            self._articles.write(_packed(article))
            yield article

    def __iter__(self) -> Iterator[Article]:
        for name, source, texts in self._articles:
            yield Article(tuple(map(_text, texts)), _text(source), _text(name))


class _Values(Generic[T]):
    """Values in a scratch file, which are written one behind the other, and then read."""

    def __init__(self, file: BinaryIO, kind: type[T]) -> None:
        self._file = file
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(kind).decode
        self.count = 0

    def write(self, value: T) -> None:
        """Append a value."""
        data = self._encode(value)
        self._file.write(_LENGTH.pack(len(data)))
        self._file.write(data)
        self.count += 1

    def __iter__(self) -> Iterator[T]:
        self._file.seek(0)
        while head := self._file.read(_LENGTH.size):
            yield self._decode(self._file.read(*_LENGTH.unpack(head)))


def _packed(article: Article) -> tuple[bytes, bytes, tuple[bytes, ...]]:
    return _data(article.name), _data(article.source), tuple(map(_data, article.texts))


def _data(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _key(found: Occurrence) -> str:
    return f"{found.reading.kind} {found.reading.key}"


def _count(articles: Iterable[Article], sketch: Sketch) -> None:
    """Count in how many documents each key stands."""
    keys: list[str] = []
    for number, article in enumerate(articles, 1):
        keys += {_key(each) for each in occurrences(article)}
        if number % _AT_ONCE == 0:
            sketch.add(keys)
            keys = []
    if keys:
        sketch.add(keys)


def _gather(
    corpus: Iterable[Article], sketch: Sketch, least: int, file: BinaryIO
) -> tuple[dict[str, Evidence], _Values[list[tuple[str, int]]]]:
    """Return the evidence of keys that seem to stand in `least` documents; and for each article which of
    these stand in it, with their paragraphs.
    """
    evidence: dict[str, Evidence] = {}
    marks: _Values[list[tuple[str, int]]] = _Values(file, list[tuple[str, int]])
    for number, article in enumerate(corpus):
        found = [(_key(each), each) for each in occurrences(article)]
        counts = sketch.counts([key for key, _ in found]) if found else []
        own = [(key, each) for (key, each), count in zip(found, counts, strict=True) if count >= least]
        for key, each in own:
            known = evidence.setdefault(key, Evidence(each.reading))
            known.add(number, article, each, spoken_of=speaks_of(article, each))
        marks.write([(key, each.paragraph) for key, each in own])
    return evidence, marks


def _articles(documents: Documents, loaded: LoadedSettings, names: Sequence[str]) -> Iterator[Article]:
    """Yield the documents of inputs, or of an output, without what the rules have taken."""
    settings = loaded.settings
    if len(names) == 1 and (out := output_at(names[0], loaded)):
        for document in read_documents(out):
            source = document.header.source or folder_or_name(document.path)
            yield Article(_left(document), source, record_name(document.path, document.record))
        return
    stages = local_stages(settings, load_rules(settings))
    batch: list[tuple[str, str, Paragraphs]] = []
    size = 0
    for file, path, number, found in documents:
        source = source_of(file.path, found, settings) or path.partition("/")[0]
        batch.append((record_name(path, number), source, split(found.text, settings.paragraph)))
        size += len(found.text)
        if size >= _BATCH:
            yield from _left_of(batch, stages)
            batch, size = [], 0
    yield from _left_of(batch, stages)


def _left(document: OutputDocument) -> tuple[str, ...]:
    """Return the paragraphs that the local stages left, those that went as duplicates among them."""
    paragraphs = split(document.recoded, document.mode)
    texts: list[str | None] = list(paragraphs.texts)
    for story in stories(paragraphs, document.edited, document.changes):
        change = story.change
        gone = change.dropped and change.steps[-1].stage != JUDGE
        texts[change.paragraph] = None if gone else story.texts[-1]
    return tuple(text for text in texts if text is not None)


def _left_of(batch: Sequence[tuple[str, str, Paragraphs]], stages: Sequence[LocalStage]) -> Iterator[Article]:
    lines = lines_of([text for _, _, paragraphs in batch for text in paragraphs.texts])
    if lines is not None:
        for stage in stages:
            stage.expect(lines)
    for name, source, paragraphs in batch:
        _, texts = scan(paragraphs, stages).alive(paragraphs.texts)
        yield Article(tuple(text.strip() for text in texts), source, name)
