"""Files of events go through the engines; what cannot be read costs itself only."""

from __future__ import annotations

from pathlib import Path
from random import Random

import orjson
import pytest

from driving.homes import DOCUMENTATION
from strategies.builders import NOW, create, plan, row
from tidegate.config import Home
from tidegate.engines.verdict import Engine, Word
from tidegate.errors import UsageError
from tidegate.service.matching import Asked, Counts, match
from tidegate.service.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    (tmp_path / "config.toml").write_text(DOCUMENTATION)
    ws = Workspace.open(Home(tmp_path), clock=lambda: NOW)
    ws.store.apply(
        plan(create(row(1), row(2, groups=("Servers",))), serial=0), limit=9, now=NOW, actor="a"
    )
    return ws


def events(path: Path, *urls: str, **more: str) -> str:
    lines = [
        {"Timestamp": "2026-01-10T11:00:00Z", "ReportId": n, "DeviceName": "d", "RemoteUrl": url}
        for n, url in enumerate(urls)
    ]
    path.write_bytes(b"\n".join(orjson.dumps({**line, **more}) for line in lines) + b"\n")
    return str(path)


def test_hits_are_handed_out_and_counted(ws: Workspace, tmp_path: Path) -> None:
    file = events(tmp_path / "a", "h1.example.com", "other.example.net", "https://h1.example.com/x")
    counts = Counts()
    found = list(match(ws, Asked((file,)), counts))
    assert [it.line for it in found] == [1, 3]
    assert (counts.events, counts.hits, counts.alerts) == (3, 2, 4)
    assert counts.words[Engine.ENDPOINT_PREVENTION, Word.BLOCKED] == 2
    assert counts.devices == {"d": 2}
    assert list(counts.rows.values()) == [2]


def test_misses_come_when_asked_for(ws: Workspace, tmp_path: Path) -> None:
    file = events(tmp_path / "a", "h1.example.com", "other.example.net")
    counts = Counts()
    found = list(match(ws, Asked((file,), misses=True), counts))
    assert [it.hit for it in found] == [True, False]
    assert counts.hits == 1


def test_groups_come_from_the_devices_file(ws: Workspace, tmp_path: Path) -> None:
    file = events(tmp_path / "a", "h2.example.com")
    assert list(match(ws, Asked((file,)), Counts())) == []
    (tmp_path / "devices").write_text("DeviceName,MachineGroup\nD,Servers\n")
    asked = Asked((file,), devices=str(tmp_path / "devices"))
    assert len(list(match(ws, asked, Counts()))) == 1


def test_a_file_that_cannot_be_read_is_left_out(ws: Workspace, tmp_path: Path) -> None:
    file = events(tmp_path / "a", "h1.example.com")
    counts = Counts()
    assert len(list(match(ws, Asked((str(tmp_path / "none"), file)), counts))) == 1
    assert [str(tmp_path / "none") in str(fault) for fault in counts.unread] == [True]


def test_nothing_that_could_be_read_is_an_error(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="none"):
        list(match(ws, Asked((str(tmp_path / "none"),)), Counts()))
    (tmp_path / "bad").write_text("{x\n{y\n")
    with pytest.raises(UsageError, match="no line could be read"):
        list(match(ws, Asked((str(tmp_path / "bad"),)), Counts()))
    (tmp_path / "empty").write_text("")
    assert list(match(ws, Asked((str(tmp_path / "empty"),)), Counts())) == []


def test_the_quick_way_finds_what_the_long_way_finds(ws: Workspace, tmp_path: Path) -> None:
    """The first asks a sieve; the second, as misses are wanted, reads and matches every event."""
    random = Random(11)  # noqa: S311 - the same events each time
    hosts = ("h1", "H1", "x.h1", "h2", "h3", "a_b.h2", "h1.", "h11")
    forms = ("{}.example.com", "https://{}.example.com/a", "http://{}.example.com:80", "{}.net")
    urls = [random.choice(forms).format(random.choice(hosts)) for _ in range(2000)]
    for group in ("", "Servers"):
        file = events(tmp_path / "a", *urls, MachineGroup=group)
        quick = list(match(ws, Asked((file,)), Counts()))
        whole = [it for it in match(ws, Asked((file,), misses=True), Counts()) if it.hit]
        assert quick == whole
        assert 100 < len(quick) < 2000


def test_a_long_reading_gives_signs_of_life(ws: Workspace, tmp_path: Path) -> None:
    heard: list[int] = []
    list(match(ws, Asked((events(tmp_path / "a", "b.net"),)), Counts(beat=heard.append)))
    assert heard == [1]
