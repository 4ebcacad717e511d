"""Outlines of a ledger: they say what the entries say, in the same order, and refuse what entries refuse."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cleaner.errors import StateError
from cleaner.io.ledger import Entry, FileHead, LedgerWriter, Skipped, digest, read_ledger
from cleaner.io.ledger_headers import Header, own_id, packed_digest
from cleaner.io.outlines import Outline, outlined
from cleaner.text.changes import Change, Place, Step, Suspect
from cleaner.text.edit import Edit
from cleaner.text.layout import Layout
from cleaner.text.recoded import Reading, Recoded

WORDS = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=12)  # with half characters
NAMES = st.sampled_from(["near", "exact", "vi.read_more", "end", "document"])
STAGES = st.sampled_from(["encoding", "near_duplicate", "end", "document"])
DIGESTS = st.binary(min_size=16, max_size=16).map(bytes.hex)
NUMBERS = st.integers(0, 99)
STEPS = st.builds(Step, STAGES, NAMES, st.none() | st.just((Edit(0, 1, "x"),)), st.none(), WORDS)
PLACES = st.builds(Place, WORDS, NUMBERS, WORDS, NUMBERS, NUMBERS, st.none() | WORDS, st.booleans())
CHANGES = st.builds(
    Change, st.integers(0, 9), NUMBERS, NUMBERS, NUMBERS, WORDS, st.booleans(),
    st.lists(STEPS, max_size=3).map(tuple), st.just(0), st.just(0), st.none() | st.floats(0, 100),
    st.none() | PLACES, WORDS,
)  # fmt: skip
SCORES = st.none() | st.floats(0, 100)
SUSPECTS = st.builds(Suspect, NUMBERS, NUMBERS, STAGES, NAMES, WORDS, WORDS, SCORES, st.none() | PLACES)
READINGS = st.builds(
    Reading,
    STAGES,
    st.just("nfc") | NAMES,
    st.sampled_from(["nfc/decomposed", "tcvn3/bytes"]),
    WORDS,
)
RECODED = st.builds(
    Recoded,
    st.lists(READINGS, min_size=1, max_size=2).map(tuple),
    st.sampled_from([((0, 9),), ((1, 1),), ((0, 2), (5, 5), (7, 9))]),
)
HEADERS = st.builds(
    Header, st.just(0), WORDS, st.just(("json",)), DIGESTS, DIGESTS, NUMBERS,
    st.none() | st.just(Layout("", (("\n", 3), ("", 1)))),
    source=WORDS, duplicate_of=st.none() | st.tuples(WORDS, NUMBERS, WORDS), recoded=st.none() | RECODED,
)  # fmt: skip
ENTRIES = st.builds(
    Entry,
    HEADERS,
    st.lists(CHANGES, max_size=3, unique_by=lambda change: change.paragraph).map(tuple),
    st.lists(SUSPECTS, max_size=2).map(tuple),
)
REASONS = st.text(max_size=12)  # why a record was skipped, which is ready to show
SKIPPED = st.builds(Skipped, st.just(0), REASONS, st.just(False), st.binary(max_size=50)) | st.builds(
    Skipped, st.just(0), REASONS, st.just(True)
)


def plain(entry: Entry) -> Entry:
    """Return an entry of which all paragraphs were recoded, and that brings no id."""
    header = entry.header
    total = header.kept + sum(change.dropped for change in entry.changes)
    recoded = Recoded(header.recoded.chain, ((0, total - 1),)) if header.recoded and total else None
    return Entry(replace(header, id="", recoded=recoded), entry.changes, entry.suspects)


def written(records: list[tuple[int, Entry | Skipped]], path: str = "sub/a.jsonl") -> bytes:
    """Return a ledger of records, each at a number; a header without an id gets the one it has by default."""
    file = io.BytesIO()
    writer = LedgerWriter(file, FileHead(path, "jsonl", "line", "keep"))
    for number, record in records:
        if isinstance(record, Skipped):
            writer.skip(number, record.reason, kept=record.kept)
            writer.add(record.data)
        else:
            identity = record.header.id or own_id(path, number, record.header.input_digest)
            header = replace(record.header, record=number, id=identity)
            writer.write(Entry(header, record.changes, record.suspects))
    writer.close()
    return file.getvalue()


def outlines_of(ledger: bytes) -> list[Outline]:
    return list(outlined(io.BytesIO(ledger), "the ledger")[1])


def refused(ledger: bytes) -> str:
    """Return the one line with which a ledger is refused."""
    with pytest.raises(StateError) as caught:
        outlines_of(ledger)
    assert caught.value.exit_code == 5 and "\n" not in str(caught.value)
    return str(caught.value)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(1, 4), ENTRIES | ENTRIES.map(plain) | SKIPPED), max_size=5))
def test_outlines_say_what_the_entries_say(steps: list[tuple[int, Entry | Skipped]]) -> None:
    numbers = [sum(step for step, _ in steps[: end + 1]) for end in range(len(steps))]
    ledger = written([(number, record) for number, (_, record) in zip(numbers, steps, strict=True)])
    head, everything = read_ledger(io.BytesIO(ledger), "the ledger")
    records = list(everything)
    entries = [record for record in records if isinstance(record, Entry)]
    outlines = outlines_of(ledger)
    assert outlined(io.BytesIO(ledger), "the ledger")[0] == head
    assert [outline.entry("the ledger") for outline in outlines] == entries
    for outline, entry in zip(outlines, entries, strict=True):
        header = entry.header
        assert (outline.path, outline.record, outline.id, outline.kept) == (
            "sub/a.jsonl", header.record, header.id, header.kept,
        )  # fmt: skip
        assert outline.source == (header.source or "sub")
        recoded = header.recoded
        read = set(recoded.numbers()) if recoded else set()
        chain = [(act.stage, act.rule) for act in recoded.chain] if recoded else []
        told = [(each.dropped, [(s.stage, s.rule) for s in each.steps]) for each in outline.changes]
        assert told == [
            (each.dropped, chain * (each.paragraph in read) + [(s.stage, s.rule) for s in each.steps])
            for each in entry.changes
        ]
        assert (outline.recoded is None) == (recoded is None)
        if outline.recoded:
            assert [(step.stage, step.rule) for step in outline.recoded.steps] == chain
            assert outline.recoded.paragraphs == len(read - {each.paragraph for each in entry.changes})
        texts = [(each.text, each.score) for each in outline.changes]
        assert texts == [(each.paragraph_source, each.score) for each in entry.changes]
        names = ("path", "record", "paragraph", "published")
        for told, change in zip(outline.changes, entry.changes, strict=True):
            sides = (told.survivor, change.survivor)
            stays, wanted = ([getattr(side, name) for name in names] if side else None for side in sides)
            assert stays == wanted
        suspects = [(each.stage, each.rule, each.paired, each.score) for each in outline.suspects]
        assert suspects == [
            (each.stage, each.rule, each.other is not None, each.score) for each in entry.suspects
        ]
    lost = {record.record for record in records if isinstance(record, Skipped) and not record.kept}
    before = 0
    for outline in outlines:
        between = [number for number in range(before + 1, outline.record) if number not in lost]
        assert outline.after == len(between)
        before = outline.record


@pytest.fixture(scope="module")
def ledger() -> bytes:
    place = Place("b.txt", 2, "id", 3, 4, "text\udc80", True)
    change = Change(1, 2, 3, 0, "gone\udc80 \n", True, (Step("repeats", "exact"),), 0, 2, 95.5, place, "why")
    suspect = Suspect(3, 4, "near_duplicate", "facts", "numbers", "12", 91.0, place)
    readings = (Reading("encoding", "nfc", "nfc/decomposed", "why"), Reading("later", "fold", "case/lower"))
    recoded = Recoded(readings, ((0, 3),))
    header = Header(
        1, "x", ("json",), "00" * 16, "ff" * 16, 2, source="báo", duplicate_of=("b", 1, "y"), recoded=recoded
    )
    return written([(1, Entry(header, (change,), (suspect,))), (2, Skipped(2, "why", False, b"data")),
                    (5, Entry(header, (change,)))])  # fmt: skip


def test_every_cut_is_refused(ledger: bytes) -> None:
    for end in range(len(ledger)):
        refused(ledger[:end])


@pytest.mark.parametrize("mask", [1, 4, 32, 128])
def test_every_flipped_bit_is_refused(ledger: bytes, mask: int) -> None:
    for at in range(len(ledger)):
        refused(ledger[:at] + bytes([ledger[at] ^ mask]) + ledger[at + 1 :])


@pytest.mark.parametrize("shift", [-1, 1, 5, 100_000])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_offset_that_points_elsewhere_is_refused(ledger: bytes, number: int, shift: int) -> None:
    *lines, last = ledger.splitlines(keepends=True)
    end = json.loads(last)
    end["offsets"][number] += shift
    said = refused(b"".join(lines) + json.dumps(end, separators=(",", ":")).encode() + b"\n")
    assert "its checksum does not match" in said


def with_checksum(lines: list[bytes]) -> bytes:
    """Return lines as a ledger whose offsets and checksum hold."""
    offsets, body = [], b""
    for line in lines:
        if line.startswith((b'{"document":', b'{"skipped":')):
            offsets.append(len(body))
        body += line
    end = {"end": packed_digest(digest(body))} | ({} if len(offsets) == 1 else {"offsets": offsets})
    return body + json.dumps(end, separators=(",", ":")).encode() + b"\n"


def test_a_checksum_alone_makes_no_fault(ledger: bytes) -> None:
    assert with_checksum(ledger.splitlines(keepends=True)[:-1]) == ledger


@pytest.mark.parametrize("value", ["null", "5", '"x"', "[]", "{}", '{"record":1}', '{"record":"1","kept":1}'])
@pytest.mark.parametrize("kind", ["document", "drop", "edit", "suspect", "skipped", "other"])
def test_a_first_entry_of_the_wrong_shape_is_refused(ledger: bytes, kind: str, value: str) -> None:
    head = ledger.splitlines(keepends=True)[0]
    refused(with_checksum([head, f'{{"{kind}":{value}}}\n'.encode()]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"record":5', b'"record":1'),
        (b'"id":"x"', b'"id":{"base64":"/w=="}'),
        (b'"id":"x"', b'"id":{"base64":"?"}'),
        (b'"id":"x"', b'"id":{}'),
        (b'"kept":2', b'"kept":"2"'),
        (b'"kept":2', b'"layout":5'),
        (b'"kept":2', b'"layout":[2]'),
        (b'"kept":2', b'"layout":[2,"x"]'),
        (b'"input":"AA', b'"input":"A'),
        (b'"input":"AA', b'"input":"A?'),
        (b'"input":"', b'"input_digest":"'),
        (b'"separators":[0,2]', b'"separators":[0]'),
        (b'"recoded":[[0,3]]', b'"recoded":[[0]]'),
        (b'"recoded":[[0,3]]', b'"recoded":[[0,"3"]]'),
        (b'["nfc/decomposed"', b"[5"),
        (b'["nfc/decomposed","why"]', b"[]"),
        (b'["nfc/decomposed","why"]', b'{"codec":"nfc/decomposed"}'),
        (b'"later.fold"', b"5"),
        (b'"chain":[', b'"chain":[5,'),
        (b'"drop":{"place":[1,', b'"drop":{"place":["1",'),
        (b'"drop":{"place":[1,2,3]', b'"drop":{"place":[1,2]'),
        (b'"by":"repeats.exact"', b'"by":5'),
        (b'"by":"repeats.exact"', b'"by":[{}]'),
        (b'"by":"repeats.exact"', b'"steps":"repeats.exact"'),
        (b'{"bytes":"gone\xc2\x80 \\n"}', b'{"bytes":"\xc4\x83"}'),
        (b'{"bytes":"gone\xc2\x80 \\n"}', b'{"base64":"?"}'),
        (b'"suspect":{"place":[3,4]', b'"suspect":{"place":[3]'),
        (b'"by":"near_duplicate.facts"', b'"rule":"near_duplicate.facts"'),
    ],
)
def test_an_entry_with_sound_checksum_and_wrong_values_is_refused(
    ledger: bytes, old: bytes, new: bytes
) -> None:
    lines = ledger.splitlines(keepends=True)[:-1]
    assert any(old in line for line in lines)
    refused(with_checksum([line.replace(old, new) for line in lines]))
