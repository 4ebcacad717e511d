"""A deduplicating corpus cleaner that can give every byte back. What stands here is the Python interface
(docs/api.md); each name is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cleaner.api import CleanDocument, CleanDocuments, Document, clean, clean_files, restore
    from cleaner.errors import CleanerError
    from cleaner.settings import Settings
    from cleaner.tables import clean_batch, clean_table, restore_table

__version__ = "0.1.0"
__all__ = [
    "CleanDocument", "CleanDocuments", "CleanerError", "Document", "Settings", "clean", "clean_batch",
    "clean_files", "clean_table", "restore", "restore_table",
]  # fmt: skip

_ELSEWHERE = {
    "CleanerError": "cleaner.errors",
    "Settings": "cleaner.settings",
    "clean_batch": "cleaner.tables",
    "clean_table": "cleaner.tables",
    "restore_table": "cleaner.tables",
}


def __getattr__(name: str) -> Any:
    """Load a public name."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_ELSEWHERE.get(name, "cleaner.api")), name)
