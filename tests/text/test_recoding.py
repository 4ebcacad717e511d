"""Frozen codecs: what each name writes, for good, and how it fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import FORMS, SENTENCES, WRITERS, composite, shown, written

from cleaner.text.recoding import encoded

CASES = json.loads((Path(__file__).parents[1] / "cases" / "recoding.json").read_text(encoding="utf-8"))
RULES = {page: "cp1258-composed" if page == "cp1258-short" else page for page in WRITERS}
derandomized = settings(derandomize=True, deadline=None, max_examples=300)
sentences = st.sampled_from(SENTENCES)
texts = st.text(max_size=40) | sentences


@pytest.mark.parametrize("case", CASES, ids=[f"{case['codec']}: {case['name']}" for case in CASES])
def test_a_name_never_changes_its_meaning(case: dict[str, Any]) -> None:
    """Ledgers of years ago hold these names: a case may be added, and none be changed."""
    assert encoded(case["text"], case["codec"]) == case["encoded"]


@pytest.mark.parametrize("codec", [
    "", "/", "nfc", "nfc/", "nfc/NFD", "nfc/latin-1", "mojibake", "mojibake/", "mojibake/utf-8",
    "mojibake/bytes", "tcvn3", "tcvn3/",
    "tcvn3/utf-8", "TCVN3/latin-1", "tcvn/latin-1", "viqr/ascii", "cp1258-short/latin-1",
    "/latin-1", "nfc/decomposed/x", "bytes", " tcvn3/bytes",
])  # fmt: skip
def test_other_names_are_not_known(codec: str) -> None:
    with pytest.raises(LookupError):
        encoded("Việt", codec)


@pytest.mark.parametrize(("text", "codec"), [
    ("\udce9", "mojibake/latin-1"), ("\udce9", "mojibake/windows-1252"), ("今", "tcvn3/bytes"),
    ("я", "viscii/bytes"), ("Ω", "vps/bytes"), ("\udce9đ今", "vni/bytes"),
])  # fmt: skip
def test_texts_that_cannot_be_written(text: str, codec: str) -> None:
    with pytest.raises(UnicodeError):
        encoded(text, codec)


@derandomized
@given(texts)
def test_decomposed(text: str) -> None:
    assert encoded(text, "nfc/decomposed") == normalize("NFD", text)


@derandomized
@given(sentences | sentences.map(str.upper))
def test_composite(text: str) -> None:
    assert encoded(text, "nfc/composite") == composite(text)


@derandomized
@given(texts)
def test_composite_is_the_same_text(text: str) -> None:
    assert normalize("NFC", encoded(normalize("NFC", text), "nfc/composite")) == normalize("NFC", text)


@derandomized
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | sentences, st.sampled_from(FORMS[:2]))
def test_mojibake(text: str, form: str) -> None:
    assert encoded(text, f"mojibake/{form}") == shown(text.encode(), form)


@derandomized
@given(sentences, st.sampled_from(list(RULES)), st.sampled_from(FORMS))
def test_code_pages(text: str, page: str, form: str) -> None:
    seen = written(text, page, form)
    if seen is not None:
        assert encoded(text, f"{RULES[page]}/{form}") == seen


@derandomized
@given(texts, st.sampled_from(list(RULES.values())), st.sampled_from(FORMS))
def test_any_text_is_written_or_refused_and_its_lines_stay(text: str, rule: str, form: str) -> None:
    try:
        seen = encoded(text, f"{rule}/{form}")
    except UnicodeError:
        return
    assert [sign for sign in seen if sign in "\r\n"] == [sign for sign in text if sign in "\r\n"]
