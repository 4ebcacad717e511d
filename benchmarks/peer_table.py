"""The tools that cleaner is measured beside: version, what they do, and the commands that run them.

Each gets the best that its documentation offers: all cores, one input file a core where work is shared out by
files, batch calls, filters that are large enough. A variant is another way to run one of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROGRAMS = Path(__file__).parent / "peer_programs"
_DATATROVE = ("datatrove==0.10.1", "xxhash<4", "orjson", "regex", "ftfy", "tokenizers", "nltk")
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "text-dedup-0.4.0": ("text-dedup==0.4.0",),
    "datatrove-0.10.1": _DATATROVE,
    "datatrove-0.10.1-vie": (*_DATATROVE, "spacy", "pyvi"),
    "dolma-1.2.1": ("dolma==1.2.1",),
    "rensa-0.5.0": ("rensa==0.5.0",),
    "datasketch-2.0.0": ("datasketch==2.0.0", "xxhash"),
}
_DOLMA_SCORE = "0.8"  # of the n-grams of a paragraph; about a Jaccard similarity of 0.7


@dataclass(frozen=True, slots=True)
class Inputs:
    """One corpus in the forms that tools need."""

    file: Path  # JSON lines with id and text
    parts: Path  # a folder with the same in one file a worker, each row with a source
    whole: Path  # a folder with the same in one file, compressed
    documents: int
    words: int


@dataclass(frozen=True, slots=True)
class Job:
    """One run of one tool: its Python, and the folder that it may fill."""

    python: Path
    inputs: Inputs
    folder: Path
    workers: int


@dataclass(frozen=True, slots=True)
class Does:
    """What a tool does, for the table of those that do less."""

    compares: str
    names_survivor: str = "no"
    figures: str = "merged"
    encodings: str = "no"
    boilerplate: str = "no"
    restores: str = "no"


Commands = Callable[[Job], Sequence[Sequence[str]]]


def _nothing(job: Job) -> Sequence[Sequence[str]]:
    return ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its commands, one after another, are timed; `exports` are not, and make output readable.

    `kept` is a glob below the folder of a run: JSON lines with the `text` of all that is no duplicate;
    `published` what is left of that in the end, where more is done.
    """

    name: str
    environment: str  # one of ENVIRONMENTS; none for cleaner, which runs by the Python of the benchmark
    commands: Commands
    kept: str
    does: Does
    how: str = ""
    variant: bool = False
    exports: Commands = _nothing
    published: str = ""


def _parts(inputs: Inputs) -> Path:
    return inputs.parts


def _whole(inputs: Inputs) -> Path:
    return inputs.whole


def _cleaner(job: Job) -> Sequence[Sequence[str]]:
    out, workers = str(job.folder / "out"), str(job.workers)
    return [[sys.executable, "-m", "cleaner", "run", str(job.inputs.file), "-o", out, "--workers", workers]]


def _all_but_duplicates(job: Job) -> Sequence[Sequence[str]]:
    """Return the command that puts back all but duplicates, so that only these are counted."""
    out, look = str(job.folder / "out"), str(job.folder / "look")
    stages = ["--stage", "boilerplate", "--stage", "encoding"]
    return [[sys.executable, "-m", "cleaner", "restore", out, "-o", look, *stages]]


def _text_dedup(*more: str) -> Commands:
    def commands(job: Job) -> Sequence[Sequence[str]]:
        options = {
            "path": "json", "data_files": job.inputs.file, "split": "train", "column": "text",
            "cache_dir": job.folder / "cache", "output": job.folder / "dataset", "num_proc": job.workers,
            "ngram": 5, "min_length": 5, "num_perm": 128, "threshold": 0.7,
        }  # fmt: skip
        spelled = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        return [[str(job.python), "-m", "text_dedup.minhash", *spelled, *more]]

    return commands


def _text_dedup_rows(job: Job) -> Sequence[Sequence[str]]:
    program, dataset = str(_PROGRAMS / "text_dedup_rows.py"), str(job.folder / "dataset")
    return [[str(job.python), program, dataset, str(job.folder / "kept.jsonl")]]


def _datatrove(tokenizer: str, given: Callable[[Inputs], Path], *more: str) -> Commands:
    def commands(job: Job) -> Sequence[Sequence[str]]:
        program, folders = str(_PROGRAMS / "datatrove_documents.py"), (given(job.inputs), job.folder)
        return [[str(job.python), program, *map(str, folders), str(job.workers), tokenizer, *more]]

    return commands


