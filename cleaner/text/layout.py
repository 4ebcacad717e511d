r"""The layout of clean text: which blank lines stand between the paragraphs that stay.

`blank_line` writes one blank line between paragraphs and one newline at the end; the separators that
stood there are recorded run by run ("\n\n" 17 times), so that restoring is exact and the record of a
long document stays short. It is no edit: a diff of what was cleaned need not show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby, repeat

from msgspec import Struct

_BETWEEN, _END = "\n\n", "\n"


class Layout(Struct, frozen=True):
    """What the separators were: the lead, then (separator, how many times in a row)."""

    lead: str
    runs: tuple[tuple[str, int], ...]


def lay_out(lead: str, texts: Sequence[str], separators: Sequence[str]) -> tuple[str, Layout | None]:
    r"""Return the text in blank-line layout, and the layout it replaced (None: it was just so).

    A paragraph that itself holds a blank line could not be told from two; such a document keeps its
    layout.

    >>> lay_out("", ["a", "b"], ["\n", ""])
    ('a\n\nb\n', Layout(lead='', runs=(('\n', 1), ('', 1))))
    """
    kept = lead + "".join(chain.from_iterable(zip(texts, separators, strict=True)))
    text = _BETWEEN.join(texts) + _END if texts else ""
    if text == kept:
        return text, None
    if any(_BETWEEN in each or each.startswith("\n") or each.endswith("\n") for each in texts):
        return kept, None
    return text, Layout(lead, tuple((separator, len(list(run))) for separator, run in groupby(separators)))


def restore_layout(text: str, layout: Layout | None) -> str:
    """The inverse of `lay_out`. Raises ValueError when `layout` does not fit `text`."""
    if layout is None:
        return text
    separators = list(chain.from_iterable(repeat(separator, count) for separator, count in layout.runs))
    texts = text[: -len(_END)].split(_BETWEEN) if text else []
    if len(texts) != len(separators):
        raise ValueError(f"the clean text has {len(texts)} paragraphs, its layout {len(separators)}")
    return layout.lead + "".join(chain.from_iterable(zip(texts, separators, strict=True)))
