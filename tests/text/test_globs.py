"""Which paths a pattern names, and which it does not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.text.globs import Globs, check_glob

CASES = json.loads((Path(__file__).parents[1] / "cases/globs.json").read_text(encoding="utf-8"))
GOOD = [pytest.param(case, id=case["name"]) for case in CASES if "fault" not in case]
BAD = [pytest.param(case, id=case["name"]) for case in CASES if "fault" in case]
PARTS = st.text("ab*.[]!ữ\udcff", min_size=1, max_size=4).filter(lambda part: part not in {".", ".."})


def named(pattern: str, path: str, *, folder: bool = False) -> bool:
    return Globs([pattern]).match(path.encode("utf-8", "surrogateescape"), folder=folder)


@pytest.mark.parametrize("case", GOOD)
def test_a_pattern_names_these_and_not_those(case):
    check_glob(case["pattern"])
    assert [path for path in case["match"] if not named(case["pattern"], path)] == []
    assert [path for path in case["others"] if named(case["pattern"], path)] == []


@pytest.mark.parametrize("case", BAD)
def test_a_pattern_that_could_match_nothing_is_refused(case):
    with pytest.raises(ValueError) as caught:
        check_glob(case["pattern"])
    assert str(caught.value) == case["fault"]


@pytest.mark.parametrize(
    "pattern, path, whole",
    [
        ("drafts/", "drafts", True),
        ("drafts", "x/drafts", True),
        ("**/drafts/*", "drafts/x", True),
        ("2024/**", "2024/06", True),
        ("2024/**", "2024", False),
        ("**/drafts/*", "drafts", False),
        ("news/drafts/", "drafts", False),
        ("*.txt", "news", False),
    ],
)
def test_a_folder_is_named_whole_or_looked_into(pattern, path, whole):
    assert named(pattern, path, folder=True) == whole


def test_any_pattern_may_match_and_none_names_nothing():
    assert Globs(["a", "b*"]).match(b"bc") and not Globs(["a", "b*"]).match(b"c")
    assert not Globs([]) and not Globs([]).match(b"a")


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(PARTS, min_size=1, max_size=4))
def test_what_is_spelled_out_names_itself_and_all_below(parts):
    path = "/".join(parts)
    spelled = path.replace("[", "[[]").replace("*", "[*]")
    spelled = f"?{spelled[1:]}" if spelled.startswith("!") else spelled
    check_glob(spelled)
    assert named(spelled, path) and named(spelled, f"{path}/x") and named(f"{spelled}/", f"{path}/x")
    assert not named(f"{spelled}/", path) and not named(f"{spelled}x", path)
    assert named(f"**/{spelled}", f"y/{path}") and named(f"{os.path.dirname(spelled) or '*'}/**", f"{path}/x")
