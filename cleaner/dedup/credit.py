"""A photographer's name at the end of a caption, which is no fact of the caption.

Only names are left out: a number, a negator or any other fact word after "Photo:" is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cleaner.dedup.fact_tokens import read
from cleaner.dedup.fact_words import NUMBER, STATING, TURNING, UNIT
from cleaner.dedup.vocabulary import Vocabulary

_TAIL = 80  # characters at the end of a text where a credit can stand
_FACTS = frozenset([TURNING, STATING, NUMBER, UNIT])


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
    if not found or not (":" in found["mark"] or found["names"][0].isupper()):
        return text
    facts = _FACTS.intersection(read(found["names"], vocabulary).kinds)
    return text if facts else text[: found.start()]
