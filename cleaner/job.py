"""One run, from the settings to the commit. Light until there is work: the lock comes first."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from cleaner.committing import commit_run, new_manifest, remember
from cleaner.damage import Damage, sort_out
from cleaner.errors import LimitError, OutputError, UsageError
from cleaner.io.catalogue import Catalogue, read_catalogue
from cleaner.io.decisions import decisions_place
from cleaner.io.figures import Figures
from cleaner.io.inputs import Inputs, Problem, find_inputs
from cleaner.io.lock import locked
from cleaner.io.publish import Disk
from cleaner.io.published import refreshed
from cleaner.io.settings_file import load_rule_pack, overlap
from cleaner.io.shards import SHARD_BYTES
from cleaner.io.state import Folders, recover
from cleaner.io.urls import output_place, placed
from cleaner.limits import beyond, named
from cleaner.minding import Minded, mind
from cleaner.plan import Options, Plan, make_plan, published_before
from cleaner.report.summary import Summary, counted
from cleaner.resources import allowance, workers_for
from cleaner.settings import Recipe, Rules, Settings
from cleaner.text.decisions import NO_DECISIONS, Decisions
from cleaner.text.show import show
from cleaner.versions import versions

if TYPE_CHECKING:
    from cleaner.passes import Result

_ATTEMPTS = 3  # at a run whose inputs change while they are read
_CHANGED = "changed while it was read; left for the next run"
_NOTHING_READ = "nothing new could be read; no clean text was written."
_OTHER_SETTINGS = "some inputs were cleaned under other settings; --reprocess cleans them anew"
_UNDECISIVE = dict.fromkeys(
    (
        "input",
        "inputs",
        "include",
        "exclude",
        "output",
        "working_copy",
        "workers",
        "memory",
        "engine",
        "spark",
        "limits",
        "keep_pairs",
        "decisions",
        "document_seconds",
    ),
    True,
) | {"boilerplate": {"rules", "rule_file"}}  # of settings: rules are told apart from them

Progress = Callable[[str, int, int], None]  # what is being done, how many shards of how many


class Outcome(Struct, frozen=True):
    """How a run ended. `summary` is None when there was nothing to do; `note` is for a person."""

    exit_code: int
    summary: Summary | None
    problems: tuple[Problem, ...]
    note: str = ""


class Job(Struct, frozen=True):
    """A run to be made: settings with the folder that their paths count from, options, the disk. Another
    run is waited for up to `wait` seconds.

    `shard_bytes` is a matter of speed only; results do not depend on it, nor on the `clock`: seconds since
    1970, of which the manifest keeps when the run began, nor on the session of `spark` to be used, if any.
    """

    settings: Settings
    base: Path
    options: Options = field(default_factory=Options)
    disk: Disk = field(default_factory=Disk)
    shard_bytes: int = SHARD_BYTES
    wait: float = 0.0
    clock: Callable[[], float] = time.time
    spark: Any = None

    @property
    def folders(self) -> Folders:
        """The output."""
        return Folders(*output_place(self.base, self.settings.output, self.settings.working_copy))

    @property
    def decisions(self) -> bytes:
        """The file of people's decisions."""
        return decisions_place(self.base, self.settings.decisions)


def load_rules(settings: Settings) -> Rules:
    """Return the rules of all packs, then the person's own, and the fact words of all packs."""
    packs = [load_rule_pack(language) for language in settings.boilerplate.packs]
    labelled = [(f"{pack.language}.{rule.id}", rule) for pack in packs for rule in pack.rules]
    labelled += [(f"own.{rule.id}", rule) for rule in settings.boilerplate.rules]
    return Rules(tuple(labelled), tuple(pack.facts for pack in packs))


def load_recipe(settings: Settings, decisions: Decisions = NO_DECISIONS) -> Recipe:
    """Return settings and rules with the digest that tells them from others, and decisions."""
    rules = load_rules(settings)
    return Recipe(settings, rules, _settings_digest(settings, rules), decisions)


