"""perms: what others could read or change is told, and set right without leaving the home."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tidegate.config import Home
from tidegate.service.doctor.findings import Finding
from tidegate.service.doctor.permissions import look_at_permissions, mend
from tidegate.store.tenant_store import TenantStore

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes are not Windows's")


def found(home: Home) -> dict[str, Finding]:
    return {f.message.partition(" ")[0]: f for f in look_at_permissions(home.root).findings}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_perms_of_what_we_make_are_private(home: Home, store: TenantStore) -> None:
    assert found(home) == {}
    assert store.folder.is_dir()


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o666])
def test_perms_of_the_list_that_others_have_are_a_fault(
    home: Home, store: TenantStore, bits: int
) -> None:
    path = store.folder / "tenant.json"
    path.chmod(bits)
    finding = found(home)[str(path)]
    assert (finding.code, finding.level, finding.fixable) == ("mode", "fault", True)
    assert f"{bits:04o}" in finding.message


@pytest.mark.parametrize("bits", [0o000, 0o200, 0o400, 0o444])
def test_perms_that_close_a_file_to_its_owner_are_a_fault_for_people_to_mend(
    home: Home, store: TenantStore, bits: int
) -> None:
    path = store.journal.path
    path.chmod(bits)
    finding = found(home)[str(path)]
    assert (finding.code, finding.fixable, finding.mend) == ("closed", False, f"chmod 600 {path}")
    home.config_file.chmod(bits)
    closed = str(home.config_file) in found(home) and found(home)[str(home.config_file)].code
    assert (closed == "closed") == (not bits & 0o400)


def test_perms_of_what_people_write_may_be_readable_but_not_writable(home: Home) -> None:
    home.config_file.chmod(0o644)
    home.root.chmod(0o755)
    assert {f.level for f in found(home).values()} == {"warning"}
    home.config_file.chmod(0o646)
    assert found(home)[str(home.config_file)].level == "fault"


def test_perms_are_mended_each_told_and_then_clean(home: Home, store: TenantStore) -> None:
    loose = [home.root, home.config_file, store.folder, store.journal.path]
    for path in loose:
        path.chmod(0o777)
    told = list(mend(home.root))
    assert [line.partition(":")[0] for line in told] == [str(p) for p in loose]
    assert [mode(p) for p in loose] == [0o700, 0o600, 0o700, 0o600]
    assert found(home) == {}
    assert list(mend(home.root)) == []


def test_perms_outside_the_home_are_never_touched(
    home: Home, store: TenantStore, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    secret = outside / "secret"
    secret.write_text("x")
    for path, bits in ((outside, 0o755), (secret, 0o644)):
        path.chmod(bits)
    (store.folder / "link").symlink_to(secret)
    (home.feeds_dir / "folder").symlink_to(outside)
    os.link(secret, store.folder / "twin")
    assert list(mend(home.root)) == []
    assert (mode(outside), mode(secret)) == (0o755, 0o644)
    findings = found(home)
    assert findings[str(store.folder / "link")].code == "symlink"
    assert findings[str(home.feeds_dir / "folder")].code == "symlink"
    twin = findings[str(store.folder / "twin")]
    assert (twin.fixable, twin.mend) == (False, f"chmod 600 {store.folder / 'twin'}")


def test_perms_of_a_home_reached_by_a_link_are_mended(home: Home, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(home.root)
    home.root.chmod(0o755)
    assert list(mend(link))
    assert mode(home.root) == 0o700


def test_perms_tell_what_is_neither_file_nor_folder(home: Home) -> None:
    os.mkfifo(home.root / "pipe", 0o600)
    assert found(home)[str(home.root / "pipe")].code == "special_file"
    assert list(mend(home.root)) == []


def test_perms_tell_files_of_another_owner(home: Home, store: TenantStore) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(store.journal.path, 12345, -1)
    store.journal.path.chmod(0o644)
    assert list(mend(home.root)) == []
    finding = look_at_permissions(home.root).findings[0]
    assert (finding.code, finding.level) == ("owner", "fault")
    assert finding.mend.startswith("chown 0 ")
