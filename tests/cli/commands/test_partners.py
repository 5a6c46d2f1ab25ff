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


def test_who_was_given_a_value_as_which_version_and_when(cli: Cli, tmp_path: Path) -> None:
    sha, md5 = "1" * 64, "2" * 32
    both = f"[file:hashes.'SHA-256' = '{sha}' AND file:hashes.MD5 = '{md5}']"
    feed = write_feed(tmp_path / "acme", [indicator(1), indicator(2, both)])
    cli.subscribe(feed.folder)
    cli.sync()
    for name in ("one", "two"):
        profile = tmp_path / f"{name}.toml"
        text = cli("partners", "template", name).out
        profile.write_text(text.replace("/srv/partners", str(tmp_path)), "utf-8")
        cli("partners", "add", str(profile))
    sent = cli("export", "--partner", "one", "--send", "--json").json
    (told,) = cli("partners", "given", "H1[.]example.com", "--json").lines
    assert (told["partner"], told["standing"], told["delivery"]) == ("one", "live", 1)
    assert told["sha256"] == sent["sha256"]
    assert told["id"] in {version["id"] for version in sent["versions"]}
    cli("export", "--partner", "two", "--send")
    assert [each["partner"] for each in cli("partners", "given", md5, "--json").lines] == [
        "two",
        "one",
    ]
    assert cli("remove", "h1.example.com", "--yes").code == 0
    cli("export", "--partner", "one", "--send")
    told = {
        each["partner"]: each for each in cli("partners", "given", "h1.example.com", "--json").lines
    }
    assert (told["one"]["standing"], told["one"]["delivery"]) == ("withdrawn", 2)
    assert told["two"]["standing"] == "live"
    assert "withdrawn" in cli("partners", "given", "h1.example.com").out
    ran = cli("partners", "given", "nobody.example.com")
    assert (ran.code, ran.out) == (0, "")
    assert "no partner was given" in ran.err
