"""The Python interface: documents in, clean documents out, and back."""

from __future__ import annotations

import doctest
import gc
import json
import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import cleaner
from cleaner import CleanerError, Document, Settings, clean, clean_batch, clean_files, restore
from cleaner.errors import RestoreError, StateError, UsageError

ROOT = Path(__file__).parents[1]
NEWS = "Giá xăng tăng 500 đồng một lít từ 15 giờ chiều nay."
TEXTS = [
    "", "\n", "\n\n\r\n", NEWS, NEWS, NEWS.replace("500", "700"), f"{NEWS}\n{NEWS}", "a\r\nb\r\n", "a\rb",
    "Bá»™ trÆ°á»Ÿng", "ViÖt Nam – Liªn bang Nga ®Èy m¹nh hîp t¸c", "m&#7899;i \u00a0 \u200bx", "\ud83d",
    "a\udc80\x01b\x7f\u2028", '"\\\u0000', "H\u0300 no\u0323\u0302i", "Đọc thêm", "x" * 10_000,
]  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield
    gc.collect()
    assert not list(tmp_path.glob("cleaner-*"))


def test_the_page_tells_the_truth():
    failed, tried = doctest.testfile(str(ROOT / "docs/api.md"), module_relative=False, encoding="utf-8")
    assert (failed, tried > 20) == (0, True)


def test_every_text_comes_back():
    documents = [Document(text, source=f"s{number % 3}") for number, text in enumerate(TEXTS)]
    with clean(documents) as cleaned:
        assert len(cleaned) == len(TEXTS)
        assert sum(document.text != text for document, text in zip(cleaned, TEXTS, strict=True)) > 5
        for number, (document, text) in enumerate(zip(cleaned, TEXTS, strict=True)):
            assert restore(document.text, document.ledger) == text
            assert (document.id, document.source) == (str(number), f"s{number % 3}")
            assert bool(document.edits or document.readings) == (document.text != text)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_as_files_give(tmp_path, fill, workers):
    """One pipeline: what `cleaner run` writes of the same records."""
    texts = [f"{NEWS[:-1]} {number % 7}.\nTin {number}\nĐọc thêm" for number in range(50)]
    lines = [json.dumps({"text": text, "id": str(number)}) for number, text in enumerate(texts)]
    fill(tmp_path / "in", {"a.jsonl": "\n".join(lines)})
    settings = Settings(input=("in",), output="out", limits={"enabled": False})
    assert clean_files(settings, tmp_path).exit_code == 0
    written = (tmp_path / "out/clean/a.jsonl").read_text().splitlines()
    cleaned = clean(texts, Settings(workers=workers))
    assert [document.text for document in cleaned] == [json.loads(line)["text"] for line in written]
    assert sum(not document.edits for document in cleaned) < 50


def test_a_sequence():
    cleaned = clean(iter(["một", "hai", "ba"]))
    assert [each.text for each in cleaned[1:]] == ["hai", "ba"]
    assert cleaned[-1].text == "ba" and cleaned[-3].id == "0"
    for number in (3, -4):
        with pytest.raises(IndexError):
            cleaned[number]
    assert len(clean([])) == 0 and list(clean([])) == []


def test_what_is_too_long_comes_out_as_it_is():
    long = "Đọc thêm\n" * 500
    cleaned = clean(["Đọc thêm", long, "Đọc thêm"], Settings(record_limit=1000))
    assert [each.text for each in cleaned] == ["", long, ""]
    assert "record_limit" in cleaned[1].problem and not cleaned[0].problem
    assert restore(long, cleaned[1].ledger) == long


def test_the_garbage_collector_is_left_as_it_was():
    before = gc.get_threshold()
    clean(["một"])
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


@pytest.mark.parametrize("wrong", [[b"bytes"], [None], [{"text": "x"}]])
def test_what_is_no_document(wrong):
    with pytest.raises(TypeError, match=r"document 0 is .+, expected"):
        clean(wrong)


def test_restoring_refuses_what_does_not_belong_together():
    one, other = clean([f"{NEWS}\nĐọc thêm", "Đọc thêm\nTin m&#7899;i."])
    for text, ledger in [(one.text, other.ledger), (one.text + " ", one.ledger), ("", one.ledger)]:
        with pytest.raises(RestoreError, match="do not belong together"):
            restore(text, ledger)
    for damaged in ("", "{}", one.ledger[:-5], one.ledger.replace("Đọc", "Doc")):
        with pytest.raises(StateError):
            restore(one.text, damaged)


def test_unknown_options_are_named(tmp_path):
    with pytest.raises(UsageError, match="unknown option 'dryrun'; known are dry_run, limit"):
        clean_files(Settings(), tmp_path, dryrun=True)
    assert issubclass(UsageError, CleanerError)


def test_rows_get_what_was_decided_in_view_of_all():
    column = [NEWS, None, "Tin m&#7899;i.", NEWS]
    alone = [clean_batch({"text": column[at : at + 2]})["text"] for at in (0, 2)]
    assert alone == [[NEWS, None], ["Tin mới.", NEWS]]
    cleaned = clean(text or "" for text in column)
    second = pickle.loads(pickle.dumps(partial(clean_batch, cleaned=cleaned)))
    made = [second({"text": column[at : at + 2]}, [at, at + 1]) for at in (0, 2)]
    assert [rows["text"] for rows in made] == [[NEWS, None], ["Tin mới.", ""]]
    assert restore(made[1]["text"][1], made[1]["ledger"][1]) == NEWS
    with pytest.raises(UsageError, match="with_indices=True"):
        second({"text": column})


def test_tables_come_back_as_they_were():
    pa = pytest.importorskip("pyarrow")
    table = pa.table(
        {"body": pa.chunked_array([[NEWS, None], [f"{NEWS}\nĐọc thêm"]]), "n": [1, 2, 3]},
    ).replace_schema_metadata({"kept": "yes"})
    made = cleaner.clean_table(table, column="body", ledger="how")
    assert made["body"].to_pylist() == [NEWS, None, ""]
    assert made.schema.metadata == {b"kept": b"yes"} and made["n"].equals(table["n"])
    assert cleaner.restore_table(made, column="body", ledger="how").equals(table)
    for keywords in ({"column": "n"}, {"column": "none"}, {"column": "body", "ledger": "n"}):
        with pytest.raises(UsageError, match="column"):
            cleaner.clean_table(table, **keywords)


def test_importing_loads_next_to_nothing():
    program = (
        "import cleaner, sys; print(len([m for m in sys.modules if m.startswith(('cleaner.', 'numpy'))]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = cleaner.nothing_such
    for name in cleaner.__all__:
        assert getattr(cleaner, name).__doc__
