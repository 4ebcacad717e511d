"""An output by URL: what counts stands in the store; a run works on a copy of it on this machine.

    <url>/clean, ledger, report, state        as in a folder, without lock
    <url>/state/stage/000002-<digest>/…       what run 2 with the manifest of this digest wants to publish

Nothing can be renamed in a store, and nobody can hold a lock. So a run puts its files into a stage, then its
manifest to the place of its number, on condition that there is none: of several machines one succeeds. Then
files are copied to their places, inside the store, and the stage goes, its own manifest last: as long as that
is there, any start on any machine does all this again. Before it works a run makes its copy equal to the
store. Beside the copy stands what objects its files were, so that it fetches only what is another one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator

import msgspec

from cleaner.errors import LockedError, OutputError, StateError
from cleaner.io.ledger import digest
from cleaner.io.lock import locked
from cleaner.io.output_objects import OutputObjects, key_of, path_of
from cleaner.io.publish import Disk
from cleaner.io.state import Folders, Manifest, content_digest, manifest_bytes, parse_manifest
from cleaner.io.stores import Object
from cleaner.text.show import show

_TREES = (b"clean", b"ledger")
_TOPS = (*_TREES, b"report", b"state")
_RUNS, _STAGES, _LOCK = b"state/runs/", b"state/stage/", b"state/lock"
_MARK = b"manifest.json"  # of a stage: put there last, and removed last
_ATTEMPTS = 5  # at a copy of what others change meanwhile
_PATIENCE = 10.0  # seconds for a run that publishes
_BESIDE = 2.0  # seconds for who else makes the copy equal to the store
_PAUSE = 0.5

There = dict[bytes, Object]
Known = dict[bytes, tuple[str, int, int]]  # path -> tag and size of the object, mtime_ns of the copy


def refresh(folders: Folders) -> None:
    """Make a working copy equal to the store, for those that only read; while a run on this machine works on
    it, it stays as that has found it. Nothing is made for an output that is not there.

    Raises OutputError, and StateError where a run was cut off while it published.
    """
    disk = Disk()
    copy = WorkingCopy(folders, disk)
    if not os.path.isdir(folders.at(b"state")) and not copy.is_there():
        return
    disk.make_folder(folders.at(b"state"))
    try:
        with locked(folders.lock, wait=_BESIDE):
            copy.pull(mend=False)
    except LockedError:
        return


class WorkingCopy:
    """The working copy that some folders are, and the output of which it is one."""

    def __init__(self, folders: Folders, disk: Disk) -> None:
        self._folders, self._disk = folders, disk
        self._objects = OutputObjects(folders.url, disk)
        self._notes = folders.out + b".json"

    def is_there(self) -> bool:
        """Tell whether there is a state in the store."""
        return bool(self._objects.list(_RUNS.rstrip(b"/")))

    def put(self, path: bytes) -> None:
        """Put a file of the copy to its place in the store."""
        self._objects.put([(self._folders.at(path), path)])

    def try_to_write(self, run: int) -> None:
        """Raise OutputError where objects cannot be put or removed, before a run has done its work."""
        place = b"%s%06d-try" % (_STAGES, run)
        self._objects.put_new(place, b"")
        self._objects.remove([place])

    def offer(self, manifest: Manifest) -> None:
        """Stage what a run has staged here, then commit it.

        Raises LockedError, and nothing of it is left, where another run of this number was committed.
        """
        content, here = manifest_bytes(manifest), self._folders.stage(manifest.run)
        stage = _stage(manifest.run, content)
        paths = [path for path, _ in manifest.files]
        self._objects.put((os.path.join(here, path), stage + path) for path in paths)
        self._objects.put([(os.path.join(here, _MARK), stage + _MARK)])
        if self._objects.put_new(_manifest(manifest.run), content):
            return
        self._objects.remove([*(stage + path for path in paths), stage + _MARK])
        self._disk.remove_tree(self._folders.stages)
        raise LockedError(
            f"another machine has committed run {manifest.run} meanwhile; this one published nothing",
            where=show(self._objects.url),
            hint="run again",
        )

    def publish(self, manifest: Manifest) -> None:
        """Publish what was committed, and note which objects the files of the copy are. Safe to repeat from
        any point.
        """
        self._complete(_stage(manifest.run, manifest_bytes(manifest)), manifest, self._list())
        there = self._list()
        if _last_run(there) == manifest.run:  # else they may be those of a later one
            paths = [*(path for path, _ in manifest.files), _manifest(manifest.run)]
            known = {path: told for path, told in self._known().items() if path in there}
            self._note(known | self._told(there, paths))

    def pull(self, *, mend: bool) -> None:
        """Make the copy equal to the store. If that is to be mended, a run that was cut off while it
        published is completed before, and what others have left is cleared away.

        Raises OutputError; StateError where such a run stays, or something of it is damaged.
        """
        given_up = time.monotonic() + _PATIENCE
        for _ in range(_ATTEMPTS):
            while (cut_off := self._cut_off(there := self._list())) and not mend:
                if time.monotonic() > given_up:
                    told = f"run {cut_off[1].run} is being published, or was cut off"
                    raise StateError(told, where=show(self._objects.url), hint="`cleaner run` completes it")
                time.sleep(_PAUSE)
            if cut_off:
                self._complete(*cut_off, there)
                continue
            run = _last_run(there)
            if mend:
                self._objects.remove(path for path in there if 0 < _staged_by(path) <= run)
            if self._update({path: each for path, each in there.items() if not _staged_by(path)}, run):
                return
        raise OutputError("it changes while it is read", where=show(self._objects.url), hint="run again")

    def _cut_off(self, there: There) -> tuple[bytes, Manifest] | None:
        """Return the stage and the manifest of the last run if it is not published yet."""
        run = _last_run(there)
        if not run or not any(_staged_by(path) == run for path in there):
            return None
        content = self._objects.read(_manifest(run))
        stage = _stage(run, content)
        if stage + _MARK not in there:
            return None
        return stage, parse_manifest(content, run, self._objects.at(_manifest(run)))

    def _complete(self, stage: bytes, manifest: Manifest, there: There) -> None:
        """Publish from a stage, unless another start has done it."""
        if stage + _MARK not in there:
            return
        staged = [path for path, _ in manifest.files if stage + path in there]
        for path, _ in manifest.files:
            if stage + path not in there and path not in there:
                told = f"run {manifest.run} was committed, but this file of it is lost"
                raise StateError(told, where=self._objects.at(path), hint="bring it back from a backup")
        self._objects.copy(((stage + path, path) for path in staged), lambda path: there[path].size)
        removed = set(manifest.removed)
        self._objects.remove(path for path in there if removed and not removed.isdisjoint(_up(path)))
        old = (path for path in there if 0 < _staged_by(path) <= manifest.run)
        self._objects.remove(path for path in old if path != stage + _MARK)
        self._objects.remove([stage + _MARK])

    def _update(self, there: There, run: int) -> bool:
        """Make the copy equal to what is `there` after a run; tell whether it is, since another run may
        publish meanwhile.
        """
        disk, folders, known = self._disk, self._folders, self._known()
        disk.remove_tree(folders.stages)
        self._prune()
        here = self._here()
        told = self._told(there, here)
        other = [path for path in sorted(there) if path not in told or told[path] != known.get(path)]
        gone = [path for path in here if path not in there]
        if not other and not gone:
            return True
        fetched = os.path.join(folders.stages, b"fetched")
        self._objects.fetch(((path, there[path]) for path in other), fetched)
        if self._objects.has(_manifest(run + 1)) or not self._are_whole(fetched, other, there):
            return False
        if run:
            self._check(run, fetched, other)
        disk.make_folder(folders.stage(run))  # so that those who read meanwhile know
        manifests = [path for path in other if path.startswith(_RUNS)]
        for path in manifests:
            disk.replace(os.path.join(fetched, path), folders.at(path))
        for path in gone:
            disk.remove(folders.at(path))
        self._prune()
        for path in other:
            if path not in manifests:
                disk.replace(os.path.join(fetched, path), folders.at(path))
        same = {path: each for path, each in known.items() if path in there}
        self._note(same | self._told(there, other))
        disk.remove_tree(folders.stages)
        return True

    def _are_whole(self, folder: bytes, paths: Iterable[bytes], there: There) -> bool:
        return all(os.path.getsize(os.path.join(folder, path)) == there[path].size for path in paths)

    def _check(self, run: int, fetched: bytes, paths: Iterable[bytes]) -> None:
        """Raise StateError where a file of the last run is not what its manifest says."""
        place = _manifest(run)
        new = os.path.join(fetched, place)
        with open(new if os.path.exists(new) else self._folders.at(place), "rb") as stream:
            manifest = parse_manifest(stream.read(), run, self._objects.at(place))
        checks = dict(manifest.files)
        for path in paths:
            if path in checks and content_digest(os.path.join(fetched, path)) != checks[path]:
                told = f"this file of run {run} is damaged"
                raise StateError(told, where=self._objects.at(path), hint="bring it back from a backup")

    def _here(self) -> list[bytes]:
        """Return the files of the copy."""
        out = self._folders.out
        walks = (os.walk(os.path.join(out, top)) for top in _TOPS)
        found = (os.path.join(folder, name) for walk in walks for folder, _, names in walk for name in names)
        return [path for path in (os.path.relpath(each, out) for each in found) if path != _LOCK]

    def _prune(self) -> None:
        """Remove folders in which no file is: a store has none such."""
        for top in map(self._folders.at, _TREES):
            empty: set[bytes] = set()
            for folder, below, names in os.walk(top, topdown=False):
                if folder != top and not names and all(os.path.join(folder, each) in empty for each in below):
                    empty.add(folder)
                    self._disk.remove_tree(folder)

    def _list(self) -> There:
        """Return all objects of the output, by path."""
        there = self._objects.list(*_TOPS)
        there.pop(_LOCK, None)
        return there

    def _told(self, there: There, paths: Iterable[bytes]) -> Known:
        """Return which objects some files of the copy would be, as far as their sizes are the same."""
        told: Known = {}
        for path in paths:
            if path in there and os.path.lexists(place := self._folders.at(path)):
                status = os.lstat(place)
                if status.st_size == there[path].size:
                    told[path] = there[path].tag, status.st_size, status.st_mtime_ns
        return told

    def _known(self) -> Known:
        try:
            with open(self._notes, "rb") as stream:
                told = msgspec.json.decode(stream.read(), type=dict[str, tuple[str, int, int]])
        except (OSError, ValueError):
            return {}
        return {path_of(key): each for key, each in told.items()}

    def _note(self, known: Known) -> None:
        told = {key_of(path): each for path, each in known.items()}
        self._disk.write_over(self._notes, msgspec.json.encode(told))


def _manifest(run: int) -> bytes:
    return b"%s%06d.json" % (_RUNS, run)


def _stage(run: int, manifest: bytes) -> bytes:
    return b"%s%06d-%s/" % (_STAGES, run, digest(manifest).encode())


def _staged_by(path: bytes) -> int:
    """Return the run in whose stage a path is, 0 for what is in none."""
    number = path.removeprefix(_STAGES).partition(b"-")[0] if path.startswith(_STAGES) else b""
    return int(number) if number.isdigit() else 0


def _last_run(there: Iterable[bytes]) -> int:
    names = (path.removeprefix(_RUNS).removesuffix(b".json") for path in there if path.startswith(_RUNS))
    return max((int(name) for name in names if name.isdigit()), default=0)


def _up(path: bytes) -> Iterator[bytes]:
    """Yield a path and the folders above it."""
    while path:
        yield path
        path = os.path.dirname(path)
