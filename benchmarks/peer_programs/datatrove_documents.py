"""MinHash deduplication of documents by datatrove, with the settings and steps of its own example.

    python datatrove_documents.py INPUT_FOLDER OUTPUT_FOLDER WORKERS spaces|LANGUAGE [--folded]

A task for each file, since datatrove shares out work by files. Words are what stands between spaces, or what
the tokenizer of a language makes of them (`vie` needs spacy and pyvi). Figures and tones, which datatrove
drops from what it compares by default, stay, unless they are to be --folded.
"""

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.hashing import HashConfig
from datatrove.utils.text import TextNormConfig
from datatrove.utils.word_tokenizers import WordTokenizer


class Words(WordTokenizer):
    """Words as they stand between spaces."""

    def word_tokenize(self, text: str) -> list[str]:
        """Return the words of a text."""
        return text.split()

    def sent_tokenize(self, text: str) -> list[str]:
        """Return the lines of a text."""
        return text.split("\n")

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        """Return the whole text as one span."""
        return [(0, len(text))]


def main() -> None:
    """Run the four steps, one after another."""
    given, made, workers = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    words = Words() if sys.argv[4] == "spaces" else sys.argv[4]
    folded = "--folded" in sys.argv
    files = len(list(Path(given).iterdir()))
    config = MinhashConfig(
        hash_config=HashConfig(precision=64),
        norm_config=TextNormConfig(norm_numbers=folded, norm_unicode_diacritics=folded),
        n_grams=5,
        num_buckets=14,
        hashes_per_bucket=8,
    )
    signatures, buckets, remove = (str(made / name) for name in ("signatures", "buckets", "remove"))
    sign = MinhashDedupSignature(signatures, config=config, language=words)
    removed = JsonlWriter(str(made / "removed"), compression=None)
    drop = MinhashDedupFilter(remove, exclusion_writer=removed, load_cluster_ids=True)
    steps = (
        ([JsonlReader(given), sign], files),
        ([MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets),
        ([MinhashDedupCluster(buckets, remove, config=config, save_cluster_id=True)], 1),
        ([JsonlReader(given), drop, JsonlWriter(str(made / "kept"), compression=None)], files),
    )
    for number, (pipeline, tasks) in enumerate(steps):
        logs = str(made / "logs" / str(number))
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=min(tasks, workers), logging_dir=logs).run()


if __name__ == "__main__":
    main()
