"""What was written of the pieces of a file becomes one clean file and one ledger; or is removed again."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from msgspec import Struct

from cleaner.io.formats.streams import blocks
from cleaner.io.inputs import InputFile
from cleaner.io.ledger import LedgerWriter
from cleaner.io.output_names import clean_place, ledger_place
from cleaner.io.publish import Disk
from cleaner.settings import Settings
from cleaner.writing import ENTRIES, OFFSETS, PATCH, WriteTask, join_clean, ledger_head


class JoinTask(Struct, frozen=True):
    """A file whose pieces are written, and the scratch folders of these, in order."""

    file: InputFile
    folders: Sequence[bytes]
    stage: bytes


def join_texts(task: JoinTask, disk: Disk) -> None:
    """Make one clean file of the pieces of a file. Raises OutputError."""
    join_clean(task.file, task.folders, task.stage, disk)


def join_ledgers(task: JoinTask, settings: Settings, disk: Disk) -> None:
    """Make one ledger of what is told of the pieces of a file. Raises OutputError."""
    file = task.file
    with disk.create(ledger_place(task.stage, file.path)) as created:
        ledger = LedgerWriter(created, ledger_head(file, settings))
        for folder in task.folders:
            with open(os.path.join(folder, OFFSETS)) as stream:
                offsets = json.load(stream)
            ledger.extend(blocks(os.path.join(folder, ENTRIES)), offsets)
        ledger.close()


def unwrite(task: WriteTask, disk: Disk) -> None:
    """Remove what was written of a shard, if anything was. Raises OutputError."""
    for piece in task.shard.pieces:
        if piece.span.whole:
            disk.remove(clean_place(task.stage, piece.file.path))
            disk.remove(ledger_place(task.stage, piece.file.path))
    disk.remove(os.path.join(task.shard.scratch, PATCH))  # the one file to which others append
