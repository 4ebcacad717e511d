"""Whether words that recur are content: where else a corpus says them, and whether texts are about them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import regex
from msgspec import Struct, field

from cleaner.learning.evidence import Article, Evidence
from cleaner.learning.shapes import HIDDEN
from cleaner.stages.rule import Form
from cleaner.text.normalize import matching_forms

_WORDS = re.compile(r"\w+")
_CONTINUES = regex.compile(r"\s+\p{Ll}")
_GOES_ON = regex.compile(r"[)\]][,;]?\s+\p{Ll}|\A[^)\]]{60}")  # behind a bracket, or a dash
_LED = regex.compile(r"[\w\p{M}]\s+\Z")
_SHOWN = 300  # characters of a counter-example
_KEPT = 4


class Content(Struct):
    """What a corpus says in the words of a key beside it: `embedded` documents have them within a sentence,
    `named` ones of these as a name is written, and `counter_examples` are paragraphs that do. `topical` is
    how much oftener a document with the line has the most telling of its words elsewhere, too, than others
    have it (0 to 1).
    """

    embedded: int = 0
    named: int = 0
    topical: float = 0.0
    counter_examples: list[str] = field(default_factory=list)


class Sentences:
    """Looks for the words of keys in all that is no occurrence of them."""

    def __init__(self, asked: Mapping[str, tuple[Evidence, Form]]) -> None:
        self._asked = asked
        self._phrase = {key: _phrase(evidence.reading.key) for key, (evidence, _) in asked.items()}
        self._heads = {
            key: f" {evidence.reading.spelling.split(' ')[0]} " for key, (evidence, _) in asked.items()
        }
        self._by_word: dict[str, list[str]] = {}
        self._words = {key: frozenset(_WORDS.findall(phrase)) for key, phrase in self._phrase.items()}
        for key, words in self._words.items():
            if words:
                self._by_word.setdefault(max(sorted(words), key=len), []).append(key)
        self._triggers = frozenset(self._by_word)
        self._telling = frozenset(word for words in self._words.values() for word in words)
        self._documents = 0
        self._with_word: Counter[str] = Counter()
        self._beside: dict[str, Counter[str]] = {key: Counter() for key in asked}
        self._lines: Counter[str] = Counter()
        self.found = {key: Content() for key in asked}

    def look(self, article: Article, own: Iterable[tuple[str, int]]) -> None:
        """Take in a document, of which some paragraphs are occurrences of keys (key, paragraph)."""
        forms = matching_forms(article.texts)
        words = [frozenset(_WORDS.findall(form)) for form in forms]
        counted = Counter(word for each in words for word in each & self._telling)
        self._documents += 1
        self._with_word.update(counted.keys())
        here: dict[str, set[int]] = {}
        for key, paragraph in own:
            here.setdefault(key, set()).add(paragraph)
        for key, paragraphs in here.items():
            self._lines[key] += 1
            for word in self._words.get(key, ()):
                self._beside[key][word] += counted[word] > sum(word in words[index] for index in paragraphs)
        for key in {key for each in words for word in each & self._triggers for key in self._by_word[word]}:
            self._embedded(key, article, forms, here.get(key, set()))

    def _embedded(self, key: str, article: Article, forms: Sequence[str], own: set[int]) -> None:
        phrase, form = self._phrase[key], self._asked[key][1]
        content = self.found[key]
        for index, text in enumerate(forms):
            if index in own or (at := text.find(phrase)) < 0 or form.find(article.texts[index].strip()):
                continue
            before, behind = text[:at], text[at + len(phrase) :]
            if self._within_sentence(key, before, behind):
                content.embedded += 1
                content.named += self._heads[key] in article.texts[index]
                _keep(content.counter_examples, article.texts[index].strip())
                return

    def _within_sentence(self, key: str, before: str, behind: str) -> bool:
        """Tell whether a sentence goes on around the words of a key, or behind the part that they open."""
        phrase = self._phrase[key]
        if not phrase[:1].isalnum():
            return self._asked[key][0].reading.kind != "line" and bool(_GOES_ON.search(behind))
        if before[-1:].isalnum() or (phrase[-1:].isalnum() and behind[:1].isalnum()):
            return False
        return bool(_CONTINUES.match(behind) or _LED.search(before))

    def judged(self) -> dict[str, Content]:
        """Return what was found of each key."""
        for key, content in self.found.items():
            lines = self._lines[key]
            lifts = (
                self._beside[key][word] / lines - self._with_word[word] / self._documents
                for word in self._words[key]
                if lines
            )
            content.topical = max(lifts, default=0.0)
        return self.found


def _phrase(key: str) -> str:
    """Return the longest stretch of own words of a key."""
    pieces = [piece.strip() for piece in regex.split(r"\{[A-Z]+\}", key)]
    return max((piece for piece in pieces if _WORDS.search(piece)), key=len, default="")


def _keep(kept: list[str], text: str) -> None:
    """Keep the shortest texts."""
    if len(text) <= _SHOWN and text not in kept and not HIDDEN.search(text):
        kept.append(text)
        kept.sort(key=lambda each: (len(each), each))
        del kept[_KEPT:]
