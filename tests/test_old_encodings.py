"""Documents that came in decomposed, through whole runs: short ledgers, and every byte back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from msgspec.structs import replace

from cleaner.io.output import OutputDocument, read_documents
from cleaner.job import Outcome
from cleaner.report.diff import diff_command, diff_options
from cleaner.restoring import restore_output, verify_output

GOLDEN = Path(__file__).parent / "golden"
LINES = [
    f"Thủ tướng họp báo lần thứ {number} về giá xăng dầu, giá điện và các biện pháp bình ổn thị trường."
    for number in range(12)
]
TEXT = "\n".join([*LINES, "2024", LINES[0], "Lễ  hội mở đến hết tháng.", ""])
KEPT = "\n".join([*LINES, "2024", "Lễ hội mở đến hết tháng.", ""])
INPUTS = {
    "old.txt": normalize("NFD", TEXT),
    "old.jsonl": "".join(
        json.dumps({"id": name, "text": normalize("NFD", TEXT.replace("Thủ", name))}, ensure_ascii=ascii)
        + "\n"
        for name, ascii in (("Phó thủ", True), ("Nguyên thủ", False))
    ),
}
FORMS = {"NFC": TEXT, "NFD": normalize("NFD", TEXT)}

Clean = Callable[..., Outcome]


@pytest.fixture
def out(tmp_path: Path, clean: Clean, fill: Callable[..., Path]) -> Path:
    """A text and two records, each alone in what it says, and decomposed."""
    clean(fill(tmp_path / "in", INPUTS), tmp_path / "out", near_duplicate={"enabled": False})
    return tmp_path / "out"


def restored(out: Path, back: Path, undo: Callable[[str, str], bool] | None = None) -> None:
    assert restore_output(str(out), str(back), (), undo, _disk()).differences == ()


def _disk() -> Any:
    from cleaner.io.publish import Disk

    return Disk()


def test_every_byte_comes_back(out, tmp_path, tree):
    restored(out, tmp_path / "back")
    assert tree(tmp_path / "back") == tree(tmp_path / "in")
    assert verify_output(str(out)).differences == ()


def test_the_ledger_holds_no_copy_of_the_text(tmp_path, clean, fill, entries):
    text = "\n".join(line.replace("lần", f"lần {part}") for part in range(20) for line in LINES)
    for form in FORMS:
        fill(tmp_path / form, {"a.txt": normalize(form, text)})
        clean(tmp_path / form, tmp_path / f"out-{form}", near_duplicate={"enabled": False})
    short, long = (tmp_path / f"out-{form}/ledger/a.txt.ledger.jsonl" for form in FORMS)
    assert long.stat().st_size < short.stat().st_size + 150
    assert long.stat().st_size < 0.05 * (tmp_path / "NFD/a.txt").stat().st_size
    assert entries(long)[1]["document"]["chain"] == [["nfc/decomposed"]]
    assert "chain" not in entries(short)[1]["document"]


def test_clean_text_is_that_of_composed_input(out, tmp_path, clean, fill, tree):
    composed = {name: normalize("NFC", text) for name, text in INPUTS.items()}
    composed["old.jsonl"] = "".join(
        json.dumps(
            {**record, "text": normalize("NFC", record["text"])}, ensure_ascii=record["id"] == "Phó thủ"
        )
        + "\n"
        for record in map(json.loads, INPUTS["old.jsonl"].splitlines())
    )
    clean(fill(tmp_path / "composed", composed), tmp_path / "new", near_duplicate={"enabled": False})
    assert (out / "clean/old.txt").read_text(encoding="utf-8").replace("\n\n", "\n") == KEPT
    assert tree(out / "clean") == tree(tmp_path / "new/clean")


def test_pieces_give_the_same_bytes(out, tmp_path, clean, tree):
    near = {"enabled": False}
    clean(tmp_path / "in", tmp_path / "cut", near_duplicate=near, shard_bytes=1000)
    assert tree(tmp_path / "cut", "clean", "ledger") == tree(out, "clean", "ledger")


def test_documents_have_the_text_that_came_in(out, tmp_path):
    first, *records = read_documents(str(out), ("old.txt", "old.jsonl"))
    texts = {document.id: document for document in (first, *records)}
    assert texts["old.txt"].source == INPUTS["old.txt"] and texts["old.txt"].recoded == TEXT
    for record in map(json.loads, INPUTS["old.jsonl"].splitlines()):
        assert texts[record["id"]].source == record["text"]


@pytest.mark.parametrize(
    ("undo", "expected"),
    [
        ({"encoding"}, normalize("NFD", KEPT)),
        ({"encoding.nfc"}, normalize("NFD", KEPT)),
        ({"encoding.mojibake"}, KEPT),
        ({"whitespace"}, KEPT.replace("Lễ ", "Lễ  ")),
        ({"encoding", "whitespace", "repeats"}, INPUTS["old.txt"]),
    ],
    ids=["stage", "rule", "another rule", "another stage", "all"],
)
def test_what_can_be_undone(out, tmp_path, undo, expected):
    restored(out, tmp_path / "back", lambda stage, rule: bool({stage, f"{stage}.{rule}"} & undo))
    text = (tmp_path / "back/old.txt").read_text(encoding="utf-8")
    assert text == expected.replace("\n", "\n\n")[:-1]


def test_what_was_emptied_is_not_written_when_its_recoding_is_undone(tmp_path, clean, fill, tree):
    text = normalize("NFD", "Đọc thêm\n")
    records = "".join(json.dumps({"id": name, "text": text}) + "\n" for name in "ab")
    clean(fill(tmp_path / "in", {"a.jsonl": records}), tmp_path / "out", when_empty="drop")
    assert (tmp_path / "out/clean/a.jsonl").read_bytes() == b""
    restored(tmp_path / "out", tmp_path / "look", lambda stage, _: stage == "encoding")
    assert tree(tmp_path / "look") in ({}, {"a.jsonl": b""})
    restored(tmp_path / "out", tmp_path / "back")
    assert tree(tmp_path / "back") == tree(tmp_path / "in")


def test_a_recoded_paragraph_counts_as_edited_once(tmp_path, clean, fill):
    outcome = clean(fill(tmp_path / "in", {"old.txt": INPUTS["old.txt"]}), tmp_path / "out")
    summary = outcome.summary.as_json()
    assert (summary["paragraphs"], summary["dropped"], summary["edited"]) == (15, 1, 13)
    assert summary["by_rule"]["edited"] == {"encoding.nfc": 13, "whitespace.squeeze": 1}
    assert summary["by_rule"]["dropped"] == {"repeats.exact": 1}


def shown(capfd: Any, out: Path, **options: Any) -> list[str]:
    values: dict[str, Any] = {
        "stages": (), "rules": (), "only": None, "suspects": True, "stat": False, "by": None, "patch": False,
        "colour": "never", "pager": False, **options,
    }  # fmt: skip
    assert diff_command(str(out), ("old.txt",), diff_options(**values)) == 0
    lines: list[str] = capfd.readouterr().out.splitlines()
    return lines


def test_the_diff_shows_it_in_a_few_lines(out, capfd):
    lines = shown(capfd, out)
    assert lines[0] == "=== old.txt  1 removed, 13 edited"
    assert lines[2] == (
        "lines 1-15  encoding.nfc: letters and marks were not composed;"
        " 14 paragraphs, 1 of them removed, as here:"
    )
    assert len([line for line in lines if line.startswith("line")]) == 3
    assert shown(capfd, out, rules=("whitespace.squeeze",))[0] == "=== old.txt  1 edited"
    assert shown(capfd, out, rules=("nfc",), only="edited") == [
        "=== old.txt  13 edited", *lines[1:4], *lines[lines.index("", 2) : lines.index("", 2) + 1],
    ]  # fmt: skip
    assert shown(capfd, out, stages=("encoding",), only="removed")[0] == "=== old.txt  1 removed"
    assert shown(capfd, out, only="suspects") == []


def test_a_document_that_was_only_recoded_is_shown_and_its_rule_known(tmp_path, clean, fill, capfd):
    text = normalize("NFD", "\n\n".join(LINES) + "\n")
    clean(fill(tmp_path / "in", {"old.txt": text}), tmp_path / "out", near_duplicate={"enabled": False})
    assert shown(capfd, tmp_path / "out")[0] == "=== old.txt  12 edited"
    assert shown(capfd, tmp_path / "out", stat=True)[-3].split() == ["-", "12", "-", "all"]
    options = diff_options(
        (), ("nfd",), None, suspects=True, stat=False, by=None, patch=False, colour="never", pager=False
    )
    assert diff_command(str(tmp_path / "out"), (), options) == 0
    assert capfd.readouterr().err == "cleaner: no change by nfd here; did you mean nfc?\n"


def test_the_patch_has_the_bytes_that_came_in(out, capfd):
    patch = shown(capfd, out, patch=True)
    before = [line[1:] for line in patch[3:] if line[:1] in ("-", " ")]
    assert "\n".join(before) + "\n" == INPUTS["old.txt"]
    assert "\n".join(patch) in (out / "report/changes.patch").read_text(encoding="utf-8")


VERSIONS = (1, 2)  # older ledgers: before recoded documents, and with longer names of everything


@pytest.fixture(params=VERSIONS)
def golden(request: pytest.FixtureRequest) -> Path:
    """Inputs, and the output that a cleaner of the time wrote of them."""
    return GOLDEN / f"ledger_{request.param}"


@pytest.fixture
def old(golden: Path, tmp_path: Path) -> Path:
    """A copy of that output."""
    shutil.copytree(golden / "out", tmp_path / "old")
    return tmp_path / "old"


def test_older_ledgers_restore(golden, old, tmp_path, tree):
    version = golden.name.removeprefix("ledger_")
    assert f'{{"ledger":{version},'.encode() in (old / "ledger/a.txt.ledger.jsonl").read_bytes()
    assert verify_output(str(old)).differences == ()
    restored(old, tmp_path / "back")
    assert tree(tmp_path / "back") == tree(golden / "in")


def test_rules_of_older_ledgers_can_be_undone(golden, old, tmp_path):
    restored(old, tmp_path / "back", lambda stage, _: stage in ("encoding", "repeats", "boilerplate"))
    lines = (tmp_path / "back/a.txt").read_text(encoding="utf-8").split("\n\n")
    wanted = (golden / "in/a.txt").read_text(encoding="utf-8").replace("\n\n", "\n").split("\n")
    assert [line.rstrip("\n") for line in lines] == [line.replace("  ", " ") for line in wanted[:-1]]


def test_outputs_of_older_ledgers_are_shown_and_gone_on_with(golden, old, tmp_path, clean, tree):
    (document, *_) = read_documents(str(old), ("a.txt",))
    assert document.changes[-1].steps[0].rule == "vi.read_more" and document.changes[-1].dropped
    assert document.recoded == document.source
    clean(golden / "in", old)
    restored(old, tmp_path / "back")
    assert tree(tmp_path / "back") == tree(golden / "in")


def facts(document: OutputDocument) -> tuple[object, ...]:
    """Return what stands in the ledger of a document whose recoding may be told in another way, and whose key
    older ones do not tell.
    """
    header = replace(document.header, recoded=None, key=None)
    return header, document.source, document.clean, document.suspects


def test_older_ledgers_say_what_new_ones_say(golden, old, tmp_path, clean):
    clean(golden / "in", tmp_path / "new")
    before, after = (list(read_documents(str(out))) for out in (old, tmp_path / "new"))
    if golden.name == "ledger_2":
        assert list(map(facts, before)) == list(map(facts, after))
        assert before[0].changes == after[0].changes
        assert [document.changes for document in before[1:-1]] == [each.changes for each in after[1:-1]]
    assert [document.source for document in before] == [document.source for document in after]
