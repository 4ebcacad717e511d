"""A cluster of Apache Spark on this machine: a master and workers, each a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

_CLASSES = "org.apache.spark.deploy"
_PATIENCE = 60.0  # seconds for a process to begin to listen
_MEMORY = "256m"  # of master and workers


def missing() -> str:
    """Say what is missing for Spark to run here, if anything is."""
    if find_spec("pyspark") is None:
        return "PySpark is not installed (pip install 'cleaner[spark]')"
    home = os.environ.get("JAVA_HOME")
    if not shutil.which(os.path.join(home, "bin", "java") if home else "java"):
        return "there is no Java (apt-get install openjdk-17-jre-headless)"
    return ""


@contextmanager
def cluster(folder: Path, *, workers: int = 2, memory: str = "700m") -> Iterator[str]:
    """Start a master and so many workers of one core, which keep their logs in `folder`; give the URL of the
    master. All end with it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"spark://127.0.0.1:{port}"
    here = ("--host", "127.0.0.1", "--webui-port", "0")
    started = [_started(folder, "master", "master.Master", *here, "--port", str(port))]
    try:
        _wait_for(port, started[0])
        for number in range(workers):
            place = ("--work-dir", str(folder / f"work-{number}"))
            size = ("--cores", "1", "--memory", memory)
            started.append(_started(folder, f"worker-{number}", "worker.Worker", *here, *place, *size, url))
        yield url
    finally:
        for each in reversed(started):
            with suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()


def _started(folder: Path, name: str, kind: str, *arguments: str) -> subprocess.Popen[bytes]:
    spec = find_spec("pyspark")
    home = Path(spec.origin).parent if spec and spec.origin else Path()
    environment = {
        **os.environ, "SPARK_HOME": str(home), "SPARK_DAEMON_MEMORY": _MEMORY,
        "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(folder / "local"),
        "PYSPARK_PYTHON": sys.executable,
    }  # fmt: skip
    command = [str(home / "bin" / "spark-class"), f"{_CLASSES}.{kind}", *arguments]
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the master of the cluster does not start")
