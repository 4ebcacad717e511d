"""Runs that follow runs: what is done stays done, what is published stays as it is."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from cleaner.errors import CleanerError
from cleaner.plan import Options
from cleaner.restoring import verify_output

FIRST = "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường."
NEARLY = "Thủ tướng đã họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường."
FULLER = "Thủ tướng họp báo sáng 15-3 nay về giá xăng dầu và các biện pháp bình ổn thị trường."
OTHER = "The committee will meet again on Monday to discuss the budget of the harbour."
NEW = "Một con đường mới vừa được khánh thành ở vùng cao sau bốn năm thi công."


def records(*texts: str) -> str:
    return "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)


@pytest.fixture
def inputs(tmp_path, fill) -> Path:
    return fill(tmp_path / "in", {"b.txt": f"{FIRST}\nA title\n", "c.jsonl": records(OTHER, "x", "y")})


@pytest.fixture
def out(tmp_path, inputs, clean) -> Path:
    """An output after one run."""
    assert clean(inputs, tmp_path / "out").exit_code == 0
    return tmp_path / "out"


def test_a_file_added_later_is_the_only_one_written(inputs, out, clean, fill, stamps):
    before = stamps(out)
    fill(inputs, {"a.txt": NEW})
    outcome = clean(inputs, out)
    assert (outcome.summary.run, outcome.summary.unchanged, outcome.summary.counts["documents"]) == (2, 2, 1)
    after = stamps(out)
    written = {name for name in after if after[name] != before.get(name)}
    index = {name for name in written if name.startswith("state/index/000002.000/")}
    assert "state/index/000002.000/head.json" in index
    written -= index
    assert written == {
        "clean/a.txt",
        "ledger/a.txt.ledger.jsonl",
        "report/changes.patch",
        "report/summary.json",
        "state/edges/000002.jsonl",
        "state/lock",
        "state/runs/000002.json",
    }
    assert verify_output(str(out)).differences == ()


@pytest.mark.parametrize("text", [FIRST, f"{FIRST} ", NEARLY])
def test_a_newcomer_gives_way_to_what_is_published(inputs, out, clean, fill, entries, stamps, text):
    """Though its path comes first: what is published is never rewritten."""
    published = stamps(out / "clean")["b.txt"]
    fill(inputs, {"a.txt": f"{NEW}\n{text}\n"})
    clean(inputs, out)
    assert (out / "clean/a.txt").read_text(encoding="utf-8") == f"{NEW}\n"
    assert stamps(out / "clean")["b.txt"] == published
    (change,) = [line["drop"] for line in entries(out / "ledger/a.txt.ledger.jsonl") if "drop" in line]
    assert change["survivor"]["path"] == "b.txt" and change["survivor"]["published"]


def test_a_newcomer_that_says_more_stays_beside_what_is_published(inputs, out, clean, fill, entries, stamps):
    published = stamps(out / "clean")["b.txt"]
    fill(inputs, {"a.txt": f"{FULLER}\n"})
    outcome = clean(inputs, out)
    assert (out / "clean/a.txt").read_text(encoding="utf-8") == f"{FULLER}\n"
    assert stamps(out / "clean")["b.txt"] == published
    assert outcome.summary.counts["held_back"] == 1
    (suspect,) = [line["suspect"] for line in entries(out / "ledger/a.txt.ledger.jsonl") if "suspect" in line]
    assert suspect["other"]["path"] == "b.txt"


def test_a_changed_input_replaces_itself_and_nothing_else(inputs, out, clean, fill, stamps, tmp_path, tree):
    before = stamps(out)
    fill(inputs, {"b.txt": f"{FIRST}\nAnother title\n"})
    outcome = clean(inputs, out)
    assert (outcome.summary.counts["documents"], outcome.summary.counts["dropped"]) == (1, 0)
    assert (out / "clean/b.txt").read_text(encoding="utf-8") == f"{FIRST}\n\nAnother title\n"
    assert stamps(out)["clean/c.jsonl"] == before["clean/c.jsonl"]
    assert verify_output(str(out)).differences == ()


def test_a_touched_input_is_known_by_its_content(inputs, out, clean, stamps):
    before = stamps(out)
    os.utime(inputs / "b.txt", ns=(1, 1))
    shutil.copy(inputs / "c.jsonl", inputs / "new")
    os.replace(inputs / "new", inputs / "c.jsonl")
    assert clean(inputs, out).summary is None
    assert stamps(out) == before


def test_force_finds_a_change_that_size_and_time_hide(inputs, out, clean, stamps):
    before, status = stamps(out), (inputs / "b.txt").stat()
    with (inputs / "b.txt").open("r+b") as stream:
        stream.seek(-2, os.SEEK_END)
        stream.write(b"E")
    os.utime(inputs / "b.txt", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert clean(inputs, out).summary is None
    assert stamps(out) == before
    assert clean(inputs, out, options=Options(force=True)).summary.counts["documents"] == 1
    assert (out / "clean/b.txt").read_text(encoding="utf-8").endswith("A titlE\n")


def test_changed_settings_are_said_and_reprocess_applies_them(inputs, out, clean, stamps):
    before = stamps(out)
    outcome = clean(inputs, out, layout="keep")
    assert outcome.summary is None and "--reprocess" in outcome.note
    assert stamps(out) == before
    outcome = clean(inputs, out, layout="keep", options=Options(reprocess=True))
    assert (outcome.summary.counts["documents"], outcome.summary.counts["dropped"]) == (4, 0)
    assert (out / "clean/b.txt").read_text(encoding="utf-8") == f"{FIRST}\nA title\n"
    assert clean(inputs, out, layout="keep").note.endswith("no file was written.")


def test_an_input_that_is_gone_means_nothing(inputs, out, clean, stamps):
    before = stamps(out)
    os.unlink(inputs / "b.txt")
    assert clean(inputs, out).summary is None
    assert stamps(out) == before
    assert verify_output(str(out)).differences == ()


def test_a_dry_run_writes_nothing_and_tells_the_same(inputs, tmp_path, clean, stamps):
    told = clean(inputs, tmp_path / "out", options=Options(dry_run=True)).summary
    assert sorted(os.listdir(tmp_path)) == ["in"]
    assert told.counts == clean(inputs, tmp_path / "out").summary.counts
    before = stamps(tmp_path / "out")
    assert clean(inputs, tmp_path / "out", options=Options(dry_run=True)).summary is None
    again = clean(inputs, tmp_path / "out", options=Options(dry_run=True, reprocess=True))
    assert again.summary.dry and again.summary.counts == told.counts
    assert stamps(tmp_path / "out") == before


def test_a_file_taken_in_part_is_not_done(inputs, tmp_path, clean):
    out = tmp_path / "out"
    assert clean(inputs, out, options=Options(limit=2)).summary.counts["documents"] == 2
    assert (out / "clean/c.jsonl").read_bytes().count(b"\n") == 1
    assert verify_output(str(out)).differences == ()
    outcome = clean(inputs, out)
    assert (outcome.summary.unchanged, outcome.summary.counts["documents"]) == (1, 3)
    assert (out / "clean/c.jsonl").read_bytes() == (inputs / "c.jsonl").read_bytes()
    assert clean(inputs, out).summary is None


@pytest.mark.parametrize("changed", [False, True])
def test_a_done_file_taken_anew_in_part_is_not_done_any_more(inputs, out, clean, fill, changed):
    if changed:
        fill(inputs, {"c.jsonl": records(NEW, "x", "y", "z")})
    clean(inputs, out, options=Options(limit=2, reprocess=True))
    assert verify_output(str(out)).differences == ()
    outcome = clean(inputs, out)
    assert outcome.summary and outcome.summary.counts["documents"] >= 3
    assert (out / "clean/c.jsonl").read_bytes() == (inputs / "c.jsonl").read_bytes()
    assert verify_output(str(out)).differences == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("d.txt", "d.txt/e.txt", id="file becomes folder"),
        pytest.param("d.txt/e.txt", "d.txt", id="folder becomes file"),
    ],
)
def test_an_input_whose_place_is_taken_stops_nothing_else(inputs, out, clean, fill, before, after):
    """What stands in its place is published, and the absence of an input withdraws nothing."""
    fill(inputs, {before: "One line of text."})
    clean(inputs, out)
    shutil.rmtree(inputs / "d.txt", ignore_errors=True)
    (inputs / "d.txt").unlink(missing_ok=True)
    fill(inputs, {after: "Another line of text.", "f.txt": "Something new."})
    outcome = clean(inputs, out)
    assert outcome.exit_code == 3
    assert [os.fsdecode(problem.path) for problem in outcome.problems] == [after]
    assert (out / "clean/f.txt").read_text() == "Something new.\n"
    assert (out / "clean" / before).read_text() == "One line of text.\n"
    assert verify_output(str(out)).differences == ()
    assert clean(inputs, out).summary is None


@pytest.mark.parametrize(("limit", "documents"), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 6)])
def test_a_limit_counts_documents(tmp_path, fill, clean, limit, documents):
    """Not lines: neither blank ones, records that cannot be read, nor the end of a file count."""
    inputs = fill(
        tmp_path / "in",
        {
            "a.jsonl": "\n\nbad\n" + records("one", "two"),
            "b.jsonl": records("three", "four") + '{"text": null}\n',
            "c.txt": "five\n",
            "d.jsonl": "\n\n",
            "e.jsonl": records("six"),
        },
    )
    counts = clean(inputs, tmp_path / "out", options=Options(limit=limit)).summary.counts
    assert counts["documents"] == documents


def test_what_was_cleaned_and_cannot_be_read_any_more_is_still_compared_with(tmp_path, fill, clean):
    """Its clean text stands; a copy of that must not be published beside it."""
    packed = gzip.compress(f"{FIRST}\n".encode())
    inputs = fill(tmp_path / "in", {"a.txt.gz": packed})
    clean(inputs, tmp_path / "out")
    fill(inputs, {"a.txt.gz": packed[:-9], "b.txt": f"{FIRST}\n{NEW}\n"})
    outcome = clean(inputs, tmp_path / "out")
    assert outcome.exit_code == 3
    assert [os.fsdecode(problem.path) for problem in outcome.problems] == ["a.txt.gz"]
    assert gzip.decompress((tmp_path / "out/clean/a.txt.gz").read_bytes()) == f"{FIRST}\n".encode()
    assert (tmp_path / "out/clean/b.txt").read_text(encoding="utf-8") == f"{NEW}\n"
    assert verify_output(str(tmp_path / "out")).differences == ()


def test_clean_text_that_cannot_be_read_any_more_stops_nothing(tmp_path, fill, clean):
    """`verify` tells of it; a run has inputs to clean."""
    inputs = fill(tmp_path / "in", {"a.txt.gz": gzip.compress(f"{FIRST}\n".encode())})
    clean(inputs, tmp_path / "out")
    published = tmp_path / "out/clean/a.txt.gz"
    published.write_bytes(published.read_bytes()[:-9])
    fill(inputs, {"b.txt": f"{NEW}\n"})
    outcome = clean(inputs, tmp_path / "out")
    assert (outcome.exit_code, outcome.problems) == (0, ())
    assert (tmp_path / "out/clean/b.txt").read_text(encoding="utf-8") == f"{NEW}\n"
    assert [line.split(":")[0] for line in verify_output(str(tmp_path / "out")).differences] == ["a.txt.gz"]


class Meddler:
    """Changes inputs when the passes of a run reach a certain moment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: str, name: str, action) -> None:
        import importlib

        place = importlib.import_module(module)
        original, self.times = getattr(place, name), 0

        def meddling(*arguments, **keywords):
            self.times += 1
            if self.times == 1:
                action()
            return original(*arguments, **keywords)

        monkeypatch.setattr(place, name, meddling)


