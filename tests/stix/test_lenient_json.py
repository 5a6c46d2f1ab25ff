"""One odd token costs one object; broken JSON is refused with its place; no depth crashes."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.stix.container import objects_in
from tidegate.stix.lenient_json import UNREADABLE, BrokenJson, decode, storable

ODD = {
    "an integer of 5,000 digits": b"9" * 5_000,
    "a negative one": b"-" + b"9" * 5_000,
    "not a number": b"NaN",
    "infinity": b"Infinity",
    "negative infinity": b"-Infinity",
    "beyond a double": b"1e999",
    "a lone high surrogate": rb'"\ud800"',
    "a lone low surrogate": rb'"a\udfffb"',
    "a byte that is no UTF-8": b'"\xff"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "an odd key": rb'{"\ud800": 1}',
    "odd deep inside": b'[[{"x": [NaN]}]]',
}


@pytest.mark.parametrize("token", ODD.values(), ids=ODD.keys())
def test_only_the_object_around_an_odd_token_is_lost(token: bytes) -> None:
    data = (
        b'{"type": "bundle", "id": "bundle--1", "objects": ['
        b'{"type": "indicator", "id": "indicator--1", "confidence": 50, "name": "\xc3\xbc"},'
        b'{"type": "indicator", "id": "indicator--2", "odd": ' + token + b"},"
        b'{"type": "indicator", "id": "indicator--3"}]}'
    )
    objects, junk = objects_in(decode(data))
    assert [each["id"] for each in objects] == ["indicator--1", "indicator--3"]
    assert objects[0] == {
        "type": "indicator",
        "id": "indicator--1",
        "confidence": 50,
        "name": "ü",
    }
    assert junk == 1


def test_numbers_are_read_as_the_fast_decoder_reads_them() -> None:
    numbers = [0, -1, 10**17, 10**18, 2**63 - 1, -(2**63), 2**64 - 1, 2**64, -(2**63) - 1, 10**30]
    text = json.dumps([*numbers, 1.5, -2e10]).encode()
    slow = decode(text[:-1] + b", NaN]")
    assert isinstance(slow, list)
    assert slow.pop() is UNREADABLE
    assert slow == orjson.loads(text)
    assert list(map(type, slow)) == list(map(type, orjson.loads(text)))


def test_an_odd_token_outside_objects_spoils_none() -> None:
    document = decode(b'{"objects": [{"id": "indicator--1"}, NaN], "x_score": NaN}')
    assert objects_in(document) == ([{"id": "indicator--1"}], 1)
    assert repr(UNREADABLE) == "(unreadable)"


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"", 1, 1),
        (b"{", 1, 2),
        (b'{"a": NaN,\n "b": }', 2, 7),  # not the odd token: the broken one
        (b'[1,\n2,\n"\\ud800", oops]', 3, 11),
        (b'{"a": 1} {"a": 2}', 1, 10),
        ('{"a": 1}'.encode("utf-16-le"), 1, 2),
    ],
)
def test_broken_json_is_refused_with_its_place(data: bytes, line: int, column: int) -> None:
    with pytest.raises(BrokenJson) as broken:
        decode(data)
    assert (broken.value.line, broken.value.column) == (line, column)
    assert str(broken.value) == f"line {line} column {column}: not JSON"


@pytest.mark.parametrize(
    "data", [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b"[" * 2_000]
)
def test_no_depth_crashes(data: bytes) -> None:
    with pytest.raises(BrokenJson, match=r"nested too deep|not JSON"):
        decode(data)


def test_an_object_too_deep_to_keep_costs_itself_alone() -> None:
    deep = b'{"id": "indicator--2", "x": ' + b"[" * 400 + b"]" * 400 + b"}"
    objects, junk = objects_in(decode(b'[{"id": "indicator--1"}, ' + deep + b"]"))
    assert (objects, junk) == ([{"id": "indicator--1"}], 1)


@given(st.binary(max_size=40))
def test_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        document = decode(data)
    except BrokenJson:
        return
    if storable(document):
        assert decode(orjson.dumps(document)) == document
