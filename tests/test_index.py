"""The index of what earlier runs published: compared with, and nothing but a way to be faster."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rapidfuzz.fuzz import ratio

from cleaner.errors import StateError
from cleaner.io.ledger import digest
from cleaner.plan import Options
from cleaner.restoring import verify_output

ROAD = "Một con đường mới vừa được khánh thành ở vùng cao sau bốn năm thi công"
PRICE = "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường"
STORM = "Bão số 3 đổ bộ vào Quảng Ninh đêm qua, 12 tàu cá phải vào bờ tránh trú an toàn"
SCHOOL = "Trường học bên bờ suối vừa mở cửa đón các em nhỏ trở lại lớp từ sáng sớm hôm qua"
HARBOUR = "The committee will meet again on Monday to discuss the budget of the harbour"
BRIDGE = "Cây cầu treo bắc qua sông vừa được sửa lại để học sinh hai bản đến trường dễ hơn"


def records(*found: dict[str, object] | str) -> str:
    lines = (each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in found)
    return "".join(line + "\n" for line in lines)


# What is added run by run. Records are skipped, blank, emptied; texts have blank lines and blocks of lines.
HISTORY: list[dict[str, str]] = [
    {
        "b.txt": f"{PRICE}.\n\n\nTiêu đề\n{ROAD}.\nThế thôi.\n",
        "r.jsonl": records(
            "bad", {"id": "one", "text": f"{STORM}.", "day": "2024-05-01"}, "", {"text": f"{PRICE}."},
            {"id": "two", "text": f"Một.\n\n\n{SCHOOL}.\nHai.", "day": "2024-05-02"},
        ),
        "z/w.txt": f"{HARBOUR}\nand nothing else was said.\n\n{BRIDGE},\ntheo báo.\n",
    },
    {
        "a.txt": f"Mở đầu.\n\n{STORM}!\n{BRIDGE} vừa xong hôm thứ hai đầu tuần.\n",
        "s.jsonl": records({"text": f"{HARBOUR}."}, '{"text": 5}', {"id": "x", "text": f"{SCHOOL}!\nBa."}),
    },
    {
        "0.txt": f"{ROAD}!\n\n{BRIDGE} đã vừa xong hôm thứ hai đầu tuần.\nBốn.\n",
        "1.jsonl": records({"text": f"{SCHOOL}."}, {"text": f"{STORM} ."}, {"text": f"{PRICE} 5."}),
        "2.txt": f"{PRICE}.\n\n\nTiêu đề\n{ROAD}.\nThế thôi.\n",
        "3.txt": f"{HARBOUR}\nand nothing else was said.\n",
    },
]  # fmt: skip


def segments(out: Path) -> list[Path]:
    return sorted((out / "state/index").glob("*"))


def keep_index(out: Path) -> None:
    assert segments(out), "there is one"


def delete_index(out: Path) -> None:
    shutil.rmtree(out / "state/index")


def delete_newest(out: Path) -> None:
    shutil.rmtree(segments(out)[-1])


@pytest.fixture
def history(tmp_path, fill, clean) -> Callable[..., Path]:
    """Return what makes the runs of HISTORY, and does something to the output between them."""

    def history(name: str, between: Callable[[Path], None], **settings: object) -> Path:
        for added in HISTORY:
            fill(tmp_path / f"in-{name}", added)
            assert clean(tmp_path / f"in-{name}", tmp_path / name, **settings).exit_code in (0, 3)
            if added is not HISTORY[-1]:
                between(tmp_path / name)
        assert verify_output(str(tmp_path / name)).differences == ()
        return tmp_path / name

    return history


SETTINGS = {
    "as they are": {},
    "layout keep": {"layout": "keep"},
    "layout blank_line": {"layout": "blank_line"},
    "blocks": {"paragraph": "blank_line"},
    "blocks, layout keep": {"paragraph": "blank_line", "layout": "keep"},
    "the emptied dropped": {"when_empty": "drop"},
    "bad records kept": {"bad_records": "keep"},
    "dated": {"priority": {"date_field": "day"}},
    "no whole documents": {"near_duplicate": {"whole_documents": False}},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_the_same_bytes_whether_the_index_is_there_or_not(tree, history, settings):
    with_index = tree(history("one", keep_index, **settings), "clean", "ledger")
    assert sum(data.count(b'"published":true') for data in with_index.values()) >= 4
    for name, loss in (("two", delete_index), ("three", delete_newest)):
        assert tree(history(name, loss, **settings), "clean", "ledger") == with_index


def replaced(out: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the paragraphs that went for the sake of published ones, and the places of these."""
    lines = [
        json.loads(line)
        for ledger in sorted(out.rglob("*.ledger.jsonl"))
        for line in ledger.read_text(encoding="utf-8").splitlines()
    ]
    changes = [line["drop"] for line in lines if "drop" in line]
    return [
        (each["source"], each["survivor"]) for each in changes if each.get("survivor", {}).get("published")
    ]


