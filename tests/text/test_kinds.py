"""Kinds of characters, looked up in arrays."""

from __future__ import annotations

import numpy as np

from cleaner.text.kinds import CharacterTable


def test_characters_that_come_late_in_a_text_are_learnt_too_and_each_is_asked_for_once() -> None:
    asked: list[str] = []

    def value_of(character: str) -> int:
        asked.append(character)
        return ord(character) % 7

    table = CharacterTable(value_of)
    points = np.concatenate((np.full(3_000, ord("a")), np.arange(5_000), np.arange(9_000)))
    for _ in range(2):
        assert table.of(points).tolist() == (points % 7).tolist()
    assert sorted(asked) == [chr(point) for point in range(9_000)]
