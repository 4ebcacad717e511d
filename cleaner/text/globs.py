"""Which paths a pattern names: gitignore's rules for globs, on paths as they stand in the output.

    *.txt         a name without a slash is met at any depth
    2024/**       a pattern with a slash counts from the top; ** stands for any number of folders
    **/drafts/*   * ? [ab] [!ab] stand for characters of one name, never for a slash
    drafts/       with a slash at its end: folders only

A pattern that names a folder names all that is below it. Matching is by case and code point.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

_ANY = "**"


def check_glob(pattern: str) -> None:
    """Raise ValueError, saying what to write instead, for a pattern that could match nothing.

    >>> check_glob("/news/*.txt")
    Traceback (most recent call last):
    ValueError: a pattern begins with no slash, as paths count from the top already; write 'news/*.txt'
    """
    rest = pattern.lstrip("/!")
    if not rest:
        raise ValueError("a pattern is empty; write a name such as '*.txt', or leave it out")
    if pattern.startswith("/"):
        raise ValueError(
            f"a pattern begins with no slash, as paths count from the top already; write '{rest}'"
        )
    if pattern.startswith("!"):
        raise ValueError(
            f"a pattern begins with no '!'; write '{rest}' under the other of include and exclude"
            " (in a name that begins so, write '?' for it)"
        )
    if {"", ".", ".."} & set(pattern.removesuffix("/").split("/")):
        raise ValueError("a path has no part that is empty, '.' or '..'; write it without")


class Globs:
    """Patterns of which any may match."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = [_Glob(pattern) for pattern in patterns]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def match(self, path: bytes, *, folder: bool = False) -> bool:
        """Tell whether a pattern names `path`, a file unless told, or a folder above it.

        >>> Globs(["2024/**"]).match(b"2024/06/a.txt"), Globs(["2024/**"]).match(b"2024.txt")
        (True, False)
        """
        parts = path.decode("utf-8", "surrogateescape").split("/")
        return any(glob.match(parts, folder) for glob in self._patterns)


class _Glob:
    """One pattern, cut at its slashes: matching takes time in proportion to both lengths, whatever it is."""

    def __init__(self, pattern: str) -> None:
        self._folders_only = pattern.endswith("/")
        parts = pattern.removesuffix("/").split("/")
        self._parts = parts if len(parts) > 1 else [_ANY, *parts]

    def match(self, parts: list[str], folder: bool) -> bool:
        """Walk down the path with all places in the pattern where one could be by now."""
        places = {0}
        for depth, part in enumerate(parts, 1):
            places = {after for place in places for after in self._step(place, part)}
            if len(self._parts) in places and (depth < len(parts) or folder or not self._folders_only):
                return True
        return False

    def _step(self, place: int, name: str) -> Iterable[int]:
        """Yield the places after `name`. A last ** needs a name, one before others may stand for none."""
        while place < len(self._parts) and self._parts[place] == _ANY:
            yield place
            place += 1
        if place == len(self._parts):
            yield place
        elif fnmatchcase(name, self._parts[place]):
            yield place + 1
