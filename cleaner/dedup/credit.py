"""A photographer's name at the end of a caption, which is no fact of the caption.

Only names are left out: a number, a negator or a sentence after "Photo:" is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cleaner.dedup.fact_tokens import read
from cleaner.dedup.fact_words import CONTENT, NUMBER, PLURAL, STATING, TURNING, UNIT
from cleaner.dedup.vocabulary import Vocabulary

_TAIL = 80  # characters at the end of a text where a credit can stand
_SOURCE_WORDS = 2  # plain words a source may have after a colon: "Tuổi trẻ", "example.org"
_FACTS = frozenset([TURNING, STATING, PLURAL, NUMBER, UNIT])


def credit_pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    """Return what finds a dash, stop or bracket, one of the words, and names to the end; None if no words."""
    if not words:
        return None
    spelled = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(
        rf"[-–—(\[|.,;/]\s*(?:{spelled})(?P<mark>\s*:\s*|\s+)(?P<names>[^\d\n]{{1,40}})$", re.IGNORECASE
    )


def without_credit(text: str, pattern: re.Pattern[str] | None, vocabulary: Vocabulary) -> str:
    """Return `text` without the credit at its end, if there is one."""
    found = pattern.search(text, max(0, len(text) - _TAIL)) if pattern else None
    if not found:
        return text
    kinds = [word.kind for word in read(found["names"], vocabulary).words]
    plain = _SOURCE_WORDS if ":" in found["mark"] else 0
    return text[: found.start()] if kinds.count(CONTENT) <= plain and _FACTS.isdisjoint(kinds) else text
