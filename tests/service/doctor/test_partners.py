"""What the doctor says of partners."""

from __future__ import annotations

from pathlib import Path

import pytest

from driving.homes import Cli, indicator, write_feed
from tidegate.config import Home
from tidegate.service.doctor.partners import look_at_partners
from tidegate.store import sent_file
from tidegate.store.sent_file import read_sent, write_sent


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> Cli:
    cli = Cli(tmp_path / "home")
    feed = write_feed(tmp_path / "acme", [indicator(1)])
    cli.subscribe(feed.folder)
    cli.sync()
    profile = tmp_path / "isac.toml"
    text = cli("partners", "template", "isac").out
    profile.write_text(text.replace("/srv/partners", str(tmp_path)), "utf-8")
    cli("partners", "add", str(profile))
    assert cli("export", "--partner", "isac", "--send").code == 0
    return cli


def looked(cli: Cli) -> list[tuple[str, str]]:
    home = Home(cli.home)
    found = look_at_partners(home, home.tenant_dir("default"))
    return [(finding.level.value, finding.code) for finding in found.findings]


def sent(cli: Cli) -> Path:
    return cli.home / "tenants" / "default" / "partners" / "isac.sent.json"


def test_a_home_that_delivered_is_well(cli: Cli) -> None:
    assert looked(cli) == []
    ran = cli("doctor")
    assert ran.code == 0
    assert "1 partner, 1 with deliveries" in ran.out


def test_what_cannot_be_read_is_a_fault(cli: Cli) -> None:
    sent(cli).write_bytes(sent(cli).read_bytes()[:-5])
    (cli.home / "partners" / "odd.toml").write_text("id =", "utf-8")
    assert [code for _, code in looked(cli)] == ["partner_unreadable", "sent_unreadable"]
    assert cli("doctor").code != 0


def test_what_a_partner_who_is_gone_still_has_is_told(cli: Cli) -> None:
    (cli.home / "partners" / "isac.toml").unlink()
    assert looked(cli) == [("note", "partner_gone")]


def test_a_newer_file_is_no_fault(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    known = read_sent(sent(cli))
    with monkeypatch.context() as patch:
        patch.setattr(sent_file, "SCHEMA", 9)
        write_sent(sent(cli), known)
    assert looked(cli) == [("note", "newer")]
