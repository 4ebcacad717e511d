"""How right the pipeline is: on planted noise by kind, and on pairs that a person has judged, by setting.

    python benchmarks/quality.py SOURCE --size 100MB
    python benchmarks/quality.py SOURCE --curve 20000 --labelled PAIRS.jsonl --svg docs/images/tuning.svg

SOURCE is what `build_corpus.py` takes. A corpus is planted and cleaned by the command itself with the default
settings (or those of --config), and the ledger is compared with the truth:

    right     what should go went, and the side that must stay stayed
    wrong     what should stay went: a trap, or the fuller side of a pair
    others    what went without having been planted: chance, or a fault; --show N prints some

Recall is the share of what should go that went; precision the share right among what went and can be judged.
Both come with Wilson 95 % intervals. Of planted pairs precision depends on how many traps were planted: read
the traps one by one, and judge precision on real pairs (--labelled: JSON lines with a, b, label, keep).

The curve asks the fact guard alone about pairs at every threshold and level; recall ("went") is of all
duplicates given that have a ratio of 80 or more.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, get_args

from build_corpus import SHARE, build, size_of, source_texts
from labelled_pairs import Outcome, outcomes
from msgspec.structs import asdict, astuple
from svg import Axis, Line, line_chart

from cleaner.dedup.facts import FactGuard, Level
from cleaner.io.settings_file import load_fact_words
from cleaner.planted import BANDS, NO_RATIO, Tally, Verdicts, judged, output_of, rows_of
from cleaner.planting.corpus import Corpus
from cleaner.planting.intervals import share
from cleaner.planting.kinds import EXPECTED
from cleaner.planting.layout import layout_for
from cleaner.planting.pool import pool_of

_FILES = 4
_FLOOR = 80.0
_THRESHOLDS = range(80, 99, 2)
_DUPLICATES, _TRAPS = ("either", "a", "b"), ("none",)
_HEAD = "".join(f"{name:>9}" for name in ("planted", "went", "right", "wrong"))
_LABELS = {
    "either": ("duplicate", None),
    "a": ("duplicate", "b"),
    "b": ("duplicate", "a"),
    "none": ("distinct", None),
}


def cleaned(corpus: Path, out: Path, options: argparse.Namespace) -> None:
    """Run the command on a corpus."""
    command = [sys.executable, "-m", "cleaner", "run", str(corpus), "-o", str(out), "--quiet"]
    command += ["--config", str(options.config)] if options.config else []
    command += ["--workers", str(options.workers)] if options.workers else []
    found = subprocess.run(command, check=False)
    if found.returncode not in (0, 3):
        sys.exit(f"{' '.join(command)} ended with {found.returncode}")


def report(verdicts: Verdicts, paragraphs: int, floor: float) -> Iterator[str]:
    """Yield the tables: by kind, by ratio, by edit, and what else went."""
    near = [band for band in BANDS if band >= floor]
    yield f"{'kind':18}{'should':>7}{_HEAD}   right, of those at ratio {floor:g} or more, or without"
    for kind, expected in verdicts.kinds():
        tally = verdicts.total([expected], kind=kind)
        likely = verdicts.total([expected], kind=kind, bands=[*near, NO_RATIO])
        yield f"{kind:18}{expected:>7}{_figures(tally)}   {_told(expected, likely)}"
    yield "\n" + ", ".join(f"{name}: {meaning}" for name, meaning in EXPECTED.items())
    for name, expectations in (("duplicates", _DUPLICATES), ("traps", _TRAPS)):
        yield f"\n{name:25}{_HEAD}"
        for band in BANDS:
            yield f"{f'ratio from {band:g}':25}{_figures(verdicts.total(expectations, bands=[band]))}"
    yield f"\n{'one edit only':25}{_HEAD}"
    yield from (f"{edit:25}{_figures(tally)}" for edit, tally in sorted(verdicts.edits.items()))
    yield ""
    yield from (f"{name:40}{text}" for name, text in summary(verdicts, paragraphs, floor).items())


def summary(verdicts: Verdicts, paragraphs: int, floor: float) -> dict[str, str]:
    """Return the figures that count, as text with their intervals."""
    duplicates = verdicts.total(_DUPLICATES, bands=[band for band in BANDS if band >= floor])
    judged_ = verdicts.total([*_DUPLICATES, *_TRAPS])
    traps = verdicts.total(_TRAPS, bands=BANDS)
    sided = verdicts.total(["a", "b"], bands=BANDS)
    short = sum(drop.short for _, drop in verdicts.others)
    return {
        f"recall at ratio {floor:g} or more": share(duplicates.right, duplicates.planted),
        "precision on what was planted": share(judged_.right, judged_.right + judged_.wrong),
        "traps that went": share(traps.wrong, traps.planted),
        "the fuller side stayed": share(sided.right, sided.right + sided.wrong),
        "not planted, and went": f"{len(verdicts.others):,} of {paragraphs:,} paragraphs",
        "of them shorter than 40 characters": f"{short:,}",
    }


def _figures(tally: Tally) -> str:
    return "".join(f"{count:9,}" for count in astuple(tally))


def _told(expected: str, tally: Tally) -> str:
    if expected == "free":
        return f"{tally.dropped:,} of {tally.planted:,} went"
    return share(tally.planted - tally.wrong if expected == "none" else tally.right, tally.planted)


def examples(verdicts: Verdicts, count: int) -> Iterator[str]:
    """Yield some of what went wrong, of what was missed, and of what else went."""
    for name, rows in (("wrong", verdicts.wrong), ("missed", verdicts.missed)):
        for row in rows[:: max(1, len(rows) // count)][:count]:
            places = "  ".join(f"{_place(row[side])}" for side in ("a", "b") if row[side])
            yield f"{name}: {row['kind']} {row['ratio']} {' '.join(row['how'])}  {places}"
    step = max(1, len(verdicts.others) // count)
    for (document, paragraph), drop in verdicts.others[::step][:count]:
        yield f"other: {drop.stage}.{drop.rule} {document} {paragraph} for {drop.survivor}: {drop.text}"


def _place(place: dict[str, Any]) -> str:
    return f"{place['path']}:{place['record']} line {place['line']}"


def planted_pairs(corpus: Corpus, count: int) -> list[dict[str, Any]]:
    """Return the planted near-duplicates of the first documents as labelled pairs."""
    rows = (row for number in range(count) for row in corpus.document(number).plantings)
    pairs = []
    for row in rows:
        if row.a and row.texts[0] != row.texts[1] and row.expected in _LABELS and row.kind not in _BROKEN:
            label, keep = _LABELS[row.expected]
            pairs.append(
                {"kind": row.kind, "a": row.texts[0], "b": row.texts[1], "label": label, "keep": keep}
            )
    return pairs


_BROKEN = ("mojibake", "old_encoding", "credit", "document")  # other stages mend them first


def curve(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield precision and recall at each level and threshold, of judged pairs with ratio 80 or more."""
    words = [load_fact_words(language) for language in ("vi", "en")]
    for level in get_args(Level):
        found = list(outcomes(rows, FactGuard(words, level), _FLOOR))
        for threshold in _THRESHOLDS:
            yield {"facts": level, "threshold": threshold} | _point(found, threshold)


