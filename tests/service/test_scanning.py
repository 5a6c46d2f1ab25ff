"""Scanning twice raises nothing twice, and what the list learns finds old events."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from driving.homes import DOCUMENTATION, Watch
from strategies.builders import create, plan, row
from tidegate.config import Home
from tidegate.errors import UsageError
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action
from tidegate.indicators.plan import Change
from tidegate.service.matching import Asked, Counts
from tidegate.service.scanning import scan
from tidegate.service.workspace import Workspace


class Stage:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.file = root / "events.jsonl"
        self.watch = Watch()
        home = root / "home"
        home.mkdir()
        (home / "config.toml").write_text(DOCUMENTATION)
        self.home = home
        self.counts = Counts()

    def workspace(self, *, read_only: bool = False) -> Workspace:
        return Workspace.open(Home(self.home), read_only=read_only, clock=self.watch)

    def put(self, *changes: Change[Indicator]) -> None:
        ws = self.workspace()
        state = ws.store.state()
        made = plan(changes, serial=state.serial, lineage=state.lineage)
        ws.store.apply(made, limit=99, now=self.watch(), actor="a")
        ws.close()

    def append(self, *urls: str, end: str = "\n") -> None:
        with self.file.open("ab") as stream:
            for url in urls:
                record = {"Timestamp": "2026-06-01T11:00:00Z", "DeviceName": "d", "RemoteUrl": url}
                stream.write(orjson.dumps(record) + end.encode())

    def scan(
        self,
        file: Path | None = None,
        *,
        read_only: bool = False,
        settle: Callable[[], None] = lambda: None,
        devices: str | None = None,
    ) -> list[str]:
        """What is raised, by what the event shows."""
        ws = self.workspace(read_only=read_only)
        self.counts = Counts()
        asked = Asked((str(file or self.file),), devices=devices)
        found = [
            judged.event.observables[0].value
            for judged in scan(ws, "nightly", asked, self.counts, settle)
        ]
        ws.close()
        return found


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.put(*create(row(1)))
    made.append("h1.example.com", "h2.example.com", "x.h1.example.com", "h1.example.com")
    return made


def test_scanning_twice_raises_nothing_twice(stage: Stage) -> None:
    assert stage.scan() == ["h1.example.com", "x.h1.example.com"]
    assert stage.counts.events == 4
    assert stage.scan() == []
    assert stage.counts.events == 0, "what was read is not read again"


def test_adding_an_indicator_finds_old_events(stage: Stage) -> None:
    stage.scan()
    stage.put(*create(row(2)))
    assert stage.scan() == ["h2.example.com"]
    assert stage.counts.events == 4
    assert stage.scan() == []


def test_a_row_that_expires_no_longer_shields_old_events(stage: Stage) -> None:
    ends = stage.watch.now.replace(hour=13)
    stage.put(*create(row(3, value="x.h1.example.com", action=Action.ALLOW, expires=ends)))
    assert stage.scan() == ["h1.example.com"]
    stage.watch.turn(hours=2)
    assert stage.scan() == ["x.h1.example.com"]


def test_a_file_that_grows_is_read_from_where_it_ended(stage: Stage) -> None:
    stage.scan()
    stage.append("y.h1.example.com")
    assert stage.scan() == ["y.h1.example.com"]
    assert stage.counts.events == 1


def test_a_line_that_is_still_being_written_is_read_again(stage: Stage) -> None:
    with stage.file.open("ab") as stream:
        stream.write(b'{"RemoteUrl":"y.h1')
    stage.scan()
    assert [(it.kind, it.lines) for it in stage.counts.problems] == [("not_json", (5,))]
    with stage.file.open("ab") as stream:
        stream.write(b'.example.com"}\n{x\n')
    assert stage.scan() == ["y.h1.example.com"]
    found = {(it.kind, it.lines) for it in stage.counts.problems}
    assert found == {("no_time", (5,)), ("not_json", (6,))}, "numbered as in the whole file"


@pytest.mark.parametrize("change", ["rotated", "cut", "rewritten"])
def test_another_file_of_the_same_name_is_read_from_its_beginning(
    stage: Stage, change: str
) -> None:
    stage.scan()
    if change == "rotated":
        stage.file.unlink()
    else:
        text = stage.file.read_bytes()
        stage.file.write_bytes(text[: len(text) // 2] if change == "cut" else b" " + text)
    stage.append("z.h1.example.com")
    assert stage.scan() == ["z.h1.example.com"] * (change != "cut")
    assert stage.counts.events >= 1


def test_groups_that_change_are_judged_again(stage: Stage) -> None:
    stage.put(*create(row(2, groups=("Servers",))))
    stage.scan()
    devices = stage.root / "devices.csv"
    devices.write_text("DeviceName,MachineGroup\nd,Servers\n")
    assert stage.scan(devices=str(devices)) == ["h2.example.com"]


def test_files_that_keep_no_place_raise_nothing_twice_either(stage: Stage) -> None:
    packed = stage.root / "events.gz"
    packed.write_bytes(gzip.compress(stage.file.read_bytes()))
    table = stage.root / "events.csv"
    table.write_text("Timestamp,RemoteUrl\n2026-06-01T11:00:00Z,h1.example.com\n")
    for file, count in ((packed, 2), (table, 1)):
        assert len(stage.scan(file)) == count
        assert stage.scan(file) == []
        assert stage.counts.events > 0


def test_reading_only_remembers_nothing(stage: Stage) -> None:
    assert len(stage.scan(read_only=True)) == 2
    assert len(stage.scan(read_only=True)) == 2
    stage.scan()
    assert stage.scan(read_only=True) == []


def test_what_was_not_taken_is_raised_again(stage: Stage) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        stage.scan(settle=fail)
    assert len(stage.scan()) == 2


def test_a_name_is_plain(stage: Stage) -> None:
    ws = stage.workspace()
    with pytest.raises(UsageError, match="no name for a scan"):
        list(scan(ws, "../x", Asked(("-",)), Counts(), lambda: None))
    ws.close()
