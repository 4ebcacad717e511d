"""The ledger: whatever is written comes back; a damaged, newer or foreign one is refused with one line."""

from __future__ import annotations

import io
import json
import os
import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import StateError
from cleaner.io.ledger import (
    BYTES_A_LINE,
    LEDGER_VERSION,
    Entry,
    FileHead,
    LedgerWriter,
    Skipped,
    digest,
    ledger_name,
    read_ledger,
)
from cleaner.io.ledger_headers import Header, packed_digest
from cleaner.io.ledger_records import packed, read_text
from cleaner.text.changes import Change, Place, Step, Suspect
from cleaner.text.edit import Edit
from cleaner.text.layout import Layout
from cleaner.text.recoded import Reading, Recoded

WORDS = st.text(st.characters() | st.characters(categories=["Cs"]), max_size=20)  # with half characters
NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=8)
RULES = NAMES | NAMES.map("vi.{}".format)
DIGESTS = st.binary(min_size=16, max_size=16).map(bytes.hex)
NUMBERS = st.integers(0, 10**9)
PLACES = st.builds(Place, WORDS, NUMBERS, WORDS, NUMBERS, NUMBERS, st.none() | WORDS, st.booleans())
EDITS = st.builds(Edit, NUMBERS, NUMBERS, WORDS)
STEPS = st.builds(
    Step,
    NAMES,
    RULES,
    st.none() | st.lists(EDITS, max_size=3).map(tuple),
    st.none() | st.tuples(NAMES, WORDS),
    st.just("") | WORDS,
)
READINGS = st.builds(
    Reading, st.just("encoding") | NAMES, st.just("nfc") | RULES,
    st.sampled_from(["nfc/decomposed", "tcvn3/bytes"]) | NAMES, st.just("") | WORDS,
)  # fmt: skip
RECODED = st.builds(
    Recoded,
    st.lists(READINGS, min_size=1, max_size=3).map(tuple),
    st.lists(st.tuples(NUMBERS, NUMBERS), max_size=3).map(tuple),
    st.lists(st.tuples(NUMBERS, st.lists(EDITS, min_size=1, max_size=2).map(tuple)), max_size=2).map(tuple),
)
SCORES = st.none() | st.floats(0, 100)
CHANGES = st.builds(
    Change, NUMBERS, NUMBERS, NUMBERS, NUMBERS, WORDS, st.booleans(), st.lists(STEPS, max_size=3).map(tuple),
    NUMBERS, NUMBERS, SCORES, st.none() | PLACES, WORDS,
)  # fmt: skip
SUSPECTS = st.builds(
    Suspect, NUMBERS, NUMBERS, NAMES, RULES, WORDS, WORDS, SCORES, st.none() | PLACES
)  # fmt: skip
RUNS = st.lists(st.tuples(st.sampled_from(["\n", "\n\n", "\r\n", ""]), st.just(1) | NUMBERS), max_size=3).map(
    tuple
)
HEADERS = st.builds(
    Header, NUMBERS, WORDS, st.lists(NAMES, min_size=1, max_size=2).map(tuple), DIGESTS, DIGESTS, NUMBERS,
    st.none() | st.builds(Layout, WORDS, RUNS), NUMBERS,
    st.lists(st.tuples(NUMBERS, NAMES), max_size=2).map(tuple),
    WORDS, st.none() | st.tuples(WORDS, NUMBERS, WORDS), st.none() | st.binary(max_size=9),
    st.none() | RECODED,
)  # fmt: skip
ENTRIES = st.builds(
    Entry, HEADERS, st.lists(CHANGES, max_size=3).map(tuple), st.lists(SUSPECTS, max_size=2).map(tuple)
)
SKIPPED = st.builds(Skipped, NUMBERS, NAMES, st.just(False), st.binary(max_size=50)) | st.builds(
    Skipped, NUMBERS, NAMES, st.just(True)
)
HEAD = FileHead("a.txt", "txt", "line", "keep")


def written(entries: list[Entry | Skipped], head: FileHead = HEAD) -> bytes:
    sink = io.BytesIO()
    writer = LedgerWriter(sink, head)
    for entry in entries:
        if isinstance(entry, Skipped):
            writer.skip(entry.record, entry.reason, kept=entry.kept)
            writer.add(entry.data)
        else:
            writer.write(entry)
    writer.close()
    return sink.getvalue()


def read(ledger: bytes) -> tuple[FileHead, list[Entry | Skipped]]:
    head, entries = read_ledger(io.BytesIO(ledger), "the ledger")
    return head, list(entries)