def run(job: Job, progress: Progress) -> Outcome:
    """Clean the inputs of a job into its output.

    Raises CleanerError when nothing was published; what earlier runs published then stands as it was.
    """
    settings = job.settings
    if clash := overlap(settings.input, settings.output, job.base, settings.working_copy):
        raise UsageError(clash, hint="put the output beside the input")
    names = [os.fsencode(placed(job.base, name)) for name in settings.input]
    inputs = find_inputs(names, settings.format, settings.include, settings.exclude)
    inputs = inputs.without(job.decisions)
    try:
        if job.options.dry_run:
            refreshed(job.folders)
            with tempfile.TemporaryDirectory(prefix="cleaner-") as temporary:
                return _run(job, inputs, Folders(os.fsencode(temporary)), progress, lambda: None)
        job.disk.make_folder(job.folders.at(b"state", b"runs"))
        with locked(job.folders.lock, wait=job.wait) as announce:
            recover(job.folders, job.disk)
            return _run(job, inputs, job.folders, progress, announce)
    except MemoryError:
        raise OutputError("out of memory", hint="nothing was published; use fewer --workers") from None
    except OSError as error:
        place = error.filename if isinstance(error.filename, (str, bytes)) else job.folders.out
        told = str(error.strerror or error)
        raise OutputError(told, where=show(place, limit=None), hint="nothing was published") from None


def _run(
    job: Job, inputs: Inputs, work: Folders, progress: Progress, announce: Callable[[], None]
) -> Outcome:
    """Plan, clean, commit. `work` holds the stage: the output itself, or a folder to throw away."""
    began, started = job.clock(), time.monotonic()
    catalogue = read_catalogue(job.folders)
    minded = mind(job.decisions, job.folders, catalogue)
    plan = make_plan(inputs, catalogue, job.folders, job.options, job.settings, minded.concerned)
    if not plan.todo and not plan.withdrawn:
        return _nothing_to_do(job, plan, catalogue, inputs, began, minded)
    announce()
    number = catalogue.last_run + 1
    if work.url:
        from cleaner.io.working_copy import WorkingCopy

        WorkingCopy(work, job.disk).try_to_write(number)
    result, recipe = _clean(job, plan, catalogue, work, number, progress, minded.decisions)
    bad_records = (each for file in result.files for each in file.read.problems)
    damage = sort_out((*plan.problems, *result.unread, *bad_records), inputs.files, catalogue.known)
    summary = _summary(number, job, plan, inputs, damage, result.counts, time.monotonic() - started)
    figures = _figures(summary, began, plan, catalogue)
    told = damage.told(strict=job.options.strict)
    excesses = beyond(job.settings.limits, figures, catalogue.figures)
    if excesses and not job.options.force_publish:
        job.disk.remove_tree(work.stages)
        if not job.options.dry_run:
            raise LimitError("\n".join(f"nothing was published: {each.advice}" for each in excesses))
        would = " ".join(f"a run would publish nothing: {each.advice}." for each in excesses)
        return Outcome(LimitError.exit_code, summary, told, would)
    forced = "would be published" if job.options.dry_run else "published"
    notes = [catalogue.note, *(f"{forced} all the same: {each.told}." for each in excesses)]
    manifest = new_manifest(number, recipe, replace(figures, over=named(excesses)), damage, minded)
    if not result.files and not plan.withdrawn:
        job.disk.remove_tree(work.stages)
        notes = [_NOTHING_READ, damage.known_in_words, *notes, remember(job, manifest, minded)]
        return _ended(None, told, notes)
    if not job.options.dry_run:
        commit_run(job, plan, catalogue, result, summary, manifest, minded)
        notes.append(_orphaned(job, plan, catalogue))
    met = minded.met_after(result.files, plan.withdrawn)
    notes += minded.told(met, inputs.files, [each.read.file.path for each in result.files])
    return _ended(summary, told, [_other_settings(plan, recipe), *notes])


def _ended(summary: Summary | None, told: tuple[Problem, ...], notes: Iterable[str]) -> Outcome:
    return Outcome(3 if told else 0, summary, told, " ".join(filter(None, notes)))


def _nothing_to_do(
    job: Job, plan: Plan, catalogue: Catalogue, inputs: Inputs, began: float, minded: Minded
) -> Outcome:
    damage = sort_out(plan.problems, inputs.files, catalogue.known)
    recipe = load_recipe(job.settings, minded.decisions)
    number = catalogue.last_run + 1
    summary = _summary(number, job, plan, inputs, damage, Counter(), 0.0)
    manifest = new_manifest(number, recipe, _figures(summary, began, plan, catalogue), damage, minded)
    remembered = remember(job, manifest, minded)
    nothing = _nothing(plan, catalogue, inputs.left_out, "clean text" if remembered else "file")
    notes = [nothing, damage.known_in_words, _other_settings(plan, recipe), remembered, catalogue.note]
    notes += minded.told(minded.met, inputs.files, ())
    return _ended(None, damage.told(strict=job.options.strict), notes)


def _summary(
    number: int, job: Job, plan: Plan, inputs: Inputs, damage: Damage, counts: Counter[str], seconds: float
) -> Summary:
    new, known = (
        [(show(each.path), each.line, each.reason) for each in problems]
        for problems in (damage.new, damage.known)
    )
    return Summary(
        number, job.options.dry_run, counts, plan.unchanged, new, inputs.passed_over, seconds,
        len(plan.withdrawn), known,
    )  # fmt: skip


