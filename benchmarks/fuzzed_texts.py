"""Random strings and documents out of pieces of broken texts, for what must hold of every text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

_MOST_PARTS = 5
_MOST_WORDS = 8
_MOST_CHARACTERS = 12
_MOST_LINES = 8
_ODD_SHARE = 0.3  # of the documents hold a random string
# fmt: off
_ODD = (
    *map(chr, range(0x80, 0x100)),  # C1 controls, and letters and signs in the places of letters
    *map(chr, (0x01, 0x02, 0x05, 0x06, 0x12, 0x14, 0x19, 0x1B, 0x1C, 0x1D, 0x1E, 0x7F, 0x0B, 0x09)),
    *map(chr, range(0xDC80, 0xDD00, 3)),  # stray bytes
    *"\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323\u0340\u0341",
    *"\u200b\u200c\u200d\u2060\ufeff\ufffd\u2212\u2219\u2022\u03bc\u20ac\u0110\u0111\u0189\u01ce\u20ab",
    *"ăâêôơưđệốữĂÂÊÔƠƯĐỆỐỮƒ„…†‡ˆ‰Š‹Œž‘’“”•–—˜™š›œŸ",
    *"'`?~.^(+*\\-<>&;#", *"aeiouydAEIOUYDnhtcgm",
    "&#7897;", "&amp;", "&amp;lt;", "&nbsp;", "&aacute;", "&#8;", "&#x1ea1", "&shy;", "&", "%E1%BB%99",
    "Ã", "á»", "áº", "Ä‘", "Æ°", "â€œ", "Â", "ï»¿", "dd", "DD", "\udced\udca0\udcbd\udced\udcb8\udc80",
)
# fmt: on


def fuzzed(broken: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """Yield `count` strings of one line: runs of words, slices and odd characters, close or parted."""
    random = Random(seed)
    for _ in range(count):
        parts = [_part(broken, random) for _ in range(random.randint(1, _MOST_PARTS))]
        glued = "".join(part + random.choice(("", " ", " ")) for part in parts)
        yield glued.replace("\n", " ").replace("\r", " ")


def fuzzed_documents(lines: Sequence[str], count: int, seed: int) -> Iterator[list[str]]:
    """Yield `count` documents of two to eight of the lines, some of them replaced by random strings."""
    random = Random(seed)
    for odd in fuzzed(lines, count, seed):
        document = random.choices(lines, k=random.randint(2, _MOST_LINES))
        if random.random() < _ODD_SHARE:
            document[random.randrange(len(document))] = odd
        yield document


def _part(broken: Sequence[str], random: Random) -> str:
    kind = random.random()
    if kind < 0.3:
        return "".join(random.choices(_ODD, k=random.randint(1, 4)))
    text = random.choice(broken)
    if kind < 0.5:
        start = random.randrange(len(text))
        return text[start : start + random.randint(1, _MOST_CHARACTERS)]
    words = text.split(" ")
    start = random.randrange(len(words))
    return " ".join(words[start : start + random.randint(1, _MOST_WORDS)])
