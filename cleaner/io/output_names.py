"""Where the files of an input stand, in an output or a stage of one."""

from __future__ import annotations

import os

from cleaner.io.ledger import ledger_name

PAGE = b"index.html"  # below report/, of `cleaner report`


def clean_place(folder: bytes, path: bytes) -> bytes:
    """Return where the clean text of an input stands."""
    return os.path.join(folder, b"clean", path)


def ledger_place(folder: bytes, path: bytes) -> bytes:
    """Return where the ledger of an input stands."""
    return os.path.join(folder, b"ledger", ledger_name(path))
