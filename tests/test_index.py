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
from cleaner.restore import verify_output
from cleaner.text.codec import decode_clean

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
    changes = [line["change"] for line in lines if "change" in line]
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
        assert ratio(paragraphs[place["paragraph"]], source.strip()) > 85, place
        assert paragraphs[place["paragraph"]].startswith(text.split("\n")[place["line"] - 1]), place
