"""Where a paragraph stands: the title of its document, and what stands before and behind it.

Texts are read when they are shown, for some items ahead at once: one reading of a large file serves many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from cleaner.errors import CleanerError
from cleaner.io.outlines import record_name
from cleaner.io.output import OutputDocument, read_documents
from cleaner.review.items import Item
from cleaner.text.changes import Place
from cleaner.text.document import split

AHEAD = 30  # items whose surroundings are read at once
_SHOWN = 300  # characters of a neighbour

_Where = tuple[str, int, int, bool]  # path, record, paragraph, whether it counts in the clean text


class Context(Struct, frozen=True):
    """The first paragraph of a document, and the neighbours of a paragraph; empty where there are none."""

    title: str = ""
    before: str = ""
    after: str = ""


NO_CONTEXT = Context()


class Contexts:
    """The surroundings of items, of an output that others may write to meanwhile."""

    def __init__(self, out: str) -> None:
        self._out = out
        self._known: dict[_Where, Context] = {}

    def fetch(self, items: Iterable[Item]) -> None:
        """Read what is not known yet of some items. What is gone meanwhile has no surroundings."""
        wanted: dict[tuple[str, int], list[_Where]] = {}
        for item in items:
            for where in _places(item):
                if where not in self._known:
                    self._known[where] = NO_CONTEXT
                    wanted.setdefault(where[:2], []).append(where)
        for name in sorted({path for path, _ in wanted}):
            self._read([record_name(*each) for each in wanted if each[0] == name], wanted)

    def _read(self, names: Sequence[str], wanted: dict[tuple[str, int], list[_Where]]) -> None:
        try:
            for document in read_documents(self._out, names):
                for where in wanted.get((document.path, document.record), ()):
                    self._known[where] = _context(document, where)
        except CleanerError:  # it was withdrawn, or cleaned again otherwise, since the review began
            return

    def knows(self, item: Item) -> bool:
        """Tell whether the surroundings of an item were read."""
        return all(where in self._known for where in _places(item))

    def of(self, item: Item) -> Context:
        """Return the surroundings of the paragraph itself."""
        return self._known.get(_places(item)[0], NO_CONTEXT)

    def of_other(self, item: Item) -> Context:
        """Return those of the paragraph that it was compared with."""
        return self._known.get(_places(item)[-1], NO_CONTEXT) if item.other else NO_CONTEXT


def _places(item: Item) -> list[_Where]:
    own: _Where = (item.path, item.record, item.paragraph, False)
    return [own, _of_place(item.other)] if item.other else [own]


def _of_place(place: Place) -> _Where:
    return place.path, place.record, place.paragraph, place.published


def _context(document: OutputDocument, where: _Where) -> Context:
    text = document.clean if where[3] else document.recoded
    texts = split(text, document.mode).texts
    number = where[2]

    def at(place: int) -> str:
        return texts[place][:_SHOWN] if 0 <= place < len(texts) else ""

    return Context(at(0) if number > 1 else "", at(number - 1), at(number + 1))
