"""Where things are when nothing is said: the settings file of this folder, and the output it names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaner.io.settings_file import LoadedSettings

_LARGEST = 1_000_000  # bytes of a settings file
SETTINGS_FILE = "config.yaml"
DEFAULT_OUTPUT = "out"


def settings_here(config_file: Path | None) -> LoadedSettings:
    """Return the settings of a file named, else of config.yaml here, else the defaults."""
    from cleaner.io.settings_file import find_settings_file, load_settings

    return load_settings(config_file or find_settings_file())


def output_and_names(
    out: str | None, names: Sequence[str], loaded: LoadedSettings | None = None
) -> tuple[str, Sequence[str]]:
    """Return the output folder and the documents named; a first name that is no folder is a document
    of the output that the settings name: those here, if none were `loaded`.
    """
    if out is not None and (os.path.isdir(out) or out.endswith("/")):
        return out, names
    loaded = loaded or settings_here(None)
    here = os.path.relpath(loaded.base / loaded.settings.output)
    return here, names if out is None else (out, *names)


def output_soon(output: str | None, config_file: Path | None) -> bytes | None:
    """Return the output folder of a run without loading the settings, which takes long; None where only
    loading them will tell, because nothing is checked here.
    """
    if output:
        return os.path.normpath(os.path.join(os.getcwdb(), os.fsencode(output)))
    file = config_file or Path(SETTINGS_FILE)
    named: str | None = DEFAULT_OUTPUT
    if config_file or os.path.lexists(file):
        try:
            with file.open("rb") as stream:
                named = _output_named(stream.read(_LARGEST))
        except (OSError, ValueError):
            return None
    if not named:
        return None
    return os.path.normpath(os.fsencode(file.absolute().parent / named))


def _output_named(data: bytes) -> str | None:
    """Return the value of `output` at the top of a YAML file, the default where there is no such key."""
    import yaml

    depth, key = 0, None
    try:
        for event in yaml.parse(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if depth == 1 and isinstance(event, yaml.NodeEvent):
                value = event.value if isinstance(event, yaml.ScalarEvent) else None
                if key == "output":
                    return value
                key = (value or "") if key is None else None
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
    except (yaml.YAMLError, RecursionError):
        return None
    return DEFAULT_OUTPUT
