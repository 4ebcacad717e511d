"""Results of benchmarks in one file of JSON, a section for each, from which docs/benchmarks.md is made.

    python benchmarks/results.py docs/benchmarks.json quality benchmarks/quality.py CORPUS --size 100MB

runs a benchmark that has an option --json and stores what it writes there as the section `quality`.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_LOAD = os.getloadavg()[0]  # before anything is measured: who else is using the machine


def machine() -> dict[str, Any]:
    """Return what figures depend on: processor, cores that this process may use, memory, Python, load."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "python": platform.python_version(),
        "load": round(_LOAD, 1),
    }


def spelled(arguments: Sequence[str]) -> str:
    """Return a command line as it can be given again; of paths elsewhere only the name stays."""
    shown = (os.path.basename(part) if os.path.isabs(part) else part for part in arguments)
    return " ".join(["python", *shown])


def store(file: Path, section: str, figures: Mapping[str, Any], command: Sequence[str] = ()) -> None:
    """Put figures into a section of the file, with how, where and when they were measured."""
    sections = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    arguments = command or [os.path.relpath(sys.argv[0]), *sys.argv[1:]]
    how = {"command": spelled(arguments), "date": datetime.date.today().isoformat(), "machine": machine()}
    sections[section] = {**how, **figures}
    text = json.dumps(dict(sorted(sections.items())), indent=1, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Run a benchmark and store its figures. One that ends with 1 has missed an aim, and is stored, too."""
    file, section, *command = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "figures.json"
        ended = subprocess.run([sys.executable, *command, "--json", str(written)])
        if not written.exists():
            sys.exit(ended.returncode or f"{command[0]} wrote no figures")
        figures = json.loads(written.read_text(encoding="utf-8"))
    store(Path(file), section, figures if isinstance(figures, dict) else {"rows": figures}, command)


if __name__ == "__main__":
    main()
