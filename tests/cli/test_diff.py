"""`cleaner diff` as people run it: piped, on a terminal of some width, through a pager, into `head`."""

from __future__ import annotations

import gc
import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from rich.cells import cell_len

from cleaner.cli.main import main
from cleaner.errors import StateError
from cleaner.report import diff as report
from cleaner.report import pager
from cleaner.report.selection import Selection
from cleaner.report.terminal import unified

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden/diff"
CLEANER = [sys.executable, "-m", "cleaner"]
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
RAW = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xef\xbb\xbf")
CAPTION = (
    "Bộ trưởng và các đại biểu dự hội nghị chụp ảnh lưu niệm tại trụ sở của Bộ ở Hà Nội vào chiều ngày 12/5,"
    " sau khi hai bên ký kết bản ghi nhớ về hợp tác trong lĩnh vực phòng cháy"
)
INPUTS = {
    "a.txt": f"Tiêu đề bài báo đầu\n{CAPTION}\n\n{CAPTION}\nCâu\u00a0khác  của bài.\nĐọc thêm\n".encode(),
    "b đ.txt": "Một câu chỉ có ở bài thứ hai của báo.\r\nMột câu nữa  mà thôi.\r\n".encode(),
    "hostile\x1b[31m.txt": (
        "\x1b[2J\x1b]0;x\x07Dòng \u202eđầu\u202c của bài [/red] :smile: \u0084\n"
        "=== b.txt  9 removed\nmột  hai\n"
    ).encode(),
    "n.jsonl": '{"id": "tin-1", "text": "Một  hai"}\n{"id": "tin-2", "text": "Ba  bốn"}\n'.encode(),
    "same.txt": "Không có gì để sửa trong bài này.\n".encode(),
    "utf16.txt": "Hà  Nội mưa\n".encode("utf-16"),
}

OPTIONS = report.DiffOptions(Selection(), "changes", "rule", "never", False)

needs_less = pytest.mark.skipif(shutil.which("less") is None, reason="less is not installed")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def _environment(**more: str) -> dict[str, str]:
    plain = {
        name: value
        for name, value in os.environ.items()
        if name not in ("NO_COLOR", "FORCE_COLOR", "PAGER", "CLEANER_PAGER", "LESS", "COLUMNS", "LINES")
    }
    return {**plain, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "LESSHISTFILE": "-", **more}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with inputs in seeds/ and what `cleaner run` made of them in out/."""
    folder = tmp_path_factory.mktemp("diff")
    (folder / "seeds").mkdir()
    for name, data in INPUTS.items():
        (folder / "seeds" / name).write_bytes(data)
    subprocess.run([*CLEANER, "run", "--quiet"], cwd=folder, env=_environment(), check=True)
    return folder


Call = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def call(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Iterator[Call]:
    """Call `cleaner diff` in this process, with stdout and stderr caught."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    monkeypatch.chdir(folder)
    for name in ("NO_COLOR", "FORCE_COLOR", "PAGER", "CLEANER_PAGER", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["cleaner", "diff", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), out, err)

    yield call
    gc.unfreeze()  # main ends a process
    gc.enable()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*CLEANER, "diff", *arguments], cwd=folder, env=_environment(**environment), capture_output=True
    )


def _terminal(folder: Path, *arguments: str, width: int = 80, **environment: str) -> pexpect.spawn:
    command = [*CLEANER[1:], "diff", *arguments]
    return pexpect.spawn(
        CLEANER[0],
        command,
        cwd=str(folder),
        env=_environment(**environment),
        dimensions=(30, width),
        timeout=20,
    )


def _screen(child: pexpect.spawn) -> list[str]:
    """Read to the end what stands on a terminal without a pager."""
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    return COLOUR.sub(b"", child.before).replace(b"\r\n", b"\n").decode().split("\n")


