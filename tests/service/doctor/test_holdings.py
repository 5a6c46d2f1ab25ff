"""List and journal are read apart: each fault is told, with the snapshot and the command."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from strategies.builders import create, row
from strategies.stores import apply
from tidegate.errors import ExitCode
from tidegate.service.doctor.findings import Report
from tidegate.store.journal import Journal
from tidegate.store.storage import CheckpointStorage
from tidegate.store.tenant_store import TenantStore

Examine = Callable[..., Report]
Tree = Callable[[], dict[str, tuple[int, bytes]]]


def codes(report: Report) -> dict[str, str]:
    return {f.code: f.area for f in report.findings}


def flip(data: bytes) -> bytes:
    place = data.index(b"h3.example.com")
    return data[:place] + b"H" + data[place + 1 :]


def gone(*paths: Path) -> None:
    for path in paths:
        path.unlink()


def test_a_list_as_it_is_written_is_clean(store: TenantStore, look: Examine) -> None:
    report = look()
    assert report.findings == ()
    assert report.exit_code is ExitCode.DONE
    assert report.last_good == store.snapshots.all()[0].id
    counts = {area.area: dict(area.counts) for area in report.areas}
    assert counts["list"] == {"indicators": 6, "suppressions": 0, "serial": 2}
    assert counts["journal"] == {"changes": 2, "files": 1, "serial": 2}


def test_a_list_that_nobody_made_is_clean(look: Examine) -> None:
    report = look()
    assert report.findings == ()
    assert report.anchor is not None
    assert report.anchor.serial == 0


DAMAGE: dict[str, tuple[Callable[[TenantStore], object], dict[str, str]]] = {
    "bit flip in the list": (
        lambda s: (p := s.folder / "tenant.json").write_bytes(flip(p.read_bytes())),
        {"checkpoint_unreadable": "list"},
    ),
    "empty list": (
        lambda s: (s.folder / "tenant.json").write_bytes(b""),
        {"checkpoint_unreadable": "list"},
    ),
    "bit flip in the journal": (
        lambda s: s.journal.path.write_bytes(flip(s.journal.path.read_bytes())),
        {"broken": "journal"},
    ),
    "empty journal": (
        lambda s: s.journal.path.write_bytes(b""),
        {"journal_short": "journal"},
    ),
    "no journal": (
        lambda s: gone(s.journal.path),
        {"journal_short": "journal"},
    ),
    "no files but snapshots": (
        lambda s: gone(s.journal.path, s.folder / "tenant.json"),
        {"unreadable": "list"},
    ),
    "cut in the first record": (
        lambda s: os.truncate(s.journal.path, 100),
        {"journal_short": "journal", "incomplete_end": "journal"},
    ),
    "bit flips in both": (
        lambda s: [
            p.write_bytes(flip(p.read_bytes())) for p in (s.journal.path, s.folder / "tenant.json")
        ],
        {"checkpoint_unreadable": "list", "broken": "journal"},
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_with_snapshot_and_command_and_left_alone(
    store: TenantStore, look: Examine, name: str, tree: Tree
) -> None:
    harm, expected = DAMAGE[name]
    harm(store)
    before = tree()
    report = look()
    assert tree() == before
    assert report.exit_code is ExitCode.DAMAGED
    assert codes(report) == expected
    assert report.last_good == store.snapshots.all()[0].id
    for finding in report.faults:
        assert f"tidegate restore {report.last_good}" in finding.mend or finding.fixable
        assert "\n" not in finding.message


def test_a_sealed_list_that_is_not_its_history_is_found(store: TenantStore, look: Examine) -> None:
    storage = CheckpointStorage(store.folder / "tenant.json")
    tables = storage.read()
    assert tables is not None
    tables["indicators"].pop(row(5).id)
    tables["indicators"][row(4).id]["title"] = "another"
    tables["indicators"][row(3).id]["severity"] = "Huge"
    storage.write(tables)
    report = look()
    assert codes(report) == {"row_unreadable": "list", "lost": "list", "differs": "list"}
    assert report.exit_code is ExitCode.DAMAGED


def test_list_and_journal_of_two_lineages_are_found(store: TenantStore, look: Examine) -> None:
    other = TenantStore(store.folder.parent / "other")
    apply(other, *create(row(1)))
    (store.folder / "tenant.json").write_bytes((other.folder / "tenant.json").read_bytes())
    assert "other_lineage" in codes(look())


def test_a_list_whose_checkpoint_is_gone_is_a_warning(store: TenantStore, look: Examine) -> None:
    (store.folder / "tenant.json").unlink()
    report = look()
    assert (report.ok, codes(report)) == (True, {"checkpoint_missing": "list"})


def test_a_checkpoint_that_knows_of_later_changes_is_not_to_be_rebuilt(
    store: TenantStore, look: Examine
) -> None:
    apply(store, *create(*(row(n) for n in range(300, 600))))  # which renews the checkpoint
    path = store.journal.path
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    checkpoint = store.folder / "tenant.json"
    checkpoint.write_bytes(flip(checkpoint.read_bytes()))
    (found,) = look().faults
    assert (found.code, found.fixable) == ("checkpoint_unreadable", False)


@pytest.mark.parametrize("name", ["tenant.json", "journal.jsonl"])
def test_a_newer_schema_is_named_and_left_untouched(
    store: TenantStore, look: Examine, name: str, monkeypatch: pytest.MonkeyPatch, tree: Tree
) -> None:
    with monkeypatch.context() as newer:
        for module in ("entry", "storage", "state", "tenant_store"):
            newer.setattr(f"tidegate.store.{module}.SCHEMA", 99)
        late = TenantStore(store.folder.parent / "late")
        apply(late, *create(row(1)))
    (store.folder / name).write_bytes((late.folder / name).read_bytes())
    before = tree()
    report = look()
    (found,) = [f for f in report.faults if f.code == "too_new"]
    assert "newer Tidegate" in found.message
    assert not found.fixable
    assert report.exit_code is ExitCode.DAMAGED
    assert tree() == before


def test_a_change_of_settings_is_told_without_damage(store: TenantStore, look: Examine) -> None:
    (store.folder.parents[1] / "config.toml").write_text(
        'limit = 3\n[own]\ndomains = ["h3.example.com"]\n[guards]\ndocumentation = "warn"\n'
    )
    report = look()
    assert codes(report) == {"over_limit": "list", "guard_own": "list"}
    assert report.exit_code is ExitCode.USAGE


def test_a_broken_config_does_not_hide_a_damaged_list(store: TenantStore, look: Examine) -> None:
    (store.folder.parents[1] / "config.toml").write_text("limit = ")
    store.journal.path.write_bytes(b"x\n")
    report = look()
    assert {"config_unreadable", "broken"} <= codes(report).keys()
    assert report.exit_code is ExitCode.DAMAGED


def test_what_somebody_writes_meanwhile_is_no_loss(
    store: TenantStore, look: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = TenantStore(store.folder)
    original = Journal.entries
    number = iter(range(1_000, 2_000))

    def entries(self: Journal) -> object:
        apply(writer, *create(row(next(number))))
        return original(self)

    monkeypatch.setattr(Journal, "entries", entries)
    assert look().findings == ()


def test_journal_lines_that_are_json_and_no_entries_are_told(
    store: TenantStore, look: Examine
) -> None:
    store.journal.path.write_bytes(orjson.dumps({"sum": "a" * 64}) + b"\n")
    assert look().exit_code is ExitCode.DAMAGED
