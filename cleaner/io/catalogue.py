"""What all earlier runs come to: their manifests, folded.

state/catalogue.json holds the fold of all but the last hundred or so, so that a start takes as long after ten
thousand runs as after two hundred. It is derived: where it is missing, damaged, of another version or of
other manifests, all of them are read, and the next run that cleans something writes it anew.
"""

from __future__ import annotations

import os
from collections import deque
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import astuple, replace

from cleaner.errors import StateError
from cleaner.io.figures import Figures
from cleaner.io.inputs import Problem
from cleaner.io.output_checks import must_know_its_report
from cleaner.io.publish import Disk
from cleaner.io.state import (
    MANIFEST_VERSION,
    Done,
    Folders,
    Manifest,
    is_whole,
    packed_done,
    packed_paths,
    packed_problem,
    read_done,
    read_manifest,
    read_paths,
    read_problem,
    runs,
    sealed,
)
from cleaner.text.show import show

FILE = os.path.join(b"state", b"catalogue.json")  # below the output
_VERSION = [1, MANIFEST_VERSION]  # so that none hides a manifest that this cleaner cannot read
_EVERY = 100  # runs between two times that it is written: a start reads so many manifests in 5 ms
_REMEMBERED = 100  # runs, of which some may be too small to be compared with
_PATHS = ("replaced", "withdrawn", "reopened")
_UNUSABLE = (
    "state/catalogue.json is missing, damaged or of another version, so the manifests of all runs were read;"
    " the next run that cleans something writes it anew."
)


class Catalogue(msgspec.Struct, frozen=True):
    """All that earlier runs have cleaned whole, by path, and the number of the last run. `replaced` are the
    inputs of which another version was cleaned before, `withdrawn` those that count no more, `reopened` those
    that are to be cleaned anew; `figures` are those of the last runs that cleaned something; `known` is what
    runs skipped, without its lines. Up to run `folded` this was read from one file; `note` says why not.
    """

    last_run: int = 0
    done: dict[bytes, Done] = msgspec.field(default_factory=dict)
    replaced: set[bytes] = msgspec.field(default_factory=set)
    withdrawn: set[bytes] = msgspec.field(default_factory=set)
    reopened: set[bytes] = msgspec.field(default_factory=set)
    figures: deque[Figures] = msgspec.field(default_factory=partial(deque, maxlen=_REMEMBERED))
    known: set[Problem] = msgspec.field(default_factory=set)
    folded: int = 0
    note: str = ""

    def add(self, manifest: Manifest) -> None:
        """Take in the next run."""
        for done in manifest.inputs:
            path = done.file.path
            if self.done.pop(path, None) or path in self.withdrawn:
                self.replaced.add(path)
            self.withdrawn.discard(path)
            self.reopened.discard(path)
            if not done.partial:
                self.done[path] = done
        for path in manifest.withdrawn:
            self.done.pop(path, None)
            self.reopened.discard(path)
            self.withdrawn.add(path)
        self.reopened.update(manifest.reopened)
        if manifest.figures and manifest.settings:
            self.figures.append(manifest.figures)
        self.known.update(problem.anywhere for problem in manifest.skipped)

    def in_order(self) -> list[Done]:
        """Return what was cleaned, in order of survivor priority: run, then path."""
        return sorted(self.done.values(), key=lambda each: (each.run, each.file.path))


def read_catalogue(folders: Folders, *, every: bool = False) -> Catalogue:
    """Fold all manifests; those that are folded already are read only if `every` one is to be checked.

    Raises StateError where one is missing, damaged or newer, or the output has no state.
    """
    committed = list(runs(folders))
    catalogue = Catalogue() if every else _folded(folders, len(committed))
    last = committed[-1] if committed else 0
    for run, found in enumerate(committed, 1):
        if run != found:
            raise _missing(folders, run)
    for run in range(catalogue.folded + 1, last + 1):
        catalogue.add(read_manifest(folders, run))
    must_know_its_report(folders.out, last)
    if not last and os.path.isdir(folders.at(b"clean")) and os.listdir(folders.at(b"clean")):
        raise StateError(
            "clean files without the state of the runs that wrote them",
            where=show(folders.out),
            hint="bring state/ back from a backup, or move the folder away to start anew",
        )
    return replace(catalogue, last_run=last)


def _folded(folders: Folders, runs: int) -> Catalogue:
    """Return what was written of the first of so many runs; where that cannot be used, nothing and why."""
    try:
        with open(folders.at(FILE), "rb") as stream:
            line, _, check = stream.read().partition(b"\n")
        if not is_whole(line, check):
            raise ValueError("checksum")
        value = msgspec.json.decode(line, type=dict[str, Any])
        if value["catalogue"] != _VERSION or value["manifest"] != _check(folders, value["run"]):
            raise ValueError("not of these manifests")
        return _unpacked(value)
    except FileNotFoundError:
        return Catalogue(note=_UNUSABLE if runs > _EVERY else "")
    except (OSError, ValueError, KeyError, TypeError, msgspec.DecodeError):
        return Catalogue(note=_UNUSABLE)


def _check(folders: Folders, run: int) -> str:
    """Return the digest that stands in a manifest. Raises StateError where there is none."""
    try:
        with open(folders.manifest(run), "rb") as stream:
            return stream.read().partition(b"\n")[2].strip().decode()
    except FileNotFoundError:
        raise _missing(folders, run) from None


def _missing(folders: Folders, run: int) -> StateError:
    return StateError(
        "the manifest of this run is missing",
        where=show(folders.manifest(run)),
        hint="bring state/ back from a backup",
    )


def stage_catalogue(folders: Folders, disk: Disk, catalogue: Catalogue, run: int) -> None:
    """Let run number `run` publish what is known of the runs before it, if the last time was long ago."""
    if catalogue.last_run - catalogue.folded >= _EVERY:
        disk.write(os.path.join(folders.stage(run), FILE), _packed(folders, catalogue))


def _packed(folders: Folders, catalogue: Catalogue) -> bytes:
    return sealed({
        "catalogue": _VERSION, "run": catalogue.last_run, "manifest": _check(folders, catalogue.last_run),
        "inputs": [[done.run, done.settings, packed_done(done)] for done in catalogue.done.values()],
        **{name: packed_paths(sorted(getattr(catalogue, name))) for name in _PATHS},
        "figures": list(catalogue.figures),
        "known": [packed_problem(each) for each in sorted(catalogue.known, key=astuple)],
    })  # fmt: skip


def _unpacked(value: dict[str, Any]) -> Catalogue:
    done = (read_done(packed, run, settings) for run, settings, packed in value["inputs"])
    replaced, withdrawn, reopened = (set(read_paths(value[name])) for name in _PATHS)
    figures = deque(msgspec.convert(value["figures"], list[Figures]), _REMEMBERED)
    known = {read_problem(*each) for each in value["known"]}
    by_path = {each.file.path: each for each in done}
    run = value["run"]
    return Catalogue(run, by_path, replaced, withdrawn, reopened, figures, known, folded=run)
