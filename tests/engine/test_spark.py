"""Apache Spark as the engine: the same bytes as one process gives, at any number of partitions, on a cluster
of several processes, and when some of them are killed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import deadly
import pytest
import s3_server
from spark_cluster import cluster, missing

from cleaner import Settings, clean_files, engines
from cleaner.errors import OutputError, UsageError
from cleaner.judging import keys, settling, verifying
from cleaner.judging.rounds import decide_in_rounds

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.spark, pytest.mark.skipif(bool(missing()), reason=missing())]
SHARD = 6000  # bytes
CITIES = ["Hà Nội", "Huế", "Đà Nẵng", "Cần Thơ", "Vinh", "Nam Định", "Mỹ Tho"]
ARGUMENTS = (
    "--driver-memory 512m --conf spark.executor.memory=512m --conf spark.ui.enabled=false pyspark-shell"
)
QUICK = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}  # for JVMs that end soon
PROGRAM = """
import json, os, signal, sys
from pathlib import Path

import deadly
import cleaner.passes, cleaner.work
from cleaner.job import Job, run
from cleaner.judging import grouping, keys, verifying
from cleaner.settings import Settings

told = json.loads(sys.argv[1])
if os.environ.get("DEADLY"):
    cleaner.work.scan_shard, cleaner.passes.write_shard = deadly.scan_shard, deadly.write_shard
    verifying._verify, grouping._pair = deadly.verify, deadly.pair
keys._ROWS_AT_ONCE, verifying._PAIRS_A_TASK = 200, 50

def progress(what, done, of):
    if what == told["dies"]:
        os.kill(os.getpid(), signal.SIGKILL)

