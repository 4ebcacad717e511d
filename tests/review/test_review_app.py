"""The full screen by textual's Pilot: every key, widths, no colour, what is pasted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

pytest.importorskip("textual", reason="the full screen needs textual: pip install '.[review]'")

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static

from cleaner.review.app import Review
from cleaner.review.desk import Desk

SOON = 10.0  # seconds


def screen(desk: Desk, told: Callable[[Pilot[None]], Awaitable[None]], width: int = 120) -> Review:
    """Open a review on a screen, and do what is told."""
    app = Review(desk)

    async def main() -> None:
        async with app.run_test(size=(width, 30)) as pilot:
            await pilot.pause()
            await told(pilot)

    asyncio.run(main())
    return app


def part(pilot: Pilot[None], name: str) -> str:
    """Return what stands in a part of the screen."""
    return str(pilot.app.query_one(f"#{name}", Static).render())


async def press(pilot: Pilot[None], key: str, said: str) -> None:
    """Press a key alone, and wait until the screen says something."""
    await pilot.press(key)
    end = time.monotonic() + SOON
    while said not in part(pilot, "head") + part(pilot, "own") + part(pilot, "foot"):
        assert time.monotonic() < end, f"no {said!r} after {key}"
        await pilot.pause(0.02)


def test_every_key(desk, decided, folder):
    async def told(pilot):
        await press(pilot, "?", "nothing removes this text")
        await press(pilot, "r", "nothing was removed here")
        await press(pilot, "a", "accepted")
        await press(pilot, "r", "it will stay")
        await press(pilot, "u", "taken back")
        await press(pilot, "k", "this text will always stay")
        await press(pilot, "m", "own.minh_ha_quoc_bao")
        await press(pilot, "3", "(x) any names")
        await press(pilot, "3", "( ) any names")
        await press(pilot, "c", "no rule was made")
        await press(pilot, "m", "own.minh_ha_quoc_bao")
        await press(pilot, "y", "rule own.minh_ha_quoc_bao was made")
        await press(pilot, "s", "passed over")
        await press(pilot, "d", "this text will always go")
        await press(pilot, "n", "nothing is left")
        await press(pilot, "u", "repeats.exact")
        await pilot.press("q")

    app = screen(desk(), told)
    assert not app.is_running and app.stopped_by is None
    kinds = [kind for kind, _, _ in decided()]
    assert kinds == ["accept", "reject", "forget", "keep", "accept", "drop"]
    assert "minh_ha_quoc_bao" in (folder / "rules.yaml").read_text(encoding="utf-8")


def test_a_filter_by_name(desk):
    async def told(pilot):
        await pilot.press("f")
        await pilot.pause(0.2)
        await pilot.press(*"repeats")
        await press(pilot, "enter", "only repeats")
        assert "1 left" in part(pilot, "head")
        await pilot.press("f")
        await pilot.pause(0.2)
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.focused is not pilot.app.query_one("#name", Input)
        await press(pilot, "a", "nothing is left")

    screen(desk(), told)


@pytest.mark.parametrize(("width", "beside"), [(40, False), (80, False), (120, True)])
def test_widths(desk, width, beside):
    async def told(pilot):
        own, other = (pilot.app.query_one(name).region for name in ("#own", "#other"))
        assert (own.y == other.y and own.right <= other.x) == beside
        assert max(own.right, other.right) <= width
        assert max(map(len, part(pilot, "own").split("\n"))) <= width
        await pilot.resize_terminal(120 if width == 40 else 40, 20)
        end = time.monotonic() + SOON
        while (own.y == other.y) != (width == 40):
            assert time.monotonic() < end
            await pilot.pause(0.02)
            own, other = (pilot.app.query_one(name).region for name in ("#own", "#other"))

    screen(desk(), told, width)


def test_without_colour_marks_are_brackets(desk, monkeypatch):
    async def told(pilot):
        assert ("[?9.000?]" in part(pilot, "own")) == plain
        assert "{+7.000+}" in part(pilot, "other") or not plain

    for plain in (True, False):
        (monkeypatch.setenv if plain else monkeypatch.delenv)("NO_COLOR", *(["1"] if plain else []))
        screen(desk(), told)


def test_what_is_pasted_is_no_answer(desk, decided):
    async def told(pilot):
        pilot.app.post_message(events.Paste("rrdd\x1b[2J\r\nq"))
        pilot.app.post_message(events.Key("d", "d"))
        await pilot.pause(0.2)
        for key in "rdk":  # as keys of an escape that a paste held
            pilot.app.post_message(events.Key(key, key))
        await pilot.pause(0.2)
        assert decided() == []
        await press(pilot, "a", "accepted")

    screen(desk(), told)
    assert len(decided()) == 1


def test_ctrl_c_ends_as_elsewhere(desk):
    async def told(pilot):
        await pilot.press("ctrl+c")

    assert screen(desk(), told).stopped_by == 2
