"""Whole documents: equal ones, those with nothing left, which of several stays, and packed files of them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from cleaner.io.output import read_documents
from cleaner.io.publish import Disk
from cleaner.restoring import restore_output, verify_output

LONG = "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường."
OTHER = "Một con đường mới vừa được khánh thành ở vùng cao sau bốn năm thi công."
SHORT = "Bà con rất vui."
THIRD = "Trường học bên bờ suối vừa mở cửa đón các em nhỏ trở lại lớp từ sáng sớm hôm qua."
ARTICLE = f"{LONG}\n{SHORT}\n{OTHER}"


def lines(*records: dict[str, object]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def texts(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def headers(entries, ledger: Path) -> list[dict[str, object]]:
    return [line["document"] for line in entries(ledger) if "document" in line]


def restored(out: Path, target: Path) -> dict[str, bytes]:
    assert restore_output(str(out), str(target), (), None, Disk()).differences == ()
    return {str(file.relative_to(target)): file.read_bytes() for file in target.rglob("*") if file.is_file()}


@pytest.mark.parametrize("when_empty", ["keep", "drop"])
def test_what_becomes_of_a_document_with_nothing_left(tmp_path, fill, clean, entries, when_empty):
    files = {
        "a.jsonl": lines({"text": ARTICLE}, {"text": ARTICLE, "n": 1.10}, {"text": THIRD}, {"text": ""}),
        "b.txt": ARTICLE.encode(),
        "c.txt": b"Tin ng\xeen ng\xe0y\n",
    }
    outcome = clean(fill(tmp_path / "in", files), tmp_path / "out", when_empty=when_empty)
    assert (outcome.exit_code, outcome.summary.counts["empty"]) == (0, 3)
    assert outcome.summary.counts["duplicates"] == 2
    kept = [ARTICLE, THIRD] if when_empty == "drop" else [ARTICLE, "", THIRD, ""]
    assert texts(tmp_path / "out/clean/a.jsonl") == kept
    assert (tmp_path / "out/clean/b.txt").exists() == (when_empty == "keep")
    assert (tmp_path / "out/clean/c.txt").exists()
    assert verify_output(str(tmp_path / "out")).differences == ()
    assert restored(tmp_path / "out", tmp_path / "back") == files
    found = headers(entries, tmp_path / "out/ledger/a.jsonl.ledger.jsonl")
    assert [header["record"] for header in found] == [1, 2, 3, 4]
    assert ["emptied" in header for header in found] == [
        when_empty == "drop" and n in (1, 3) for n in range(4)
    ]
    shown = [(document.path, document.record) for document in read_documents(str(tmp_path / "out"))]
    assert shown == [
        ("a.jsonl", 1),
        ("a.jsonl", 2),
        ("a.jsonl", 3),
        ("a.jsonl", 4),
        ("b.txt", 0),
        ("c.txt", 0),
    ]
    assert clean(tmp_path / "in", tmp_path / "out", when_empty=when_empty).summary is None


def test_a_clean_file_goes_when_nothing_of_its_input_is_left(tmp_path, fill, clean):
    inputs = fill(tmp_path / "in", {"a.txt": ARTICLE, "b.txt": THIRD, "c.txt": "Một tin khác hẳn."})
    clean(inputs, tmp_path / "out", when_empty="drop")
    fill(inputs, {"b.txt": ARTICLE, "c.txt": bytes(range(32)) * 20})
    assert clean(inputs, tmp_path / "out", when_empty="drop").exit_code == 3
    assert [file.name for file in (tmp_path / "out/clean").iterdir()] == ["a.txt"]
    assert verify_output(str(tmp_path / "out")).differences == ()
    assert clean(inputs, tmp_path / "out", when_empty="drop").summary is None


def test_undoing_a_rule_brings_an_emptied_document_back(tmp_path, fill, clean):
    inputs = fill(tmp_path / "in", {"a.jsonl": lines({"text": ARTICLE}, {"text": ARTICLE}, {"text": ""})})
    clean(inputs, tmp_path / "out", when_empty="drop")
    for rules, expected in (({"document"}, [ARTICLE, ARTICLE]), ({"nothing"}, [ARTICLE])):
        target = tmp_path / "-".join(rules)
        restore_output(str(tmp_path / "out"), str(target), (), lambda _, rule, r=rules: rule in r, Disk())
        assert texts(target / "a.jsonl") == expected


@pytest.mark.parametrize(
    ("second", "marked"),
    [
        pytest.param(ARTICLE, True, id="equal"),
        pytest.param(ARTICLE.upper(), True, id="equal but for case"),
        pytest.param(f"{LONG}\n{OTHER}\nHết tin.", True, id="almost all"),
        pytest.param(f"{LONG}\n{OTHER}\n{THIRD}", False, id="much"),
        pytest.param(f"{SHORT}\n{SHORT}", False, id="only short lines"),
        pytest.param(LONG.replace("sáng", "chiều"), False, id="held back"),
    ],
)
def test_documents_of_which_almost_everything_went_say_whose_they_are(
    tmp_path, fill, clean, entries, second, marked
):
    inputs = fill(tmp_path / "in", {"a.jsonl": lines({"id": "x", "text": ARTICLE}), "b.txt": second})
    clean(inputs, tmp_path / "out")
    (header,) = headers(entries, tmp_path / "out/ledger/b.txt.ledger.jsonl")
    assert header.get("duplicate_of") == (
        {"path": "a.jsonl", "record": 1, "document": "x"} if marked else None
    )


RANKED = {
    "s/a.jsonl": lines({"text": LONG, "site": "blog", "day": "2024-03-01"}),
    "t/b.jsonl": lines({"text": LONG, "site": "tuoitre", "day": "01/02/2024"}),
    "u/c.jsonl": lines({"text": LONG, "site": "vnexpress"}),
}


@pytest.mark.parametrize(
    ("settings", "stays"),
    [
        pytest.param({}, "s/a.jsonl", id="the first path"),
        pytest.param({"priority": {"sources": ["u", "t"]}}, "u/c.jsonl", id="the source by folder"),
        pytest.param({"priority": {"sources": ["t"]}}, "t/b.jsonl", id="a known source before others"),
        pytest.param({"priority": {"sources": ["tuoitre"]}}, "s/a.jsonl", id="no such folder"),
        pytest.param(
            {"source_field": "site", "priority": {"sources": ["vnexpress"]}},
            "u/c.jsonl",
            id="the source by field",
        ),
        pytest.param({"priority": {"date_field": "day"}}, "t/b.jsonl", id="the earliest, no date last"),
        pytest.param(
            {"priority": {"sources": ["s", "u"], "date_field": "day"}}, "s/a.jsonl", id="source before date"
        ),
    ],
)
def test_of_equal_texts_the_one_that_is_ranked_first_stays(tmp_path, fill, clean, settings, stays):
    for shard_bytes in (50, None):
        out = tmp_path / f"out{shard_bytes}"
        clean(fill(tmp_path / "in", RANKED), out, shard_bytes=shard_bytes, **settings)
        kept = [name for name in RANKED if texts(out / "clean" / name) == [LONG]]
        assert kept == [stays]
        assert verify_output(str(out)).differences == ()


def test_rank_never_outweighs_what_a_text_says(tmp_path, fill, clean):
    fuller = LONG.replace("sáng nay", "sáng 15-3 nay")
    inputs = fill(tmp_path / "in", {"s/a.txt": LONG, "t/b.txt": fuller})
    clean(inputs, tmp_path / "out", priority={"sources": ["s"]})
    assert (tmp_path / "out/clean/t/b.txt").read_text(encoding="utf-8") == fuller + "\n"
    assert (tmp_path / "out/clean/s/a.txt").read_text(encoding="utf-8") == ""


def test_the_source_of_a_record_is_in_the_ledger(tmp_path, fill, clean, entries):
    inputs = fill(tmp_path / "in", RANKED)
    clean(inputs, tmp_path / "out", source_field="site")
    (header,) = headers(entries, tmp_path / "out/ledger/t/b.jsonl.ledger.jsonl")
    assert header["source"] == "tuoitre"
    clean(inputs, tmp_path / "plain")
    (header,) = headers(entries, tmp_path / "plain/ledger/t/b.jsonl.ledger.jsonl")
    assert "source" not in header


@pytest.mark.parametrize("smallest", [0, 10**9])
def test_packed_files_are_cleaned_as_plain_ones(tmp_path, fill, clean, monkeypatch, smallest):
    """Unpacked first, so that several workers read them, or read as they are."""
    data = lines(*({"text": f"{text}\nTin số {n}\xa0 hôm nay."} for n in range(40) for text in (LONG, OTHER)))
    plain, packed = fill(tmp_path / "in", {"a.jsonl": data}), tmp_path / "packed"
    fill(packed, {"a.jsonl.gz": gzip.compress(data[:1000]) + gzip.compress(data[1000:])})
    monkeypatch.setattr("cleaner.io.unpacking._SMALL", smallest)
    clean(plain, tmp_path / "out")
    for run, shard_bytes in enumerate((500, None)):
        out = tmp_path / f"out{run}"
        clean(packed, out, shard_bytes=shard_bytes)
        assert (
            gzip.decompress((out / "clean/a.jsonl.gz").read_bytes())
            == (tmp_path / "out/clean/a.jsonl").read_bytes()
        )
        assert verify_output(str(out)).differences == ()
        assert clean(packed, out).summary is None


@pytest.mark.parametrize("smallest", [0, 10**9])
def test_a_packed_file_that_was_cut_is_named_and_others_are_done(
    tmp_path, fill, clean, monkeypatch, smallest
):
    data = gzip.compress(lines(*({"text": f"{LONG} {n}"} for n in range(40))))
    inputs = fill(tmp_path / "in", {"a.jsonl.gz": data[:-20], "b.txt": OTHER})
    monkeypatch.setattr("cleaner.io.unpacking._SMALL", smallest)
    outcome = clean(inputs, tmp_path / "out", shard_bytes=500)
    assert outcome.exit_code == 3
    assert ["cut off" in problem.reason for problem in outcome.problems] == [True]
    assert [file.name for file in (tmp_path / "out/clean").iterdir()] == ["b.txt"]