def grown(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(records(NEW, OTHER).encode())


def rewritten(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"o", b"u"))


@pytest.mark.parametrize("victim", ["a.txt", "c.jsonl", "d.txt"])
@pytest.mark.parametrize("change", [grown, rewritten, os.unlink], ids=["grown", "rewritten", "deleted"])
@pytest.mark.parametrize("moment", ["cleaner.work.scan_shard", "cleaner.passes.write_shard"])
def test_an_input_that_changes_meanwhile_is_left_for_the_next_run(
    tmp_path, inputs, clean, fill, monkeypatch, moment, change, victim
):
    """No other input loses a paragraph for the sake of what it said."""
    fill(inputs, {"a.txt": f"{FIRST}\n", "d.txt": f"{OTHER} More.\nLast.\n"})
    module, _, name = moment.rpartition(".")
    Meddler(monkeypatch, module, name, lambda: change(inputs / victim))
    outcome = clean(inputs, tmp_path / "out")
    assert outcome.exit_code == 3
    assert [os.fsdecode(problem.path) for problem in outcome.problems] == [victim]
    monkeypatch.undo()
    assert not (tmp_path / "out/clean" / victim).exists()
    for ledger in (tmp_path / "out/ledger").iterdir():
        assert f'"path":"{victim}"' not in ledger.read_text(encoding="utf-8")
    assert verify_output(str(tmp_path / "out")).differences == ()
    again = clean(inputs, tmp_path / "out")
    assert again.exit_code == 0
    assert (again.summary is None) == (change is os.unlink)
    assert verify_output(str(tmp_path / "out")).differences == ()


