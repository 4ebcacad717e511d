"""Measures what the encoding stage does to clean and to broken text of many languages.

    python benchmarks/language_texts.py DIR      (fetches the texts)
    python benchmarks/languages.py DIR [--lines 100] [--only clean|mojibake|charsets]

DIR holds <language>.txt, one text a line. Three tables are printed:

clean     every line through the stage, alone and in documents of 20: how many changed, by rule. Changed
          letters, marks or signs are errors, and are listed; invisible characters, composition and
          entities are not. The exit status is 1 if there is an error.
mojibake  some lines as UTF-8 read by another encoding, once and twice: how many come out exact by this
          stage and by ftfy, line by line in three rounds with the options that only repair, or by
          `ftfy.fix_encoding`. What ftfy alone gets right is listed.
charsets  documents of 1, 5, 20 and 100 lines in the usual charsets of the language, read as the program
          reads them: right (a line that has bytes of UTF-8 by chance may be left), left as they were, or
          wrong. Wrong ones are listed. Then the same in charsets that are not read, where all must be left.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from unicodedata import category, normalize

import ftfy

from cleaner.settings import EncodingSettings
from cleaner.stages.encoding import Encoding
from cleaner.stages.mojibake import ONLY_REPAIRS
from cleaner.text.codec import decode
from cleaner.text.show import show

_MISREAD = (
    "sloppy-windows-1252", "latin-1", "sloppy-windows-1250", "sloppy-windows-1251", "macroman", "cp437",
)  # fmt: skip
_CHARSETS = {
    "fr": ("cp1252", "latin-1"), "de": ("cp1252", "latin-1"), "es": ("cp1252", "latin-1"),
    "pt": ("cp1252", "latin-1"), "it": ("cp1252", "latin-1"), "is": ("cp1252", "latin-1"),
    "cs": ("cp1250", "iso-8859-2"), "pl": ("cp1250", "iso-8859-2"), "tr": ("cp1254",),
    "ru": ("cp1251", "koi8-r", "iso-8859-5"), "uk": ("cp1251", "koi8-u"), "el": ("cp1253",),
    "th": ("cp874", "tis-620"), "zh": ("gb18030", "gbk"), "zh-tw": ("big5",), "ja": ("shift_jis", "euc_jp"),
    "ko": ("euc_kr", "cp949"), "ar": ("cp1256",),
}  # fmt: skip
_NOT_READ = {
    "fr": ("mac_roman", "cp437", "cp850"), "de": ("mac_roman", "cp437", "cp850"),
    "es": ("mac_roman", "cp437", "cp850"), "pt": ("mac_roman", "cp850"), "it": ("cp437", "cp850"),
    "is": ("mac_roman", "cp850", "cp861"), "cs": ("cp852", "mac_latin2"), "pl": ("cp852", "cp1257"),
    "tr": ("cp857", "mac_turkish"), "ru": ("cp855",), "uk": ("cp866", "cp1125"), "el": ("cp869",),
    "ar": ("cp720",), "ko": ("johab",),
}  # fmt: skip
_DOCUMENTS = (1, 5, 20, 100)  # lines
_MOST_DOCUMENTS = 100  # of each size
_BLOCK = 20
_LISTED = 20
_STAGE = Encoding(EncodingSettings())

Texts = dict[str, list[str]]


def _read(directory: str) -> Texts:
    paths = sorted(Path(directory).glob("*.txt"))
    return {path.stem: path.read_text(encoding="utf-8").rstrip("\n").split("\n") for path in paths}


def _cleaned(paragraphs: list[str]) -> list[str]:
    outcomes = _STAGE(paragraphs)
    texts = list(paragraphs)
    for index, outcome in outcomes.items():
        if outcome.steps:
            texts[index] = outcome.steps[-1].text or ""
    return texts


def _visible(text: str) -> str:
    """Return what of a text must never change: composed, without invisible characters and entities."""
    composed = normalize("NFC", unescape(unescape(text)))
    return "".join(character for character in composed if category(character) not in ("Cf", "Cc"))


def clean(texts: Texts) -> int:
    """Print what changes in clean lines; return how many letters changed, in lines."""
    print(f"{'clean':>8}{'lines':>8}{'changed':>9}{'errors':>8}  rules")
    errors: list[str] = []
    for language, lines in texts.items():
        outcomes = {number: found for number, line in enumerate(lines) if (found := _STAGE([line]).get(0))}
        changed = {number: found.steps for number, found in outcomes.items() if found.steps}
        rules = Counter(step.rule for steps in changed.values() for step in steps)
        wrong = [n for n, steps in changed.items() if _visible(steps[-1].text or "") != _visible(lines[n])]
        for number in wrong:
            told = ", ".join(step.rule for step in changed[number])
            errors.append(
                f"{language}: {told}\n  {show(lines[number])}\n  {show(changed[number][-1].text or '')}"
            )
        for start in range(0, len(lines), _BLOCK):
            block = lines[start : start + _BLOCK]
            if _cleaned(block) != [text for line in block for text in _cleaned([line])]:
                errors.append(f"{language}: lines from {start} on come out otherwise in one document")
        told = ", ".join(f"{rule} {count}" for rule, count in rules.items())
        print(f"{language:>8}{len(lines):8,}{len(changed):9,}{len(wrong):8,}  {told}")
    print("\n".join(errors))
    return len(errors)


def _ftfy_rounds(text: str) -> str:
    for _ in range(3):
        text = ftfy.fix_text(text, ONLY_REPAIRS)
    return text


def mojibake(texts: Texts, most: int) -> None:
    """Print how many broken lines are repaired, and what ftfy alone repairs."""
    ways: dict[str, Callable[[str], str]] = {
        "ours": lambda text: _cleaned([text])[0],
        "fix_text": _ftfy_rounds,
        "fix_encoding": ftfy.fix_encoding,
    }
    listed: list[str] = []
    print(
        f"\n{'mojibake':>30}{'lines':>7}{'both':>7}{'ours':>7}{'ftfy':>7}{'neither':>9}{'fix_encoding':>14}"
    )
    for language, lines in texts.items():
        for kind, damage in _damages():
            counts: Counter[str] = Counter()
            for line in lines[:: max(1, len(lines) // most)]:
                broken = damage(line)
                if broken == line:
                    continue
                wanted = {line, normalize("NFC", line), _cleaned([line])[0]}
                exact = {name for name, way in ways.items() if normalize("NFC", way(broken)) in wanted}
                theirs = exact - {"ours"}
                who = ("both" if theirs else "ours") if "ours" in exact else ("ftfy" if theirs else "neither")
                counts.update([who, "lines", *(exact & {"fix_encoding"})])
                if who == "ftfy":
                    listed.append(
                        f"{language} {kind} ({', '.join(sorted(theirs))})\n  {show(broken)}\n  {show(line)}"
                    )
            told = "".join(f"{counts[name]:7,}" for name in ("lines", "both", "ours", "ftfy"))
            print(f"{language:>6} {kind:>23}{told}{counts['neither']:9,}{counts['fix_encoding']:14,}")
    print(f"\nonly ftfy: {len(listed)}", *listed, sep="\n")


def _damages() -> Iterator[tuple[str, Callable[[str], str]]]:
    for codec in _MISREAD:
        yield codec, lambda text, codec=codec: text.encode().decode(codec)  # type: ignore[misc]
        yield f"{codec} x2", lambda text, codec=codec: text.encode().decode(codec).encode().decode(codec)  # type: ignore[misc]


def charsets(texts: Texts) -> None:
    """Print how many documents in old charsets are read right, left alone, or read wrong."""
    wrong: list[str] = []
    print(f"\n{'charset':>18}" + "".join(f"{f'{size} lines':>22}" for size in _DOCUMENTS))
    for language, names in (*_CHARSETS.items(), *_NOT_READ.items()):
        for name in names:
            cells = []
            for size in _DOCUMENTS:
                counts: Counter[str] = Counter()
                for document in _documents(texts.get(language, []), name, size):
                    before = decode("\n".join(document).encode(name)).text.split("\n")
                    after = _cleaned(before)
                    how = _judged(before, after, document)
                    counts[how] += 1
                    if how == "wrong":
                        wrong.append(f"{language} {name}\n  {show(document[0])}\n  {show(after[0])}")
                cells.append(f"{counts['right']:8}{counts['left']:6}{counts['wrong']:6}  ")
            print(f"{language:>6} {name:>11}{''.join(cells)}")
    print(f"\nwrong: {len(wrong)}", *wrong[:_LISTED], sep="\n")


def _documents(lines: list[str], charset: str, size: int) -> Iterator[list[str]]:
    """Yield documents of lines that a charset can write and that are no ASCII."""
    good = [line for line in lines if _writable(line, charset)]
    for start in range(0, min(len(good) - size + 1, size * _MOST_DOCUMENTS), size):
        yield good[start : start + size]


def _writable(line: str, charset: str) -> bool:
    try:
        return line.encode(charset).decode(charset) == line and not line.isascii()
    except UnicodeError:
        return False


def _judged(before: list[str], after: list[str], document: list[str]) -> str:
    if after == before:
        return "left"
    lines = zip(before, after, document, _cleaned(document), strict=True)
    return "right" if all(found in (old, *wanted) for old, found, *wanted in lines) else "wrong"


def main() -> int:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory")
    parser.add_argument("--lines", type=int, default=100, help="lines a language to break (100)")
    parser.add_argument("--only", choices=("clean", "mojibake", "charsets"))
    arguments = parser.parse_args()
    texts = _read(arguments.directory)
    errors = clean(texts) if arguments.only in (None, "clean") else 0
    if arguments.only in (None, "mojibake"):
        mojibake(texts, arguments.lines)
    if arguments.only in (None, "charsets"):
        charsets(texts)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