def test_piped_output_is_plain_and_golden(folder: Path) -> None:
    done = _run(folder)
    assert done.stdout.decode() == (GOLDEN / "small.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "golden"),
    [
        (["--stat"], "stat"),
        (["--by", "rule"], "stat"),
        (["--stat", "--by", "stage"], "stat_stage"),
        (["--stat", "--by", "source"], "stat_source"),
        (["--by", "document"], "stat_document"),
        (["--by", "document", "--only", "removed", "out", "a.txt", "same.txt"], "stat_some"),
    ],
)
def test_stat(call: Call, arguments: list[str], golden: str) -> None:
    done = call(*arguments)
    assert done.stdout.decode() == (GOLDEN / f"{golden}.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        ([], {}),
        ([], {"FORCE_COLOR": "1"}),
        ([], {"NO_COLOR": "1", "FORCE_COLOR": "1"}),
        (["--color", "never"], {"FORCE_COLOR": "1"}),
        (["--stat"], {"FORCE_COLOR": "1"}),
        ([], {"COLUMNS": "20"}),
        ([], {"TERM": ""}),
    ],
)
def test_no_escape_byte_in_a_pipe(call: Call, arguments: list[str], environment: dict[str, str]) -> None:
    done = call(*arguments, **environment)
    assert not RAW.search(done.stdout)
    assert done.stdout == call(*[each for each in arguments if each == "--stat"]).stdout


def test_colour_when_asked_for_is_colour_only(call: Call) -> None:
    done = call("--color", "always", NO_COLOR="1")
    assert COLOUR.search(done.stdout)
    assert not RAW.search(COLOUR.sub(b"", done.stdout))


@pytest.mark.parametrize("name", ["a.txt", "b đ.txt", "n.jsonl:2", "tin-2"])
def test_a_document_by_name(call: Call, name: str) -> None:
    done = call("out", name)
    titles = re.findall(r"^=== (.*?)  ", done.stdout.decode(), re.MULTILINE)
    assert titles == ["n.jsonl:2" if name == "tin-2" else name]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["out", "no.txt"], "no document 'no.txt'"),
        (["out", "n.jsonl:9"], "no document 'n.jsonl:9'"),
        (["out", "x\x1b[2J"], "no document 'x[U+001B][2J'"),
        (["nowhere/"], "nowhere/: no output of cleaner here"),
        (["nowhere"], "no document 'nowhere' in this output"),
        (["--only", "suspects", "--no-suspects"], "leave nothing to show"),
        (["--patch", "--stat"], "--patch shows whole files"),
        (["--patch", "--by", "rule"], "--patch shows whole files"),
        (["--by", "colour"], "'colour' is not one of"),
        (["--patch", "--rule", "vi.read_more"], "--patch shows whole files"),
        (["--patch", "--no-suspects"], "--patch shows whole files"),
        (["--patch", "--unified"], "--side-by-side and --unified are for changes"),
        (["--by", "source", "--side-by-side"], "--side-by-side and --unified are for changes"),
        (["--since", "-1"], "-1 is not in the range"),
        (["--since", "monday"], "'monday' is not a valid integer"),
        (["--since", "2"], "there was no run 2; the last one is 1"),
        (["--only", "everything"], "'everything' is not one of"),
        (["--color", "maybe"], "'maybe' is not one of"),
    ],
)
def test_what_cannot_be_shown_is_one_line_and_exit_2(call: Call, arguments: list[str], said: str) -> None:
    done = call(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rule", "vi.raed_more"], "no change by vi.raed_more here; did you mean vi.read_more?"),
        (["--stage", "repaets"], "no change by repaets here; did you mean repeats?"),
        (["--rule", "exact", "--only", "edited"], "no change of that kind here"),
        (["out", "same.txt"], "nothing was changed here"),
        (["--stat", "out", "same.txt"], "nothing was changed here"),
        (["--by", "document", "out", "same.txt"], "nothing was changed here"),
        (["--patch", "out", "same.txt"], "nothing was changed here"),
    ],
)
def test_nothing_to_show_is_said_on_stderr(call: Call, arguments: list[str], said: str) -> None:
    done = call(*arguments)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (0, b"", f"cleaner: {said}\n")


def test_selections(call: Call) -> None:
    def rules(*arguments: str) -> set[str]:
        return set(re.findall(r"^line \d+  ([^:,]*)", call(*arguments).stdout.decode(), re.MULTILINE))

    assert (
        rules("--rule", "vi.read_more")
        == rules("--rule", "boilerplate.vi.read_more")
        == {"boilerplate.vi.read_more"}
    )
    assert rules("--stage", "repeats") == {"repeats.exact"}
    assert rules("--stage", "repeats", "--rule", "vi.read_more") == {
        "repeats.exact",
        "boilerplate.vi.read_more",
    }
    assert rules("--only", "removed") == {"repeats.exact", "boilerplate.vi.read_more"}
    assert not rules("--only", "edited") & rules("--only", "removed")


