"""A real cron starts the line of `cleaner schedule cron`, in a place of its own: it sees no other job."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

TWO_MINUTES = 180  # seconds, on a busy machine
NEEDED = ("cron", "unshare", "mount")
# Of these the cron below has its own, empty: the jobs of this machine are none of its business.
COVERED = ("/var/spool/cron", "/etc/cron.d", "/run")
CRON = """
set -e
for folder in {covered}; do mount -t tmpfs none "$folder"; done
mount --bind "$1" /etc/crontab
mkdir -p /var/spool/cron/crontabs
exec cron -f
"""

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(os.geteuid() != 0, reason="cron and its place need root"),
    pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"needs {', '.join(NEEDED)}"),
]


@pytest.fixture
def cron(tmp_path):
    """Return what starts cron with a crontab of root, if there may be a place for it."""
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace can be made here")
    started = []

    def cron(line: str) -> None:
        *times, command = line.split(" ", 5)
        lines = f'PYTHONPATH="{os.environ.get("PYTHONPATH", "")}"', " ".join((*times, "root", command))
        crontab = tmp_path / "crontab"
        crontab.write_text("\n".join(lines) + "\n", encoding="utf-8")
        program = CRON.format(covered=" ".join(COVERED))
        words = ["unshare", "--mount", "--kill-child", "--fork", "--pid", "--mount-proc"]
        process = subprocess.Popen([*words, "sh", "-c", program, "sh", str(crontab)])
        started.append(process)

    yield cron
    for process in started:
        process.send_signal(signal.SIGKILL)
        process.wait()


def ends(log: Path) -> list[int]:
    """Return the exit codes that stand in a log."""
    told = map(json.loads, log.read_text(encoding="utf-8").splitlines()) if log.exists() else ()
    return [event["exit_code"] for event in told if event["event"] == "end"]


def test_cron_runs_the_line_every_minute(tmp_path, fill, command, cron):
    here = fill(
        tmp_path / "100% it's $(id) Đêm",
        {"seeds/a.txt": "A line.\nĐọc thêm\n", "config.yaml": "layout: keep\n"},
    )
    told = command("schedule", "cron", "--log", "news.log", cwd=here).stdout.decode().removesuffix("\n")
    assert told.startswith("15 4 * * * ")
    cron(told.replace("15 4 * * * ", "* * * * * "))
    for runs in (1, 2):
        until = time.monotonic() + TWO_MINUTES
        while len(ends(here / "news.log")) < runs:
            assert time.monotonic() < until, told
            time.sleep(1)
        fill(here, {f"seeds/{runs}.txt": "Another line.\n"})
    assert ends(here / "news.log") == [0, 0]
    assert (here / "out/clean/a.txt").read_text(encoding="utf-8") == "A line.\n"
    assert (here / "out/clean/1.txt").exists()
