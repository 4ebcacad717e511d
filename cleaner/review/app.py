"""A review on the full screen, by textual: one key an answer.

It paints with the colours of the terminal, on its own background, so it is light where the terminal is; with
NO_COLOR marks are brackets, as in a pipe.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.widgets import Input, Static

from cleaner.errors import Stopped
from cleaner.report.lines import Line, for_terminal
from cleaner.review.desk import Desk
from cleaner.review.machine import KEYS, RULE_KEYS

_WIDE = 100  # cells from which two paragraphs stand beside each other
_EDGE = 2  # cells beside text: a space, and the bar for scrolling
_BURST = 0.02  # seconds: keys that come faster were not typed by a person
_ENDING = (signal.SIGTERM, signal.SIGHUP)


def review_on_screen(desk: Desk) -> int:
    """Ask until a person has enough; return the exit code."""
    before = {number: signal.getsignal(number) for number in _ENDING}
    app = Review(desk)
    try:
        app.run(mouse=False)  # so that a person can select text
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if app.stopped_by:
        raise Stopped(app.stopped_by)
    return 0


class Review(App[None]):
    """The screen of a review."""

    CSS = """
    #body { height: 1fr; }
    #both { height: auto; }
    #both.wide { layout: horizontal; }
    #both.wide > Static { width: 1fr; }
    #other { padding: 1 0 0 0; }
    #both.wide > #other { padding: 0; }
    #head, #foot { height: auto; }
    #foot { border-top: solid ansi_bright_black; }
    #name { display: none; border: none; height: 1; padding: 0; }
    #name.asked { display: block; }
    """
    BINDINGS: ClassVar = [
        Binding("ctrl+c", "interrupt", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
        Binding("escape", "leave_name", show=False),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, desk: Desk) -> None:
        super().__init__(ansi_color=True)
        self._desk = desk
        self.stopped_by: int | None = None
        self._width = 0
        self._typed: list[tuple[float, str]] = []

    def compose(self) -> ComposeResult:
        """Return the parts of the screen."""
        yield Static(id="head", markup=False)
        with VerticalScroll(id="body"), Container(id="both"):
            yield Static(id="own", markup=False)
            yield Static(id="other", markup=False)
        yield Input(id="name", placeholder="stage, rule or source; nothing: all")
        yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        """Show the first question; let signals end the review in good order."""
        self.theme = "ansi-dark"  # no background of its own, so it is right on a light terminal, too
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            loop.add_signal_handler(number, self._stop, number)
        self.query_one("#body").focus()
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the width that there is now."""
        self._width = event.size.width
        self._show()

    def on_key(self, event: events.Key) -> None:
        """Take a key as an answer, unless a name is being typed, once it is known that a person typed it."""
        if not isinstance(self.focused, Input):
            self._came(event.time, event.character or "")

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is no answer, nor are keys that come with it: escapes in it can look like keys."""
        event.stop()
        self._came(event.time, "")

    def _came(self, at: float, character: str) -> None:
        self._typed.append((at, character))
        self.set_timer(2 * _BURST, self._answer)

    def _answer(self) -> None:
        """Follow the keys that came alone."""
        typed, self._typed = self._typed, []
        for number, (at, character) in enumerate(typed):
            others = (time for other, (time, _) in enumerate(typed) if other != number)
            if all(abs(time - at) >= _BURST for time in others):
                self._follow(character)

    def _follow(self, character: str) -> None:
        keys = RULE_KEYS if self._desk.state.proposal else KEYS
        command = keys.get(character)
        if command == "filter":
            self._ask_for_name()
        elif command:
            self._desk.do(command)
            self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take a name to filter by."""
        self.action_leave_name()
        self._desk.do("filter", "".join(each for each in event.value if each.isprintable()))
        self._show()

    def _ask_for_name(self) -> None:
        name = self.query_one("#name", Input)
        name.value = ""
        name.add_class("asked")
        name.focus()

    def action_leave_name(self) -> None:
        """Go back from the name to the questions."""
        self.query_one("#name").remove_class("asked")
        self.query_one("#body").focus()

    def action_interrupt(self) -> None:
        """End as Ctrl-C does elsewhere; what was answered is on disk."""
        self._stop(signal.SIGINT)

    def _stop(self, number: int) -> None:
        self.stopped_by = number
        self.exit()

    def _show(self) -> None:
        state = self._desk.state
        if state.ended:
            self.exit()
            return
        view = self._desk.view()
        width = self._width or self.size.width
        beside = width >= _WIDE and bool(view.other)
        self.query_one("#both").set_class(beside, "wide")
        half = (width - _EDGE) // 2 - 1 if beside else width - _EDGE
        self.query_one("#own", Static).update(_text(view.own, half))
        self.query_one("#other", Static).update(_text(view.other, half))
        self.query_one("#head", Static).update(_text(view.head, width))
        self.query_one("#foot", Static).update(_text(view.foot, width))
        self.query_one("#body").scroll_home(animate=False)


def _text(lines: Iterable[Line], width: int) -> Text:
    spell = for_terminal(max(1, width), colour=not os.environ.get("NO_COLOR"))
    return Text.from_ansi("\n".join(map(spell, lines)), no_wrap=True, end="")
