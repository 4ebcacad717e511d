"""Places by URL: what is one, which can be used, and where its working copy is.

What stands behind `://` is taken as it is, except of `file://`, which is a path on this machine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from cleaner.errors import UsageError
from cleaner.text.show import show

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://", re.ASCII)
_CREDENTIALS = re.compile(r"(://)[^/\s]*@")
_LONGEST_NAME = 60  # characters of a URL in the name of its working copy


class Kind(NamedTuple):
    """A kind of store: the package that fsspec needs for it, our extra that brings that, and whether an
    object can be put on condition that there is none yet.
    """

    package: str
    extra: str
    conditional: bool = True


KINDS = {"s3": Kind("s3fs", "s3"), "gs": Kind("gcsfs", "gs"), "hdfs": Kind("pyarrow", "hdfs", False)}


def is_url(name: str | bytes) -> bool:
    """Tell whether a name is a URL, of whatever kind.

    >>> is_url("s3://bucket/news"), is_url("news/2024"), is_url("C:/news"), is_url("./s3://x")
    (True, False, False, False)
    """
    return _URL.match(os.fsdecode(name)) is not None


def url_fault(name: str) -> str:
    """Return what is wrong with a URL; nothing where it can be used, or the name is none.

    >>> url_fault("s3://key:secret@bucket/news")
    'a URL with credentials in it; they belong into the environment'
    >>> url_fault("ftp://host/news")
    "no store of this kind: 'ftp://'; known are file://, gs://, hdfs://, s3://"
    """
    if not is_url(name):
        return ""
    scheme, host, path = split_url(name)
    user, at, _ = host.rpartition("@")
    if at and (scheme != "hdfs" or ":" in user):
        return "a URL with credentials in it; they belong into the environment"
    if scheme == "file":
        return "" if host in ("", "localhost") and path else "names no path of this machine; say file:///…"
    if scheme not in KINDS:
        known = ", ".join(f"{kind}://" for kind in sorted(["file", *KINDS]))
        return f"no store of this kind: '{show(scheme, limit=20)}://'; known are {known}"
    if not host and scheme != "hdfs":
        return "a URL without a bucket"
    if path and leads_elsewhere(path):
        return "a URL with an empty part, . or .. in it"
    return ""


def leads_elsewhere(key: str) -> bool:
    """Tell whether the path that a key would be is another one than it spells.

    >>> leads_elsewhere("a//b"), leads_elsewhere("../a"), leads_elsewhere("a/..b")
    (True, True, False)
    """
    return not {"", ".", ".."}.isdisjoint(key.split("/"))


def split_url(url: str) -> tuple[str, str, str]:
    """Return kind, bucket or host, and path of a URL, without slashes at its end."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    return scheme.lower(), host, path.rstrip("/")


def placed(base: str | Path, name: str) -> str:
    """Return the path, counted from `base`, or the URL that a name stands for.

    Raises UsageError for a URL that cannot be used.

    >>> placed("/srv", "news"), placed("/srv", "S3://news/2024/"), placed("/srv", "file:///mnt/a%20b")
    ('/srv/news', 's3://news/2024', '/mnt/a b')
    """
    if fault := url_fault(name):
        raise UsageError(fault, where=show(without_credentials(name), limit=None))
    if not is_url(name):
        return os.path.join(base, name)
    scheme, host, path = split_url(name)
    if scheme == "file":
        return "/" + unquote(path, errors="surrogateescape")
    return f"{scheme}://{host}/{path}".rstrip("/")


def from_here(base: str | Path, name: str) -> str:
    """Return the same as `placed`, a path as it is from the working folder."""
    place = placed(base, name)
    return place if is_url(place) else os.path.relpath(place)


def packages_for(names: Iterable[str]) -> list[str]:
    """Return the packages that are needed to read from these places."""
    kinds = {KINDS.get(split_url(name)[0]) for name in names if is_url(name)}
    return sorted({kind.package for kind in kinds if kind})


def lies_in(place: str, folder: str) -> bool:
    """Tell whether an absolute path or a URL is another one, or lies below it."""
    return f"{place}/".startswith(f"{folder.rstrip('/')}/")


def last_part(url: str) -> str:
    """Return the last name in a URL, that of the bucket where there is no other."""
    return url.rpartition("/")[2]


def without_credentials(text: str) -> str:
    """Return a text in which no URL tells a user or a password.

    >>> without_credentials("at s3://key:secret@bucket/a@b")
    'at s3://***@bucket/a@b'
    """
    return _CREDENTIALS.sub(r"\1***@", text)


def output_place(base: Path, output: str, working_copy: str) -> tuple[bytes, str]:
    """Return the folder of an output, and its URL if that folder is the working copy of one: below
    `working_copy`, by default in the user's cache. Raises UsageError for a URL that cannot be used.
    """
    place = placed(base, output)
    if not is_url(place):
        return os.path.normpath(os.fsencode(place)), ""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache")
    top = os.path.join(base, os.path.expanduser(working_copy or os.path.join(cache, "cleaner")))
    readable = re.sub(r"[^A-Za-z0-9.]+", "-", place)[:_LONGEST_NAME]
    check = blake2b(place.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
    return os.path.normpath(os.fsencode(os.path.join(top, f"{readable}-{check}"))), place