@given(WORDS, st.lists(ENTRIES | SKIPPED, max_size=4))
def test_any_record_comes_back(path, entries):
    head = FileHead(path, "jsonl", "line", "keep")
    ledger = written(entries, head)
    assert read(ledger) == (head, entries)
    for line in ledger.splitlines():
        assert isinstance(json.loads(line), dict)


@given(HEADERS, STEPS)
def test_fields_at_their_default_are_left_out(header, step):
    change = Change(0, 1, 0, 0, "", False, (step,))
    first, second = (json.loads(line) for line in written([Entry(header, (change,))]).splitlines()[1:3])
    assert ("chain" in first["document"]) == (header.recoded is not None)
    assert isinstance(second["edit"]["by"], str) == (step == Step(step.stage, step.rule))


A, B = "00" * 16, "ff" * 16  # digests, and how a ledger spells them
SPELLED_A, SPELLED_B = "A" * 22, "_" * 21 + "w"


def plain(path: str, *, layout: Layout | None, kept: int = 4) -> Entry:
    """Return an entry of a whole file, of which one paragraph went, and all were recoded."""
    chain = (Reading("encoding", "nfc", "nfc/decomposed"),)
    header = Header(0, path, ("utf-8",), A, B, kept, layout, recoded=Recoded(chain, ((0, 4),)))
    drop = Change(2, 3, 9, 0, "gone\n", True, (Step("near_duplicate", "exact"),), 0, 1,
                  survivor=Place("b.txt", 0, "b.txt", 3, 4))  # fmt: skip
    return Entry(header, (drop,))


def test_a_file_that_was_only_recoded_takes_few_words():
    entry = plain("a.txt", layout=Layout("", (("\n\n", 1), ("\n", 3))))
    ledger = written([entry], FileHead("a.txt"))
    head, document, change, end = map(json.loads, ledger.splitlines())
    assert head == {"ledger": LEDGER_VERSION, "path": "a.txt"}
    assert document["document"] == {
        "input": SPELLED_A, "clean": SPELLED_B, "layout": ["\n\n", "\n", 3], "chain": [["nfc/decomposed"]],
    }  # fmt: skip
    assert change["drop"] == {
        "place": [2, 3, 9], "source": "gone\n", "by": "near_duplicate.exact",
        "survivor": {"path": "b.txt", "place": [3, 4]},
    }  # fmt: skip
    assert list(end) == ["end"] and len(end["end"]) == 22
    assert read(ledger) == (FileHead("a.txt"), [entry])


@pytest.mark.parametrize("path", ["a.txt", "\udc80.txt"])
@pytest.mark.parametrize("kept", [3, 4, 5])
@pytest.mark.parametrize("layout", [None, Layout("", ()), Layout("\n", (("", 1),)), Layout("", (("", 0),))])
def test_what_is_near_a_default_comes_back(path, kept, layout):
    entry = plain(path, layout=layout, kept=kept)
    assert read(written([entry], FileHead(path)))[1] == [entry]


RECORDS = [
    pytest.param(Header(7, "a.jsonl#0123456789abcdef", ("json",), "0123456789abcdef" * 2, B, 1),
                 {"record": 7, "clean": SPELLED_B}, id="without an id field"),
    pytest.param(Header(7, "a.jsonl", ("json-ascii",), "0123456789abcdef" * 2, B, 1),
                 {"record": 7, "id": "a.jsonl", "codec": ["json-ascii"], "clean": SPELLED_B},
                 id="named like its file"),
    pytest.param(Header(7, "x", ("utf-8",), "0123456789abcdef" * 2, "0123456789abcdef" * 2, 1),
                 {"record": 7, "id": "x", "codec": ["utf-8"]}, id="unchanged"),
    pytest.param(Header(0, "x", ("json",), "0123456789abcdef" * 2, "0123456789abcdef" * 2, 1),
                 {"id": "x", "codec": ["json"]}, id="no record"),
]  # fmt: skip


@pytest.mark.parametrize(("header", "told"), RECORDS)
def test_the_default_of_a_record_is_not_that_of_a_file(header, told):
    ledger = written([Entry(header)], FileHead("a.jsonl", "jsonl", "line", "keep"))
    document = json.loads(ledger.splitlines()[1])["document"]
    assert document == told | {"input": "ASNFZ4mrze8BI0VniavN7w", "kept": 1}
    assert read(ledger)[1] == [Entry(header)]


