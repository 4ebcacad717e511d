"""Why a rule acts, for those whose reason does not stand in the ledger: one phrase each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from cleaner.errors import SettingsError
from cleaner.io.rule_reasons import rule_reasons

REASONS: Mapping[tuple[str, str], str] = {
    ("encoding", "cesu8"): "a character was written as two halves",
    ("encoding", "mojibake"): "UTF-8 had been read as another encoding",
    ("encoding", "mojibake_words"): "the UTF-8 of words had been read as another encoding",
    ("encoding", "mojibake_cuts"): "the UTF-8 of words had been read as another encoding, and lost bytes",
    ("encoding", "tcvn3"): "written in TCVN3 (ABC, the .Vn fonts)",
    ("encoding", "vni"): "written in VNI-Windows",
    ("encoding", "viscii"): "written in VISCII",
    ("encoding", "vps"): "written in VPS",
    ("encoding", "cp1258"): "written in Windows-1258",
    ("encoding", "viqr"): "Vietnamese letters were spelled in ASCII (VIQR)",
    ("encoding", "charset"): "written in another charset than UTF-8",
    ("encoding", "strange_letters"): "letters that look like Vietnamese ones (Ð, ǎ, ₫)",
    ("encoding", "look_alikes"): "Cyrillic or Greek letters in a Latin word",
    ("encoding", "width"): "full-width letters in Latin text",
    ("encoding", "tone_style"): "tones of oa, oe, uy are written in one style",
    ("encoding", "tone_placement"): "a tone stood on the wrong vowel",
    ("encoding", "entities"): "HTML entities stand for characters",
    ("encoding", "mark_order"): "a tone stood before the mark of its vowel",
    ("encoding", "nfc"): "letters and marks were not composed",
    ("encoding", "controls"): "control characters are no text",
    ("encoding", "zero_width"): "invisible characters that carry nothing",
    ("whitespace", "odd_spaces"): "tabs, no-break and other odd spaces become spaces",
    ("whitespace", "squeeze"): "several spaces become one",
    ("whitespace", "trim"): "spaces at the ends go",
    ("repeats", "exact"): "the paragraph stands here already",
    ("repeats", "prefix"): "a fuller paragraph begins with it",
}


ReasonOf = Callable[[str, str], str]


def reasons(own: Iterable[tuple[str, str]] = ()) -> ReasonOf:
    """Return what tells the reason of (stage, rule), empty where there is none.

    `own` are people's rules and their reasons. Neither they nor rule packs are read before one is
    asked for.
    """

    @cache
    def owned() -> dict[str, str]:
        try:
            return {f"own.{name}": reason for name, reason in own}
        except SettingsError:  # what was done can be shown without
            return {}

    @cache
    def reason_of(stage: str, rule: str) -> str:
        if stage != "boilerplate":
            return REASONS.get((stage, rule), "")
        language, _, name = rule.partition(".")
        return owned().get(rule, "") if language == "own" else rule_reasons(language).get(name, "")

    return reason_of
