"""`export` and `import`."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import stix2

from driving.homes import DOCUMENTATION, Cli, FeedFolder, bundle, indicator

Subscribe = Callable[..., FeedFolder]
THUMBPRINT = "a" * 40
SHARED = ("type", "value", "action", "severity", "title", "description", "groups", "expires")


@pytest.fixture
def filled(cli: Cli) -> Cli:
    """One row of each type, by hand."""
    cli("add", "h1.example.com", "--action", "block", "--title", 'A, "quoted" =cmd', "--group", "b")
    cli("add", "203.0.113.7", "2001:db8::7", "--action", "warn", "--expires", "30d")
    cli("add", "http://h2.example.com/a?b=1", "--expires", "never", "--description", "line")
    cli("add", "1" * 64, "2" * 40, "3" * 32, "--action", "block", "--severity", "High")
    cli("add", THUMBPRINT, "--type", "cert", "--action", "block")
    assert len(cli.rows()) == 8
    return cli


def shared(cli: Cli) -> list[dict[str, Any]]:
    rows = [{name: row[name] for name in SHARED} for row in cli.rows()]
    return sorted(rows, key=lambda row: (row["type"], row["value"]))


def test_an_export_comes_back_the_same_in_another_home(filled: Cli, tmp_path: Path) -> None:
    out = tmp_path / "share.json"
    ran = filled("export", "--out", str(out), "--tlp-max", "red", "--json")
    assert ran.code == 0
    assert (ran.json["written"], ran.json["withheld"]) == (8, 0)
    assert isinstance(stix2.parse(out.read_bytes()), stix2.v21.Bundle)
    other = Cli(tmp_path / "other")
    ran = other("import", str(out), "--json")
    assert ran.code == 0, ran.err
    assert shared(other) == shared(filled)
    again = other("import", str(out), "--json").json
    assert (again["applied"], again["plan"]["create"]) == (False, 0)
    assert {line["verdict"] for line in again["lines"]} == {"unchanged"}


def test_a_filter_narrows_and_may_begin_with_a_hyphen(filled: Cli, tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    ran = filled(
        "export", "--filter", "-type:file -type:cert", "--out", str(out), "--tlp-max", "red"
    )
    assert ran.code == 0
    found = [o for o in orjson.loads(out.read_bytes())["objects"] if o["type"] == "indicator"]
    assert len(found) == 4
    other = tmp_path / "p.json"
    chosen = "NOT (type:file OR type:cert)"
    assert filled("export", "--filter", chosen, "--out", str(other), "--tlp-max", "red").code == 0
    again = [o for o in orjson.loads(other.read_bytes())["objects"] if o["type"] == "indicator"]
    assert {o["pattern"] for o in again} == {o["pattern"] for o in found}
    ran = filled("export", "--filter", "colour:red", "--out", str(tmp_path / "none.json"))
    assert ran.code == 2
    assert not (tmp_path / "none.json").exists()


def test_what_is_above_the_ceiling_is_withheld_and_counted(
    cli: Cli, subscribe: Subscribe, tmp_path: Path
) -> None:
    red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
    subscribe("acme", [indicator(1), indicator(2, object_marking_refs=[red])])
    cli.sync()
    out = tmp_path / "o.json"
    ran = cli("export", "--out", str(out))
    assert ran.code == 0
    assert "1 indicators written" in ran.err
    assert "1 left out" in ran.err
    assert b"h2.example.com" not in out.read_bytes()
    assert cli("export", "--out", str(out), "--tlp-max", "red").code == 0
    assert b"h2.example.com" in out.read_bytes()


def test_a_csv_is_the_portals_unless_another_format_is_named(filled: Cli, tmp_path: Path) -> None:
    out = tmp_path / "hosts.csv"
    assert filled("export", "--filter", "type:domain", "--out", str(out)).code == 0
    assert out.read_text("utf-8-sig").startswith("IndicatorType,")
    assert filled("export", "--format", "stix", "--out", str(out)).code == 0
    assert out.read_text("utf-8").startswith("{")


def test_the_portals_csv_has_what_the_portal_can_say(filled: Cli, tmp_path: Path) -> None:
    out = tmp_path / "portal.csv"
    ran = filled("export", "--format", "portal-csv", "--out", str(out), "--tlp-max", "red")
    assert ran.code == 0
    files = sorted(tmp_path.glob("portal*.csv"))  # one for each tab of the portal
    assert len(files) == 3
    rows = [
        row for path in files for row in csv.DictReader(path.read_text("utf-8-sig").splitlines())
    ]
    values = {row["IndicatorValue"] for row in rows}
    assert THUMBPRINT not in values
    assert "3" * 32 not in values
    assert len(values) == 6
    assert "2 left out" in ran.err or ran.err.count("1 left out") == 2
    other = Cli(tmp_path / "other")
    for path in files:
        assert other("import", str(path)).code == 0
    assert other.values() == values


def test_a_text_that_is_made_inert_for_spreadsheets_is_told_and_comes_back(
    cli: Cli, tmp_path: Path
) -> None:
    cli("add", "h1.example.com", "--title", "=HYPERLINK(1)", "--action", "block")
    cli("add", "h2.example.com", "--title", "plain", "--action", "block", "--group", "=Lab")
    out = tmp_path / "portal.csv"
    ran = cli("export", "--format", "portal-csv", "--out", str(out), "--json")
    assert (ran.json["written"], ran.json["guarded"]) == (1, 1)
    assert [each["code"] for each in ran.json["skipped"]] == ["formula_in_list"]
    assert "1 have a text that a spreadsheet would run" in ran.err
    assert "'=HYPERLINK(1)" in out.read_text()
    other = Cli(tmp_path / "other")
    assert other("import", str(out)).code == 0
    assert [row["title"] for row in other.rows()] == ["=HYPERLINK(1)"]


def test_what_the_portal_has_to_lose_is_listed(cli: Cli, tmp_path: Path) -> None:
    cli("add", "h1.example.com", "h2.example.com", "h3.example.com", "--action", "block")
    cli("add", "h4.example.com", "--action", "block", "--expires", "2d", "--title", "=cmd")
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    common = ("export", "--format", "portal-csv", "--tlp-max", "red", "--out")
    assert cli(*common, str(first)).code == 0
    cli("remove", "h1.example.com")
    cli("remove", "h4.example.com")
    cli("edit", "h2.example.com", "--action", "alert")
    ran = cli(*common, str(second), "--previous", str(first), "--json")
    assert ran.code == 0
    assert (ran.json["written"], ran.json["withdrawn"]) == (2, 3)
    assert "3 to delete in the portal" in ran.err
    listed = tmp_path / "second-delete.csv"
    assert ran.json["files"] == [str(second), str(listed)]
    found = {
        row["IndicatorValue"]: (row["ActionThere"], row["Reason"], row["Title"])
        for row in csv.DictReader(listed.read_text().splitlines())
    }
    assert found == {
        "h1.example.com": ("Alert and block", "no longer on the list", "Added by hand"),
        "h2.example.com": ("Alert and block", "action becomes Alert only", "Added by hand"),
        "h4.example.com": ("Alert and block", "no longer on the list", "'=cmd"),
    }
    # Nothing to lose is said too, in place of an older list.
    assert cli(*common, str(second), "--previous", str(second)).code == 0
    assert len(listed.read_text().splitlines()) == 1
    ran = cli("import", str(listed))
    assert ran.code == 2
    assert "lacks the column Action" in ran.err


def test_what_the_portal_holds_is_read_whole_or_not_at_all(cli: Cli, tmp_path: Path) -> None:
    cli("add", "h1.example.com")
    out, bad = tmp_path / "o.csv", tmp_path / "bad.csv"
    bad.write_text("IndicatorType,IndicatorValue,Action\nDomainName,a.example.com,Dance\n")
    for more, named in (
        (["--format", "portal-csv", "--previous", str(bad)], "bad.csv, line 2"),
        (["--format", "portal-csv", "--previous", str(tmp_path / "none")], "no file"),
        (["--format", "stix", "--previous", str(bad)], "--format portal-csv"),
    ):
        ran = cli("export", "--out", str(out), *more)
        assert ran.code == 2
        assert named in ran.err
        assert not out.exists()
    bundle_file = tmp_path / "b.json"
    bundle_file.write_bytes(bundle([indicator(1)]))
    ran = cli("export", "--out", str(out), "--format", "portal-csv", "--previous", str(bundle_file))
    assert ran.code == 2
    assert "no CSV of the portal" in ran.err


@pytest.mark.parametrize(
    ("argv", "code", "named"),
    [
        (["export", "--format", "pdf", "--out", "x"], 2, "portal-csv"),
        (["export", "--tlp-max", "purple", "--out", "x"], 2, "purple"),
        (["export"], 2, "--out"),
        (["export", "--out", "/nowhere/at/all.json"], 8, "/nowhere/at"),
        (["export", "--out", "."], 8, "is a folder"),
        (["import", "/nowhere.json"], 2, "/nowhere.json"),
    ],
)
def test_a_bad_export_or_import_is_named(
    cli: Cli, argv: list[str], code: int | None, named: str
) -> None:
    cli("add", "h1.example.com")
    ran = cli(*argv)
    assert ran.code == code if code is not None else ran.code in (2, 7, 8)
    assert named in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(
    "data", [b"", b"{", b"<html>", b'{"a": 1}', b"\xff\xfe\x00", b"IndicatorType,Nonsense\n1,2\n"]
)
def test_an_unreadable_file_changes_nothing(cli: Cli, tmp_path: Path, data: bytes) -> None:
    cli("add", "h1.example.com")
    path = tmp_path / "file.json"
    path.write_bytes(data)
    for origin in ("manual", "foreign"):
        ran = cli("import", str(path), "--origin", origin)
        assert ran.code == 2
        assert "file.json" in ran.err
        assert len(ran.err.splitlines()) <= 2
    assert cli.values() == {"h1.example.com"}


def test_rows_of_others_take_slots_and_are_brought_up_to_date(
    cli: Cli, subscribe: Subscribe, tmp_path: Path
) -> None:
    cli.configure("limit = 5\n" + DOCUMENTATION)
    path = tmp_path / "tenant.json"
    theirs = [indicator(n, f"[ipv4-addr:value = '203.0.113.{n}']") for n in range(3)]
    path.write_bytes(bundle(theirs))
    assert cli("import", str(path), "--origin", "foreign", "--yes").code == 0
    subscribe("acme", [indicator(n) for n in range(4)])
    assert cli.sync()["plan"]["waiting"] == 2
    quota = cli("quota", "--json").json
    assert (quota["foreign"], quota["by_feed"], quota["free"]) == (3, {"acme": 2}, 0)
    assert {row["origin"] for row in cli.rows("origin:foreign")} == {"foreign"}
    theirs[0]["name"] = "Renamed by them"
    path.write_bytes(bundle(theirs))
    ran = cli("import", str(path), "--origin", "foreign", "--json")
    assert ran.json["plan"] == {"create": 0, "update": 1, "remove": 0}
    ran = cli("import", str(path), "--origin", "manual", "--json")
    assert ran.code == 2
    assert {line["verdict"] for line in ran.json["lines"]} == {"refused"}


def test_a_bad_object_in_an_import_never_sinks_the_rest(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "mixed.json"
    path.write_bytes(
        bundle(
            [
                indicator(1),
                indicator(2, "[domain-name:value = 'microsoft.com']"),
                indicator(3, "[broken"),
                indicator(1),
                "junk",
                indicator(4),
            ]
        )
    )
    ran = cli("import", str(path), "--json")
    assert ran.code == 0
    assert cli.values() == {"h1.example.com", "h4.example.com"}
    verdicts = [line["verdict"] for line in ran.json["lines"]]
    assert verdicts.count("refused") >= 2
    assert verdicts.count("duplicate") <= 1


@pytest.mark.parametrize(("dialect", "lands"), [("today", False), ("seed", True)])
def test_the_table_of_types_and_actions_stands_at_import(
    cli: Cli,
    tmp_path: Path,
    dialect: str,
    lands: bool,  # noqa: FBT001 - a table
) -> None:
    cli.configure('dialect = "seed"\n' + DOCUMENTATION)
    cli("add", THUMBPRINT, "--type", "cert", "--action", "alert")
    out = tmp_path / "o.json"
    assert cli("export", "--out", str(out), "--tlp-max", "red").code == 0
    other = Cli(tmp_path / "other", f'dialect = "{dialect}"\n{DOCUMENTATION}')
    ran = other("import", str(out), "--json")
    assert len(other.rows()) == int(lands)
    assert ran.json["lines"][0]["verdict"] == ("add" if lands else "refused")


def test_an_import_can_be_looked_at_first_and_undone(filled: Cli, tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    filled("export", "--out", str(out), "--tlp-max", "red")
    other = Cli(tmp_path / "other")
    assert "8 to add" in other("import", str(out), "--dry-run").err
    assert other.rows() == []
    other("import", str(out))
    assert len(other.rows()) == 8
    assert other("undo").code == 0
    assert other.rows() == []


def test_a_whole_file_of_foreign_rows_removes_those_it_lacks(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "tenant.json"
    path.write_bytes(bundle([indicator(1), indicator(2)]))
    assert cli("import", str(path), "--origin", "foreign", "--yes").code == 0
    path.write_bytes(bundle([indicator(2)]))
    ran = cli("import", str(path), "--replace", "--yes")
    assert ran.code == 2
    assert "--origin foreign" in ran.err
    ran = cli("import", str(path), "--origin", "foreign", "--replace", "--yes", "--json")
    assert ran.json["plan"] == {"create": 0, "update": 0, "remove": 1}
    assert cli.values() == {"h2.example.com"}


def test_an_export_to_a_device_leaves_it_one(cli: Cli, tmp_path: Path) -> None:
    cli("add", "h1.example.com")
    (tmp_path / "link").symlink_to("/dev/null")
    assert cli("export", "--out", str(tmp_path / "link")).code == 0
    assert Path("/dev/null").is_char_device()
    assert cli("export", "--out", str(tmp_path)).code == 8
    assert cli("plan", "--out", str(tmp_path)).code == 2
