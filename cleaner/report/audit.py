"""`cleaner audit` for a person, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec.structs import asdict

from cleaner.audit import Audited, audit
from cleaner.io.places import settings_here
from cleaner.planted import BANDS, NO_RATIO, Tally, Verdicts
from cleaner.planting.intervals import share, wilson
from cleaner.planting.kinds import EXPECTED
from cleaner.session import progress_bar

_DUPLICATES, _TRAPS = ("either", "a", "b"), ("none",)
_PROBLEMS = 20  # shown
_WRONG_SHOWN = 10


def audit_command(
    names: Sequence[str], config_file: Path | None, size: int, *, json: bool, show_wrong: bool
) -> int:
    """Do what `cleaner audit` was asked to, and return the exit code."""
    loaded = settings_here(config_file)
    with progress_bar(json) as progress:
        found = audit(loaded, names, size, progress)
    for problem in found.problems[:_PROBLEMS]:
        click.echo(f"cleaner: skipped: {problem}", err=True)
    floor = loaded.settings.near_duplicate.threshold
    if json:
        click.echo(msgspec.json.encode(_as_json(found, floor)).decode())
        return 0
    for line in _lines(found, floor):
        click.echo(line)
    for line in _wrong(found.verdicts) if show_wrong else ():
        click.echo(line)
    return 0


def _lines(found: Audited, floor: float) -> Iterator[str]:
    verdicts = found.verdicts
    made = f"{found.documents:,} documents, {found.paragraphs:,} paragraphs"
    yield f"{made}, made of pieces of {found.sample:,} of {found.read:,} documents"
    yield ""
    head = "".join(f"{name:>9}" for name in ("planted", "went", "right", "wrong"))
    told = f"right, with the 95 % interval; at ratio {floor:g} or more, or without"
    yield f"{'kind':18}{'should':>8}{head}   {told}"
    for kind, expected in verdicts.kinds():
        tally = verdicts.total([expected], kind=kind)
        counts = "".join(f"{count:9,}" for count in asdict(tally).values())
        yield f"{kind:18}{expected:>8}{counts}   {_told(expected, _likely(verdicts, kind, expected, floor))}"
    yield ""
    yield ", ".join(f"{name}: {meaning}" for name, meaning in EXPECTED.items())
    yield ""
    yield from (f"{name:44}{share(*counts)}" for name, counts in _summary(found, floor).items())
    rules = Counter(f"{drop.stage}.{drop.rule}" for _, drop in verdicts.others if drop.short)
    yield from (f"    by {rule:37}{count:,}" for rule, count in rules.most_common())


def _likely(verdicts: Verdicts, kind: str, expected: str, floor: float) -> Tally:
    """Return what of a kind is alike enough to go at all, and what has no ratio."""
    bands = [band for band in BANDS if band >= min(floor, _lowest(floor))]
    return verdicts.total([expected], kind=kind, bands=[*bands, NO_RATIO])


def _lowest(floor: float) -> float:
    """Return the lowest band that begins at a threshold or above."""
    return min(band for band in BANDS if band >= floor)


def _told(expected: str, tally: Tally) -> str:
    if expected == "free":
        return f"{tally.dropped:,} of {tally.planted:,} went"
    return share(tally.planted - tally.wrong if expected == "none" else tally.right, tally.planted)


def _summary(found: Audited, floor: float) -> dict[str, tuple[int, int]]:
    """Return the figures that count, each as (so many, of so many)."""
    verdicts = found.verdicts
    bands = [band for band in BANDS if band >= _lowest(floor)]
    duplicates = verdicts.total(_DUPLICATES, bands=bands)
    judged = verdicts.total([*_DUPLICATES, *_TRAPS])
    traps = verdicts.total(_TRAPS, bands=BANDS)
    sided = verdicts.total(["a", "b"], bands=BANDS)
    short = sum(drop.short for _, drop in verdicts.others)
    return {
        f"recall at ratio {floor:g} or more": (duplicates.right, duplicates.planted),
        "precision on what was planted": (judged.right, judged.right + judged.wrong),
        "traps that went": (traps.wrong, traps.planted),
        "the fuller side stayed": (sided.right, sided.right + sided.wrong),
        "not planted, and went": (len(verdicts.others), found.paragraphs),
        "of paragraphs shorter than 40 characters": (short, found.short),
    }


def _wrong(verdicts: Verdicts) -> Iterator[str]:
    for name, rows in (("wrong", verdicts.wrong), ("missed", verdicts.missed)):
        step = max(1, len(rows) // _WRONG_SHOWN)
        for row in rows[::step][:_WRONG_SHOWN]:
            ratio = "" if row["ratio"] is None else f" ratio {row['ratio']:g}"
            yield f"{name}: {row['kind']}{ratio} {' '.join(row['how'])}"


def _as_json(found: Audited, floor: float) -> dict[str, Any]:
    verdicts = found.verdicts
    return {
        "documents": found.documents,
        "paragraphs": found.paragraphs,
        "short_paragraphs": found.short,
        "sample": found.sample,
        "threshold": floor,
        "kinds": [
            {"kind": kind, "should": expected} | asdict(verdicts.total([expected], kind=kind))
            for kind, expected in verdicts.kinds()
        ],
        "summary": {name: _interval(*counts) for name, counts in _summary(found, floor).items()},
    }


def _interval(hits: int, total: int) -> dict[str, Any]:
    low, high = wilson(hits, total) if total else (None, None)
    return {"count": hits, "of": total, "share": hits / total if total else None, "low": low, "high": high}
