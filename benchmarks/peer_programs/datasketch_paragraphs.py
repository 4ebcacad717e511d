"""Near-duplicate paragraphs by datasketch: signatures in bulk by a pool, then one index.

    python datasketch_paragraphs.py INPUT OUTPUT WORKERS

The hash is xxhash and signatures are lean, since its documentation advises a faster hash than SHA-1 and
LeanMinHash for less memory. Candidates of the index are verified by their signatures.
"""

import sys
from itertools import chain
from multiprocessing import Pool

import xxhash
from datasketch import LeanMinHash, MinHash, MinHashLSH
from paragraphs import PERMUTATIONS, THRESHOLD, read, shingles, write

_BLOCK = 2000


def signatures(texts: list[str]) -> list[LeanMinHash]:
    """Return the signature of each text."""
    sets = ([shingle.encode() for shingle in shingles(text)] for text in texts)
    made = MinHash.generator(sets, num_perm=PERMUTATIONS, hashfunc=xxhash.xxh32_intdigest)
    return [LeanMinHash(each) for each in made]


def main() -> None:
    """Keep what is like nothing that was kept before it."""
    records, compared = read(sys.argv[1])
    blocks = [compared[start : start + _BLOCK] for start in range(0, len(compared), _BLOCK)]
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    kept: list[LeanMinHash] = []
    keep = []
    with Pool(int(sys.argv[3])) as pool:
        for signature in chain.from_iterable(pool.imap(signatures, blocks)):
            keep.append(all(signature.jaccard(kept[key]) < THRESHOLD for key in index.query(signature)))
            if keep[-1]:
                index.insert(len(kept), signature, check_duplication=False)
                kept.append(signature)
    write(sys.argv[2], records, keep)


if __name__ == "__main__":
    main()