def _dolma(elements: Callable[[Inputs], int], given: Callable[[Inputs], Path]) -> Commands:
    """Return the commands with a Bloom filter for as many elements, on a folder of files."""

    def commands(job: Job) -> Sequence[Sequence[str]]:
        dolma = str(job.python.parent / "dolma")
        # attributes are written beside the folder `documents`
        (job.folder / "documents").symlink_to(given(job.inputs))
        documents = f"{job.folder}/documents/*"
        stream = {
            "name": "corpus",
            "documents": [documents],
            "attributes": ["pd"],
            "span_replacement": [
                {"span": "$.attributes.dup", "min_score": float(_DOLMA_SCORE), "replacement": ""}
            ],
            "output": {
                "path": str(job.folder / "mixed"),
                "max_size_in_bytes": job.inputs.file.stat().st_size // job.workers,
            },
        }
        mix = job.folder / "mix.json"
        mix.write_text(json.dumps({"processes": job.workers, "streams": [stream]}))
        options = {
            "documents": documents, "processes": job.workers,
            "dedupe.name": "pd", "dedupe.paragraphs.attribute_name": "dup",
            "dedupe.paragraphs.by_ngram.ngram_length": 5,
            "dedupe.paragraphs.by_ngram.overlap_threshold": _DOLMA_SCORE,
            "bloom_filter.file": job.folder / "filter",
            "bloom_filter.estimated_doc_count": elements(job.inputs),
            "bloom_filter.desired_false_positive_rate": 0.0001,
        }  # fmt: skip
        spelled = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        flags = ["--dedupe.skip_empty", "--no-bloom_filter.read_only"]
        return [[dolma, "dedupe", *spelled, *flags], [dolma, "-c", str(mix), "mix"]]

    return commands


def _paragraphs(program: str) -> Commands:
    def commands(job: Job) -> Sequence[Sequence[str]]:
        kept, workers = str(job.folder / "kept.jsonl"), str(job.workers)
        return [[str(job.python), str(_PROGRAMS / program), str(job.inputs.file), kept, workers]]

    return commands


_TEXT_DEDUP = Does("documents")
_DATATROVE_DOES = Does("documents", names_survivor="number of a cluster")
_DOLMA_DOES = Does("paragraphs")
TOOLS = (
    Tool(
        "cleaner",
        "",
        _cleaner,
        "look/*.jsonl",
        Does("paragraphs and documents", "yes", "held back and listed", "yes", "yes", "yes"),
        "all that it does by default",
        exports=_all_but_duplicates,
        published="out/clean/*.jsonl",
    ),
    Tool(
        "text-dedup 0.4.0",
        "text-dedup-0.4.0",
        _text_dedup(),
        "kept.jsonl",
        _TEXT_DEDUP,
        "`minhash`, 128 permutations, 5-grams, threshold 0.7",
        exports=_text_dedup_rows,
    ),
    Tool(
        "text-dedup 0.4.0, xxh3",
        "text-dedup-0.4.0",
        _text_dedup("--hash_func", "xxh3", "--hash_bits", "32"),
        "kept.jsonl",
        _TEXT_DEDUP,
        "the same with its faster hash in place of its default, SHA-1",
        variant=True,
        exports=_text_dedup_rows,
    ),
    Tool(
        "datatrove 0.10.1",
        "datatrove-0.10.1",
        _datatrove("spaces", _parts),
        "kept/*.jsonl",
        _DATATROVE_DOES,
        "MinHash, 14 buckets of 8, 5-grams, words parted at spaces",
    ),
    Tool(
        "datatrove 0.10.1, plain",
        "datatrove-0.10.1",
        _datatrove("spaces", _whole),
        "kept/*.jsonl",
        _DATATROVE_DOES,
        "the same on one compressed file, which one process reads",
        variant=True,
    ),
    Tool(
        "datatrove 0.10.1, folded",
        "datatrove-0.10.1",
        _datatrove("spaces", _parts, "--folded"),
        "kept/*.jsonl",
        _DATATROVE_DOES,
        "MinHash as first, with its default folding of figures and tones: other figures are the same then",
        variant=True,
    ),
    Tool(
        "datatrove 0.10.1, folded, plain",
        "datatrove-0.10.1",
        _datatrove("spaces", _whole, "--folded"),
        "kept/*.jsonl",
        _DATATROVE_DOES,
        "the same on one compressed file, which one process reads",
        variant=True,
    ),
    Tool(
        "datatrove 0.10.1, vie",
        "datatrove-0.10.1-vie",
        _datatrove("vie", _parts),
        "kept/*.jsonl",
        _DATATROVE_DOES,
        "MinHash as first, with the tokenizer that it has for Vietnamese",
        variant=True,
    ),
    Tool(
        "dolma 1.2.1",
        "dolma-1.2.1",
        _dolma(lambda inputs: inputs.words, _parts),
        "mixed/*.gz",
        _DOLMA_DOES,
        "`dedupe` and `mix`, 5-grams, overlap 0.8, a Bloom filter with room for the n-grams of all words",
    ),
    Tool(
        "dolma 1.2.1, plain",
        "dolma-1.2.1",
        _dolma(lambda inputs: 100_000, _whole),
        "mixed/*.gz",
        _DOLMA_DOES,
        "the same on one compressed file, with a filter for 100,000 elements; when it is full, every n-gram "
        "counts as seen",
        variant=True,
    ),
    Tool(
        "rensa 0.5.0",
        "rensa-0.5.0",
        _paragraphs("rensa_paragraphs.py"),
        "kept.jsonl",
        Does("paragraphs"),
        "a library: a program of 20 lines around `RMinHashDeduplicator.add_pairs`",
    ),
    Tool(
        "datasketch 2.0.0",
        "datasketch-2.0.0",
        _paragraphs("datasketch_paragraphs.py"),
        "kept.jsonl",
        Does("paragraphs", names_survivor="its key, if asked"),
        "a library: a program of 40 lines around `MinHash.generator` in a pool, and `MinHashLSH`",
    ),
)
