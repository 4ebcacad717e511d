"""Virtual environments of the tools that cleaner is measured beside: made once, then used offline."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class NotInstalled(Exception):
    """An environment could not be made; holds what the installer said."""


def default_folder() -> Path:
    """Return where environments stay: a folder in the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cleaner-benchmarks"


def python_of(folder: Path, name: str, packages: Sequence[str]) -> Path:
    """Return the Python of the environment `name` with just these packages; make it if it is not there.

    Raises NotInstalled.
    """
    python = folder / name / "bin" / "python"
    if _ready(folder / name, packages):
        return python
    uv = str(folder / "uv" / "bin" / "uv")  # pip does not find versions for dolma in ten minutes
    if name == "uv":
        make, install = [sys.executable, "-m", "venv"], [str(python), "-m", "pip", "install", "-q"]
    else:
        python_of(folder, "uv", ["uv"])
        make = [uv, "venv", "-q", "--python", sys.executable]
        install = [uv, "pip", "install", "-q", "--python", str(python)]
    shutil.rmtree(folder / name, ignore_errors=True)
    _done([*make, str(folder / name)])
    _done([*install, *packages])
    _marker(folder / name).write_text("\n".join(packages))
    return python


def _marker(folder: Path) -> Path:
    return folder / "installed.txt"


def _ready(folder: Path, packages: Sequence[str]) -> bool:
    marker = _marker(folder)
    return marker.is_file() and marker.read_text() == "\n".join(packages)


def _done(command: Sequence[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode:
        raise NotInstalled(f"{' '.join(command)}\n{ended.stderr.strip()}")
