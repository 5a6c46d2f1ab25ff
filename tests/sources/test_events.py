"""Files of events are found out and read to their end."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.builders import NOW, row
from tidegate.engines.matcher import Matcher
from tidegate.engines.sieve import Sieve
from tidegate.errors import UsageError
from tidegate.sources.event_lines import Stream
from tidegate.sources.event_problems import Problems
from tidegate.sources.event_record import Read, Reader, Setting
from tidegate.sources.events import is_csv, open_events, read_events, read_records

LINE = {"Timestamp": "2026-01-10T11:00:00Z", "DeviceName": "ws", "RemoteUrl": "h1.example.com"}
MATCHER = Matcher([row(1)])


def read(data: bytes, sieve: Sieve | None = None) -> tuple[list[Read], Reader]:
    problems = Problems()
    reader = Reader(Setting(NOW), problems, sieve)
    found: Iterator[Read] = read_events(Stream(io.BytesIO(data), problems), "x", reader)
    return list(found), reader


def kinds(reader: Reader) -> list[tuple[str, tuple[int, ...]]]:
    return [(p.kind, p.lines) for p in reader.problems]


def test_json_lines_and_csv_give_the_same_events() -> None:
    csv = ",".join(LINE) + "\n" + ",".join(LINE.values()) + "\n"
    one, _ = read(orjson.dumps(LINE) + b"\n")
    two, _ = read(csv.encode())
    three, _ = read(gzip.compress(csv.encode("utf-16")))
    assert one[0].event == two[0].event == three[0].event
    assert (one[0].line, two[0].line) == (1, 2)


def test_envelopes_are_opened() -> None:
    inner = {k: v for k, v in LINE.items() if k != "Timestamp"}
    wrapped = {
        "time": LINE["Timestamp"],
        "category": "AdvancedHunting-DeviceNetworkEvents",
        "properties": inner,
    }
    for document in (
        {**wrapped, "properties": LINE},
        wrapped,
        {**wrapped, "properties": orjson.dumps(LINE).decode()},
        {"records": [{"properties": LINE}]},
    ):
        found, reader = read(orjson.dumps(document))
        assert [it.event.at.hour for it in found] == [11], document
        assert found[0].event.observables
        assert kinds(reader) == []


def test_bad_lines_are_counted_and_the_rest_goes_on() -> None:
    good = orjson.dumps(LINE)
    data = b"\n".join(
        [
            good,
            b"{broken",
            b"",
            b"[1]",
            b"null",
            b'"properties"',
            b'{"a":' * 200_000,
            b'{"records":[7]}',
            good.replace(b'"ws"', b'"\xe4"'),
            good.replace(b'"ws"', b'"\\ud800"'),
            good[:-1] + b',"Score":NaN}',
            good,
        ]
    )
    found, reader = read(data)
    assert [it.line for it in found] == [1, 9, 10, 11, 12]
    assert reader.count == 5
    assert kinds(reader) == [
        ("not_json", (2, 7)),
        ("not_an_object", (4, 5, 6)),
        ("encoding", (9,)),
        ("unknown_column", (11,)),
    ]


def test_a_sieve_counts_what_it_holds_back() -> None:
    other = {**LINE, "RemoteUrl": "other.example.net"}
    data = b"\n".join(orjson.dumps(it) for it in (LINE, other, other))
    found, reader = read(data, Sieve([row(1)]))
    assert [it.line for it in found] == [1]
    assert reader.count == 3


@pytest.mark.parametrize("data", [b"hello\nworld\n", b'[\n {"Timestamp": 1}\n]\n', b"\x00\x01\x02"])
def test_what_is_neither_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match="neither JSON Lines nor a CSV"):
        read(data)


def test_an_empty_file_holds_no_events() -> None:
    assert read(b"")[0] == read(b"\n\n")[0] == []


def test_a_first_line_that_is_broken_makes_no_csv() -> None:
    data = b"garbage\n" + orjson.dumps(LINE) + b"\n"
    found, reader = read(data)
    assert len(found) == 1
    assert kinds(reader) == [("not_json", (1,))]
    assert not is_csv(Stream(io.BytesIO(data), Problems()), "x")


def test_files_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        open_events(str(tmp_path))
    with pytest.raises(UsageError, match="no such file"):
        open_events(str(tmp_path / "none"))


def test_records_need_not_be_events() -> None:
    data = b'{"DeviceName":"a"}\n7\n'
    problems = Problems()
    found = list(read_records(Stream(io.BytesIO(data), problems), "x", problems))
    assert found == [(1, {"DeviceName": "a"})]
    assert [p.kind for p in problems] == ["not_an_object"]


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["h1.example.com", "https://h1.example.com/a", "2026-01-10T11:00:00Z", ""]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)
RECORDS = st.dictionaries(
    st.sampled_from(
        [
            *("Timestamp", "DeviceId", "DeviceName", "MachineGroup", "ActionType", "FileName"),
            *("SHA1", "SHA256", "MD5", "RemoteIP", "RemoteUrl", "SignerHash", "ReportId"),
            *("Verdict", "properties", "records", "time", "Odd", "FolderPath"),
        ]
    ),
    JUNK,
    max_size=8,
)


@given(st.lists(RECORDS | JUNK, max_size=6))
def test_nothing_in_a_line_stops_the_reading(documents: list[object]) -> None:
    data = b'{"DeviceName":"d"}\n' + b"\n".join(
        json.dumps(document).encode("utf-8", "surrogatepass") for document in documents
    )
    for setting in (Setting(NOW), Setting(NOW, frozenset({"G"}), {"d": "G"})):
        results = []
        for sieve in (None, Sieve([row(1)])):
            problems = Problems()
            reader = Reader(setting, problems, sieve, census=set())
            found = list(read_events(Stream(io.BytesIO(data), problems), "x", reader))
            hits = [it for it in found if MATCHER.matches(it.event)]
            results.append((reader.count, hits))
        assert results[0] == results[1]


@given(st.binary(max_size=200), st.sampled_from([b"", b"Timestamp,RemoteUrl\n", b'{"a":1}\n']))
def test_no_bytes_stop_the_reading(data: bytes, start: bytes) -> None:
    with contextlib.suppress(UsageError):
        read(start + data)
