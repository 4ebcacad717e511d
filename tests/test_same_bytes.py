"""Promise three: the same inputs and settings give the same bytes of clean texts and ledgers, however
the work is shared out, listed, interrupted or placed.
"""

from __future__ import annotations

import json
import os
import random
import signal
from pathlib import Path

import pytest

from cleaner.io.publish import Disk
from cleaner.plan import Options
from cleaner.restoring import verify_output

TEXTS = [
    "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường",
    "Bão số 3 đổ bộ vào Quảng Ninh đêm qua, 12 tàu cá phải vào bờ tránh trú",
    "The committee will meet again on Monday to discuss the budget of the harbour",
    "Hai nước cam kết tăng cường trao đổi thông tin và phối hợp tuần tra trên biển",
]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """Texts that repeat each other across files, in folders, as .txt and as records."""
    rng = random.Random(5)

    def text() -> str:
        lines = []
        for _ in range(rng.randint(2, 8)):
            line = rng.choice(TEXTS)
            lines.append(
                line + rng.choice([".", "!", " .", f" {rng.randint(1, 3)}.", ", theo TTXVN.", "\xa0."])
            )
        lines.append(f"Tin số {rng.randrange(1000)}\xa0 của ngày")
        return "\n".join([*lines, rng.choice(["Đọc thêm", "Ảnh: TTXVN", ""])])

    files = {f"{rng.choice(['', 'x/', 'y/z/'])}{number:02}.txt": text().encode() for number in range(24)}
    for name in ("r.jsonl", "x/s.jsonl"):
        records = [json.dumps({"id": f"{name}{number}", "text": text()}) for number in range(12)]
        files[name] = "\n".join([*records[:6], "no record", *records[6:]]).encode()
    return files


@pytest.fixture(scope="module")
def home_of_reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reference")


@pytest.fixture
def reference(files, home_of_reference, clean, fill, tree) -> dict[str, bytes]:
    """What one worker makes of them in one go: clean texts and ledgers."""
    if not (home_of_reference / "out").exists():
        fill(home_of_reference / "in", files)
        counts = clean(home_of_reference / "in", home_of_reference / "out").summary.counts
        assert min(counts["dropped"], counts["edited"], counts["held_back"], counts["skipped"]) > 0
        assert counts["dropped near_duplicate.ratio"] + counts["dropped near_duplicate.exact"] > 0
    return tree(home_of_reference / "out", "clean", "ledger")


@pytest.fixture
def inputs(tmp_path, files, fill) -> Path:
    return fill(tmp_path / "in", files)


@pytest.mark.parametrize("shard_bytes", [100, 1500, 4000])
def test_shards_of_any_size(inputs, tmp_path, clean, tree, reference, shard_bytes):
    clean(inputs, tmp_path / "out", shard_bytes=shard_bytes)
    assert tree(tmp_path / "out", "clean", "ledger") == reference


def test_a_shard_without_documents(tmp_path, fill, clean, tree):
    inputs = fill(
        tmp_path / "in", {"a.txt": f"{TEXTS[0]}.", "b.jsonl": "bad\n" * 30, "c.txt": f"{TEXTS[0]}!"}
    )
    for name, shard_bytes in (("one", None), ("two", 50)):
        assert clean(inputs, tmp_path / name, shard_bytes=shard_bytes).exit_code == 3
    assert tree(tmp_path / "one", "clean", "ledger") == tree(tmp_path / "two", "clean", "ledger")


@pytest.mark.parametrize("workers", [2, 4])
def test_any_number_of_workers(inputs, tmp_path, clean, tree, reference, workers):
    clean(inputs, tmp_path / "out", workers=workers, shard_bytes=3000)
    assert tree(tmp_path / "out", "clean", "ledger") == reference


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_listing(tmp_path, files, fill, clean, tree, reference, monkeypatch, seed):
    names = sorted(files)
    random.Random(seed).shuffle(names)
    fill(tmp_path / "in", {name: files[name] for name in names})
    listed = os.scandir

    class Shuffled:
        def __init__(self, folder: bytes | str = ".") -> None:
            with listed(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
            self._entries = iter(random.Random(seed).sample(entries, len(entries)))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def __iter__(self):
            return self

        def __next__(self):
            return next(self._entries)

        def close(self):
            pass

    monkeypatch.setattr(os, "scandir", Shuffled)
    clean(tmp_path / "in", tmp_path / "out", shard_bytes=2000)
    monkeypatch.undo()
    assert tree(tmp_path / "out", "clean", "ledger") == reference


MACHINES = [
    {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Pacific/Kiritimati"},
    {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "TZ": "Foo/Bar", "LANG": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
]


@pytest.mark.parametrize("machine", MACHINES, ids=["one", "another"])
def test_any_machine(inputs, tmp_path, command, environment, tree, reference, machine):
    workers = machine["PYTHONHASHSEED"]
    done = command("run", inputs, "-o", "deep/er/out", "--workers", workers, env=environment | machine)
    assert done.returncode == 3, done.stderr
    assert tree(tmp_path / "deep/er/out", "clean", "ledger") == reference


def test_a_second_time_over_the_same_output(inputs, tmp_path, clean, tree, reference):
    clean(inputs, tmp_path / "out")
    clean(inputs, tmp_path / "out", options=Options(reprocess=True))
    assert tree(tmp_path / "out", "clean", "ledger") == reference


def test_inputs_named_in_another_order(inputs, tmp_path, clean, tree):
    places = tuple(inputs / name for name in ("x", "y", "r.jsonl", "00.txt") if (inputs / name).exists())
    assert len(places) > 2
    clean(places, tmp_path / "one")
    clean(places[::-1], tmp_path / "two")
    assert tree(tmp_path / "one", "clean", "ledger") == tree(tmp_path / "two", "clean", "ledger")


class Killed:
    """Kills its process ahead of the last operation of a kind."""

    def __init__(self, operation: str, target: bytes) -> None:
        self.operation, self.target = operation, target

    def __call__(self, operation: str, path: bytes) -> None:
        if operation == self.operation and self.target in path:
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    ("operation", "target"),
    [
        pytest.param("create", b"ledger/x/s.jsonl", id="while it writes"),
        pytest.param("rename", b"runs/000001.json", id="ahead of the commit"),
        pytest.param("fsync folder", b"state/runs", id="just after the commit"),
        pytest.param("rename", b"clean/x", id="while it publishes"),
        pytest.param("remove", b"stage/000001", id="ahead of the end"),
    ],
)
def test_a_run_that_was_killed_and_made_again(inputs, tmp_path, clean, tree, reference, operation, target):
    child = os.fork()
    if not child:
        try:
            clean(inputs, tmp_path / "out", disk=Disk(Killed(operation, target)))
        finally:
            os._exit(99)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    clean(inputs, tmp_path / "out")
    assert tree(tmp_path / "out", "clean", "ledger") == reference
    assert os.listdir(tmp_path / "out/state/runs") == ["000001.json"]
    assert verify_output(str(tmp_path / "out")).differences == ()


def test_nothing_of_the_machine_stands_in_a_ledger(inputs, tmp_path, clean, reference):
    told = b"".join(data for name, data in reference.items() if name.startswith("ledger"))
    for word in (
        os.fsencode(tmp_path.parent),
        b"/tmp",
        os.uname().nodename.encode() + b'"',
        b"2026-",
        b"seconds",
    ):
        assert word not in told