outcome = run(Job(Settings.model_validate(told["settings"]), Path("/"), shard_bytes=told["shard"]), progress)
print(outcome.exit_code)
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders: what a first run cleans, and what a second one finds beside it. Seeds, files, records."""
    rng, top = random.Random(11), tmp_path_factory.mktemp("corpus")

    def story() -> str:
        lines = []
        for _ in range(rng.randint(2, 9)):
            day, city = rng.randint(1, 28), rng.choice(CITIES)
            line = f"Sáng {day}/3, đoàn kiểm tra đã đến {city} để xem việc đắp đê và phát {day * 7} phần quà"
            lines.append(line + rng.choice([".", "!", ", theo TTXVN.", "\xa0."]))
        return "\n".join([*lines, rng.choice(["Đọc thêm", "Ảnh: TTXVN", "ViÖt Nam – Liªn bang Nga"])])

    for name in ("a", "b"):
        folder = top / name / name
        folder.mkdir(parents=True)
        for number in range(12):
            (folder / f"{number:02}.txt").write_text(story(), encoding="utf-8")
        records = [json.dumps({"id": f"{name}{number}", "text": story()}) for number in range(60)]
        (folder / "z.jsonl").write_text("\n".join([*records[:40], "no record", *records[40:]]))
    for file in (ROOT / "seeds").iterdir():
        (top / "a" / "a" / file.name).write_bytes(file.read_bytes())
    return top


@pytest.fixture(scope="module")
def expected(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    """What one process makes of them, after the first run and after the second."""
    out = tmp_path_factory.mktemp("expected")
    found = []
    for name in ("a", "b"):
        outcome = _run(corpus / name, out)
        counts = outcome.summary.counts
        assert min(counts["dropped near_duplicate.near"], counts["held_back"], counts["skipped"]) > 0
        found.append(_published(out))
    return found


def _run(inputs: Path | str, out: Path | str, **more):
    from cleaner.job import Job, run

    settings = Settings.model_validate({"input": [str(inputs)], "output": str(out), "workers": 1, **more})
    return run(Job(settings, Path("/"), shard_bytes=SHARD), lambda *_: None)


def _published(out: Path) -> dict[str, bytes]:
    tops = ("clean", "ledger", "state/index", "state/edges")
    files = sorted(file for top in tops for file in (out / top).rglob("*") if file.is_file())
    found = {str(file.relative_to(out)): file.read_bytes() for file in files}
    return {
        name: b"\n".join(sorted(data.split(b"\n"))) if "edges" in name else data
        for name, data in found.items()
    }


@pytest.fixture(scope="module")
def session(s3_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    from pyspark.sql import SparkSession

    before = dict(os.environ)
    path = f"{ROOT}:{Path(__file__).parent}:{before.get('PYTHONPATH', '')}"  # of Python on executors
    os.environ.update({"PYTHONPATH": path, "PYSPARK_PYTHON": sys.executable, **QUICK})
    os.environ.update(s3_server.variables(s3_port))  # for executors; they have no other
    builder = SparkSession.builder.master("local[2,1]").config("spark.ui.enabled", "false")
    for name, value in (("log.level", "OFF"), ("driver.memory", "512m"), ("driver.host", "127.0.0.1")):
        builder = builder.config(f"spark.{name}", value)
    session = builder.config("spark.local.dir", str(tmp_path_factory.mktemp("spark"))).getOrCreate()
    os.environ.clear()
    os.environ.update(before)
    yield session
    session.stop()


@pytest.mark.parametrize(("partitions", "earlier"), [(3, None), (8, "local"), (17, "spark")])
def test_any_number_of_partitions(session, corpus, expected, tmp_path, monkeypatch, partitions, earlier):
    """Without an index, and rounds over some parts; with that of a run of processes here; with that of a run
    of Spark.
    """
    monkeypatch.setattr(keys, "_ROWS_AT_ONCE", 200)
    monkeypatch.setattr(verifying, "_PAIRS_A_TASK", 50)
    if not earlier:
        monkeypatch.setattr(settling, "_HERE", 0)
        monkeypatch.setattr(settling, "_EDGE_BYTES", 1 << 23)
        monkeypatch.setattr(settling, "decide_in_rounds", _in_several_parts)
    out, spark = tmp_path / "out", {"engine": "spark", "spark": {"partitions": partitions}}
    if earlier:
        _run(corpus / "a", out, **({} if earlier == "local" else spark))
    outcome = _run(corpus / ("b" if earlier else "a"), out, **spark)
    assert outcome.exit_code == 3  # the record that is none
    assert _published(out) == expected[bool(earlier)]
    assert not list((out / "state/stage").rglob("*"))


def test_inputs_and_output_by_url(session, bucket, corpus, expected, tmp_path, monkeypatch):
    """Executors read the objects themselves; what is done waits in the working copy, which all see."""
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    files = (file for file in (corpus / "a").rglob("*") if file.is_file())
    bucket.fill("in", {str(file.relative_to(corpus / "a")): file.read_bytes() for file in files})
    spark = {"engine": "spark", "spark": {"partitions": 3}, "working_copy": str(tmp_path / "copies")}
    assert _run(bucket.url("in"), bucket.url("out"), **spark).exit_code == 3  # the record that is none
    wanted = {name: data for name, data in expected[0].items() if name.startswith(("clean/", "ledger/"))}
    assert bucket.tree("out", "clean", "ledger") == wanted
    assert _run(bucket.url("in"), bucket.url("out"), **spark).summary is None


def _in_several_parts(edges, folder, borders, engine):
    assert len(borders) > 1
    assert type(engine).__name__ == "SparkEngine"
    return decide_in_rounds(edges, folder, borders, engine)


def test_a_session_that_is_there_is_used_and_left_running(session, tmp_path, fill):
    fill(tmp_path / "in", {"a.txt": "Tin m&#7899;i.\nĐọc thêm\n"})
    assert clean_files(Settings(input=("in",)), tmp_path, spark=session).exit_code == 0
    assert (tmp_path / "out/clean/a.txt").read_text() == "Tin mới.\n"
    assert session.range(3).count() == 3
    assert session.conf.get("spark.sql.execution.arrow.maxRecordsPerBatch") != "16"


def test_what_a_task_raises_is_told_as_it_is(session, tmp_path):
    from cleaner.engine.spark import SparkEngine

    engine = SparkEngine(session, bytes(tmp_path))
    assert list(engine.map(abs, [-3, 2, -1])) == [3, 2, 1]
    assert list(engine.map(abs, [])) == []
    with pytest.raises(ValueError, match="invalid literal") as caught:
        list(engine.map(int, ["1", "x"]))
    assert "Traceback" in caught.value.__notes__[0]


def _not_there(number: int) -> int:
    """Nothing that executors could load: this module is not in their path by this name."""
    return number


_not_there.__module__ = "no_such_module"


def test_executors_that_lack_the_code_are_told_of(session, tmp_path, monkeypatch):
    from cleaner.engine.spark import SparkEngine

    monkeypatch.setitem(sys.modules, "no_such_module", sys.modules[__name__])
    engine = SparkEngine(session, bytes(tmp_path))
    for verb in (engine.map, engine.attempt):
        with pytest.raises(
            OutputError, match="tasks cannot run: ModuleNotFoundError: No module named 'no_such"
        ):
            list(verb(_not_there, [1]))


def test_an_input_of_which_processes_die_is_told_apart(session, tmp_path):
    from cleaner.engine.spark import SparkEngine

    engine = SparkEngine(session, bytes(tmp_path))
    assert list(engine.attempt(os._exit, [])) == []
    assert list(engine.attempt(deadly.dies_of_three, [1, 3])) == [1, None]
    with pytest.raises(OutputError, match="gave up"):
        list(engine.map(deadly.dies_of_three, [3]))


def test_tasks_of_a_run_that_has_ended_do_nothing(session, tmp_path):
    from cleaner.engine.spark import SparkEngine, StaleRun, _task

    (tmp_path / "run").mkdir()
    engine = SparkEngine(session, bytes(tmp_path / "run"))
    _, place = engine._shared_out([1])
    shutil.rmtree(tmp_path / "run")
    with pytest.raises(StaleRun):
        list(engine.map(abs, [1]))
    with pytest.raises(StaleRun):
        _task(place, 0)


@pytest.mark.parametrize(
    ("name", "instead", "told"),
    [
        (
            "_here",
            lambda _packages: {"ftfy": "1"},
            "has other versions than the driver: .*, here {'ftfy': '1'}",
        ),
        ("make_folder", lambda _path: None, "executors cannot do this work: .* does not see the output"),
    ],
)
def test_executors_that_are_no_good_are_refused(session, tmp_path, fill, monkeypatch, name, instead, told):
    fill(tmp_path / "in", {"a.txt": "Tin."})
    monkeypatch.setattr(engines, name, instead)
    with pytest.raises(UsageError, match=told):
        clean_files(Settings(input=("in",)), tmp_path, spark=session)
    assert not (tmp_path / "out/clean").exists()


def test_speculation_is_refused(session, tmp_path, fill):
    fill(tmp_path / "in", {"a.txt": "Tin."})
    with pytest.raises(UsageError, match="speculation is on"):
        clean_files(Settings(input=("in",)), tmp_path, spark=_Speculating())
    assert not (tmp_path / "out/clean").exists()


class _Speculating:
    """A session with a setting that cannot be changed once it runs."""

    class conf:
        @staticmethod
        def get(name: str, default: str = "") -> str:
            return "true" if name == "spark.speculation" else default


def test_without_java_it_says_what_to_do(corpus, tmp_path, environment):
    command = [sys.executable, "-m", "cleaner", "run", str(corpus / "a"), "-o", "out", "--master", "local[2]"]
    nothing = {**environment, "PATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=nothing, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "cleaner: error: engine: spark needs Java 17 or later, and there is none; apt-get install"
        " openjdk-17-jre-headless, or set JAVA_HOME (exit 2)"
    ]


Start = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def start(tmp_path, environment, monkeypatch, corpus) -> Iterator[Start]:
    """Return what starts a run of a folder of the corpus as a driver of a cluster, of one master and two
    workers, each a process; it `dies` when it tells of a pass, or kills executors in those that are `deadly`.
    """
    own = {"PYTHONPATH": f"{ROOT}:{Path(__file__).parent}", **QUICK}
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "program.py").write_text(PROGRAM)
    with cluster(tmp_path / "cluster") as url:
        settings = {"output": str(tmp_path / "out"), "engine": "spark"}
        settings["spark"] = {"master": url, "partitions": 4}

        def start(name: str, dies: str = "", deadly: str = "") -> subprocess.CompletedProcess[str]:
            told = {"settings": {**settings, "input": [str(corpus / name)]}, "dies": dies, "shard": SHARD}
            arguments = f"--conf spark.executorEnv.DEADLY={deadly or '::'} {ARGUMENTS}"
            more = {"PYSPARK_SUBMIT_ARGS": arguments, "SPARK_LOCAL_IP": "127.0.0.1", "DEADLY": deadly}
            return subprocess.run(
                [sys.executable, str(tmp_path / "program.py"), json.dumps(told)],
                env={**environment, **own, **more}, capture_output=True, text=True, timeout=600,
            )  # fmt: skip

        yield start


def test_a_cluster_of_which_an_executor_is_killed(corpus, expected, tmp_path, start):
    """With an index that a run of processes here has left; the executor leaves files in the stage."""
    _run(corpus / "a", tmp_path / "out")
    done = start("b", deadly=f"executor:{tmp_path}:write")
    assert (done.stdout.split(), (tmp_path / "write").exists()) == (["3"], True), done.stderr
    assert _published(tmp_path / "out") == expected[1]


@pytest.mark.torture
def test_a_cluster_of_which_driver_and_executors_are_killed(expected, tmp_path, start):
    """The driver dies before the commit, and nothing is published; in the next start executors die in each
    pass, and in the next one Python processes; that one has an index to compare with.
    """
    assert start("a", dies="writing").returncode == -signal.SIGKILL
    assert not (tmp_path / "out/clean").exists()
    passes = "scan,group,judge,write"
    for name, kind, wanted in (("a", "executor", expected[0]), ("b", "worker", expected[1])):
        noted = tmp_path / kind
        noted.mkdir()
        done = start(name, deadly=f"{kind}:{noted}:{passes}")
        assert done.stdout.split() == ["3"], done.stderr
        assert {file.name for file in noted.iterdir()} == set(passes.split(","))
        assert _published(tmp_path / "out") == wanted
