"""`cleaner run` as people and cron call it: exit codes, messages, streams, signals, environments."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pexpect
import pytest

from cleaner.cli.main import COMMANDS
from cleaner.errors import EXIT_CODES

LINE = "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường."
TEXT = f"{LINE}\nĐọc thêm\n{LINE}\nA line\xa0of its own.\n"
CLEAN = f"{LINE}\n\nA line of its own.\n"
SUMMARY = (
    rb"run 1: 1 document, 4 paragraphs: 2 removed \(50\.0 %\), 1 edited, 0 held back; "
    rb"0 skipped; \d+\.\d s -> "
)


@pytest.fixture
def inputs(tmp_path, fill) -> Path:
    return fill(tmp_path / "in", {"a.txt": TEXT})


def lines(told: bytes) -> list[str]:
    return told.decode().splitlines()


def test_a_run_says_one_line_and_nothing_on_stdout(inputs, command, tmp_path):
    ended = command("run", "in", "-o", "out")
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert re.fullmatch(SUMMARY + rb"out\n", ended.stderr), ended.stderr
    assert (tmp_path / "out/clean/a.txt").read_text(encoding="utf-8") == CLEAN


def test_quiet_prints_nothing_on_success(inputs, command):
    for _ in range(2):
        ended = command("run", "in", "-o", "out", "--quiet")
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_quiet_still_says_what_went_wrong(inputs, command, fill):
    fill(inputs, {"b.jsonl": "{"})
    ended = command("run", "in", "-o", "out", "--quiet")
    assert ended.returncode == 3 and b"b.jsonl:1" in ended.stderr


def test_json_puts_the_summary_on_stdout(inputs, command, tmp_path):
    ended = command("run", "in", "-o", "out", "--json", "--quiet")
    told = json.loads(ended.stdout)
    assert ended.stderr == b"" and ended.stdout.count(b"\n") == 1
    assert (told["run"], told["documents"], told["dropped"], told["problems"]) == (1, 1, 2, [])
    assert sum(told["by_rule"]["dropped"].values()) == 2
    assert told == json.loads((tmp_path / "out/report/summary.json").read_bytes())
    again = json.loads(command("run", "in", "-o", "out", "--json").stdout)
    assert again["nothing_to_do"] is True


def test_no_arguments_mean_the_settings_here(inputs, command, tmp_path, fill):
    fill(tmp_path, {"config.yaml": "input: [in]\noutput: cleaned\nlayout: keep\n"})
    assert command("run").returncode == 0
    assert (tmp_path / "cleaned/clean/a.txt").read_text(encoding="utf-8") == CLEAN.replace("\n\n", "\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["run", "in", "-o", "in"], "output .* is input", id="output is input"),
        pytest.param(["run", "in", "-o", "in/out"], "output .* lies inside input", id="output in input"),
        pytest.param(
            ["run", "in/a.txt", "in", "-", "-o", "out"], "stdin.* beside other inputs", id="- and more"
        ),
        pytest.param(["run", "in", "-c", "none.yaml"], "none.yaml: no such file", id="no settings"),
        pytest.param(["run", "in", "--workers", "0"], "--workers", id="no workers"),
        pytest.param(["run", "in", "--limit", "x"], "--limit", id="no number"),
        pytest.param(["run", "in", "--no-such"], "No such option", id="no option"),
        pytest.param(["no-such"], "No such command", id="no command"),
        pytest.param(["verify", "in"], "no output of cleaner here", id="no output"),
    ],
)
def test_faults_of_usage_end_with_2_before_anything_is_written(
    inputs, command, tmp_path, tree, arguments, told
):
    before = tree(tmp_path)
    ended = command(*arguments)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert re.search(told, ended.stderr.decode())
    assert tree(tmp_path) == before


def test_a_missing_input_is_named_and_the_rest_is_done(inputs, command, tmp_path):
    ended = command("run", "in", "nothing", "-o", "out")
    assert ended.returncode == 3
    assert f"cleaner: skipped: {tmp_path}/nothing: cannot be read: No such file" in ended.stderr.decode()
    assert (tmp_path / "out/clean/in/a.txt").read_text(encoding="utf-8") == CLEAN
    ended = command("run", "nothing", "-o", "none")
    assert ended.returncode == 3 and "nothing to do: no input files found" in ended.stderr.decode()


def test_what_cannot_be_read_is_named_and_the_rest_is_done(inputs, command, tmp_path, fill, tree):
    bad = {
        "bin.txt": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "deep/b.jsonl": b'{"text": "one"}\n{"text": \n{"text": "three"}\n',
        "c.jsonl": b'{"id": "x", "body": "no text here"}\n{"text": 5}\n',
    }
    fill(inputs, bad)
    (inputs / "link.txt").symlink_to("a.txt")
    ended = command("run", "in", "-o", "out")
    assert (ended.returncode, ended.stdout) == (3, b"")
    told = lines(ended.stderr)
    assert told[:-1] == [
        "cleaner: skipped: link.txt: a link; links are not followed (name its target as an input)",
        "cleaner: skipped: bin.txt: the file begins like an image, archive or program",
        "cleaner: skipped: c.jsonl:1: no field 'text' (text_field)",
        "cleaner: skipped: c.jsonl:2: 'text' is a number instead of a string",
        "cleaner: skipped: deep/b.jsonl:2: no JSON: Expecting value at column 11",
    ]
    assert "2 empty" not in told[-1] and "5 skipped" in told[-1]
    assert tree(tmp_path / "out", "clean") == {
        "clean/a.txt": CLEAN.encode(),
        "clean/c.jsonl": b"",
        "clean/deep/b.jsonl": b'{"text": "one"}\n{"text": "three"}\n',
    }
    assert command("verify", "out").returncode == 0
    assert command("restore", "out", "-o", "back").returncode == 0
    back = tree(tmp_path / "back")
    assert back == {"a.txt": TEXT.encode(), **bad}
    kept = command(
        "run", "in", "-o", "kept", "-c", fill(tmp_path, {"k.yaml": "bad_records: keep"}) / "k.yaml"
    )
    assert kept.returncode == 3
    assert (tmp_path / "kept/clean/deep/b.jsonl").read_bytes() == bad["deep/b.jsonl"]
    assert (tmp_path / "kept/clean/bin.txt").read_bytes() == bad["bin.txt"]


def test_of_many_problems_the_first_20_are_told(inputs, command, fill):
    fill(inputs, {"b.jsonl": "bad\n" * 30})
    told = lines(command("run", "in", "-o", "out").stderr)
    assert len([line for line in told if "skipped: b.jsonl" in line]) == 20
    assert told[20] == "cleaner: and 10 more, see out/report/summary.json"
    for nowhere in (("--dry-run", "-o", "dry"), ("-o", "-")):  # no summary is written, so all are told
        told = lines(command("run", "in", *nowhere).stderr)
        assert len([line for line in told if "skipped: b.jsonl" in line]) == 30
        assert not [line for line in told if "more, see" in line]


def test_a_pipe_from_stdin_to_stdout(command, tmp_path):
    ended = command("run", "-", input=TEXT.encode())
    assert (ended.returncode, ended.stdout.decode()) == (0, CLEAN)
    assert ended.stderr.endswith(b"-> stdout\n")
    assert os.listdir(tmp_path) == []


def test_a_pipe_of_records(command):
    record = json.dumps({"id": 1, "text": TEXT})
    ended = command("run", "-", "--format", "jsonl", "--quiet", input=f"{record}\nno record\n".encode())
    first, second = ended.stdout.splitlines()
    assert json.loads(first) == {"id": 1, "text": CLEAN.replace("\n\n", "\n")}
    assert second == b"no record" and ended.returncode == 3


def test_files_to_stdout_in_order_and_stdin_to_a_folder(inputs, command, tmp_path, fill):
    fill(inputs, {"b.txt": "Second text.\n", "B/c.txt": "In a folder.\n"})
    ended = command("run", "in", "-o", "-")
    assert ended.stdout.decode() == f"In a folder.\n{CLEAN}Second text.\n"
    assert sorted(os.listdir(tmp_path)) == ["in"]
    assert command("run", "-", "-o", "out", input=b"A line.").returncode == 0
    assert (tmp_path / "out/clean/stdin.txt").read_bytes() == b"A line.\n"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xff\xfe\x80"])
def test_nearly_nothing_from_stdin(command, data):
    ended = command("run", "-", input=data)
    assert ended.returncode == 0
    assert ended.stdout.strip(b"\n") == data.strip(b"\n")


def shell(command_line: str, tmp_path, environment) -> subprocess.CompletedProcess[bytes]:
    """Run `cleaner` (written C here) in a shell, for redirections."""
    line = command_line.replace("C ", f"{sys.executable} -m cleaner ", 1)
    return subprocess.run(
        ["/bin/sh", "-c", line], cwd=tmp_path, env=environment, capture_output=True, timeout=120, check=False
    )


@pytest.mark.parametrize(
    "line",
    [
        "C run in -o out >&-",
        "C run in -o out <&- >&- 2>&-",
        "C run in -o out >/dev/full",
        "C run in -o out 2>&-",
    ],
)
def test_a_run_needs_no_stdout(inputs, tmp_path, environment, line):
    assert shell(line, tmp_path, environment).returncode == 0
    assert (tmp_path / "out/clean/a.txt").read_text(encoding="utf-8") == CLEAN
    assert not any(b"run 1:" in file.read_bytes() for file in (tmp_path / "out/clean").iterdir())


@pytest.mark.parametrize(
    "line",
    [
        "C run in -o out --json >/dev/full",
        "C run in -o - >/dev/full",
        "C run in -o - >&-",
        "C run in -o out --json >&-",
        "C --help >/dev/full",
        "C run --help >&-",
    ],
)
def test_data_that_cannot_be_printed_is_an_error_of_one_line(inputs, tmp_path, environment, line):
    ended = shell(line, tmp_path, environment)
    assert ended.returncode == 4
    assert b"Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith(b"cleaner: error: ")


def test_a_reader_that_goes_away_is_no_error(inputs, tmp_path, environment, fill):
    fill(inputs, {"long.txt": "".join(f"Line {number} of many.\n" for number in range(20_000))})
    ended = shell("{ C run in -o - 2>err; echo $? >code; } | head -c 10", tmp_path, environment)
    assert b"Traceback" not in (tmp_path / "err").read_bytes()
    assert (len(ended.stdout), (tmp_path / "code").read_text()) == (10, "0\n")


ODD_NAMES = {
    b"\x1b[31m\x07.txt": "[U+001B][31m[U+0007].txt",
    b"new\nline.txt": "new[U+000A]line.txt",
    "\u202egnp\u2066.txt".encode(): "[U+202E]gnp[U+2066].txt",
    b"\xff\x9b.txt": "\\xff\\x9b.txt",
    "\x9b2J\x7f\u2028.txt".encode(): "[U+009B]2J[U+007F][U+2028].txt",
}


def is_plain(told: bytes) -> bool:
    """Tell whether printed bytes hold no control, no mark of direction, and nothing that is not UTF-8,
    and no line begins with a piece of a name.
    """
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    text = told.decode()
    return "\nline.txt" not in text and not any(
        unicodedata.category(one) in hidden for one in text.replace("\n", "")
    )


def test_odd_names_reach_nobody_raw(inputs, command, fill):
    fill(inputs, dict.fromkeys(ODD_NAMES, b"\x00" * 99))
    record = b'{"\\u001b\xe2\x80\xae": 1, "\\u001b\xe2\x80\xae": 2}\n'
    fill(inputs, {name.replace(b".txt", b".jsonl"): record for name in ODD_NAMES})
    ended = command("run", "in", "-o", "out", "--json")
    assert ended.returncode == 3
    assert is_plain(ended.stderr) and is_plain(ended.stdout)
    for shown in ODD_NAMES.values():
        assert f"skipped: {shown}: " in ended.stderr.decode()
    for name in list(ODD_NAMES)[:3]:
        for arguments in (("run", name, "-o", "out"), ("run", "in", "-c", name), ("verify", name)):
            refused = command(*arguments)
            assert refused.returncode in (2, 3) and is_plain(refused.stderr), refused.stderr


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_output_folder_with_an_odd_name_reaches_nobody_raw(inputs, command, fill, name):
    fill(inputs, {"b.jsonl": "bad\n" * 30})
    for arguments in (("run", "in", "-o", name), ("run", "in", "-o", name), ("verify", name)):
        ended = command(*arguments)
        assert ended.returncode in (0, 3) and is_plain(ended.stderr), ended.stderr
    ended = command("restore", name, "-o", name + b"back")
    assert ended.returncode == 0 and is_plain(ended.stderr), ended.stderr
    ended = command("restore", name, "-o", name + b"back")
    assert ended.returncode == 2 and is_plain(ended.stderr), ended.stderr


@pytest.mark.parametrize("argument", ["--\x1b[31m", "\x1b]0;title\x07", "--limit=\x1b[2J", "--format=\u202e"])
def test_odd_arguments_reach_nobody_raw(inputs, command, argument):
    for arguments in (("run", argument), (argument,), ("restore", "-o", "x", argument), ("try", argument)):
        ended = command(*arguments)
        assert is_plain(ended.stderr) and is_plain(ended.stdout), ended.stderr


ENVIRONMENTS = {
    "ascii": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ascii streams": {"PYTHONIOENCODING": "ascii"},
    "no home": {"HOME": None},
    "empty home": {"HOME": ""},
    "home that is not there": {"HOME": "/nonexistent"},
    "nothing at all": {"HOME": None, "PATH": None, "LC_ALL": None},
    "cron": {"HOME": "/root", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "root", "LC_ALL": None},
    "no temporary folder": {"TMPDIR": "/nonexistent"},
    "odd time zone": {"TZ": ":/etc/passwd"},
    "Turkish": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr"},
    "settings of Python": {"PYTHONSTARTUP": "in/a.txt", "PYTHONOPTIMIZE": "2", "PYTHONUNBUFFERED": "1"},
    "odd terminal": {"TERM": "nonsense", "COLUMNS": "0", "FORCE_COLOR": "1", "TZ": "Foo/Bar"},
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_any_environment(inputs, command, tmp_path, fill, environment, name):
    env = {key: value for key, value in (environment | ENVIRONMENTS[name]).items() if value is not None}
    fill(inputs, {"Đọc.jsonl": "bad"})
    ended = command("run", "in", "-o", "out", env=env)
    assert ended.returncode == 3, ended.stderr
    assert b"Traceback" not in ended.stderr and b"\x1b" not in ended.stderr
    assert (b"skipped: " + ("Đọc".encode() if "ascii" not in name else b"")) in ended.stderr
    assert (tmp_path / "out/clean/a.txt").read_text(encoding="utf-8") == CLEAN
    piped = command("run", "-", env=env, input=TEXT.encode())
    assert (piped.returncode, piped.stdout.decode()) == (0, CLEAN)


def test_modules_of_the_folder_are_not_taken_for_ours(inputs, tmp_path, environment, fill):
    """The command, unlike python -m, does not look where it stands."""
    fill(tmp_path, dict.fromkeys(["json.py", "yaml.py", "click.py", "cleaner.py"], "raise SystemExit(77)"))
    script = Path(sys.executable).with_name("cleaner")
    ended = subprocess.run([script, "run", "in", "-o", "out"], cwd=tmp_path, env=environment, check=False)
    assert ended.returncode == 0


@pytest.fixture
def long_run(tmp_path, fill, environment):
    """Start a run that takes a while, and wait until it works."""
    texts = (f"Line {number} of text with {number * 7919} in it, and more.\n" for number in range(60_000))
    fill(tmp_path / "in", {"a.txt": "".join(texts)})
    process = None

    def start(*more: str) -> subprocess.Popen[bytes]:
        nonlocal process
        arguments = [sys.executable, "-m", "cleaner", "run", "in", "-o", "out", *more]
        process = subprocess.Popen(arguments, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
        until = time.monotonic() + 60
        while not list(tmp_path.glob("out/state/stage/0*")):
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.01)
        time.sleep(0.2)
        return process

    yield start
    if process:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_a_run_tidily(long_run, tmp_path, command, fill, number):
    process = long_run()
    process.send_signal(number)
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + number, told
    assert len(told.split(b"\n")) <= 3 and b"nothing half-written was published" in told
    assert not (tmp_path / "out/clean").exists()
    fill(tmp_path / "in", {"a.txt": TEXT})
    assert command("run", "in", "-o", "out").returncode == 0
    assert os.listdir(tmp_path / "out/state/stage") == []
    assert command("verify", "out").returncode == 0


def children(process: int) -> set[int]:
    """Return the living processes below one."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] not in "ZX":
            found.add(int(stat.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_workers_end_with_a_killed_parent_and_hold_no_lock(long_run, tmp_path, command, fill):
    fill(tmp_path / "in", {"b.txt": "x\n" * 5_000_000})
    process = long_run("--workers", "2")
    until = time.monotonic() + 60
    while len(below := children(process.pid)) < 2:
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    process.kill()
    process.wait()
    until = time.monotonic() + 10  # they have work for longer
    while any(Path(f"/proc/{each}").exists() for each in below) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(Path(f"/proc/{each}").exists() for each in below)
    fill(tmp_path / "in", {"a.txt": TEXT, "b.txt": "A line."})
    assert command("run", "in", "-o", "out").returncode == 0


def test_a_bar_on_a_terminal_only(inputs, tmp_path, environment):
    run = f"{sys.executable} -m cleaner run in -o out"
    env = environment | {"TERM": "xterm-256color"}
    told, code = pexpect.run(run, cwd=tmp_path, env=env, withexitstatus=True, timeout=120)
    assert code == 0 and "━".encode() in told and re.search(SUMMARY, told)
    told, code = pexpect.run(f"{run}2 --quiet", cwd=tmp_path, env=env, withexitstatus=True, timeout=120)
    assert (told, code) == (b"", 0)
    env |= {"FORCE_COLOR": "1"}
    ended = subprocess.run(f"{run}3".split(), cwd=tmp_path, env=env, capture_output=True, check=True)
    assert "━".encode() not in ended.stderr and b"\x1b" not in ended.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"]])
def test_help_waits_for_no_heavy_module(arguments):
    told = "import sys; print(*sys.modules, file=sys.stderr)"
    program = (
        f"import atexit; atexit.register(lambda: exec({told!r}))\nfrom cleaner.cli.main import main\nmain()"
    )
    ended = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, check=True)
    loaded = {name.partition(".")[0] for name in ended.stderr.decode().split()}
    assert "click" in loaded
    assert not loaded & {"numpy", "ftfy", "pydantic", "rapidfuzz", "rich", "yaml", "multiprocessing"}


@pytest.mark.parametrize(
    "name", [[], *([name] for name in COMMANDS)], ids=lambda name: " ".join(name) or "all"
)
def test_help_has_examples(command, name):
    told = command(*name, "--help").stdout.decode()
    assert "Examples:\n" in told and re.search(r"^ +(?:\S+ .*\| )?cleaner ", told, re.MULTILINE)


def test_help_of_run_tells_its_exit_codes(command):
    told = command("run", "--help").stdout.decode()
    for code in set(EXIT_CODES) - {1}:
        assert re.search(rf"\b{code} ", told.partition("Exit codes:")[2])
