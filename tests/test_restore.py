"""Promise one: clean text and ledger give every input back, byte for byte, whatever it holds."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

import pytest

from cleaner.errors import CleanerError, StateError, UsageError
from cleaner.io.publish import Disk
from cleaner.restoring import restore_output, verify_output

DOCUMENTS = 500
SENTENCES = [
    "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường.",
    "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường!",
    "Bão số 3 đổ bộ vào Quảng Ninh đêm qua, 12 tàu cá phải vào bờ tránh trú.",
    "Bão số 3 đổ bộ vào Quảng Ninh đêm qua, 14 tàu cá phải vào bờ tránh trú.",
    "Đọc thêm",
    "Ảnh: TTXVN",
    "The committee will meet again on Monday to discuss the budget of the port.",
    "Theo TTXVN",
    "Việt Nam – Lào 31/05/2025 08:05",
    "ﬁn de siècle “quoted” &amp; &lt;b&gt; &nbsp; &#7897; &copy",
    "Bá»™ trÆ°á»Ÿng há»p bÃ¡o",
    "Vie\u0323\u0302t Nam e\u0301\u0323 \u01ce \xd0",
    "\u200b\u200dsoft\xad hyphen \ufeff\u2060 and \xa0\xa0 spaces \u3000\u2028 here \u2029 there \x85.",
    "ＡＢＣ １２３",
    "\U0001f600 \U000e0001 \ufffd \ufffe \ue000",
    "\u202egnp.exe \u2066x\u2069",
    "./.",
    "  leading and trailing \t ",
]
ENDS = ["\n", "\r\n", "\r", "\n\n", "\n \t\n", "\r\n\r\n", "\n\n\n\n", "\r\r\n", "\x0b", "\x0c", "\u2028"]
CODECS = [
    ("utf-8", b""),
    ("utf-8", b"\xef\xbb\xbf"),
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
    ("utf-16-le", b""),
    ("utf-32-le", b"\xff\xfe\0\0"),
    ("utf-32-be", b"\0\0\xfe\xff"),
    ("cp1258", b""),
    ("latin-1", b""),
]
CESU8 = b"\xed\xa0\xbd\xed\xb8\x80 and alone \xed\xa0\x80 \xed\xb2\x80"
ODD_ESCAPES = {
    "\n": ["\\n", "\\u000a", "\\u000A"],
    "/": ["\\/", "/", "\\u002f"],
    "a": ["a", "\\u0061"],
    "à": ["à", "\\u00e0", "\\u00E0"],
    "\U0001f600": ["\U0001f600", "\\ud83d\\ude00", "\\uD83D\\uDE00"],
    '"': ['\\"', "\\u0022"],
    "\\": ["\\\\", "\\u005c"],
    "\t": ["\\t", "\\u0009"],
    "\x7f": ["\x7f", "\\u007f"],
}
BAD_RECORDS = [
    b"{",
    b'{"id": "x"}',
    b'{"text": 5}',
    b"[1, 2]",
    b'{"text": "a", "text": "b"}',
    b'{"text": "a"} {"text": "b"}',
    b'{"text": "a",}',
    b'{"text": "raw \x01 control"}',
    b"\xff\xfe\x80",
    b"nonsense \x1b[31m",
    b'{"text": "\xff \\udc80"}',
    b"[" * 5000,
]
PASSED_BY = [b"", b"   ", b"\t \r", b'{"text": null, "x": 1.10}']


def a_text(rng: random.Random) -> str:
    """Return lines of all kinds, many of them twice or nearly so."""
    lines = [rng.choice(SENTENCES) for _ in range(rng.randint(1, 14))]
    lines += rng.sample(lines, min(len(lines), 3))
    if rng.random() < 0.3:
        lines.append("".join(chr(rng.choice([rng.randrange(32, 0x250), rng.randrange(0x1E00, 0x1F00)])) * 3))
    ends = rng.choices(ENDS, k=3) if rng.random() < 0.5 else ["\n"]
    text = "".join(line + rng.choice(ends) for line in lines)
    if rng.random() < 0.2:
        text = normalize("NFD", text)
    return text if rng.random() < 0.5 else text.rstrip("\r\n")


def some_bytes(rng: random.Random) -> bytes:
    """Return a hostile .txt: text in any encoding, torn, mixed, or no text at all."""
    kind = rng.randrange(10)
    if kind == 0:
        return rng.randbytes(rng.randrange(200))
    if kind == 1:
        return rng.choice(
            [b"", b"\n", b"  \n\t\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\n" * 99]
        )
    if kind == 2:
        encoded = [
            a_text(rng).encode(rng.choice(["utf-8", "utf-16-le", "latin-1"]), "replace") for _ in "123"
        ]
        return b"\n".join(encoded)
    codec, mark = rng.choice(CODECS)
    data = mark + a_text(rng).encode(codec, "replace")
    if kind == 3:  # cut in the middle of a character
        return data[: rng.randrange(len(data) + 1)]
    if kind == 4:  # with stray bytes
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(data) + 1)
            data = (
                data[:at]
                + rng.choice([b"\xff", b"\x80\x80", b"\xc3", CESU8, b"\0", rng.randbytes(2)])
                + data[at:]
            )
    return data


def a_record(rng: random.Random, number: int) -> bytes:
    """Return one line of JSON without its end: a text in odd spelling, or something to be skipped."""
    kind = rng.randrange(12)
    if kind == 0:
        return rng.choice(BAD_RECORDS)
    if kind == 1:
        return rng.choice(PASSED_BY)
    text = a_text(rng)
    if kind == 2:
        text += rng.choice(["\ud800", "\udfff \ud83d", "\udc80"])
    odd = rng.random() < 0.5
    literal = "".join(
        rng.choice(ODD_ESCAPES[one])
        if odd and one in ODD_ESCAPES
        else json.dumps(one, ensure_ascii=one != "à")[1:-1]
        if one != "\x7f" and not 0xA0 < ord(one) < 0xD800
        else one
        for one in text
    )
    more = rng.choice(
        [b"", b', "n": 1.10', b', "big": 1' + b"0" * 5000, b', "x": [NaN, 1E5, -0, {"a": null}]']
    )
    identity = rng.choice([b"", b'"id": "doc%d", ' % (number // 2), b'"id":7 , ', b'"id": "../../etc", '])
    raw = b"{" + identity + b'"text" : "' + literal.encode("utf-8", "surrogatepass") + b'"' + more + b"}"
    if kind == 3:
        raw = raw.replace("ư".encode(), b"\xff", 1)
    return rng.choice([b"", b" "]) + raw + rng.choice([b"", b" ", b"\r"])


def corpus(folder: Path, seed: int, count: int) -> None:
    """Write `count` hostile documents: half of them .txt, half records of a few .jsonl."""
    rng = random.Random(seed)
    (folder / "deep").mkdir(parents=True)
    for number in range(count // 2):
        name = rng.choice(["", "deep/"]) + f"{number:03}{rng.choice(['.txt', '.TXT', '.text'])}"
        (folder / name).write_bytes(some_bytes(rng))
    for number in range(5):
        records = [a_record(rng, number) for number in range(count // 10)]
        end = rng.choice([b"\n", b""])
        (folder / f"{number}.jsonl").write_bytes(b"\n".join(records) + end)


SETTINGS = [
    pytest.param({}, id="default"),
    pytest.param({"paragraph": "blank_line"}, id="blocks"),
    pytest.param({"layout": "keep", "bad_records": "keep"}, id="layout and bad records kept"),
    pytest.param({"layout": "blank_line", "near_duplicate": {"facts": "off", "threshold": 80.0}}, id="bold"),
]


def came_back(out: Path, back: Path) -> None:
    """Assert that an output can be verified and restore it."""
    verified = verify_output(str(out))
    assert verified.differences == ()
    restored = restore_output(str(out), str(back), (), None, Disk())
    assert restored.differences == ()


@pytest.mark.parametrize("settings", SETTINGS)
def test_hostile_documents_come_back(tmp_path, clean, tree, settings):
    count = DOCUMENTS if not settings else DOCUMENTS // 5
    corpus(tmp_path / "in", 20240229 + len(settings), count)
    outcome = clean(tmp_path / "in", tmp_path / "out", **settings)
    counts = outcome.summary.counts
    assert counts["documents"] > count // 2
    assert min(counts["dropped"], counts["edited"], counts["skipped"]) > 0
    came_back(tmp_path / "out", tmp_path / "back")
    assert tree(tmp_path / "back") == tree(tmp_path / "in")


def test_every_byte_value_and_every_pair_with_a_line_end(tmp_path, clean, fill, tree):
    everything = bytes(range(256))
    lines = b"".join(b"a line of words with %c in it\n" % value for value in range(256) if value != 10)
    files = {"all.txt": everything, "lines.txt": lines, "crlf.txt": lines.replace(b"\n", b"\r\n")}
    files["cr.txt"] = lines.replace(b"\r", b"").replace(b"\n", b"\r")
    fill(tmp_path / "in", files)
    clean(tmp_path / "in", tmp_path / "out")
    came_back(tmp_path / "out", tmp_path / "back")
    assert tree(tmp_path / "back") == files


def test_one_line_of_5_mb(tmp_path, clean, fill, tree):
    long = (SENTENCES[0] + "\xa0 ").encode() * 60_000
    fill(tmp_path / "in", {"long.txt": long[:5_000_000], "over.txt": b"short\n" + long[:200_000]})
    clean(tmp_path / "in", tmp_path / "out", record_limit=6_000_000)
    came_back(tmp_path / "out", tmp_path / "back")
    outcome = clean(tmp_path / "in", tmp_path / "small", record_limit=100_000)
    assert [str(problem) for problem in outcome.problems] == [
        "long.txt: line 1 has 5,000,000 bytes, over the record limit of 100,000 (record_limit)",
        "over.txt: line 2 has 200,000 bytes, over the record limit of 100,000 (record_limit)",
    ]
    came_back(tmp_path / "small", tmp_path / "back2")
    assert tree(tmp_path / "back") == tree(tmp_path / "back2") == tree(tmp_path / "in")


@pytest.mark.parametrize("kept", ["ledger", "keep"])
def test_a_record_over_the_limit_is_skipped_whole(tmp_path, clean, fill, tree, kept):
    lines = [b'{"text": "short one"}', b'{"text": "' + b"x" * 3_000_000 + b'"}', b'{"text": "last one"}']
    fill(tmp_path / "in", {"a.jsonl": b"\n".join(lines)})
    outcome = clean(tmp_path / "in", tmp_path / "out", record_limit=1000, bad_records=kept)
    assert [problem.line for problem in outcome.problems] == [2]
    assert outcome.summary.counts["documents"] == 2
    came_back(tmp_path / "out", tmp_path / "back")
    assert tree(tmp_path / "back") == tree(tmp_path / "in")


REPEATED = f"{SENTENCES[0]}\nSome other line that stands alone.\n{SENTENCES[0]}\n{SENTENCES[1]}\nx\xa0y z\n"


@pytest.fixture
def done(tmp_path: Path, clean: Callable[..., object], fill: Callable[..., Path]) -> Path:
    """An output with two texts and three records."""
    records = [json.dumps({"id": f"r{number}", "text": REPEATED + str(number)}) for number in range(3)]
    files = {
        "a.txt": REPEATED,
        "b.txt": "Đọc thêm\nNothing else of note here.\n",
        "c.jsonl": "\n".join(records),
    }
    clean(fill(tmp_path / "in", files), tmp_path / "out")
    return tmp_path / "out"


def restored(out: Path, back: Path, *names: str, undo: tuple[str, ...] = ()) -> None:
    chosen = (lambda stage, rule: f"{stage}.{rule}" in undo or stage in undo) if undo else None
    assert restore_output(str(out), str(back), names, chosen, Disk()).differences == ()


def test_single_documents_by_path_record_and_id(done, tmp_path, tree):
    lines = (tmp_path / "in/c.jsonl").read_bytes().splitlines(keepends=True)
    restored(done, tmp_path / "one", "b.txt")
    assert tree(tmp_path / "one") == {"b.txt": (tmp_path / "in/b.txt").read_bytes()}
    restored(done, tmp_path / "two", "c.jsonl:2")
    assert tree(tmp_path / "two") == {"c.jsonl": lines[1]}
    restored(done, tmp_path / "three", "r2", "a.txt")
    assert tree(tmp_path / "three") == {"a.txt": REPEATED.encode(), "c.jsonl": lines[2]}


@pytest.mark.parametrize("name", ["nothing", "c.jsonl:9", "a.txt:x", ""])
def test_a_name_that_matches_nothing_is_said(done, tmp_path, name):
    with pytest.raises(UsageError, match="no document"):
        restored(done, tmp_path / "back", name)


def test_one_rule_undone(done, tmp_path):
    clean_text = (done / "clean/a.txt").read_text(encoding="utf-8")
    assert clean_text.count(SENTENCES[0]) == 1 and "x y z" in clean_text
    restored(done, tmp_path / "back", "a.txt", undo=("repeats.exact",))
    undone = (tmp_path / "back/a.txt").read_text(encoding="utf-8")
    assert undone.count(SENTENCES[0]) == 2 and "x y z" in undone and "\xa0" not in undone


def test_one_stage_undone(done, tmp_path):
    restored(done, tmp_path / "back", undo=("whitespace",))
    text = (tmp_path / "back/a.txt").read_text(encoding="utf-8")
    assert "x\xa0y z" in text and text.count(SENTENCES[0]) == 1
    assert (tmp_path / "back/b.txt").read_bytes() == (done / "clean/b.txt").read_bytes()


def test_everything_undone_leaves_only_the_layout(done, tmp_path):
    stages = ("encoding", "whitespace", "boilerplate", "repeats", "near_duplicate")
    restored(done, tmp_path / "back", undo=stages)
    assert (tmp_path / "back/a.txt").read_text(encoding="utf-8").split("\n\n") == [
        *REPEATED.split("\n")[:-2],
        "x\xa0y z\n",
    ]
    records = (tmp_path / "back/c.jsonl").read_bytes().splitlines()
    wanted = (tmp_path / "in/c.jsonl").read_bytes().splitlines()
    assert [json.loads(record) for record in records] == [json.loads(record) for record in wanted]


def test_nothing_is_overwritten(done, tmp_path, fill, tree):
    fill(tmp_path / "back", {"c.jsonl": "mine"})
    with pytest.raises(UsageError, match="nothing is overwritten"):
        restored(done, tmp_path / "back")
    assert tree(tmp_path / "back") == {"c.jsonl": b"mine"}


def found_by_verify(out: Path) -> str:
    """Return the line that tells of damage. Fails where there is none, or more than one."""
    try:
        lines = verify_output(str(out)).differences
    except StateError as error:
        lines = (str(error),)
    assert len(lines) == 1 and "\n" not in lines[0], lines
    return lines[0]


def flipped(file: Path, at: int, mask: int = 1) -> bytes:
    """Change one byte of a file; return what it was."""
    whole = file.read_bytes()
    file.write_bytes(whole[:at] + bytes([whole[at] ^ mask]) + whole[at + 1 :])
    return whole


@pytest.mark.parametrize("name", ["clean/a.txt", "clean/c.jsonl"])
def test_a_flipped_byte_of_a_clean_file_is_found(done, name):
    file = done / name
    for at in range(0, file.stat().st_size, 7):
        whole = flipped(file, at, 1 << (at % 8))
        assert found_by_verify(done).startswith(file.name)
        file.write_bytes(whole)
    assert verify_output(str(done)).differences == ()


@pytest.mark.parametrize("name", ["ledger/a.txt.ledger.jsonl", "ledger/c.jsonl.ledger.jsonl"])
def test_a_flipped_byte_of_a_ledger_is_found(done, name):
    file = done / name
    size = file.stat().st_size
    for at in {*range(0, size, 11), *range(size - 150, size)}:
        whole = flipped(file, at, 1 << (at % 8))
        with pytest.raises(StateError):
            verify_output(str(done))
        file.write_bytes(whole)
    assert verify_output(str(done)).differences == ()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda out: os.unlink(out / "clean/a.txt"), id="clean file lost"),
        pytest.param(lambda out: os.unlink(out / "ledger/a.txt.ledger.jsonl"), id="ledger lost"),
        pytest.param(lambda out: os.truncate(out / "clean/c.jsonl", 100), id="clean file cut"),
        pytest.param(lambda out: (out / "clean/a.txt").open("ab").write(b"more"), id="clean file grown"),
        pytest.param(lambda out: os.truncate(out / "ledger/c.jsonl.ledger.jsonl", 500), id="ledger cut"),
        pytest.param(
            lambda out: shutil.copy(out / "ledger/a.txt.ledger.jsonl", out / "ledger/b.txt.ledger.jsonl"),
            id="ledger of another file",
        ),
    ],
)
def test_damage_is_found_by_verify(done, damage):
    damage(done)
    try:
        assert verify_output(str(done)).differences
    except CleanerError as error:
        assert error.exit_code == 5 and "\n" not in str(error)


def test_the_commands_say_what_differs(done, tmp_path, command):
    assert command("verify", done).stderr == b"ok: 3 files, 5 documents; every input byte can be restored\n"
    whole = flipped(done / "clean/a.txt", 3)
    verified = command("verify", done)
    assert verified.returncode == 7
    assert verified.stderr == b"cleaner: differs: a.txt: the clean text was changed after it was written\n"
    assert command("restore", done, "-o", tmp_path / "back").returncode == 7
    (done / "clean/a.txt").write_bytes(whole)
    os.truncate(done / "ledger/a.txt.ledger.jsonl", 300)
    verified = command("verify", done)
    assert verified.returncode == 5
    assert verified.stderr.count(b"\n") == 1 and b"damaged ledger" in verified.stderr
