"""What the local stages made of a document, before the judge has spoken."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field


class Act(Struct, frozen=True):
    """A step of a local stage. `text` is the paragraph after it (None: dropped), `survivor` the
    paragraph of the document that stays in its place, `metadata` what the removed text tells. `codec`
    makes the text before of the text after, if there is one; `reason` says why, where the rule does not.
    """

    stage: str
    rule: str
    text: str | None
    survivor: int | None = None
    metadata: tuple[str, str] | None = None
    codec: str = ""
    reason: str = ""


class Miss(Struct, frozen=True):
    """A rule of a stage that matched `match` and did not act, for `reason`."""

    stage: str
    rule: str
    match: str
    reason: str


class Draft(Struct, frozen=True):
    """Acts and misses by paragraph number; paragraphs that nothing happened to are not in it."""

    acts: dict[int, list[Act]] = field(default_factory=dict)
    misses: dict[int, list[Miss]] = field(default_factory=dict)

    def text(self, number: int, source: str) -> str | None:
        """Return paragraph `number` as the stages left it; None when it was dropped."""
        return self.acts[number][-1].text if number in self.acts else source

    def alive(self, sources: Sequence[str]) -> tuple[list[int], list[str]]:
        """Return the numbers and the texts of the paragraphs that are still there."""
        if not self.acts:
            return list(range(len(sources))), list(sources)
        texts: list[str | None] = list(sources)
        for number, acts in self.acts.items():
            texts[number] = acts[-1].text
        kept = [text for text in texts if text is not None]
        if len(kept) == len(texts):
            return list(range(len(texts))), kept
        return [number for number, text in enumerate(texts) if text is not None], kept