def documents(clean: Path) -> dict[tuple[str, str | None], str]:
    """Return the texts of clean files by path and, of records, id."""
    found = {}
    for file in clean.rglob("*.*"):
        name = str(file.relative_to(clean))
        if name.endswith(".txt"):
            found[name, None] = file.read_text(encoding="utf-8")
            continue
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line) if line.startswith("{") else {}
            if isinstance(record.get("text"), str):
                found[name, record.get("id", f"#{len(found)}")] = record["text"]
    return found


@pytest.mark.parametrize("shard_bytes", [None, 60], ids=["whole files", "pieces"])
@pytest.mark.parametrize("between", [keep_index, delete_index])
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_the_place_of_a_published_survivor_is_that_in_the_clean_file(history, settings, between, shard_bytes):
    out = history("out", between, shard_bytes=shard_bytes, **settings)
    texts = documents(out / "clean")
    known = [each for each in replaced(out) if (each[1]["path"], each[1].get("document")) in texts]
    assert len(known) >= 4
    for source, place in known:
        text = texts[place["path"], place.get("document")]
        between_paragraphs = "\n\n" if settings.get("paragraph") == "blank_line" else "\n"
        paragraphs = [each.strip("\n") for each in text.split(between_paragraphs) if each.strip("\n")]
        paragraph, line = place["place"]
        assert ratio(paragraphs[paragraph], source.strip()) > 85, place
        assert paragraphs[paragraph].startswith(text.split("\n")[line - 1]), place


@pytest.fixture
def out(tmp_path, fill, clean) -> Path:
    """An output of one run over one text and one file of records; inputs are in `in`."""
    fill(tmp_path / "in", {"b.txt": f"{ROAD}.\nMột.\n", "r.jsonl": records({"text": f"{STORM}."})})
    assert clean(tmp_path / "in", tmp_path / "out").exit_code == 0
    return tmp_path / "out"


@pytest.fixture
def added(tmp_path, out, fill, clean) -> Callable[..., str]:
    """Return what adds a text and makes a run; it returns the clean text."""

    def added(name: str, text: str, **settings: object) -> str:
        fill(tmp_path / "in", {name: text})
        assert clean(tmp_path / "in", out, **settings).exit_code == 0
        return (out / "clean" / name).read_text(encoding="utf-8")

    return added


def head(segment: Path) -> dict[str, Any]:
    return json.loads((segment / "head.json").read_bytes().splitlines()[0])


def test_nothing_goes_for_the_sake_of_a_version_that_is_gone(out, added):
    assert added("b.txt", f"{BRIDGE}.\n") == f"{BRIDGE}.\n"
    assert added("c.txt", f"{ROAD}.\n") == f"{ROAD}.\n"
    assert added("d.txt", f"{BRIDGE}.\n{STORM}.\n") == ""
    assert verify_output(str(out)).differences == ()


def test_a_file_whose_text_moves_into_another_one(tmp_path, out, fill, clean):
    """Both are cleaned anew, and neither is compared with what it was."""
    fill(tmp_path / "in", {"b.txt": "Một.\n", "c.txt": f"{ROAD}.\n"})
    clean(tmp_path / "in", out)
    assert (out / "clean/c.txt").read_text(encoding="utf-8") == f"{ROAD}.\n"


def test_small_segments_are_merged_and_removed(out, added):
    for number in range(6):
        added(f"t{number}.txt", f"Dòng {number}.\n")
    (segment,) = segments(out)
    told = head(segment)
    assert [path for path, _, _ in told["files"]] == ["b.txt", "r.jsonl", *(f"t{n}.txt" for n in range(6))]
    assert [run for _, run, _ in told["files"]] == [1, 1, 2, 3, 4, 5, 6, 7]
    assert (told["documents"], told["rows"]) == (8, 9)
    assert added("u.txt", f"{ROAD}.\n{STORM}!\n{told['rows']}\n") == "9\n"


def test_a_merged_segment_forgets_what_was_cleaned_again(out, added):
    added("b.txt", f"{BRIDGE}.\n")
    files = head(segments(out)[-1])["files"]
    assert [(path, run) for path, run, _ in files] == [("r.jsonl", 1), ("b.txt", 2)]


def test_large_segments_stay_as_they_are(out, added, stamps, monkeypatch):
    monkeypatch.setattr("cleaner.indexing._MERGED", 0)
    before = stamps(out / "state/index")
    added("c.txt", f"{BRIDGE}.\n")
    added("d.txt", f"{SCHOOL}.\n")
    assert [segment.name for segment in segments(out)] == ["000001.000", "000002.000", "000003.000"]
    after = stamps(out / "state/index")
    assert {name: after[name] for name in before} == before
    assert added("e.txt", f"{SCHOOL}.\n{BRIDGE}.\n{ROAD}.\n{HARBOUR}.\n") == f"{HARBOUR}.\n"


