"""Values that go to other processes with many tasks: made once there, and never taken for others."""

from __future__ import annotations

import pickle

import pytest

from cleaner.dedup.facts import FactGuard
from cleaner.job import load_recipe
from cleaner.settings import FactWords, Recipe, Settings
from cleaner.text.decisions import NO_DECISIONS, Decisions

WORDS = FactWords(negators=("không",))


def recipe(threshold: float, decisions: Decisions = NO_DECISIONS) -> Recipe:
    near = {"threshold": threshold}
    return load_recipe(Settings.model_validate({"input": ["in"], "near_duplicate": near}), decisions)


VALUES = {
    "guard": lambda: FactGuard([WORDS], "default"),
    "guard of another level": lambda: FactGuard([WORDS], "strict"),
    "guard without words": lambda: FactGuard([], "default"),
    "recipe": lambda: recipe(88),
    "recipe of another threshold": lambda: recipe(92),
}


def received(value: object) -> object:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("name", VALUES)
def test_what_is_sent_again_is_made_once(name: str) -> None:
    value = VALUES[name]()
    first = received(value)
    assert first is not value
    assert received(value) is first


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("other", VALUES)
def test_none_is_taken_for_another(name: str, other: str) -> None:
    if name != other:
        assert received(VALUES[name]()) is not received(VALUES[other]())


def test_a_recipe_comes_as_it_was_sent() -> None:
    sent = recipe(92)
    came = received(sent)
    assert isinstance(came, Recipe)
    assert came == sent and came.settings == sent.settings and came.rules == sent.rules
    assert came.settings != recipe(88).settings


def test_a_guard_answers_as_the_one_that_was_sent() -> None:
    sent = FactGuard([WORDS], "default")
    came = received(sent)
    assert isinstance(came, FactGuard)
    for a, b, drops in (
        ("Ông Ba không đến Hà Nội.", "Ông Ba đến Hà Nội.", False),
        ("Ông Ba đến Hà Nội.", "Ông Ba đến Hà Nội", True),
    ):
        assert came.compare(a, b) == sent.compare(a, b)
        assert came.compare(a, b).drop_a is drops
