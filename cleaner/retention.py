"""What no later run needs: stored pairs of near-duplicates, once their texts stand no more.

All else that an output holds beside its texts is bounded by them: reports are those of the last run, the
index is merged as it grows. Manifests are not let go of: together they are what is known; a start reads the
last ones only (`io/catalogue.py`).
"""

from __future__ import annotations

import os
from collections.abc import Collection

from cleaner.io.state import PAIRS, Folders


def outlived_pairs(
    folders: Folders, standing: Collection[int], run: int, keep: int | None
) -> tuple[bytes, ...]:
    """Return the files of pairs, below the output, that go with run number `run`: of earlier runs of which
    no text stands any more (`standing` are those of which some does), and of all but the last `keep`.
    """
    try:
        names = sorted(os.listdir(folders.at(PAIRS)))
    except FileNotFoundError:
        return ()
    oldest = 0 if keep is None else run - keep + 1
    runs = {name: int(name.partition(b".")[0]) for name in names}
    return tuple(
        os.path.join(PAIRS, name)
        for name, made_by in runs.items()
        if made_by < oldest or made_by not in standing
    )