@pytest.mark.parametrize("between", [keep_index, delete_index])
@pytest.mark.parametrize(("window", "stays"), [(1, True), (2, False), (None, False)])
def test_a_window_of_runs(out, added, window, stays, between):
    near = {"window_runs": window}
    added("c.txt", f"{BRIDGE}.\n", near_duplicate=near)
    between(out)
    expected = f"{ROAD}.\n" if stays else ""
    assert added("d.txt", f"{ROAD}.\n{BRIDGE}.\n", near_duplicate=near) == expected
    assert added("e.txt", f"{STORM}.\n") == "", "a window is for one run"


@pytest.mark.parametrize("between", [keep_index, delete_index])
@pytest.mark.parametrize(("days", "stays"), [(0, True), (9, True), (10, False), (None, False)])
def test_a_window_of_days(tmp_path, fill, clean, between, days, stays):
    settings = {"priority": {"date_field": "day"}, "near_duplicate": {"window_days": days}}
    old = {"text": f"{STORM}.", "day": "2024-05-01"}
    undated = {"text": f"{ROAD}."}
    fill(tmp_path / "in", {"a.jsonl": records(old, undated), "b.txt": f"{BRIDGE}.\n"})
    clean(tmp_path / "in", tmp_path / "out", **settings)
    between(tmp_path / "out")
    new = [{"text": f"{each}!", "day": "2024-05-11"} for each in (STORM, ROAD, BRIDGE)]
    fill(tmp_path / "in", {"c.jsonl": records(*new, {"text": "Mới.", "day": "2024-06-01"})})
    clean(tmp_path / "in", tmp_path / "out", **settings)
    texts = [json.loads(line)["text"] for line in (tmp_path / "out/clean/c.jsonl").open(encoding="utf-8")]
    assert texts == [f"{STORM}!" if stays else "", "", "", "Mới."], "what has no date is never passed over"


def test_documents_of_a_run_in_part_are_not_compared_with(tmp_path, fill, clean):
    fill(tmp_path / "in", {"a.jsonl": records({"text": f"{ROAD}."}, {"text": f"{STORM}."})})
    clean(tmp_path / "in", tmp_path / "out", options=Options(limit=1))
    fill(tmp_path / "in", {"0.txt": f"{ROAD}.\n"})
    clean(tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out/clean/0.txt").read_text(encoding="utf-8") == f"{ROAD}.\n"
    assert verify_output(str(tmp_path / "out")).differences == ()


def test_what_was_published_while_nothing_was_compared_is_compared_with_later(out, added):
    off = {"near_duplicate": {"enabled": False}}
    assert added("c.txt", f"{ROAD}.\n{BRIDGE}.\n", **off) == f"{ROAD}.\n\n{BRIDGE}.\n"
    assert [segment.name for segment in segments(out)] == ["000001.000"]
    assert added("d.txt", f"{ROAD}.\n{BRIDGE}.\n{HARBOUR}.\n") == f"{HARBOUR}.\n"
    files = [path for segment in segments(out) for path, _, _ in head(segment)["files"]]
    assert sorted(files) == ["b.txt", "c.txt", "d.txt", "r.jsonl"]
    assert added("e.txt", f"{BRIDGE}!\n") == ""


@pytest.mark.parametrize("between", [keep_index, delete_index])
def test_a_document_that_was_published_before_goes_whole(out, added, entries, between):
    """Short lines included."""
    short = "".join(f"Dòng thứ {word}.\n" for word in ("một", "hai", "ba", "tư", "năm"))
    added("s.txt", short)
    between(out)
    assert added("t.txt", short) == ""
    assert added("u.txt", short + "Dòng cuối.\n").count("Dòng") == 6
    header = entries(out / "ledger/t.txt.ledger.jsonl")[1]["document"]
    assert header["duplicate_of"] == {"path": "s.txt"}


LINES = "Dòng một.\nDòng hai.\n"


@pytest.mark.parametrize("between", [keep_index, delete_index])
@pytest.mark.parametrize(
    ("text", "stays", "whole"),
    [
        pytest.param(f"{ROAD}!\n{LINES}{SCHOOL}.\n", "", True, id="equal to what it was"),
        pytest.param(
            f"{ROAD}!\n{LINES}{SCHOOL}.\n".upper(), f"{ROAD.upper()}!\n", True,
            id="equal but for case: what was lost is judged anew, and names may differ"),
        pytest.param(f"{LINES}{SCHOOL}.\n", LINES, False, id="equal to what is left of it"),
        pytest.param(f"{BRIDGE}!\n{LINES}{SCHOOL}.\n", f"{BRIDGE}!\n{LINES}", False, id="another paragraph"),
        pytest.param(f"{LINES}{ROAD}!\n{SCHOOL}.\n", LINES, False, id="in another order"),
        pytest.param(f"{ROAD}!\n{LINES}", LINES, False, id="without its end"),
    ],
)  # fmt: skip
def test_a_copy_of_a_document_that_lost_something(out, added, entries, between, text, stays, whole):
    """It is known by all that was judged of the document, whether that stands or not."""
    assert added("s.txt", f"{ROAD}!\n{LINES}{SCHOOL}.\n").replace("\n\n", "\n") == f"{LINES}{SCHOOL}.\n"
    assert len(entries(out / "ledger/s.txt.ledger.jsonl")[1]["document"]["key"]) == 16
    between(out)
    assert added("t.txt", text).replace("\n\n", "\n") == stays
    header = entries(out / "ledger/t.txt.ledger.jsonl")[1]["document"]
    assert header.get("duplicate_of") == ({"path": "s.txt"} if whole else None)
    assert ("key" in header) == bool(stays)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({}, {"record_limit": 1000}, id="a record is too long now"),
        pytest.param(
            {"record_limit": 1000, "bad_records": "keep"}, {}, id="a record was too long and is no more"
        ),
    ],
)
def test_a_rebuilt_index_names_documents_as_their_ledgers_do(tmp_path, fill, clean, first, second):
    """Under settings that read more or fewer of the records of a clean file than the run that wrote it."""
    long = {"id": "long", "text": " ".join(f"từ{number}" for number in range(400))}
    found = records({"id": "x", "text": "Một."}, long, {"id": "y", "text": f"{STORM}."})
    fill(tmp_path / "in", {"a.jsonl": found})
    clean(tmp_path / "in", tmp_path / "out", **first)
    delete_index(tmp_path / "out")
    fill(tmp_path / "in", {"b.txt": f"{STORM}.\n"})
    clean(tmp_path / "in", tmp_path / "out", **second)
    ((_, place),) = replaced(tmp_path / "out")
    assert (place["path"], place["record"], place["document"]) == ("a.jsonl", 3, "y")