def _figures(summary: Summary, began: float, plan: Plan, catalogue: Catalogue) -> Figures:
    """Return what is to be remembered of a run, and how much of what stands it withdraws."""
    standing = {path: done.documents for path, done in catalogue.done.items()}
    withdrawn = sum(standing[path] for path in plan.withdrawn)
    return replace(summary.figures(began), standing=sum(standing.values()), withdrawn=withdrawn)


def _orphaned(job: Job, plan: Plan, catalogue: Catalogue) -> str:
    """Say what has lost its survivor, now that inputs were withdrawn or have changed."""
    replaced = {file.path for file in plan.todo if file.path in catalogue.done}
    if job.options.reprocess or not (replaced or plan.withdrawn):
        return ""
    from cleaner.orphans import find_orphans

    count = sum(1 for _ in find_orphans(job.folders, replaced, plan.withdrawn))
    if not count:
        return ""
    return (
        f"{counted(count, 'paragraph')} went for text that has changed or gone; see `cleaner index orphans`."
    )


def _other_settings(plan: Plan, recipe: Recipe) -> str:
    """Say so where unchanged inputs were cleaned otherwise than they would be now."""
    return _OTHER_SETTINGS if plan.cleaned_under - {recipe.digest} else ""


def _clean(
    job: Job,
    plan: Plan,
    catalogue: Catalogue,
    work: Folders,
    number: int,
    progress: Progress,
    decisions: Decisions,
) -> tuple[Result, Recipe]:
    """Run the passes; where inputs change meanwhile, once more without them, because others may have
    been judged by what they said. So, too, where one that was cleaned earlier cannot be read any more:
    its clean text stands, and others are compared with it.
    """
    from cleaner.engines import engine_for, meet, scratch_name
    from cleaner.passes import run_passes
    from cleaner.scanning import stages_of
    from cleaner.work import Run

    recipe = load_recipe(job.settings, decisions)
    stages_of(recipe)  # made before workers are, which then need not make them again
    todo = plan.todo
    left_out: dict[bytes, Problem] = {}
    for _ in range(_ATTEMPTS):
        replaced = {*(file.path for file in todo), *plan.withdrawn}
        earlier = published_before(catalogue, replaced, job.folders, job.settings, number)
        workers = workers_for(job.settings, [*earlier.missing, *todo])
        stage, scratch = work.stage(number), os.path.join(work.stages, scratch_name(job.settings))
        with engine_for(job.settings, workers, scratch, job.spark) as engine:
            job.disk.remove_tree(work.stages)
            job.disk.make_folder(stage)
            meet(engine, scratch, job.settings)
            run = Run(
                recipe, earlier, {path: done.run for path, done in catalogue.done.items()},
                job.folders.at(b"ledger"), todo, plan.limits, stage, scratch, number,
                job.shard_bytes, allowance(job.settings.memory, workers),
            )  # fmt: skip
            result = run_passes(run, engine, job.disk, progress)
        job.disk.remove_tree(scratch)
        again = {path: Problem(path, 0, _CHANGED) for path in result.changed}
        again |= {each.path: each for each in result.unread if each.path in catalogue.done}
        if not again:
            return replace(result, unread=(*result.unread, *left_out.values())), recipe
        left_out |= again
        todo = tuple(file for file in todo if file.path not in left_out)
    raise OutputError("inputs keep changing while they are read", hint="run again when they are at rest")


def _nothing(plan: Plan, catalogue: Catalogue, left_out: int, unwritten: str) -> str:
    if not plan.unchanged and left_out:
        return f"nothing to do: no input files found; include and exclude left out {left_out:,}."
    if not plan.unchanged:
        return "nothing to do: no input files found."
    since = f"{counted(plan.unchanged, 'input')} unchanged since run {catalogue.last_run}"
    return f"nothing to do: {since}; no {unwritten} was written."


def _settings_digest(settings: Settings, rules: Rules) -> str:
    """Return what tells that two runs clean alike: all that decides a result, and nothing else. Where a rule
    stands does not, nor what is off.
    """
    told = settings.model_dump_json(exclude=_UNDECISIVE)
    actions = settings.boilerplate.actions
    words = [
        f"{label} {rule.model_dump_json()}"
        for label, rule in rules.boilerplate
        if actions.get(label, rule.action) != "off"
    ]
    words += [words.model_dump_json() for words in rules.facts]
    return blake2b("\n".join([told, *words, *versions().values()]).encode(), digest_size=16).hexdigest()
