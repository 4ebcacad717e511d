"""What is known of earlier runs: one immutable manifest a run. The last one written is the last commit.

state/lock                   held while a run works
state/runs/000001.json       the manifest of run 1: its inputs, its files, its settings
state/catalogue.json         what the first runs come to, folded (see `catalogue.py`)
state/edges/000001.jsonl     near-duplicate pairs with their scores
state/stage/000002/          what an uncommitted run has written so far
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from hashlib import blake2b, file_digest
from typing import TYPE_CHECKING, Any

import msgspec

from cleaner.errors import StateError
from cleaner.io.figures import Figures
from cleaner.io.inputs import InputFile, Problem
from cleaner.io.ledger import digest
from cleaner.io.ledger_records import packed, read_text
from cleaner.io.publish import Disk
from cleaner.text.show import show

if TYPE_CHECKING:
    from cleaner.io.working_copy import WorkingCopy

MANIFEST_VERSION = 3  # 1 knew no withdrawn and no reopened inputs, 2 no figures, and nothing skipped
PAIRS = os.path.join(b"state", b"edges")  # below the output
_LISTS = ("removed", "withdrawn", "reopened")  # paths, in a manifest


class Done(msgspec.Struct, frozen=True):
    """An input that a run has cleaned: what tells that it is unchanged, and the digest of its content
    (decompressed). Of one that is `partial` only the first documents were taken.
    """

    file: InputFile
    digest: str
    documents: int
    run: int = 0
    settings: str = ""
    partial: bool = False


class Manifest(msgspec.Struct, frozen=True):
    """One committed run: its inputs, the files it published (path below the output, digest), and those
    of earlier runs that it removed, because nothing of their input can stand in clean text any more. Inputs
    that are `withdrawn` count as never cleaned; `reopened` ones are cleaned anew by the next run.
    """

    run: int
    settings: str
    versions: dict[str, str]
    inputs: tuple[Done, ...]
    files: tuple[tuple[bytes, str], ...]
    removed: tuple[bytes, ...] = ()
    withdrawn: tuple[bytes, ...] = ()
    reopened: tuple[bytes, ...] = ()
    figures: Figures | None = None
    skipped: tuple[Problem, ...] = ()


class Folders(msgspec.Struct, frozen=True):
    """Where everything of one output stands; with a URL, they are the working copy of the output there."""

    out: bytes
    url: str = ""

    def at(self, *parts: bytes) -> bytes:
        """Return the path of something below the output."""
        return os.path.join(self.out, *parts)

    @property
    def lock(self) -> bytes:
        """The lock file."""
        return self.at(b"state", b"lock")

    @property
    def stages(self) -> bytes:
        """The folder of all stages."""
        return self.at(b"state", b"stage")

    def stage(self, run: int) -> bytes:
        """The stage of one run; below it the paths are those below the output."""
        return os.path.join(self.stages, b"%06d" % run)

    def manifest(self, run: int) -> bytes:
        """The manifest of one run."""
        return self.at(b"state", b"runs", b"%06d.json" % run)


def runs(folders: Folders) -> Iterator[int]:
    """Yield the numbers of the runs that were committed, in order."""
    try:
        names = sorted(os.listdir(folders.at(b"state", b"runs")))
    except FileNotFoundError:
        return
    for name in names:
        stem, extension = os.path.splitext(name)
        if extension == b".json" and stem.isdigit():
            yield int(stem)


def read_manifest(folders: Folders, run: int) -> Manifest:
    """Read the manifest of a run. Raises StateError where it is damaged or newer than this version."""
    path = show(folders.manifest(run))
    try:
        with open(folders.manifest(run), "rb") as stream:
            return parse_manifest(stream.read(), run, path)
    except OSError:
        raise _damaged(path) from None


def parse_manifest(content: bytes, run: int, where: str) -> Manifest:
    """Return what `manifest_bytes` was given. Raises StateError as `read_manifest` does."""
    try:
        line, _, check = content.partition(b"\n")
        value: dict[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
        if value["manifest"] > MANIFEST_VERSION:
            raise StateError(
                f"state of version {value['manifest']}, this cleaner reads up to {MANIFEST_VERSION}",
                where=where,
                hint="use the newer cleaner that wrote it",
            )
        if not is_whole(line, check) or value["run"] != run:
            raise ValueError("checksum")
        inputs = tuple(read_done(each, value["run"], value["settings"]) for each in value["inputs"])
        files = tuple((os.fsencode(read_text(path)), check) for path, check in value["files"])
        lists = {name: read_paths(value.get(name, ())) for name in _LISTS}
        skipped = tuple(read_problem(*each) for each in value.get("skipped", ()))
        told = value.get("figures")
        figures = None if told is None else msgspec.convert(told, Figures)
        return Manifest(
            value["run"], value["settings"], value["versions"], inputs, files, **lists, figures=figures,
            skipped=skipped,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, msgspec.DecodeError):
        raise _damaged(where) from None


def _damaged(where: str) -> StateError:
    return StateError("damaged run manifest", where=where, hint="bring state/ back from a backup")


def is_whole(line: bytes, check: bytes) -> bool:
    """Tell whether a line of state is what its writer took the digest of."""
    return check.strip().decode() == digest(line)


def sealed(value: Any) -> bytes:
    """Return a value as a file of state holds it: one line of JSON, and its digest."""
    line = msgspec.json.encode(value)
    return line + b"\n" + digest(line).encode() + b"\n"


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return a manifest as it is written."""
    return sealed({
        "manifest": MANIFEST_VERSION, "run": manifest.run, "settings": manifest.settings,
        "versions": manifest.versions, "inputs": [packed_done(done) for done in manifest.inputs],
        "files": [[packed(os.fsdecode(path)), check] for path, check in manifest.files],
        **{name: packed_paths(getattr(manifest, name)) for name in _LISTS},
        "figures": manifest.figures,
        "skipped": [packed_problem(problem) for problem in manifest.skipped],
    })  # fmt: skip