def truncate(name: str) -> Callable[[Path], None]:
    def truncated(segment: Path) -> None:
        os.truncate(segment / name, (segment / name).stat().st_size - 2)

    return truncated


def rewrite_head(**changes: object) -> Callable[[Path], None]:
    def rewritten(segment: Path) -> None:
        line = msgspec.json.encode(head(segment) | changes)
        (segment / "head.json").write_bytes(line + b"\n" + digest(line).encode() + b"\n")

    return rewritten


def spoil_texts(segment: Path) -> None:
    data = bytearray((segment / "texts").read_bytes())
    data[:4] = b"\0\0\0\0"
    (segment / "texts").write_bytes(data)


REBUILD = "cleaner index rebuild"
DAMAGE = {
    **{f"{name} cut off": (truncate(name), "damaged", REBUILD) for name in (
        "head.json", "place", "exact", "sketch", "texts", "ends", "blocks", "names", "names.ends", "dates",
        "keys")},
    "a file gone": (lambda segment: (segment / "sketch").unlink(), "damaged", REBUILD),
    "no head": (lambda segment: (segment / "head.json").unlink(), "damaged", REBUILD),
    "another head": (lambda segment: (segment / "head.json").write_bytes(b"{}\n"), "damaged", REBUILD),
    "a file in its place": (
        lambda segment: (shutil.rmtree(segment), segment.write_bytes(b"x")), "damaged", REBUILD),
    "texts spoilt": (spoil_texts, "damaged", REBUILD),
    "a newer one": (rewrite_head(index=99), "version 99", "newer cleaner"),
    "other signatures": (rewrite_head(signatures=0), "signatures of version 0", REBUILD),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_index_stops_a_run_and_says_what_to_do(tmp_path, out, fill, clean, tree, name):
    damage, message, hint = DAMAGE[name]
    damage(segments(out)[-1])
    before = tree(out, "clean", "ledger", "state/runs", "state/index")
    assert clean(tmp_path / "in", out).summary is None, "a run with nothing to do needs no index"
    fill(tmp_path / "in", {"c.txt": f"{ROAD}!\n"})
    with pytest.raises(StateError, match=message) as caught:
        clean(tmp_path / "in", out)
    assert (caught.value.exit_code, hint in (caught.value.hint or "")) == (5, True)
    assert tree(out, "clean", "ledger", "state/runs", "state/index") == before
    delete_index(out)
    assert clean(tmp_path / "in", out).exit_code == 0
    assert (out / "clean/c.txt").read_text(encoding="utf-8") == ""
