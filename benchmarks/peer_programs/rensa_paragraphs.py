"""Near-duplicate paragraphs by rensa, with the call that its README shows for keeping what is unique.

python rensa_paragraphs.py INPUT OUTPUT
"""

import sys

from paragraphs import PERMUTATIONS, THRESHOLD, read, shingles, write
from rensa import RMinHashDeduplicator

records, compared = read(sys.argv[1])
deduplicator = RMinHashDeduplicator(threshold=THRESHOLD, num_perm=PERMUTATIONS, use_lsh=True)
keep = deduplicator.add_pairs((str(number), shingles(text)) for number, text in enumerate(compared))
write(sys.argv[2], records, keep)
