"""What is found in a file, as lines for people and as JSON for programs: the output of `cleaner encoding`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from unicodedata import normalize

import regex
from msgspec import Struct, field

from cleaner.report.findings import OF_LINES, PROVEN_BY_SYLLABLES, Example, Finding, Findings, Left
from cleaner.report.lines import Line, Piece
from cleaner.report.marks import spelled
from cleaner.report.summary import counted
from cleaner.text.show import show
from cleaner.vietnamese.legacy import pages

# What a rule found, in the words of a title; the code pages have their own.
TITLES = {
    "mojibake": "UTF-8",
    "mojibake_words": "single words of UTF-8",
    "mojibake_cuts": "words of UTF-8 that lost bytes",
    "viqr": "VIQR",
    "charset": "another charset",
    "cesu8": "characters in two halves (CESU-8)",
    "entities": "HTML entities",
    "mark_order": "tones before the mark of their vowel",
    "nfc": "letters apart from their marks",
    "strange_letters": "letters like Ð and ǎ for Đ and ă",
    "look_alikes": "Cyrillic or Greek look-alikes",
    "width": "full-width letters",
    "tone_style": "the other tone style",
    "tone_placement": "tones on a wrong vowel",
    "controls": "control characters",
    "zero_width": "invisible characters",
    **{page.name: page.title for page in pages()},
}
_TIMES = {1: "", 2: ", twice", 3: ", three times"}
_LEFT = {
    "old_code_page": "perhaps an old code page",
    "lost_letters": "lost letters",
    "stray_bytes": "bytes that are no UTF-8",
    "stray_controls": "controls that may be letters",
}
_MOST_TITLES = 2
_WHAT_WIDTH = 44  # characters of the second column
_MOST_NAME = 48
_MARK = regex.compile(r"\p{Mn}")


class Survey(Struct):
    """What is known of one file. `place` is where it is, `size` its bytes on disk (stdin: 0), `read` how
    many bytes of its content were read where that is not all; `problems` are (record or 0, reason).
    """

    place: bytes
    format: str
    compression: str
    size: int
    findings: Findings
    read: int | None = None
    problems: list[tuple[int, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the file as it may be printed."""
        return show(self.place, limit=None)

    @property
    def found_anything(self) -> bool:
        """Whether there is anything to repair, or damage."""
        return bool(self.findings.found or self.findings.left)

    @property
    def is_unread(self) -> bool:
        """Whether nothing of the file could be read."""
        return bool(self.problems) and not self.findings.documents

    @property
    def problem(self) -> str:
        """What could not be read, in one line; empty where there is nothing."""
        if not self.problems:
            return ""
        record, reason = self.problems[0]
        where = f"{self.name}:{record}" if record else self.name
        more = len(self.problems) - 1
        return f"{where}: {reason}" + (f"; and {counted(more, 'more record')}" if more else "")


def bytes_title(findings: Findings) -> str:
    """Return the encoding of the bytes of a file."""
    if not findings.characters:
        return "empty"
    if stray := findings.lines_with_stray_bytes:
        return "not UTF-8" if stray == findings.lines_beyond_ascii else "partly not UTF-8"
    codec = findings.codecs.most_common(1)[0][0]
    if not codec.startswith("utf-") or codec == "utf-8":
        return "UTF-8" if findings.lines_beyond_ascii else "ASCII"
    name = codec.removesuffix("-bom").upper().replace("-LE", " LE").replace("-BE", " BE")
    return f"{name} with a byte order mark" if codec.endswith("-bom") else name


def title(finding: Finding) -> str:
    """Return what a rule found: an encoding and as what it was read, or a kind of damage."""
    form, times = seen_as(finding)
    own = TITLES.get(finding.rule, finding.rule)
    if finding.rule == "charset":
        return form.capitalize() or own
    if finding.rule not in OF_LINES or finding.rule == "viqr" or form == "bytes":
        return own
    return f"{own} read as {form.capitalize() or 'another encoding'}{_TIMES.get(times, ', many times')}"


