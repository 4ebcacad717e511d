"""Which run cleaned what stands."""

from __future__ import annotations

import os

from msgspec import Struct

from cleaner.io.state import Folders, read_manifest, runs


class CleanedBy(Struct, frozen=True, order=True):
    """The run that cleaned an input last, and what tells its settings from others."""

    run: int
    settings: str


def cleaned_by(folders: Folders) -> dict[str, CleanedBy]:
    """Return which run cleaned each input that counts, by path; those included of which a run took a part."""
    found: dict[str, CleanedBy] = {}
    for run in runs(folders):
        manifest = read_manifest(folders, run)
        for path in manifest.withdrawn:
            found.pop(os.fsdecode(path), None)
        for done in manifest.inputs:
            found[os.fsdecode(done.file.path)] = CleanedBy(run, manifest.settings)
    return found
