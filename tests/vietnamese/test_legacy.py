"""Code pages: read and written, in each of the forms in which they are seen."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from old_writing import FORMS, SENTENCES, letters, written

from cleaner.vietnamese.legacy import LATIN_1, WINDOWS_1252, as_latin_1, hidden, page, pages, shown

NAMES = ["tcvn3", "vni", "viscii", "vps", "cp1258"]
READ_AS = {**dict(zip(NAMES, NAMES, strict=True)), "cp1258-short": "cp1258"}
WRITTEN_AS = {**dict(zip(NAMES, NAMES, strict=True)), "cp1258-short": "cp1258-composed"}
LETTERS = sorted(letters("viscii"))
derandomized = settings(derandomize=True, deadline=None, max_examples=400)
sentences = st.sampled_from(SENTENCES)
# Words of letters in any order, that no keyboard would write: tables must hold for them, too.
jumbled = st.lists(st.sampled_from([*LETTERS, *"bcdghklmnpqrstvx ", "1", ".", "?"]), max_size=30).map("".join)


def test_pages_have_names_and_titles() -> None:
    assert [each.name for each in pages()] == NAMES
    assert len({each.title for each in pages()}) == len(NAMES)
    assert page("cp1258-composed").name == "cp1258-composed"


@pytest.mark.parametrize("name", ["", "TCVN3", "tcvn", "cp1252", "viqr", "cp1258-short"])
def test_other_names_are_of_no_page(name: str) -> None:
    with pytest.raises(LookupError):
        page(name)


@pytest.mark.parametrize("name", NAMES)
def test_each_sign_is_read_as_one_character(name: str) -> None:
    for byte in range(0x80, 0x100):
        for seen in {chr(byte), WINDOWS_1252.get(byte, chr(byte))}:
            assert len(page(name).read(f"x{seen}")) <= 2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["", 'plain ASCII: 1 + 1 = 2, "so" [it] {is}; ~ok!', "a\tb\nc\r\nd"])
def test_ascii_stays(name: str, text: str) -> None:
    assert page(name).read(text) == text
    assert all(page(name).written(text, form) == text for form in FORMS)


@pytest.mark.parametrize("name", NAMES)
def test_no_break_spaces_stay_spaces(name: str) -> None:
    assert page(name).read("a\xa0b") == ("aÕb" if name == "viscii" else "a\xa0b")


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("name", list(READ_AS))
def test_each_letter_comes_back_from_what_is_seen(name: str, letter: str) -> None:
    for form in FORMS[:2]:
        seen = written(letter, name, form)
        if seen is not None:
            assert page(READ_AS[name]).read(seen) == letter
            assert page(WRITTEN_AS[name]).written(letter, form) == seen


@derandomized
@given(sentences, st.sampled_from(list(READ_AS)), st.sampled_from(FORMS[:2]))
def test_sentences_come_back(text: str, name: str, form: str) -> None:
    seen = written(text, name, form)
    if seen is not None:
        assert page(READ_AS[name]).read(seen) == text
        assert page(WRITTEN_AS[name]).written(text, form) == seen


@derandomized
@given(sentences, st.sampled_from(list(READ_AS)))
def test_bytes_come_back(text: str, name: str) -> None:
    seen = written(text, name, "bytes")
    if seen is not None:
        assert page(READ_AS[name]).read(as_latin_1(seen)) == text
        assert page(WRITTEN_AS[name]).written(text, "bytes") == seen


@derandomized
@given(jumbled, st.sampled_from(["tcvn3", "viscii", "vps"]), st.sampled_from(FORMS[:2]))
def test_letters_in_any_order_come_back_where_each_is_one_byte(text: str, name: str, form: str) -> None:
    seen = written(text, name, form)
    if seen is not None:
        assert page(name).read(seen) == text


@derandomized
@given(jumbled, st.sampled_from(["viscii", "vps"]))
def test_both_views_in_one_text_are_read(text: str, name: str) -> None:
    windows, latin = written(text, name, "windows-1252"), written(text, name, "latin-1")
    assert windows is not None and latin is not None
    mixed = "".join(each[number % 2] for number, each in enumerate(zip(windows, latin, strict=True)))
    assert page(name).read(mixed) == text


@derandomized
@given(st.text(max_size=40), st.sampled_from(NAMES))
def test_any_text_is_read_and_lines_stay_lines(text: str, name: str) -> None:
    read = page(name).read(text)
    assert read.count("\n") == text.count("\n")
    assert read.count("\r") == text.count("\r")


@pytest.mark.parametrize(("seen", "read"), [
    ("Boä TRÖÔÛNG", "Bộ TRƯỞNG"), ("BOÄ", "BỘ"), ("Boä", "Bộ"), ("BOä", "BỘ"),  # a mark of the other case
    ("Aâu", "Âu"), ("ñoaøn", "đoàn"), ("Ñ", "Đ"), ("myõ", "mỹ"), ("AÈ AÉ", "Ằ Ắ"), ("yù kieán", "ý kiến"),
])  # fmt: skip
def test_vni(seen: str, read: str) -> None:
    assert page("vni").read(seen) == read


@pytest.mark.parametrize(("seen", "read"), [
    ("x• héi", "xã hội"), ("ng−êi", "người"), ("®∙", "đã"), ("v\u03bc", "và"), ("v\xb5", "và"),
    ("“tr\xadêng”", "“trường”"),
    ("NhËt – Trung…", "Nhật – Trung…"),
])  # fmt: skip
def test_tcvn3_with_the_signs_of_word_and_windows(seen: str, read: str) -> None:
    assert page("tcvn3").read(seen) == read


@pytest.mark.parametrize(("seen", "read"), [
    ("Viêòt", "Việt"), ("Viêt\u0323", "Viêṭ"), ("ðýõòc", "được"), ("Hýõìng", "Hướng"), ("à", "à"),
    ("aÌ", "à"), ("ã", "ă"), ("₫", "₫"),
])  # fmt: skip
def test_windows_1258(seen: str, read: str) -> None:
    assert page("cp1258").read(seen) == read


@pytest.mark.parametrize(
    "text", ["", "a", "&#12;", "&#64;", "&#8217;", "&amp;", "&#x41;", "&#99999;", "&#xZZ;", "&#;", "# 7899;"]
)
def test_what_is_no_letter_as_an_entity_is_not_hidden(text: str) -> None:
    assert hidden(text) == text


@pytest.mark.parametrize(("text", "letter"), [
    ("&#7899;", "ớ"), ("&#x1EDB;", "ớ"), ("&#X1edb;", "ớ"), ("&#253;", "ý"), ("&#xFD;", "ý"),
    ("&#0253;", "ý"), ("&#x00FD;", "ý"), ("&#192;", "À"),
])  # fmt: skip
def test_letters_that_stand_as_entities_are_safe_from_every_page(text: str, letter: str) -> None:
    assert len(hidden(text)) == 1
    for each in pages():
        assert each.read(hidden(text)) == letter
    assert shown(hidden(text)) == letter


def test_the_two_views_are_inverse() -> None:
    assert len(LATIN_1) == len(WINDOWS_1252) == 32
    assert all(LATIN_1[ord(WINDOWS_1252[byte])] == chr(byte) for byte in WINDOWS_1252)
    assert "".join(WINDOWS_1252.values()).isprintable() is False, "five stay controls"
    assert normalize("NFC", "".join(WINDOWS_1252.values())) == "".join(WINDOWS_1252.values())
