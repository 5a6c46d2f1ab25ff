"""Snapshots, withheld plans and the ledger: what is wrong beside the list."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from driving.homes import FeedFolder, Watch, indicator, write_feed
from strategies.builders import NOW, create, plan, row
from strategies.stores import apply
from tidegate.config import Home
from tidegate.errors import ExitCode
from tidegate.ledger.judging import outstanding
from tidegate.ledger.ledger import Ledger
from tidegate.service.doctor.findings import Report
from tidegate.service.doctor.kept import look_at_ledger, look_at_plans, look_at_snapshots
from tidegate.service.sync import sync
from tidegate.service.workspace import Workspace
from tidegate.store.plan_file import write_plan
from tidegate.store.tenant_store import TenantStore

Examine = Callable[..., Report]


def test_the_last_good_snapshot_is_named_whatever_the_newer_ones_are(store: TenantStore) -> None:
    apply(store, *create(*(row(n) for n in range(100, 120))))
    newest, older = store.snapshots.all()
    newest.path.write_bytes(newest.path.read_bytes()[:-9])
    area, last_good = look_at_snapshots(store)
    (found,) = area.findings
    assert (found.code, found.level) == ("snapshot_unreadable", "fault")
    assert newest.path.name in found.message
    assert last_good == older.id


def test_no_snapshot_is_a_note(store: TenantStore) -> None:
    for snapshot in store.snapshots.all():
        snapshot.path.unlink()
    area, last_good = look_at_snapshots(store)
    assert [f.level for f in area.findings] == ["note"]
    assert last_good is None


def test_a_newer_schema_of_a_snapshot_is_a_fault_beside_a_good_list(
    store: TenantStore, look: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = store.snapshots.all()[0]
    snapshot.path.unlink()
    with monkeypatch.context() as newer:
        newer.setattr("tidegate.store.storage.SCHEMA", 99)
        store.snapshots.take(store.state(), "by a newer one", NOW)
    report = look()
    assert report.exit_code is ExitCode.USAGE
    assert "newer Tidegate" in report.faults[0].message


def test_what_is_held_is_read_or_told(store: TenantStore) -> None:
    path = store.folder / "held.json"
    write_plan(path, plan(create(row(1)), serial=1, door="sync"))
    assert look_at_plans(store).summary == "1 change held"
    path.write_bytes(path.read_bytes().replace(b"h1.", b"h2."))
    (found,) = look_at_plans(store).findings
    assert (found.code, found.level) == ("held_unreadable", "fault")


@pytest.fixture
def pulled(home: Home) -> Home:
    """A home whose ledger holds a feed with every kind of outcome."""
    watch = Watch()
    feed = write_feed(home.feeds_dir / "acme")
    FeedFolder(feed.folder).publish(
        [
            indicator(1),
            indicator(2, "[url:value LIKE 'x']"),
            indicator(3, revoked=True),
            {"type": "malware"},
        ],
        watch.now,
    )
    ws = Workspace.open(home, clock=watch)
    sync(ws)
    ws.close()
    return home


def test_a_ledger_whose_counts_add_up_is_ok(pulled: Home) -> None:
    before = {path: path.read_bytes() for path in pulled.root.glob("ledger*")}
    area = look_at_ledger(pulled.ledger_file)
    assert (area.findings, area.summary) == ((), "1 feed, counts add up")
    assert {path: path.read_bytes() for path in pulled.root.glob("ledger*")} == before


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE feed SET mapped = mapped + 1",
        "UPDATE feed SET indicators = 0",
        "DELETE FROM proposal",
    ],
)
def test_counts_of_a_ledger_that_do_not_add_up_are_warnings(pulled: Home, harm: str) -> None:
    link = sqlite3.connect(pulled.ledger_file)
    link.execute(harm)
    link.commit()
    link.close()
    area = look_at_ledger(pulled.ledger_file)
    assert {(f.code, f.level) for f in area.findings} == {("counts_differ", "warning")}
    assert "acme" in area.findings[0].message


def test_a_ledger_whose_first_evaluation_broke_off_after_an_upgrade_is_ok(pulled: Home) -> None:
    link = sqlite3.connect(pulled.ledger_file)
    for table in ("evaluated", "judged", "proposal", "rejection", "named"):
        link.execute(f"DELETE FROM {table}")  # noqa: S608 - our own table names
    link.commit()
    link.close()
    ledger = Ledger(pulled.ledger_file)
    assert outstanding(ledger, "acme", b"basis", 0, NOW, ()) is not None
    ledger.close()
    assert look_at_ledger(pulled.ledger_file).findings == ()


def test_a_ledger_of_a_newer_schema_is_left_untouched(pulled: Home) -> None:
    link = sqlite3.connect(pulled.ledger_file)
    link.execute("PRAGMA user_version = 99")
    link.close()
    before = pulled.ledger_file.read_bytes()
    (found,) = look_at_ledger(pulled.ledger_file).findings
    assert (found.code, found.level) == ("ledger_unreadable", "fault")
    assert "newer Tidegate" in found.message
    assert pulled.ledger_file.read_bytes() == before


def test_a_ledger_with_bytes_overwritten_is_a_fault(pulled: Home) -> None:
    data = bytearray(pulled.ledger_file.read_bytes())
    data[4096:-4096] = b"\x5a" * len(data[4096:-4096])
    pulled.ledger_file.write_bytes(data)
    area = look_at_ledger(pulled.ledger_file)
    assert area.verdict == "fault"
    assert all("sync again" in f.mend for f in area.findings)


def test_a_file_that_is_no_ledger_is_a_fault(pulled: Home) -> None:
    pulled.ledger_file.write_bytes(b"not a database, by far")
    assert look_at_ledger(pulled.ledger_file).verdict == "fault"


def test_refused_versions_of_whatever_object_are_no_difference(
    ws: Workspace, subscribe: Callable[..., FeedFolder]
) -> None:
    identity = {"type": "identity", "id": indicator(9)["id"].replace("indicator", "identity")}
    twice = [
        {**each, "modified": "2026-05-31T00:00:00Z", "name": name}
        for each in (identity, indicator(1))
        for name in ("one", "other")
    ]
    subscribe("acme", [*twice, indicator(2, modified="2026-05-31T00:00:00Z")])
    sync(ws)
    area = look_at_ledger(ws.home.ledger_file)
    assert (area.findings, area.summary) == ((), "1 feed, counts add up")
