"""Where things are when nothing is said: the settings file of this folder, and the output it names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cleaner.io.urls import is_url, output_place, url_fault

if TYPE_CHECKING:
    from cleaner.io.settings_file import LoadedSettings
    from cleaner.io.state import Folders

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
    """Return the output folder and the documents named; a first name that is no folder and no URL is a
    document of the output that the settings name: those here, if none were `loaded`. Of an output by URL the
    folder is its working copy, as the store has it now.
    """
    if out is not None and not is_url(out):
        if os.path.isdir(out) or out.endswith("/"):
            return out, names
        names, out = (out, *names), None
    folders = _output(out, loaded)
    if folders.url:
        from cleaner.io.output import output_folders

        output_folders(folders)
    return os.fsdecode(folders.out), names


def output_named(out: str | None) -> str:
    """Return the output folder for a command that takes no documents."""
    return out if out is not None and not is_url(out) else output_and_names(out, ())[0]


def output_at(name: str, loaded: LoadedSettings) -> str | None:
    """Return the output folder that a name or a URL stands for, None where no output is there."""
    from cleaner.io.published import refreshed

    folder = os.fsdecode(refreshed(_output(name, loaded)).out) if is_url(name) else name
    return folder if os.path.isdir(os.path.join(folder, "ledger")) else None


def output_to_change(out: str | None) -> Folders:
    """Return where the output is that was named, else that of the settings here, whatever is there."""
    if out is not None and not is_url(out):
        from cleaner.io.state import Folders

        return Folders(os.path.normpath(os.fsencode(out)))
    return _output(out, None)


def _output(url: str | None, loaded: LoadedSettings | None) -> Folders:
    """Return where the output of a URL is, or that of the settings."""
    from cleaner.io.state import Folders

    loaded = loaded or settings_here(None)
    settings = loaded.settings
    output = settings.output if url is None else url
    folder, url = output_place(loaded.base, output, settings.working_copy)
    return Folders(folder if url else os.path.relpath(folder), url)


def output_soon(output: str | None, config_file: Path | None) -> bytes | None:
    """Return the output folder of a run without loading the settings, which takes long; None where only
    loading them will tell, because nothing is checked here.
    """
    if output and not is_url(output):
        return os.path.normpath(os.path.join(os.getcwdb(), os.fsencode(output)))
    file = config_file or Path(SETTINGS_FILE)
    values: dict[str, str | None] = {}
    if config_file or os.path.lexists(file):
        try:
            with file.open("rb") as stream:
                values = _texts_at_top(stream.read(_LARGEST))
        except (OSError, ValueError):
            return None
    named, copies = output or values.get("output", DEFAULT_OUTPUT), values.get("working_copy", "")
    if not named or copies is None or url_fault(named):
        return None
    return output_place(file.absolute().parent, named, copies)[0]


def _texts_at_top(data: bytes) -> dict[str, str | None]:
    """Return the keys at the top of a YAML file with their values; None for those that are no texts.

    Raises ValueError where it is no YAML.
    """
    import yaml

    depth, key = 0, None
    found: dict[str, str | None] = {}
    try:
        for event in yaml.parse(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if depth == 1 and isinstance(event, yaml.NodeEvent):
                value = event.value if isinstance(event, yaml.ScalarEvent) else None
                if key is not None:
                    found.setdefault(key, value)
                key = (value or "") if key is None else None
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
    except (yaml.YAMLError, RecursionError):
        raise ValueError("no YAML") from None
    return found
