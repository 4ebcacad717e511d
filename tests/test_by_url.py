"""Inputs and outputs by URL, in a real S3-compatible store: the same bytes as in folders, whatever copy of
the output is at hand; and what goes wrong is a line.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from in_child import Ended, in_child
from s3_server import Bucket

ROOT = Path(__file__).parents[1]
CASES = json.loads((Path(__file__).parent / "cases/by_url.json").read_text(encoding="utf-8"))
ONE = "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường.\n"
TWO = "Bão số 3 đổ bộ vào Quảng Ninh đêm qua, 12 tàu cá phải vào bờ tránh trú.\n"
FIRST = {
    "a.txt": ONE + "Đọc thêm\n",
    "deep/b.txt.gz": gzip.compress(TWO.encode(), mtime=0),
    "deep/đ %41?#.jsonl": "".join(
        f'{{"id": "{n}", "text": "Tin số {n}: giá vé tăng {n} %."}}\n' for n in range(40)
    ),
    "empty.txt": "",
    "gone.txt": "Đường sắt bán vé tàu Tết từ ngày 1 tháng 10, 20 toa một đoàn tàu.\n",
}
SECOND = {"a.txt": TWO + ONE, "new.txt": ONE + "Một tin khác hẳn, không giống tin nào ở trên cả.\n"}

Call = Callable[..., Ended]
Trees = Mapping[str, bytes]


@pytest.fixture
def call(tmp_path: Path, bucket: Bucket, environment: dict[str, str]) -> Call:
    """Return what calls `cleaner` where it finds the store, with a cache of its own."""
    for name in ("s3fs", "cleaner.io.remote_inputs", "cleaner.io.working_copy"):
        import_module(name)  # loaded here, children need not load it

    told = {**environment, **bucket.environment, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def call(*words: object, env: Mapping[str, str] | None = None, **more: Any) -> Ended:
        return in_child(*words, cwd=tmp_path, environment={**told, **(env or {})}, **more)

    return call


@pytest.fixture
def seen(tmp_path: Path, bucket: Bucket, tree: Any) -> Callable[[str], Trees]:
    """Return what reads clean texts and ledgers of an output, wherever it is."""
    return lambda out: (
        bucket.tree(out.partition(bucket.name + "/")[2], "clean", "ledger")
        if out.startswith("s3://")
        else tree(tmp_path / out, "clean", "ledger")
    )


def done(ended: Ended, code: int = 0) -> str:
    told = (ended.stdout + ended.stderr).decode()
    assert ended.returncode == code, told
    assert "Traceback" not in told and "very-secret" not in told
    return told


@pytest.mark.parametrize(("source", "target", "workers"), [("s3", "", 2), ("", "s3", 1), ("s3", "s3", 1)])
def test_the_same_bytes_as_in_folders(tmp_path, bucket, fill, clean, call, seen, source, target, workers):
    """After a first run and after a second, for which the working copy is there or was lost; a third has
    nothing to do.
    """
    places = {"": (str(tmp_path / "in"), "out"), "s3": (bucket.url("in"), bucket.url("out"))}
    names, out = places[source][0], places[target][1]
    for files, gone in ((FIRST, None), (SECOND, "gone.txt")):
        fill(tmp_path / "in", files)
        bucket.fill("in", files)
        if gone:
            (tmp_path / "in" / gone).unlink()
            bucket.remove(f"in/{gone}")
        clean(tmp_path / "in", tmp_path / "expected")
        done(call("run", names, "-o", out, "--workers", 1 if gone else workers))
        assert seen(out) == seen("expected")
        before = bucket.tree("out")
        assert "nothing to do" in done(call("run", names, "-o", out))
        assert bucket.tree("out") == before
        assert not any(name.startswith(("state/stage", "state/lock")) for name in before)
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    assert "every input byte" in done(call("verify", out))


def test_every_command_takes_an_output_by_url(tmp_path, bucket, fill, call, seen):
    """What only reads says the same as of a folder, and changes no object; what changes the output does the
    same to it.
    """
    fill(tmp_path / "in", FIRST)
    out = bucket.url("out")
    for place in ("out", out):
        done(call("run", "in", "-o", place))
    before = bucket.tree("out")
    for words in CASES["reading"]:
        told = [call(*(place if word == "OUT" else word for word in words)) for place in ("out", out)]
        assert done(told[1]) == done(told[0]), words
    assert bucket.tree("out") == before
    for number, words in enumerate(CASES["changing"]):
        shutil.rmtree(tmp_path / "cache")  # so that none of them needs an earlier copy
        for place in ("out", out):
            done(call(*(place if word == "OUT" else word for word in words)))
        assert seen(out) == seen("out"), words
        last = max(name for name in bucket.tree("out", "state") if name.startswith("state/runs"))
        assert last == f"state/runs/{number + 2:06}.json", words
    done(call("report", out))
    assert b"<html" in bucket.tree("out", "report")["report/index.html"]
    done(call("report", out, "-o", "page.html"))
    done(call("restore", out, "-o", "back"))
    assert (tmp_path / "back/a.txt").read_bytes() == FIRST["a.txt"].encode()


def test_settings_name_urls_and_a_working_copy(tmp_path, bucket, call):
    """By them, too, the start finds the lock early, and commands the output."""
    bucket.fill("in", {"a.txt": ONE})
    for name in ("one", "two"):
        text = f"input: [{bucket.url('in')}]\noutput: {bucket.url('out')}/\nworking_copy: copies\n"
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text(text)
    folder = tmp_path / "one"
    assert "run 1: 1 document" in done(call("run", prepare=lambda: os.chdir(folder)))
    assert "nothing to do" in done(call("run", prepare=lambda: os.chdir(tmp_path / "two")))
    assert "1 document" in done(call("verify", prepare=lambda: os.chdir(folder)))
    (copy,) = (each for each in (folder / "copies").iterdir() if each.is_dir())
    assert (copy / "clean/a.txt").read_bytes() == bucket.tree("out")["clean/a.txt"]
    assert not (tmp_path / "cache").exists()


def test_a_mirror_withdraws_what_a_store_has_no_more(tmp_path, bucket, call, seen):
    """But nothing where it could not be asked for all."""
    bucket.fill("in", {"a.txt": ONE, "gone.txt": TWO})
    bucket.fill("more", {"c.txt": ONE + TWO})

    def run_with(*inputs: str) -> Ended:
        text = f"input: [{', '.join(inputs)}]\noutput: {bucket.url('out')}\ninputs: mirror\n"
        (tmp_path / "config.yaml").write_text(text)
        return call("run")

    texts = ["clean/in/a.txt", "clean/in/gone.txt", "clean/more/c.txt"]
    for inputs, code in ((["in", "more"], 0), (["in", "none"], 3)):
        done(run_with(*map(bucket.url, inputs)), code)
        assert [path for path in seen(bucket.url("out")) if path.startswith("clean")] == texts
    bucket.remove("in/gone.txt")
    assert "1 input withdrawn" in done(run_with(bucket.url("in"), bucket.url("more")))
    assert [path for path in seen(bucket.url("out")) if path.startswith("clean")] == [texts[0], texts[2]]


@pytest.mark.parametrize("case", CASES["inputs"], ids=lambda case: case["what"])
def test_which_objects_are_inputs(tmp_path, bucket, call, seen, case):
    bucket.fill("in", dict.fromkeys(case["keys"], ONE) | dict.fromkeys(case.get("empty", ()), ""))
    names = [bucket.url(name) for name in case.get("names", ["in"])]
    told = done(call("run", *names, "-o", "out", *case.get("options", ())), 3 if case["problems"] else 0)
    assert [path.removeprefix("clean/") for path in seen("out") if path.startswith("clean/")] == case["clean"]
    problems = [line.removeprefix("cleaner: skipped: ") for line in told.splitlines() if "skipped: " in line]
    assert problems == [line.replace("BUCKET", bucket.name) for line in case["problems"]]
    if case["problems"]:
        again = call("run", *names, "-o", "out")
        assert again.returncode == (3 if case.get("again") else 0)


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["what"])
def test_what_cannot_be_is_one_line(tmp_path, bucket, fill, call, case):
    fill(tmp_path / "in", {"a.txt": ONE})
    bucket.fill("in", {"a.txt": ONE})
    words = [word.replace("BUCKET", bucket.name) for word in case["words"]]
    if "settings" in case:
        (tmp_path / "config.yaml").write_text(case["settings"].replace("BUCKET", bucket.name))
    told = done(call(*words, env=case.get("environment")), case["exit"])
    assert case["told"].replace("BUCKET", bucket.name) in told
    assert "k3y" not in told
    assert len(told.splitlines()) <= 2
    assert bucket.tree("out") == {}


def test_without_the_package_it_is_named(tmp_path, bucket, fill, call):
    fill(tmp_path / "in", {"a.txt": ONE})

    def hide() -> None:
        import sys

        sys.modules["s3fs"] = None  # type: ignore[assignment]

    for words in (["s3://b/in", "-o", "out"], ["in", "-o", "s3://b/out"]):
        told = done(call("run", *words, prepare=hide), 2)
        assert "s3:// needs s3fs, which is not installed; pip install 'cleaner[s3]'" in told
        assert len(told.splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("then", ["deleted", "changed"])
def test_an_object_that_changes_after_it_was_found(tmp_path, bucket, call, seen, then):
    """Others are done; the next run does it."""
    bucket.fill("in", {"a.txt": ONE, "b.txt": TWO})

    def meanwhile() -> None:
        from cleaner.io import remote_inputs

        take = remote_inputs.take_objects

        def taken(*arguments: Any, **more: Any) -> None:
            take(*arguments, **more)
            bucket.remove("in/b.txt") if then == "deleted" else bucket.fill("in", {"b.txt": TWO + ONE})

        remote_inputs.take_objects = taken

    told = done(call("run", bucket.url("in"), "-o", bucket.url("out"), prepare=meanwhile), 3)
    assert "b.txt: changed while it was read; left for the next run" in told
    assert sorted(seen(bucket.url("out"))) == ["clean/a.txt", "ledger/a.txt.ledger.jsonl"]
    if then == "changed":
        assert "run 2: 1 document" in done(call("run", bucket.url("in"), "-o", bucket.url("out")))


def test_of_two_machines_one_commits(tmp_path, bucket, fill, call, seen):
    """The other publishes nothing, and goes on from there with its next run."""
    fill(tmp_path / "one", {"a.txt": ONE})
    fill(tmp_path / "two", {"b.txt": TWO})
    out = bucket.url("out")

    def meanwhile() -> None:
        from cleaner import committing

        commit = committing.commit

        def committed(*arguments: Any) -> None:
            committing.commit = commit
            done(call("run", "one", "-o", out, env={"XDG_CACHE_HOME": str(tmp_path / "other")}))
            commit(*arguments)

        committing.commit = committed

    told = done(call("run", "two", "-o", out, prepare=meanwhile), 6)
    assert f"{out}: another machine has committed run 1 meanwhile; this one published nothing" in told
    assert sorted(seen(out)) == ["clean/a.txt", "ledger/a.txt.ledger.jsonl"]
    assert not [name for name in bucket.tree("out") if "stage" in name]
    assert "run 2: 1 document" in done(call("run", "two", "-o", out))
    for folder in ("one", "two"):
        done(call("run", folder, "-o", "expected"))
    assert seen(out) == seen("expected")
    assert "every input byte" in done(call("verify", out, env={"XDG_CACHE_HOME": str(tmp_path / "other")}))


def test_what_stands_in_the_store_wins(tmp_path, bucket, fill, call, seen):
    """Whatever became of the working copy; and what is damaged in the store is said."""
    fill(tmp_path / "in", FIRST)
    out = bucket.url("out")
    done(call("run", "in", "-o", out))
    (copy,) = (each for each in (tmp_path / "cache/cleaner").iterdir() if each.is_dir())
    (copy / "clean/a.txt").write_text("something else\n")
    (copy / "ledger/a.txt.ledger.jsonl").unlink()
    (copy / "clean/deep/more.txt").write_text("more")
    (copy / "clean/none").mkdir()
    assert "every input byte" in done(call("verify", out))
    assert not (copy / "clean/deep/more.txt").exists() and not (copy / "clean/none").exists()
    (copy / "clean/none").mkdir()
    assert "every input byte" in done(call("verify", out))
    assert not (copy / "clean/none").exists()
    bucket.fill("out/clean/../../../..", {"elsewhere.txt": "x"})
    told = done(call("verify", out), 5)
    assert "clean/../../../../elsewhere.txt: an object that does not belong here: its key is no path" in told
    assert not list(tmp_path.rglob("elsewhere.txt"))
    bucket.remove("out/clean/../../../../elsewhere.txt")
    bucket.fill("out", {"clean/a.txt": "x" * len(bucket.tree("out")["clean/a.txt"])})
    assert "this file of run 1 is damaged" in done(call("run", "in", "-o", out), 5)
