"""What a preview says of another threshold is what a run with it does, to the paragraph."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import pytest

from cleaner.errors import StateError, UsageError
from cleaner.io.decisions import append_decisions
from cleaner.io.output import output_folders, read_documents
from cleaner.io.pairs import pairs_of, read_pairs, stored_scores
from cleaner.io.paragraph_texts import paragraph_texts
from cleaner.plan import Options
from cleaner.preview import Preview, preview
from cleaner.settings import Settings
from cleaner.text.decisions import Decision

BASES = (
    "Sáng nay lực lượng chức năng đã có mặt tại hiện trường để tiến hành điều tra làm rõ vụ việc",
    "Theo lời kể của người dân sống gần đó thì ngọn lửa bùng lên rất nhanh rồi lan sang nhà bên cạnh",
    "Hiện vụ việc vẫn đang được cơ quan công an tiếp tục điều tra làm rõ và xử lý theo quy định",
    "The council said on Monday that the bridge would stay closed until engineers had looked at it",
    "Nhiều người đi đường đã dừng lại giúp đỡ nạn nhân trước khi xe cứu thương đến đưa họ vào bệnh viện",
)
EXTRA = ("rất", "đã", "vẫn", "cũng", "ngay", "liền", "khá", "hơn", "again", "also", "then", "quickly")


def varied(base: str, dice: random.Random) -> str:
    """Return a text with some words more or less, so that ratios lie between 80 and 100."""
    words = base.split()
    for _ in range(dice.choice((0, 0, 1, 1, 2, 3))):
        at = dice.randrange(1, len(words))
        if dice.random() < 0.5:
            words.insert(at, dice.choice(EXTRA))
        else:
            del words[at]
    return " ".join(words) + dice.choice((".", ".", "", " ."))


def corpus(folder: Path, seed: int, documents: int = 40) -> Path:
    """Write JSON lines and .txt files: near-duplicates, copies in a document, titles, equal documents."""
    dice = random.Random(seed)
    records, texts = [], []
    for number in range(documents):
        lines = [varied(dice.choice(BASES), dice) for _ in range(dice.randint(4, 6))]
        if dice.random() < 0.3:  # titles that say less than a line of their text
            lines[0] = " ".join(lines[1].split()[1:-4])
        if dice.random() < 0.5:  # copies in the body, which the stage of repeats lets stand
            lines.append(lines[1])
        if dice.random() < 0.2 and texts:
            lines = texts[-1]
        texts.append(lines)
        text = "\n".join([lines[0], "", *lines[1:]])
        records.append({"id": f"d{number}", "source": dice.choice("abc"), "text": text})
    folder.mkdir()
    with open(folder / "z.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    for number, lines in enumerate(texts[::7]):
        (folder / f"a{number}.txt").write_text("\n\n".join(reversed(lines)) + "\n", encoding="utf-8")
    return folder


def gone(out: Path) -> dict[tuple[str, int, int], tuple[object, ...]]:
    """Return what went as a near-duplicate, and for whose sake, by (path, record, paragraph)."""
    return {
        (document.path, document.record, change.paragraph): (
            change.survivor and (change.survivor.path, change.survivor.record, change.survivor.paragraph),
            change.score, change.reason,
        )
        for document in read_documents(str(out))
        for change in document.changes
        if change.dropped and change.steps[-1].stage == "near_duplicate"
    }  # fmt: skip


def check(found: Preview, before: Path, after: Path) -> None:
    """Hold a preview of the output `before` against a run that was made with the other threshold."""
    was, is_now = gone(before), gone(after)
    moved = {
        what: {(each.place.path, each.place.record, each.place.paragraph): each for each in group}
        for what, group in (("goes", found.goes), ("returns", found.returns))
    }
    assert is_now.keys() - was.keys() == moved["goes"].keys()
    assert was.keys() - is_now.keys() == moved["returns"].keys()
    for what, ledger in (("goes", is_now), ("returns", was)):
        for place, each in moved[what].items():
            other = each.other.path, each.other.record, each.other.paragraph
            assert (other, each.score, each.reason) == ledger[place]


RANKED = {"source_field": "source", "priority": {"sources": ["c", "b"]}}
THRESHOLDS = (80.0, 87.0, 91.0, 95.0, 100.0)


@pytest.mark.parametrize("settings", [{}, RANKED], ids=["plain", "ranked"])
def test_a_preview_is_what_a_run_does(tmp_path, clean, settings):
    inputs = corpus(tmp_path / "in", seed=3)
    outs = {threshold: tmp_path / str(threshold) for threshold in THRESHOLDS}
    for threshold, out in outs.items():
        clean(inputs, out, near_duplicate={"threshold": threshold}, shard_bytes=2000, **settings)
    chosen = Settings.model_validate(settings)
    stored = read_pairs(output_folders(str(outs[80.0])), 1)
    assert stored and len(stored.copies) > 5 and stored.pairs.titles.any()
    counts = {}
    for was, now in itertools.permutations(THRESHOLDS, 2):
        found = preview(str(outs[was]), now, chosen)
        check(found, outs[was], outs[now])
        assert (found.thresholds, found.other, found.without, found.unknown) == ((was,), (), (), 0)
        counts[was, now] = found
    assert {pair: found.now for pair, found in counts.items()} == {
        pair: counts[pair[::-1]].then for pair in counts
    }
    assert any(found.goes and found.returns for found in counts.values())


def test_what_people_decided_holds_at_any_threshold(tmp_path, clean):
    inputs = corpus(tmp_path / "in", seed=3)
    clean(inputs, tmp_path / "plain", near_duplicate={"threshold": 80.0})
    went = preview(str(tmp_path / "plain"), 100.0, Settings()).returns
    texts = paragraph_texts(
        str(tmp_path / "plain"), [place for each in went for place in (each.place, each.other)]
    )
    kept = [Decision("keep", texts[each.place]) for each in went[::9]]
    rejected = [
        Decision("reject", texts[each.place], "near_duplicate.near", texts[each.other]) for each in went[4::9]
    ]
    file = tmp_path / "decisions.jsonl"
    append_decisions(bytes(file), [*kept, *rejected])
    outs = {threshold: tmp_path / f"out{threshold}" for threshold in (80.0, 97.0)}
    for threshold, out in outs.items():
        clean(inputs, out, near_duplicate={"threshold": threshold}, decisions=str(file))
    assert gone(outs[80.0]) != gone(tmp_path / "plain")
    for was, now in itertools.permutations(outs, 2):
        check(preview(str(outs[was]), now, Settings()), outs[was], outs[now])


def test_several_runs_are_told_each_for_itself(tmp_path, clean):
    inputs, out = corpus(tmp_path / "in", seed=5), tmp_path / "out"
    clean(inputs, out)
    (inputs / "y.txt").write_text("\n".join(" ".join(base.split()[:-5]) for base in BASES))
    clean(inputs, out)
    before = gone(out)
    found = preview(str(out), 80.0, Settings())
    assert (found.runs, found.thresholds, found.unknown) == (2, (90.0,), 0)
    assert any(each.place.path == "y.txt" and each.other.published for each in found.goes)
    assert not before.keys() & {
        (each.place.path, each.place.record, each.place.paragraph) for each in found.goes
    }


def test_what_was_cleaned_again_since_counts_where_it_stands(tmp_path, clean):
    inputs, out = corpus(tmp_path / "in", seed=5), tmp_path / "out"
    clean(inputs, out)
    text = (inputs / "a1.txt").read_text()
    (inputs / "a1.txt").write_text(text + "\nNothing like all that stands here, and nobody says it again.\n")
    clean(inputs, out)
    found = preview(str(out), 80.0, Settings())
    assert {each.place.path for each in found.goes} >= {"z.jsonl"}
    assert found.unknown, "pairs of the first run with texts that the second replaced"
    assert all(each.place.published is False for each in (*found.goes, *found.returns))


def test_other_settings_are_named(tmp_path, clean):
    inputs, out = corpus(tmp_path / "in", seed=5, documents=5), tmp_path / "out"
    clean(inputs, out)
    assert preview(str(out), 85.0, Settings(near_duplicate={"threshold": 99.0})).other == ()
    assert preview(str(out), 85.0, Settings(near_duplicate={"facts": "off"})).other == (1,)


@pytest.mark.parametrize("why", ["old", "off", "gone", "withdrawn"])
def test_an_output_without_pairs_says_how_to_get_them(tmp_path, clean, why):
    inputs, out = corpus(tmp_path / "in", seed=5, documents=5), tmp_path / "out"
    clean(inputs, out, near_duplicate={"enabled": why != "off"})
    pairs = out / "state/edges/000001.jsonl"
    if why == "old":
        pairs.write_bytes(b"".join(pairs.read_bytes().splitlines(keepends=True)[1:]))
    elif why == "gone":
        pairs.unlink()
    elif why == "withdrawn":
        for file in inputs.iterdir():
            file.rename(file.with_suffix(".txt" if file.suffix == ".jsonl" else ".jsonl"))
        clean(inputs, out, options=Options(mirror=True), near_duplicate={"enabled": False})
    with pytest.raises(UsageError, match="no pairs are stored here; `cleaner run --reprocess` stores them"):
        preview(str(out), 85.0, Settings())


@pytest.mark.parametrize("damage", [b"{", b'{"score": 3}\n', b"\xff\n", b'{"a": 1, "b": 2}\n'])
def test_damaged_pairs_are_named(tmp_path, clean, damage):
    inputs, out = corpus(tmp_path / "in", seed=5, documents=5), tmp_path / "out"
    clean(inputs, out)
    with open(out / "state/edges/000001.jsonl", "ab") as file:
        file.write(damage)
    with pytest.raises(StateError, match=r"000001\.jsonl: damaged pairs"):
        preview(str(out), 85.0, Settings())


def test_newer_pairs_are_refused_and_stay(tmp_path, clean):
    inputs, out = corpus(tmp_path / "in", seed=5, documents=5), tmp_path / "out"
    clean(inputs, out)
    place = out / "state/edges/000001.jsonl"
    newer = place.read_bytes().replace(b'{"pairs":2', b'{"pairs":3', 1)
    place.write_bytes(newer)
    folders = output_folders(str(out))
    for read in (
        lambda: preview(str(out), 85.0, Settings()),
        lambda: list(pairs_of(folders, 1, "z.jsonl", 1) or ()),
        lambda: list(stored_scores(folders)),
    ):
        with pytest.raises(
            StateError, match=r"000001\.jsonl: pairs of version 3, this cleaner reads up to 2"
        ):
            read()
    assert place.read_bytes() == newer


def test_a_person_reads_it(tmp_path, clean, command):
    text = "The council said on Monday that the bridge stays closed{} until engineers look at it."
    lines = [text.format(word) for word in ("", " again", " quite")]
    (tmp_path / "in").mkdir()
    for name, line in zip(("a\x1b[2J", "b", "c"), lines, strict=True):
        (tmp_path / f"in/{name}.txt").write_text(line + "\n")
    clean(tmp_path / "in", tmp_path / "out", near_duplicate={"threshold": 98.0})
    (tmp_path / "config.yaml").write_text("near_duplicate: {threshold: 98}")
    done = command("preview", "--threshold", "90")
    assert (done.returncode, done.stderr) == (0, b"")
    told = done.stdout.decode().splitlines()
    assert told[:6] == [
        "threshold 90, instead of 98",
        "1 paragraph would go, in 1 document",
        "0 paragraphs would come back, in 0 documents",
        "0 paragraphs go as near-duplicates now, 1 then",
        "0 pairs are held back by the fact guard now, 1 then",
        "",
    ]
    assert told[6:] == [
        "would go, nearest to 90 first:",
        "",
        "a[U+001B][2J.txt line 1  ratio 96.51: only the kept one says: again",
        "  - The council said on Monday that the bridge stays closed until engineers look at it.",
        "  = kept: b.txt line 1: The council said on Monday that the bridge stays closed {+again +}until"
        " engineers look at it.",
    ]
    value = json.loads(command("preview", "out", "--threshold", "90", "--json", "-n", "1").stdout)
    assert (value["would_go"], value["would_come_back"], len(value["examples"])) == (1, 0, 1)
    assert value["examples"][0]["would"] == "go"
    for wrong in ("79", "101", "x"):
        assert command("preview", "--threshold", wrong).returncode == 2
    assert command("preview", "nowhere/", "--threshold", "90").returncode == 2
