"""Makes docs/encodings.md of the cases, the limits in the code, and the figures that were measured.

.venv/bin/python docs/make_encodings.py

The cases are tests/cases/encodings_doc.json, which a test runs through the stage. The figures are
docs/encodings.json: python benchmarks/encodings.py CORPUS --json docs/encodings.json
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cleaner.report.encodings import spelled_pair
from cleaner.settings import EncodingSettings
from cleaner.stages import code_pages, encoding
from cleaner.text.recoding import VIEWS
from cleaner.vietnamese import detector, mojibake, viqr
from cleaner.vietnamese.legacy import FORMS, pages

HERE = Path(__file__).parent
PAGE = HERE / "encodings.md"
FIGURES = HERE / "encodings.json"
CASES = HERE.parent / "tests" / "cases" / "encodings_doc.json"

HEAD = """\
# Broken encodings

<!-- Made by docs/make_encodings.py. Change that, or tests/cases/encodings_doc.json, and run it. -->

Vietnamese text breaks in more ways than others: it was written in half a dozen code pages before Unicode, its
letters have two marks, and UTF-8 that is read as something else hits every second word. The stage `encoding`
repairs what has one reading, lists what has several, and leaves every other language alone. Whatever it does
can be seen (`cleaner diff`) and undone (`cleaner restore --stage encoding`).

`cleaner encoding FILE...` tells what a file is in, and changes nothing.
"""
REPAIRED = """\
## What is repaired

Each row is run through the stage by a test. Signs that cannot be seen stand as their code, bytes that are no
UTF-8 as `\\xe9`. `rule` is the name in the ledger, in `cleaner diff --rule` and in `cleaner encoding --json`.

| what | where it comes from | before | after | rule |
|---|---|---|---|---|
"""
LEFT = """\
## What is left as it is

What is listed stands in the ledger and behind `suspects` in `cleaner diff`, and is told by `cleaner
encoding`.

| what | why | example | listed as |
|---|---|---|---|
"""
ORDER = """\
## In which order

1. {words}: what is certain by itself, in all of a paragraph, then in single words. UTF-8 is read back up to
   {rounds} times.
2. The code pages, for all lines of a document together. Lines that may be in one stay untouched until then:
   what strips controls and soft hyphens would strip letters: ư of TCVN3 is the soft hyphen, some capitals of
   VISCII and VPS are controls. Then `charset`, for all paragraphs together that still hold such bytes.
3. `mojibake_cuts`, {rules}.
   Paragraphs in doubt are left out: each of these rules could destroy letters there.

All of it is repeated until nothing changes, at most {passes} times. Cleaning a clean text changes nothing.
"""
DETECTOR = """\
## How a code page is told

Every word with a sign beyond ASCII is read by each of {pages}. The right one makes Vietnamese syllables of
nearly all of them, a wrong one of few; the syllables are in `cleaner/vietnamese/data/`. A text is read by a
code page if

* its words have {signs} signs beyond ASCII or more on average (Vietnamese 0.5 to 1.2, French and German 0.1
  to 0.4),
* {fewest} or more *different* words of {shortest} or more letters become syllables: one that repeats proves
  no more than once,
* {gain} or more of its words with such signs become syllables and were none before: what is right stays,
* the evidence is {evidence:.1f} or more: +{good} for a different word that becomes a syllable, {bad} for one
  that does not,
* its syllables are likelier (log) by {near} than those of the next code page, and than the text as it stands:
  where two make syllables, the more frequent ones decide,
* of all words, ASCII ones too, {share} are syllables once read; {names} are enough where {many} or more
  became one and none did not (sentences full of foreign names), and none need be where {most} or more did (a
  program with a few words in it). Other languages have 8 to 30 %.

The whole document is asked first, then each line. A line follows the document, or where that is of several
kinds, the most of its lines, if two thirds of its words that tell anything become syllables, unless it tells
something else by {far}; {prior} in favour of the document makes up for short lines. Signs alone follow
nothing: they may be another language, or a table. Bytes that are no UTF-8 are asked the same way. A line with
more than one letter in {few} characters that no code page has is modern text, and is not asked.

A line that proves no reading, but makes more sense in some code page ({doubt} or more different words), is a
*doubt*: it stays as it is, and is listed.

VIQR is ASCII, and its marks are punctuation: it is read where {viqr_few} or more different words have marks,
{viqr_marked} of all words, {viqr_valid} of those are syllables once read, and {viqr_words} of all words are.
A dot or question mark at the end of a word is its tone or ends a sentence: `Ta.` is *Tạ* or the end of *Ta.* It is told
by counts of 10,000 news articles (`cleaner/vietnamese/data/viqr_ends.tsv`): how often the word stands with
the tone and without, behind such a word and anywhere, at the end of a sentence, before such a name. What each
of these is worth was fitted on 5,000 others (`viqr_weights.tsv`). A document with backslashes before such signs
(RFC 1456) has no other stops. Where neither reading is sure, the line stays, and is listed. The figures of VIQR
below are of articles that were neither counted nor fitted on.
"""
CODECS = """\
## What the ledger keeps

A repair with an exact inverse is kept by the name of its codec, `rule/form`; a document that came in wholly
in an old encoding costs its ledger one line. The inverse is verified on the very text; what it would write
otherwise (a letter spelled in two ways) is kept beside it as an exception, and where there is no inverse, the text
that came in is kept itself. A name never changes its meaning.

| codec | the text before |
|---|---|
"""
SETTINGS = """\
## Settings

Below `encoding:` in `config.yaml`.

| setting | default | |
|---|---|---|
"""
OTHERS = """\
## Other languages

