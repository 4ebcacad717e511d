"""Whatever stands in names, texts, ids and settings: no command shows it raw, to a terminal, a pipe, a log.

The rows of tests/cases/commands.json call every command over an output full of such data. Three commands
deliver data, which is what they are for (`"data": true`): into a pipe they write it as it is.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from in_child import Ended, folder_in_memory, in_child
from plain import raw_in

from cleaner.cli.main import cli

ROWS = json.loads((Path(__file__).parents[1] / "cases/commands.json").read_text(encoding="utf-8"))

# Clears, titles, clipboards, C1, bidi, zero width, a new line that looks like ours, a byte that is no UTF-8.
ODD = "\x1b[2J\x1b]52;c;eA==\x07\x1b]8;;x\x1b\\\x9b31m\u202e\u2066\u200b\x7f\r\ncleaner: error: \udcff\u2028"
TEXT = ODD.replace("\udcff", "").replace("\r\n", "")  # as it stands in one line of a text
HIDDEN = "\u202eodd\u2066\u200b\u2028"  # what may stand in settings, which refuse controls
SAID = "Thủ tướng họp báo sáng nay về giá xăng dầu tại Hà Nội và các biện pháp bình ổn thị trường"

# Lines of which something is removed, mended, held back, only reported, met by own rules.
ARTICLE = f"""{TEXT}Tiêu đề{TEXT}
{SAID}, {TEXT} với 12 doanh nghiệp.
{SAID}, {TEXT} với 13 doanh nghiệp.
Một  câu{TEXT} khác\xa0của bài báo này, dài hơn bốn mươi ký tự cho chắc.
Một  câu{TEXT} khác\xa0của bài báo này, dài hơn bốn mươi ký tự cho chắc.
Các đại biểu chụp ảnh lưu niệm.
Đọc thêm: {TEXT}
[[dropped {TEXT}]]
[[replaced]]
"""
LATER = f"""Giá vé tàu Tết năm nay tăng, {TEXT} đường sắt cho biết vào ngày 12.
Giá vé tàu Tết năm nay tăng, {TEXT} đường sắt cho biết vào ngày 13.
"""
SETTINGS = f"""
input: [in]
output: out
text_field: {json.dumps(f"text{HIDDEN}")}
id_field: {json.dumps(f"id{HIDDEN}")}
source_field: {json.dumps(f"source{HIDDEN}")}
priority: {{sources: [{json.dumps(HIDDEN)}], date_field: {json.dumps(f"date{HIDDEN}")}}}
boilerplate:
  rules:
    - {{id: gone, pattern: '\\[\\[dropped.*\\]\\]', metadata: tags, reason: {json.dumps(HIDDEN)},
       examples: ["[[dropped]]"], counter_examples: ["x"]}}
    - {{id: other, pattern: '\\[\\[replaced\\]\\]', action: replace, replacement: {json.dumps(HIDDEN)},
       examples: ["[[replaced]]"], counter_examples: ["x"]}}
"""
FAULTS = f"""
{json.dumps(f"output{TEXT}")}: x
near_duplicate: {{threshold: {json.dumps(TEXT)}}}
include: [{json.dumps(f"/{TEXT}")}]
boilerplate:
  packs: [{json.dumps(TEXT)}]
  actions: {{{json.dumps(TEXT)}: drop}}
  rules:
    - {{id: {json.dumps(TEXT)}, pattern: {json.dumps(f"({TEXT}")}, examples: [{json.dumps(TEXT)}],
       counter_examples: [x]}}
