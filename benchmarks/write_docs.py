"""Makes docs/benchmarks.md and its pictures of docs/benchmarks.json, where benchmarks leave their figures.

python benchmarks/write_docs.py [docs]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from peers import ratios, spread
from svg import Axis, Bars, Line, bar_chart, line_chart

Section = Mapping[str, Any]
HEAD = """\
# Benchmarks

<!-- Made by benchmarks/write_docs.py of benchmarks.json; `make bench CORPUS=FILE` measures and writes. -->

No figure here was typed by hand. Each table names the command that measured it, the machine and the day. Load
is what others asked of the machine before: with more than a few tenths, only ratios of times tell something.
"""
PEERS = """\
## Beside other deduplicators

One corpus, the same cores, in turns: {documents:,} documents, {lines:,} lines, {megabytes:.0f} MB. Each of
the others does a part of what `cleaner run` does, and got the best that its documentation offers. *Times* is
how many times as long as cleaner a tool took, median of {rounds} with the least and the most; above 1 cleaner
was faster. Memory is the peak of all processes together, shared pages counted once.

![Seconds by tool](images/peers.svg)
"""
GONE = """\
What went as a duplicate. *Without a name*: lines of which no output says what stays for them. *Facts*: lines
with a number that no line like them states any more (like: four tenths of their three-word shingles; `22/01`
counts as stated by `22/1/2003`, 2 by *hai*; rarer spellings do not, so that some of these are no loss).
*Repeats left*: lines of 40 characters or more that stand there again, of {repeats:,} in the corpus.
"""
GROWTH = """\
## {title}

`cleaner run` on corpora of several sizes, {workers} processes{memory}. PSS counts pages that processes share
once; RSS counts them in each, and mapped files, too. Disk is the peak of output and scratch space. Last come
the seconds of a second run, which finds nothing new.

![Time by size](images/{name}-time.svg)
![Memory and disk by size](images/{name}-space.svg)
"""
SPEED = """\
## The encoding stage beside ftfy

Megabytes a second of one core, on clean lines and on the same lines as UTF-8 read as Windows-1252.
"""
INCREMENTAL = """\
## Later runs

A corpus of {megabytes:,.0f} MB ({paragraphs:,} paragraphs) was cleaned but for one document in a hundred,
which then came as a new file; then nothing came.
"""
PARTS = """\
The same documents in {parts} runs, in the same order: of {documents:,} clean documents {differ:,} differ
from those of one run, by {paragraphs:,} paragraphs that went in one case only. {richer:,} newcomers say more
than a paragraph that was published before, which stands all the same: both stay, or the newcomer goes where
it says nothing of its own. Pairs of alike paragraphs link all but {unexplained:,} of the differences to such
a newcomer.
"""
QUALITY = """\
## Quality

