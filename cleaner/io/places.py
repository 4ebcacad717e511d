"""Where things are when nothing is said: the settings file of this folder, and the output it names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaner.io.settings_file import LoadedSettings


def settings_here(config_file: Path | None) -> LoadedSettings:
    """Return the settings of a file named, else of config.yaml here, else the defaults."""
    from cleaner.io.settings_file import find_settings_file, load_settings

    return load_settings(config_file or find_settings_file())


def output_and_names(out: str | None, names: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the output folder and the documents named; a first name that is no folder is a document
    of the output that the settings here name.
    """
    if out is not None and (os.path.isdir(out) or out.endswith("/")):
        return out, names
    loaded = settings_here(None)
    here = os.path.relpath(loaded.base / loaded.settings.output)
    return here, names if out is None else (out, *names)
