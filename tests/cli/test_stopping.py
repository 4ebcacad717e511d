"""A signal that asks to stop is heard wherever it comes, also where Python ignores what is raised."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import os, sys, time, types
import click
from cleaner.cli import main

class Deleted:
    def __del__(self):
        os.kill(os.getpid(), int(sys.argv[2]))
        sum(range(1000))

@click.command()
@click.argument("number")
def deaf(number):
    Deleted()
    print("it goes on", flush=True)
    time.sleep(60)

sys.modules["deaf"] = types.SimpleNamespace(deaf=deaf)
main.COMMANDS["deaf"] = ("deaf", "")
main.main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_while_an_object_is_deleted_is_not_lost(number):
    words = [sys.executable, "-c", PROGRAM, "deaf", str(int(number))]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=50, check=False)
    assert ended.returncode == 128 + number
    assert ended.stdout == "it goes on\n"
    assert ended.stderr.startswith("cleaner: error: stopped") and ended.stderr.count("\n") == 1
