"""A review by prompts: for terminals that can do little, for screen readers, and where textual is missing.

Each question is printed below the one before, and an answer is a line: a letter, or the word. What is pasted
is no answer, whatever it holds.
"""

from __future__ import annotations

import select
import sys
from collections.abc import Callable, Mapping

import click

from cleaner.report.lines import Line
from cleaner.report.pager import dumb_terminal
from cleaner.review.desk import Desk
from cleaner.review.machine import KEYS, RULE_KEYS, Command

_PASTED, _PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
_TELL_PASTES, _TELL_NO_MORE = "\x1b[?2004h", "\x1b[?2004l"
_SILENCE = 0.3  # seconds after which a paste is over, though its end did not come
_LONGEST = 1000  # bytes of an answer


def review_by_prompts(desk: Desk, spell: Callable[[Line], str]) -> int:
    """Ask until nothing is left, or a person has enough; return the exit code."""
    marks_pastes = sys.stdin.isatty() and sys.stdout.isatty() and not dumb_terminal()
    if marks_pastes:
        click.echo(_TELL_PASTES, nl=False)
    try:
        _converse(desk, spell)
    finally:
        if marks_pastes:
            click.echo(_TELL_NO_MORE, nl=False)
    return 0


def _converse(desk: Desk, spell: Callable[[Line], str]) -> None:
    state = desk.state
    while not state.ended:
        for line in desk.view().lines():
            click.echo(spell(line))
        if state.item is None and not (state.turns or state.filter.name):
            return
        answer = _answer("> ")
        while answer is not None:
            command, argument = _command(answer, RULE_KEYS if state.proposal else KEYS)
            if command == "filter" and not argument:
                argument = _answer("only this stage, rule or source (nothing: all)> ") or ""
            if command:
                state = desk.do(command, argument)
                break
            if answer:
                click.echo("no answer of that name; ? explains them")
            answer = _answer("> ")
        if answer is None:
            return


def _command(answer: str, keys: Mapping[str, Command]) -> tuple[Command | None, str]:
    """Return the command that an answer names by its key or its word, and what follows."""
    word, _, argument = answer.strip().partition(" ")
    by_word = {str(command): command for command in keys.values()}
    command = keys.get(word) or by_word.get(word)
    return (command, argument) if command == "filter" or not argument else (None, "")


def _answer(prompt: str) -> str | None:
    """Return a line, None where no more come; an empty one for what was pasted."""
    click.echo(prompt, nl=False)
    sys.stdout.flush()
    line = sys.stdin.buffer.readline(_LONGEST)
    if not line:
        click.echo()
        return None
    if _PASTED in line or not line.endswith(b"\n"):
        while _PASTE_ENDS not in line and _more_comes():
            if not (line := sys.stdin.buffer.readline(_LONGEST)):
                break
        click.echo("pasted text is no answer; type a letter")
        return ""
    return line.decode("utf-8", "replace").strip()


def _more_comes() -> bool:
    return bool(select.select([sys.stdin], [], [], _SILENCE)[0])
