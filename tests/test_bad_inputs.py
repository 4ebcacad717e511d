"""Bad inputs and bad settings, as tests/cases/bad_inputs.json has them: each gets its exit code and its one
clear line, what can be cleaned is, every byte comes back, and a second run is a quiet one.

A row has an id (docs/reliability.md), a name, and what is made (bad_files.py): `files`; the third `line` of
JSON lines; `texts`; a `config`. `told` are patterns, one for each line that is said, sorted; `clean` is what
must hold of clean texts; `lost` are the files that cannot be restored, since nothing of them was taken
("told": those that are told of); `again` is the exit code of a second run; `taken` are the files that are
taken, where that is not all.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from bad_files import SENTENCE, Maker
from in_child import Ended, folder_in_memory, in_child
from plain import raw_in

from cleaner.io.compression import decompressed, split_suffix
from cleaner.io.publish import Disk
from cleaner.restoring import restore_output

CASES = json.loads((Path(__file__).parent / "cases/bad_inputs.json").read_text(encoding="utf-8"))
SIZED = re.compile(r'\*\d+/\d+§|"(?:times|many|sparse)": \[')
FULL = [case for case in CASES if SIZED.search(json.dumps(case, ensure_ascii=False))]
MOST = 700_000_000  # bytes of memory, of which half is that of the tests

Call = Any


def named(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=f"{case['id']} {case['name']}") for case in cases]


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """The folder of a case; on disk, where it is in its full size."""
    if request.node.get_closest_marker("torture"):
        yield tmp_path
    else:
        with folder_in_memory() as folder:
            yield folder


@pytest.fixture
def call(folder: Path, environment: dict[str, str]) -> Call:
    """Return what calls `cleaner` in the folder of the case."""

    def call(*arguments: str, **more: Any) -> Ended:
        ended = in_child(*arguments, cwd=folder, environment=environment, **more)
        assert b"Traceback" not in ended.stderr
        assert raw_in(ended.stderr) == [] and raw_in(ended.stdout) == []
        return ended

    return call


def files_of(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the inputs of a case, as bad_files.py makes them."""
    if "line" in case:
        first, second, last = (
            json.dumps({"id": f"{number}", "text": f"{SENTENCE} {number}"}) + "\n" for number in "129"
        )
        return {"a.jsonl": [first, second, case["line"], "\n", last]}
    if "texts" in case:
        records = [json.dumps({"id": text, "text": f"{text} {SENTENCE}"}) + "\n" for text in case["texts"]]
        return {"a.jsonl": records, "a.txt": "\n\n".join(case["texts"] * 2)}
    return {**case.get("files", {}), "ok.txt": SENTENCE}  # whatever becomes of the others, this is cleaned


def told(ended: Ended) -> list[str]:
    """Return the lines that are said of inputs or settings, without what all of them begin with."""
    lines = ended.stderr.decode().splitlines()
    found = (re.fullmatch(r"cleaner: (?:skipped|error): (.*?)(?: \(exit 2\))?", line) for line in lines)
    return sorted(line[1] for line in found if line)


def is_told(lines: list[str], patterns: list[str]) -> bool:
    return len(lines) == len(patterns) and all(map(re.search, patterns, lines))


