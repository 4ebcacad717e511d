"""An S3-compatible store for tests: the server of moto, as a process of its own, and a bucket in it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import Any

_PATIENCE = 60  # seconds for the start of the server


def missing() -> str:
    """Return why there can be no such store, nothing where there can."""
    lacking = [name for name in ("s3fs", "moto", "flask", "boto3") if find_spec(name) is None]
    return f"needs {', '.join(lacking)}: pip install '.[test]'" if lacking else ""


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def variables(port: int) -> dict[str, str]:
    """Return what of the environment leads clients to the server."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "very-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


@contextmanager
def server(port: int) -> Iterator[None]:
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        given_up = time.monotonic() + _PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < given_up, "no server"
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


@cache
def _client(port: int) -> Any:
    import boto3

    told = variables(port)
    return boto3.client(
        "s3",
        endpoint_url=told["AWS_ENDPOINT_URL"],
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        region_name=told["AWS_DEFAULT_REGION"],
    )


class Bucket:
    """A bucket, through a client that starts no threads, since children are forked from here."""

    def __init__(self, port: int, name: str) -> None:
        self.name, self.environment = name, variables(port)
        self._client = _client(port)
        self._client.create_bucket(Bucket=name)

    def url(self, path: str) -> str:
        return f"s3://{self.name}/{path}"

    def fill(self, folder: str, files: Mapping[str, bytes | str]) -> str:
        """Make objects below a folder; return its URL."""
        for name, data in files.items():
            body = data.encode() if isinstance(data, str) else data
            self._client.put_object(Bucket=self.name, Key=f"{folder}/{name}", Body=body)
        return self.url(folder)

    def remove(self, *keys: str) -> None:
        for key in keys:
            self._client.delete_object(Bucket=self.name, Key=key)

    def tree(self, folder: str, *only: str) -> dict[str, bytes]:
        """Return all objects below a folder, by path; `only` names some of its folders."""
        found = {}
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=f"{folder}/")
        for page in pages:
            for each in page.get("Contents", ()):
                path = each["Key"].removeprefix(f"{folder}/")
                if not only or path.partition("/")[0] in only:
                    body = self._client.get_object(Bucket=self.name, Key=each["Key"])["Body"]
                    found[path] = body.read()
        return found
