"""What an exception means for the exit code."""

from __future__ import annotations

import pytest

from cleaner.errors import StateError, Stopped, ended_by


@pytest.mark.parametrize("error", [ValueError("made of Stopped"), StateError("x"), OSError(28, "full")])
def test_a_signal_that_became_another_error_is_a_signal(monkeypatch, error):
    monkeypatch.setattr(Stopped, "received", None)
    assert ended_by(error)[0] in (1, 4, 5)
    assert Stopped(15).number == 15
    assert ended_by(error) == (143, "stopped by signal 15; nothing half-written was published")
