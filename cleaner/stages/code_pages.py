"""Documents in the Vietnamese code pages from before Unicode: read line by line, one table a document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from cleaner.stages.base import NearMiss, Step
from cleaner.stages.characters import has_half_characters, has_stray_bytes
from cleaner.text.recoding import encoded
from cleaner.vietnamese.detector import Doubt, Reading, detect, is_possible
from cleaner.vietnamese.legacy import FORMS, as_latin_1, hidden
from cleaner.vietnamese.letters import capitals, in_capitals, with_lost_u
from cleaner.vietnamese.viqr import HINT as VIQR_HINT
from cleaner.vietnamese.viqr import Evidence, evidence, is_mostly_viqr, is_viqr, spelling
from cleaner.vietnamese.words import LETTERS, ONLY_VIETNAMESE

# Sets of characters, as in [...]: all but the letters that only Vietnamese has; what a code page can show.
_NOT_MODERN = f"^{ONLY_VIETNAMESE}"
_SHOWN = (
    "\x00-\xffĞğİıŞş\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u03bc\u2000-\u206f\u20ac\u2122"
    "\u2212\u2219\udc80-\udcff"
)
NEVER_SHOWN = re.compile(f"[^{_SHOWN}]")  # by an old code page, in a document without stray bytes
DOUBT = "old_code_page"
_PERSON = re.compile(r"\bng[ờơ]i\b", re.I)  # người, ngươi, or ngời, ngơi: the words that lose it most
_LOSS = "letters ư were lost, and put back only where no other can have stood"
_KINDS = ("", "-composed", "-capitals")  # of code pages that write a text in another way
FEW = 100  # characters of an old code page to one that it cannot show


class CodePages(Struct, frozen=True):
    """What was read in a document, by paragraph, what was lost or is in doubt, and the paragraphs in doubt:
    they must stay as they are.
    """

    steps: Mapping[int, Sequence[Step]]
    misses: Mapping[int, Sequence[NearMiss]]
    doubtful: frozenset[int]


class _Line(Struct, frozen=True):
    """A line read, the rule that did it, what it was in, and of how many words that tell anything how many
    `fit`; or as it came in, and maybe a doubt. `loss` tells what was lost of a line that was read.
    """

    text: str
    rule: str = ""
    title: str = ""
    fit: tuple[int, int] = (0, 0)
    doubt: str = ""
    loss: str = ""


def has_viqr(paragraphs: Iterable[str]) -> bool:
    """Tell whether any line of a document is VIQR by itself."""
    return any(is_viqr(line) for text in paragraphs if text.isascii() for line in text.split("\n"))


def may_be_old(text: str, *, in_bytes: bool, in_viqr: bool = False) -> bool:
    """Tell whether a line has signs that an old code page may have, and next to none that it cannot have.

    `in_bytes` tells that its document has bytes that are no UTF-8; others may be UTF-8 by accident.
    `in_viqr` tells that other lines are VIQR. Of several lines it tells whether one may be old.
    """
    if "\n" in text:
        return any(may_be_old(line, in_bytes=in_bytes, in_viqr=in_viqr) for line in text.split("\n"))
    if text.isascii():
        return in_viqr or VIQR_HINT.search(text) is not None
    strange = _more_than(len(text) // FEW, _NOT_MODERN if in_bytes else _SHOWN)
    return not strange.match(text) and not has_half_characters(text)


def may_be_read(texts: Iterable[str]) -> bool:
    """Tell whether lines that may be old have signs enough together, or one by itself, for a code page to be
    told by them. They are no VIQR, and their document has no bytes that are no UTF-8.
    """
    return is_possible(
        [
            line
            for text in texts
            for line in text.split("\n")
            if "\n" not in text or may_be_old(line, in_bytes=False)
        ]
    )


@lru_cache(maxsize=1_000)
def _more_than(count: int, shown: str) -> re.Pattern[str]:
    """Return what matches texts with more than `count` characters that are not `shown`."""
    others = shown[1:] if shown.startswith("^") else f"^{shown}"
    return re.compile(f"(?:[{shown}]*+[{others}]){{{count + 1}}}")


def read_code_pages(paragraphs: Sequence[str], *, entities: bool) -> CodePages:
    """Read the paragraphs of one document that are in an old code page; `entities` may be letters."""
    in_bytes = any(map(has_stray_bytes, paragraphs))
    in_viqr = has_viqr(paragraphs)
    lines = [text.split("\n") for text in paragraphs]
    different = {line for own in lines for line in own}
    old = {line for line in different if may_be_old(line, in_bytes=in_bytes, in_viqr=in_viqr)}
    asked = [(number, at) for number, own in enumerate(lines) for at, line in enumerate(own) if line in old]
    known = evidence(line for own in lines for line in own) if in_viqr else Evidence()
    read = _lines([lines[number][at] for number, at in asked], known, entities=entities)
    found: dict[int, dict[int, _Line]] = {}
    for (number, at), line in zip(asked, read, strict=True):
        if line:
            found.setdefault(number, {})[at] = line
    steps: dict[int, Sequence[Step]] = {}
    misses: dict[int, Sequence[NearMiss]] = {}
    doubtful: set[int] = set()
    for number, by_place in found.items():
        own = [by_place.get(at, _Line(line)) for at, line in enumerate(lines[number])]
        steps[number] = list(_steps(paragraphs[number], own))
        misses[number] = [
            NearMiss(rule, line.text, what)
            for line in own
            for rule, what in ((DOUBT, line.doubt), ("lost_letters", line.loss))
            if what
        ]
        if any(line.doubt for line in own):
            doubtful.add(number)
    return CodePages(steps, misses, frozenset(doubtful))


def _lines(lines: Sequence[str], known: Evidence, *, entities: bool) -> list[_Line | None]:
    """Return what becomes of the lines of a document that may be old; None where nothing is known. `known` is
    what the document tells of VIQR. A line that repeats is read once.
    """
    view_of = {line: _view(line, entities=entities) for line in set(lines)}
    reading_of = dict(zip(lines, detect([view_of[line] for line in lines]), strict=True))
    read = {line: _read(view_of[line], reading) for line, reading in reading_of.items()}
    by_default = in_capitals([read[line] for line in lines if _in_tcvn3(reading_of[line])])
    complete = any("\xad" in view for view in view_of.values())
    in_viqr = is_mostly_viqr(lines)
    found = {
        line: _viqr(line, known)
        if is_viqr(line, beside_others=in_viqr)
        else _line(line, read[line], reading, by_default=by_default, complete=complete)
        for line, reading in reading_of.items()
    }
    if any(line and line.loss for line in found.values()):
        found = {
            own: replace(line, loss=_LOSS) if line and _is_ambiguous(line) else line
            for own, line in found.items()
        }
    return [found[line] for line in lines]


def _viqr(line: str, known: Evidence) -> _Line:
    """Return a line in VIQR read; as it came in where a word of it has two readings."""
    found = spelling(line, known)
    if found.doubts:
        return _Line(line, doubt=f"may be VIQR, but for words with two readings: {' '.join(found.doubts)}")
    return _Line(found.text, "viqr", "VIQR")


def _is_ambiguous(line: _Line) -> bool:
    """Tell whether a word of a line in TCVN3 may have lost its ư, but is a syllable without."""
    return line.rule == "tcvn3" and _PERSON.search(line.text) is not None


def _read(view: str, reading: Reading | Doubt | None) -> str:
    return reading.page.read(view) if isinstance(reading, Reading) else view


def _in_tcvn3(reading: Reading | Doubt | None) -> bool:
    return isinstance(reading, Reading) and not reading.page.capitals


def _view(line: str, *, entities: bool) -> str:
    """Return a line as Windows-1252 or Latin-1 shows it."""
    view = as_latin_1(line) if has_stray_bytes(line) or not may_be_old(line, in_bytes=False) else line
    return hidden(view) if entities and "&#" in line and "<" not in line else view


def _line(
    line: str, text: str, reading: Reading | Doubt | None, *, by_default: bool, complete: bool
) -> _Line | None:
    """Return a line that was read as `text`. Of TCVN3, which has no capitals with tone, `by_default` tells
    that the document is in a font of capitals, `complete` that soft hyphens, its ư, are still there.
    """
    if reading is None:
        return None
    if isinstance(reading, Doubt):
        fit = f"{reading.syllables} of {reading.words} words would fit"
        return _Line(line, doubt=f"may be {reading.likeliest.title} or the like: {fit}")
    loss = ""
    if _in_tcvn3(reading):
        text = capitals(text, by_default=by_default)
        whole = text if complete else LETTERS.sub(lambda word: with_lost_u(word[0]), text)
        if whole != text:
            text, loss = whole, _LOSS
    page = reading.page
    return _Line(text, page.name, page.title, (reading.syllables, reading.words), loss=loss)


def _steps(text: str, lines: Sequence[_Line]) -> Iterator[Step]:
    """Yield a step for each code page in which lines of a paragraph were written."""
    now = text.split("\n")
    for rule in dict.fromkeys(line.rule for line in lines if line.rule):
        before = "\n".join(now)
        now = [line.text if line.rule == rule else old for line, old in zip(lines, now, strict=True)]
        after = "\n".join(now)
        if after != before:
            reason = _reason([line for line in lines if line.rule == rule])
            yield Step(rule, after, codec=_codec(rule, before, after), reason=reason)


def _reason(lines: Sequence[_Line]) -> str:
    """Say what lines were in, and how sure that is."""
    fit, words = (sum(each) for each in zip(*(line.fit for line in lines), strict=True))
    title = lines[0].title
    if lines[0].rule == "viqr":
        return f"{title}: letters spelled in ASCII"
    return f"{title}: {fit} of {words} words fit" if words else f"{title}, as the lines around"


def _codec(rule: str, before: str, after: str) -> str:
    """Return the codec that makes `before` of `after`; nothing where none does."""
    forms = ("bytes",) if has_stray_bytes(before) else FORMS
    for codec in (f"{rule}{kind}/{form}" for kind in _KINDS for form in forms):
        try:
            if encoded(after, codec) == before:
                return codec
        except (LookupError, UnicodeError):
            continue
    return ""
