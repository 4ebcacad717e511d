"""Names the charset of bytes that are no UTF-8, where letters and common words of a language prove it.

A reading counts if nearly every byte has a character, nearly every letter outside ASCII belongs to the
alphabet of one language and stands where it may, and a share of the words (or of the letters) are the
commonest ones of that language. Readings of two languages that give the same text agree. Where two different
readings are good, or one in a charset that is known only as a rival, or none is, nothing is said: a text
read wrong is worse than one left. The languages are in `data/charsets.tsv`, figures in
`docs/architecture.md`. Where a person says which charsets there may be, charset-normalizer chooses.
"""

from __future__ import annotations

import re
from codecs import lookup
from collections.abc import Iterator, Sequence
from functools import cache, cached_property, lru_cache
from importlib import resources
from itertools import islice

from msgspec import Struct

LEAD = 1.5  # a reading leads another if it reaches so many times as much of its least share
MOST_FOREIGN = 0.02  # of the characters outside ASCII: names, quotations
_FOREIGN_AT_FIRST = 0.1  # in the head of a long text; most readings end there
_LEAST_LETTERS = 3  # outside ASCII
_LETTERS_SHARE = 0.5  # of the characters outside ASCII but for the plain signs
_PLAIN_SIGNS = "\xa0«»"
_DIFFERENT = 3  # common words; one word may repeat by chance
_WINDOW = 1 << 12  # bytes
_WINDOWS = 16  # spread over what is longer than all of them

_OUTSIDE_WORDS = "×±÷µ‘‚“”„«»–—…•€£§°™©®№¿¡ºª¹²³½¼"
_SIGNS = f"{_OUTSIDE_WORDS}’·\xa0\xad\u05be\u05f3\u05f4\u200c-\u200f"
_WORD = re.compile("[^\\W\\d_]+")
_HIGH = re.compile("[^\x00-\x7f]")
_CONTROLS = "\x00-\x08\x0e-\x1a\x1c-\x1f\x7f"
_NO_TRAIL = re.compile(rb"[\t-\r -/]")  # bytes that no charset has as the second one of a character
# A vowel sign without a consonant under it, a tone mark on nothing, a leading vowel without a consonant.
_DISORDER = {"th": "(?<![ก-ฮ])[ัิ-ฺ็]|(?<![ก-ฮัิ-ฺ])[่-์]|[เ-ไ](?![ก-ฮ])|[ฺ๎๏๚๛]"}
_EAST_ASIAN = ("ja", "ko", "zh", "zh-tw")  # Latin words stand there without spaces


class Language(Struct, frozen=True, dict=True):
    """A row of the table: `letters` outside ASCII as a regex class, `common` words or single letters.

    `share` of the words (or letters outside ASCII) and `hits` in number are the least that must be common.
    `rivals` are charsets of the language that are never read, but may be what its bytes are in.
    """

    name: str
    title: str
    charsets: tuple[str, ...]
    rivals: tuple[str, ...]
    letters: str
    share: float
    hits: int
    spaced: bool
    common: frozenset[str]

    @cached_property
    def is_latin(self) -> bool:
        """Whether its words hold letters of ASCII, too."""
        return re.search(f"[{self.letters}]", "áâäåàéêëèóôöąăşčœ") is not None

    @cached_property
    def letter(self) -> re.Pattern[str]:
        """What finds its letters outside ASCII, small and capital."""
        return re.compile(f"[{self.letters}{self._capitals}]")

    @cached_property
    def _capitals(self) -> str:
        capitals = self.letters.upper().replace("SS", "")
        if "ı" in self.letters:
            capitals += "İ"
        return capitals if "\\" not in self.letters and capitals != self.letters else ""

    @cached_property
    def foreign(self) -> re.Pattern[str]:
        """What finds letters that it has not, signs and capitals inside words, Latin letters among others."""
        letters, capitals = self.letters, self._capitals
        parts = [f"[^\x00-\x7f{_SIGNS}{letters}{capitals}]|[{_CONTROLS}]"]
        parts += [f"(?<=[^\\W\\d_])[{_OUTSIDE_WORDS}](?=[^\\W\\d_])", "(?<!\\w)’(?=\\w)", "(?<=\\w)[‚„•]"]
        if capitals:
            parts.append(f"(?<=[a-z{letters}])(?=[^\x00-\x7f])[{capitals}]")
        if not self.is_latin and self.name not in _EAST_ASIAN:
            parts += [f"(?<=[A-Za-z])[{letters}]", f"[{letters}](?=[A-Za-z])", "‚(?=\\w)"]
        if self.name in _DISORDER:
            parts.append(_DISORDER[self.name])
        return re.compile("|".join(parts))


class Reading(Struct, frozen=True):
    """A good reading: `common` of `units` words or letters are common ones of its language."""

    charset: str
    language: Language
    text: str
    common: int
    units: int
    foreign: int

    @property
    def strength(self) -> float:
        """How many times its least share the share of common words or letters is."""
        return self.common / self.units / self.language.share