@needs_git
def test_the_patch_gives_the_text_files_back(folder: Path, tmp_path: Path) -> None:
    done = _run(folder, "--patch")
    assert done.returncode == 0
    assert done.stderr.decode() == "cleaner: not in the patch: n.jsonl (only .txt files are)\n"
    back = tmp_path / "back"
    shutil.copytree(folder / "out/clean", back)
    alone = _environment(GIT_CEILING_DIRECTORIES=str(tmp_path))
    subprocess.run(["git", "apply", "-R", "-"], cwd=back, input=done.stdout, env=alone, check=True)
    for name, data in INPUTS.items():
        assert ((back / name).read_bytes() == data) == (name != "n.jsonl"), name


def test_the_patch_leaves_compressed_files_out(call: Call, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt.gz").write_bytes(gzip.compress("Một tin.\nĐọc thêm\n".encode()))
    subprocess.run([*CLEANER, "run", "in", "-o", "out"], cwd=tmp_path, check=True, capture_output=True)
    done = call(str(tmp_path / "out"), "--patch")
    said = b"cleaner: not in the patch: a.txt.gz (only .txt files are)\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", said)
    assert (tmp_path / "out/report/changes.patch").read_bytes() == b""


def test_a_record_that_was_only_reported_shows_its_suspect(call: Call, tmp_path: Path) -> None:
    records = tmp_path / "in" / "n.jsonl"
    records.parent.mkdir()
    records.write_text('{"id": "x", "text": "Các đại biểu chụp ảnh lưu niệm."}\n', encoding="utf-8")
    subprocess.run([*CLEANER, "run", "in", "-o", "out"], cwd=tmp_path, check=True, capture_output=True)
    done = call(str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (0, b"")
    assert "? Các đại biểu chụp ảnh lưu niệm." in done.stdout.decode()


def test_what_no_patch_holds_is_said_and_nothing_else(call: Call) -> None:
    done = call("--patch", "out", "n.jsonl")
    said = b"cleaner: not in the patch: n.jsonl (only .txt files are)\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", said)


def test_a_patch_on_a_terminal_is_made_safe(folder: Path) -> None:
    text = "\n".join(_screen(_terminal(folder, "--patch", "--no-pager")))
    assert "+++ b/a.txt" in text
    assert "-[U+001B][2J[U+001B]]0;x" in text
    assert not RAW.search(text.encode())


def test_head_is_no_error(folder: Path) -> None:
    command = f"{' '.join(CLEANER)} diff | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=_environment(), capture_output=True)
    assert done.stdout.decode() == "=== a.txt  2 removed, 1 edited\n0\n"
    assert done.stderr == b""


def test_a_closed_reader_is_no_error(folder: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*CLEANER, "diff"], cwd=folder, env=_environment(), stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_is_exit_4(folder: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*CLEANER, "diff"],
            cwd=folder,
            env=_environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 4
    assert done.stderr == b"cleaner: error: cannot write to stdout: No space left on device (exit 4)\n"


@pytest.mark.parametrize(
    ("width", "arguments", "most"),
    [(40, [], 40), (119, [], 119), (240, ["--unified"], 120), (240, [], 200)],
)
def test_rows_fit_the_terminal_in_one_column_or_two(
    folder: Path, width: int, arguments: list[str], most: int
) -> None:
    rows = _screen(_terminal(folder, "--no-pager", *arguments, width=width))
    assert 0.5 * most < max(map(cell_len, rows)) <= most
    assert "=== hostile[U+001B][31m.txt" in "\n".join(rows)
    two = width >= 120 and not arguments
    bars = {cell_len(row.partition("│")[0]) for row in rows if "│" in row}
    assert bars == ({(most - 3) // 2 + 1} if two else set())


def test_two_columns_in_a_pipe_are_plain_and_golden(call: Call) -> None:
    done = call("--side-by-side")
    assert done.stdout.decode() == (GOLDEN / "columns.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, b"")


def test_since_shows_what_later_runs_cleaned(
    call: Call, tmp_path: Path, fill: Callable[..., Path], clean: Callable[..., object]
) -> None:
    for name in ("a", "b", "c"):
        clean(fill(tmp_path / "in", {f"{name}.txt": f"Bài  {name} nói gì.\n"}), tmp_path / "out")
    out = str(tmp_path / "out")

    def shown(*arguments: str) -> list[str]:
        done = call(out, *arguments)
        assert (done.returncode, done.stderr) == (0, b"")
        return re.findall(r"^=== (\S+)|^diff --git a/(\S+)", done.stdout.decode(), re.M)

    assert [name for name, _ in shown("--since", "0")] == ["a.txt", "b.txt", "c.txt"]
    assert [name for name, _ in shown("--since", "1")] == ["b.txt", "c.txt"]
    assert [name for name, _ in shown("--since", "1", "c.txt")] == ["c.txt"]
    assert [name for _, name in shown("--since", "2", "--patch")] == ["c.txt"]
    assert b"1 of 1 documents changed" in call(out, "--since", "2", "--stat").stdout
    nothing = call(out, "--since", "3")
    assert nothing.stderr == b"cleaner: no input was changed since run 3\n"
    assert call(out, "--since", "1", "a.txt").stderr == b"cleaner: no input was changed since run 1\n"
    wrong = call(out, "--since", "4")
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert b"there was no run 4; the last one is 3" in wrong.stderr


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}, {"COLUMNS": "0"}])
def test_a_plain_terminal_gets_marks_in_brackets(folder: Path, environment: dict[str, str]) -> None:
    child = _terminal(folder, "--no-pager", **environment)
    child.expect(pexpect.EOF)
    assert (b"[-[U+00A0]-]" in child.before) == ("COLUMNS" not in environment)
    assert (b"\x1b" in child.before) == ("COLUMNS" in environment)


