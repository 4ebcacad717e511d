"""What decides whether a key that recurs is boilerplate, the same for any language.

Where a line stands; whether its open places hold what the document speaks of (captions do, bylines do not);
whether the corpus says the same words within sentences; whether documents with the line are about its words;
whether others say it in other words, as sentences do; how it ends. In doubt a rule only reports, or there is
none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal

import regex

from cleaner.learning.content import Content
from cleaner.learning.evidence import Evidence
from cleaner.learning.shapes import Reading

_ANCHORED, _CLEARLY = 0.7, 0.8  # of all occurrences, at the place of a rule
_SPOKEN, _SELDOM_SPOKEN = 0.35, 0.15  # of all occurrences, of whose open values the document speaks
_EMBEDDED, _SELDOM_EMBEDDED = 0.3, 0.1  # documents with the words in a sentence, for each with the line
_TOPICAL = 0.5
_SIBLINGS = 2
_ALIKE = 0.6  # of the words of the longer of two lines
_SENTENCE_WORDS = 5
_WORTH_A_RULE = 0.05  # of all occurrences, at one of two places
_SURELY_SIGNED = 0.05  # of the names at a place, spoken of
_RECURRING = 0.5  # of bylines, by names that recur
_NAMES_OPEN = regex.compile(r"\{NAME\}(?:\s?[-–—&/,+]\s?\{NAME\})?")
_SIGNS_BEFORE = "*>•»▶►+#|"
Verdict = Literal["remove", "report"]


def worth_asking(evidence: Evidence, least: int) -> bool:
    """Tell whether a key that recurs may be a rule, by what is known without the rest of the corpus."""
    seen, reading = evidence.occurrences, evidence.reading
    if evidence.documents < least * (1 if reading.kind == "line" else 2) or evidence.speech >= 0.5 * seen:
        return False
    if _only_names(reading) and not is_byline(reading):
        return False
    if reading.values and (min(map(len, evidence.open_places)) < 3 or _dominated(evidence)):
        return False  # the same with that word closed tells more
    if is_byline(reading):
        return bool(signed_places(evidence, least))
    if reading.values and evidence.spoken() > _SPOKEN:
        return False
    if reading.values and reading.kind == "line" and evidence.stopped > 0.5 * seen:
        return bool(set(":([/") & set(reading.key))  # else a sentence
    return bool(places_of(evidence)) or reading.kind != "start"


def _only_names(reading: Reading) -> bool:
    """Tell whether nothing but names make up a reading; one that opens a text names an agency."""
    return reading.names_only and not (reading.kind == "start" and reading.literal)


def is_byline(reading: Reading) -> bool:
    """Tell whether a reading is a line of one or two names, all of them open."""
    return reading.kind == "line" and reading.names_only and _NAMES_OPEN.fullmatch(reading.key) is not None


def signed_places(evidence: Evidence, least: int) -> tuple[str, ...]:
    """Return the places at which names stand of which documents do not speak: there they sign the text."""
    if evidence.share("last") < _WORTH_A_RULE:
        return ()
    return tuple(
        place
        for place in ("last", "above_captions")
        if evidence.places[place] >= least and evidence.spoken(place) <= _SELDOM_SPOKEN
    )


def _dominated(evidence: Evidence) -> bool:
    return max(evidence.values.values(), default=0) > 0.8 * evidence.occurrences


def places_of(evidence: Evidence) -> tuple[str, ...]:
    """Return the places at which a line stands nearly always, the narrowest that do; none if none do."""
    if evidence.reading.kind != "line":
        return ("first_three",) if evidence.share("first_three") >= _CLEARLY else ()
    last, above = evidence.share("last"), evidence.share("above_captions")
    if (
        last >= _WORTH_A_RULE and last + above >= _ANCHORED
    ):  # what never ends a text is a heading, not its end
        ends = [place for place in ("last", "above_captions") if evidence.share(place) >= _WORTH_A_RULE]
        return tuple(place for place in ends if evidence.spoken(place) <= _SPOKEN)
    for place in ("last_three", "first", "first_three"):
        if evidence.share(place) >= _ANCHORED:
            return (place,)
    return ()


def verdict_of(evidence: Evidence, content: Content, siblings: int, least: int) -> Verdict | None:
    """Return whether a key is boilerplate (remove), may be (report), or is none that can be told."""
    reading, seen = evidence.reading, evidence.occurrences
    embedded = content.embedded / evidence.documents
    anchored = bool(places_of(evidence))
    if reading.values:
        return _open_verdict(evidence, content, least)
    if content.topical > _TOPICAL or embedded > _EMBEDDED or siblings > 2 * _SIBLINGS:
        return None
    if reading.kind == "start":
        bracket = reading.key.startswith(("(", "["))
        return "remove" if bracket and embedded <= _SELDOM_EMBEDDED else "report"
    if _only_names(reading):  # one name of those that sign texts, or that texts are about
        return None
    clear = embedded <= _SELDOM_EMBEDDED and siblings <= _SIBLINGS
    if reading.kind == "end":
        return "remove" if clear and reading.key.startswith(("(", "[")) else "report" if clear else None
    signed = reading.key.startswith(tuple(_SIGNS_BEFORE))
    sentence = evidence.stopped > 0.5 * seen and reading.key.count(" ") + 1 >= _SENTENCE_WORDS
    if sentence and not signed:
        return "report" if clear and anchored and not siblings else None
    if clear and (anchored or signed):
        return "remove"
    return "report" if clear and evidence.documents >= 2 * least else None


def verdict_at(evidence: Evidence, verdict: Verdict, place: str) -> Verdict:
    """Return the verdict at a place: names alone are no sure byline where texts speak of some."""
    doubtful = is_byline(evidence.reading) and evidence.spoken(place) > _SURELY_SIGNED
    return "report" if doubtful else verdict


def _open_verdict(evidence: Evidence, content: Content, least: int) -> Verdict | None:
    """Return the verdict on a key with open places: of credits and bylines the document does not speak."""
    reading, seen = evidence.reading, evidence.occurrences
    seldom = evidence.spoken() <= _SELDOM_SPOKEN
    embedded = content.embedded / evidence.documents
    if is_byline(reading):
        again = sum(count for count in evidence.values.values() if count > 1)
        return "remove" if again >= _RECURRING * seen else "report"
    if reading.kind == "end":
        if embedded > 1:
            return None
        return "remove" if seldom and embedded <= _EMBEDDED else "report"
    if reading.kind == "start":
        return "report"
    part_of_a_name = reading.of_names and content.named > 0.5 * max(1, content.embedded)
    if not places_of(evidence) or part_of_a_name:
        return None
    return "remove" if seldom and evidence.documents >= 2 * least else "report"


def siblings_of(asked: Mapping[str, Evidence]) -> dict[str, int]:
    """Count for each key of words alone how many others say it in other words, most of them the same."""
    words = {
        key: frozenset(evidence.reading.key.split())
        for key, evidence in asked.items()
        if evidence.reading.literal
    }
    by_word: dict[str, list[str]] = {}
    for key, own in words.items():
        for word in own:
            by_word.setdefault(word, []).append(key)
    found: dict[str, int] = {}
    for key, own in words.items():
        near = Counter(other for word in own for other in by_word[word] if other != key)
        found[key] = sum(
            shared >= _ALIKE * max(len(own), len(words[other])) for other, shared in near.items()
        )
    return found
