"""Decisions across runs: which inputs have to do with which of them, and which are to be cleaned anew.

state/decisions.json   the decisions that the last run minded (their digest), and for each input the names of
                       those whose text it has

Where the decisions are others than last time, what is published is read: an input is cleaned anew where one
that is new would change it, or one that it was cleaned under holds no more. The file is derived: without it
all inputs count as cleaned without decisions.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from cleaner.io.catalogue import Catalogue
from cleaner.io.decisions import read_decisions
from cleaner.io.inputs import InputFile
from cleaner.io.ledger_records import packed, read_text
from cleaner.io.state import Folders
from cleaner.report.summary import counted
from cleaner.text.decisions import Decisions, decisions_of
from cleaner.text.show import show

if TYPE_CHECKING:
    from cleaner.passes import CleanedFile

PLACE = os.path.join(b"state", b"decisions.json")  # below the output
NONE: frozenset[str] = frozenset()
Met = Mapping[bytes, frozenset[str]]  # path -> names of the decisions whose text an input has


class Minded(msgspec.Struct, frozen=True):
    """The decisions of a run. `changed` tells that they are others than those of the last one; `concerned`
    are the inputs that are to be cleaned anew for that, `met` what is known of all that were cleaned.
    """

    decisions: Decisions
    changed: bool = False
    concerned: frozenset[bytes] = frozenset()
    met: Met = msgspec.field(default_factory=dict)
    notice: str = ""

    def met_after(self, cleaned: Iterable[CleanedFile], withdrawn: Iterable[bytes]) -> Met:
        """Return what is known once some inputs were cleaned, and others withdrawn."""
        known = {**self.met, **{each.read.file.path: each.read.decided for each in cleaned}}
        for path in withdrawn:
            known.pop(path, None)
        return {path: names for path, names in known.items() if names}

    def told(self, met: Met, inputs: Iterable[InputFile], cleaned: Collection[bytes]) -> list[str]:
        """Return what a person should hear: of inputs that were cleaned anew, or could not be, and of
        decisions whose text is in no input any more; `met` is what is known after the run.
        """
        there = {file.path for file in inputs}
        done = len(self.concerned.intersection(cleaned))
        gone = sorted(self.concerned - there)
        found = NONE.union(*met.values())
        unmatched = sum(each.id not in found for each in self.decisions.in_force)
        told = [self.notice]
        if done:
            told.append(f"{counted(done, 'input')} cleaned anew because of decisions.")
        if gone:
            told.append(
                f"decisions concern {counted(len(gone), 'input')} that can be read no more"
                f" ({show(gone[0])}): what was published of them stays as it is."
            )
        if unmatched:
            of = counted(len(self.decisions.in_force), "decision")
            told.append(f"{unmatched:,} of {of} match no text any more; see `cleaner review --decisions`.")
        return told


class _State(msgspec.Struct, frozen=True):
    digest: str
    met: list[tuple[str | dict[str, str], frozenset[str]]]


def state_bytes(decisions: Decisions, met: Met) -> bytes:
    """Return what the next run will know."""
    told = [(packed(os.fsdecode(path)), frozenset(names)) for path, names in sorted(met.items())]
    return msgspec.json.encode(_State(decisions.digest, told), order="deterministic") + b"\n"


def _read_state(folders: Folders) -> tuple[str, Met]:
    try:
        with open(folders.at(PLACE), "rb") as stream:
            state = msgspec.json.decode(stream.read(), type=_State)
    except (OSError, ValueError):
        return "", {}
    return state.digest, {os.fsencode(read_text(path)): names for path, names in state.met}


def mind(path: bytes, folders: Folders, catalogue: Catalogue) -> Minded:
    """Read the decisions of a run, and find the inputs that those concern which are new or hold no more.

    Raises SettingsError for a file of decisions that cannot be read, StateError for a damaged ledger.
    """
    file = read_decisions(path)
    notice = f"{show(path)}: the last line was cut off, and is no decision." if file.torn else ""
    decisions = decisions_of(file.decisions)
    digest, known = _read_state(folders)
    known = {path: names for path, names in known.items() if path in catalogue.done}
    if digest == decisions.digest:
        return Minded(decisions, False, frozenset(), known, notice)
    current = {each.id for each in decisions.in_force}
    concerned = {path for path, names in known.items() if names - current}
    met = {path: names & current for path, names in known.items()}
    if decisions and catalogue.done:
        from cleaner.concerned import look_through

        for name, found in look_through(os.fsdecode(folders.out), decisions, known):
            if name in catalogue.done:
                met[name] = met.get(name, NONE) | found.met
                if found.changed:
                    concerned.add(name)
    return Minded(decisions, bool(catalogue.done), frozenset(concerned), met, notice)