@pytest.mark.parametrize("runs", [[2], [2, "\n"], 5, [["\n", 1]]])
def test_a_layout_of_the_wrong_shape_is_refused(runs):
    document = {"input": SPELLED_A, "kept": 1, "layout": runs}
    refused(with_checksum([{"ledger": LEDGER_VERSION, "path": "a.txt"}, {"document": document}]))


def test_a_skipped_record_of_any_length_comes_back():
    data = os.urandom(BYTES_A_LINE * 2 + 1)
    ledger = written([Skipped(3, "why", False, data)])
    assert read(ledger)[1] == [Skipped(3, "why", False, data)]
    assert max(map(len, ledger.splitlines())) < BYTES_A_LINE * 2


def test_the_last_line_tells_where_each_document_begins():
    header = Header(1, "x", ("json",), A, B, 1)
    ledger = written([Entry(header), Skipped(2, "why", False, b"data"), Entry(header)])
    offsets = json.loads(ledger.splitlines()[-1])["offsets"]
    starts = [next(iter(json.loads(ledger[at:].partition(b"\n")[0]))) for at in offsets]
    assert starts == ["document", "skipped", "document"]


@pytest.fixture(scope="module")
def ledger() -> bytes:
    place = Place("b.txt", 2, "id", 3, 4, "text\udc80", True)
    change = Change(1, 2, 3, 0, "gone\n", True, (Step("repeats", "exact"),), 0, 1, 95.5, place, "why")
    edited = Change(2, 3, 4, 5, "old", False, (Step("encoding", "x", (Edit(0, 1, "n"),), ("time", "8:05")),))
    suspect = Suspect(3, 4, "near_duplicate", "facts", "numbers", "12", 91.0, place)
    header = Header(0, "a.txt", ("utf-8",), A, B, 2, Layout("\n", (("\n", 3), ("", 1))), 4, ((1, "\\/"),))
    return written([Entry(header, (change, edited), (suspect,)), Skipped(2, "why", False, b"data")])


def refused(data: bytes) -> str:
    """Return the line with which a ledger is refused."""
    with pytest.raises(StateError) as caught:
        read(data)
    assert caught.value.exit_code == 5
    assert "\n" not in str(caught.value) and str(caught.value).startswith("the ledger: ")
    return str(caught.value)


def test_every_cut_is_refused(ledger):
    for end in range(len(ledger)):
        refused(ledger[:end])


@pytest.mark.parametrize("mask", [1, 2, 4, 8, 16, 32, 64, 128])
def test_every_flipped_bit_is_refused(ledger, mask):
    for at in range(len(ledger)):
        refused(ledger[:at] + bytes([ledger[at] ^ mask]) + ledger[at + 1 :])


@pytest.mark.parametrize("more", [b"\n", b" ", b'{"document": {}}\n', b"\0"])
def test_more_after_the_end_is_refused(ledger, more):
    refused(ledger + more)


def test_a_lost_or_doubled_or_swapped_line_is_refused(ledger):
    lines = ledger.splitlines(keepends=True)
    for number in range(len(lines)):
        refused(b"".join(lines[:number] + lines[number + 1 :]))
        refused(b"".join(lines[: number + 1] + lines[number:]))
        if 0 < number < len(lines) - 1:
            refused(b"".join([*lines[: number - 1], lines[number], lines[number - 1], *lines[number + 1 :]]))


def with_checksum(lines: list[object]) -> bytes:
    """Return lines as a ledger whose checksum holds."""
    body, offsets = b"", []
    for line in lines:
        if isinstance(line, dict) and line.keys() & {"document", "skipped"}:
            offsets.append(len(body))
        body += msgspec.json.encode(line) + b"\n"
    index = {} if len(offsets) == 1 else {"offsets": offsets}
    return body + msgspec.json.encode({"end": packed_digest(digest(body)), **index}) + b"\n"


def test_a_newer_ledger_is_refused_by_its_version(ledger):
    newer = with_checksum([{"ledger": LEDGER_VERSION + 1, "other": "fields"}])
    assert f"version {LEDGER_VERSION + 1}" in refused(newer)