Nothing in these changes, and nothing is listed; each is a test. Mojibake, entities, composition and controls
are repaired in every language. Zero-width characters stay where a script needs them, look-alikes in words of
one script, full-width letters beside Chinese, Japanese and Korean.

| | |
|---|---|
"""
MEASURED = """\
## Measured

Real news articles that the stage leaves alone were broken in each way (`benchmarks/breakages.py`, written
apart from the package), repaired, and compared: `python benchmarks/encodings.py CORPUS --json
docs/encodings.json`. *Exact*: the very text again. *Undecided*: left as it was, wholly or in part. *Wrong*:
anything else.

| breakage | form | sentences | exact | undecided | wrong | articles | exact | undecided | wrong |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|
"""
_FORM_OF = {
    "windows-1252": "seen as Windows-1252",
    "latin-1": "seen as Latin-1, controls in the places of 80 to 9F",
    "bytes": "bytes that are no UTF-8",
    "windows-1254": "seen as Windows-1254",
}


def page() -> str:
    """Return the whole page."""
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    parts = [
        HEAD,
        REPAIRED + rows(_repaired(cases["repaired"])),
        LEFT + rows(_left(cases["left"])),
        _order(),
        _detector(),
        CODECS + rows(_codecs()),
        SETTINGS + rows(_settings()),
        OTHERS + rows((case["name"], code(case["before"])) for case in cases["other_languages"]),
        MEASURED + rows(_figures(figures)),
    ]  # fmt: skip
    return "\n".join(parts)


def rows(cells: Iterable[Sequence[str]]) -> str:
    """Return rows of a table; `|` is written so that it parts no cells."""
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in cells)


def percent(share: float) -> str:
    """Return a share as people read it."""
    return f"{share:.0%}".replace("%", " %")


def code(text: str, after: str | None = None) -> str:
    """Return a text as code, each line of it; `after` is what becomes of it."""
    lines = text.split("\n")
    others = (after if after is not None else text).split("\n")
    shown = (spelled_pair(line, other)[0] for line, other in zip(lines, others, strict=True))
    return "<br>".join(f"`` {line} ``" if "`" in line else f"`{line}`" for line in shown)


def _repaired(cases: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[str]]:
    for case in cases:
        rules = ", ".join(case["rules"])
        listed = f"; listed: {', '.join(case['listed'])}" if "listed" in case else ""
        before = code(case["before"], case["after"])
        yield case["name"], case["source"], before, code(case["after"]), rules + listed


def _left(cases: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[str]]:
    for case in cases:
        yield case["name"], case["source"], code(case["before"]), ", ".join(case.get("listed", ("–",)))


def _order() -> str:
    stage = encoding.Encoding(EncodingSettings(tone_style="old", tone_placement=True))
    rules = ", ".join(f"`{name}`" for name, _ in stage._rules)
    words = "`cesu8`, `mojibake`, `mojibake_words`"
    return ORDER.format(words=words, rules=rules, rounds=mojibake.ROUNDS, passes=encoding._PASSES)


def _detector() -> str:
    titles = [each.title for each in pages()]
    return DETECTOR.format(
        pages=f"{', '.join(titles[:-1])} and {titles[-1]}",
        signs=detector._SIGNS_A_WORD,
        fewest=detector.FEWEST,
        shortest=detector._SHORTEST,
        gain=percent(detector._LEAST_GAIN),
        evidence=detector.FEWEST * detector._FOR,
        good=detector._FOR,
        bad=f"{detector._AGAINST}".replace("-", "\u2212"),
        near=detector._NEAR,
        share=percent(detector._SHARE_OF_WORDS),
        names=percent(detector._SHARE_BESIDE_NAMES),
        many=2 * detector.FEWEST,
        most=detector._MANY,
        far=detector._FAR,
        prior=detector._PRIOR,
        few=code_pages.FEW,
        doubt=detector._FEWEST_TO_DOUBT,
        viqr_few=viqr._FEWEST,
        viqr_marked=percent(viqr._SHARE_MARKED),
        viqr_valid=percent(viqr._SHARE_VALID),
        viqr_words=percent(viqr._SHARE_OF_WORDS),
    )


def _codecs() -> Iterator[Sequence[str]]:
    for each in pages():
        names = " ".join(f"`{each.name}/{form}`" for form in FORMS)
        yield names, f"{each.title}, " + "; ".join(_FORM_OF[form] for form in FORMS)
    composed = " ".join(f"`cp1258-composed/{form}`" for form in FORMS)
    yield composed, "the same, à, é and the like as one letter, as converters write them"
    capitals = " ".join(f"`tcvn3-capitals/{form}`" for form in FORMS)
    yield capitals, "TCVN3 in a font of capitals (.VnTimeH), which shows small letters as such"
    yield " ".join(f"`mojibake/{view}`" for view in VIEWS), "UTF-8, read as that"
    yield "`charset/windows-1251` and the like", "bytes of that charset, by its name in Python"
    yield "`nfc/decomposed` `nfc/composite`", "all marks apart; only the tone apart"


def _settings() -> Iterator[Sequence[str]]:
    for name, field in EncodingSettings.model_fields.items():
        default = field.default if isinstance(field.default, str) else str(field.default).lower()
        yield f"`{name}`", f"`{default}`", field.description or ""


def _figures(figures: Iterable[Mapping[str, Any]]) -> Iterator[Sequence[str]]:
    for row in figures:
        cells = [row["breakage"], row["form"]]
        for kind in ("sentences", "articles"):
            of = row[kind]
            cells += [
                f"{of['n']:,}", f"{of['exact']:.2f} %", f"{of['undecided']:.2f} %", f"{of['wrong']:,}"
            ]  # fmt: skip
        yield cells


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
