"""A plan is held against what happened, and what is common is pointed out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import orjson
import pytest

from driving.homes import DOCUMENTATION
from strategies.builders import NOW, create, edit, plan, row
from tidegate.config import Home
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Action
from tidegate.indicators.plan import Change, SyncPlan
from tidegate.service.impact import MANY_DEVICES, MANY_EVENTS, Impact, preview
from tidegate.service.matching import Asked, Counts
from tidegate.service.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    (tmp_path / "config.toml").write_text(DOCUMENTATION)
    ws = Workspace.open(Home(tmp_path), clock=lambda: NOW)
    held = (row(1, action=Action.ALERT_ONLY), row(2, value="a.h3.example.com", action=Action.ALLOW))
    ws.store.apply(plan(create(*held), serial=0), limit=9, now=NOW, actor="a")
    return ws


def events(path: Path, *seen: tuple[str, str]) -> str:
    lines = [
        {
            "Timestamp": f"2026-01-10T{n % 12:02}:00:00Z",
            "ReportId": n,
            "DeviceName": device,
            "MachineGroup": "Clients",
            "RemoteUrl": url,
        }
        for n, (device, url) in enumerate(seen)
    ]
    path.write_bytes(b"\n".join(orjson.dumps(line) for line in lines) + b"\n")
    return str(path)


def look(ws: Workspace, made: SyncPlan, file: str) -> dict[str, Impact]:
    return {it.row.value: it for it in preview(ws, made, Asked((file,)), Counts())}


def test_each_new_row_is_counted(ws: Workspace, tmp_path: Path) -> None:
    file = events(
        tmp_path / "events",
        ("a", "h3.example.com"),
        ("b", "h3.example.com"),
        ("a", "a.h3.example.com"),
        ("a", "h9.example.com"),
    )
    made = plan(
        create(row(3), row(4), row(5, groups=("Servers",), value="h9.example.com")), serial=0
    )
    found = look(ws, made, file)
    three = found["h3.example.com"]
    assert (three.events, three.words["blocked"], three.overruled, three.alerts) == (3, 2, 1, 2)  # type: ignore[index]
    assert (three.devices, three.groups) == ({"a", "b"}, {"Clients"})
    assert three.first is not None
    assert three.last is not None
    assert (three.first.hour, three.last.hour) == (0, 2)
    assert found["h4.example.com"].events == 0
    assert found["h9.example.com"].events == 0, "it is for other devices"
    assert next(iter(found)) == "h3.example.com"


def test_a_changed_row_does_what_it_would_do_then(ws: Workspace, tmp_path: Path) -> None:
    file = events(tmp_path / "events", ("a", "h1.example.com"))
    before = next(it for it in ws.store.active(NOW) if it.value == "h1.example.com")
    found = look(ws, plan(edit(before, action=Action.BLOCK), serial=0), file)["h1.example.com"]
    assert (found.op, dict(found.words), found.alerts) == ("update", {"blocked": 1}, 0)


def test_rows_that_leave_do_not_overrule(ws: Workspace, tmp_path: Path) -> None:
    file = events(tmp_path / "events", ("a", "a.h3.example.com"))
    allow = next(it for it in ws.store.active(NOW) if it.action is Action.ALLOW)
    leaving: Change[Indicator] = Change(allow, None, "goes")
    found = look(ws, plan((*create(row(3)), leaving), serial=0), file)["h3.example.com"]
    assert (found.events, found.overruled) == (1, 0)


def test_what_the_brake_withholds_is_previewed_too(ws: Workspace, tmp_path: Path) -> None:
    file = events(tmp_path / "events", ("a", "h3.example.com"))
    made = dataclasses.replace(plan((), serial=0), held=tuple(create(row(3))))
    found = look(ws, made, file)["h3.example.com"]
    assert (found.held, found.events) == (True, 1)


def test_what_is_common_is_flagged_and_comes_first(ws: Workspace, tmp_path: Path) -> None:
    seen = [(f"d{n}", "quiet.example.net") for n in range(40)]
    seen += [(f"d{n}", "h3.example.com") for n in range(5)]
    seen += [("d1", "h4.example.com")] * 150 + [("d1", "h5.example.com")] * 10
    found = look(
        ws, plan(create(row(3), row(4), row(5)), serial=0), events(tmp_path / "events", *seen)
    )
    flags = {value: it.flags for value, it in found.items()}
    assert flags == {
        "h4.example.com": (MANY_EVENTS,),
        "h3.example.com": (MANY_DEVICES,),
        "h5.example.com": (),
    }
    assert list(flags)[-1] == "h5.example.com"
