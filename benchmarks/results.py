"""Results in one file of JSON, a section for each benchmark, from which docs/benchmarks.md is made."""

from __future__ import annotations

import datetime
import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Return what figures depend on: processor, cores that this process may use, memory, Python."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": memory,
        "python": platform.python_version(),
    }


def command() -> str:
    """Return the command line that is running, as it can be given again."""
    return " ".join(["python", os.path.relpath(sys.argv[0]), *sys.argv[1:]])


def store(file: Path, section: str, figures: Mapping[str, Any]) -> None:
    """Put figures into a section of the file, with how, where and when they were measured."""
    sections = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    how = {"command": command(), "date": datetime.date.today().isoformat(), "machine": machine()}
    sections[section] = {**how, **figures}
    text = json.dumps(sections, indent=1, sort_keys=True, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
