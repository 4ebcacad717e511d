"""The command line: names and help of all commands, and the one place where errors become exit codes.

Commands are imported when they are called: `cleaner --help` must not wait for numpy.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from importlib import import_module
from types import FrameType
from typing import Any

import click

from cleaner import __version__
from cleaner.errors import Stopped, UsageError, ended_by
from cleaner.memory import search_no_more, search_seldom
from cleaner.time_limit import TookTooLongError

# name -> (module, one line of help): the literal table of all commands.
COMMANDS = {
    "run": ("cleaner.cli.run", "Clean the inputs into the output folder."),
    "try": ("cleaner.cli.try_", "Show what would happen to one text."),
    "encoding": ("cleaner.cli.encoding", "Tell in which encodings files are; changes nothing."),
    "diff": ("cleaner.cli.diff", "Show what was removed and why."),
    "report": ("cleaner.cli.report", "Draw a page of what was removed and why, for a browser."),
    "explain": ("cleaner.cli.explain", "Tell all that happened to a line, and why."),
    "preview": ("cleaner.cli.preview", "Show what another threshold would do."),
    "audit": ("cleaner.cli.audit", "Measure how right all that is on texts like yours."),
    "learn": ("cleaner.cli.learn", "Propose boilerplate rules from a corpus; a person approves."),
    "review": ("cleaner.cli.review", "Accept or reject what was removed, the doubtful first."),
    "history": ("cleaner.cli.history", "Show the last runs: what they did, when, how long it took."),
    "restore": ("cleaner.cli.restore", "Give the inputs back, or undo single rules."),
    "verify": ("cleaner.cli.verify", "Check that every input byte can be restored."),
    "index": ("cleaner.cli.index", "See and keep what new texts are compared with."),
    "schedule": ("cleaner.cli.schedule", "Print a job for cron or systemd."),
    "config": ("cleaner.cli.config", "Write, check and show the settings."),
}


_SOON = 0.05  # seconds


class _ReaderGoneError(Exception):
    """Who reads stdout has seen enough: `head`, a pager."""


@contextmanager
def _reader_may_go() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise _ReaderGoneError from None  # of a broken pipe itself click makes exit 1


class _Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name][0])
        command = getattr(module, "try_" if cmd_name == "try" else cmd_name)
        return command if isinstance(command, click.Command) else None

    def make_context(self, *arguments: Any, **keywords: Any) -> click.Context:
        with _reader_may_go():  # --help and --version print here
            return super().make_context(*arguments, **keywords)

    def invoke(self, ctx: click.Context) -> object:
        try:
            os.getcwd()
        except OSError:
            raise UsageError("the working folder was removed", hint="start from one that is there") from None
        with _reader_may_go():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
    Examples:
      cleaner run                      clean seeds/ into out/, or what config.yaml says
      cleaner run news/ -o cleaned/    clean a folder of .txt and .jsonl files
      cleaner diff                     see what was removed, and what stays in its place
      cleaner report --open            the same as a page in the browser
      cleaner restore -o back/         get every input back, byte for byte
      echo 'Đọc thêm' | cleaner try -  see what happens to one text
    """,
)
@click.version_option(__version__, prog_name="cleaner")
def cli() -> None:
    """Clean and deduplicate text corpora. Every removal can be seen, judged and undone."""


def main() -> None:
    """Run the command line; the exit code says how it ended (see README.md)."""
    search_seldom()
    _open_standard_streams()
    # There is no linear algebra here, and threads that wait for some would be in the way of forking.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Looking for plugins among all that is installed takes 10 ms, and settings want none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.unraisablehook = _not_to_be_lost
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else it is to be ignored, as by nohup
        # A KeyboardInterrupt while a module is imported can make Python end by the signal, whatever the code.
        signal.signal(signal.SIGINT, _stop)
    try:
        code = cli.main(standalone_mode=False) or 0
        sys.stdout.flush()
    except click.ClickException as error:
        with _if_anybody_hears():
            error.show()
        code = error.exit_code
        _note_in_log(error.format_message())
    except click.Abort:
        code = _say("stopped; nothing half-written was published", 128 + signal.SIGINT)
    except (BrokenPipeError, _ReaderGoneError):
        _forget(1)
        code = 0
    except (Stopped, Exception) as error:
        code, told = ended_by(error)
        code = _say(told if code != 1 else f"{told}; {_log_bug()}", code)
        if isinstance(error, OSError):
            _forget(1)
    search_no_more()
    sys.exit(code)


def _say(message: str, code: int) -> int:
    with _if_anybody_hears():
        for line in message.splitlines():
            click.echo(f"cleaner: error: {line} (exit {code})", err=True)
    return code


@contextmanager
def _if_anybody_hears() -> Iterator[None]:
    """Where stderr is full or closed nobody can be told; the exit code still says it."""
    try:
        yield
    except OSError:
        _forget(2)


def _note_in_log(message: str) -> None:
    """Note a fault of the command line in the log that it names, for those who read nothing else."""
    if sys.argv[1:2] == ["run"]:
        from cleaner.unattended import note_fault

        note_fault(sys.argv[2:], message)


def _forget(descriptor: int) -> None:
    """Let nothing that is still buffered fail again when Python ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _log_bug() -> str:
    """Write down what a bug did, and return what to say of it. The same bug has the same file: however often
    it comes up, it fills no disk.
    """
    try:
        name = _bug_file()
    except OSError:
        return traceback.format_exc()
    return f"please report it with {name}"


def _bug_file() -> str:
    told = f"cleaner {__version__}, Python {sys.version}\n{traceback.format_exc()}"
    kind, _, place = sys.exc_info()
    bug = blake2b(f"{kind}{''.join(traceback.format_tb(place))}".encode(errors="replace"), digest_size=6)
    name = os.path.join(tempfile.gettempdir(), f"cleaner-bug-{bug.hexdigest()}.log")
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if os.lstat(name).st_uid == os.geteuid():
            return name
        descriptor, name = tempfile.mkstemp(prefix="cleaner-bug-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as log:
        log.write(told)
    return name


def _stop(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)  # a second one ends at once, which is as safe
    raise Stopped(number)


def _not_to_be_lost(ignored: sys.UnraisableHookArgs) -> None:
    """Stop a little later where Python ignores it: while it deletes an object nothing can be raised."""
    stopped = ignored.exc_value
    if isinstance(stopped, Stopped):
        signal.signal(signal.SIGALRM, lambda _number, frame: _stop(stopped.number, frame))
        signal.setitimer(signal.ITIMER_REAL, _SOON)
    elif not isinstance(stopped, TookTooLongError):  # which comes again by itself
        sys.__unraisablehook__(ignored)


def _open_standard_streams() -> None:
    """Make sure that no data file becomes descriptor 0, 1 or 2, and that odd characters can be shown."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # so that writing to it is an error, and not silence
    sys.stdin = sys.stdin or os.fdopen(0)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or open(os.devnull, "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
