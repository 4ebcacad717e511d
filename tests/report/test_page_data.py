"""The data of the page without a browser: golden for the seeds, bounded, inert, nothing of the machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cleaner.errors import StateError, UsageError
from cleaner.report.page import data as page
from cleaner.report.page.data import PageData, page_data
from cleaner.report.page.html import page_html
from cleaner.report.page.largest import Largest
from cleaner.report.page.picks import Picks
from cleaner.report.reasons import reasons

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden/report/seeds.json"
CASES = json.loads((ROOT / "tests/cases/picks.json").read_text(encoding="utf-8"))
HERE = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
LINE = "Công an thành phố đã khởi tố vụ án, bắt tạm giam bốn người để điều tra vào ngày 7/9."
HOSTILE = '</script><img src=x onerror=alert(1)><!-- \u2028 \u202eabc\u202c \x1b[31m & "quoted" \\u003c'

Data = dict[str, Any]


def data_of(out: Path, most: int = 2000) -> Data:
    """Return the data of a page as the browser gets it."""
    page = page_html(page_data(str(out), most, reasons())).decode()
    (told,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    return json.loads(told)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "seeds-out"
    command = ["run", str(ROOT / "seeds"), "-o", str(out), "--quiet", "--workers", "1"]
    subprocess.run([sys.executable, "-m", "cleaner", *command], cwd=out.parent, check=True)
    return out


def test_the_seeds_are_golden(seeds: Path) -> None:
    data = data_of(seeds)
    about = data["about"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", about.pop("began"))
    assert about.pop("seconds") > 0
    told = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    assert told == GOLDEN.read_text(encoding="utf-8")


def test_counts_are_those_of_the_summary(seeds: Path) -> None:
    summary = json.loads((seeds / "report/summary.json").read_bytes())
    total = data_of(seeds)["total"]
    assert total["removed"] == summary["dropped"] > 20
    assert total["edited"] == summary["edited"] > 0
    assert total["paragraphs"] == summary["paragraphs"]
    assert total["documents"] == summary["documents"]
    assert total["held_back"] == summary["held_back"]
    assert total["suspects"] == summary["held_back"] + summary["reported"]


def test_nothing_of_the_machine_and_no_other_clock_is_in_the_page(seeds: Path) -> None:
    page = page_html(page_data(str(seeds), 2000, reasons()))
    assert str(seeds.parent).encode() not in page and b"/seeds" not in page
    assert page == page_html(page_data(str(seeds), 2000, reasons())), "the same output is the same page"
    years = set(re.findall(rb"\b20\d\d-\d\d-\d\dT", page))
    assert len(years) == 1


def test_the_policy_names_what_is_in_the_page(seeds: Path) -> None:
    page = page_html(page_data(str(seeds), 1, reasons())).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none'; ")
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert not re.search(
        r"\son\w+=|\sstyle=|javascript:|https?:|src=|@", page.split('id="data"')[0].split("</style>")[1]
    )
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(", page)


def test_hostile_text_is_spelled_out_and_ends_nothing(tmp_path: Path, fill: Any, clean: Any) -> None:
    record = json.dumps(
        {"id": f"id {HOSTILE}", "src": f"s {HOSTILE}", "text": f"Một  {HOSTILE}\n{LINE}\n{LINE}"}
    )
    name = "x<img onerror=a>\u202e.jsonl"
    out = tmp_path / "o<b>ut"
    clean(fill(tmp_path / "in", {name: f"{record}\n"}), out, source_field="src")
    page = page_html(page_data(str(out), 100, reasons()))
    (told,) = re.findall(rb'id="data">(.*?)</script>', page, re.S)
    assert not set(told.decode()) & set("<>&\u2028\u2029\u202e\x1b")
    data = json.loads(told)
    shown = json.dumps(data, ensure_ascii=False)
    assert "[U+202E]" in shown and "[U+2028]" in shown and "</script><img src=x onerror=alert(1)>" in shown
    assert not re.search("[\u2028\u2029\u202a-\u202e\x00-\x1f]", shown)
    assert data["about"]["name"] == "o<b>ut"


def test_changes_that_are_shown_are_counted_and_stay_within_bounds(
    tmp_path: Path, fill: Any, clean: Any
) -> None:
    text = "".join(f"Câu  số {number}  của bài.\nĐọc thêm\n" for number in range(30))
    out = tmp_path / "out"
    clean(fill(tmp_path / "in", {"a.txt": text}), out)
    data = data_of(out, 10)
    assert (len(data["changes"]), data["changes_of"]) == (10, 60)
    names = Counter(data["rules"][change["rules"][0]]["name"] for change in data["changes"])
    assert names == {"whitespace.squeeze": 9, "boilerplate.vi.read_more": 1}, (
        "of a rule each text once, first"
    )
    assert len(data_of(out, 100)["changes"]) == 60, "where there is room, all"
    assert data_of(out, 0)["changes"] == []
    assert data["lines"] == [{"text": "Đọc thêm", "count": 30, "rules": [0]}]


def test_clusters_name_what_stays_and_the_least_alike(tmp_path: Path, fill: Any, clean: Any) -> None:
    longer = LINE.replace("bốn người", "bốn người này")
    files = {f"{number}/a.txt": f"Tin số {number}\n{LINE}\n" for number in range(5)}
    out = tmp_path / "out"
    clean(fill(tmp_path / "in", {"0.txt": f"Tin\n{longer}\n", **files}), out)
    (cluster,) = data_of(out)["clusters"]
    assert (cluster["went"], cluster["stays"]["where"]) == (5, "0.txt line 2")
    assert "".join(cluster["stays"]["text"][1::2]) == longer
    assert 90 < cluster["ratio"] < 100
    assert {"này", " này", "này "} & set(cluster["stays"]["least"]["right"])


def test_scores_are_counted_beside_the_threshold(tmp_path: Path, fill: Any, clean: Any) -> None:
    other = LINE.replace("7/9", "8/9")
    files = {"a.txt": f"Một\n{LINE}\n", "b.txt": f"Hai\n{other}\n", "c.txt": f"Ba\n{LINE[:-14]}.\n"}
    out = tmp_path / "out"
    clean(fill(tmp_path / "in", files), out, near_duplicate={"threshold": 95})
    scores = data_of(out)["scores"]
    assert scores["threshold"] == 95
    below, kept, may_go = (sum(bar[group] for bar in scores["bars"]) for group in range(3))
    assert (below, kept, may_go) == (2, 1, 0)
    assert [number for number, bar in enumerate(scores["bars"]) if bar[1]] == [37], "98.8"
    assert len(scores["bars"]) == 41


def test_what_a_run_publishes_meanwhile_is_read_again(
    tmp_path: Path, fill: Any, clean: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, reads = tmp_path / "out", []
    clean(fill(tmp_path / "in", {"a.txt": f"Một\n{LINE}\n"}), out)
    read = page._read

    def with_a_run_beside_it(*arguments: Any) -> PageData:
        found = read(*arguments)
        if not reads:
            clean(fill(tmp_path / "in", {"b.txt": f"Hai\n{LINE}\n"}), out)
        reads.append(found.about.run)
        return found

    monkeypatch.setattr(page, "_read", with_a_run_beside_it)
    found = page_data(str(out), 10, reasons())
    assert reads == [1, 2]
    assert (found.total["documents"], found.total["removed"], len(found.changes)) == (2, 1, 1)
    assert found.changes[0].place == "a.txt line 3 of its clean text, from an earlier run"


def test_damaged_pairs_are_named(tmp_path: Path, fill: Any, clean: Any) -> None:
    out = tmp_path / "out"
    clean(fill(tmp_path / "in", {"a.txt": f"Một\n{LINE}\n"}), out)
    (out / "state/edges/000001.jsonl").write_bytes(b'{"pairs":2,"threshold":90.0}\n{"score": "high"}\n')
    with pytest.raises(StateError, match="damaged pairs"):
        data_of(out)


def test_an_output_of_an_older_version_has_a_page(tmp_path: Path) -> None:
    data = data_of(ROOT / "tests/golden/ledger_2/out")
    assert data["about"] == {**data["about"], "run": 1, "began": ""}
    assert data["scores"]["threshold"] is None and data["total"]["removed"] > 0
    with pytest.raises(UsageError, match="no output of cleaner here"):
        page_data(str(tmp_path), 1, reasons())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_is_chosen(case: dict[str, Any]) -> None:
    picks = Picks(case["most"])
    for number, (rule, doubt, size, text) in enumerate(case["offered"]):
        picks.offer(rule, doubt, size, "a", 0, "change", number, text)
    assert [pick.number for pick in picks.chosen()] == case["chosen"]
    assert picks.offered == len(case["offered"])


def test_the_largest_are_exact_while_there_are_few_and_bounded_when_there_are_many() -> None:
    def count(distinct: int) -> Largest[str, Counter[str]]:
        largest: Largest[str, Counter[str]] = Largest(Counter, Counter.total, most=10)
        for number in range(distinct):
            largest[f"rare {number}"]["x"] += 1
            largest["often"]["x"] += 1
            largest[f"some {number % 3}"]["x"] += 1
        return largest

    few, many = count(16), count(10_000)
    assert few.exact and not many.exact
    assert [(key, value.total()) for key, value in few.largest(4)] == [
        ("often", 16), ("some 0", 6), ("some 1", 5), ("some 2", 5),
    ]  # fmt: skip
    assert [(key, value.total()) for key, value in many.largest(2)] == [("often", 10_000), ("some 0", 3334)]
    assert len(many) <= 20


def test_the_command_writes_where_it_is_told(
    tmp_path: Path, seeds: Path, command: Callable[..., Any]
) -> None:
    done = command("report", seeds, "-o", "look.html", "--changes", "7", env=HERE)
    assert (done.returncode, done.stdout) == (0, b"")
    assert re.fullmatch(rb"7 of 3\d changes -> look.html\n", done.stderr)
    assert (tmp_path / "look.html").read_bytes().startswith(b"<!doctype html>")
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n', encoding="utf-8")
    browser.chmod(0o755)
    done = command("report", seeds, "--open", env={**HERE, "BROWSER": f"{browser} %s"})
    assert done.returncode == 0, done.stderr
    page = seeds / "report/index.html"
    assert (tmp_path / "opened").read_text(encoding="utf-8").strip() == page.as_uri()
    data = msgspec.json.encode(data_of(seeds))
    assert msgspec.json.decode(data) == json.loads(
        re.findall(rb'id="data">(.*?)</script>', page.read_bytes(), re.S)[0]
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nowhere"], 2, "nowhere: no output of cleaner here"),
        (["--changes", "-1"], 2, "-1 is not in the range"),
        (["--changes", "many"], 2, "'many' is not a valid integer"),
        (["-o", "no/such/folder/x.html"], 4, "no such folder"),
        (["-o", "."], 2, "is a directory"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    seeds: Path, command: Callable[..., Any], arguments: list[str], code: int, said: str
) -> None:
    out = [] if arguments == ["nowhere"] else [seeds]
    done = command("report", *out, *arguments, env=HERE)
    assert done.returncode == code and said in done.stderr.decode()
    assert b"Traceback" not in done.stderr
