"""Objects of a store, through fsspec: listing them, reading them, and every change of them.

What goes wrong is an OSError of one line, whatever library said it. The libraries try again by themselves;
here it is only said how often, so that a store which does not answer is given up within a minute.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from hashlib import blake2b
from importlib import import_module
from typing import Any, TypeVar

from msgspec import Struct

from cleaner.errors import UsageError
from cleaner.io.urls import KINDS, split_url, without_credentials
from cleaner.text.show import show

T = TypeVar("T")

_AT_ONCE = 16  # requests
_LARGE = 16 << 20  # bytes, from which on libraries cut an object into parts, and send some of these at once
_PART = 8 << 20  # bytes
_SECONDS = 5  # for a connection
_ATTEMPTS = 2  # of the client, each time that s3fs tries: five times
_TAGS = ("ETag", "generation", "etag", "md5Hash")  # what stores call that which tells contents apart
_TIMES = ("LastModified", "mtime", "modified", "created")


class Object(Struct, frozen=True):
    """An object: its size in bytes, and what tells this content of it from another."""

    size: int
    tag: str

    @property
    def number(self) -> int:
        """The tag as a number that an inode could be."""
        return int.from_bytes(blake2b(self.tag.encode(), digest_size=8).digest()) >> 1


class Store:
    """The objects below a URL, by their path below it; the empty path is the object of that URL itself.

    Raises UsageError where the package for it is missing.
    """

    def __init__(self, url: str) -> None:
        scheme, host, _ = split_url(url)
        self.url, self._kind = url, KINDS[scheme]
        self._files = _file_system(scheme, host, os.getpid())
        self._top: str = self._files._strip_protocol(url)

    def at(self, path: str) -> str:
        """Return the URL of an object."""
        return f"{self.url}/{path}" if path else self.url

    def list(self, folder: str = "") -> dict[str, Object]:
        """Return all objects below a folder; or the one of that name, if nothing is below it."""
        with _told():
            found: Mapping[str, Mapping[str, Any]] = self._files.find(self.at(folder), detail=True)
        return {
            name[len(self._top) + 1 :]: _object(info)
            for name, info in found.items()
            if info["type"] == "file" and not name.endswith("/")
        }

    def info(self, path: str) -> Object:
        """Return what is known of an object now. Raises FileNotFoundError."""
        with _told():
            return _object(self._files.info(self.at(path)))

    def has(self, path: str) -> bool:
        """Tell whether there is an object."""
        try:
            self.info(path)
        except FileNotFoundError:
            return False
        return True

    def read(self, path: str, start: int | None = None, stop: int | None = None) -> bytes:
        """Return the content of an object, or some of it. Raises FileNotFoundError."""
        with _told():
            content: bytes = self._files.cat_file(self.at(path), start=start, end=stop)
            return content

    def fetch(self, path: str, target: bytes) -> None:
        """Write the content of an object into a file."""
        with _told():
            self._files.get_file(self.at(path), os.fsdecode(target))

    def put(self, path: str, source: bytes) -> None:
        """Make an object of a file, or replace one, in one step."""
        with _told():
            self._files.put_file(os.fsdecode(source), self.at(path))

    def put_new(self, path: str, content: bytes) -> None:
        """Make an object. Raises FileExistsError where there is another one already: of several that try, at
        most one succeeds, if the store takes conditions; else they are told from each other by looking first.
        """
        if not self._kind.conditional and self.has(path):
            raise FileExistsError(errno.EEXIST, "it is there already")
        try:
            with _told():
                mode = "create" if self._kind.conditional else "overwrite"
                self._files.pipe_file(self.at(path), content, mode=mode)
        except OSError:
            # An answer may have been lost, and the request been made again: what is there tells.
            try:
                there = self.read(path)
            except FileNotFoundError:
                there = None
            if there is None:
                raise
            if there != content:
                raise FileExistsError(errno.EEXIST, "it is there already") from None

    def copy(self, source: str, target: str) -> None:
        """Make an object of another one, or replace one, in one step, in the store."""
        with _told():
            self._files.cp_file(self.at(source), self.at(target))

    def remove(self, path: str) -> None:
        """Remove an object, if it is there."""
        try:
            with _told():
                self._files.rm_file(self.at(path))
        except FileNotFoundError:
            pass


def each(action: Callable[[T], object], items: Iterable[T], size: Callable[[T], int] = lambda _: 0) -> None:
    """Do an action for all items, some at once; large ones one after the other. The first error ends it."""
    small: list[T] = []
    large: list[T] = []
    for item in items:
        (small if size(item) <= _LARGE else large).append(item)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(action, small):
            pass
    for item in large:
        action(item)


@cache
def _file_system(scheme: str, host: str, _process: int) -> Any:
    """Return the file system of a store. A forked process needs its own."""
    kind = KINDS[scheme]
    try:
        from fsspec.core import url_to_fs

        import_module(kind.package)
    except ImportError:
        told = f"{scheme}:// needs {kind.package}, which is not installed"
        raise UsageError(told, hint=f"pip install 'cleaner[{kind.extra}]'") from None
    url = f"{scheme}://{host}/"
    with _told():
        options = {"skip_instance_cache": True, "use_listings_cache": False, **_options(scheme)}
        return url_to_fs(url, **options)[0]


def _options(scheme: str) -> dict[str, Any]:
    """Return what a file system is made with, besides what people have configured (fsspec's own files and
    FSSPEC_… in the environment).
    """
    if scheme != "s3":
        return {}
    from fsspec.config import conf

    theirs = conf.get(scheme, {}).get("config_kwargs")
    ours = {
        "connect_timeout": _SECONDS,
        "retries": {"total_max_attempts": _ATTEMPTS},
        "max_pool_connections": 2 * _AT_ONCE,
    }
    config = ours | (theirs if isinstance(theirs, dict) else {})
    return {"config_kwargs": config, "default_block_size": _PART}


def _object(info: Mapping[str, Any]) -> Object:
    tags = (info.get(name) for name in (*_TAGS, *_TIMES))
    tag = next((each for each in tags if each), "")
    if isinstance(tag, datetime):
        tag = tag.timestamp()
    return Object(int(info["size"] or 0), str(tag).strip('"'))


@contextmanager
def _told() -> Iterator[None]:
    """Make an OSError with one line of whatever a library raises."""
    try:
        yield
    except FileNotFoundError as error:
        bucket = "bucket" in str(error) and "exist" in str(error)
        raise FileNotFoundError(errno.ENOENT, "no such bucket" if bucket else "no such object") from None
    except Exception as error:
        if isinstance(error, FileExistsError):
            raise FileExistsError(errno.EEXIST, "it is there already") from None
        raise OSError(errno.EIO, _line(error)) from None


def _line(error: Exception) -> str:
    """Return the first line of what a library said, without what is secret."""
    text = (getattr(error, "strerror", None) or str(error)).strip()
    line = text.splitlines()[0] if text else type(error).__name__
    if isinstance(error, PermissionError):
        line = f"access denied ({line})"
    return show(without_credentials(line), limit=200)