FOREIGN = [
    b"",
    b"\n",
    b"{}\n",
    b"[]\n",
    b"null\n",
    b"\xff\xfe\n",
    b"\x1f\x8b\x08gzip",
    b"[" * 100_000,
    b'{"x": ' * 100_000,
    b'{"end": 5}\n',
    b'{"end": null}\n',
    with_checksum([{"text": "a record of somebody else"}]),
    with_checksum([{"ledger": "1"}]),
    with_checksum([{"ledger": LEDGER_VERSION}]),
    with_checksum([{"ledger": LEDGER_VERSION, "path": "a.txt", "format": 5}]),
    with_checksum([{"ledger": 1, "path": 5, "format": "txt", "paragraph": "", "layout": "", "versions": {}}]),
    with_checksum([{"ledger": 1, "path": "", "format": [], "paragraph": "", "layout": "", "versions": {}}]),
    with_checksum([{"ledger": 1, "path": "", "format": "txt", "paragraph": 1, "layout": "", "versions": []}]),
    with_checksum(
        [{"ledger": 1, "path": {"base64": 5}, "format": "", "paragraph": "", "layout": "", "versions": {}}]
    ),
]


@pytest.mark.parametrize("data", FOREIGN, ids=range(len(FOREIGN)))
def test_a_foreign_file_is_refused(data):
    refused(data)


def test_a_checksum_alone_makes_no_fault(ledger):
    assert with_checksum([json.loads(line) for line in ledger.splitlines()[:-1]]) == ledger


@pytest.mark.parametrize("value", [None, 5, "x", [], {}, {"record": 1}, {"paragraph": {}}])
@pytest.mark.parametrize("kind", ["document", "drop", "edit", "suspect", "skipped", "bytes"])
def test_an_entry_of_the_wrong_shape_is_refused(ledger, kind, value):
    head = json.loads(ledger.splitlines()[0])
    refused(with_checksum([head, {kind: value}]))


@pytest.mark.parametrize("spelled", ["", "A", SPELLED_A[1:], SPELLED_A + "A", A, "!" * 22, "é" * 22, 5, None])
@pytest.mark.parametrize("field", ["input", "clean"])
def test_a_digest_of_another_length_or_spelling_is_refused(field, spelled):
    document = {"input": SPELLED_A, "clean": SPELLED_B, "kept": 1}
    assert read(with_checksum([{"ledger": LEDGER_VERSION, "path": "a.txt"}, {"document": document}]))
    refused(
        with_checksum([
            {"ledger": LEDGER_VERSION, "path": "a.txt"}, {"document": document | {field: spelled}}
        ])
    )  # fmt: skip


TEXTS = [("é", "é"), ("a\udce9", {"bytes": "aé"}), ("é\udc80", {"bytes": "Ã©\x80"}),
         ("\ud83d", {"base64": "7aC9"}), ("\udc80\ud83d", {"base64": "7bKA7aC9"}),
         ("\udcc3\udca9", {"base64": "7bOD7bKp"})]  # fmt: skip


@pytest.mark.parametrize(("text", "spelled"), TEXTS)
def test_bytes_of_no_unicode_are_spelled_as_they_are_seen(text, spelled):
    assert packed(text) == spelled and read_text(spelled) == text


@pytest.mark.parametrize("spelled", [None, 5, [], {}, {"bytes": "ă"}, {"bytes": 5}, {"base64": "/w=="}])
def test_what_spells_no_text_is_refused(spelled):
    with pytest.raises((TypeError, ValueError, KeyError, AttributeError)):
        read_text(spelled)


SEPARATORS = [("a", 0, 0), ("a\n", 0, 1), ("\r\na", 2, 0), ("a\n", 0, 0), ("\n\n", 1, 1), ("\n", 0, 1),
              ("a \n", 0, 2), ("\n", 0, 0), ("", 0, 0)]  # fmt: skip


@pytest.mark.parametrize("dropped", [True, False])
@pytest.mark.parametrize(("source", "before", "after"), SEPARATORS)
def test_separators_come_back_whether_they_are_plain_or_not(source, before, after, dropped):
    change = Change(0, 1, 0, 0, source, dropped, (Step("a", "b"),), before, after)
    entry = Entry(Header(0, "a.txt", ("utf-8",), A, B, 0), (change,))
    assert read(written([entry]))[1] == [entry]


@given(
    st.lists(st.binary(min_size=1, max_size=255).filter(lambda name: b"/" not in name and b"\0" not in name))
)
def test_names_of_ledgers_are_one_to_one_and_never_too_long(names):
    ledgers = {ledger_name(name) for name in names}
    assert len(ledgers) == len(set(names))
    assert all(len(os.path.basename(name)) <= 255 for name in ledgers)


def test_long_names_that_differ_at_their_end_have_ledgers_of_their_own():
    names = [b"x/" + b"n" * 250 + end for end in (b"1.txt", b"2.txt")]
    first, second = map(ledger_name, names)
    assert first != second and os.path.dirname(first) == b"x"
