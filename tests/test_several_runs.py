"""Documents that come in several runs end as those that come in one, unless a newcomer says more."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cleaner.job import Outcome

SENTENCES = [
    "Một con đường mới vừa được khánh thành ở vùng cao sau bốn năm thi công",
    "Thủ tướng họp báo sáng nay về giá xăng dầu và các biện pháp bình ổn thị trường",
    "The committee will meet again on Monday to discuss the budget of the harbour",
]
NEARLY = ["{}.", "{}!", "{} rồi.", "{} năm 2024."]
SHORT = ["Bà con rất vui.", "Thế thôi.", "Hết tin."]

lines = st.builds(str.format, st.sampled_from(NEARLY), st.sampled_from(SENTENCES)) | st.sampled_from(SHORT)
documents = st.lists(lines, min_size=1, max_size=5)


@st.composite
def corpora(draw: st.DrawFn) -> list[list[str]]:
    """Return documents of which some are copies of earlier ones."""
    found: list[list[str]] = []
    for _ in range(draw(st.integers(2, 6))):
        copied = found and draw(st.booleans())
        found.append(draw(st.sampled_from(found)) if copied else draw(documents))
    return found


@settings(
    derandomize=True,
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(corpora(), st.data())
def test_several_runs_come_to_what_one_does(
    clean: Callable[..., Outcome], tree: Callable[..., dict[str, bytes]], found: list[list[str]], data
) -> None:
    runs = sorted(data.draw(st.integers(0, 2)) for _ in found)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        richer = 0
        for number in sorted(set(runs)):
            for at, text in enumerate(found):
                if runs[at] == number:
                    (folder / "in" / f"{at}.txt").write_text("\n".join(text), encoding="utf-8")
            summary = clean(folder / "in", folder / "several").summary
            richer += summary.counts["richer"] if summary else 0
        assume(not richer)
        clean(folder / "in", folder / "one")
        assert tree(folder / "several", "clean") == tree(folder / "one", "clean")
