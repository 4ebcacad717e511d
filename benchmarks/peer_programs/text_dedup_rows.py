"""Writes the dataset that text-dedup leaves as JSON lines.

python text_dedup_rows.py DATASET FILE
"""

import sys

from datasets import load_from_disk

load_from_disk(sys.argv[1]).to_json(sys.argv[2], force_ascii=False)
