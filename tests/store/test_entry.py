"""One line of the journal: sealed, chained, and nothing but what was written."""

from __future__ import annotations

import dataclasses
import hashlib

import orjson
import pytest

from strategies.builders import NOW, create, edit, remove, row, suppression
from tidegate.errors import StoreTooNew
from tidegate.indicators.plan import Change
from tidegate.store import entry as entries
from tidegate.store.entry import (
    GENESIS,
    STAMP_LENGTH,
    Entry,
    begins,
    build,
    decode,
    encode,
    excerpt,
    names,
    seal,
    split,
    sum_of,
    touched,
)
from tidegate.store.records import indicator_record

HEAD = "ef" * 32
ENTRY = Entry(
    serial=7,
    at=NOW,
    actor="ana",
    door="add",
    reason="a “reason”\nin two lines",
    changes=(*create(row(1)), *edit(row(2), note="x"), *remove(row(3))),
    suppressions=(Change(None, suppression(4), "kept out"),),
    undoes=3,
    lineage="ab" * 16,
)


def resealed(line: bytes) -> bytes:
    """The same line with a sum that fits."""
    body = b"{" + line[STAMP_LENGTH:-1]
    return b'{"sum":"' + hashlib.sha256(body).hexdigest().encode() + b'",' + body[1:] + b"\n"


def test_a_line_says_the_entry_and_what_it_follows() -> None:
    line, record, digest = encode(ENTRY, HEAD)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert orjson.loads(line) == record | {"sum": digest}
    assert decode(line, HEAD) == (orjson.loads(line), digest)
    assert build(orjson.loads(line)) == dataclasses.replace(ENTRY, sum=digest)
    assert digest == hashlib.sha256(b"{" + line[STAMP_LENGTH:-1]).hexdigest()


def test_the_same_entry_is_the_same_bytes_and_another_head_is_not() -> None:
    assert encode(ENTRY, HEAD) == encode(ENTRY, HEAD)
    assert encode(ENTRY, HEAD)[2] != encode(ENTRY, GENESIS)[2]


def test_records_at_hand_are_used_for_what_was_before() -> None:
    known = {row(2).id: indicator_record(row(2))}
    line, record, digest = encode(ENTRY, HEAD, known)
    assert (line, digest) == (encode(ENTRY, HEAD)[0], encode(ENTRY, HEAD)[2])
    assert record["changes"][1]["before"] is known[row(2).id]


def test_a_seal_needs_every_byte_and_the_line_before() -> None:
    line, _, digest = encode(ENTRY, HEAD)
    assert seal(line, HEAD) == seal(line, None) == digest
    with pytest.raises(ValueError, match="does not follow"):
        seal(line, GENESIS)
    for at in range(len(line)):
        for mask in (0x01, 0x07, 0x80):
            spoilt = line[:at] + bytes([line[at] ^ mask]) + line[at + 1 :]
            with pytest.raises(ValueError, match=r".+"):
                seal(spoilt, HEAD)
        with pytest.raises(ValueError, match=r".+"):
            seal(line[:at], HEAD)


def test_a_line_that_does_not_end_with_what_it_follows_is_refused() -> None:
    line, _, _ = encode(ENTRY, HEAD)
    moved = line.replace(b',"prev":"' + HEAD.encode() + b'"', b',"next":1')
    with pytest.raises(ValueError, match="does not say what it follows"):
        seal(resealed(moved), None)


def test_a_newer_schema_is_refused_as_newer() -> None:
    newer = resealed(encode(ENTRY, HEAD)[0].replace(b'"schema":3,', b'"schema":4,'))
    with pytest.raises(StoreTooNew, match="schema 4"):
        decode(newer, HEAD)


def test_the_sum_is_found_without_reading_on() -> None:
    line, _, digest = encode(ENTRY, HEAD)
    assert sum_of(line) == digest
    assert sum_of(b'{"serial":1}\n') == ""
    assert begins(line[:STAMP_LENGTH], digest)
    assert not begins(line[:STAMP_LENGTH], GENESIS)
    assert not begins(b"", digest)


def test_names_and_touched_tell_what_a_change_is_about() -> None:
    aliased = row(5, aliases=("FileMd5:" + "0" * 32,))
    entry = dataclasses.replace(ENTRY, changes=(*remove(row(3)), *create(aliased)))
    _, record, _ = encode(entry, HEAD)
    gone, new = record["changes"]
    assert names(gone, row(3).value)
    assert not names(gone, row(5).value)
    assert names(new, "0" * 32)
    values = {each.value for each in (row(3), row(5), suppression(4))}
    assert touched([record]) == values | {"0" * 32}, "other hashes of a file, too"
    moved, _, _ = encode(dataclasses.replace(ENTRY, changes=edit(row(1), value="to.example")), HEAD)
    assert {row(1).value, "to.example"} <= touched([orjson.loads(moved)])


CUT = ("h5.example.com", "0" * 32, "h1", "op", "", ",", "{", "[", '"', "changes", "suppressions")


@pytest.mark.parametrize("value", CUT)
@pytest.mark.parametrize("bare", [False, True], ids=["rows", "suppressions only"])
def test_an_excerpt_is_the_entry_with_the_changes_that_name_a_value(
    value: str, *, bare: bool
) -> None:
    hostile = row(
        5, title='],"suppressions":[{"op":"', note=',"changes":[{', aliases=("x:" + CUT[1],)
    )
    changes = () if bare else (*edit(row(1), note=CUT[0]), *create(hostile), *remove(hostile))
    entry = dataclasses.replace(
        ENTRY, reason=',"changes":[{"op":"],"suppressions":[', changes=changes
    )
    line, record, _ = encode(entry, HEAD)
    kept = [c for c, raw in zip(changes, record["changes"], strict=True) if names(raw, value)]
    found = excerpt(line, value)
    assert found.changes == tuple(kept)
    assert (found.serial, found.reason, found.at) == (entry.serial, entry.reason, entry.at)
    assert len(kept) == (2 if value in CUT[:2] and not bare else 0)


def test_an_excerpt_reads_no_more_of_a_bulk_than_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    bulk = dataclasses.replace(ENTRY, changes=create(*map(row, range(1_000))))
    line, _, _ = encode(bulk, HEAD)
    read: list[int] = []

    class Counting:
        dumps = staticmethod(orjson.dumps)

        @staticmethod
        def loads(text: bytes) -> object:
            read.append(len(text))
            return orjson.loads(text)

    monkeypatch.setattr(entries, "orjson", Counting)
    assert len(excerpt(line, "h500.example.com").changes) == 1
    assert sum(read) < len(line) / 100


@pytest.mark.parametrize("old", [b',"changes":[', b'],"suppressions":[', b'"after":'])
def test_an_excerpt_of_another_text_is_a_value_error(old: bytes) -> None:
    line, _, _ = encode(ENTRY, HEAD)
    with pytest.raises((ValueError, KeyError)):
        excerpt(line.replace(old, b"?"), row(1).value)


def test_records_run_together_are_told_apart() -> None:
    first, _, head = encode(ENTRY, HEAD)
    second, _, _ = encode(ENTRY, head)
    assert list(split(first)) == [first]
    for end in (b"#", b"\x0b"):
        assert list(split(first[:-1] + end + second)) == [first, second]
    assert list(split(first[:-9] + second)) == [first[:-9], second]
    assert list(split(first[:40])) == [first[:40]]
    quoting = dataclasses.replace(ENTRY, reason='it says {"sum":"x"')
    line, _, _ = encode(quoting, HEAD)
    assert list(split(line)) == [line]
