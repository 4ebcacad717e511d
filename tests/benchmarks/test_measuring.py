"""Commands are measured with all that they start, also what outlives them; failures are told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
# in a process of its own: it becomes the parent of what commands leave behind
MEASURE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from measuring import Failed, measured
try:
    program, folder, limit = sys.argv[1:]
    used = measured([sys.executable, "-c", program], every=0.1, folders=[Path(folder)],
                    limit=float(limit), log=Path(folder, "log"))
    print(json.dumps(asdict(used)))
except Failed as failure:
    print(json.dumps({"failed": str(failure)}))
"""
CHILD = "import os, time\nif os.fork(): raise SystemExit\n"
BUSY = "while time.process_time() < 0.4: pass"


def measure(program: str, folder: Path, limit: float = 60) -> dict[str, Any]:
    command = [sys.executable, "-c", MEASURE, program, str(folder), str(limit)]
    return json.loads(subprocess.run(command, cwd=BENCHMARKS, capture_output=True, check=True).stdout)


def test_processor_time_of_a_child_that_outlives_its_parent_counts(tmp_path: Path) -> None:
    assert measure(CHILD + BUSY, tmp_path)["processor"] >= 0.4


def test_memory_of_children_counts_and_shared_pages_once(tmp_path: Path) -> None:
    program = "import os, time\nheld = bytearray(b'x') * 60_000_000\nos.fork()\ntime.sleep(2)"
    memory = measure(program, tmp_path)["memory"]
    assert 60e6 < memory["pss"] < 100e6
    assert memory["rss"] > 120e6


def test_disk_is_the_peak_of_what_stood_there(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "scratch"
    program = (
        f"import os, time\nos.mkdir({str(file.parent)!r})\nopen({str(file)!r}, 'wb').write(bytes(10**6))\n"
        f"time.sleep(1)\nos.remove({str(file)!r})"
    )
    assert measure(program, tmp_path)["disk"] >= 10**6


@pytest.mark.parametrize(
    ("program", "limit", "told"),
    [
        ("raise SystemExit('no such corpus')", 60, "ended with 1:\nno such corpus\n"),
        ("print('at work', flush=True)\nimport time\ntime.sleep(600)", 0.5, "took more than 0 s:\nat work\n"),
    ],
)
def test_failures_say_how_and_what_was_written(program: str, limit: float, told: str, tmp_path: Path) -> None:
    assert measure(program, tmp_path, limit)["failed"].endswith(told)
