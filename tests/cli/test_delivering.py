"""`export --partner` at the command line."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from driving.homes import Cli, FeedFolder, Ran, indicator, write_feed
from tidegate.errors import ExitCode

RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
PROFILE = """
id = "isac"
title = "Sector ISAC"
filter = "action:block"
tlp_max = "green"
identity = "Example Corp SOC"
[delivery]
kind = "file"
path = '{path}'
"""


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path / "home")


@pytest.fixture(name="feed")
def _feed(tmp_path: Path, cli: Cli) -> FeedFolder:
    objects = [indicator(n) for n in range(3)]
    objects.append(indicator(9, name="canary", object_marking_refs=[RED]))
    made = write_feed(tmp_path / "acme", objects)
    cli.subscribe(made.folder)
    cli.sync()
    return made


@pytest.fixture(name="out", autouse=True)
def _out(tmp_path: Path, cli: Cli, feed: FeedFolder) -> Path:
    out = tmp_path / "shared.json"
    profile = tmp_path / "isac.toml"
    profile.write_text(PROFILE.format(path=out), "utf-8")
    assert cli("partners", "add", str(profile)).code == 0
    return out


def export(cli: Cli, *argv: str) -> Ran:
    return cli("export", "--partner", "isac", *argv)


def test_a_preview_shows_what_goes_what_stays_and_why(cli: Cli, out: Path) -> None:
    ran = export(cli, "--preview")
    assert ran.code == 0
    for word in ("h0.example.com", "tlp_above_ceiling", "TLP:RED is above TLP:GREEN", "withheld"):
        assert word in ran.out
    assert not out.exists()
    record = export(cli, "--preview", "--json").json
    assert (record["new"], record["changed"], record["withdrawn"]) == (3, 0, 0)
    assert record["asked"] == record["shared"] + len(record["withheld"])
    assert [w["code"] for w in record["withheld"]] == ["tlp_above_ceiling"]
    assert {v["value"] for v in record["versions"]} == {f"h{n}.example.com" for n in range(3)}
    assert record["number"] == 1


def test_send_advances_and_the_second_time_there_is_nothing_new(cli: Cli, out: Path) -> None:
    ran = export(cli, "--send", "--json")
    assert (ran.code, ran.json["recorded"], ran.json["delivery"]["accepted"]) == (0, True, 3)
    first = out.read_bytes()
    assert b"canary" not in first
    assert orjson.loads(first)["id"] == ran.json["bundle"]
    again = export(cli, "--send")
    assert (again.code, "nothing new for isac" in again.err) == (0, True)
    assert out.read_bytes() == first
    assert export(cli, "--preview", "--json").json["unchanged"] == 3


def test_a_bare_file_counts_only_when_it_is_recorded(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "by-hand.json"
    ran = export(cli, "--out", str(file))
    assert "nothing counts as sent" in ran.err
    first = file.read_bytes()
    recorded = export(cli, "--out", str(file), "--record", "--json")
    assert (recorded.code, recorded.json["recorded"]) == (0, True)
    assert file.read_bytes() == first
    empty = export(cli, "--out", str(file), "--record", "--json")
    assert (empty.code, empty.json["new"]) == (0, 0)
    objects = orjson.loads(file.read_bytes())["objects"]
    assert [item["type"] for item in objects] == ["identity"]


def test_full_is_all_that_they_may_have(cli: Cli, out: Path) -> None:
    export(cli, "--send")
    ran = export(cli, "--send", "--full")
    assert ran.code == 0
    assert "3 unchanged" in ran.err
    assert out.read_bytes().count(b'"type":"indicator"') == 3


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((), "one of --preview, --out FILE, --send"),
        (("--preview", "--send"), "--preview and --send"),
        (("--send", "--record"), "--record goes with --out"),
        (("--send", "--tlp-max", "red"), "their file says: `tlp_max`"),
        (("--send", "--filter", "x"), "their file says: `filter`"),
        (("--preview", "--format", "stix"), "is for a free export"),
        (("--preview", "--identity", "x"), "their file says: `identity`"),
    ],
)
def test_options_that_do_not_go_together(cli: Cli, argv: tuple[str, ...], said: str) -> None:
    ran = export(cli, *argv)
    assert (ran.code, ran.out) == (ExitCode.USAGE, "")
    assert said in ran.err


@pytest.mark.parametrize("option", ["--full", "--preview", "--send", "--record"])
def test_a_free_export_has_no_partner(cli: Cli, option: str, tmp_path: Path) -> None:
    ran = cli("export", "--out", str(tmp_path / "x.json"), option)
    assert ran.code == ExitCode.USAGE
    assert f"{option} says nothing without --partner" in ran.err
    assert cli("export").code == ExitCode.USAGE


def test_an_unknown_partner_and_a_bad_place_are_one_line(cli: Cli, out: Path) -> None:
    ran = cli("export", "--partner", "nobody", "--preview")
    assert (ran.code, "no partner is called 'nobody'" in ran.err) == (ExitCode.USAGE, True)
    out.mkdir()
    ran = export(cli, "--send")
    assert ran.code == ExitCode.EXPORT_REFUSED
    assert ran.err.startswith("tidegate: ")
    out.rmdir()
    assert export(cli, "--preview", "--json").json["new"] == 3


@pytest.mark.parametrize("line", ['identity = "Example Corp SOC"', 'tlp_max = "green"'])
def test_a_profile_that_does_not_say_enough_shares_nothing(cli: Cli, out: Path, line: str) -> None:
    path = cli.home / "partners" / "isac.toml"
    path.write_text(path.read_text("utf-8").replace(line, ""), "utf-8")
    for way in (("--preview",), ("--send",), ("--out", f"{out}.x")):
        ran = export(cli, *way)
        assert ran.code == ExitCode.EXPORT_REFUSED
        assert f"`{line.split(maxsplit=1)[0]}` is missing" in ran.err
    assert not out.exists()


def test_read_only_previews_and_sends_nothing(cli: Cli, out: Path) -> None:
    assert export(cli, "--preview", "--read-only").code == 0
    assert export(cli, "--send", "--read-only").code == ExitCode.USAGE
    assert not out.exists()
