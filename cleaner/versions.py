"""The versions on which results may depend: they stand in every ledger and manifest."""

from __future__ import annotations

from importlib.metadata import version
from unicodedata import unidata_version

from cleaner import __version__


def versions() -> dict[str, str]:
    """Return name -> version of what decides the bytes of a result."""
    import ftfy
    import rapidfuzz

    return {
        "charset-normalizer": version("charset-normalizer"),
        "cleaner": __version__,
        "ftfy": ftfy.__version__,
        "rapidfuzz": rapidfuzz.__version__,
        "unicode": unidata_version,
    }