def packed_paths(paths: Iterable[bytes]) -> list[Any]:
    """Return paths as JSON can hold them."""
    return [packed(os.fsdecode(path)) for path in paths]


def read_paths(value: Iterable[Any]) -> tuple[bytes, ...]:
    """Return what `packed_paths` was given."""
    return tuple(os.fsencode(read_text(path)) for path in value)


def packed_done(done: Done) -> dict[str, Any]:
    """Return an input as JSON can hold it, without run and settings."""
    file = done.file
    return {
        "path": packed(os.fsdecode(file.path)), "format": file.format, "size": file.size,
        "mtime_ns": file.mtime_ns, "inode": file.inode, "digest": done.digest, "documents": done.documents,
        "partial": done.partial, **({"compression": file.compression} if file.compression else {}),
    }  # fmt: skip


def read_done(value: dict[str, Any], run: int, settings: str) -> Done:
    """Return what `packed_done` was given."""
    path = os.fsencode(read_text(value["path"]))
    file = InputFile(
        path, b"", value["format"], value["size"], value["mtime_ns"], value["inode"],
        value.get("compression", ""),
    )  # fmt: skip
    return Done(file, value["digest"], value["documents"], run, settings, value["partial"])


def packed_problem(problem: Problem) -> list[Any]:
    """Return a problem as JSON can hold it."""
    return [packed(os.fsdecode(problem.path)), problem.line, packed(problem.reason), problem.content]


def read_problem(path: Any, line: int, reason: Any, content: str) -> Problem:
    """Return what `packed_problem` was given."""
    return Problem(os.fsencode(read_text(path)), line, read_text(reason), content)


