"""Changes as the page has them: everything spelled out by `show`, ready to be set as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from cleaner.io.outlines import record_name
from cleaner.io.output import OutputDocument
from cleaner.report.lines import Kind, Piece
from cleaner.report.marks import spelled
from cleaner.report.page.picks import What
from cleaner.report.reasons import ReasonOf
from cleaner.report.sides import sides
from cleaner.report.told import Teller, Told
from cleaner.text.changes import Place
from cleaner.text.show import show

# In pieces of the page a number tells the kind of the text behind it; the script has the same list.
KINDS: tuple[Kind, ...] = ("same", "gone", "removed", "added", "match", "note", "rule", "where")
_LONGEST = 4_000  # characters of a text on the page

Pieces = list[int | str]
RuleNumber = Callable[[str], int]
Key = tuple[str, int, What, int]  # of a change: path, record, what, number, as in a Pick


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change: its document and place there, its rules by number (first the one that counts), why; the
    texts on both sides, and where the one on the right stands.
    """

    kind: str
    document: str
    where: str
    rules: list[int]
    why: list[Pieces]
    left: Pieces
    right: Pieces
    place: str = ""
    id: str = ""
    score: float | None = None


class ShownCluster(msgspec.Struct, frozen=True):
    """The paragraph that stays for others, where it stands, and the one of them that is the least like it."""

    where: str
    text: Pieces
    least: Shown


def shown(told: Told, document: OutputDocument, number_of: RuleNumber) -> Shown:
    """Return a change as the page has it."""
    left, right = sides(told)
    name = record_name(document.path, document.record)
    return Shown(
        told.kind, _shown(name), told.where, [number_of(rule) for rule in told.rules],
        [pieces(row) for row in told.why], pieces(left), pieces(right), told.place,
        "" if document.id.startswith(document.path) else _shown(document.id), told.score,
    )  # fmt: skip


def shown_of(
    document: OutputDocument, wanted: Callable[[Key], bool], reason_of: ReasonOf, number_of: RuleNumber
) -> Iterator[tuple[Key, Shown, Told, Place | None]]:
    """Yield what is wanted of a document, as the page has it and as it was told, with its survivor."""
    teller = Teller(document, reason_of)
    here = document.path, document.record
    for story in teller.stories:
        key: Key = (*here, "change", story.change.paragraph)
        if wanted(key):
            told = teller.change(story)
            yield key, shown(told, document, number_of), told, story.change.survivor
    for number, suspect in enumerate(document.suspects):
        key = (*here, "suspect", number)
        if wanted(key):
            told = teller.suspect(suspect)
            yield key, shown(told, document, number_of), told, suspect.other
    key = (*here, "recoding", 0)
    if teller.read.chain and wanted(key):
        told = teller.recoding()
        yield key, shown(told, document, number_of), told, None


def shown_cluster(least: Shown, told: Told, survivor: Place) -> ShownCluster:
    """Return the paragraph that stays, told of one that went for its sake."""
    published = " of its clean text" if survivor.published else ""
    where = f"{_shown(record_name(survivor.path, survivor.record))} line {survivor.line}{published}"
    text = told.text if told.other is None else told.other
    return ShownCluster(where, pieces([("same", text)]), least)


def pieces(found: Iterable[Piece]) -> Pieces:
    """Return pieces spelled out, the number of its kind before each; very long texts are cut."""
    told: Pieces = []
    room = _LONGEST
    parts: Sequence[Piece] = list(found)
    for number, (kind, text) in enumerate(parts):
        if len(text) > room:
            rest = sum(len(each) for _, each in parts[number:]) - room
            told += (KINDS.index(kind), _spelled(kind, text[:room]))
            return [*told, KINDS.index("note"), f" [… {rest:,} more characters]"]
        told += (KINDS.index(kind), _spelled(kind, text))
        room -= len(text)
    return told


def _spelled(kind: Kind, text: str) -> str:
    """Return a text spelled out; its own line ends stay, where nothing of it changed."""
    if kind in ("same", "gone"):
        return "\n".join(spelled((kind, line)) for line in text.split("\n"))
    return spelled((kind, text))


def _shown(data: str) -> str:
    return show(data, limit=None)