def test_an_input_that_grows_while_it_is_written(tmp_path, inputs, clean, monkeypatch):
    """The reader sees records that no scan has seen."""
    from cleaner.io import shards

    texts = [f"Record {number}. " * 2_000 for number in range(160)]
    (inputs / "c.jsonl").write_text(records(*texts), encoding="utf-8")
    (inputs / "d.txt").write_text("After it.\n", encoding="utf-8")
    assert (inputs / "c.jsonl").stat().st_size > 2 << 20  # more than a read buffer
    opened = shards.open_input
    times = 0

    @contextmanager
    def growing(file):
        nonlocal times
        with opened(file) as stream:
            times += file.path == b"c.jsonl"
            if file.path == b"c.jsonl" and times == 2:
                grown(inputs / "c.jsonl")
            yield stream

    monkeypatch.setattr(shards, "open_input", growing)
    outcome = clean(
        inputs, tmp_path / "out", near_duplicate={"enabled": False}, boilerplate={"enabled": False}
    )
    assert [str(problem) for problem in outcome.problems] == [
        "c.jsonl: changed while it was read; left for the next run"
    ]
    assert sorted(os.listdir(tmp_path / "out/clean")) == ["b.txt", "d.txt"]
    assert verify_output(str(tmp_path / "out")).differences == ()


def test_inputs_that_never_come_to_rest_end_the_run(tmp_path, inputs, clean, fill, monkeypatch):
    fill(inputs, {f"{number}.txt": f"Text {number} here." for number in range(6)})
    import cleaner.passes

    original = cleaner.passes.write_shard
    victims = iter(sorted(inputs.iterdir()))

    def meddling(*arguments, **keywords):
        os.utime(next(victims), ns=(1, 1))
        return original(*arguments, **keywords)

    monkeypatch.setattr(cleaner.passes, "write_shard", meddling)
    with pytest.raises(CleanerError, match="keep changing") as caught:
        clean(inputs, tmp_path / "out")
    assert caught.value.exit_code == 4
    assert not (tmp_path / "out/clean").exists()
