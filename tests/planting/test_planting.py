"""Made corpora: the same bytes always, truth that is true, edits that keep the facts, traps that do not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import regex

from cleaner.planting import edits
from cleaner.planting.corpus import Corpus, Made, Planting
from cleaner.planting.dice import Dice, drawn, mixed
from cleaner.planting.fresh import DISTANCES
from cleaner.planting.kinds import EXPECTED, KINDS
from cleaner.planting.pool import SHORT, Pool, pool_of
from cleaner.planting.traps import TRAPS
from cleaner.text.document import split
from cleaner.text.normalize import matching_form
from cleaner.vietnamese.legacy import page

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests/cases/planting.json").read_text(encoding="utf-8"))
SEEDS = [file.read_text(encoding="utf-8") for file in sorted((ROOT / "seeds").glob("*.txt"))]
PLACES = ("Thăm huyện Mường Tè, rồi về xã Tân Ninh; chiều qua tỉnh Kon Rẫy, sau đó tới phường Bến Cát.",)
SEEDS_TOO = range(40)  # so many draws of the dice for one case
DOCUMENTS = 2500  # more than the third distance
SAFE = ("near", "near_within", "slip", "reformatted", "moved")


@pytest.fixture(scope="module")
def pool() -> Pool:
    return pool_of([*SEEDS, *PLACES])


@pytest.fixture(scope="module")
def made(pool: Pool) -> list[Made]:
    corpus = Corpus(pool, 1, 0.25)
    return [corpus.document(number) for number in range(DOCUMENTS)]


@pytest.fixture(scope="module")
def plantings(made: list[Made]) -> list[Planting]:
    found = [planting for document in made for planting in document.plantings]
    assert {planting.kind for planting in found} >= {kind.name for kind in KINDS} - {
        "trap_place",
        "trap_date",
    }
    return found


def test_dice_are_the_same_everywhere() -> None:
    dice = Dice(mixed(1, 2, 3))
    assert [dice.below(1000) for _ in range(6)] == [816, 639, 897, 528, 157, 89]
    assert drawn(7, 4) == (2358685256, 239366993, 742186673, 4144645011)
    assert sorted(dice.order(5)) == [0, 1, 2, 3, 4]


def test_dice_are_fair() -> None:
    counts = [0] * 6
    for seed in range(6000):
        counts[Dice(mixed(seed)).below(6)] += 1
    assert min(counts) > 850 and max(counts) < 1150


def test_a_document_depends_on_source_seed_and_number_alone(pool: Pool, made: list[Made]) -> None:
    other = Corpus(pool_of([*SEEDS, *PLACES]), 1, 0.25)
    for number in (2100, 3, 700, 0):
        assert other.document(number) == made[number]
    assert Corpus(pool, 2, 0.25).document(3).text != made[3].text


def test_no_share_plants_nothing_but_copies(pool: Pool) -> None:
    corpus = Corpus(pool, 1, 0.0)
    kinds = {planting.kind for number in range(400) for planting in corpus.document(number).plantings}
    assert kinds <= {"document"}


def test_truth_points_at_what_was_planted(made: list[Made], plantings: list[Planting]) -> None:
    for planting in plantings:
        assert planting.expected in EXPECTED
        for spot, text in zip((planting.a, planting.b), planting.texts, strict=True):
            if spot is None:
                continue
            document = made[spot.document]
            if spot.paragraph is None:
                assert document.paragraphs == made[planting.b.document].paragraphs
                continue
            paragraphs = split(document.text, "line")
            assert paragraphs.texts[spot.paragraph] == text
            assert paragraphs.lines[spot.paragraph] == spot.line
            assert document.text.split("\n")[spot.line - 1] == text


def test_no_two_plantings_have_the_same_original(plantings: list[Planting]) -> None:
    originals = [(one.a.document, one.a.paragraph) for one in plantings if one.a and one.kind != "document"]
    assert len(originals) == len(set(originals))
    planted = {(one.b.document, one.b.paragraph) for one in plantings}
    assert planted.isdisjoint(originals)


def test_originals_stand_at_every_distance(plantings: list[Planting]) -> None:
    distances = {one.b.document - one.a.document for one in plantings if one.a}
    assert distances == {distance for distance in DISTANCES if distance < DOCUMENTS}


def test_no_piece_makes_up_half_of_a_paragraph(pool: Pool, made: list[Made]) -> None:
    assert max(map(len, pool.short)) < SHORT <= min(map(len, pool.long))
    longest = max(map(len, pool.long))
    for document in made[:300]:
        planted = {planting.b.paragraph for planting in document.plantings}
        for number, text in enumerate(document.paragraphs):
            if number not in planted and text.endswith(".") and len(text) > 3 * longest:
                assert text.count(" ") > 6


def numbers(text: str) -> list[str]:
    """The digits of a text, however they are grouped and joined."""
    return [digits.lstrip("0") for digits in re.findall(r"\d+", re.sub(r"(?<=\d)[.,](?=\d{3})", "", text))]


def names(text: str) -> set[str]:
    return set(regex.findall(r"(?<=\p{Ll},? )\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)+", text))


def test_edits_keep_numbers_and_names(plantings: list[Planting]) -> None:
    for planting in plantings:
        if planting.kind in SAFE:
            before, after = planting.texts
            assert before != after
            assert sorted(numbers(before)) == sorted(numbers(after)), planting
            if planting.kind != "moved":
                assert all(name.casefold() in after.casefold() for name in names(before)), planting


def test_a_sentence_may_stand_twice_in_a_body_but_not_as_a_caption(
    made: list[Made], plantings: list[Planting]
) -> None:
    seen = set()
    for planting in plantings:
        if planting.kind == "repeat":
            blocks = made[planting.b.document].text.rstrip("\n").split("\n\n")
            between = sum(block.count("\n") + 1 for block in blocks[1:-1] if block.strip())
            own = 1 + len("\n\n".join(blocks[:-1]).split("\n"))  # lines before the last block
            caption = len(blocks) > 2 and between >= 3 and planting.b.line > own
            assert planting.expected == ("either" if caption else "free"), planting
            seen.add(planting.expected)
    assert "free" in seen


def test_slips_make_no_other_word(pool: Pool, plantings: list[Planting]) -> None:
    slips = [planting for planting in plantings if planting.kind == "slip"]
    for planting in slips:
        before, after = (text.replace(".", " ").replace(",", " ").split() for text in planting.texts)
        changed = [new for old, new in zip(before, after, strict=True) if old != new]
        assert len(changed) == len(planting.how)
        assert pool.words.isdisjoint(changed)
    assert len(slips) > 20


def test_traps_say_something_else(plantings: list[Planting]) -> None:
    found = [planting for planting in plantings if planting.kind.startswith("trap_")]
    for planting in found:
        before, after = planting.texts
        assert planting.expected == "none"
        assert matching_form(before) != matching_form(after), planting
        assert planting.ratio is not None and planting.ratio < 100
    assert len(found) > 100


def test_the_fuller_side_holds_the_other(plantings: list[Planting]) -> None:
    for planting in plantings:
        if planting.kind in ("fuller", "shorter"):
            fuller, other = planting.texts if planting.kind == "shorter" else planting.texts[::-1]
            assert planting.expected == ("b" if planting.kind == "shorter" else "a")
            assert len(fuller) > len(other)
            assert set(re.findall(r"\w+", other)) <= set(re.findall(r"\w+", fuller))


def test_what_is_broken_can_be_read_back(plantings: list[Planting]) -> None:
    for planting in plantings:
        text, broken = planting.texts
        if planting.kind == "old_encoding":
            assert page(planting.how[0]).read(broken) == text != broken
        elif planting.how == ("latin-1",):
            assert broken.encode("latin-1").decode() == text != broken


@pytest.mark.parametrize("case", CASES["edits"], ids=lambda case: f"{case['edit']}: {case['text']}")
def test_each_edit_does_this_or_nothing(case: dict[str, Any], pool: Pool) -> None:
    found = set()
    for seed in SEEDS_TOO:
        after = edits.edited(case["text"], 1, Dice(mixed(seed)), pool, (case["edit"],))
        if after is not None:
            assert after[1] == (case["edit"],)
            found.add(after[0])
    assert found == set(case["becomes"])


@pytest.mark.parametrize("case", CASES["formats"], ids=lambda case: case["text"])
def test_numbers_and_dates_get_other_formats(case: dict[str, Any], pool: Pool) -> None:
    found = {edits.reformatted(case["text"], Dice(mixed(seed)), pool) for seed in SEEDS_TOO}
    assert found - {case["text"]} == set(case["becomes"])


@pytest.mark.parametrize("case", CASES["traps"], ids=lambda case: f"{case['trap']}: {case['text']}")
def test_each_trap_changes_this_or_nothing(case: dict[str, Any], pool: Pool) -> None:
    found = {TRAPS[case["trap"]](case["text"], Dice(mixed(seed)), pool) for seed in SEEDS_TOO} - {None}
    assert bool(found) == (case["becomes"] is not None)
    assert all(text != case["text"] and re.fullmatch(case["becomes"], text) for text in found)


def test_too_little_text_is_refused() -> None:
    with pytest.raises(ValueError, match="too little text"):
        pool_of(["Một dòng.\nHai dòng.\nBa dòng."])
