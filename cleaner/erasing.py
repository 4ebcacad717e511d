"""Erasing: the text of withdrawn inputs, out of the ledgers of others and out of stored pairs."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

import msgspec
from msgspec.structs import replace

from cleaner.io.ledger import Entry, LedgerWriter, Skipped
from cleaner.io.ledger_records import read_text
from cleaner.io.output import input_paths, open_output
from cleaner.io.output_names import PAGE, ledger_place
from cleaner.io.publish import Disk
from cleaner.io.state import PAIRS, Folders
from cleaner.text.changes import Change, Suspect

_ERASED = "erased"  # in the place of a reason, which may name words of the text


def erase_texts(
    folders: Folders, stage: bytes, erased: Collection[bytes], disk: Disk
) -> tuple[tuple[bytes, ...], frozenset[str]]:
    """Stage ledgers and stored pairs again without the text of some inputs; return what else has to go, and
    the texts that are told no more.

    What another document said itself stays, though it may be the same words.
    """
    names = {os.fsdecode(path) for path in erased}
    told: set[str] = set()
    for path in input_paths(folders):
        if path not in erased and _speaks_of(folders, path, names, told):
            _write_again(folders, stage, path, names, disk)
    for name in sorted(os.listdir(folders.at(PAIRS))):
        _filter_edges(folders.at(PAIRS, name), os.path.join(stage, PAIRS, name), names, disk)
    return tuple(os.path.join(b"report", name) for name in (b"changes.patch", PAGE)), frozenset(told)


def _told(entry: Entry, names: Collection[str]) -> Iterator[str]:
    places = [*(each.survivor for each in entry.changes), *(each.other for each in entry.suspects)]
    for place in places:
        if place and place.path in names and place.text is not None:
            yield place.text


def _speaks_of(folders: Folders, path: bytes, names: Collection[str], told: set[str]) -> bool:
    """Tell whether the ledger of an input tells of others, and note their texts."""
    speaks = False
    with open_output(folders, path) as (_, records):
        for each in records:
            if isinstance(each.entry, Entry) and _without(each.entry, names) != each.entry:
                told.update(_told(each.entry, names))
                speaks = True
    return speaks


def _write_again(folders: Folders, stage: bytes, path: bytes, names: Collection[str], disk: Disk) -> None:
    with (
        open_output(folders, path) as (head, records),
        disk.create(ledger_place(stage, path)) as created,
    ):
        ledger = LedgerWriter(created, head)
        for record in records:
            if isinstance(record.entry, Entry):
                ledger.write(_without(record.entry, names))
            elif isinstance(record.entry, Skipped):
                ledger.skip(record.entry.record, record.entry.reason, kept=record.entry.kept)
                ledger.add(record.entry.data)
        ledger.close()


def _without(entry: Entry, names: Collection[str]) -> Entry:
    changes = tuple(_change(change, names) for change in entry.changes)
    return replace(entry, changes=changes, suspects=tuple(_suspect(each, names) for each in entry.suspects))


def _change(change: Change, names: Collection[str]) -> Change:
    if change.survivor is None or change.survivor.path not in names:
        return change
    return replace(change, survivor=replace(change.survivor, text=None), reason=_ERASED)


def _suspect(suspect: Suspect, names: Collection[str]) -> Suspect:
    if suspect.other is None or suspect.other.path not in names:
        return suspect
    return replace(suspect, other=replace(suspect.other, text=None), reason=_ERASED)


def _filter_edges(source: bytes, target: bytes, names: Collection[str], disk: Disk) -> None:
    """Stage a file of pairs without those of some inputs, if there are any."""

    def speaks(line: bytes) -> bool:
        edge = msgspec.json.decode(line)
        return any(read_text(edge[side]["path"]) in names for side in ("a", "b") if side in edge)

    with open(source, "rb") as stream:
        if not any(map(speaks, stream)):
            return
    with open(source, "rb") as stream, disk.create(target) as created:
        for line in stream:
            if not speaks(line):
                created.write(line)
