"""Which engine a run uses. The distributed one is imported where it is asked for, and where it is there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from cleaner.engine.local import LocalEngine
from cleaner.errors import OutputError, UsageError
from cleaner.io.scratch import make_folder
from cleaner.io.urls import packages_for
from cleaner.settings import Settings
from cleaner.spark_settings import SparkSettings
from cleaner.versions import versions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from cleaner.engine.spark import SparkEngine

_TRIES = 4  # of a task whose process dies, in a local master, which by itself tries once
_ASKED = 8  # times, whether machines see what the driver sees
_OURS = {  # of a session that is made here
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.speculation": "false",
}
_INSTALL = "pip install 'cleaner[spark]'"
_JAVA = "apt-get install openjdk-17-jre-headless, or set JAVA_HOME"


def scratch_name(settings: Settings) -> bytes:
    """Return the name of the scratch folder of a run. On a cluster a task may outlive its run for a while,
    and must not find the folder of the next one.
    """
    return b"scan" if settings.engine == "local" else b"scan-%s" % os.urandom(8).hex().encode()


@contextmanager
def engine_for(
    settings: Settings, workers: int, scratch: bytes, session: Any = None
) -> Iterator[LocalEngine | SparkEngine]:
    """Give the engine of a run. Where that is Spark, a `session` that is there is used, and left running.

    Raises UsageError where there is no Spark, no Java, or where two tries of a task may write the same files
    at a time.
    """
    if settings.engine == "local":
        with LocalEngine(workers) as engine:
            engine.start("cleaner.passes")
            yield engine
        return
    session, own = (session, False) if session is not None else _session(settings.spark)
    if str(session.conf.get("spark.speculation", "false")).lower() == "true":
        raise UsageError("spark.speculation is on", hint="start the session with spark.speculation=false")
    from cleaner.engine.spark import SparkEngine

    with SparkEngine(session, scratch, partitions=settings.spark.partitions, own=own) as engine:
        yield engine


def _session(settings: SparkSettings) -> tuple[SparkSession, bool]:
    """Return a session, and whether it was made here: where there is an active one, that is taken."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("engine: spark needs PySpark", hint=_INSTALL) from None
    if active := SparkSession.getActiveSession():
        return active, False
    home = os.environ.get("JAVA_HOME")
    if not shutil.which(os.path.join(home, "bin", "java") if home else "java"):
        raise UsageError("engine: spark needs Java 17 or later, and there is none", hint=_JAVA)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("cleaner")
    for name, value in _OURS.items():
        builder = builder.config(name, value)
    master = settings.master
    if not (master or "--master" in os.environ.get("PYSPARK_SUBMIT_ARGS", "")):
        master = "local[*]"
    if master.startswith("local[") and "," not in master:
        master = f"{master[:-1]},{_TRIES}]"
    if master:
        builder = builder.master(master)
    try:
        return builder.getOrCreate(), True
    except (PySparkException, RuntimeError, OSError) as error:
        raise UsageError(f"Spark does not start: {str(error).splitlines()[0]}", hint="see above") from None


def meet(engine: LocalEngine | SparkEngine, scratch: bytes, settings: Settings) -> None:
    """Raise UsageError where executors of a cluster do not see `scratch`, have other versions, or cannot read
    inputs by URL.
    """
    if isinstance(engine, LocalEngine):
        return
    make_folder(scratch)
    packages = packages_for(settings.input)
    try:
        found = list(engine.map(_what_is_there, [(scratch, packages)] * _ASKED))
    except OutputError as error:
        raise UsageError(
            f"Spark's executors cannot do this work: {error.message}",
            hint="they need cleaner and what it needs, in the same versions, and the output folder in the"
            " same place (docs/scaling.md)",
        ) from None
    for host, there in found:
        if there != (here := _here(packages)):
            raise UsageError(
                f"{host} has other versions than the driver: {there}, here {here}",
                hint="install the same ones there",
            )


def _what_is_there(task: tuple[bytes, Sequence[str]]) -> tuple[str, dict[str, str]]:
    return os.uname().nodename, _here(task[1])


def _here(packages: Sequence[str]) -> dict[str, str]:
    told = {name: "there" if find_spec(name) else "missing" for name in packages}
    return versions() | {"python": "{}.{}".format(*sys.version_info)} | told
