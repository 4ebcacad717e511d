"""How well the encoding stage repairs every breakage of Vietnamese text.

    python benchmarks/encodings.py CORPUS [--only tcvn3] [--errors 5]

CORPUS is a file of JSON lines (.zst, .gz or plain) with real articles in `text`, or a folder of .txt. Only
texts are used that the stage leaves alone, that are in NFC, and that the breakage can write without loss;
for VIQR every fourth article, of which its counts and weights know nothing (`viqr_counts.py`). Each is
broken (`breakages.py`), split into lines, repaired by one call, and compared with what it was:

    exact       every line is the original again
    undecided   every line is the original again or just as it arrived; `partly`: some of each
    wrong       anything else

Ends with 1 if a figure is below its aim: exact in 99 % of the sentences (VPS 98, VIQR 95) and 99.5 % of the
articles, wrong in none.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from pathlib import Path

from breakages import TABLES, Breakage, breakages
from clean_texts import Stage, articles, folded, paragraphs, sentences

from cleaner.text.show import show

_AIMS = {"vps": 98.0, "viqr": 95.0}  # percent of sentences exact
_SENTENCE_AIM, _ARTICLE_AIM = 99.0, 99.5
_POOL = 8  # sentences looked at for one that is wanted: VIQR can write 7 of 10
_WORDS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Case:
    """One text: its lines as meant, as they arrive broken, and as the stage leaves them."""

    meant: tuple[str, ...]
    broken: tuple[str, ...]
    got: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """exact, undecided, partly or wrong."""
        if self.got == self.meant:
            return "exact"
        if self.got == self.broken:
            return "undecided"
        if len(self.meant) != len(self.got):
            return "wrong"
        lines = zip(self.meant, self.broken, self.got, strict=True)
        return "partly" if all(got in (meant, broken) for meant, broken, got in lines) else "wrong"


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of `n` texts; exact and undecided in percent, the others counted."""

    n: int
    exact: float
    undecided: float
    partly: int
    wrong: int
    folded: bool
    reached: bool

    @property
    def columns(self) -> str:
        """The figures as one row has them."""
        mark, aim = "*" if self.folded else " ", " " if self.reached else "<"
        shares = f"{self.n:>7}{mark}{self.exact:>7.2f}{aim}{self.undecided:>9.2f}"
        return f"{shares}{self.partly:>7}{self.wrong:>6}"


@dataclass(frozen=True, slots=True)
class Row:
    """One breakage in one form, and its figures."""

    breakage: str
    form: str
    sentences: Figures
    articles: Figures

    @property
    def line(self) -> str:
        """The row of the table."""
        return f"{self.breakage:<16}{self.form:<13}  {self.sentences.columns}  {self.articles.columns}"


def cases(breakage: Breakage, texts: Iterable[str], stage: Stage) -> Iterator[Case]:
    """Yield the texts that the breakage can write and the stage leaves alone, broken and repaired."""
    for text in texts:
        meant = breakage.meant(text)
        arrived = breakage.broken(meant)
        if arrived is not None and arrived != meant and stage.leaves(meant):
            broken = paragraphs(arrived)
            yield Case(paragraphs(meant), broken, stage.repaired(broken))


def measured(found: Sequence[Case], aim: float, was_folded: bool) -> Figures:
    """Count the verdicts. Nothing to measure reaches no aim."""
    counts = Counter(case.verdict for case in found)
    share = 100 / max(1, len(found))
    exact, left = counts["exact"] * share, (counts["undecided"] + counts["partly"]) * share
    reached = exact >= aim and not counts["wrong"] and bool(found)
    return Figures(len(found), exact, left, counts["partly"], counts["wrong"], was_folded, reached)