@needs_less
@pytest.mark.parametrize("width", [40, 200])
def test_less_shows_it_and_quitting_early_is_no_error(folder: Path, width: int) -> None:
    child = _terminal(folder, width=width)
    child.expect_exact(b"a.txt")
    child.expect_exact("Đọc thêm".encode() if width == 200 else b"line 2")
    child.expect(r"\n:|\(END\)|\r:")
    child.send("q")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "Traceback" not in child.before.decode()


@needs_less
@pytest.mark.parametrize("terminal", ["dumb", ""])
def test_a_dumb_terminal_gets_no_pager(folder: Path, terminal: str) -> None:
    rows = _screen(_terminal(folder, TERM=terminal))
    assert rows == _screen(_terminal(folder, "--no-pager", TERM=terminal))


def test_it_waits_until_the_pager_is_left(folder: Path, tmp_path: Path) -> None:
    left = tmp_path / "left"
    child = _terminal(folder, CLEANER_PAGER=f"sh -c 'cat > /dev/null; sleep 0.5; touch {left}'")
    child.wait()
    assert left.exists()


def test_a_run_is_not_refused_while_somebody_reads(tmp_path: Path) -> None:
    """More than a pipe holds, so that most of the output is still to be read when the run begins."""
    (tmp_path / "seeds").mkdir()
    for number in range(60):
        text = 2 * (f"Bài số {number}: " + "từ này từ kia, " * 200 + "\n")
        (tmp_path / "seeds" / f"{number:02}.txt").write_text(text, encoding="utf-8")
    subprocess.run([*CLEANER, "run", "--quiet"], cwd=tmp_path, env=_environment(), check=True)
    child = _terminal(tmp_path, CLEANER_PAGER="sh -c 'while [ ! -e go ]; do sleep 0.05; done; cat'")
    for name in ("59", "60"):
        (tmp_path / "seeds" / f"{name}.txt").write_text("Bài  khác hẳn, vừa được viết.\n", encoding="utf-8")
    time.sleep(1)
    run = subprocess.run([*CLEANER, "run"], cwd=tmp_path, env=_environment(), capture_output=True)
    assert run.returncode == 0, run.stderr
    (tmp_path / "go").touch()
    titles = re.findall(r"^=== (\d\d)\.txt", "\n".join(_screen(child)), re.MULTILINE)
    assert titles == [f"{number:02}" for number in range(60)]


def test_an_error_shows_after_the_pager(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "x")
    ledger = tmp_path / "x/out/ledger/utf16.txt.ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes()[:-40])
    child = _terminal(tmp_path / "x", CLEANER_PAGER="sh -c 'sleep 0.5; cat; echo left'")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 5
    rows = child.before.decode().splitlines()
    assert rows[-2] == "left"
    assert rows[-1].startswith("cleaner: error: ")


@needs_less
def test_ctrl_c_is_for_the_pager(folder: Path) -> None:
    child = _terminal(folder, width=40)
    child.expect(r"\r:|\n:")
    child.sendintr()
    for _ in range(40):  # a terminal forgets what was typed around a Ctrl-C
        child.send("q")
        if child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=1) == 0:
            break
    child.close()
    assert (child.exitstatus, child.signalstatus) == (0, None)


