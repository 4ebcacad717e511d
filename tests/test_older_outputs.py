"""Outputs that older versions wrote: they are read, shown, restored and gone on with. tests/golden/output_1
has manifests of version 1 and ledgers of version 2, output_2 manifests of version 2; both have an index and
pairs of their time.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from in_child import in_child

from cleaner.io.publish import Disk
from cleaner.io.state import Folders, read_manifest
from cleaner.plan import Options
from cleaner.restoring import restore_output, verify_output

GOLDEN = Path(__file__).parent / "golden"
STORM = "Bão số 3 đổ bộ vào Quảng Ninh đêm qua, 12 tàu cá phải vào bờ tránh trú an toàn"


@pytest.fixture(params=[1, 2])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with inputs and with what a version of the time made of them in two runs."""
    shutil.copytree(GOLDEN / f"output_{request.param}", tmp_path / "old")
    manifest = (tmp_path / "old/out/state/runs/000002.json").read_bytes()
    assert manifest.startswith(b'{"manifest":%d,' % request.param)
    return tmp_path / "old"


def test_an_older_output_is_restored(old: Path, tree: Any) -> None:
    assert verify_output(str(old / "out")).differences == ()
    restore_output(str(old / "out"), str(old / "back"), (), None, Disk())
    assert tree(old / "back") == tree(old / "in")


def test_an_older_output_is_gone_on_with(old: Path, clean: Any, fill: Any, tree: Any) -> None:
    """Its inputs are known though they are of another time here; its index is compared with."""
    before = tree(old / "out", "clean", "ledger")
    assert clean(old / "in", old / "out").summary is None
    fill(old / "in", {"new.txt": f"{STORM}!\nMột bài mới của hôm sau.\n"})
    assert clean(old / "in", old / "out").summary.counts["documents"] == 1
    after = tree(old / "out", "clean", "ledger")
    assert before.items() <= after.items()
    assert after["clean/new.txt"].decode() == "Một bài mới của hôm sau.\n"
    assert read_manifest(Folders(os.fsencode(old / "out")), 3).figures
    assert verify_output(str(old / "out")).differences == ()


def test_an_older_output_cleaned_anew_is_a_new_one(old: Path, clean: Any, tree: Any) -> None:
    clean(old / "in", old / "out", options=Options(reprocess=True))
    clean(old / "in", old / "new")
    assert tree(old / "out", "clean", "ledger") == tree(old / "new", "clean", "ledger")


@pytest.mark.parametrize(
    "line",
    ["history", "verify", "diff", "diff --stat", "index info", "index orphans", "index compact",
     "index rebuild", "index forget --erase out b.jsonl"],
)  # fmt: skip
def test_every_command_reads_an_older_output(old: Path, line: str, environment: dict[str, str]) -> None:
    words = line.split() if "out" in line.split() else [*line.split(), "out"]
    ended = in_child(*words, cwd=old, environment=environment)
    assert ended.returncode == 0, ended


def test_what_older_pairs_cannot_tell_is_said(old: Path, environment: dict[str, str]) -> None:
    """They had no head, and no copies, of which a threshold needs to know."""
    ended = in_child("preview", "--threshold", "85", "out", cwd=old, environment=environment)
    assert ended.returncode == 2 and b"`cleaner run --reprocess` stores them" in ended.stderr
