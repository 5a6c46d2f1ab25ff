"""What must never be blocked is refused at every door, with and without an alert."""

from __future__ import annotations

from pathlib import Path

import pytest

from driving.homes import Cli, bundle, indicator, write_feed

SAMPLES = '[guards]\ndocumentation = "warn"\n'
OWN = SAMPLES + '[own]\ndomains = ["vpn.corp.example.net"]\naddresses = ["203.0.113.0/28"]\n'

PROTECTED = (
    "vpn.corp.example.net",
    "corp.example.net",
    "mail.vpn.corp.example.net",
    "203.0.113.3",
    "microsoft.com",
    "MICROSOFT.COM.",
    "hxxps://login[.]microsoft[.]com/x",
    "ｍicrosoft.com",
    "https://microsoft.com:443/%6d",
    "::ffff:10.0.0.1",
    "0.0.0.0",  # noqa: S104 - a value to be refused, nothing is bound to it
    "co.uk",
    "github.io",
    "8.8.8.8",
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
)

PATTERNS = (
    "[domain-name:value = 'vpn.corp.example.net']",
    "[domain-name:value = 'Corp.Example.NET']",
    "[ipv4-addr:value = '203.0.113.3']",
    "[url:value = 'https://login.microsoft.com/x']",
    "[domain-name:value = 'co.uk']",
    "[ipv4-addr:value = '8.8.8.8']",
    "[ipv4-addr:value = '0.0.0.0/0']",
    "[ipv6-addr:value = '::ffff:10.0.0.1']",
    "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']",
)


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path / "home", OWN)


@pytest.fixture(name="before")
def _before(tmp_path: Path) -> Cli:
    """A home from before anybody said what is ours."""
    return Cli(tmp_path / "home", SAMPLES)


@pytest.mark.parametrize("value", PROTECTED)
def test_check_and_add_refuse(cli: Cli, value: str) -> None:
    (line,) = cli("check", "--json", value).lines
    assert line["verdict"] == "refuse", line
    for action in ("block", "blockonly"):
        ran = cli("add", value, "--action", action, "--yes")
        assert ran.code in (2, 3), (action, ran.out, ran.err)
    ran = cli("add", "--stdin", "--action", "block", "--yes", stdin=f"seen: {value}\n")
    assert ran.code in (2, 3)
    assert cli.rows() == []


def test_a_range_is_no_indicator_at_all(cli: Cli) -> None:
    assert cli("add", "0.0.0.0/0", "--action", "block").code == 2
    assert cli.rows() == []


def test_sync_and_import_refuse(cli: Cli, tmp_path: Path) -> None:
    objects = [indicator(number, pattern) for number, pattern in enumerate(PATTERNS)]
    cli.subscribe(write_feed(tmp_path / "acme", objects).folder)
    report = cli.sync()
    assert report["feeds"][0]["rejected"] == len(PATTERNS)
    file = tmp_path / "foreign.json"
    file.write_bytes(bundle(objects))
    cli("import", str(file), "--yes")
    assert cli.rows() == []


def test_an_old_plan_is_refused(before: Cli, tmp_path: Path) -> None:
    feed = write_feed(tmp_path / "acme", [indicator(1, PATTERNS[0])])
    before.subscribe(feed.folder)
    assert before("sync", "--dry-run").code == 0
    plan = tmp_path / "plan.json"
    assert before("plan", "--out", str(plan)).code == 0
    before.configure(OWN)
    ran = before("apply", str(plan), "--yes")
    assert ran.code == 3, ran.err
    assert "guard own refuses vpn.corp.example.net" in ran.err
    assert before.rows() == []


def test_edit_undo_and_restore_refuse(before: Cli) -> None:
    assert before("add", "vpn.corp.example.net", "--action", "block").code == 0
    assert (
        before("add", "h1.example.org", "mail.vpn.corp.example.net", "--action", "alert").code == 0
    )
    snapshot = before("snapshots", "--json").lines[-1]["id"]
    assert before("remove", "vpn.corp.example.net").code == 0
    before.configure(OWN)
    ran = before("edit", "mail.vpn.corp.example.net", "--action", "block")
    assert ran.code in (2, 3)
    ran = before("undo")
    assert ran.code in (2, 3), ran.err
    ran = before("restore", snapshot, "--yes")
    assert ran.code == 0
    assert "left out" in ran.err
    assert "vpn.corp.example.net" not in before.values("action:block")
    assert before("redo").code != 0


@pytest.mark.parametrize(
    "value",
    [
        "notmicrosoft.com",
        "evil.github.io",
        "8.8.8.9",
        "corp.example.net.example.org",
        "203.0.113.16",
    ],
)
def test_a_near_miss_passes(cli: Cli, value: str) -> None:
    (line,) = cli("check", "--json", value).lines
    assert line["verdict"] in ("pass", "warn"), line
    assert cli("add", value, "--action", "block").code == 0
