"""`cleaner schedule`: what it prints is read as cron and systemd read it, and then does what it should."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cleaner.errors import SettingsError, UsageError
from cleaner.scheduling import Schedule, make_schedule

HANG = 120
ODD = [
    "plain",
    "with  two spaces",
    "it's",
    'say "x"',
    "100%",
    r"a\%b",
    r"back\slash",
    "$HOME `id` $(id) ${x}",
    "a;b & c | d > e # f",
    "%h %% %n",
    "~ * ? [a] {b,c} !!",
    "-rf",
    "Đêm khuya",
]
UNSEEN = ["new\nline", "\x1b[31m", "\u202egnp", b"\xff".decode(errors="surrogateescape"), "tab\t", "a\u200bb"]


@pytest.fixture
def folder(tmp_path, fill, monkeypatch):
    """Return what makes a folder of some name with texts and settings, and goes there."""

    def folder(name: str) -> Path:
        fill(tmp_path / name, {"seeds/a.txt": "A line.\nĐọc thêm\n", "config.yaml": "layout: keep\n"})
        monkeypatch.chdir(tmp_path / name)
        return tmp_path / name

    return folder


def schedule(at="04:15", day=None, config=None, log=None, metrics=None) -> Schedule:
    return make_schedule(at, day, config and Path(config), log, metrics)


def as_cron_reads(line: str) -> tuple[list[str], str, str]:
    """Return the fields of time, the command and its standard input, as in crontab(5)."""
    *fields, command = line.split(" ", 5)
    read, escaped = "", False
    for place, character in enumerate(command):
        if escaped and character == "%":
            read = read[:-1]
        elif character == "%":
            return fields, read, command[place + 1 :].replace("%", "\n")
        escaped = character == "\\" and not escaped
        read += character
    return fields, read, ""


def as_systemd_reads(value: str) -> list[str]:
    """Return the words of a value, as systemd.service(5) ("Command lines") and systemd.unit(5) have it."""
    words = [
        re.sub(r'\\(["\\])', r"\1", word[1:-1]) if word.startswith('"') else word
        for word in re.findall(r'"(?:[^"\\]|\\["\\])*"(?![^ ])|[^ "\\\']+', value)
    ]
    assert len(" ".join(words)) <= len(value)
    return [percent(word) for word in words]


def percent(value: str) -> str:
    assert not re.search(r"(?<!%)(%%)*%(?!%)", value), "a specifier"
    return value.replace("%%", "%")


def values(unit: str) -> dict[str, str]:
    lines = [line for line in unit.splitlines() if line and not line.startswith(("#", "["))]
    assert not any(line.endswith("\\") for line in lines), "a line that goes on"
    found = dict(line.split("=", 1) for line in lines)
    assert len(found) == len(lines)
    return found


def test_cron_reads_back_what_percent_signs_hide():
    assert as_cron_reads(r"1 2 * * 3 a \% b%c%d") == (["1", "2", "*", "*", "3"], "a % b", "c\nd")
    assert as_cron_reads(r"1 2 * * 3 a\\%b") == (["1", "2", "*", "*", "3"], r"a\\", "b")


@pytest.mark.parametrize("name", ODD)
def test_a_line_for_cron_cleans_a_folder(folder, command, tree, tmp_path, name):
    here = folder(name)
    told = command("schedule", "cron", "--log", "the log", "--metrics-file", "50% m.prom", cwd=here)
    assert told.returncode == 0 and told.stderr == b"cleaner: a line for `crontab -e`\n"
    assert told.stdout.count(b"\n") == 1
    fields, line, given = as_cron_reads(told.stdout.decode().removesuffix("\n"))
    assert (fields, given) == (["15", "4", "*", "*", "*"], "")
    environment = ["HOME=/nonexistent", "PATH=/usr/bin:/bin", "LOGNAME=nobody", "SHELL=/bin/sh"]
    ended = subprocess.run(
        ["env", "-i", *environment, "/bin/sh", "-c", line],
        cwd="/", stdin=subprocess.DEVNULL, capture_output=True, timeout=HANG, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert tree(here, "out/clean") == {"out/clean/a.txt": b"A line.\n"}
    assert sorted(os.listdir(here)) == ["50% m.prom", "config.yaml", "out", "seeds", "the log"]
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("name", ODD)
def test_a_service_names_what_is_meant(folder, tmp_path, monkeypatch, name):
    here = folder(name)
    script = here / "cleaner"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(script)])
    (here / "logs").mkdir()
    made = schedule(log="logs/a b.log", metrics="m.prom")
    unit = values(made.service())
    assert percent(unit["WorkingDirectory"]) == str(here)
    assert unit["ExecStart"].startswith(":/") or unit["ExecStart"].startswith(':"/')
    assert as_systemd_reads(unit["ExecStart"][1:]) == [
        *(str(script), "run", "--config", str(here / "config.yaml")),
        *("--log", str(here / "logs/a b.log"), "--metrics-file", str(here / "m.prom")),
    ]
    assert as_systemd_reads(unit["ReadWritePaths"]) == [str(here), str(here / "logs")]
    (here / "out").mkdir()
    assert as_systemd_reads(values(schedule().service())["ReadWritePaths"]) == [str(here / "out")]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
@pytest.mark.parametrize("name", ODD)
def test_systemd_finds_no_fault(folder, tmp_path, name):
    folder(name)
    made = schedule(day="sat", log="a.log")
    for kind, text in (("service", made.service()), ("timer", made.timer())):
        (tmp_path / f"cleaner.{kind}").write_text(text, encoding="utf-8")
    files = [str(tmp_path / f"cleaner.{kind}") for kind in ("service", "timer")]
    told = subprocess.run(
        ["systemd-analyze", "verify", *files], capture_output=True, timeout=HANG, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    ("at", "day", "cron", "calendar"),
    [
        ("04:15", None, "15 4 * * *", "*-*-* 04:15:00"),
        ("0:00", None, "0 0 * * *", "*-*-* 00:00:00"),
        ("23:59", "sun", "59 23 * * 0", "Sun *-*-* 23:59:00"),
        ("9:05", "sat", "5 9 * * 6", "Sat *-*-* 09:05:00"),
    ],
)
def test_times(folder, at, day, cron, calendar):
    folder("plain")
    made = schedule(at, day)
    assert made.crontab().startswith(f"{cron} cd ")
    assert values(made.timer())["OnCalendar"] == calendar


@pytest.mark.parametrize(
    "at", ["24:00", "12:60", "-1:00", "4", "4:5", "noon", "", "04:15:00", "04:15\n", "٠٤:١٥", "* *"]
)
@pytest.mark.parametrize("kind", ["cron", "systemd"])
def test_times_that_are_none(folder, command, kind, at):
    ended = command("schedule", kind, "--at", at, cwd=folder("plain"))
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert re.fullmatch(rb"cleaner: error: '[^\n]*' is no time; say HH:MM, [^\n]*\n", ended.stderr)


@pytest.mark.parametrize("name", UNSEEN)
@pytest.mark.parametrize("kind", ["cron", "systemd"])
def test_a_path_that_could_not_be_read_back_is_refused(folder, command, kind, name):
    ended = command("schedule", kind, cwd=folder(name))
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.count(b"\n") == 1 and b"a path with characters that cannot be seen" in ended.stderr


@pytest.mark.parametrize("name", ["back\\", "behind "])
def test_a_folder_that_systemd_could_not_find_is_refused(folder, name):
    """systemd takes off spaces, and a line that ends with a backslash goes on."""
    folder(name)
    with pytest.raises(UsageError, match="systemd cannot start in a folder of this name"):
        schedule().service()


def test_a_line_that_cron_would_cut_is_refused(folder, tmp_path):
    folder("/".join(["long" * 50] * 5))
    with pytest.raises(UsageError, match=r"a crontab line of [\d,]+ bytes"):
        schedule().crontab()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["cron", "--day", "someday"], b"--day"),
        (["cron", "-c", "none.yaml"], b"none.yaml: no such file"),
        (["cron", "-c", "bad.yaml"], b"bad.yaml:1:1: nothing: unknown key"),
        (["cron", "--log", "missing/log"], b"missing: no such folder"),
        (["systemd", "--metrics-file", "missing/m.prom"], b"missing: no such folder"),
        (["systemd", "--only", "socket"], b"--only"),
        (["launchd"], b"No such command"),
    ],
)
def test_faults_of_usage(folder, command, arguments, told):
    here = folder("plain")
    (here / "bad.yaml").write_text("nothing: 1\n")
    ended = command("schedule", *arguments, cwd=here)
    assert (ended.returncode, ended.stdout) == (2, b"") and told in ended.stderr


def test_settings_elsewhere_lead_there(folder, tmp_path, monkeypatch):
    here = folder("plain")
    (here / "my.yaml").write_text("output: done\nmemory: 2GB\n")
    monkeypatch.chdir("/")
    made = schedule(config=str(here / "my.yaml"))
    assert shlex.split(made.crontab())[5:8] == ["cd", str(here), "&&"]
    assert ["--config", str(here / "my.yaml")] == shlex.split(made.crontab())[10:12]
    assert values(made.service())["MemoryMax"] == "6G"
    with pytest.raises(SettingsError):
        schedule(config="my.yaml")


def test_without_settings_it_is_said_what_will_be_cleaned(folder, command):
    here = folder("plain")
    (here / "config.yaml").unlink()
    for kind in ("cron", "systemd"):
        ended = command("schedule", kind, cwd=here)
        assert (
            ended.returncode == 0
            and b"no config.yaml here, so that it cleans seeds/ into out/" in ended.stderr
        )
        assert b"--config" not in ended.stdout


def test_one_unit_can_be_had_alone(folder, command):
    here = folder("plain")
    both = command("schedule", "systemd", cwd=here).stdout
    units = [command("schedule", "systemd", "--only", kind, cwd=here).stdout for kind in ("service", "timer")]
    assert both.splitlines(keepends=True) == [
        b"# /etc/systemd/system/cleaner.service\n", *units[0].splitlines(keepends=True),
        b"# /etc/systemd/system/cleaner.timer\n", *units[1].splitlines(keepends=True),
    ]  # fmt: skip


def test_what_a_service_needs_stays_in_its_sight(folder, monkeypatch):
    """/tmp of its own would hide folders that lie there."""
    folder("plain")
    made = schedule()
    assert ("PrivateTmp=yes" in made.service()) is not made.temporary
    elsewhere = Schedule(4, 15, None, "/", ("/usr/bin/cleaner",), ("/srv/out",), 10**9, temporary=False)
    assert "PrivateTmp=yes" in elsewhere.service()
    hidden = Schedule(4, 15, None, "/", ("/usr/bin/cleaner",), ("/tmp/out",), 10**9, temporary=True)
    assert "PrivateTmp" not in hidden.service()


def test_a_service_that_needs_the_network_has_it(folder, tmp_path, monkeypatch):
    """It writes into the folder of working copies, or into the next one above that which is there."""
    here = folder("here")
    assert values(schedule().service())["RestrictAddressFamilies"] == "AF_UNIX"
    for line in ("input: [s3://b/in]", "output: s3://b/out\nworking_copy: copies/of"):
        (here / "config.yaml").write_text(line)
        unit = values(schedule().service())
        assert unit["RestrictAddressFamilies"] == "AF_UNIX AF_INET AF_INET6 AF_NETLINK"
        assert "PrivateNetwork" not in unit
    assert as_systemd_reads(unit["ReadWritePaths"]) == [str(here)]
    (here / "copies/of").mkdir(parents=True)
    assert as_systemd_reads(values(schedule().service())["ReadWritePaths"]) == [str(here / "copies/of")]
