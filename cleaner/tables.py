"""The Python interface to tables: batches as `datasets.Dataset.map` hands them over, and Arrow tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cleaner.api import CleanDocument, CleanDocuments, clean, restore
from cleaner.errors import UsageError
from cleaner.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

Batch = Mapping[str, Sequence[Any]]


def clean_batch(
    batch: Batch,
    indices: Sequence[int] | None = None,
    *,
    settings: Settings | None = None,
    cleaned: CleanDocuments | None = None,
    column: str = "text",
    ledger: str = "ledger",
) -> dict[str, list[str | None]]:
    """Return the column of clean texts and that of their ledgers; where there is no text, there is neither.

    Without `cleaned` the texts of a batch are compared with those of the same batch and no others: what
    repeats across batches stays. With it, made of the whole column before, each row gets what was decided
    there in view of all; `indices` are then the numbers of the rows.
    """
    texts = batch[column]
    if cleaned is None:
        made = iter(clean((text for text in texts if text is not None), settings))
        found: Iterable[CleanDocument | None] = [None if text is None else next(made) for text in texts]
    elif indices is None:
        raise UsageError("clean_batch was not told which rows these are", hint="say with_indices=True")
    else:
        found = [None if text is None else cleaned[at] for at, text in zip(indices, texts, strict=True)]
    rows = [(None, None) if each is None else (each.text, each.ledger) for each in found]
    return {column: [text for text, _ in rows], ledger: [told for _, told in rows]}


def clean_table(
    table: pa.Table, settings: Settings | None = None, *, column: str = "text", ledger: str = "ledger"
) -> pa.Table:
    """Return an Arrow table with the texts of a column cleaned, each compared with all others, and their
    ledgers in a new column. Everything else stays. Raises UsageError where it has no such column of strings.
    """
    import pyarrow as pa

    kinds = {pa.string(), pa.large_string()}
    if column not in table.column_names or table.schema.field(column).type not in kinds:
        raise UsageError(f"no column {column!r} of strings", hint="name the one to clean: column=...")
    if ledger in table.column_names:
        raise UsageError(f"there is a column {ledger!r} already", hint="name another one: ledger=...")
    made = clean_batch({column: table[column].to_pylist()}, settings=settings, column=column, ledger=ledger)
    return _with_texts(table, column, made[column]).append_column(
        ledger, pa.array(made[ledger], pa.large_string())
    )


def restore_table(table: pa.Table, *, column: str = "text", ledger: str = "ledger") -> pa.Table:
    """Return the table that `clean_table` was given. Raises RestoreError where a text was changed since."""
    pairs = zip(table[column].to_pylist(), table[ledger].to_pylist(), strict=True)
    texts = [text if told is None else restore(text, told) for text, told in pairs]
    return _with_texts(table, column, texts).drop_columns([ledger])


def _with_texts(table: pa.Table, column: str, texts: Sequence[str | None]) -> pa.Table:
    import pyarrow as pa

    field = table.schema.field(column)
    made = pa.array(texts, field.type)
    return table.set_column(table.schema.get_field_index(column), field, made)
