"""What starts this installation every night: a line for crontab, or a service and a timer for systemd."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec import Struct

from cleaner.errors import UsageError
from cleaner.io.places import SETTINGS_FILE, settings_here
from cleaner.io.urls import is_url, output_place, placed
from cleaner.text.show import show

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")  # as cron counts them
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_LONGEST = 998  # bytes of a command that every cron takes
_TEMPORARY = ("/tmp/", "/var/tmp/")
_GIGABYTE = 1_000_000_000


class Schedule(Struct, frozen=True):
    """A run to be started at `hour`:`minute`, every day or on one (0: Sunday), by absolute paths.

    `folder` is where it starts, `writable` are the folders in which it writes, `memory` is what it aims
    to stay within, in bytes; `temporary` says that something of it lies below /tmp,
    `network` that something is a URL.
    """

    hour: int
    minute: int
    day: int | None
    folder: str
    words: tuple[str, ...]
    writable: tuple[str, ...]
    memory: int
    temporary: bool
    network: bool = False

    def crontab(self) -> str:
        """Return the line for `crontab -e`. Raises UsageError where it would be longer than cron takes."""
        words = " ".join(map(_for_cron, self.words))
        command = f"cd {_for_cron(self.folder)} && {words} --quiet"
        if len(command.encode()) > _LONGEST:
            raise UsageError(f"a crontab line of {len(command.encode()):,} bytes", hint="use shorter paths")
        return f"{self.minute} {self.hour} * * {'*' if self.day is None else self.day} {command}"

    def service(self) -> str:
        """Return the systemd service: it may write where the run writes, and do little else."""
        if self.folder != self.folder.strip() or self.folder.endswith("\\"):
            raise UsageError("systemd cannot start in a folder of this name", where=show(self.folder))
        owner = os.stat(self.folder).st_uid
        lines = [
            "[Unit]",
            "Description=Clean and deduplicate a corpus",
            "",
            "[Service]",
            "Type=oneshot",
            f"User={_user_name(owner)}",
            f"WorkingDirectory={self.folder.replace('%', '%%')}",
            f"ExecStart=:{' '.join(map(_for_systemd, self.words))}",
            f"ReadWritePaths={' '.join(map(_for_systemd, self.writable))}",
            f"MemoryMax={3 * self.memory // _GIGABYTE or 1}G",
            *_HARDENED,
            *(_WITH_NETWORK if self.network else _WITHOUT_NETWORK),
        ]
        if not self.temporary:
            lines.append("PrivateTmp=yes")
        if owner:
            lines.append("CapabilityBoundingSet=")
        return "\n".join(lines) + "\n"

    def timer(self) -> str:
        """Return the systemd timer."""
        day = "" if self.day is None else f"{DAYS[self.day].title()} "
        return (
            "[Unit]\nDescription=Clean and deduplicate a corpus\n\n"
            f"[Timer]\nOnCalendar={day}*-*-* {self.hour:02}:{self.minute:02}:00\n"
            "Persistent=true\nRandomizedDelaySec=5min\n\n[Install]\nWantedBy=timers.target\n"
        )


# What a run needs none of. It starts processes and maps files, and reads inputs wherever they lie.
_HARDENED = (
    "Nice=10",
    "IOSchedulingClass=idle",
    "ProtectSystem=strict",
    "NoNewPrivileges=yes",
    "PrivateDevices=yes",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
)
_WITHOUT_NETWORK = ("PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX")
_WITH_NETWORK = ("RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",)


def make_schedule(
    at: str, day: str | None, config_file: Path | None, log: str | None, metrics: str | None
) -> Schedule:
    """Return the schedule of runs with these settings (else with config.yaml here, else the defaults).

    Raises UsageError for settings that have faults, for a time that is none, and for a path that could not
    be read back from the line.
    """
    time = _TIME.fullmatch(at)
    if not time:
        raise UsageError(f"'{show(at, limit=40)}' is no time", hint="say HH:MM, from 00:00 to 23:59")
    loaded = settings_here(config_file)
    folder = str(loaded.base)
    words = [*_program(), "run"]
    if loaded.path is not None:
        words += ["--config", os.path.join(folder, loaded.path.name)]
    settings = loaded.settings
    place, url = output_place(loaded.base, settings.output, settings.working_copy)
    writable = [_that_is_there(os.fsdecode(place)) if url else _or_above(os.fsdecode(place))]
    for option, file in (("--log", log), ("--metrics-file", metrics)):
        if file is not None:
            words += [option, os.path.abspath(file)]
            writable.append(os.path.dirname(os.path.abspath(file)))
            if not os.path.isdir(writable[-1]):
                raise UsageError("no such folder", where=show(writable[-1]), hint="make it first")
    for path in (folder, *words, *writable):
        if show(path, limit=None) != path:
            hint = "rename it, or write the job by hand"
            raise UsageError("a path with characters that cannot be seen", where=show(path), hint=hint)
    inputs = [placed(folder, name) for name in settings.input]
    return Schedule(
        int(time[1]), int(time[2]), None if day is None else DAYS.index(day), folder, tuple(words),
        tuple(dict.fromkeys(writable)), settings.memory,
        any(_is_temporary(path) for path in (folder, *words, *writable, *inputs)),
        any(map(is_url, (url, *inputs))),
    )  # fmt: skip


def _or_above(folder: str) -> str:
    return folder if os.path.isdir(folder) else os.path.dirname(folder)


def _that_is_there(folder: str) -> str:
    """Return a folder, or the next one above it that is there: a working copy is made by its first run."""
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder


def _program() -> Sequence[str]:
    """Return what starts this very installation, whatever PATH and the working folder are."""
    for script in (sys.argv[0], os.path.join(os.path.dirname(sys.executable), "cleaner")):
        if os.path.basename(script) == "cleaner" and os.access(script, os.X_OK) and os.path.isfile(script):
            return [os.path.abspath(script)]
    return [os.path.abspath(sys.executable), "-P", "-m", "cleaner"]


def _for_cron(word: str) -> str:
    r"""Return a word as the shell of a cron job reads it: cron makes a newline of % unless \ stands before.

    >>> print(_for_cron("/srv/a b"), _for_cron("50%"), _for_cron(r"a\%'b"))
    '/srv/a b' 50\% 'a\'\%''"'"'b'
    """
    quoted = shlex.quote(word)
    return quoted.replace("%", r"'\%'" if quoted.startswith("'") else r"\%")


def _for_systemd(word: str) -> str:
    r"""Return a word as systemd reads it in a list of words.

    >>> print(_for_systemd("/srv/a"), _for_systemd('50% "b" \\'))
    /srv/a "50%% \"b\" \\"
    """
    word = word.replace("%", "%%")
    if re.fullmatch(r"[\w%+=:,./-]+", word, re.ASCII):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _is_temporary(path: str) -> bool:
    return f"{os.path.normpath(path)}/".startswith(_TEMPORARY)


def cron_command(schedule: Schedule) -> None:
    """Print the line for crontab on stdout, and how to install it on stderr."""
    click.echo(schedule.crontab())
    click.echo("cleaner: a line for `crontab -e`", err=True)
    _say_where_settings_are(schedule)


def systemd_command(schedule: Schedule, only: str | None) -> None:
    """Print the service, the timer, or both on stdout, and how to install them on stderr."""
    units = {"service": schedule.service(), "timer": schedule.timer()}
    for kind in [only] if only else units:
        click.echo(units[kind] if only else f"# /etc/systemd/system/cleaner.{kind}\n{units[kind]}", nl=False)
    if not only:
        click.echo(
            "cleaner: --only service and --only timer print what goes into each file; then say "
            "`systemctl enable --now cleaner.timer`",
            err=True,
        )
    _say_where_settings_are(schedule)


def _say_where_settings_are(schedule: Schedule) -> None:
    if "--config" not in schedule.words:
        told = (
            f"no {SETTINGS_FILE} here, so that it cleans seeds/ into out/; `cleaner config init` writes one"
        )
        click.echo(f"cleaner: {told}", err=True)