def _point(found: Sequence[Outcome], threshold: float) -> dict[str, int]:
    drops = [one for one in found if one.dropped and one.score >= threshold]
    duplicates = sum(one.duplicate for one in found)
    near = [one for one in found if one.duplicate and one.score >= threshold]
    right = sum(one.right for one in drops)
    counts = {"drops": len(drops), "right": right, "duplicates": duplicates, "duplicates_near": len(near)}
    return counts | {"duplicates_dropped": sum(bool(one.dropped) for one in near)}


def curve_table(points: Sequence[dict[str, Any]], floor: float) -> Iterator[str]:
    """Yield the curve as a Markdown table, then precision and recall with intervals at one threshold.

    The two orders of a pair count as one observation.
    """
    levels = get_args(Level)
    yield "| threshold | " + " | ".join(f"{level}: right | went" for level in levels) + " |"
    yield "|---" * (1 + 2 * len(levels)) + "|"
    for threshold in _THRESHOLDS:
        cells = [f"{value:.1f} %" for level in levels for value in _shares(_at(points, level, threshold))]
        yield f"| {threshold} | " + " | ".join(cells) + " |"
    for level in levels:
        point = _at(points, level, round(floor))
        right = share(point["right"], point["drops"], observations=0.5)
        went = share(point["duplicates_dropped"], point["duplicates_near"], observations=0.5)
        yield f"{level} at {floor:g}: precision {right}, recall from {floor:g} on {went}"


