"""The file of people's decisions: JSON lines that are added to, each on disk before the next.

    {"decision": 1, "kind": "reject", "rule": "boilerplate.vi.read_more", "text": "...", "document": "a.txt"}

It lies beside the settings, so that an output can be deleted. Only erasing takes lines away. Whoever changes
it holds its lock (`flock`), for as long as that takes; a line that was cut off by a kill is no decision, and
goes with the next one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import regex

from cleaner.errors import OutputError, SettingsError
from cleaner.io.ledger_records import packed, read_text
from cleaner.io.publish import Disk
from cleaner.text.decisions import KINDS, Decision
from cleaner.text.show import show

VERSION = 1
_UNSEEN = regex.compile(r"[\p{C}\p{Zl}\p{Zp}]")  # controls, marks of direction, what has no width
_TEXTS = ("text", "rule", "other", "document")


class DecisionFile(msgspec.Struct, frozen=True):
    """Decisions of a file, in order, and how many bytes they take: not those of a last line that was cut off,
    which makes the file `torn`.
    """

    decisions: tuple[Decision, ...] = ()
    size: int = 0
    torn: bool = False


def decisions_place(base: Path, name: str) -> bytes:
    """Return where the file is that settings in folder `base` name."""
    return os.path.abspath(os.fsencode(base / name))


def read_decisions(path: bytes) -> DecisionFile:
    """Return what a file holds; nothing where it is missing.

    Raises SettingsError for a line that is none of ours.
    """
    try:
        with open(path, "rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH)
            return _read(stream.read(), path)
    except FileNotFoundError:
        return DecisionFile()
    except OSError as error:
        raise SettingsError([f"{show(path)}: cannot be read: {error.strerror}"]) from None


def append_decisions(path: bytes, decisions: Sequence[Decision], known: int = 0) -> DecisionFile:
    """Add decisions, and bring them to disk; return what the file holds from byte `known` on, where that is
    known still: else all of it.

    Raises OutputError when that fails, SettingsError where others have damaged the file.
    """
    with _locked(path, "the decision cannot be written", "it was not taken") as descriptor:
        size = os.fstat(descriptor).st_size
        if known > size or (known and os.pread(descriptor, 1, known - 1) != b"\n"):
            known = 0
        found = _read(os.pread(descriptor, size - known, known), path)
        end = known + found.size
        if found.torn:
            os.ftruncate(descriptor, end)
        lines = b"".join(map(_line, decisions))
        if end and os.pread(descriptor, 1, end - 1) != b"\n":
            lines = b"\n" + lines
        _write_all(descriptor, lines, end)
        os.fsync(descriptor)
    return DecisionFile((*found.decisions, *decisions), end + len(lines))


def erase_decisions(path: bytes, chosen: Callable[[Decision], bool], disk: Disk) -> int:
    """Write a file again without some decisions; return how many those were.

    Raises OutputError when that fails, SettingsError where others have damaged the file.
    """
    if not os.path.exists(path):
        return 0
    with _locked(path, "decisions cannot be erased", "they stand as they did") as descriptor:
        found = _read(os.pread(descriptor, os.fstat(descriptor).st_size, 0), path).decisions
        left = [decision for decision in found if not chosen(decision)]
        if len(left) < len(found):
            disk.write_over(path, b"".join(map(_line, left)))
    return len(found) - len(left)


@contextmanager
def _locked(path: bytes, refused: str, hint: str) -> Iterator[int]:
    """Give the descriptor of a file that nobody else may change meanwhile. Raises OutputError, in these
    words, where the system refuses something.
    """
    try:
        descriptor = _opened(path)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OutputError(f"{refused}: {error.strerror}", where=show(path), hint=hint) from None


def _opened(path: bytes) -> int:
    """Open a file, made where it is missing, and take its lock; it is at `path` then."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if not os.fstat(descriptor).st_size:
                _sync_folder(os.path.dirname(path) or b".")
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # an editor has put another file in its place


def _sync_folder(folder: bytes) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes, at: int) -> None:
    """Write all of it, or nothing: what was written in part is cut off again."""
    done = 0
    try:
        while done < len(data):
            done += os.pwrite(descriptor, data[done:], at + done)
    except OSError:
        os.ftruncate(descriptor, at)
        raise


def _read(data: bytes, path: bytes) -> DecisionFile:
    """Read lines; the last one need not have ended, but counts only where it is whole."""
    *lines, last = data.split(b"\n")
    found = [_decision(line, path, number) for number, line in enumerate(lines, 1) if line.strip()]
    if last:
        try:
            found.append(_decision(last, path, 0))
        except SettingsError:
            return DecisionFile(tuple(found), len(data) - len(last), torn=True)
    return DecisionFile(tuple(found), len(data))


def _line(decision: Decision) -> bytes:
    value: dict[str, Any] = {"decision": VERSION, "kind": decision.kind}
    told = {name: getattr(decision, name) for name in _TEXTS}
    value |= {name: packed(text) for name, text in told.items() if text or (name == "other" and text == "")}
    return _UNSEEN.sub(_escaped, msgspec.json.encode(value).decode()).encode() + b"\n"


def _escaped(found: regex.Match[str]) -> str:
    """Spell a character as JSON escapes do, so that a file which people open holds none that hides."""
    units = found[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _decision(line: bytes, path: bytes, number: int) -> Decision:
    where = f"{show(path)}:{number}"
    try:
        value = msgspec.json.decode(line, type=dict[str, Any])
        version, kind = value["decision"], value["kind"]
        if not isinstance(version, int) or isinstance(version, bool):
            raise ValueError("no version")
        if version > VERSION:
            what = f"a decision of version {version}, this cleaner reads up to {VERSION}"
            raise SettingsError([f"{where}: {what}; use the newer cleaner that wrote it"])
        if kind not in KINDS:
            raise ValueError("unknown kind")
        texts = {name: read_text(value[name]) for name in _TEXTS if name in value}
        return Decision(kind, texts.pop("text"), **texts)
    except (ValueError, KeyError, TypeError, msgspec.DecodeError, RecursionError):
        expected = f"a line such as {_EXAMPLE}"
        raise SettingsError([
            f"{where}: found {show(line, limit=40)!r}, expected {expected}; mend the line or delete it"
        ]) from None  # fmt: skip


_EXAMPLE = '{"decision":1,"kind":"keep","text":"..."} (kinds: ' + ", ".join(KINDS) + ")"
