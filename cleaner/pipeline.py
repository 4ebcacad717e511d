"""The file to read first: the stages in order, and the three passes over a corpus.

    scan    one document: split into paragraphs, run the local stages             -> Draft
    judge   the whole run: candidates, ratios, fact guard, fixed-priority rounds  -> verdicts
    write   one document: draft + rulings -> clean text, and what the ledger says -> Cleaned

Scan and write are here, and pure: bytes come from and go to `io/`, and `engine/` decides where it runs. The
judge is `judging/judge.py`, of pure functions in `dedup/`, because what it groups may be larger than memory.
A new boilerplate rule is data (`rules/*.yaml`); a new kind of repair is a function in the stage it belongs to
(`stages/`), and a test case in `tests/cases/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from cleaner.settings import Rules, Settings
from cleaner.stages.base import LocalStage, NearMiss, Outcome
from cleaner.stages.boilerplate import Boilerplate
from cleaner.stages.decided import Decided, held_back, spared
from cleaner.stages.encoding import Encoding
from cleaner.stages.repeats import Repeats
from cleaner.stages.whitespace import Whitespace
from cleaner.text.changes import Place
from cleaner.text.codec import decode_clean, encode_clean, has_surrogate
from cleaner.text.compose import Cleaned, Ruling, compose
from cleaner.text.decisions import JUDGE, NO_DECISIONS, Decisions
from cleaner.text.document import ParagraphMode, Paragraphs
from cleaner.text.draft import Act, Draft, Miss
from cleaner.text.recoded import recode


def local_stages(
    settings: Settings, rules: Rules, decisions: Decisions = NO_DECISIONS
) -> tuple[LocalStage, ...]:
    """Return the local stages, in order, that are switched on."""
    keeps = decisions.keeps if decisions.spares else None
    stages: tuple[tuple[bool, Callable[[], LocalStage]], ...] = (
        (settings.encoding.enabled, partial(Encoding, settings.encoding)),
        (settings.whitespace.enabled, Whitespace),
        (
            settings.boilerplate.enabled,
            partial(Boilerplate, rules.boilerplate, settings.boilerplate.actions, keeps),
        ),
        (bool(decisions.drop), partial(Decided, decisions.drop)),
        (settings.repeats.enabled, partial(Repeats, settings.repeats)),
    )
    return tuple(make() for enabled, make in stages if enabled)


def scan(paragraphs: Paragraphs, stages: Sequence[LocalStage], decisions: Decisions = NO_DECISIONS) -> Draft:
    """Run the local stages over the paragraphs of one document.

    Once a paragraph is dropped, others are first or last: the stages that go by place are asked again
    until they find nothing more, so that clean text stays clean. A stage finds nothing more in texts that
    are still as it left them, and is not asked. What decisions hold back becomes a near miss.
    """
    draft = Draft()
    numbers, texts = draft.alive(paragraphs.texts)

    def blocks() -> list[int]:
        every = paragraphs.blocks()
        return [every[number] for number in numbers]

    left: dict[str, Sequence[str]] = {}
    kept: set[int] = set()
    waiting = list(stages)
    while waiting:
        dropped = False
        for stage in waiting:
            if left.get(stage.name) == texts:
                continue
            outcomes = stage(texts, blocks)
            if outcomes and decisions.spares:
                places_kept = [place for place, number in enumerate(numbers) if number in kept]
                outcomes = spared(stage.name, texts, outcomes, places_kept, decisions)
                kept.update(numbers[place] for place in held_back(outcomes))
            left[stage.name] = after = _after(texts, outcomes)
            if outcomes:
                for position, outcome in outcomes.items():
                    _record(draft, stage.name, numbers, position, texts[position], outcome)
                dropped = dropped or len(after) < len(texts)
                numbers, texts = draft.alive(paragraphs.texts)
        waiting = [stage for stage in stages if stage.by_place] if dropped else []
    return draft


def _after(texts: Sequence[str], outcomes: Mapping[int, Outcome]) -> Sequence[str]:
    """Return the paragraphs as a stage wants them: those that it drops are gone."""
    if not outcomes:
        return texts
    wanted: list[str | None] = list(texts)
    for position, outcome in outcomes.items():
        if outcome.steps:
            wanted[position] = outcome.steps[-1].text or None
    return [text for text in wanted if text is not None]


def write(
    paragraphs: Paragraphs,
    draft: Draft,
    rulings: Mapping[int, Sequence[Ruling]],
    place: Callable[[int], Place],
    *,
    mode: ParagraphMode,
    blank_line: bool,
) -> Cleaned:
    """Return the clean text of one document and what the ledger says of it.

    Clean text is the same whether the document counts as recoded or not; the ledger is shorter.
    """
    found = recode(paragraphs, draft, mode)
    if found is None:
        return compose(paragraphs, draft, rulings, place, stage=JUDGE, blank_line=blank_line)
    recoded, paragraphs, draft = found
    cleaned = compose(paragraphs, draft, rulings, place, stage=JUDGE, blank_line=blank_line)
    return replace(cleaned, recoded=recoded)


def _record(
    draft: Draft, stage: str, numbers: Sequence[int], position: int, text: str, outcome: Outcome
) -> None:
    """Enter what `stage` did to the paragraph at `position` of those still alive."""
    number = numbers[position]
    misses = list(outcome.near_misses)
    steps = outcome.steps
    if steps and steps[-1].text and not _readable_back(steps[-1].text):
        misses.append(NearMiss(steps[-1].rule, text, "stray bytes would have run together"))
        steps = ()
    for step in steps:
        survivor = None if step.survivor is None else numbers[step.survivor]
        act = Act(stage, step.rule, step.text or None, survivor, step.metadata, step.codec, step.reason)
        draft.acts.setdefault(number, []).append(act)
        if act.text is None:  # an emptied paragraph is a dropped one
            break
    known = draft.misses.setdefault(number, []) if misses else []
    for miss in misses:
        found = Miss(stage, miss.rule, miss.match, miss.reason)
        if found not in known:
            known.append(found)


def _readable_back(text: str) -> bool:
    """Tell whether clean files can hold `text`: bytes that are no UTF-8 must not join to a letter."""
    if not has_surrogate(text):
        return True
    try:
        return decode_clean(encode_clean(text)) == text
    except UnicodeEncodeError:
        return False
