"""Files of the versions before are read and kept; files of a later version are left alone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest

from driving.homes import Cli
from strategies.builders import LIMIT, NOW, create, edit, plan, row, suppression
from strategies.stores import apply, contents
from tidegate.clock import stamp
from tidegate.errors import ExitCode, StoreTooNew
from tidegate.indicators.indicator import Indicator
from tidegate.indicators.kinds import Severity
from tidegate.store.entry import GENESIS, SCHEMA
from tidegate.store.records import indicator_record, suppression_record
from tidegate.store.recovery import Recovery
from tidegate.store.snapshots import UPGRADE
from tidegate.store.tenant_store import BULK, TenantStore

LINEAGE = "ab" * 16


def sealed(record: dict[str, Any]) -> tuple[bytes, str]:
    body = orjson.dumps(record)
    digest = hashlib.sha256(body).hexdigest()
    return b'{"sum":"' + digest.encode() + b'",' + body[1:] + b"\n", digest


def line(serial: int, head: str, schema: int, *rows: tuple[Indicator | None, Indicator]) -> Any:  # noqa: ANN401 - bytes and a sum
    changes = [
        {
            "op": "create" if before is None else "update",
            "reason": "r",
            "before": None if before is None else indicator_record(before),
            "after": indicator_record(after),
        }
        for before, after in rows
    ]
    kept_out = {"op": "create", "reason": "s", "before": None, "after": None}
    kept_out["after"] = suppression_record(suppression(9))  # type: ignore[assignment]
    return sealed(
        {
            "schema": schema,
            "serial": serial,
            "lineage": LINEAGE,
            "at": stamp(NOW),
            "actor": "old",
            "door": "add",
            "reason": "as the version before wrote it",
            "undoes": None,
            "changes": changes,
            "suppressions": [kept_out] if serial == 1 else [],
            "prev": head,
        }
    )


def checkpoint(schema: int, serial: int, offset: int, head: str, *rows: Indicator) -> bytes:
    """With `at` from schema 2 on."""
    envelope = {
        "schema": schema,
        "lineage": LINEAGE,
        "serial": serial,
        **({"at": stamp(NOW)} if schema > 1 else {}),
        "journal_offset": offset,
        "journal_head": head,
    }
    table = b",\n".join(
        orjson.dumps(each.id) + b":" + orjson.dumps(indicator_record(each)) for each in rows
    )
    note = suppression(9)
    notes = orjson.dumps(note.id) + b":" + orjson.dumps(suppression_record(note))
    content = (
        orjson.dumps(envelope)[1:-1]
        + b',\n"tables":{"indicators":{\n'
        + table
        + b'\n},\n"suppressions":{\n'
        + notes
        + b"\n}}}\n"
    )
    return b'{"sha256":"' + hashlib.sha256(content).hexdigest().encode() + b'",' + content


@pytest.fixture(name="old", params=[1, 2])
def _old(request: pytest.FixtureRequest) -> int:
    """Every schema that was written before."""
    return int(request.param)


@pytest.fixture(name="folder", params=["with a checkpoint", "journal alone"])
def _folder(tmp_path: Path, old: int, request: pytest.FixtureRequest) -> Path:
    """A home as a version before left it: three changes, the checkpoint at the second."""
    folder = tmp_path / "home" / "tenants" / "default"
    folder.mkdir(parents=True, mode=0o700)
    first, head_1 = line(1, GENESIS, old, (None, row(1)), (None, row(2)))
    second, head_2 = line(2, head_1, old, (row(1), edited(old)))
    third, _ = line(3, head_2, old, (None, row(3)))
    (folder / "journal.jsonl").write_bytes(first + second + third)
    if request.param == "with a checkpoint":
        offset = len(first) + len(second)
        content = checkpoint(old, 2, offset, head_2, edited(old), row(2))
        (folder / "tenant.json").write_bytes(content)
    for path in folder.iterdir():
        path.chmod(0o600)
    return folder


def edited(schema: int) -> Indicator:
    """A row with what the schema could say of one."""
    return row(1, note="x", **({"settled": {"severity": Severity.LOW}} if schema > 1 else {}))


def wanted_rows(schema: int) -> dict[str, Indicator]:
    return {each.id: each for each in (edited(schema), row(2), row(3))}


def test_an_older_schema_is_read_whole_and_left_untouched(folder: Path, old: int) -> None:
    before = contents(folder)
    store = TenantStore(folder)
    state = store.state()
    assert dict(state.rows) == wanted_rows(old)
    assert set(state.suppressions) == {suppression(9).id}
    assert (state.serial, state.lineage, state.at, state.schema) == (3, LINEAGE, NOW, old)
    assert [e.serial for e in store.entries()] == [1, 2, 3]
    assert [e.serial for e in store.journal.naming(row(1).value)] == [2, 1]
    assert Recovery(folder).fault() is None
    assert contents(folder) == before


def test_an_older_schema_is_kept_as_a_snapshot_by_the_first_write_which_writes_schema_3(
    folder: Path, old: int
) -> None:
    store = TenantStore(folder)
    journal = (folder / "journal.jsonl").read_bytes()
    apply(store, *edit(row(2), note="y"))
    (snapshot,) = store.snapshots.all()
    assert (snapshot.reason, snapshot.serial, snapshot.rows) == (UPGRADE, 3, 3)
    assert dict(store.snapshots.load(snapshot.id).rows) == wanted_rows(old)
    assert orjson.loads((folder / "tenant.json").read_bytes())["schema"] == SCHEMA == 3
    written = (folder / "journal.jsonl").read_bytes()
    assert written.startswith(journal)
    assert orjson.loads(written[len(journal) :])["schema"] == 3
    assert TenantStore(folder).state().schema == 3
    assert Recovery(folder).fault() is None
    apply(TenantStore(folder), *edit(row(3), note="z"))
    assert len(store.snapshots.all()) == 1, "only one upgrade"


def test_an_older_schema_upgraded_by_a_bulk_change_is_kept_as_an_upgrade(folder: Path) -> None:
    """Those stay for ever."""
    store = TenantStore(folder)
    apply(store, *create(*(row(n) for n in range(100, 100 + BULK))))
    assert [each.reason for each in store.snapshots.all()] == [UPGRADE]


def test_an_older_schema_is_not_upgraded_by_a_plan_that_is_refused(folder: Path) -> None:
    before = contents(folder)
    wanted = plan(create(row(1)), serial=3, lineage=LINEAGE)
    with pytest.raises(Exception, match="changed since"):
        TenantStore(folder).apply(wanted, limit=LIMIT, now=NOW, actor="ana")
    assert contents(folder) == before


def test_an_older_schema_that_was_damaged_is_brought_back_from_the_upgrade_on(folder: Path) -> None:
    store = TenantStore(folder)
    apply(store, *edit(row(2), note="y"))
    wanted = dict(store.state().rows)
    path = folder / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"actor":"old"', b'"actor":"new"', 1))
    Recovery(folder).recover("3", NOW, "ana")
    assert dict(TenantStore(folder).state().rows) == wanted


@pytest.mark.parametrize("name", ["tenant.json", "journal.jsonl", "both"])
def test_schema_4_is_refused_untouched(tmp_path: Path, name: str) -> None:
    """What this version promises to the next: it leaves its files alone."""
    cli = Cli(tmp_path / "home")
    folder = cli.home / "tenants" / "default"
    apply(TenantStore(folder), *create(row(1)))
    if name != "journal.jsonl":
        content = (folder / "tenant.json").read_bytes().replace(b'"schema":3,', b'"schema":4,')
        rest = content[content.index(b",") + 1 :]
        seal = b'{"sha256":"' + hashlib.sha256(rest).hexdigest().encode() + b'",'
        (folder / "tenant.json").write_bytes(seal + rest)
    if name != "tenant.json":
        path = folder / "journal.jsonl"
        (head,) = (p.position.head for p in TenantStore(folder).journal.lines())
        path.write_bytes(path.read_bytes() + line(2, head, 4, (None, row(2)))[0])
    before = contents(folder)
    store = TenantStore(folder)
    with pytest.raises(StoreTooNew, match="newer Tidegate"):
        store.state()
    wanted = plan(create(row(3)), serial=1)
    with pytest.raises(StoreTooNew):
        store.apply(wanted, limit=LIMIT, now=NOW, actor="ana")
    with pytest.raises(StoreTooNew):
        Recovery(folder).fault()
    with pytest.raises(StoreTooNew):
        Recovery(folder).recover("1", NOW, "ana")
    for words in (["list"], ["add", "h7.example.com", "--yes"], ["restore", "1", "--yes"]):
        ran = cli(*words)
        assert ran.code == ExitCode.DAMAGED, words
        assert "newer" in ran.err
    assert contents(folder) == before