def seen_as(finding: Finding) -> tuple[str, int]:
    """Return as what most of a text had been seen (empty: not known), and how often in a row."""
    return max(finding.read_as, key=lambda each: (each[0] != "", finding.read_as[each], each))


def ranked(findings: Findings) -> list[Finding]:
    """Return the findings: encodings before repairs, and what is most of the text first."""
    return sorted(
        findings.found.values(), key=lambda each: (each.rule not in OF_LINES, -each.characters, each.rule)
    )


def what(findings: Findings) -> str:
    """Return what a file is, in one phrase."""
    outside, found = bytes_title(findings), ranked(findings)
    if found:
        more = len(found) - _MOST_TITLES
        titles = ", ".join(map(title, found[:_MOST_TITLES]))
        return f"{outside}: {titles}" + (f" and {more} more" if more > 0 else "")
    if findings.left:
        return f"{outside}, not repaired: {_left_title(next(iter(findings.left.values())))}"
    return f"{outside}, nothing to repair" if findings.characters else outside


def evidence(finding: Finding) -> str:
    """Return how sure a reading is, and why; empty for a repair that guesses nothing."""
    if finding.rule in PROVEN_BY_SYLLABLES and finding.words:
        words = f"{finding.syllables:,} of {finding.words:,} words are Vietnamese"
        return f"{_percent(finding.syllables, finding.words)} sure ({words})"
    if finding.rule == "mojibake":
        return "100 % sure (its bytes are UTF-8)" if finding.strict else "likely (as ftfy tells it)"
    return ""


def survey_lines(survey: Survey, width: int) -> Iterator[Line]:
    """Yield what is said of one file; `width` is that of the column of names."""
    findings = survey.findings
    found = ranked(findings)
    pieces: list[Piece] = [
        ("where", f"{survey.name:<{width}}"),
        ("same", f"  {what(findings):<{_WHAT_WIDTH}}"),
    ]
    if found:
        pieces.append(("same", f"  {_share(survey)}"))
        if sure := next(filter(None, map(evidence, found)), ""):
            pieces.append(("note", f"  {sure}"))
    if survey.read is not None:
        whole = "" if survey.compression or not survey.size else f" of {_size(survey.size)}"
        pieces.append(("note", f"  (only the first {_size(survey.read)}{whole}; --all reads all)"))
    yield Line(tuple(pieces))
    for finding in found:
        if len(found) > 1:
            share = f"  {counted(finding.lines, 'line')}"
            note = f"  {evidence(finding)}" if evidence(finding) else ""
            yield Line((("rule", title(finding)), ("same", share), ("note", note)), "    ")
        for example in finding.examples:
            yield Line(tuple(_example(example)), "        " if len(found) > 1 else "    ")
    for left in findings.left.values():
        yield from _left_lines(left, examples=findings.most_examples > 0)


def _share(survey: Survey) -> str:
    findings = survey.findings
    text = f"{_percent(findings.changed_characters, findings.characters)} of the text"
    if survey.format == "txt":
        return f"{findings.changed_lines:,} of {counted(findings.lines, 'line')}, {text}"
    return f"{findings.changed_documents:,} of {counted(findings.documents, 'document')}, {text}"


def _example(example: Example) -> Iterator[Piece]:
    before, after = spelled_pair(example.before, example.after)
    yield "note", f"{example.line}: "
    yield "gone", before
    yield "note", " -> "
    yield "new", after


def spelled_pair(before: str, after: str) -> tuple[str, str]:
    """Return two texts as they may be printed; where they look the same, the marks that stand apart are
    spelled out.
    """
    shown = spelled(("gone", before))
    if before != after and sorted(normalize("NFD", before)) == sorted(normalize("NFD", after)):
        shown = _MARK.sub(lambda found: f"[U+{ord(found[0]):04X}]", shown)
    return shown, spelled(("new", after))


