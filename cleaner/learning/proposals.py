"""From evidence to rules, with their patterns, examples, counter-examples and reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import Any
from unicodedata import category, normalize

from msgspec import Struct
from pydantic import ValidationError

from cleaner.learning.content import Content
from cleaner.learning.evidence import Evidence
from cleaner.learning.shapes import Reading, bare, pattern_of
from cleaner.learning.verdicts import (
    Verdict,
    is_byline,
    places_of,
    siblings_of,
    signed_places,
    verdict_at,
    verdict_of,
)
from cleaner.settings import Rule
from cleaner.stages.rule import Form, form_of

_COVERED, _MOST_SPELLINGS = 0.97, 6
_EXAMPLES = 4
_ROUNDS: tuple[tuple[bool, Verdict], ...] = (
    (False, "remove"), (False, "report"), (True, "remove"), (True, "report"),
)  # fmt: skip
_NAMES = r"{UP}[\w.’'-]*(?: {UP}[\w.’'-]*){1,3}"  # two to four words


class Proposal(Struct, frozen=True):
    """A rule with the counts that speak for and against it."""

    rule: Rule
    documents: int
    occurrences: int
    at_place: float
    sources: tuple[tuple[str, int], ...]
    embedded: int
    values: tuple[tuple[str, int], ...]
    why: str


def form_for(evidence: Evidence) -> Form | None:
    """Return the compiled pattern of a key, None if it does not compile."""
    try:
        return form_of(Rule.model_construct(**_draft(evidence, "x")), literals_too=False)
    except ValueError:
        return None


def proposals(
    asked: Mapping[str, Evidence],
    contents: Mapping[str, Content],
    known: Sequence[tuple[str, Rule]],
    taken: Collection[str],
    least: int,
    documents: int,
) -> list[Proposal]:
    """Return rules for keys, those in most documents first. What a rule that is `known` matches at that place
    is not proposed again; ids that are `taken` are not used.
    """
    names = set(taken)
    accepted: list[Proposal] = []
    forms = [(rule, form_of(rule, literals_too=False)) for _, rule in known]
    siblings = siblings_of(asked)
    order = sorted(asked, key=lambda key: (-asked[key].documents, key))
    for closed, wanted in _ROUNDS:
        for key in order:
            evidence, content = asked[key], contents[key]
            verdict = verdict_of(evidence, content, siblings.get(key, 0), least)
            if verdict is None or _closed(evidence.reading) != closed:
                continue
            if closed and _matched_anywhere(evidence, forms):
                continue
            for place in _rule_places(evidence, least):
                here = verdict_at(evidence, verdict, place)
                made = _made(evidence, content, here, place, names, documents) if here == wanted else None
                if made and not _matched(made.rule, forms):
                    accepted.append(made)
                    names.add(made.rule.id)
                    forms.append((made.rule, form_of(made.rule, literals_too=False)))
    return sorted(accepted, key=lambda each: (each.rule.action == "report", -each.documents, each.rule.id))


def _closed(reading: Reading) -> bool:
    """Tell whether names stand in a key as words, which stand open in other keys."""
    if reading.of_names:
        return not is_byline(reading)
    return reading.literal and any(word[:1].isupper() for word in reading.spelling.split()[1:])


def _matched_anywhere(evidence: Evidence, known: Sequence[tuple[Rule, Form]]) -> bool:
    """Tell whether rules take the examples of a key, at whatever place."""
    forms = [form for rule, form in known if rule.scope == evidence.reading.kind]
    return all(any(form.find(_nfc(text)) for form in forms) for text in evidence.examples)


def _rule_places(evidence: Evidence, least: int) -> tuple[str, ...]:
    if is_byline(evidence.reading):
        return signed_places(evidence, least)
    return (places_of(evidence) or ("any",)) if evidence.reading.kind != "end" else ("any",)


def _draft(evidence: Evidence, name: str) -> dict[str, Any]:
    """Return the keys of a rule that do not depend on its place."""
    reading = evidence.reading
    draft: dict[str, Any] = {"id": name, "pattern": _pattern(evidence), "scope": reading.kind}
    defaults: dict[str, Any] = {
        "position": "any", "action": "report", "replacement": "", "max_characters": 200, "max_words": None,
        "min_run": 1, "after_sentence": False, "metadata": None,
    }  # fmt: skip
    if is_byline(reading):
        draft["pattern"] = reading.key.replace(
            "{NAME}", _NAMES if len(reading.values) == 1 else f"(?:{_NAMES})"
        )
    return defaults | draft


def _pattern(evidence: Evidence) -> str:
    """Return a pattern for the spellings that make up nearly all occurrences."""
    kind = evidence.reading.kind
    chosen: list[str] = []
    left = evidence.occurrences
    for spelling, count in sorted(evidence.spellings.items(), key=lambda each: (-each[1], each[0])):
        if chosen and (left <= (1 - _COVERED) * evidence.occurrences or len(chosen) == _MOST_SPELLINGS):
            break
        chosen.append(pattern_of(kind, spelling))
        left -= count
    return chosen[0] if len(chosen) == 1 else "(?:" + "|".join(sorted(set(chosen))) + ")"


def _made(
    evidence: Evidence, content: Content, verdict: Verdict, place: str, names: Collection[str], documents: int
) -> Proposal | None:
    """Return a rule with its examples and counter-examples; None where these do not hold."""
    reading = evidence.reading
    name = _name(reading, place, names)
    draft = _draft(evidence, name) | {"position": place}
    draft["action"] = "report" if verdict == "report" else "drop" if reading.kind == "line" else "strip"
    byline = is_byline(reading)
    if byline and place in ("last", "above_captions"):
        draft |= {"metadata": "author", "after_sentence": place == "last"}
    share = 1.0 if place == "any" else evidence.share(place)
    why = _why(evidence, content, place, share, documents)
    draft["risk"] = (
        "high" if verdict == "report" else "medium" if reading.values or content.embedded else "low"
    )
    draft["reason"] = why
    form = form_of(Rule.model_construct(**draft), literals_too=False)
    draft["examples"] = [text for text in evidence.examples if form.find(_nfc(text))][:_EXAMPLES]
    beside = evidence.examples.values()
    counter = [text for text in (*content.counter_examples, *beside) if text and not form.find(_nfc(text))]
    draft["counter_examples"] = list(dict.fromkeys(counter))[:_EXAMPLES]
    try:
        rule = Rule.model_validate(draft)
    except ValidationError:
        return None
    return Proposal(
        rule, evidence.documents, evidence.occurrences, share, tuple(evidence.sources.most_common(5)),
        content.embedded, tuple(evidence.values.most_common(5)) if reading.values else (), why,
    )  # fmt: skip


def _why(evidence: Evidence, content: Content, place: str, share: float, documents: int) -> str:
    """Say in a line what speaks for the rule, and what against it."""
    told = [f"recurs in {evidence.documents:,} of {documents:,} documents"]
    if place != "any":
        told.append(f"{share:.0%} of it {_PLACES[place]}")
    if evidence.reading.values:
        spoken = evidence.spoken("" if place == "any" else place)
        told.append(f"{spoken:.0%} name what the text speaks of")
    if content.embedded:
        told.append(f"the words stand within sentences of {content.embedded:,} documents")
    return ", ".join(told)


_PLACES = {
    "last": "at the end", "last_three": "among the last three paragraphs", "first": "at the start",
    "first_three": "among the first three paragraphs", "above_captions": "above closing captions",
}  # fmt: skip


def _nfc(text: str) -> str:
    return normalize("NFC", text).strip()


def _name(reading: Reading, place: str, names: Collection[str]) -> str:
    """Return an id that is not taken: of the own words of a key, in ASCII."""
    plain = normalize("NFD", bare(reading.key).replace("đ", "d"))
    ascii_only = "".join(c if c.isascii() and c.isalnum() else " " for c in plain if category(c) != "Mn")
    words = ascii_only.lower().split()[:5]
    if is_byline(reading):
        words = ["byline"]
    if place == "above_captions":
        words.append("above_captions")
    if not words or not words[0][0].isalpha():
        words.insert(0, reading.kind)
    name = "_".join(words)[:40]
    if name in names:
        name += "_" + blake2b(reading.key.encode(), digest_size=3).hexdigest()
    return name


def _matched(rule: Rule, known: Sequence[tuple[Rule, Form]]) -> bool:
    """Tell whether a rule that is known takes the examples of another one, at its place."""
    for other, form in known:
        same_place = other.position in ("any", rule.position) or rule.position == "any"
        if same_place and other.scope == rule.scope:
            taken = sum(form.find(_nfc(example)) is not None for example in rule.examples)
            if taken >= max(1, 0.75 * len(rule.examples)):
                return True
    return False
