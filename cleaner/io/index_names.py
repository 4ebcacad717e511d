"""Where the index stands, for those who need not read it."""

from __future__ import annotations

import os

FOLDER = os.path.join(b"state", b"index")  # below the output


def segment_name(run: int, number: int) -> bytes:
    """Return the name of segment `number` of a run."""
    return b"%06d.%03d" % (run, number)
