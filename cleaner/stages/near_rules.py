"""Boilerplate rules that nearly acted on a paragraph, and what kept them from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import regex

from cleaner.stages.base import NearMiss
from cleaner.stages.rule import TIME_LIMIT, Form, form_of

if TYPE_CHECKING:
    from cleaner.settings import Action, Rule

_FIRST, _LAST = {"first": 1, "first_three": 3}, {"last": 1, "last_three": 3}
_PART = 0.3  # of a line, at least, that a rule for whole lines must take to be worth a word
_LETTERS = regex.compile(r"(?:\p{L}[\W\d]*){4}")


def near_rules(
    rules: Sequence[tuple[str, Rule]], actions: Mapping[str, Action], texts: Sequence[str], index: int
) -> Iterator[NearMiss]:
    """Yield the rules whose words stand in paragraph `index` of a document, and that do not act there.

    `texts` are the paragraphs that the stage leaves, and this one as it came to the stage.
    """
    text = texts[index].strip()
    for label, rule in rules:
        form = form_of(rule, literals_too=False)
        try:
            match = _words(form, text)
        except TimeoutError:
            yield NearMiss(label, "", f"its pattern takes more than {TIME_LIMIT} s on this text")
            continue
        if match:
            reason = _why_not(rule, actions.get(label, rule.action), form, match, texts, index)
            yield NearMiss(label, match, reason)


def _words(form: Form, text: str) -> str:
    """Return what the pattern of a rule matches, or of a rule for whole lines how a longer line begins."""
    if form.scope in ("line", "start"):
        found = form.pattern.match(text, timeout=TIME_LIMIT)
    else:
        found = form.pattern.search(text, timeout=TIME_LIMIT)
    if not found or not found[0].strip():
        return ""
    whole = form.scope != "line" or found.end() == len(text)
    told = whole or (len(found[0]) >= _PART * len(text) and _LETTERS.search(found[0]))
    return found[0] if told else ""


def _why_not(rule: Rule, action: Action, form: Form, match: str, texts: Sequence[str], index: int) -> str:
    """Return, in one phrase, the first condition that is not met."""
    text, count = texts[index].strip(), len(texts)
    place = f"; this is {index + 1} of {count}"
    if action == "off":
        return "it is switched off"
    if rule.scope == "line" and len(match) < len(text):
        return "it takes whole lines, and this one goes on"
    if rule.scope == "line" and len(text) > form.longest:
        return f"it takes lines of up to {form.longest} characters, and this one has {len(text)}"
    if rule.scope == "line" and rule.max_words is not None and len(text.split()) > rule.max_words:
        return f"it takes lines of up to {rule.max_words} words, and this one has {len(text.split())}"
    if index >= _FIRST.get(rule.position, count):
        return f"it acts on the first paragraphs only ({rule.position}){place}"
    if count - index > _LAST.get(rule.position, count):
        return f"it acts on the last paragraphs only ({rule.position}){place}"
    if action == "report":
        return rule.reason or "it only reports"
    if rule.position == "above_captions":
        return f"it acts above the captions that close a document only{place}"
    if rule.min_run > 1:
        return f"it acts only where {rule.min_run} paragraphs in a row match"
    if rule.after_sentence:
        return "it acts only after a paragraph of 60 or more characters that ends a sentence"
    return "another rule came first, or it would leave nothing of the document"
