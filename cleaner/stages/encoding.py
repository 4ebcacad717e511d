"""Broken encodings: what is repaired, in which order, and what is left and listed.

    words    halves of characters, UTF-8 that was read as something else, single Vietnamese words of it
    document Vietnamese code pages from before Unicode: one table for all lines that tell nothing themselves;
             then the charsets of other languages
    text     words that lost bytes, ftfy's mojibake, entities, order of marks, composition, letters, width,
             tones, controls, zero width; not in paragraphs that may be in an old code page, nor in bytes
             that nobody has read

The order is fixed: what strips characters runs after what reads them, because old code pages keep
letters in the places of controls and soft hyphens. All of it is repeated until nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct, field

from cleaner.settings import EncodingSettings
from cleaner.stages.base import Blocks, NearMiss, Outcome, Step, no_blocks
from cleaner.stages.characters import (
    cesu8,
    controls,
    damage,
    entities,
    has_stray_bytes,
    is_unread,
    mark_order,
    nfc,
    width,
    zero_width,
)
from cleaner.stages.charsets import read_charset
from cleaner.stages.code_pages import DOUBT, has_viqr, may_be_old, may_be_read, read_code_pages
from cleaner.stages.mojibake import mojibake, unread
from cleaner.stages.suspicion import is_clean, is_clean_but_for_marks, unquestioned
from cleaner.text.kinds import Lines
from cleaner.text.recoding import encoded
from cleaner.vietnamese.letters import look_alikes, strange_letters
from cleaner.vietnamese.mojibake import HINT, ROUNDS, cut_words, lost_bytes, mojibake_cuts, mojibake_words
from cleaner.vietnamese.tone_style import styled, tone_placement

# Every rule, in the order in which they are applied.
RULES = (
    "cesu8", "mojibake", "mojibake_words", "tcvn3", "vni", "viscii", "vps", "cp1258", "viqr", "charset",
    "mojibake_cuts", "entities", "mark_order", "nfc", "strange_letters", "look_alikes", "width",
    "tone_style", "tone_placement", "controls", "zero_width",
)  # fmt: skip
_PASSES = 16  # of all rules over one text; a bound for hostile text, others need two or three


class Encoding:
    """The encoding stage. Without `fast`, no text is passed over: slower, and the same outcome."""

    name = "encoding"
    by_place = False

    def __init__(self, settings: EncodingSettings, *, fast: bool = True) -> None:
        self._settings, self._fast = settings, fast
        self._unquestioned: frozenset[str] = frozenset()
        self._known: dict[str, bool] = {}  # whether texts of the document in hand are clean
        self._restyles = settings.tone_style != "keep" or settings.tone_placement
        rules: list[tuple[Callable[[str], str], bool]] = [
            (mojibake, settings.mojibake),
            (entities, settings.entities),
            (mark_order, True),
            (nfc, True),
            (strange_letters, settings.letters),
            (look_alikes, settings.letters),
            (width, settings.letters),
            (self._tone_style, settings.tone_style != "keep"),
            (tone_placement, settings.tone_placement),
            (controls, True),
            (zero_width, settings.zero_width),
        ]
        self._rules = [(rule.__name__.lstrip("_"), rule) for rule, wanted in rules if wanted]

    def expect(self, lines: Lines) -> None:
        """Find out which texts of the documents to come need not be asked."""
        if self._fast and not self._restyles:
            self._unquestioned = unquestioned(lines)

    def __call__(self, paragraphs: Sequence[str], _blocks: Blocks = no_blocks, /) -> Mapping[int, Outcome]:
        """Return the repaired paragraphs, and those with damage that cannot be repaired."""
        if self._unquestioned.issuperset(paragraphs):
            return {}
        self._known.clear()
        dirty, old = self._doubted(paragraphs)
        in_viqr = has_viqr(old)
        if not in_viqr and old.isdisjoint(dirty) and not may_be_read(old):
            composed = {text: self._composed(text) for text in dirty}
            if all(composed.values()):
                return {
                    index: _composition(t, composed[t]) for index, t in enumerate(paragraphs) if t in dirty
                }
        touched = set(paragraphs) if in_viqr else dirty | old
        repairs = {index: _Repair(text) for index, text in enumerate(paragraphs) if text in touched}
        if not repairs:
            return {}
        for _ in range(_PASSES):
            before = [repair.text for repair in repairs.values()]
            self._pass(list(repairs.values()))
            if before == [repair.text for repair in repairs.values()]:
                break
        outcomes = {
            index: repair.outcome(clean=self._is_clean(repair.text)) for index, repair in repairs.items()
        }
        return {index: outcome for index, outcome in outcomes.items() if outcome.steps or outcome.near_misses}

    def _doubted(self, paragraphs: Sequence[str]) -> tuple[set[str], set[str]]:
        """Return the texts that rules may change, and those that may be in an old code page."""
        asked = set(paragraphs) - self._unquestioned
        dirty = {text for text in asked if not self._is_clean(text)}
        if not self._settings.code_pages:
            return dirty, set()
        in_bytes = any(map(has_stray_bytes, dirty))
        asked = set(paragraphs) if in_bytes else asked
        return dirty, {text for text in asked if may_be_old(text, in_bytes=in_bytes)}

    def _is_clean(self, text: str) -> bool:
        """Tell fast that no rule but those for code pages changes a text; never yes where one does."""
        clean = self._known.get(text)
        if clean is None:
            clean = self._fast and (text.isascii() or not self._restyles) and is_clean(text)
            self._known[text] = clean
        return clean

    def _composed(self, text: str) -> str:
        """Return a text composed where, but for those for code pages, no other rule changes it; else nothing.
        Of documents with anything to repair, most want no more.
        """
        composed = nfc(text) if is_clean_but_for_marks(text) and mark_order(text) == text else ""
        return composed if self._is_clean(composed) else ""

    def _pass(self, repairs: Sequence[_Repair]) -> None:
        """Apply every rule to the paragraphs of a document that may need it."""
        dirty = [repair for repair in repairs if not self._is_clean(repair.text)]
        for repair in dirty:
            repair.apply("cesu8", cesu8(repair.text))
        lost = ""
        if self._settings.mojibake and any(HINT.search(repair.text) for repair in dirty):
            lost = lost_bytes(repair.text for repair in repairs)
        for repair in dirty if self._settings.mojibake else ():
            repair.unread()
            repair.apply("mojibake_words", mojibake_words(repair.text, lost))
        doubtful: frozenset[int] = frozenset()
        if self._settings.code_pages:
            pages = read_code_pages([repair.text for repair in repairs], entities=self._settings.entities)
            doubtful = pages.doubtful
            for number, repair in enumerate(repairs):
                repair.steps += pages.steps.get(number, ())
                repair.note(pages.misses.get(number, ()))
        if self._settings.charsets:
            asked = ["" if number in doubtful else repair.text for number, repair in enumerate(repairs)]
            for number, step in read_charset(asked, self._settings.charsets_expected).items():
                repairs[number].steps.append(step)
        for number, repair in enumerate(repairs):
            if number not in doubtful and not self._is_clean(repair.text) and not is_unread(repair.text):
                if lost:
                    repair.apply("mojibake_cuts", mojibake_cuts(repair.text, lost))
                for name, rule in self._rules:
                    repair.apply(name, rule(repair.text))

    def _tone_style(self, text: str) -> str:
        return styled(text, self._settings.tone_style)


def _composition(text: str, composed: str) -> Outcome:
    repair = _Repair(text)
    repair.apply("nfc", composed)
    return Outcome(tuple(repair.steps))


class _Repair(Struct):
    """A paragraph under repair: what it was, the steps so far, and what could not be done."""

    source: str
    steps: list[Step] = field(default_factory=list)
    losses: list[NearMiss] = field(default_factory=list)
    doubts: list[NearMiss] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What the paragraph is by now."""
        return self.steps[-1].text or "" if self.steps else self.source

    def note(self, misses: Iterable[NearMiss]) -> None:
        """Enter what was lost, and the doubts, which count as long as they last."""
        self.doubts = []
        for miss in misses:
            (self.doubts if miss.rule == DOUBT else self.losses).append(miss)

    def apply(self, rule: str, after: str) -> None:
        """Enter what a rule made of the text, if that is another one."""
        before = self.text
        if after != before:
            forms = ("nfc/decomposed", "nfc/composite") if rule == "nfc" else ()
            codec = next((form for form in forms if encoded(after, form) == before), "")
            self.steps.append(Step(rule, after, codec=codec))

    def unread(self) -> None:
        """Undo mojibake of the whole text, layer by layer."""
        for _ in range(ROUNDS):
            found = unread(self.text)
            if found is None:
                break
            after, codec, seen_as = found
            self.steps.append(
                Step("mojibake", after, codec=codec, reason=f"UTF-8 had been read as {seen_as}")
            )

    def outcome(self, *, clean: bool) -> Outcome:
        """Return the steps and the near misses, each of these once; `clean` tells that the text is so now."""
        misses = [*self.losses, *self.doubts, *(() if clean else damage(self.text))]
        mended = any(step.rule.startswith("mojibake") for step in self.steps)
        if (mended or not clean) and (cut := cut_words(self.text, mended=mended)):
            what = f"{len(cut)} words lost bytes, and more than one letter may have stood there, or none"
            misses.append(NearMiss("lost_letters", cut[0], what))
        return Outcome(tuple(self.steps), tuple(dict.fromkeys(misses)))