A corpus with planted duplicates and traps was cleaned, and the ledger compared with the truth.
"""
_DOES = {
    "compares": "compares",
    "names_survivor": "names what stays",
    "figures": "pairs with another number",
    "encodings": "repairs encodings",
    "boilerplate": "boilerplate",
    "restores": "gives the input back",
}


def main() -> None:
    """Write the page and the pictures."""
    docs = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    sections = json.loads((docs / "benchmarks.json").read_text(encoding="utf-8"))
    (docs / "benchmarks.md").write_text(page(sections), encoding="utf-8")
    for name, picture in pictures(sections):
        (docs / "images" / f"{name}.svg").write_text(picture, encoding="utf-8")


def page(sections: Mapping[str, Section]) -> str:
    """Return the whole page: what there are figures for."""
    parts = [HEAD]
    for start, write in _WRITERS.items():
        for name, section in sections.items():
            if name.startswith(start):
                parts.extend(write(section))
    return "\n".join(parts)


def pictures(sections: Mapping[str, Section]) -> Iterator[tuple[str, str]]:
    """Yield the pictures by name."""
    for name, section in sections.items():
        if name == "peers":
            tools = _measured(section)
            wall, spent = (Bars(f"{what} seconds", [_middle(tool, key) for tool in tools.values()])
                           for what, key in (("wall", "wall"), ("processor", "processor")))  # fmt: skip
            yield "peers", bar_chart("Seconds on the same corpus", list(tools), [wall, spent], unit="s")
        elif name.startswith("growth"):
            yield from _growth_pictures(section)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = True) -> str:
    """Return a Markdown table; columns of numbers, all but the first, are set to the right."""
    lines = [head, ["---", *["--:" if numbers else "---"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _how(section: Section) -> str:
    where = section["machine"]
    machine = f"{where['processor']}, {where['cores']} cores, {where['memory'] / 1e9:.0f} GB"
    rest = f"Python {where['python']}, load {where['load']}"
    return f"`{section['command']}`  \n{section['date']}, {machine}, {rest}\n"


def _measured(section: Section) -> dict[str, Section]:
    return {name: tool for name, tool in section["tools"].items() if tool["runs"]}


def _middle(tool: Section, what: str) -> float:
    return float(median(run[what] for run in tool["runs"]))


def _peers(section: Section) -> Iterator[str]:
    tools, corpus = _measured(section), section["corpus"]
    rounds, megabytes = max(len(tool["runs"]) for tool in tools.values()), corpus["bytes"] / 1e6
    yield PEERS.format(**corpus, megabytes=megabytes, rounds=rounds)
    head = ["", "wall s", "times", "CPU s", "times", "memory, MB"]
    yield table(head, (_times(name, tool, tools["cleaner"]) for name, tool in tools.items()))
    yield table(["", "how it was run"], ([name, tool["how"]] for name, tool in tools.items()), numbers=False)
    yield table(["", *_DOES.values()], (_does(name, tool) for name, tool in tools.items()), numbers=False)
    yield GONE.format(**corpus)
    head = ["", "documents", "lines", "without a name", "facts", "repeats left"]
    yield table(head, (_gone(name, tool) for name, tool in tools.items()))
    yield _how(section)


def _times(name: str, tool: Section, ours: Section) -> Sequence[str]:
    cells = [name]
    for what in ("wall", "processor"):
        cells += [f"{_middle(tool, what):.1f}", spread(ratios(tool["runs"], ours["runs"], what))]
    return [*cells, f"{max(run['memory']['pss'] for run in tool['runs']) / 1e6:,.0f}"]


def _does(name: str, tool: Section) -> Sequence[str]:
    return [name, *(tool["does"][each] for each in _DOES)]


def _gone(name: str, tool: Section) -> Sequence[str]:
    gone = tool["gone"]
    nameless = gone["lines"] if tool["does"]["names_survivor"] == "no" else 0
    counts = gone["documents"], gone["lines"], nameless, gone["figures"], gone["repeats_left"]
    return [name, *(f"{count:,}" for count in counts)]


def _growth(section: Section) -> Iterator[str]:
    memory = f", with `memory: {section['memory']}`" if section["memory"] else ""
    title = f"Growth{memory.replace(', with', ' with')}"
    yield GROWTH.format(title=title, name=_growth_name(section), workers=section["workers"], memory=memory)
    head = [
        "GB", "files", "paragraphs", "wall s", "CPU s", "MB/s", "PSS, MB", "RSS, MB", "disk, MB",
        "nothing new, s",
    ]  # fmt: skip
    yield table(head, map(_grown, section["rows"]))
    yield _how(section)


def _grown(row: Section) -> Sequence[str]:
    used, size = row["usage"], row["bytes"]
    times = f"{used['wall']:,.1f}", f"{used['processor']:,.1f}", f"{size / 1e6 / used['wall']:.1f}"
    spaces = (used["memory"]["pss"], used["memory"]["rss"], used["disk"])
    counts = f"{size / 1e9:.3g}", f"{row['files']:,}", f"{row['paragraphs']:,}"
    return [*counts, *times, *(f"{space / 1e6:,.0f}" for space in spaces), f"{row['nothing_new']:.2f}"]


def _growth_name(section: Section) -> str:
    return f"growth-{section['memory']}".lower() if section["memory"] else "growth"


def _growth_pictures(section: Section) -> Iterator[tuple[str, str]]:
    name, rows = _growth_name(section), section["rows"]

    def line(title: str, value: Callable[[Section], float], *, dashed: bool = False) -> Line:
        return Line(title, [(row["bytes"] / 1e9, value(row["usage"])) for row in rows], dashed=dashed)

    size = Axis("GB of input", log=True)
    times = [
        line("wall", lambda used: used["wall"]),
        line("processor", lambda used: used["processor"], dashed=True),
    ]
    yield f"{name}-time", line_chart("Time by size", times, size, Axis("seconds", log=True))
    spaces = [
        line("memory (PSS)", lambda used: used["memory"]["pss"] / 1e6),
        line("memory (RSS)", lambda used: used["memory"]["rss"] / 1e6, dashed=True),
        line("disk", lambda used: used["disk"] / 1e6),
    ]
    yield f"{name}-space", line_chart("Memory and disk by size", spaces, size, Axis("MB", log=True))


def _speed(section: Section) -> Iterator[str]:
    yield SPEED
    rows = section["rows"]
    times = ([row["lines"], f"{row['stage']:.2f}", f"{row['ftfy']:.2f}", f"{row['stage'] / row['ftfy']:.2f}"]
             for row in rows)  # fmt: skip
    yield table(["lines", "stage, MB/s", "ftfy, MB/s", "times as fast"], times)
    yield _how(section)


def _quality(section: Section) -> Iterator[str]:
    yield QUALITY
    yield table(["", "with 95 % intervals"], section["summary"].items(), numbers=False)
    yield _how(section)


def _incremental(section: Section) -> Iterator[str]:
    later = section["later"]
    yield INCREMENTAL.format(megabytes=later["bytes"] / 1e6, paragraphs=later["paragraphs"])
    share = 100 * later["later"] / later["whole"]
    rows = [
        ["all but 1 %", f"{later['whole']:.1f}", ""],
        ["1 % new", f"{later['later']:.1f}", f"{share:.1f} %"],
        ["nothing new", f"{later['nothing']:.2f}", ""],
    ]
    yield table(["", "seconds", "of the whole"], rows)
    if parts := section.get("parts"):
        yield PARTS.format(**parts)
    yield _how(section)


_WRITERS: dict[str, Callable[[Section], Iterator[str]]] = {
    "peers": _peers,
    "growth": _growth,
    "incremental": _incremental,
    "encoding_speed": _speed,
    "quality": _quality,
}

if __name__ == "__main__":
    main()