@pytest.mark.parametrize(
    "environment",
    [
        {"CLEANER_PAGER": "head -n 1"},
        {"CLEANER_PAGER": "head -n 1", "PAGER": "false"},
        {"PAGER": "head -n 1"},
    ],
)
def test_the_pager_named(folder: Path, environment: dict[str, str]) -> None:
    assert _screen(_terminal(folder, **environment)) == ["=== a.txt  2 removed, 1 edited", ""]


@pytest.mark.parametrize(
    "environment", [{"CLEANER_PAGER": ""}, {"PAGER": "cat"}, {"CLEANER_PAGER": "", "PAGER": "false"}]
)
def test_no_pager(folder: Path, environment: dict[str, str]) -> None:
    assert _screen(_terminal(folder, **environment)) == _screen(_terminal(folder, "--no-pager"))


@pytest.mark.parametrize("name", ["no-such-pager\x1b[2J", "less 'unbalanced"])
def test_a_pager_that_cannot_run_is_said_and_not_needed(folder: Path, name: str) -> None:
    rows = _screen(_terminal(folder, CLEANER_PAGER=name))
    assert rows[0].startswith("cleaner: cannot run the pager ")
    assert rows[1:] == _screen(_terminal(folder, "--no-pager"))
    assert not RAW.search("\n".join(rows).encode())


def test_without_less_it_prints(folder: Path) -> None:
    rows = _screen(_terminal(folder, PATH="/nonexistent"))
    assert rows == _screen(_terminal(folder, "--no-pager"))


def test_the_first_document_shows_before_the_second_ledger_is_read(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "x")
    ledger = tmp_path / "x/out/ledger/b đ.txt.ledger.jsonl"
    ledger.write_bytes(b"damaged")
    documents = report._Documents(str(tmp_path / "x/out"), (), None)
    lines = report._lines(documents, OPTIONS, unified, report._Seen())
    assert next(lines).pieces[0] == ("path", "a.txt")
    with pytest.raises(StateError, match="damaged ledger"):
        list(lines)


def test_every_line_is_flushed(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[object] = []

    class Stream:
        def write(self, data: bytes) -> None:
            events.append(data)

        def flush(self) -> None:
            events.append("flush")

    def chunks() -> Iterator[bytes]:
        yield b"1"
        assert events == [b"1", "flush"]
        yield b"2"

    pager._write(chunks(), Stream())  # type: ignore[arg-type]
    assert events == [b"1", "flush", b"2", "flush"]


def test_a_damaged_ledger_is_exit_5_after_what_is_sound(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "x")
    ledger = tmp_path / "x/out/ledger/utf16.txt.ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes()[:-40])
    done = _run(tmp_path / "x")
    assert done.returncode == 5
    assert done.stdout.startswith(b"=== a.txt")
    assert b"damaged ledger" in done.stderr
    assert b"Traceback" not in done.stderr


def test_the_output_of_config_yaml_is_the_default(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"output: {folder / 'out'}\n")
    assert _run(tmp_path).stdout == _run(folder).stdout


def test_own_rules_tell_their_reason(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/a.txt").write_text("Một câu của bài.\nXEM NGAY\n", encoding="utf-8")
    (tmp_path / "config.yaml").write_text(
        "boilerplate:\n  rules:\n    - {id: now, pattern: XEM NGAY, reason: shouted at readers,\n"
        "       examples: [XEM NGAY], counter_examples: [Xem ngay]}\n"
    )
    subprocess.run([*CLEANER, "run", "--quiet"], cwd=tmp_path, env=_environment(), check=True)
    assert b"line 2  boilerplate.own.now: shouted at readers\n" in _run(tmp_path).stdout


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import cleaner.cli.diff", ["rich", "pydantic", "rapidfuzz", "numpy", "cleaner.report"]),
        ("from cleaner.cli.main import cli; cli(['diff'], standalone_mode=False)", ["rich", "numpy"]),
    ],
)
def test_nothing_heavy_is_imported_in_vain(folder: Path, code: str, unwanted: list[str]) -> None:
    check = f"import sys; {code}; print([m for m in {unwanted} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", check], cwd=folder, env=_environment(), capture_output=True)
    assert done.stderr == b"[]\n"


def test_help_ends_with_examples(folder: Path) -> None:
    text = _run(folder, "--help").stdout.decode()
    examples = re.findall(r"^    cleaner diff(.*?)(?:  .*)?$", text, re.MULTILINE)
    assert len(examples) == 9
    assert max(map(len, text.splitlines())) <= 100
