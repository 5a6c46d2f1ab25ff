"""A record becomes an event; what is odd about it is counted and hides nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from strategies.builders import NOW, row
from tidegate.engines.event import Observable, Role
from tidegate.engines.sieve import Sieve
from tidegate.indicators.kinds import IndicatorType as T
from tidegate.sources.event_problems import Problems
from tidegate.sources.event_record import Read, Reader, Setting, moment

SHA1 = "ab" * 20
RECORD: dict[str, Any] = {
    "Timestamp": "2026-01-10T11:00:00.1234567Z",
    "DeviceId": "d" * 40,
    "DeviceName": "ws-1.example.com",
    "ActionType": "FileCreated",
    "FileName": "a.exe",
    "FolderPath": "C:\\Temp",
    "SHA1": SHA1.upper(),
    "SHA256": "",
    "MD5": None,
    "InitiatingProcessSHA1": "cd" * 20,
    "InitiatingProcessFileName": "cmd.exe",
    "SignerHash": "ef" * 20,
    "ReportId": 42,
    "MachineGroup": "Clients",
}


def read(
    record: dict[str, Any], setting: Setting | None = None, sieve: Sieve | None = None
) -> tuple[Read | None, list[str]]:
    problems = Problems()
    reader = Reader(setting or Setting(NOW), problems, sieve)
    found = None if reader.quick()(record, 7) else reader.read(record, 7)
    assert all(p.lines == (7,) for p in problems)
    return found, [p.kind for p in problems]


def test_a_record_becomes_an_event() -> None:
    found, problems = read(RECORD)
    assert problems == []
    assert found is not None
    assert found.event == (
        "ws-1.example.com/42@2026-01-10T11:00:00.1234567Z",
        datetime(2026, 1, 10, 11, 0, 0, 123456, UTC),
        "ws-1.example.com",
        "Clients",
        "FileCreated",
        (
            Observable(Role.FILE, T.FILE_SHA1, SHA1),
            Observable(Role.PROCESS, T.FILE_SHA1, "cd" * 20),
            Observable(Role.CERTIFICATE, T.CERTIFICATE, "ef" * 20),
        ),
        "cmd.exe",
        "C:\\Temp",
    )


ODD = [
    ({"Timestamp": "soon"}, "no_time"),
    ({"Timestamp": None}, "no_time"),
    ({"Timestamp": 7}, "no_time"),
    ({"Timestamp": "2026-01-10T12:06:00Z"}, "future"),
    ({"SHA1": ""}, "missing_hash"),
    ({"SHA1": "xyz"}, "bad_value"),
    ({"SHA1": ["a"]}, "bad_value"),
    ({"SHA1": 12}, "bad_value"),
    ({"RemoteIP": "999.1.1.1"}, "bad_value"),
    ({"RemoteUrl": "https://"}, "bad_value"),
    ({"Foo\x1b": 1}, "unknown_column"),
]


@pytest.mark.parametrize(("change", "kind"), ODD)
@pytest.mark.parametrize("sieved", [False, True])
def test_what_is_odd_is_counted_with_its_line(
    change: dict[str, Any], kind: str, *, sieved: bool
) -> None:
    _, problems = read({**RECORD, **change}, sieve=Sieve([]) if sieved else None)
    assert kind in problems


@pytest.mark.parametrize("change", [change for change, _ in ODD])
def test_what_is_odd_does_not_hide_an_event(change: dict[str, Any]) -> None:
    sieve = Sieve([row(1, type=T.FILE_SHA1, value="cd" * 20)])
    found, _ = read({**RECORD, **change}, sieve=sieve)
    assert found is not None
    assert Observable(Role.PROCESS, T.FILE_SHA1, "cd" * 20) in found.event.observables


def test_the_sieve_holds_back_what_is_sound_and_not_named() -> None:
    assert read(RECORD, sieve=Sieve([])) == (None, [])


def test_a_time_that_cannot_be_read_is_now() -> None:
    found, _ = read({**RECORD, "Timestamp": "soon"})
    assert found is not None
    assert found.event.at == NOW


@pytest.mark.parametrize("sieved", [False, True])
def test_groups_come_from_the_record_or_the_devices(*, sieved: bool) -> None:
    sieve = Sieve([row(1, type=T.FILE_SHA1, value=SHA1)]) if sieved else None
    devices = {"ws-1.example.com": "Servers"}
    bare = {**RECORD, "MachineGroup": ""}
    setting = Setting(NOW, frozenset({"Servers"}), devices)
    found, problems = read(bare, setting, sieve)
    assert found is not None
    assert (found.event.group, problems) == ("Servers", [])
    found, problems = read({**bare, "DeviceName": "x"}, setting, sieve)
    assert found is not None
    assert (found.event.group, problems) == ("", ["unknown_device"])
    found, problems = read(RECORD, setting, sieve)
    assert found is not None
    assert (found.event.group, problems) == ("Clients", ["unknown_group"])


def test_groups_of_events_that_are_held_back_are_judged_too() -> None:
    assert read(RECORD, Setting(NOW, frozenset({"Servers"})), Sieve([])) == (
        None,
        ["unknown_group"],
    )


def test_findings_are_read() -> None:
    for text, wanted in (
        ("Malicious", "malicious"),
        ("NoThreatsFound", "clean"),
        ("No threats found", "clean"),
        ("", ""),
    ):
        found, problems = read({**RECORD, "Verdict": text})
        assert found is not None
        assert (found.finding, problems) == (wanted, [])
    assert read({**RECORD, "Verdict": "odd"})[1] == ["unknown_verdict"]


def test_without_a_report_id_what_it_shows_tells_events_apart() -> None:
    one = {**RECORD, "ReportId": None}
    found = [read({**one, **more})[0] for more in ({}, {}, {"SHA1": "00" * 20})]
    idents = [it.event.id for it in found if it is not None]
    assert idents[0] == idents[1] != idents[2]


def test_shapes_that_are_remembered_are_bounded() -> None:
    reader = Reader(Setting(NOW), Problems())
    for number in range(3000):
        reader.read({f"c{number}": 1}, 1)
    assert len(reader._shapes) <= 1000
    reader.read({"x" * 20_000: 1}, 1)
    assert ("x" * 20_000,) not in reader._shapes


def test_times_as_exports_write_them() -> None:
    noon = NOW
    for text in (
        "2026-01-10T12:00:00.0000000Z",
        "2026-01-10 12:00:00",
        "2026-01-10T13:00:00+01:00",
        "1/10/2026 12:00:00 PM",
        "Jan 10, 2026 12:00:00 PM",
    ):
        assert moment(text) == noon, text
    assert moment("0001-01-01T00:00:00+23:59") is None
    assert moment(None) is None
    assert noon - timedelta(0) == noon