def _at(points: Sequence[dict[str, Any]], level: str, threshold: int) -> dict[str, Any]:
    return next(one for one in points if (one["facts"], one["threshold"]) == (level, threshold))


def _shares(point: dict[str, Any]) -> tuple[float, float]:
    """Return precision and recall in percent."""
    right = 100 * point["right"] / max(1, point["drops"])
    return right, 100 * point["duplicates_dropped"] / max(1, point["duplicates"])


def picture(points: Sequence[dict[str, Any]]) -> str:
    """Return the curve as a picture: precision and, dashed, recall at each level."""
    lines = []
    for colour, level in enumerate(get_args(Level)):
        shares = [(threshold, _shares(_at(points, level, threshold))) for threshold in _THRESHOLDS]
        right = [(float(threshold), both[0]) for threshold, both in shares]
        went = [(float(threshold), both[1]) for threshold, both in shares]
        lines.append(Line(f"right, {level}", right, colour=colour))
        lines.append(Line(f"went, {level}", went, dashed=True, colour=colour))
    axes = Axis("near_duplicate.threshold"), Axis("%", low=0, high=100)
    title = "Of what went, the share that is right; of the duplicates, the share that went"
    return line_chart(title, lines, *axes)


def planted(corpus: Corpus, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Build a corpus in a folder, clean it, print what became of it and return the figures."""
    layout = layout_for(corpus, options.size, _FILES, jsonl=True)
    about = build(corpus, layout, folder, workers=options.workers or 2)
    cleaned(folder / "corpus", folder / "out", options)
    verdicts = judged(partial(rows_of, folder / "truth.jsonl"), output_of(folder / "out"))
    print(*report(verdicts, about["paragraphs"], options.floor), sep="\n")
    if options.show:
        print("", *examples(verdicts, options.show), sep="\n")
    kinds = {f"{kind} {told}": asdict(verdicts.total([told], kind=kind)) for kind, told in verdicts.kinds()}
    bands = {
        f"{name} {band:g}": asdict(verdicts.total(expectations, bands=[band]))
        for name, expectations in (("duplicates", _DUPLICATES), ("traps", _TRAPS))
        for band in BANDS
    }
    edits = {edit: asdict(tally) for edit, tally in verdicts.edits.items()}
    told = summary(verdicts, about["paragraphs"], options.floor)
    return {"corpus": about, "kinds": kinds, "bands": bands, "edits": edits, "summary": told}


def main() -> None:
    """Read the options, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--size", type=size_of, default=size_of("100MB"), help="of the corpus; 0: none")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=2 * SHARE, help=f"see build_corpus.py ({2 * SHARE})")
    parser.add_argument("--keep", type=Path, help="a new folder for the corpus and the output of the run")
    parser.add_argument("--config", type=Path, help="settings of the run")
    parser.add_argument("--workers", type=int)
    parser.add_argument(
        "--floor", type=float, choices=_THRESHOLDS, default=90, help="lowest ratio told of (90)"
    )
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N examples of each fault")
    parser.add_argument("--curve", type=int, default=0, metavar="N", help="the curve on N planted documents")
    parser.add_argument("--labelled", type=Path, help="the curve on judged pairs: a, b, label, keep")
    parser.add_argument("--svg", type=Path, help="the last curve as a picture")
    parser.add_argument("--json", type=Path, help="all figures")
    options = parser.parse_args()
    corpus = Corpus(pool_of(source_texts(options.source)), options.seed, options.share)
    figures: dict[str, Any] = {}
    if options.size:
        with tempfile.TemporaryDirectory() as folder:
            figures = planted(corpus, options.keep or Path(folder, "planted"), options)
    rows = {"planted": planted_pairs(corpus, options.curve)} if options.curve else {}
    if options.labelled:
        rows["labelled"] = [json.loads(line) for line in options.labelled.read_text("utf-8").splitlines()]
    for name, pairs in rows.items():
        figures[name] = points = list(curve(pairs))
        print(f"\n{name}: {len(pairs):,} pairs", *curve_table(points, options.floor), sep="\n")
        if options.svg:
            options.svg.write_text(picture(points), encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
