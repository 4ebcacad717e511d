"""What a run leaves behind: its report, its manifest, and what of earlier runs goes with its commit."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from cleaner.damage import Damage
from cleaner.io.catalogue import Catalogue, stage_catalogue
from cleaner.io.figures import Figures
from cleaner.io.index_names import FOLDER
from cleaner.io.output_checks import must_be_on_one_disk
from cleaner.io.output_names import clean_place, ledger_place
from cleaner.io.state import Done, Manifest, commit, publish, staged_digests
from cleaner.minding import PLACE, Met, Minded, state_bytes
from cleaner.plan import Plan
from cleaner.report.summary import Summary, counted
from cleaner.retention import outlived_pairs
from cleaner.settings import Recipe
from cleaner.versions import versions

if TYPE_CHECKING:
    from cleaner.job import Job
    from cleaner.passes import Result


def new_manifest(number: int, recipe: Recipe, figures: Figures, damage: Damage, minded: Minded) -> Manifest:
    """Return the manifest of a run that has cleaned nothing yet: all inputs that decisions concern are still
    to be cleaned anew.
    """
    known = versions() | ({"decisions": recipe.decisions.digest} if recipe.decisions else {})
    return Manifest(
        number, recipe.digest, known, (), (), figures=figures, skipped=damage.to_remember(),
        reopened=tuple(sorted(minded.concerned)),
    )  # fmt: skip


def remember(job: Job, manifest: Manifest, minded: Minded) -> str:
    """Commit a run that has only met damage, or other decisions, so that the next one knows it; say so."""
    if job.options.dry_run or not (manifest.skipped or minded.changed):
        return ""
    stage = job.folders.stage(manifest.run)
    job.disk.make_folder(stage)
    _stage_decisions(job, stage, minded, minded.met)
    manifest = replace(manifest, files=staged_digests(stage))
    commit(job.folders, job.disk, manifest)
    publish(job.folders, job.disk, manifest)
    known = counted(len(manifest.skipped), "problem")
    return f"{known} will count as known from now on." if manifest.skipped else ""


def _stage_decisions(job: Job, stage: bytes, minded: Minded, met: Met) -> None:
    if minded.decisions or minded.changed:
        job.disk.write(os.path.join(stage, PLACE), state_bytes(minded.decisions, met))


def commit_run(
    job: Job,
    plan: Plan,
    catalogue: Catalogue,
    result: Result,
    summary: Summary,
    manifest: Manifest,
    minded: Minded,
) -> None:
    """Commit what a run has staged, with its summary, and publish it; what goes with it is removed."""
    folders, stage = job.folders, job.folders.stage(summary.run)
    stage_catalogue(folders, job.disk, catalogue, summary.run)
    report = msgspec.json.format(msgspec.json.encode(summary.as_json()), indent=2)
    job.disk.write(os.path.join(stage, b"report", b"summary.json"), report + b"\n")
    _stage_decisions(job, stage, minded, minded.met_after(result.files, plan.withdrawn))
    files = staged_digests(stage, result.digests)
    inputs = tuple(
        Done(each.read.file, each.read.digest, each.documents, partial=each.read.file.path in plan.limits)
        for each in result.files
    )
    staged = {path for path, _ in files}
    must_be_on_one_disk(folders.out, staged)
    clean = (clean_place(b"", each.read.file.path) for each in result.files)
    removed = tuple(path for path in clean if path not in staged and os.path.lexists(folders.at(path)))
    removed += tuple(os.path.join(FOLDER, name) for name in result.replaced)
    removed += outputs_of(plan.withdrawn)
    cleaned = {each.read.file.path for each in result.files}.union(plan.withdrawn)
    standing = {done.run for path, done in catalogue.done.items() if done.documents and path not in cleaned}
    removed += outlived_pairs(folders, standing, summary.run, job.settings.keep_pairs)
    again = {each.read.file.path for each in result.files if each.read.again}
    again.update(path for path in manifest.reopened if path not in cleaned)
    manifest = replace(
        manifest, inputs=inputs, files=files, removed=removed, withdrawn=plan.withdrawn,
        reopened=tuple(sorted(again)),
    )  # fmt: skip
    commit(folders, job.disk, manifest)
    publish(folders, job.disk, manifest)


def outputs_of(paths: Iterable[bytes]) -> tuple[bytes, ...]:
    """Return what stands in an output of some inputs, below it."""
    return tuple(place for path in paths for place in (clean_place(b"", path), ledger_place(b"", path)))
