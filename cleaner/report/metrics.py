"""What a run tells Prometheus, in the text format that node_exporter's textfile collector reads."""

from __future__ import annotations

import re
from collections.abc import Mapping

# name -> what it says: the literal table of all gauges.
GAUGES = {
    "cleaner_last_run_timestamp_seconds": "When the last run ended.",
    "cleaner_last_success_timestamp_seconds": "When the last run ended with 0 or 3; 0 if none did.",
    "cleaner_last_run_exit_code": "The exit code of the last run.",
    "cleaner_last_run_duration_seconds": "How long the last run took.",
    "cleaner_last_run_documents": "Documents that the last run cleaned.",
    "cleaner_last_run_skipped": "Inputs and records that the last run skipped.",
    "cleaner_last_run_removed": "Paragraphs that the last run removed.",
    "cleaner_index_rows": "Paragraphs in the index, with which new ones are compared.",
}


def metrics_text(values: Mapping[str, float], name: str) -> str:
    """Return the gauges that have a value, each with the label `name`: the files of several jobs lie in one
    folder, and must not tell the same gauge twice.

    >>> print(metrics_text({"cleaner_index_rows": 7}, 'a "b"'), end="")
    # HELP cleaner_index_rows Paragraphs in the index, with which new ones are compared.
    # TYPE cleaner_index_rows gauge
    cleaner_index_rows{name="a \\"b\\""} 7
    """
    label = name.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return "".join(
        f'# HELP {gauge} {told}\n# TYPE {gauge} gauge\n{gauge}{{name="{label}"}} {values[gauge]}\n'
        for gauge, told in GAUGES.items()
        if gauge in values
    )


def read_metric(text: str, gauge: str) -> float | None:
    """Return the value of a gauge in a text of `metrics_text`; None where it is not there.

    >>> read_metric(metrics_text({"cleaner_index_rows": 7}, "x"), "cleaner_index_rows")
    7.0
    """
    found = re.search(rf"^{gauge}\{{.*\}} ([0-9]+(?:\.[0-9]+)?)$", text, re.MULTILINE | re.ASCII)
    return float(found[1]) if found else None
