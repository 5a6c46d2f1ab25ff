"""The partners of a home."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tidegate.config import Home
from tidegate.errors import ExportError, PartnerDefinitionError, UsageError
from tidegate.partner import Partner, parse_partner
from tidegate.service import partners
from tidegate.service.workspace import Workspace


def written(home: Home, ident: str, text: str | None = None) -> Path:
    path = home.partners_dir / f"{ident}.toml"
    path.write_text(partners.template(ident) if text is None else text, "utf-8")
    return path


def test_the_template_is_a_profile(tmp_path: Path, ws: Workspace) -> None:
    path = tmp_path / "draft.toml"
    path.write_text(partners.template("sector-isac"), "utf-8")
    added = partners.add(ws, path)
    assert added == partners.find(ws, "sector-isac")
    target = ws.home.partners_dir / "sector-isac.toml"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="has a partner sector-isac already"):
        partners.add(ws, path)
    assert partners.add(ws, path, replacing=True) == added
    with pytest.raises(UsageError):
        partners.template("../x")


def test_a_broken_file_keeps_no_other_partner_away(ws: Workspace) -> None:
    written(ws.home, "good")
    written(ws.home, "odd", "id =")
    written(ws.home, "other", partners.template("another"))
    found = {entry.id: entry for entry in partners.entries(ws.home)}
    assert found["good"].partner is not None
    assert "line 1" in str(found["odd"].error)
    assert 'the file is "other.toml"' in str(found["other"].error)
    assert partners.find(ws, "good").id == "good"
    with pytest.raises(PartnerDefinitionError):
        partners.find(ws, "odd")


def test_nobody_of_that_name_is_answered_with_those_there_are(ws: Workspace) -> None:
    with pytest.raises(UsageError) as caught:
        partners.find(ws, "isac")
    assert "partners template" in caught.value.hint
    written(ws.home, "acme")
    for name in ("isac", "../config", "", "acme.toml"):
        with pytest.raises(UsageError) as caught:
            partners.find(ws, name)
        assert caught.value.hint == "known: acme"


def test_a_file_that_is_none_is_refused(tmp_path: Path, ws: Workspace) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        partners.add(ws, tmp_path)
    with pytest.raises(PartnerDefinitionError):
        partners.add(ws, tmp_path / "missing.toml")


def to(path: str) -> Partner:
    return parse_partner(
        {
            "id": "isac",
            "tlp_max": "green",
            "identity": "Example Corp",
            "delivery": {"kind": "file", "path": path},
        },
        "isac.toml",
    )


def test_a_delivery_never_writes_over_the_home(ws: Workspace, tmp_path: Path) -> None:
    root = ws.home.root
    for path in ("x.toml", f"{root}/config.toml", f"{root}/tenants/default/tenant.json", f"{root}"):
        with pytest.raises(ExportError, match="belongs to the home itself"):
            partners.place_of(ws, to(path))
    (tmp_path / "link").symlink_to(root / "tenants")
    with pytest.raises(ExportError):
        partners.place_of(ws, to(f"{tmp_path}/link/x.json"))
    for path in ("out/isac.json", f"{tmp_path}/isac.json"):
        assert partners.place_of(ws, to(path)) == ws.home.partners_dir


def test_what_was_sent_is_kept_by_tenant(ws: Workspace) -> None:
    path = partners.sent_path(ws, "isac")
    assert path == ws.home.tenant_dir("default") / "partners" / "isac.sent.json"
    assert partners.sent_to(ws, "isac").number == 1
