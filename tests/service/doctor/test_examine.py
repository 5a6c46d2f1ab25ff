"""doctor as tests and people call it: writes nothing, hides nothing, whatever it finds."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from strategies.builders import NOW
from tidegate.config import Home
from tidegate.errors import ExitCode, UsageError
from tidegate.service.doctor import examine as examining
from tidegate.service.doctor.examine import examine, fix
from tidegate.service.doctor.findings import Report
from tidegate.store.tenant_store import TenantStore

Examine = Callable[..., Report]
AREAS = [
    "home", "config", "feeds", "list", "journal", "snapshots", "plans", "partners", "ledger",
    "permissions", "leftovers", "clock",
]  # fmt: skip


def test_doctor_looks_at_every_area(store: TenantStore, look: Examine) -> None:
    assert [area.area for area in look().areas] == AREAS


def test_doctor_writes_nothing(home: Home, store: TenantStore, look: Examine) -> None:
    def seen() -> dict[Path, tuple[int, int, int]]:
        found = {path: path.stat() for path in home.root.rglob("*")}
        return {path: (s.st_mtime_ns, s.st_size, s.st_mode) for path, s in found.items()}

    before = seen()
    look()
    assert seen() == before


def test_doctor_of_no_home_makes_none(tmp_path: Path) -> None:
    for run in (examine, fix):
        report = run(Home(tmp_path / "nowhere"))
        assert [f.code for f in report.findings] == ["no_home"]
        assert report.exit_code is ExitCode.DONE
    assert not (tmp_path / "nowhere").exists()


def test_doctor_of_a_tenant_that_is_not_there_names_those_that_are(
    home: Home, store: TenantStore
) -> None:
    (found,) = examine(home, "other", clock=lambda: NOW).findings
    assert (found.code, found.level) == ("no_tenant", "warning")
    assert "but default" in found.message


def test_doctor_of_an_empty_folder_makes_nothing_in_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert examine(Home(tmp_path)).findings == ()
    assert list(tmp_path.iterdir()) == []


def test_doctor_refuses_what_is_no_tenant(home: Home) -> None:
    with pytest.raises(UsageError, match="no tenant name"):
        examine(home, "../../x")


def test_doctor_goes_on_where_one_area_fails(
    store: TenantStore, look: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise RecursionError("nobody thought of this")

    for name in [name for name in vars(examining) if name.startswith("look_at_")]:
        if name == "look_at_config":
            continue
        with monkeypatch.context() as patch:
            patch.setattr(examining, name, broken)
            report = look()
        assert not report.ok
        assert "nobody thought of this" in report.faults[0].message
        assert len(report.areas) >= len(AREAS) - 1


def test_doctor_survives_any_bytes_in_any_file(
    home: Home, store: TenantStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file in turn is cut, emptied or overwritten; the examination ends, and names it."""
    monkeypatch.setattr("tidegate.service.doctor.history._PAUSE", 0.0)
    chance = random.Random(5)  # noqa: S311 - repeatable, no secret
    files = [
        home.config_file, store.folder / "tenant.json", store.journal.path,
        store.snapshots.all()[0].path,
    ]  # fmt: skip
    for path in files:
        whole = path.read_bytes()
        for _ in range(8):
            data = bytearray(whole)
            place = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    del data[place:]
                case 1:
                    data[place] ^= 1 << chance.randrange(8)
                case _:
                    data[place : place + 20] = chance.randbytes(20)
            path.write_bytes(data)
            report = examine(home, clock=lambda: NOW, environ={})
            assert report.record()
            if path.parent.name == "default" and bytes(data) != whole:
                assert report.findings
            path.write_bytes(whole)
    assert examine(home, clock=lambda: NOW, environ={}).findings == ()


@pytest.mark.parametrize("name", ["tenant.json", "journal.jsonl", "*"])
def test_doctor_tells_files_that_are_closed_to_it(
    store: TenantStore, look: Examine, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """By what the system says: root, who runs some tests, may open anything."""
    original = os.open

    def closed(path: str | Path, *args: int, **more: int) -> int:
        if Path(path).parent == store.folder and Path(path).match(name):
            raise PermissionError(13, "Permission denied", str(path))
        return original(path, *args, **more)

    monkeypatch.setattr(os, "open", closed)
    report = look()
    assert report.exit_code is ExitCode.USAGE
    assert {f.code for f in report.faults} == {"unreadable"}
    assert all(f.mend == "check its owner and mode" and not f.fixable for f in report.faults)
    assert [area.area for area in report.areas] == AREAS
