"""Large compressed files are unpacked once, so that several workers can read them in pieces."""

from __future__ import annotations

import os

from msgspec import Struct
from msgspec.structs import replace

from cleaner.errors import InputError
from cleaner.io.formats import FORMATS
from cleaner.io.formats.streams import HashedStream
from cleaner.io.inputs import InputFile, Problem, open_input

_SMALL = 1 << 20  # compressed bytes; below, a file is rather read twice
_BLOCK = 1 << 20


class Unpacked(Struct, frozen=True):
    """A file and what is to be read in its place: its content, and that's digest where it was seen; or
    why it cannot be read.
    """

    file: InputFile
    source: InputFile
    digest: str = ""
    problem: Problem | None = None


def worth_unpacking(file: InputFile) -> bool:
    """Tell whether a file is compressed, large, and of a kind that is read in pieces."""
    format = FORMATS[file.format]
    return bool(file.compression) and file.size > _SMALL and format.divisible and not format.columnar


def unpack(task: tuple[InputFile, bytes]) -> Unpacked:
    """Write the content of a file to the path beside it."""
    file, target = task
    os.makedirs(os.path.dirname(target), exist_ok=True)
    try:
        with open_input(file) as raw, open(target, "wb") as unpacked:
            stream = HashedStream(raw)
            while data := stream.read(_BLOCK):
                unpacked.write(data)
            checksum = stream.hexdigest()
    except InputError as error:
        return Unpacked(file, file, problem=Problem(file.path, 0, error.message))
    status = os.stat(target)
    source = replace(
        file,
        place=target,
        compression="",
        root=b"",
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        inode=status.st_ino,
    )
    return Unpacked(file, source, checksum)