"""


def record(number: int, text: str) -> bytes:
    fields = {"id": f"{number}{TEXT}\r\n", "source": f"{TEXT}\n", "date": TEXT, TEXT: TEXT, "text": text}
    return json.dumps({f"{key}{HIDDEN}": value for key, value in fields.items()}).encode() + b"\n"


def inputs() -> dict[str, bytes]:
    """Return files (name -> content) of all formats, some of them damaged, all of them odd."""
    records = b"".join(record(number, ARTICLE) for number in range(2))
    bad = b'{"%b": \n{"id%b": 1, "id%b": 2}\n{"a": "\x1b"}\n\x1b\n' % ((TEXT.encode(),) * 3)
    table = pa.table({f"text{HIDDEN}": [ARTICLE, f"{ARTICLE}more"], f"id{HIDDEN}": ["a", TEXT]})
    packed = pa.BufferOutputStream()
    pq.write_table(table, packed)
    other = pa.BufferOutputStream()
    pq.write_table(pa.table({f"text{HIDDEN}": [1, 2], TEXT: ["a", "b"]}), other)
    return {
        f"{ODD}.txt": ARTICLE.encode() + b"\xff\x9b2J\n",
        f"{ODD}/{ODD}.jsonl": records + bad,
        f"{ODD}/{ODD}.parquet": packed.getvalue().to_pybytes(),
        f"{ODD}/numbers.parquet": other.getvalue().to_pybytes(),
        f"{ODD}/cut.jsonl.gz": gzip.compress(records)[:-9],
        f"{ODD}/b.txt": f"{SAID}, {TEXT} với 12 doanh nghiệp.\n".encode(),
        f"utf16{ODD}.txt": ARTICLE.encode("utf-16"),
        "image.txt": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    }


ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C.UTF-8",
    "TERM": "xterm-256color",
    "CLEANER_PAGER": "cat",
}


def call(folder: Path, *arguments: str, **more: Any) -> Ended:
    environment = {**ENVIRONMENT, "HOME": os.environ["HOME"]}
    return in_child(*arguments, cwd=folder, environment=environment, **more)


@pytest.fixture(scope="module")
def made(_home: Path) -> Iterator[Path]:
    """A folder with odd inputs in `in`, what two runs made of them in `out`, and another output in which a
    text and a ledger do not fit: `damaged`.
    """
    with folder_in_memory() as memory:
        make(memory / "made")
        yield memory / "made"


def make(folder: Path) -> None:
    for name, data in inputs().items():
        place = os.fsencode(folder / "in" / name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(data)
    os.symlink(ODD, folder / "in" / f"link{ODD}")
    (folder / f"{ODD}.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "faults.yaml").write_text(FAULTS, encoding="utf-8")
    (folder / f"{ODD}.txt").write_bytes(ARTICLE.encode() + b"\xff\x9b2J\n")
    run = ("run", "-c", f"{ODD}.yaml")
    assert call(folder, *run).returncode == 3
    shutil.copytree(folder / "out", folder / "damaged")
    for file in (folder / "damaged/clean").rglob("*.txt"):
        file.write_bytes(file.read_bytes() + TEXT.encode())
    (folder / "in" / f"{ODD}.txt").write_text(LATER, encoding="utf-8")  # others went for the old text
    assert call(folder, *run).returncode == 0


@pytest.fixture
def odd(made: Path) -> Iterator[Path]:
    """A copy of it, to do with as one likes; of the same files: nothing writes into one that is there."""
    copy = made.with_name("odd")
    shutil.copytree(made, copy, symlinks=True, copy_function=os.link)
    yield copy
    shutil.rmtree(copy)


def leaves(command: click.Command, *names: str) -> Iterator[tuple[str, click.Command]]:
    """Yield all commands below one that do something, by name."""
    if not isinstance(command, click.Group):
        yield " ".join(names), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, *names, name)


COMMANDS = dict(leaves(cli))


def test_every_command_has_a_row() -> None:
    """A new command belongs into tests/cases/commands.json, with whatever it can be made to say."""
    assert {row["command"] for row in ROWS} == set(COMMANDS)


def arguments_of(row: Mapping[str, Any]) -> list[str]:
    words = row["command"].split() + row["arguments"]
    return [word.replace("{odd}", ODD) for word in words]


NAMES = [" ".join([row["command"], *row["arguments"]]) for row in ROWS]


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_nothing_raw_reaches_a_reader(odd: Path, row: dict[str, Any], terminal: bool) -> None:
    stdin = row.get("stdin", "").encode()
    if terminal and stdin:
        pytest.skip("a text from a pipe")
    ended = call(odd, *arguments_of(row), stdin=stdin, terminal=terminal)
    assert ended.returncode == row["exit"], ended
    assert b"Traceback" not in ended.stdout + ended.stderr
    if not row.get("data") or terminal:
        assert raw_in(ended.stdout, terminal=terminal or row.get("colour", False)) == []
    assert raw_in(ended.stderr) == []
    for pattern in row.get("files", ()):
        files = list(odd.glob(pattern))
        assert files, pattern
        for file in files:
            assert raw_in(file.read_bytes()) == []


def odd_calls(name: str, command: click.Command) -> Iterator[list[str]]:
    """Yield calls of a command with odd arguments, with an option that it has not, with odd values for each
    that it has.
    """
    options = [each for each in command.params if isinstance(each, click.Option) and not each.is_flag]
    needed = [word for each in options if each.required for word in (each.opts[-1], ODD)]
    given = [ODD for each in command.params if isinstance(each, click.Argument)]
    yield [*name.split(), *needed, *given]
    yield [*name.split(), f"--{ODD}"]
    for each in options:
        yield [*name.split(), *needed, each.opts[-1], ODD]


@pytest.fixture(scope="module")
def used(made: Path) -> Path:
    """A copy that all odd calls share: most of them change nothing, and all say something."""
    copy = made.with_name("used")
    shutil.copytree(made, copy, symlinks=True)
    return copy


@pytest.mark.parametrize("name", COMMANDS)
def test_no_argument_comes_back_raw(used: Path, name: str) -> None:
    for arguments in odd_calls(name, COMMANDS[name]):
        ended = call(used, *arguments)
        assert ended.returncode in (0, 2, 3, 4), ended
        assert b"Traceback" not in ended.stderr
        assert raw_in(ended.stderr) == [] and raw_in(ended.stdout) == []
