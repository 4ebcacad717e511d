"""Signatures: the same everywhere, for every text alone, and true to the Jaccard index."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.dedup.columns import LENGTH, WORDS, columns
from cleaner.dedup.signatures import (
    BANDS,
    CHUNK,
    COLUMNS,
    SHINGLE,
    SIGNATURE_VERSION,
    short_signatures,
    signatures,
)
from cleaner.text.normalize import matching_form

CASES = json.loads((Path(__file__).parents[1] / "cases" / "signatures.json").read_text(encoding="utf-8"))
GOLDEN = CASES["digests"]
SENTENCES = CASES["sentences"]
derandomized = settings(derandomize=True, deadline=None, max_examples=150)
forms = st.text(st.sampled_from("aáb1 .,đ\u0301\u3000"), max_size=60) | st.text(st.characters(), max_size=60)


def digest(data: np.ndarray) -> str:
    return blake2b(data.tobytes(), digest_size=16).hexdigest()


def jaccard(a: str, b: str) -> float:
    one, other = ({text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1)} for text in (a, b))
    return len(one & other) / len(one | other)


def test_signatures_of_a_version_never_change() -> None:
    """Stored signatures are compared with new ones: another digest needs another SIGNATURE_VERSION."""
    rows = signatures(SENTENCES)
    assert {
        "version": SIGNATURE_VERSION,
        "signatures": digest(rows.astype("<u4")),
        "stored": digest(short_signatures(rows)),
    } == GOLDEN


@derandomized
@given(st.lists(forms, max_size=12))
def test_a_signature_depends_on_its_own_text_only(texts: list[str]) -> None:
    together = signatures(texts)
    assert together.shape == (len(texts), COLUMNS)
    for row, text in zip(together, texts, strict=True):
        assert (row == signatures([text])[0]).all()


def test_a_signature_does_not_depend_on_the_chunk() -> None:
    texts = [f"{SENTENCES[number % len(SENTENCES)]} {number}" for number in range(2 * CHUNK + 3)]
    together = signatures(texts)
    for number in (0, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 2):
        assert (together[number] == signatures([texts[number]])[0]).all()
    assert (signatures(texts[7:]) == together[7:]).all()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("bản, làng - núi", "bản làng núi"),
        ("“bản làng núi”", "bản làng núi”"),
        ("... bản làng núi", "bản làng núi"),
    ],
)
def test_signs_between_words_count_as_one_space(a: str, b: str) -> None:
    assert (signatures([a]) == signatures([b])).all()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("bản làng núi", "bản lang núi"),
        ("đoạn 15 bản", "đoạn 16 bản"),
        ("bản làng", "bảnlàng"),
        ("abc", "abd"),
    ],
)
def test_letters_digits_and_gaps_count(a: str, b: str) -> None:
    assert (signatures([a]) != signatures([b])).any()


def test_no_text_is_signed_by_chance() -> None:
    rows = signatures(SENTENCES)
    for one in range(len(SENTENCES)):
        for other in range(one):
            assert (rows[one] == rows[other]).mean() < 0.2


def test_agreement_estimates_the_jaccard_index() -> None:
    """128 columns: a standard error of sqrt(J (1 - J) / 128), at most .044; three of them are allowed."""
    random = Random(7)
    words = " ".join(SENTENCES).replace(".", "").replace(",", "").split()
    errors = []
    for changes in range(60):
        text = [random.choice(words) for _ in range(60)]
        other = [random.choice(words) if random.random() < changes / 90 else word for word in text]
        a, b = (matching_form(" ".join(each)) for each in (text, other))
        rows = signatures([a, b])
        errors.append(float((rows[0] == rows[1]).mean()) - jaccard(a, b))
    assert max(map(abs, errors)) < 3.3 * 0.0442
    assert abs(sum(errors) / len(errors)) < 3 * 0.0442 / len(errors) ** 0.5


@derandomized
@given(st.lists(forms, min_size=1, max_size=6))
def test_a_word_of_a_sketch_holds_the_low_bits_of_a_band(texts: list[str]) -> None:
    """In the order of the values, whatever the machine's."""
    whole = [text + "." * (200 - len(text)) for text in texts]
    place = np.zeros((len(texts), 3), np.int64)
    sketch = columns(whole, place, (200, 200)).sketch
    bands = (signatures(whole) & 0xFF).reshape(len(texts), BANDS, 4).astype(np.int64)
    assert (sketch[:, :BANDS] == bands @ [1, 1 << 8, 1 << 16, 1 << 24]).all()
    assert sketch[:, LENGTH].tolist() == [200] * len(texts)


def test_columns_hold_nothing_of_texts_that_are_not_compared() -> None:
    whole = SENTENCES[0]
    texts = [whole[:19], whole[:20], whole[:50], whole[:51], whole[:45].upper(), f"  {whole[:45]} "]
    place = np.arange(6, dtype=np.int64)[:, None] + [0, 10, 20]
    found = columns([matching_form(text) for text in texts], place, (20, 50))
    long_enough = [False, True, True, False, True, True]
    assert found.length.tolist() == [len(matching_form(text)) for text in texts]
    assert found.sketch[:, :LENGTH].any(axis=1).tolist() == long_enough
    assert found.document.tolist() == [*range(6)]
    assert found.place.tolist() == place.tolist()
    assert (found.exact[4] == found.exact[5]).all()
    assert len({tuple(row) for row in found.exact.tolist()}) == 5


def test_no_texts_have_empty_columns() -> None:
    found = columns([], np.empty((0, 3), np.int64), (5, 100))
    assert (len(found), found.exact.shape, found.sketch.shape) == (0, (0, 2), (0, WORDS))
