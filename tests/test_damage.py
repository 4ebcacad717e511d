"""Damage that is known alarms nobody again; what is new does, and so does what could not be read at all."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from cleaner import damage
from cleaner.io.catalogue import read_catalogue
from cleaner.io.state import Folders, read_manifest
from cleaner.plan import Options

CASES = json.loads((Path(__file__).parent / "cases/damage.json").read_text(encoding="utf-8"))
BINARY = bytes(range(32)) * 9
PACKED = gzip.compress(os.fsencode("A text that is cut off when it is packed.\n") * 3, mtime=0)
STRICT = Options(strict=True)
CUT = PACKED[:40]
GOOD, BAD = "One text.\n", "{bad\n"


def bytes_of(files: dict[str, str]) -> dict[str, bytes]:
    """Return what files hold; some words stand for bytes."""
    return {
        name: PACKED[: int(text[5:])] if text.startswith("GZIP") else text.encode().replace(b"BINARY", BINARY)
        for name, text in files.items()
    }


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_counts_as_known(case, fill, clean, tmp_path, workers):
    inputs, out = fill(tmp_path / "in", {"always.txt": GOOD, **bytes_of(case["files"])}), tmp_path / "out"
    first = clean(inputs, out, workers=workers)
    if "between" in case:
        clean(fill(inputs, bytes_of(case["between"])), out, workers=workers)
    fill(inputs, bytes_of(case["then"]))
    settings = {"text_field": case["text_field"]} if "text_field" in case else {}
    options = Options(reprocess=bool(settings))
    second = clean(inputs, out, workers=workers, options=options, **settings)
    assert first.exit_code == (3 if first.problems else 0)
    assert (second.exit_code, len(second.problems)) == (3 if case["new"] else 0, case["new"])
    if second.summary:
        assert len(second.summary.known) == case["known"]
        told = f"; {case['new']} skipped ({case['known']} known);"
        assert (told in second.summary.line("out")) == bool(case["known"])
    else:
        assert (f"{case['known']} skipped, as known from earlier runs." in second.note) == bool(case["known"])


@pytest.fixture
def inputs(tmp_path, fill) -> Path:
    """A text, a file and a record that cannot be read, and a link."""
    fill(tmp_path / "in", {"a.txt": GOOD, "bad.txt.gz": CUT, "r.jsonl": BAD})
    (tmp_path / "in/link.txt").symlink_to("a.txt")
    return tmp_path / "in"


def test_a_night_with_nothing_but_known_damage_is_a_quiet_one(inputs, command, stamps, tmp_path):
    first = command("run", "in", "-o", "out", "--quiet")
    assert first.returncode == 3 and first.stderr.count(b"skipped: ") == 3
    before = stamps(tmp_path / "out")
    for _ in range(2):
        ended = command("run", "in", "-o", "out", "--quiet")
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    told = command("run", "in", "-o", "out").stderr.decode()
    assert told.startswith("cleaner: nothing to do") or "nothing new could be read" in told
    assert "2 skipped, as known from earlier runs." in told and told.count("\n") == 1
    after = stamps(tmp_path / "out")
    del before["state/lock"], after["state/lock"]
    assert after == before


def test_strict_names_it_again(inputs, clean, command, tmp_path):
    clean(inputs, tmp_path / "out")
    ended = command("run", "in", "-o", "out", "--quiet", "--strict")
    assert ended.returncode == 3
    assert sorted(line.split(b": ")[2] for line in ended.stderr.splitlines()[:2]) == [
        b"bad.txt.gz",
        b"link.txt",
    ]
    assert command("run", "in", "-o", "out", "--quiet").returncode == 0, "it still is known"


@pytest.mark.parametrize("beside", [{}, {"b.txt": "Another text.\n"}])
@pytest.mark.parametrize("earlier", [False, True])
def test_new_damage_alarms_once(clean, fill, tmp_path, earlier, beside):
    """Also where nothing else is new, and in an output that has no clean text yet."""
    inputs, out = tmp_path / "in", tmp_path / "out"
    if earlier:
        clean(fill(inputs, {"a.txt": GOOD}), out)
    fill(inputs, {"worse.txt.gz": CUT, **beside})
    codes = [clean(inputs, out).exit_code for _ in range(3)]
    assert codes == [3, 0, 0]
    runs = read_catalogue(Folders(os.fsencode(out))).last_run
    assert runs == 1 + earlier, "only what was new is a run"


def test_a_run_of_damage_alone_keeps_what_stands(inputs, clean, command, fill, tree, tmp_path):
    out = tmp_path / "out"
    clean(inputs, out)
    before = tree(out)
    fill(inputs, {"worse.txt.gz": CUT})
    outcome = clean(inputs, out)
    assert outcome.exit_code == 3 and "1 problem will count as known from now on" in outcome.note
    after = tree(out)
    assert read_manifest(Folders(os.fsencode(out)), 2).skipped[0].path == b"worse.txt.gz"
    assert after.pop("state/runs/000002.json") and after == before
    assert command("verify", out).returncode == 0


def test_a_dry_run_remembers_nothing(inputs, clean, fill, tmp_path):
    clean(inputs, tmp_path / "out")
    fill(inputs, {"worse.txt.gz": CUT})
    for _ in range(2):
        outcome = clean(inputs, tmp_path / "out", options=Options(dry_run=True))
        assert outcome.exit_code == 3 and "known from now on" not in outcome.note


def test_what_could_not_be_read_at_all_alarms_each_time(inputs, clean, tmp_path):
    """A folder that is not mounted, a file without permission: a person can mend that, and should."""
    for _ in range(3):
        outcome = clean((inputs, tmp_path / "missing"), tmp_path / "out")
        assert outcome.exit_code == 3
    assert [problem.path for problem in outcome.problems] == [os.fsencode(tmp_path / "missing")]


def test_a_link_to_another_place_is_another_one(inputs, clean, tmp_path):
    clean(inputs, tmp_path / "out")
    os.unlink(inputs / "link.txt")
    (inputs / "link.txt").symlink_to("b.txt")
    assert [problem.path for problem in clean(inputs, tmp_path / "out").problems] == [b"link.txt"]


def test_what_is_remembered_is_a_file_that_was_written(fill, clean, tmp_path):
    inputs, out = fill(tmp_path / "in", {"a.txt": GOOD}), tmp_path / "out"
    clean(inputs, out)
    (inputs / "link.txt").symlink_to("a.txt")
    assert "; no clean text was written. 1 problem will count as known" in clean(inputs, out).note
    assert "; no file was written. 1 skipped, as known" in clean(inputs, out).note


def test_known_damage_stops_no_run(fill, clean, tmp_path):
    """Of many records that are damaged each night only new ones count."""
    bad = "".join(f"{{bad {number}\n" for number in range(50))
    inputs, out = fill(tmp_path / "in", {"r.jsonl": bad, "a.txt": GOOD}), tmp_path / "out"
    limits = {"min_documents": 10}
    clean(inputs, out, options=Options(force_publish=True), limits=limits)
    good = "".join(json.dumps({"text": f"Text number {number}."}) + "\n" for number in range(20))
    fill(inputs, {"r.jsonl": bad + good})
    outcome = clean(inputs, out, limits=limits)
    assert (outcome.exit_code, outcome.summary.counts["documents"], len(outcome.summary.known)) == (0, 20, 50)


def test_so_many_are_remembered_and_no_more(fill, clean, tmp_path, monkeypatch):
    monkeypatch.setattr(damage, "REMEMBERED", 5)
    inputs, out = fill(tmp_path / "in", {"r.jsonl": "".join(f"{{{n}\n" for n in range(9))}), tmp_path / "out"
    assert len(clean(inputs, out).problems) == 9
    fill(inputs, {"r.jsonl": "".join(f"{{{n}\n" for n in range(9)) + '{"text": "A text."}\n'})
    outcome = clean(inputs, out)
    assert (len(outcome.problems), len(outcome.summary.known)) == (4, 5)
    assert "known" not in clean(inputs, out).note


def test_the_summary_tells_both(inputs, clean, fill, tmp_path):
    clean(inputs, tmp_path / "out")
    fill(inputs, {"b.txt": "Another text.\n", "r.jsonl": BAD + "[1]\n"})
    clean(inputs, tmp_path / "out")
    told = json.loads((tmp_path / "out/report/summary.json").read_bytes())
    assert [(each["path"], each["line"]) for each in told["problems"]] == [("r.jsonl", 2)]
    assert [each["path"] for each in told["known_problems"]] == ["link.txt", "bad.txt.gz", "r.jsonl"]
