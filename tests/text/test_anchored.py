"""A pattern searched from its rarest character is found in the same texts as before, ftfy's above all."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import pytest
from ftfy.badness import BADNESS_RE, MOJIBAKE_CATEGORIES
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.text.anchored import anchored, opening, rows_at, rows_of, searched

FAST = anchored(BADNESS_RE)
ROWS = rows_of(re.compile("[?&](?=[a-z])"), BADNESS_RE)
WHOLE, OPENING = searched(ROWS), opening(ROWS)
derandomized = settings(derandomize=True, deadline=None, max_examples=1000)

LITERALS = re.sub(r"\[\^|\\.|\(\?:|[\[\]()|?^-]", "", BADNESS_RE.pattern)
RANGES = [f"[{members}]" for members in MOJIBAKE_CATEGORIES.values()]
SPECIAL = "".join(re.findall("|".join(RANGES), "".join(map(chr, range(0x10000)))))
ALPHABET = "".join(sorted({*SPECIAL, *LITERALS, *" \n\tazAZ09.,", *"ảộỹ中あक"}))

SENTENCES = {
    "Vietnamese": "Người dân ở bản vùng cao đã có điện – “hoà bình” giá 5 €, Đà Nẵng À Ế… 30°",
    "French": "L’été dernier « près » de l’école à Genève – l’œuvre d’Édouard… ÇA coûte 15 € ŒUVRE",
    "German": "Die „größte“ Messe für Öl in München öffnet – Ärzte zahlen 12 €; § 5 der Straßenordnung, 5 µm",
    "Portuguese": "A situação em São Paulo: IRMÃ Ângela e Évora “estão” à espera, ÓRGÃO",
    "Turkish": "Türkiye’nin İstanbul şehrinde “Şiir Günü” Çağdaş Öğretim İzmir’den",
    "Czech": "Předseda řekl, že „škola“ zůstane otevřená – Češi, Šárka a Žofie, Ústí",
    "Russian": "В понедельник Госдума «О связи» — Совет Федерации, РОССИЯ… № 5, 15 °С",
    "Greek": "Ο πρωθυπουργός της Ελλάδας «Βουλή» – Ξεκινά στο Ολυμπιακό Στάδιο, Άρης",
    "Arabic": "قال رئيس الوزراء يوم الاثنين «خطة» جديدة",
    "Hindi": "भारत के प्रधानमंत्री ने “सोमवार” को कहा",
    "Chinese": "中国国家主席“经济合作”等问题交换了意见。",
    "Japanese": "東京都は「交通計画」を発表した。約２００台、２１０円",
}
CODECS = [
    "latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "cp1258", "mac_roman", "cp437",
    "iso8859-2", "cp850",
]  # fmt: skip


@cache
def asked_at(character: str) -> re.Pattern[str] | None:
    rows = rows_at(ROWS, character)
    return searched(rows) if rows else None


def is_found(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text) is not None


def test_the_pattern_of_mojibake_is_understood() -> None:
    assert FAST is not BADNESS_RE


def test_every_pair_of_characters_is_judged_alike() -> None:
    judged = [
        (is_found(BADNESS_RE, pair), is_found(FAST, pair))
        for pair in map("".join, product(ALPHABET, repeat=2))
    ]
    assert all(slow == fast for slow, fast in judged)
    assert {slow for slow, _ in judged} == {True, False}


@derandomized
@given(st.text(ALPHABET, max_size=6) | st.text(LITERALS, min_size=3, max_size=8) | st.text(max_size=30))
def test_every_text_is_judged_alike(text: str) -> None:
    assert is_found(FAST, text) == is_found(BADNESS_RE, text)


@derandomized
@given(st.text(ALPHABET + "?&", max_size=8) | st.text(LITERALS, min_size=3, max_size=8))
def test_where_a_character_stands_only_its_own_rows_are_asked(text: str) -> None:
    for place, character in enumerate(text):
        own = asked_at(character)
        assert bool(own) == bool(OPENING.match(character))
        assert bool(own and own.match(text, place)) == bool(WHOLE.match(text, place))


def test_of_a_pattern_that_cannot_be_anchored_there_are_no_rows() -> None:
    assert rows_of(re.compile("[?]"), BADNESS_RE, re.compile("a+")) == ()


@pytest.mark.parametrize("row", RANGES)
@derandomized
@given(st.data())
def test_every_class_is_judged_alike_in_its_surroundings(row: str, data: st.DataObject) -> None:
    members = [character for character in SPECIAL if re.match(row, character)]
    before, after = (data.draw(st.text(ALPHABET, max_size=3)) for _ in range(2))
    text = before + data.draw(st.sampled_from(members)) + after
    assert is_found(FAST, text) == is_found(BADNESS_RE, text)


@pytest.mark.parametrize("language", SENTENCES)
def test_sentences_are_no_mojibake(language: str) -> None:
    assert not is_found(BADNESS_RE, SENTENCES[language])
    assert not is_found(FAST, SENTENCES[language])


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("language", SENTENCES)
def test_mojibake_is_found_as_before(language: str, codec: str) -> None:
    read_wrong = SENTENCES[language].encode().decode(codec, "replace")
    assert is_found(FAST, read_wrong) == is_found(BADNESS_RE, read_wrong)
    for length in range(1, 6):  # short pieces are bad at some places only
        for at in range(len(read_wrong) - length):
            piece = read_wrong[at : at + length]
            assert is_found(FAST, piece) == is_found(BADNESS_RE, piece), piece


def test_most_of_this_mojibake_is_found() -> None:
    read_wrong = [
        sentence.encode().decode(codec, "replace") for sentence in SENTENCES.values() for codec in CODECS
    ]
    assert sum(is_found(FAST, text) for text in read_wrong) > 0.9 * len(read_wrong)


ITEMS = ["a", "é", "-", "€", "[à-ü]", "[^a-z]", r"\w", r"[\s€]", r"\s?", "€?", "[^]^-]", "[\\]^\\\\-]", "."]
rows = st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4).map("".join)
patterns = st.lists(st.just("^é") | rows, min_size=1, max_size=4).map("|".join)


@derandomized
@given(patterns, st.lists(st.text("aéü€]^\\- \nz", max_size=6), min_size=5, max_size=5))
def test_any_pattern_is_found_as_before(pattern: str, texts: list[str]) -> None:
    slow = re.compile(pattern)
    fast = anchored(slow)
    for text in texts:
        assert is_found(fast, text) == is_found(slow, text)


@pytest.mark.parametrize("pattern", ["é", "aé|b€", "a é?€|[ab]€", r"^é|\w€", "(?x) a € # sign"])
def test_rows_of_characters_are_anchored(pattern: str) -> None:
    slow = re.compile(pattern)
    assert anchored(slow).pattern.startswith("[")
    assert anchored(slow) is not slow


@pytest.mark.parametrize(
    "pattern",
    [
        "", "é|", "é?", "(é)€", "é+", "é*?", "é{2}", r"\bé", "é$", "(?=é)€", "(?<!a)é", "[^é]", r"\w.",
        "(?i)é", "(?m)^é", "(?s)é.", "(?a)é", r"(é)\1", "é++", "(?>é)", "(?P<e>é)",
    ],
)  # fmt: skip
def test_other_patterns_come_back_as_they_are(pattern: str) -> None:
    slow = re.compile(pattern)
    assert anchored(slow) is slow