def _left_title(left: Left) -> str:
    return _LEFT.get(left.rule, left.rule)


def _left_lines(left: Left, *, examples: bool) -> Iterator[Line]:
    count = counted(left.paragraphs, "paragraph")
    yield Line((("rule", f"not repaired: {_left_title(left)}"), ("same", f"  {count}")), "    ")
    if examples:
        pieces: tuple[Piece, ...] = (
            ("note", f"{left.line}: "),
            ("gone", spelled(("gone", left.text))),
            ("note", f"  ({show(left.reason)})"),
        )
        yield Line(pieces, "        ")


def _percent(part: int, whole: int) -> str:
    """Return a share: 100 % only for all, and never 0 % of something.

    >>> _percent(999, 1000), _percent(1, 1000), _percent(5, 5)
    ('99 %', '<1 %', '100 %')
    """
    share = 100 * part // max(1, whole)
    return f"{share} %" if share or not part else "<1 %"


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else counted(count, "byte")


def name_width(places: Sequence[bytes]) -> int:
    """Return the width of the column of names."""
    return min(_MOST_NAME, max((len(show(place, limit=None)) for place in places), default=0))


def total(kinds: Counter[str]) -> str:
    """Return the last line: how many files there are, and of what.

    >>> total(Counter(files=3, clean=1, skipped=1))
    '3 files: 1 with nothing to repair, 1 with something, 1 skipped'
    """
    other = kinds["files"] - kinds["clean"] - kinds["skipped"]
    return (
        f"{counted(kinds['files'], 'file')}: {kinds['clean']:,} with nothing to repair,"
        f" {other:,} with something, {kinds['skipped']:,} skipped"
    )


def as_json(survey: Survey) -> dict[str, Any]:
    """Return what is said of one file as plain values; texts are spelled as for people (`show`).

    `share_of_lines` and `share_of_text` go from 0 to 1, `confidence` too; it is null where a repair
    guesses nothing. `read` counts bytes of a file that was not read to its end, else it is null.
    """
    findings = survey.findings
    return {
        "file": survey.name,
        "format": survey.format,
        "compression": survey.compression,
        "size": survey.size,
        "read": survey.read,
        "what": "" if survey.is_unread else what(findings),
        "bytes": "" if survey.is_unread else bytes_title(findings),
        "documents": findings.documents,
        "lines": findings.lines,
        "characters": findings.characters,
        "changed_documents": findings.changed_documents,
        "changed_lines": findings.changed_lines,
        "share_of_lines": _ratio(findings.changed_lines, findings.lines),
        "share_of_text": _ratio(findings.changed_characters, findings.characters),
        "findings": [_finding_as_json(finding, findings) for finding in ranked(findings)],
        "not_repaired": [
            {
                "rule": left.rule,
                "paragraphs": left.paragraphs,
                "line": left.line,
                "text": spelled(("gone", left.text)),
                "reason": show(left.reason),
            }
            for left in findings.left.values()
        ],
        "problems": [{"record": record, "reason": reason} for record, reason in survey.problems],
    }


def _finding_as_json(finding: Finding, findings: Findings) -> dict[str, Any]:
    form, times = seen_as(finding)
    sure = finding.confidence
    examples = [(example.line, *spelled_pair(example.before, example.after)) for example in finding.examples]
    return {
        "rule": finding.rule,
        "what": title(finding),
        "read_as": form,
        "times": times,
        "documents": finding.documents,
        "lines": finding.lines,
        "share_of_lines": _ratio(finding.lines, findings.lines),
        "share_of_text": _ratio(finding.characters, findings.characters),
        "confidence": None if sure is None else round(sure, 4),
        "words": finding.words,
        "syllables": finding.syllables,
        "examples": [{"line": line, "before": before, "after": after} for line, before, after in examples],
    }


def _ratio(part: int, whole: int) -> float:
    return round(part / max(1, whole), 4)