def commit(folders: Folders, disk: Disk, manifest: Manifest) -> None:
    """Make the run count. Everything it staged is on disk before; this rename is the only commit. Of an
    output by URL that is what happens in the store.

    Raises LockedError where another machine has committed a run to the store meanwhile.
    """
    stage = folders.stage(manifest.run)
    disk.sync_folders(folder for folder, _, _ in os.walk(stage))
    disk.sync_folders([folders.stages, folders.at(b"state")])
    staged = os.path.join(stage, b"manifest.json")
    disk.write(staged, manifest_bytes(manifest))
    if folders.url:
        _copy(folders, disk).offer(manifest)
    target = folders.manifest(manifest.run)
    disk.replace(staged, target)
    disk.sync_folders([os.path.dirname(target)])


def publish(folders: Folders, disk: Disk, manifest: Manifest) -> None:
    """Move what a committed run staged to its place. Safe to repeat from any point."""
    stage = folders.stage(manifest.run)
    touched: set[bytes] = set()
    for path, _ in manifest.files:
        staged, target = os.path.join(stage, path), folders.at(path)
        if os.path.lexists(staged):
            disk.replace(staged, target)
        touched.update(_folders_up_to(os.path.dirname(target), folders.out))
    for path in manifest.removed:
        disk.remove_tree(folders.at(path))
        touched.add(os.path.dirname(folders.at(path)))
    disk.sync_folders(touched)
    disk.remove_tree(stage)
    if folders.url:
        _copy(folders, disk).publish(manifest)


def _copy(folders: Folders, disk: Disk) -> WorkingCopy:
    from cleaner.io.working_copy import WorkingCopy

    return WorkingCopy(folders, disk)


def last_run(folders: Folders) -> int:
    """Return the number of the last run that was committed, 0 if there is none."""
    return max(runs(folders), default=0)


def _folders_up_to(folder: bytes, top: bytes) -> Iterator[bytes]:
    while len(folder) > len(top):
        yield folder
        folder = os.path.dirname(folder)
    yield top


def interrupted(folders: Folders) -> Manifest | None:
    """Return the committed run whose files are not all in their place yet, if there is one."""
    last = last_run(folders)
    return read_manifest(folders, last) if last and os.path.isdir(folders.stage(last)) else None


def recover(folders: Folders, disk: Disk) -> None:
    """Complete a committed run that was cut off, and clear away one that was not committed; a working copy
    is as the store has it afterwards.

    Raises StateError when a file of the committed run is lost or damaged.
    """
    if folders.url:
        _copy(folders, disk).pull(mend=True)
    manifest = interrupted(folders)
    if manifest:
        _check(folders, manifest)
        publish(folders, disk, manifest)
    disk.remove_tree(folders.stages)


def _check(folders: Folders, manifest: Manifest) -> None:
    for path, check in manifest.files:
        staged = os.path.join(folders.stage(manifest.run), path)
        place = staged if os.path.lexists(staged) else folders.at(path)
        try:
            found = content_digest(place)
        except OSError:
            found = "nothing"
        if found != check:
            raise StateError(
                f"run {manifest.run} was committed, but this file of it is lost or damaged",
                where=show(place),
                hint="bring the output back from a backup",
            )


def content_digest(path: bytes) -> str:
    """Return the content hash of a file, as `digest` does of bytes."""
    with open(path, "rb") as stream:
        return file_digest(stream, partial(blake2b, digest_size=16)).hexdigest()


def staged_digests(stage: bytes, known: Mapping[bytes, str] | None = None) -> tuple[tuple[bytes, str], ...]:
    """Return the path, below the stage, and the digest of every file in it; some digests are `known`."""
    told = known or {}
    return tuple(
        (path, told.get(path) or content_digest(os.path.join(stage, path))) for path in staged_files(stage)
    )


def staged_files(stage: bytes, below: bytes = b"") -> Iterable[bytes]:
    """Yield the path, below the stage, of every file in it, sorted; or of those in a folder of it, or of a
    file itself.
    """
    top = os.path.join(stage, below)
    if not os.path.isdir(top):
        return [below] if os.path.lexists(top) else []
    found = [
        os.path.relpath(os.path.join(folder, name), stage)
        for folder, _, names in os.walk(top)
        for name in names
    ]
    return sorted(found)