def regular(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each regular file that can be reached by its path."""
    for at, _, names in os.walk(folder):
        for name in names:
            file = Path(at, name)
            if (
                len(os.fsencode(file)) < os.pathconf("/", "PC_PATH_MAX")
                and file.is_file()
                and not file.is_symlink()
            ):
                yield str(file.relative_to(folder)), file.read_bytes()


def content(name: str, data: bytes) -> object:
    """Return what a file holds: packed bytes may differ, and so may the pages of a Parquet file."""
    if name.endswith(".parquet"):
        return pq.read_table(io.BytesIO(data))
    return decompressed(io.BytesIO(data), split_suffix(os.fsencode(name))[1]).read()


def comes_back(case: Mapping[str, Any], folder: Path, lines: list[str]) -> None:
    """Check that all that was taken is restored, byte for byte."""
    result = restore_output(str(folder / "out"), str(folder / "back"), (), None, Disk())
    assert result.differences == ()
    inputs, back = dict(regular(folder / "in")), dict(regular(folder / "back"))
    lost = case.get("lost", ())
    lost = {line.split(": ")[0] for line in lines} if lost == "told" else set(lost)
    assert set(back) == ({*case["taken"], "ok.txt"} if "taken" in case else set(inputs)) - lost
    for name, data in back.items():
        assert content(name, data) == content(name, inputs[name]), name


def holds(maker: Maker, file: Path, what: Mapping[str, Any]) -> None:
    """Check what must hold of a clean text."""
    text = content(file.name, file.read_bytes())
    assert isinstance(text, bytes)
    if "is" in what:
        assert text == maker.content(what["is"])
    assert [each for each in what.get("has", ()) if maker.content(each) not in text] == []
    assert [each for each in what.get("lacks", ()) if maker.content(each) in text] == []


def check(case: Mapping[str, Any], folder: Path, call: Call, maker: Maker, **more: Any) -> Ended:
    """Check all that is promised of a case that is cleaned; return how the first run ended."""
    maker.make(folder / "in", files_of(case))
    run = ("run", "in", "-o", "out")
    if "config" in case:
        maker.make(folder, {"config.yaml": case["config"]})
    ended = call(*run, "--log", "log", **more)
    assert ended.returncode == case["exit"], ended
    lines = told(ended)
    assert is_told(lines, case.get("told", [])), lines
    assert raw_in((folder / "log").read_bytes()) == []
    for report in (folder / "out/report").glob("*"):  # the texts in a patch are data, its heads are not
        heads = re.findall(
            rb"(?m)^diff --git .*$" if report.suffix == ".patch" else rb"(?s).+", report.read_bytes()
        )
        assert raw_in(b"\n".join(heads)) == []
    for name, what in case.get("clean", {}).items():
        holds(maker, folder / "out/clean" / name, what)
    comes_back(case, folder, lines)
    clean = dict(regular(folder / "out/clean"))
    again = call(*run, "--quiet", **more)
    assert again.returncode == case.get("again", 0)
    assert again.returncode or again.stderr == again.stdout == b""
    assert dict(regular(folder / "out/clean")) == clean
    assert set(os.listdir(folder)) - {"config.yaml"} == {"in", "out", "log", "back"}
    return ended


@pytest.mark.parametrize("case", named([case for case in CASES if case["exit"] != 2]))
def test_a_bad_input(case: dict[str, Any], folder: Path, call: Call) -> None:
    check(case, folder, call, Maker())


@pytest.mark.torture
@pytest.mark.parametrize("case", named(FULL))
def test_a_bad_input_in_its_full_size(case: dict[str, Any], folder: Path, call: Call) -> None:
    full = {**case, **case.get("full", {})}
    ended = check(full, folder, call, Maker(full=True), hang=3600)
    assert ended.memory < full.get("memory", MOST)


@pytest.mark.parametrize("case", named([case for case in CASES if case["exit"] == 2]))
def test_bad_settings(case: dict[str, Any], folder: Path, call: Call, tree: Any) -> None:
    """They are refused with a line for each fault, before anything is done."""
    maker = Maker()
    maker.make(folder / "in", files_of(case))
    maker.make(folder, {"config.yaml": case["config"]})
    before = tree(folder)
    ended = call("run")
    assert ended.returncode == 2, ended
    lines = told(ended)
    assert is_told(lines, case["told"]), lines
    assert tree(folder) == before


def test_what_is_made_is_what_is_meant() -> None:
    maker = Maker()
    assert zlib.crc32(maker.content({"noise": 5000})) == 1_175_684_701
    assert maker.content("§ab*3§\udcff§\n*2/9§") == b"ababab\xff\n\n"
    assert Maker(full=True).content("§ab*3§\udcff§\n*2/9§") == b"ababab\xff" + b"\n" * 9
    assert gzip.decompress(maker.content({"gz": ["a", {"hex": "62"}]})) == b"ab"
    packed = io.BytesIO(maker.content({"zstd": ["ab", {"run": "c", "times": 200_000}]}))
    assert decompressed(packed, "zstd").read() == b"ab" + b"c" * 200_000
