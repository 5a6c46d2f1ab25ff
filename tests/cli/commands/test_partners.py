"""`partners` at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from driving.homes import Cli, indicator, write_feed
from tidegate.errors import ExitCode


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path / "home")


def test_no_partners_says_how_to_begin(cli: Cli) -> None:
    ran = cli("partners", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "tidegate partners template" in ran.err
    assert cli("partners", "list", "--json").lines == []


def test_from_the_template_to_what_they_were_given(cli: Cli, tmp_path: Path) -> None:
    text = cli("partners", "template", "acme-isac").out
    out = tmp_path / "out.json"
    profile = tmp_path / "draft.toml"
    profile.write_text(text.replace("/srv/partners/acme-isac.json", str(out)), "utf-8")
    ran = cli("partners", "add", str(profile))
    assert (ran.code, "partner acme-isac added" in ran.err) == (0, True)
    feed = write_feed(tmp_path / "acme", [indicator(n) for n in range(3)])
    cli.subscribe(feed.folder)
    cli.sync()
    checked = cli("partners", "check", "acme-isac", "--json").json
    assert (checked["new"], checked["withheld"]) == (3, 0)
    assert str(out) in checked["door"]
    assert cli("export", "--partner", "acme-isac", "--send").code == 0
    (listed,) = cli("partners", "list", "--json").lines
    assert (listed["id"], listed["tlp_max"], listed["held"]) == ("acme-isac", "green", 3)
    shown = cli("partners", "show", "acme-isac", "--json").json
    assert shown["identity"] == "Example Corp SOC"
    (delivery,) = shown["deliveries"]
    assert (delivery["number"], delivery["accepted"], delivery["where"]) == (1, 3, str(out))
    for verb in ("list", "show", "check"):
        ran = cli("partners", verb, *([] if verb == "list" else ["acme-isac"]))
        assert ran.code == 0
        assert "green" in ran.out or verb == "check"


def test_a_broken_profile_is_listed_with_its_error(cli: Cli) -> None:
    cli("list")
    (cli.home / "partners" / "odd.toml").write_text('id = "odd"\ntlpmax = "red"\n', "utf-8")
    ran = cli("partners", "list")
    assert ran.code == 0
    assert "did you mean `tlp_max`?" in ran.out
    for argv in (("show", "odd"), ("check", "odd"), ("add", str(cli.home / "partners/odd.toml"))):
        ran = cli("partners", *argv)
        assert ran.code == ExitCode.USAGE
        assert "tlpmax" in ran.err


def test_check_refuses_where_the_door_would(cli: Cli, tmp_path: Path) -> None:
    text = cli("partners", "template", "x").out
    profile = tmp_path / "x.toml"
    profile.write_text(text.replace("/srv/partners", str(tmp_path / "missing")), "utf-8")
    cli("partners", "add", str(profile))
    ran = cli("partners", "check", "x")
    assert ran.code == ExitCode.EXPORT_REFUSED
    assert "there is no folder" in ran.err


def test_adding_writes_and_so_not_in_a_read_only_session(cli: Cli, tmp_path: Path) -> None:
    profile = tmp_path / "x.toml"
    profile.write_text(cli("partners", "template", "x").out, "utf-8")
    assert cli("partners", "add", str(profile), "--read-only").code == ExitCode.USAGE
    assert cli("partners", "add", str(profile)).code == 0
    assert cli("partners", "add", str(profile)).code == ExitCode.USAGE
    assert cli("partners", "add", str(profile), "--replace").code == 0