@cache
def languages() -> tuple[Language, ...]:
    """Return the languages of the table."""
    text = (resources.files("cleaner.text") / "data" / "charsets.tsv").read_text(encoding="utf-8")
    head, *lines = (line.split("\t") for line in text.split("\n") if line and not line.startswith("#"))
    return tuple(_language(dict(zip(head, line, strict=True))) for line in lines)


def _language(row: dict[str, str]) -> Language:
    spaced = row["unit"] == "words"
    return Language(
        name=row["language"],
        title=row["title"],
        charsets=tuple(row["charsets"].split()),
        rivals=tuple(row["rivals"].split()),
        letters=row["letters"],
        share=float(row["share"]),
        hits=int(row["hits"]),
        spaced=spaced,
        common=frozenset(row["common"].split() if spaced else row["common"]),
    )


def charsets() -> frozenset[str]:
    """Return the names of all charsets that are read."""
    return frozenset(charset for language in languages() for charset in language.charsets)


@lru_cache(maxsize=1)  # a document is asked again until nothing changes
def likeliest(data: bytes, expected: tuple[str, ...]) -> str:
    """Return the one of some charsets that data is most likely in, empty where it looks like none of them."""
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=list(expected), enable_fallback=False).best()
    names = {lookup(name).name: name for name in expected}
    return names.get(lookup(best.encoding).name, "") if best else ""


def detect(data: bytes) -> Reading | None:
    """Return the one good reading of some lines (of a sample of them, where they are long), or None.

    Its text is that of the sample; all of `data` may still hold bytes that its charset has not.
    """
    return _detected(_sample(data))


@lru_cache(maxsize=1)  # a document is asked again until nothing changes
def _detected(sample: bytes) -> Reading | None:
    if sum(byte > 0x7F for byte in sample) < _LEAST_LETTERS:
        return None
    found = list(_good(sample))
    if not found:
        return None
    best = max(found, key=lambda reading: (reading.strength, -reading.foreign))
    others = (reading for reading in found if reading.text != best.text)
    if not all(_leads(best, other) for other in others) or _has_rival(best, sample):
        return None
    return best


def _sample(data: bytes) -> bytes:
    """Return data, or windows spread over it that part no character."""
    if len(data) <= _WINDOW * _WINDOWS:
        return data
    step = (len(data) - _WINDOW) // (_WINDOWS - 1)
    windows = (data[start : start + _WINDOW] for start in range(0, step * _WINDOWS, step))
    return b"\n".join(_whole(window) for window in windows)


def _whole(window: bytes) -> bytes:
    places = [found.start() for found in _NO_TRAIL.finditer(window)]
    return window[places[0] : places[-1]] if places else b""


def _good(data: bytes) -> Iterator[Reading]:
    head = data[:_WINDOW]
    for language in languages():
        for charset in language.charsets:
            fits = head == data or _text(head, charset, language, _FOREIGN_AT_FIRST) is not None
            if fits and (reading := _judged(data, charset, language)):
                yield reading


def _judged(data: bytes, charset: str, language: Language) -> Reading | None:
    """Return the reading if its letters and words are those of the language."""
    text = _text(data, charset, language, MOST_FOREIGN)
    if text is None:
        return None
    lowered = text.lower().replace("i\u0307", "i")
    units: list[str] = _WORD.findall(lowered) if language.spaced else _HIGH.findall(lowered)
    if not language.is_latin:
        units = [unit for unit in units if not unit.isascii()]
    common = [unit for unit in units if unit in language.common]
    if len(common) < max(language.hits, language.share * len(units)) or not _is_varied(common, language):
        return None
    foreign = sum(1 for _ in language.foreign.finditer(text))
    return Reading(charset, language, text, len(common), len(units), foreign)


def _is_varied(common: Sequence[str], language: Language) -> bool:
    """Tell whether so many different words are common ones that no chance made them."""
    different = set(common)
    telling = sum(len(word) > 1 and not word.isascii() for word in different)
    least = 0 if not language.spaced else 1 if language.is_latin else 2
    return len(different) >= _DIFFERENT and telling >= least


def _text(data: bytes, charset: str, language: Language, most_foreign: float) -> str | None:
    """Return the text if its letters may be those of the language."""
    text = data.decode(charset, "replace")  # what is lost counts as foreign
    high = len(text) - len(text.encode("ascii", "ignore")) - sum(map(text.count, _PLAIN_SIGNS))
    most = int(most_foreign * high)
    if any(True for _ in islice(language.foreign.finditer(text), most, None)):
        return None
    letters = sum(1 for _ in language.letter.finditer(text))
    return text if letters >= max(_LEAST_LETTERS, _LETTERS_SHARE * high) else None


def _leads(best: Reading, other: Reading) -> bool:
    """Tell whether the other reading is much weaker, or no stronger and with more that is foreign."""
    return best.foreign < other.foreign or best.strength >= LEAD * other.strength


def _has_rival(best: Reading, data: bytes) -> bool:
    """Tell whether another charset makes as much sense, which is none that is read."""
    readings = (_judged(data, charset, best.language) for charset in best.language.rivals)
    rivals = (rival for rival in readings if rival is not None and rival.text != best.text)
    return any(rival.foreign <= best.foreign for rival in rivals)