def taken(breakage: Breakage, texts: Sequence[str], count: int, stage: Stage) -> tuple[list[Case], bool]:
    """Return `count` cases and whether quotes and dashes were folded because there were too few."""
    found = list(islice(cases(breakage, texts, stage), count))
    if len(found) == count:
        return found, False
    return list(islice(cases(breakage, map(folded, texts), stage), count)), True


def differences(case: Case) -> Iterator[str]:
    """Yield the first words that are not as meant: meant | broken | got, per line, wrong lines first."""
    if len({len(case.meant), len(case.broken), len(case.got)}) > 1:
        yield f"{len(case.meant)} lines | {len(case.broken)} | {len(case.got)}"
        return
    failed = [lines for lines in zip(case.meant, case.broken, case.got, strict=True) if lines[0] != lines[2]]
    for lines in sorted(failed, key=lambda lines: lines[1] == lines[2]):
        words = [line.split(" ") for line in lines]
        if len(set(map(len, words))) > 1:
            yield " | ".join(show(line, limit=160) for line in lines)
            continue
        odd = [each for each in zip(*words, strict=True) if each[0] != each[2]][:_WORDS_SHOWN]
        yield " | ".join(show(" ".join(column), limit=None) for column in zip(*odd, strict=True))


def failures(found: Sequence[Case], count: int) -> Iterator[str]:
    """Yield the first `count` texts that failed, wrong ones first, with at most three lines of each."""
    failed = [case for case in found if case.verdict != "exact"]
    for case in sorted(failed, key=lambda case: case.verdict != "wrong")[:count]:
        for line in islice(differences(case), 3):
            yield f"    {case.verdict:<9} {line}"


def _wanted(breakage: Breakage, only: str) -> bool:
    return not only or only in (breakage.name, f"{breakage.name}/{breakage.form}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How well the encoding stage repairs Vietnamese text.")
    parser.add_argument("corpus", type=Path, help="JSON lines with `text` (.zst, .gz), or a folder of .txt")
    parser.add_argument("--sentences", type=int, default=2000, help="a breakage (default: 2000)")
    parser.add_argument("--articles", type=int, default=300, help="a breakage (default: 300)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="one breakage: tcvn3, or tcvn3/latin-1")
    parser.add_argument("--errors", type=int, default=0, help="failing texts shown for each breakage")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument("--tables", type=Path, default=TABLES, help="folder of tcvn3.tsv, vni.tsv ...")
    return parser.parse_args()


def main() -> None:
    """Print the table, a row at a time; write it where asked to."""
    options = _options()
    wanted = [each for each in breakages(options.tables) if _wanted(each, options.only)]
    if not wanted:
        sys.exit(f"no breakage {options.only!r}")

    @cache
    def texts(held_out: bool) -> tuple[list[str], list[str]]:
        whole = articles(options.corpus, options.seed, held_out=held_out)
        return sentences(whole, _POOL * options.sentences, options.seed), whole

    stage, rows = Stage(), []
    head = f"{'n':>7}{'exact %':>9}{'undecided':>10}{'partly':>7}{'wrong':>6}"
    print(f"{'':29}{'  sentences':<41}{'  articles'}\n{'breakage':<16}{'form':<13}  {head}  {head}")
    for breakage in wanted:
        aim = _AIMS.get(breakage.name, _SENTENCE_AIM)
        single, whole = texts(breakage.name == "viqr")
        few, few_folded = taken(breakage, single, options.sentences, stage)
        many, many_folded = taken(breakage, whole, options.articles, stage)
        row = Row(
            breakage.name,
            breakage.form,
            measured(few, aim, few_folded),
            measured(many, _ARTICLE_AIM, many_folded),
        )
        print(row.line, flush=True)
        for line in (*failures(few, options.errors), *failures(many, options.errors)):
            print(line)
        rows.append(row)
    print("\n< below its aim   * curly quotes, en dashes and ellipses made ASCII first, for enough texts")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    sys.exit(not all(row.sentences.reached and row.articles.reached for row in rows))


if __name__ == "__main__":
    main()
