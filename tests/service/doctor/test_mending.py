"""`--fix` does what loses nothing, says so, and leaves everything else as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from strategies.builders import NOW, create, row
from strategies.stores import apply
from tidegate.config import Home
from tidegate.errors import StoreLocked
from tidegate.service.doctor.examine import examine, fix
from tidegate.service.doctor.findings import Report
from tidegate.service.doctor.mending import ASIDE
from tidegate.store.tenant_store import TenantStore

Tree = Callable[[], dict[str, tuple[int, bytes]]]


def fixed(home: Home) -> Report:
    return fix(home, clock=lambda: NOW, environ={})


def held(store: TenantStore) -> set[str]:
    return {one.value for one in TenantStore(store.folder).active(NOW)}


def test_nothing_wrong_is_nothing_done(home: Home, store: TenantStore, tree: Tree) -> None:
    before = tree()
    report = fixed(home)
    assert (report.ok, report.fixed) == (True, ())
    assert tree() == before


@pytest.mark.parametrize("tail", [b"{", b'{"sum":"12', b"\0" * 40, b"x" * 9000])
def test_an_incomplete_last_record_is_cut_off(home: Home, store: TenantStore, tail: bytes) -> None:
    path = store.journal.path
    whole = path.read_bytes()
    path.write_bytes(whole + tail)
    report = fixed(home)
    assert report.findings == ()
    assert len(report.fixed) == 1
    assert path.read_bytes() == whole
    apply(TenantStore(store.folder), *create(row(9)))
    assert examine(home, clock=lambda: NOW).findings == ()


@pytest.mark.parametrize("harm", [None, b"", b"{}", b"half a list"])
def test_a_checkpoint_is_written_anew_from_a_whole_journal(
    home: Home, store: TenantStore, harm: bytes | None
) -> None:
    path = store.folder / "tenant.json"
    before = held(store)
    path.unlink()
    if harm is not None:
        path.write_bytes(harm)
        path.chmod(0o600)
    report = fixed(home)
    assert report.findings == ()
    assert held(store) == before
    aside = store.folder / ASIDE
    assert (aside.read_bytes() if aside.exists() else None) == harm
    apply(TenantStore(store.folder), *create(row(9)))
    assert examine(home, clock=lambda: NOW).findings == ()


def test_what_the_journal_cannot_tell_is_left_alone(
    home: Home, store: TenantStore, tree: Tree
) -> None:
    for path in (store.journal.path, store.folder / "tenant.json"):
        data = path.read_bytes()
        path.write_bytes(data.replace(b"h3.", b"h4.", 1))
    before = tree()
    report = fixed(home)
    assert (report.exit_code, report.fixed) == (4, ())
    assert tree() == before


def test_a_record_cut_behind_the_checkpoint_is_left_alone(
    home: Home, store: TenantStore, tree: Tree
) -> None:
    apply(store, *create(*(row(n) for n in range(300, 600))))
    path = store.journal.path
    path.write_bytes(path.read_bytes()[:-40])
    before = tree()
    assert fixed(home).exit_code == 4
    assert tree() == before


def test_everything_is_mended_at_once_and_each_thing_said(home: Home, store: TenantStore) -> None:
    with store.journal.path.open("ab") as stream:
        stream.write(b"{")
    store.journal.path.chmod(0o644)
    (store.folder / "tenant.json").unlink()
    left = store.folder / ".tenant.json.0123456789ab.tmp"
    left.touch()
    report = fixed(home)
    assert left.exists()  # by the clock of the test, somebody is writing it now
    journal = store.journal.path.name
    assert [Path(said.partition(":")[0]).name for said in report.fixed] == [
        left.name,
        journal,
        journal,
        "tenant.json",
    ]
    assert report.findings == ()


def test_a_lock_that_is_held_stops_it_and_is_told(
    home: Home, store: TenantStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidegate.service.doctor.mending.exclusive", _busy)
    with store.journal.path.open("ab") as stream:
        stream.write(b"{")
    report = fixed(home)
    (found,) = report.faults
    assert (found.code, "in use" in found.message) == ("fix_failed", True)


def _busy(folder: Path) -> object:
    raise StoreLocked(f"{folder} is in use")
